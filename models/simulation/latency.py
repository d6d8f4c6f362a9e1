"""A histogram of latencies whose memory does not grow with the number of requests.

A bucket is given by the exponent of a latency and the first six bits of its mantissa: 64 buckets
to every doubling, so that a quantile read from it is off by at most 0.8 %.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError

#: Bits of a float below exponent and the six kept bits of the mantissa.
SHIFT = 52 - 6
#: Latencies from 2**-20 s (about a microsecond) to 2**16 s (eighteen hours); 36 doublings.
LOWEST_EXPONENT, DOUBLINGS = -20, 36
BUCKETS = DOUBLINGS * 64
#: Number of the first bucket in terms of a float's own bits.
FIRST = (1023 + LOWEST_EXPONENT) << 6

LOWER = (np.arange(FIRST, FIRST + BUCKETS + 1, dtype=np.int64) << SHIFT).view(np.float64)
#: What stands for each bucket: its middle. [s]
MIDDLES: NDArray[np.float64] = (LOWER[:-1] + LOWER[1:]) / 2


def bucket_of(latency_seconds: float) -> int:
    """Bucket of one latency; what is shorter or longer than all of them falls into the last.

    >>> bucket_of(0.0), bucket_of(1.0) == (20 * 64), bucket_of(1e9) == BUCKETS - 1
    (0, True, True)
    """
    index = (int(np.float64(latency_seconds).view(np.int64)) >> SHIFT) - FIRST
    return min(max(index, 0), BUCKETS - 1)


def quantile_seconds(histogram: NDArray[Any], share: float) -> float:
    """The latency that `share` of the requests did not exceed; NaN where there are none. [s]

    Parameters
    ----------
    histogram : array of shape (BUCKETS,)
        Requests in each bucket; expected numbers need not be whole.
    share : float
        From 0 to 1: 0.99 is the 99th percentile. [share]

    Raises
    ------
    InvalidInputError
        Where `share` is outside 0 to 1.

    Examples
    --------
    >>> counts = np.zeros(BUCKETS, dtype=np.int64)
    >>> counts[[bucket_of(0.1), bucket_of(2.0)]] = 99, 1
    >>> round(quantile_seconds(counts, 0.5), 2), round(quantile_seconds(counts, 0.999), 1)
    (0.1, 2.0)
    """
    if not 0 <= share <= 1:
        raise InvalidInputError(f"share ({share!r}) must be from 0 to 1")
    total = histogram.sum()
    if not total:
        return float("nan")
    rank = max(share * total, np.finfo(float).tiny)
    return float(MIDDLES[int(np.searchsorted(np.cumsum(histogram), rank))])
