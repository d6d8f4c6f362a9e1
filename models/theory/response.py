"""The whole time from arrival to answer in M/M/c.

Assumptions as `models.theory.waiting`; sources by short name: see `models.theory`.
"""

from __future__ import annotations

import numpy as np

from models.theory.numbers import Number, amount, level_below_one, one, plain
from models.theory.waiting import mmc_mean_wait_seconds, waiting_and_spare

#: Halvings of an interval after which a double has no digits left to find.
_HALVINGS = 200


def mmc_mean_response_seconds(
    arrivals_per_second: Number, service_seconds: Number, servers: int = 1
) -> Number:
    """Mean time from arrival to answer in M/M/c: wait and service; as `mmc_mean_wait_seconds`. [s]

    Examples
    --------
    >>> round(mmc_mean_response_seconds(0.5, 1), 6)
    2.0
    """
    wait = mmc_mean_wait_seconds(arrivals_per_second, service_seconds, servers)
    return plain(wait + amount("service_seconds", service_seconds))


def mmc_response_exceeds(
    seconds: Number, arrivals_per_second: Number, service_seconds: Number, servers: int = 1
) -> Number:
    """Share of requests that takes more than `seconds` from arrival to answer in M/M/c.

    Parameters and refusals as `mmc_mean_wait_seconds`.

    Notes
    -----
    **Derivation** from the wait of Harchol-Balter, section 14.3. The wait (0, or with probability
    C exponential with the spare rate c mu - lambda) and the service (exponential with rate mu)
    are independent; their sum has the tail
    exp(-mu t) + C mu (exp(-min t) - exp(-max t)) / |spare - mu|, min and max of the two rates.

    Examples
    --------
    >>> round(mmc_response_exceeds(1, 0.5, 1), 6)  # M/M/1: exp(-(mu - lambda) t)
    0.606531
    """
    waiting, spare = waiting_and_spare(arrivals_per_second, service_seconds, servers)
    rate = 1 / np.asarray(service_seconds, dtype=np.float64)
    time = np.asarray(amount("seconds", seconds, unit="s"))
    gap = np.abs(spare - rate)
    # (1 - exp(-gap t)) / gap tends to t as the rates meet, where the quotient has no digits left.
    with np.errstate(divide="ignore", invalid="ignore"):
        between = np.where(gap * time < 1e-12, time, -np.expm1(-gap * time) / gap)
    return plain(
        np.exp(-rate * time)
        + waiting * rate * np.exp(-np.minimum(spare, rate) * time) * between
    )  # fmt: skip


def mmc_response_quantile_seconds(
    level: float, arrivals_per_second: float, service_seconds: float, servers: int = 1
) -> float:
    """The time that a share `level` of the requests does not exceed in M/M/c. [s]

    Parameters
    ----------
    level : float
        From 0 to below 1: 0.99 for the 99th percentile.

    Notes
    -----
    Other parameters and refusals as `mmc_mean_wait_seconds`, one number each: found by halving
    an interval of `mmc_response_exceeds`, which only falls.

    Examples
    --------
    >>> round(mmc_response_quantile_seconds(0.99, 0.5, 1), 6)  # M/M/1: ln(100) / 0.5
    9.21034
    """
    beyond = 1 - one("level", level_below_one(level))
    queue = (
        one("arrivals_per_second", arrivals_per_second, unit="1/s"),
        one("service_seconds", service_seconds, unit="s", above_zero=True),
        servers,
    )
    low, high = 0.0, queue[1]
    while float(mmc_response_exceeds(high, *queue)) > beyond:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if float(mmc_response_exceeds(middle, *queue)) > beyond:
            low = middle
        else:
            high = middle
    return high if beyond < 1 else 0.0
