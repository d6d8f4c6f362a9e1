"""How many instances a capacity provider of Amazon ECS asks its Auto Scaling group for.

Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html,
https://aws.amazon.com/blogs/containers/deep-dive-on-amazon-ecs-cluster-auto-scaling/.
"""

from __future__ import annotations

from models.errors import InvalidInputError
from models.scaling.arithmetic import needed_capacity

#: Name of the metric in CloudWatch.
RESERVATION = "CapacityProviderReservation"


def reservation_percent(needed: int, running: int) -> float:
    """`CapacityProviderReservation`: how much of the running capacity is needed. [percent]

    Parameters
    ----------
    needed : int
        Instances that all tasks need, those that wait for room with them: see
        `models.scaling.packing.hosts_needed`. [instances]
    running : int
        [instances]

    Raises
    ------
    InvalidInputError
        Where a number is negative.

    Notes
    -----
    Documented: 100 x needed / running; without a running instance 100 where none is needed, else
    200.

    Examples
    --------
    >>> reservation_percent(4, 5), reservation_percent(6, 5)
    (80.0, 120.0)
    >>> reservation_percent(0, 0), reservation_percent(7, 0)
    (100.0, 200.0)
    """
    if needed < 0 or running < 0:
        raise InvalidInputError(
            f"needed ({needed}) and running ({running}) must be at least 0 [instances]"
        )
    if not running:
        return 200.0 if needed else 100.0
    return 100.0 * needed / running


def instances_wanted(needed: int, running: int, target_capacity_percent: float = 100) -> int:
    """Instances over which the reservation comes to its target. [instances]

    Parameters
    ----------
    needed, running : int
        As for `reservation_percent`. [instances]
    target_capacity_percent : float
        ``targetCapacity``: below 100 some instances stay spare. [percent]

    Raises
    ------
    InvalidInputError
        Where a number is negative, or the target not above 0.

    Notes
    -----
    Documented: target tracking of the reservation, and that a group grows from none to two
    whatever is needed. Assumed: the formula of target tracking, in which no instance counts as
    one.

    Examples
    --------
    >>> instances_wanted(6, 5), instances_wanted(9, 5, target_capacity_percent=90)
    (6, 10)
    >>> instances_wanted(needed=7, running=0), instances_wanted(needed=0, running=0)
    (2, 1)
    """
    reserved = reservation_percent(needed, running)
    return needed_capacity(max(running, 1), reserved, target_capacity_percent)
