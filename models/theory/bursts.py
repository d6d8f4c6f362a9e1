"""Token buckets and batching windows: how long a burst is served, how many come together."""

from __future__ import annotations

import math

import numpy as np

from models.theory.numbers import Number, amount, plain, whole


def seconds_to_reach(
    environments: Number, burst: Number = 1000, per_second: Number = 100
) -> Number:
    """Time to so many environments under a limit on how fast they are added. [s]

    Parameters
    ----------
    environments : float or array
        From none.
    burst : float or array
        How many start at once.
    per_second : float or array
        How many follow. [1/s]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    A token bucket, full at the start. That a function of AWS Lambda gains 1,000 environments every
    10 seconds is documented, and that the allowance comes back continuously
    (https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html).

    Examples
    --------
    >>> seconds_to_reach(5000), seconds_to_reach(800)
    (40.0, 0.0)
    """
    missing = amount("environments", environments) - amount("burst", burst)
    rate = amount("per_second", per_second, unit="1/s", above_zero=True)
    return plain(np.maximum(missing, 0.0) / rate)


def token_bucket_full_service_seconds(
    load_per_second: Number, rate_per_second: Number, burst: Number
) -> Number:
    """How long a full token bucket serves a load above its rate in full: B / (load - rate). [s]

    Parameters
    ----------
    load_per_second, rate_per_second : float or array
        What is asked for, and what the bucket gains. [1/s]
    burst : float or array
        What it holds.

    Returns
    -------
    float or array
        Infinite where the load is at most the rate. [s]

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> token_bucket_full_service_seconds(12_000, 10_000, 5_000)
    2.5
    >>> token_bucket_full_service_seconds(9_000, 10_000, 5_000)
    inf
    """
    load = amount("load_per_second", load_per_second, unit="1/s")
    over = np.asarray(load - amount("rate_per_second", rate_per_second, unit="1/s"))
    held, over = np.broadcast_arrays(amount("burst", burst), over)
    forever = np.full(over.shape, math.inf)
    return plain(np.divide(held, over, out=forever, where=over > 0))


def expected_batch_size(rate_per_second: Number, window_seconds: Number, batch_size: int) -> Number:
    """Mean size of a batch whose window opens with its first message.

    Parameters
    ----------
    rate_per_second : float or array
        Messages that arrive. [1/s]
    window_seconds : float or array
        How long the batch waits for more. [s]
    batch_size : int
        How many it holds; full, it goes at once.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    1 + E[min(N, batch_size - 1)], N Poisson with the mean rate x window: exact for Poisson
    arrivals and one poller. The mean of a whole number is the sum of its tails.

    Examples
    --------
    >>> round(expected_batch_size(5, 1, 10), 3), expected_batch_size(5, 0, 10)
    (5.946, 1.0)
    """
    from scipy.special import pdtrc

    rate = amount("rate_per_second", rate_per_second, unit="1/s")
    mean = np.asarray(rate * amount("window_seconds", window_seconds, unit="s"))
    more = np.arange(whole("batch_size", batch_size) - 1)
    return plain(1.0 + pdtrc(more, mean[..., np.newaxis]).sum(axis=-1))
