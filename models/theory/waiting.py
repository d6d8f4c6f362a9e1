"""The wait in M/M/c, in which everybody waits as long as it takes.

Arrivals are Poisson, service times exponential, requests are served in the order they come, and
one queue feeds all servers. Sources by short name: see `models.theory`.
"""

from __future__ import annotations

import math

import numpy as np

from models.errors import InvalidInputError
from models.theory.numbers import Number, amount, level_below_one, one, plain, refusal, whole

#: Beyond this `servers_for` would count for longer than anybody waits. [erlang]
_LARGEST_LOAD = 1e6


def utilisation(arrivals_per_second: Number, service_seconds: Number, servers: int = 1) -> Number:
    """Share of the servers that is busy on average, where no request is lost.

    Notes
    -----
    Harchol-Balter, chapter 6, the utilization law. From 1 on there is no steady state.

    Examples
    --------
    >>> utilisation(8, 1, servers=10)
    0.8
    """
    return plain(_offered(arrivals_per_second, service_seconds) / whole("servers", servers))


def erlang_b(servers: int, offered_load: Number) -> Number:
    """Share of requests lost where `servers` have no queue (M/M/c/c, and any service time).

    Parameters
    ----------
    servers : int
        0 or more.
    offered_load : float or array
        Arrival rate x mean service time. [erlang]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Kleinrock, section 3.7. Computed by the recursion B(k) = a B(k-1) / (k + a B(k-1)) from
    B(0) = 1, whose terms stay between 0 and 1: no factorial overflows, however many servers.

    Examples
    --------
    >>> round(erlang_b(10, 8), 6)
    0.121661
    """
    load = amount("offered_load", offered_load, unit="erlang")
    blocked: Number = np.ones_like(load, dtype=np.float64)
    for count in range(1, whole("servers", servers, least=0) + 1):
        blocked = load * blocked / (count + load * blocked)
    return plain(blocked)


def erlang_c(servers: int, offered_load: Number) -> Number:
    """Share of requests that has to wait in M/M/c.

    Parameters
    ----------
    servers : int
    offered_load : float or array
        Arrival rate x mean service time, below `servers`. [erlang]

    Raises
    ------
    InvalidInputError
        Where the load is `servers` or more: the queue grows for ever.

    Notes
    -----
    Kleinrock, section 3.5. From Erlang B: C = B / (1 - rho (1 - B)), rho the load per server.

    Examples
    --------
    >>> round(erlang_c(10, 8), 6)
    0.40918
    """
    servers = whole("servers", servers)
    load = amount("offered_load", offered_load, unit="erlang")
    if np.any(np.asarray(load) >= servers):
        raise refusal(
            "offered_load", offered_load, f"below the {servers} servers, or the queue only grows",
            "erlang",
        )  # fmt: skip
    blocked = erlang_b(servers, load)
    return plain(blocked / (1 - load / servers * (1 - blocked)))


def mmc_mean_wait_seconds(
    arrivals_per_second: Number, service_seconds: Number, servers: int = 1
) -> Number:
    """Mean wait before service in M/M/c. [s]

    Parameters
    ----------
    arrivals_per_second : float or array
        [1/s]
    service_seconds : float or array
        Mean of the exponential service time. [s]
    servers : int

    Raises
    ------
    InvalidInputError
        Also where the utilisation is 1 or more.

    Notes
    -----
    Harchol-Balter, section 14.3: the probability of waiting over the spare rate c mu - lambda.

    Examples
    --------
    >>> round(mmc_mean_wait_seconds(8, 1, servers=10), 6)
    0.20459
    """
    waiting, spare = waiting_and_spare(arrivals_per_second, service_seconds, servers)
    return plain(waiting / spare)


def mmc_wait_exceeds(
    seconds: Number, arrivals_per_second: Number, service_seconds: Number, servers: int = 1
) -> Number:
    """Share of requests that waits for more than `seconds` in M/M/c.

    Parameters and refusals as `mmc_mean_wait_seconds`.

    Notes
    -----
    Harchol-Balter, section 14.3: C exp(-(c mu - lambda) t). Those who wait find all servers busy,
    so the queue drains at rate c mu, and their wait is exponential.

    Examples
    --------
    >>> round(mmc_wait_exceeds(1, 8, 1, servers=10), 6)
    0.055377
    """
    waiting, spare = waiting_and_spare(arrivals_per_second, service_seconds, servers)
    return plain(waiting * np.exp(-spare * amount("seconds", seconds, unit="s")))


def mmc_wait_quantile_seconds(
    level: Number, arrivals_per_second: Number, service_seconds: Number, servers: int = 1
) -> Number:
    """The wait that a share `level` of the requests does not exceed in M/M/c. [s]

    Parameters
    ----------
    level : float or array
        From 0 to below 1: 0.99 for the 99th percentile.

    Notes
    -----
    Other parameters and refusals as `mmc_mean_wait_seconds`; the inverse of `mmc_wait_exceeds`,
    and 0 where that many do not wait at all.

    Examples
    --------
    >>> round(mmc_wait_quantile_seconds(0.99, 8, 1, servers=10), 6)
    1.855785
    >>> mmc_wait_quantile_seconds(0.5, 8, 1, servers=10)
    0.0
    """
    waiting, spare = waiting_and_spare(arrivals_per_second, service_seconds, servers)
    beyond = 1 - level_below_one(level)
    # Where fewer wait than are left out, the quantile is among those who do not wait.
    ratio = np.maximum(waiting, beyond) / beyond
    return plain(np.log(ratio) / spare)


def servers_for(
    arrivals_per_second: float,
    service_seconds: float,
    *,
    mean_wait_seconds: float | None = None,
    waiting_share: float | None = None,
) -> int:
    """Fewest servers with which M/M/c waits no more than asked.

    Parameters
    ----------
    arrivals_per_second : float
        [1/s]
    service_seconds : float
        Mean of the exponential service time. [s]
    mean_wait_seconds : float, optional
        Largest mean wait. [s]
    waiting_share : float, optional
        Largest share of requests that waits at all, above 0.

    Raises
    ------
    InvalidInputError
        Also where neither bound is given, or the load is above a million erlang.

    Notes
    -----
    Harchol-Balter, chapter 15: capacity beyond the load grows with its square root.

    Examples
    --------
    >>> servers_for(8, 1, waiting_share=0.2), servers_for(80, 1, waiting_share=0.2)
    (12, 90)
    """
    if mean_wait_seconds is None and waiting_share is None:
        raise InvalidInputError("servers_for needs mean_wait_seconds [s] or waiting_share, or both")
    wait = _bound("mean_wait_seconds", mean_wait_seconds, "s")
    share = _bound("waiting_share", waiting_share)
    if waiting_share is not None and share > 1:
        raise refusal("waiting_share", waiting_share, "a share above 0, of at most 1")
    rate = one("arrivals_per_second", arrivals_per_second, unit="1/s")
    seconds = one("service_seconds", service_seconds, unit="s", above_zero=True)
    load = rate * seconds
    if load > _LARGEST_LOAD:
        raise refusal(
            "arrivals_per_second x service_seconds", load, f"at most {_LARGEST_LOAD:g}", "erlang"
        )
    servers, blocked = 0, 1.0
    while True:
        servers += 1
        blocked = load * blocked / (servers + load * blocked)
        if load >= servers:
            continue
        waiting = blocked / (1 - load / servers * (1 - blocked))
        if waiting <= share and waiting / (servers / seconds - rate) <= wait:
            return servers


def _bound(name: str, value: float | None, unit: str = "") -> float:
    return math.inf if value is None else one(name, value, unit=unit, above_zero=True)


def _offered(arrivals_per_second: Number, service_seconds: Number) -> Number:
    rate = amount("arrivals_per_second", arrivals_per_second, unit="1/s")
    return rate * amount("service_seconds", service_seconds, unit="s", above_zero=True)


def waiting_and_spare(
    arrivals_per_second: Number, service_seconds: Number, servers: int
) -> tuple[Number, Number]:
    """Share that waits, and the rate at which the queue would drain: c mu - lambda."""
    load = _offered(arrivals_per_second, service_seconds)
    servers = whole("servers", servers)
    if np.any(np.asarray(load) >= servers):
        shown = float(np.max(load)) / servers
        raise InvalidInputError(
            f"arrivals_per_second x service_seconds / servers is {shown:.4g}; utilisation must be"
            " below 1, or the queue only grows"
        )
    return erlang_c(servers, load), (servers - load) / np.asarray(service_seconds)
