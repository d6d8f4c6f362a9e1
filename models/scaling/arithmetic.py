"""How many units of capacity a rule leads to: whole numbers, rounded as AWS rounds them."""

from __future__ import annotations

import math
from typing import Literal

from models.errors import InvalidInputError

AdjustmentType = Literal["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"]

#: A quotient this close to a whole number, as a share of it, is that number: what is left is what
#: floats cannot hold.
_NOISE = 1e-9


def percent_change(capacity: int, percent: int, minimum_magnitude: int | None = None) -> int:
    """Units that `percent` of `capacity` adds, or removes where it is negative.

    Fractions are dropped, except that less than one unit becomes one.

    Parameters
    ----------
    capacity : int
        [units]
    percent : int
        [percent]
    minimum_magnitude : int, optional
        The least to add or remove; nothing stays nothing. [units]

    Notes
    -----
    Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html,
    "Scaling adjustment types". Assumed: a step of 0 percent changes nothing whatever the minimum.

    Examples
    --------
    >>> percent_change(127, 10), percent_change(67, 1), percent_change(58, -1)
    (12, 1, -1)
    >>> percent_change(667, -1), percent_change(4, 25, minimum_magnitude=2)
    (-6, 2)
    """
    hundredths = capacity * percent
    if hundredths == 0:
        return 0
    units = max(abs(hundredths) // 100, 1, minimum_magnitude or 0)
    return units if hundredths > 0 else -units


def adjusted(
    capacity: int,
    adjustment_type: AdjustmentType,
    amount: int,
    minimum_magnitude: int | None = None,
) -> int:
    """Capacity after a scaling adjustment, at least 0, before it is clipped to the bounds. [units]

    Parameters
    ----------
    capacity : int
        What the adjustment starts from. [units]
    adjustment_type : str
        ``ChangeInCapacity``, ``ExactCapacity`` or ``PercentChangeInCapacity``.
    amount : int
        [units, or percent with the last]
    minimum_magnitude : int, optional
        ``MinAdjustmentMagnitude``, with percentages. [units]

    Notes
    -----
    Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html,
    "Scaling adjustment types".

    Examples
    --------
    >>> adjusted(3, "ChangeInCapacity", 5), adjusted(3, "ExactCapacity", 5)
    (8, 5)
    >>> adjusted(10, "PercentChangeInCapacity", 10), adjusted(3, "ChangeInCapacity", -5)
    (11, 0)
    """
    if adjustment_type == "ExactCapacity":
        return amount
    if adjustment_type == "PercentChangeInCapacity":
        amount = percent_change(capacity, amount, minimum_magnitude)
    return max(0, capacity + amount)


def clipped(capacity: int, min_size: int, max_size: int) -> int:
    """`capacity` kept within the bounds. [units]

    Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scale-based-on-demand.html

    Examples
    --------
    >>> clipped(2 + 3, min_size=1, max_size=3), clipped(3 - 2, min_size=2, max_size=3)
    (3, 2)
    """
    return max(min_size, min(capacity, max_size))


def needed_capacity(contributing: int, metric: float, target: float) -> int:
    """Units over which the load of `contributing` units brings the metric down to the target.

    Parameters
    ----------
    contributing : int
        Units whose load the metric averages. [units]
    metric, target : float
        [unit of the metric]

    Notes
    -----
    AWS documents that capacity changes in proportion to the metric and is rounded up when it is
    added, cautiously when it is removed
    (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html), and
    publishes no formula. Assumed: contributing x metric / target, rounded up.

    Raises
    ------
    InvalidInputError
        Where the target is not above 0 or the metric is not a finite number of at least 0.

    Examples
    --------
    >>> needed_capacity(4, 75, target=50), needed_capacity(10, 30, target=50)
    (6, 6)

    What floats leave over does not add a unit: 3 x 0.1 / 0.3 is 1.0000000000000002.

    >>> needed_capacity(3, 0.1, target=0.3)
    1
    """
    if not target > 0 or not 0 <= metric < math.inf:
        raise InvalidInputError(
            f"metric {metric:g} must be a finite number of at least 0,"
            f" and target {target:g} above 0 [unit of the metric]"
        )
    units = contributing * metric / target
    whole = round(units)
    return whole if abs(units - whole) <= _NOISE * whole else math.ceil(units)
