"""How many instances, how available they are, and how late scaling comes.

Sources by short name: see `models.theory`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.theory.numbers import Number, one, plain, refusal, share, whole

#: A quotient that is whole but for the last digits of a double counts as whole (2.1 / 0.3).
_ROUNDING = 1e-9


class Delay(NamedTuple):
    """A duration that varies: its least, mean and most. [s]"""

    least: float
    mean: float
    most: float


def instances_for(
    rate_per_second: float,
    capacity_per_second: float,
    *,
    zones: int = 1,
    survive_zone_loss: bool = False,
) -> int:
    """Fewest instances for a rate, with or without one Availability Zone.

    Parameters
    ----------
    rate_per_second : float
        [1/s]
    capacity_per_second : float
        What one instance serves. [1/s]
    zones : int
        Instances are spread over them as evenly as they go.
    survive_zone_loss : bool
        Whether what is left still serves the rate when any one zone is gone, before scaling.

    Raises
    ------
    InvalidInputError
        Also where a single zone should survive its own loss.

    Notes
    -----
    Of n instances over z zones the fullest has ceil(n / z), so floor(n (z - 1) / z) are left;
    for these to be m, n must be ceil(m z / (z - 1)). That Auto Scaling spreads evenly is
    documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html.

    Examples
    --------
    >>> instances_for(500, 100)
    5
    >>> [instances_for(500, 100, zones=zones, survive_zone_loss=True) for zones in (2, 3)]
    [10, 8]
    """
    rate = one("rate_per_second", rate_per_second, unit="1/s")
    each = one("capacity_per_second", capacity_per_second, unit="1/s", above_zero=True)
    zones = whole("zones", zones)
    needed = math.ceil(rate / each * (1 - _ROUNDING))
    if not survive_zone_loss:
        return needed
    if zones == 1:
        raise refusal("zones", zones, "at least 2 to survive the loss of one")
    return -(-needed * zones // (zones - 1))


def availability(instance_availability: Number, instances: int, needed: int = 1) -> Number:
    """Probability that at least `needed` of `instances` are up, each on its own.

    Parameters
    ----------
    instance_availability : float or array
        Probability that one is up.
    instances, needed : int
        `needed` from 1 to `instances`.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Barlow and Proschan, chapter 1, k-out-of-n structures: a sum of binomial terms. Independence
    is the assumption that fails first: instances share a zone, a release and a database.

    Examples
    --------
    >>> round(availability(0.99, 2), 6), round(availability(0.99, 2, needed=2), 6)
    (0.9999, 0.9801)
    """
    up = share("instance_availability", instance_availability)
    instances, needed = whole("instances", instances), whole("needed", needed)
    if needed > instances:
        raise refusal("needed", needed, f"at most the {instances} instances")
    # One instance after the other, so that no binomial coefficient overflows.
    shares = np.zeros((instances + 1, *np.shape(up)))
    shares[0] = 1.0
    for _ in range(instances):
        shares[1:] = shares[1:] * (1 - up) + shares[:-1] * up
        shares[0] *= 1 - up
    return plain(shares[needed:].sum(axis=0))


def detection_seconds(
    interval_seconds: float, threshold: int, timeout_seconds: float = 0.0
) -> Delay:
    """How long after a crash periodic checks call the instance unhealthy.

    Parameters
    ----------
    interval_seconds : float
        From one check to the next. [s]
    threshold : int
        Failures in a row that are needed.
    timeout_seconds : float
        How long a failing check takes: 0 where the connection is refused at once, the check's
        timeout where the instance no longer answers at all. [s]

    Returns
    -------
    Delay
        Least, mean and most of a uniform distribution.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    **Derivation.** The crash falls at a moment that has nothing to do with the checks, so the
    next check comes after U, uniform between 0 and the interval. That check is the first to
    fail, and `threshold` - 1 further ones follow at their fixed times: checks keep their rhythm,
    however long an answer takes (documented:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html).
    The last of them fails after its timeout. So the delay is
    U + (threshold - 1) x interval + timeout, uniform between (threshold - 1) x interval + timeout
    and threshold x interval + timeout. A check under way at the crash is neglected, and so is
    that every node of a load balancer checks for itself.

    Examples
    --------
    >>> detection_seconds(30, 3)
    Delay(least=60.0, mean=75.0, most=90.0)
    >>> detection_seconds(30, 3, timeout_seconds=5).most
    95.0
    """
    interval = one("interval_seconds", interval_seconds, unit="s", above_zero=True)
    timeout = one("timeout_seconds", timeout_seconds, unit="s")
    before = (whole("threshold", threshold) - 1) * interval + timeout
    return Delay(before, before + interval / 2, before + interval)


@dataclass(frozen=True)
class Link:
    """One link of a chain of delays.

    Parameters
    ----------
    name : str
    least_seconds, mean_seconds, most_seconds : float
        [s]
    """

    name: str
    least_seconds: float
    mean_seconds: float
    most_seconds: float

    @classmethod
    def of(cls, name: str, seconds: float | tuple[float, float] | Delay) -> Link:
        """A link that takes a fixed time, one uniform between two, or least, mean and most.

        Examples
        --------
        >>> Link.of("delivery", (60, 120)).mean_seconds
        90.0
        """
        given = seconds if isinstance(seconds, tuple) else (seconds, seconds)
        ends = [one(f"{name} seconds", value, unit="s") for value in given]
        if ends != sorted(ends) or len(ends) not in (2, 3):
            raise refusal(name, seconds, "seconds, or least and most, or least, mean and most", "s")
        return cls(name, ends[0], ends[1] if len(ends) == 3 else sum(ends) / 2, ends[-1])


@dataclass(frozen=True)
class ReactionTime:
    """The links from a jump in load to an instance that serves it, one after the other."""

    links: tuple[Link, ...]

    @property
    def total(self) -> Delay:
        """Sums of the links. [s]

        Means add up whatever the links have to do with each other. Least and most are the
        ends; both at once are rare.
        """
        return Delay(
            sum(link.least_seconds for link in self.links),
            sum(link.mean_seconds for link in self.links),
            sum(link.most_seconds for link in self.links),
        )

    def __str__(self) -> str:
        """The links in a sentence each, and their sum."""
        total = Link("in all", *self.total)
        return "\n".join(
            f"{link.name}: {link.mean_seconds:.3g} s"
            f" ({link.least_seconds:.3g} to {link.most_seconds:.3g})"
            for link in (*self.links, total)
        )


Seconds = float | tuple[float, float] | Delay


def target_tracking_reaction(
    *,
    period_seconds: float,
    evaluation_periods: int,
    delivery_seconds: Seconds,
    evaluation_seconds: Seconds,
    launch_seconds: Seconds,
    boot_seconds: Seconds,
    health_check_interval_seconds: float,
    application_seconds: Seconds = 0.0,
) -> ReactionTime:
    """From a jump in load to the first request on a new instance, link by link.

    Parameters
    ----------
    period_seconds, evaluation_periods
        Of the high alarm, all of whose periods must breach. [s]
    delivery_seconds
        From the end of a period to a datapoint that the alarm can read. [s]
    evaluation_seconds
        From the datapoint to the next evaluation of the alarm. [s]
    launch_seconds, boot_seconds, application_seconds
        Request to `running`; to a reachable operating system; to an application that answers. [s]
    health_check_interval_seconds : float
        Of the target group: the first success makes a new target healthy. [s]

    Returns
    -------
    ReactionTime

    Notes
    -----
    Durations are one number, a pair of least and most (uniform), or least, mean and most. The
    jump falls somewhere in a period; that period is taken not to breach, so the chain is long
    by up to one period where the jump is so large that a part of it breaches. Metrics in
    periods, the evaluation each minute and the first check are documented (the pages named at
    these constants in ``data/quotas/``); the delivery delay is assumed, the launch measured.

    Examples
    --------
    >>> print(target_tracking_reaction(
    ...     period_seconds=60, evaluation_periods=3, delivery_seconds=(60, 120),
    ...     evaluation_seconds=(0, 60), launch_seconds=20, boot_seconds=3,
    ...     health_check_interval_seconds=30, application_seconds=40,
    ... ))
    rest of the period: 30 s (0 to 60)
    breaching periods: 180 s (180 to 180)
    metric delivery: 90 s (60 to 120)
    alarm evaluation: 30 s (0 to 60)
    launch: 20 s (20 to 20)
    boot: 3 s (3 to 3)
    application start: 40 s (40 to 40)
    first health check: 15 s (0 to 30)
    in all: 408 s (303 to 513)
    """
    period = one("period_seconds", period_seconds, unit="s", above_zero=True)
    interval = one(
        "health_check_interval_seconds", health_check_interval_seconds, unit="s", above_zero=True
    )
    chain: dict[str, Seconds] = {
        "rest of the period": (0.0, period),
        "breaching periods": whole("evaluation_periods", evaluation_periods) * period,
        "metric delivery": delivery_seconds,
        "alarm evaluation": evaluation_seconds,
        "launch": launch_seconds,
        "boot": boot_seconds,
        "application start": application_seconds,
        "first health check": (0.0, interval),
    }
    return ReactionTime(tuple(Link.of(name, seconds) for name, seconds in chain.items()))
