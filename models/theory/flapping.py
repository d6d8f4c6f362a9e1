"""Which pairs of thresholds flap: scale out and in for ever under a load that never changes.

A simple or step policy adds `adjustment` instances while the utilisation is above `high_percent`
and removes as many while it is below `low_percent` (both strictly). A load L is counted in
percent of one instance, so that n instances run at L / n percent.

**Derivation.** At n instances the policy scales out if L > high n, and at n + k it scales in if
L < low (n + k); then it is back where it was. Such loads exist if and only if
high n < low (n + k), that is low / high > n / (n + k). The right side grows with n: the smallest
group flaps first, and from n = k low / (high - low) on none does. No longer cycle exists: below
the band from L / high to L / low instances the policy only adds, above it it only removes, so one
that never stops inside it jumps over it, and the jump back is as long. The bounds of the group
cut jumps short: with fewer than k instances between minimum and maximum it jumps from one to the
other.

This is arithmetic. That both alarms act on the group as described is documented:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from models.errors import InvalidInputError
from models.theory.numbers import one, whole


@dataclass(frozen=True)
class Flapping:
    """Constant loads that send a group back and forth between two sizes.

    Parameters
    ----------
    low_size, high_size : int
        The two sizes.
    above, below : float
        Loads between these two, exclusive, flap. [% of one instance]
    """

    low_size: int
    high_size: int
    above: float
    below: float

    @property
    def whole_loads(self) -> range:
        """The whole loads in between. [% of one instance]"""
        return range(math.floor(self.above) + 1, math.ceil(self.below))

    def __str__(self) -> str:
        """The loads and the sizes, in words."""
        return (
            f"loads above {self.above:g} and below {self.below:g} % of one instance flap between"
            f" {self.low_size} and {self.high_size}"
        )


def flaps(high_percent: float, low_percent: float, capacity: int, adjustment: int = 1) -> bool:
    """Whether some constant load sends a group from `capacity` up by `adjustment` and back.

    Parameters
    ----------
    high_percent, low_percent : float
        Scale out above, scale in below. [%]
    capacity : int
        Instances before scaling out.
    adjustment : int
        Instances added, and removed, at a time.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    low / high > n / (n + k); derived above.

    Examples
    --------
    >>> any(flaps(70, 30, capacity) for capacity in range(1, 1000))
    False
    >>> [capacity for capacity in range(1, 10) if flaps(70, 60, capacity)]
    [1, 2, 3, 4, 5]
    """
    high, low = _thresholds(high_percent, low_percent)
    size, step = whole("capacity", capacity), whole("adjustment", adjustment)
    return high * size < low * (size + step)


def flapping_loads(
    high_percent: float,
    low_percent: float,
    adjustment: int = 1,
    *,
    min_size: int = 1,
    max_size: int | None = None,
) -> tuple[Flapping, ...]:
    """Every constant load that flaps, by the two sizes it flaps between.

    Parameters
    ----------
    high_percent, low_percent : float
        Scale out above, scale in below. [%]
    adjustment : int
        Instances added, and removed, at a time.
    min_size, max_size : int
        Bounds of the group; no maximum if None.

    Returns
    -------
    tuple of Flapping
        Smallest sizes first; empty where nothing flaps.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    With an adjustment above 1 a load may flap from one size and settle from another: a group of
    two holds a load that a group of one or three cannot.

    Examples
    --------
    >>> flapping_loads(70, 30)
    ()
    >>> print(*flapping_loads(70, 30, 2))
    loads above 70 and below 90 % of one instance flap between 1 and 3
    >>> loads = whole_loads(flapping_loads(70, 60))
    >>> len(loads), max(loads)
    (145, 359)
    """
    high, low = _thresholds(high_percent, low_percent)
    step, least = whole("adjustment", adjustment), whole("min_size", min_size)
    if max_size is not None and whole("max_size", max_size) < least:
        raise InvalidInputError(f"max_size {max_size} must be at least min_size {min_size}")
    if max_size is not None and max_size - least < step:
        pairs = [(least, max_size)] if max_size > least else []
    else:
        last = math.ceil(step * low / (high - low))
        if max_size is not None:
            last = min(last, max_size - step)
        pairs = [(size, size + step) for size in range(least, last + 1)]
    return tuple(
        Flapping(small, large, high * small, low * large)
        for small, large in pairs
        if high * small < low * large
    )


def whole_loads(flappings: Iterable[Flapping]) -> tuple[int, ...]:
    """The whole loads that flap between any two sizes, each once, in order. [% of one instance]

    Examples
    --------
    >>> loads = whole_loads(flapping_loads(70, 30, 2))
    >>> loads[0], loads[-1], len(loads)
    (71, 89, 19)
    """
    return tuple(sorted({load for found in flappings for load in found.whole_loads}))


def _thresholds(high_percent: float, low_percent: float) -> tuple[float, float]:
    high = one("high_percent", high_percent, unit="%", above_zero=True)
    low = one("low_percent", low_percent, unit="%")
    if low >= high:
        raise InvalidInputError(
            f"low_percent {low_percent!r} must be below high_percent {high_percent!r} [%]"
        )
    return high, low
