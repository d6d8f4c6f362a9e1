"""What retries make of an overload: how many attempts, how many failures, and whether it ends.

N. Bronson and others, Metastable Failures in Distributed Systems, HotOS 2021.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from models.theory.numbers import one, whole


class RetryLoad(NamedTuple):
    """What retries make of a load.

    Attributes
    ----------
    attempts_per_second : float
        First tries and retries together. [1/s]
    rejected_share : float
        Of the attempts.
    failed_share : float
        Of the users: those whose last attempt was rejected too.
    """

    attempts_per_second: float
    rejected_share: float
    failed_share: float


def retry_amplification(
    load_per_second: float, capacity_per_second: float, attempts: int
) -> RetryLoad:
    """What clients that retry send to a service with a hard limit that rejects at no cost.

    Parameters
    ----------
    load_per_second : float
        First tries. [1/s]
    capacity_per_second : float
        What is served; the rest is rejected, any attempt as likely as any other. [1/s]
    attempts : int
        Most that one user makes, the first included.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    A user fails with p^K, p the share of attempts rejected, and as many users succeed as are
    served: load (1 - p^K) = capacity. So p = (1 - C / load)^(1/K), and attempts (1 - p) = C.
    However often they try, the same share of the users fails; only the load grows.

    Examples
    --------
    >>> found = retry_amplification(1200, 1000, attempts=3)
    >>> round(found.attempts_per_second), round(found.failed_share, 4)
    (2224, 0.1667)
    """
    load, capacity, tries = _overload(load_per_second, capacity_per_second, attempts)
    if load <= capacity:
        return RetryLoad(load, 0.0, 0.0)
    failed = 1 - capacity / load
    rejected = failed ** (1 / tries)
    return RetryLoad(capacity / (1 - rejected), rejected, failed)


def metastable_threshold(capacity_per_second: float, attempts: int, exponent: float = 1.0) -> float:
    """Load above which retries can keep a service overloaded after the cause is gone. [1/s]

    Parameters
    ----------
    capacity_per_second : float
        Most that is served. [1/s]
    attempts : int
        Most that one user makes, the first included.
    exponent : float
        How overload wastes work: of A attempts, above the capacity C, C (C / A)^exponent are
        served. 0 wastes nothing.

    Returns
    -------
    float
        The capacity itself where there is one attempt only or nothing is wasted. [1/s]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Bronson describes the failure; the goodput curve is a model (assumed), and so is the threshold.

    **Derivation.** With u = (C / A)^(1 + exponent) the share of attempts served, A attempts are
    what a load of C / f(u) makes of itself, f(u) = u^-c (1 - (1 - u)^K), c = exponent / (1 +
    exponent). f rises from 0 to a single peak and falls to 1 at u = 1: its derivative vanishes
    where the sum of (1 - u)^-i over i < K is K / c, and that sum only grows with u. The peak is
    the least load that overload can sustain.

    Examples
    --------
    >>> round(metastable_threshold(1000, attempts=4), 1), metastable_threshold(1000, attempts=1)
    (719.4, 1000.0)
    """
    _, capacity, tries = _overload(0.0, capacity_per_second, attempts)
    waste = _waste(exponent)
    return capacity / _sustained(_peak(waste, tries), waste, tries)


def metastable_points(
    load_per_second: float, capacity_per_second: float, attempts: int, exponent: float = 1.0
) -> tuple[RetryLoad, ...]:
    """Every load, retries included, that reproduces itself where overload wastes work.

    Parameters, refusals and model as `metastable_threshold`, of first tries at `load_per_second`.

    Returns
    -------
    tuple of RetryLoad
        Fewest attempts first. Up to the threshold one, healthy. Between the threshold and the
        capacity three: healthy, unstable, stuck; a spike that passes the unstable one ends in the
        stuck one. Above the capacity one, stuck.

    Examples
    --------
    >>> [round(point.attempts_per_second) for point in metastable_points(750, 1000, attempts=4)]
    [750, 1432, 2177]
    """
    load, capacity, tries = _overload(load_per_second, capacity_per_second, attempts)
    waste = _waste(exponent)
    peak = _peak(waste, tries)
    threshold = capacity / _sustained(peak, waste, tries)

    def point(least: float, most: float) -> RetryLoad:
        served = _root(lambda u: load * _sustained(u, waste, tries) - capacity, least, most)
        rejected = 1 - served
        return RetryLoad(capacity * served ** (waste - 1), rejected, rejected**tries)

    points = [RetryLoad(load, 0.0, 0.0)] if load <= capacity else []
    if threshold < load < capacity:
        points.append(point(peak, 1.0))
    if load > threshold:
        points.append(point(0.0, peak))
    return tuple(points)


def _overload(load: float, capacity: float, attempts: int) -> tuple[float, float, int]:
    return (
        one("load_per_second", load, unit="1/s"),
        one("capacity_per_second", capacity, unit="1/s", above_zero=True),
        whole("attempts", attempts),
    )


def _waste(exponent: float) -> float:
    found = one("exponent", exponent)
    return found / (1 + found)


def _sustained(served: float, waste: float, attempts: int) -> float:
    """Capacity over the load of first tries that keeps this share of attempts served."""
    if served == 0:
        return 0.0
    return (
        float(served**-waste * -math.expm1(attempts * math.log1p(-served))) if served < 1 else 1.0
    )


def _peak(waste: float, attempts: int) -> float:
    """Share of attempts served at the least load that overload can sustain."""
    if waste == 0 or attempts == 1:
        return 1.0

    def slope(served: float) -> float:
        return float(np.sum((1 - served) ** np.arange(attempts - 1, -1, -1.0))) * waste - (
            attempts * (1 - served) ** (attempts - 1)
        )

    return _root(slope, 0.0, 1.0)


def _root(function: Callable[[float], float], least: float, most: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, least, most, xtol=1e-15, rtol=1e-14))
