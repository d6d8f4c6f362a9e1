"""The mean wait for service times that are not exponential: M/G/1 and M/G/c.

Sources by short name: see `models.theory`.
"""

from __future__ import annotations

from models.theory.numbers import Number, amount, plain
from models.theory.waiting import mmc_mean_wait_seconds


def mg1_mean_wait_seconds(
    arrivals_per_second: Number,
    service_seconds: Number,
    squared_variation: Number = 1.0,
) -> Number:
    """Mean wait in M/G/1, exactly (Pollaczek-Khinchine). [s]

    Parameters
    ----------
    arrivals_per_second : float or array
        [1/s]
    service_seconds : float or array
        Mean of the service time. [s]
    squared_variation : float or array
        Squared coefficient of variation of the service time, its variance over its squared
        mean: 0 constant, 1 exponential, more for a mix of short and long.

    Raises
    ------
    InvalidInputError
        Also where the utilisation is 1 or more.

    Notes
    -----
    Kleinrock, section 5.6 with Little's law:
    rho / (1 - rho) x (1 + squared variation) / 2 x mean service time.

    Examples
    --------
    >>> mg1_mean_wait_seconds(0.5, 1, squared_variation=0), mg1_mean_wait_seconds(0.5, 1)
    (0.5, 1.0)
    """
    variation = amount("squared_variation", squared_variation)
    return plain(mmc_mean_wait_seconds(arrivals_per_second, service_seconds) * (1 + variation) / 2)


def mgc_mean_wait_seconds_approximate(
    arrivals_per_second: Number,
    service_seconds: Number,
    servers: int = 1,
    *,
    squared_variation: Number = 1.0,
    arrivals_squared_variation: Number = 1.0,
) -> Number:
    """Mean wait in G/G/c, approximately (Allen-Cunneen): that of M/M/c, scaled. [s]

    Parameters
    ----------
    squared_variation, arrivals_squared_variation : float or array
        Squared coefficient of variation of the service time and of the time between arrivals
        (1 for Poisson arrivals).

    Notes
    -----
    Other parameters and refusals as `mmc_mean_wait_seconds`. **Approximate**: no exact formula
    exists. Exact for M/M/c and M/G/1, good where servers are busy, poor where few have to wait
    or the variation is large. Allen, chapter 5.

    Examples
    --------
    >>> round(mgc_mean_wait_seconds_approximate(8, 1, servers=10, squared_variation=0), 6)
    0.102295
    """
    variation = amount("squared_variation", squared_variation)
    arriving = amount("arrivals_squared_variation", arrivals_squared_variation)
    wait = mmc_mean_wait_seconds(arrivals_per_second, service_seconds, servers)
    return plain(wait * (variation + arriving) / 2)
