"""Queues with a limited room, where requests that find it full are refused: M/M/c/K.

`places` counts requests in the system, being served and waiting together. There is a steady
state at any load. Sources by short name: see `models.theory`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.theory.numbers import Number, amount, one, plain, refusal, whole
from models.theory.waiting import erlang_b


def mmck_loss(servers: int, places: int, offered_load: Number) -> Number:
    """Share of requests that finds all `places` taken in M/M/c/K.

    Parameters
    ----------
    servers : int
    places : int
        In service and waiting together, `servers` or more.
    offered_load : float or array
        Arrival rate x mean service time; may exceed `servers`. [erlang]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Kleinrock, sections 3.1 and 3.7. From Erlang B at K = c, each further place takes the
    loss L to rho L / (1 + rho L), rho the load per server: nothing overflows.

    Examples
    --------
    >>> round(mmck_loss(1, 3, 0.8), 6), mmck_loss(1, 3, 1)
    (0.173442, 0.25)
    """
    servers, places = _sizes(servers, places)
    load = amount("offered_load", offered_load, unit="erlang")
    lost = erlang_b(servers, load)
    for _ in range(places - servers):
        lost = load / servers * lost / (1 + load / servers * lost)
    return plain(lost)


def mm1k_loss(places: int, offered_load: Number) -> Number:
    """Share of requests that finds all `places` taken in M/M/1/K.

    Notes
    -----
    Kleinrock, section 3.6: (1 - rho) rho^K / (1 - rho^(K + 1)), and 1 / (K + 1) at rho = 1,
    here by the recursion of `mmck_loss`, which needs no special case near 1.

    Examples
    --------
    >>> round(mm1k_loss(10, 0.9), 6)
    0.050814
    """
    return mmck_loss(1, places, offered_load)


def mmck_probabilities(servers: int, places: int, offered_load: float) -> NDArray[np.float64]:
    """Long-run share of time with 0, 1, ... `places` requests in the system, M/M/c/K.

    Parameters and refusals as `mmck_loss`, one load only.

    Notes
    -----
    Kleinrock, section 3.1: the rate from n - 1 to n equals the rate back, so each probability
    is the one before times load / min(n, servers). Summed as logarithms.

    Examples
    --------
    >>> mmck_probabilities(1, 2, 1.0).round(6).tolist()
    [0.333333, 0.333333, 0.333333]
    """
    servers, places = _sizes(servers, places)
    load = one("offered_load", offered_load, unit="erlang")
    found = np.zeros(places + 1)
    found[0] = 1.0
    if load > 0:
        busy = np.minimum(np.arange(1, places + 1), servers)
        logs = np.concatenate(([0.0], np.cumsum(np.log(load / busy))))
        found[:] = np.exp(logs - logs.max())
    found /= found.sum()
    return found


def mmck_mean_response_seconds(
    servers: int, places: int, arrivals_per_second: float, service_seconds: float
) -> float:
    """Mean time from arrival to answer of the requests that M/M/c/K takes in. [s]

    Notes
    -----
    Little's law over the accepted rate; refusals as `mmck_loss`.

    Examples
    --------
    >>> round(mmck_mean_response_seconds(1, 1, 5, 0.1), 6)
    0.1
    """
    return _accepted_mean_seconds(servers, places, arrivals_per_second, service_seconds)


def mmck_mean_wait_seconds(
    servers: int, places: int, arrivals_per_second: float, service_seconds: float
) -> float:
    """Mean wait before service of the requests that M/M/c/K takes in. [s]

    Examples
    --------
    >>> round(mmck_mean_wait_seconds(1, 2, 10, 0.1), 6)
    0.05
    """
    return _accepted_mean_seconds(
        servers, places, arrivals_per_second, service_seconds, beyond=servers
    )


def _accepted_mean_seconds(
    servers: int, places: int, arrivals_per_second: float, service_seconds: float, beyond: int = 0
) -> float:
    """Mean time that accepted requests are among those `beyond` so many, by Little's law. [s]"""
    rate = one("arrivals_per_second", arrivals_per_second, unit="1/s", above_zero=True)
    load = rate * one("service_seconds", service_seconds, unit="s", above_zero=True)
    shares = mmck_probabilities(servers, places, load)
    length = float(np.maximum(np.arange(len(shares)) - beyond, 0) @ shares)
    return length / (rate * (1 - float(mmck_loss(servers, places, load))))


def _sizes(servers: int, places: int) -> tuple[int, int]:
    servers, places = whole("servers", servers), whole("places", places)
    if places < servers:
        raise refusal("places", places, f"at least the {servers} servers")
    return servers, places
