"""A cache, item by item: what the theory of hit ratios is held against."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from models.simulation.streams import stream
from models.theory.numbers import whole


def simulate_lru(
    popularity: NDArray[np.float64],
    capacity: int,
    requests: int,
    *,
    seed: int = 0,
    lost_at: Collection[int] = (),
) -> NDArray[np.bool_]:
    """Which requests an LRU cache answers; it is empty at the start.

    Parameters
    ----------
    popularity : array of shape (items,)
        Probability that a request asks for each item: see `theory.zipf_popularity`.
    capacity : int
        Items that the cache holds; the least recently used one makes room.
    requests : int
        How many come, independently of each other.
    seed : int
    lost_at : collection of int
        Numbers of requests before which the cache loses all that it holds, as when its node is
        replaced.

    Returns
    -------
    array of shape (requests,)
        True where the item was held.

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> simulate_lru(np.array([1.0]), 1, 5, lost_at=[3]).tolist()
    [False, True, True, False, True]
    """
    most = whole("capacity", capacity)
    edges = np.cumsum(popularity)
    draws = stream(seed, "items").random(whole("requests", requests))
    asked = np.searchsorted(edges, draws * edges[-1], "right").tolist()
    held: OrderedDict[int, None] = OrderedDict()
    hits = np.zeros(len(asked), dtype=np.bool_)
    losses = frozenset(lost_at)
    for number, item in enumerate(asked):
        if number in losses:
            held.clear()
        if item in held:
            hits[number] = True
            held.move_to_end(item)
            continue
        held[item] = None
        if len(held) > most:
            held.popitem(last=False)
    return hits
