"""What holds in every system, whatever its distributions: Little's law and closed-loop limits.

A closed loop is a load test with a fixed number of clients, each of which sends its next request
only after the answer and a think time. Sources by short name: see `models.theory`.
"""

from __future__ import annotations

import numpy as np

from models.errors import InvalidInputError
from models.theory.numbers import Number, amount, plain, whole


def little_length(rate_per_second: Number, seconds: Number) -> Number:
    """Mean number present: rate of arrivals x mean time that each stays.

    Notes
    -----
    Little. Also on a record of a run: the area under the number present over its length.

    Examples
    --------
    >>> little_length(100, 0.25)
    25.0
    """
    rate = amount("rate_per_second", rate_per_second, unit="1/s")
    return plain(rate * amount("seconds", seconds, unit="s"))


def little_seconds(length: Number, rate_per_second: Number) -> Number:
    """Mean time that each stays: mean number present over the rate of arrivals. [s]

    Examples
    --------
    >>> little_seconds(25, 100)
    0.25
    """
    rate = amount("rate_per_second", rate_per_second, unit="1/s", above_zero=True)
    return plain(amount("length", length) / rate)


def closed_loop_throughput_limit(
    clients: Number, service_seconds: Number, servers: int = 1, *, think_seconds: Number = 0.0
) -> Number:
    """Most that `clients` can get out of `servers`: min(c / s, N / (s + Z)). [1/s]

    Parameters
    ----------
    clients : float or array
        Connections of the load test.
    service_seconds : float or array
        Mean work of a request on a server. [s]
    servers : int
    think_seconds : float or array
        Pause of a client between answer and next request; 0 in most tools. [s]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Denning and Buzen, asymptotic bounds: the servers can do no more than c / s, and each client
    needs s + Z a round even if it never waits. Reached where work and think time are constant
    and where Z is 0.

    Examples
    --------
    >>> closed_loop_throughput_limit(100, 0.05, servers=4)
    80.0
    >>> closed_loop_throughput_limit(2, 0.05, servers=4)
    40.0
    """
    service = amount("service_seconds", service_seconds, unit="s", above_zero=True)
    round_trip = service + amount("think_seconds", think_seconds, unit="s")
    by_clients = amount("clients", clients) / round_trip
    return plain(np.minimum(whole("servers", servers) / service, by_clients))


def closed_loop_saturation(
    service_seconds: Number, servers: int = 1, *, think_seconds: Number = 0.0
) -> Number:
    """Clients from which on the servers, and no longer the clients, are the limit: c (s + Z) / s.

    Examples
    --------
    >>> round(closed_loop_saturation(0.05, servers=4, think_seconds=0.95), 6)
    80.0
    """
    service = amount("service_seconds", service_seconds, unit="s", above_zero=True)
    think = amount("think_seconds", think_seconds, unit="s")
    return plain(whole("servers", servers) * (service + think) / service)


def closed_loop_response_seconds(
    clients: Number, throughput_per_second: Number, *, think_seconds: Number = 0.0
) -> Number:
    """Mean time to an answer in a closed loop: N / X - Z, by Little's law. [s]

    Raises
    ------
    InvalidInputError
        Also where so many answers a second leave less than no time for each.

    Notes
    -----
    Denning and Buzen, the interactive response time formula; exact for any distribution.

    Examples
    --------
    >>> closed_loop_response_seconds(100, 80)
    1.25
    """
    rate = amount("throughput_per_second", throughput_per_second, unit="1/s", above_zero=True)
    seconds = amount("clients", clients) / rate - amount("think_seconds", think_seconds, unit="s")
    if np.any(np.asarray(seconds) < 0):
        raise InvalidInputError(
            f"throughput_per_second {throughput_per_second!r} must be at most clients /"
            " think_seconds [1/s]: clients cannot send faster than they think"
        )
    return plain(seconds)
