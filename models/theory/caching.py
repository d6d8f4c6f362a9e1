"""Hit ratios of a cache: which share of the requests finds what it asks for.

All under the independent reference model: each request asks for item `i` with the same probability,
whatever was asked before. Items are of one size, so a capacity is a number of items. Real traffic
repeats itself more than that within a short time, which raises the hit ratio of LRU.

Sources: Lee Breslau and others, Web Caching and Zipf-like Distributions, INFOCOM, 1999; Hao Che, Ye
Tung and Zhijun Wang, Hierarchical Web Caching Systems, IEEE JSAC 20(7), 2002; Christine Fricker,
Philippe Robert and James Roberts, A Versatile and Accurate Approximation for LRU Cache Performance,
ITC 24, 2012.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError
from models.theory.numbers import Number, amount, one, plain, share, whole

Popularity = NDArray[np.float64]
MOST_ITEMS = 10_000_000
#: Of the number of items that a cache holds, how far off its characteristic time may be.
_PRECISION = 1e-9


def zipf_popularity(items: int, exponent: float = 1.0) -> Popularity:
    """Probability that a request asks for each item, the most popular one first.

    Parameters
    ----------
    items : int
        How many there are.
    exponent : float
        The item of rank k is asked for in proportion to ``1 / k ** exponent``; 0 makes all equal.

    Returns
    -------
    array of shape (items,)
        Sums to 1.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Breslau and others found exponents of 0.64 to 0.83 in traces of web proxies.

    Examples
    --------
    >>> zipf_popularity(3).round(3).tolist()
    [0.545, 0.273, 0.182]
    """
    count = whole("items", items)
    if count > MOST_ITEMS:
        raise InvalidInputError(f"items {count:,} must be at most {MOST_ITEMS:,}")
    weights = np.arange(1, count + 1) ** -one("exponent", exponent)
    found: Popularity = weights / weights.sum()
    return found


def ideal_hit_ratio(popularity: Popularity, capacity: int) -> float:
    """Hit ratio of a cache that always holds the most popular items: none can do better. [share]

    Parameters
    ----------
    popularity : array
        Probability of each item, in any order.
    capacity : int
        Items that it holds.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Exact. What a cache that evicts the least *frequently* used item comes to in the long run.

    Examples
    --------
    >>> round(ideal_hit_ratio(zipf_popularity(1000), 100), 3)
    0.693
    """
    held = whole("capacity", capacity, least=0)
    ranked = np.sort(_checked(popularity))[::-1]
    return float(min(ranked[:held].sum(), 1.0))


def characteristic_requests(popularity: Popularity, capacity: int) -> float:
    """Requests after which an item that nobody asks for falls out of an LRU cache.

    Parameters
    ----------
    popularity : array
    capacity : int
        Items that it holds.

    Returns
    -------
    float
        Infinite where all items fit.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Approximate (Che): the number of requests among which `capacity` different items are expected.
    Divide it by the requests a second for the time. It is also how long an empty cache takes to
    fill up.

    Examples
    --------
    >>> round(characteristic_requests(zipf_popularity(1000), 100))
    181
    """
    held, asked = whole("capacity", capacity, least=0), _checked(popularity)
    if not held:
        return 0.0
    if held >= len(asked):
        return float("inf")

    # The number of different items grows ever more slowly with the requests, so Newton's method
    # comes nearer from below at each step and never passes the answer.
    requests, missing = float(held), 1.0
    while missing > _PRECISION * held:
        seen = -np.expm1(-asked * requests)
        missing = held - float(seen.sum())
        requests += max(missing, 0.0) / float(asked @ (1 - seen))
    return requests


def lru_hit_ratio(popularity: Popularity, capacity: int) -> float:
    """Hit ratio of a cache that evicts the least recently used item. [share]

    Parameters
    ----------
    popularity : array
        Probability of each item, in any order.
    capacity : int
        Items that it holds.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Approximate, and very good: Che's approximation. An item is a hit if it was asked for within
    the last `characteristic_requests`. Simulations differ by a fraction of a percentage point, also
    for caches of a few items.

    Examples
    --------
    >>> round(lru_hit_ratio(zipf_popularity(1000), 100), 3)
    0.577
    """
    asked = _checked(popularity)
    requests = characteristic_requests(asked, capacity)
    return float(min((asked * -np.expm1(-asked * requests)).sum(), 1.0))


def filling_hit_ratio(popularity: Popularity, capacity: int, requests: Any) -> Number:
    """Hit ratio of a cache that was empty so many requests ago. [share]

    Parameters
    ----------
    popularity : array
    capacity : int
        Items that it holds.
    requests : float or array
        Since it was empty.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    While nothing is evicted an item is a hit if it was asked for before, which is exact; from
    `characteristic_requests` on it is `lru_hit_ratio`.

    Examples
    --------
    >>> filling_hit_ratio(zipf_popularity(1000), 100, np.array([0.0, 100.0, 1e6])).round(2).tolist()
    [0.0, 0.5, 0.58]
    """
    asked = _checked(popularity)
    since = np.asarray(amount("requests", requests))
    seen = np.minimum(since, characteristic_requests(asked, capacity))
    levels = [float((asked * -np.expm1(-asked * each)).sum()) for each in seen.ravel()]
    return plain(np.minimum(np.reshape(levels, since.shape), 1.0))


def ttl_hit_ratio(requests_per_second: Number, ttl_seconds: Number) -> Number:
    """Hit ratio of one item that is kept for so long after it was fetched. [share]

    Parameters
    ----------
    requests_per_second : float or array
        For this item. [1/s]
    ttl_seconds : float or array
        How long it is kept; nothing evicts it before. [s]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Exact for Poisson arrivals: a miss is followed by the ``rate x ttl`` hits expected until the
    item expires.

    Examples
    --------
    >>> ttl_hit_ratio(1, 9), ttl_hit_ratio(0.25, 4)
    (0.9, 0.5)
    """
    hits = np.asarray(amount("requests_per_second", requests_per_second, unit="1/s")) * np.asarray(
        amount("ttl_seconds", ttl_seconds, unit="s")
    )
    return plain(hits / (1 + hits))


def stampede_factor(hit_ratio: Number) -> Number:
    """How many times its load a database gets when the cache before it is lost: 1 / (1 - h).

    Parameters
    ----------
    hit_ratio : float or array
        Before the loss. [share]

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> stampede_factor(0.75), stampede_factor(1.0)
    (4.0, inf)
    """
    misses = 1 - np.asarray(share("hit_ratio", hit_ratio))
    forever = np.full(misses.shape, np.inf)
    return plain(np.divide(1.0, misses, out=forever, where=misses > 0))


def _checked(popularity: Any) -> Popularity:
    """`popularity` as probabilities that sum to 1."""
    found = np.asarray(popularity, dtype=np.float64)
    proper = found.ndim == 1 and found.size and np.all(np.isfinite(found)) and np.all(found >= 0)
    if not proper or abs(found.sum() - 1) > 1e-6:
        raise InvalidInputError("popularity must be a list of shares from 0 that sum to 1")
    return found[found > 0]
