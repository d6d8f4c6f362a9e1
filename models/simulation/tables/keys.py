"""Which keys requests ask for, and which partitions hold them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from models.resource import Settings
from models.simulation.streams import stream

Share = Annotated[float, Field(ge=0, le=1)]


class KeyDistribution(Settings):
    """How requests are spread over partition keys; alike unless told otherwise.

    A key with its items is the smallest thing that a partition can hold. Assumed: reads and writes
    ask for the same keys. (AWS can also part the items of one key.)

    Examples
    --------
    >>> KeyDistribution(keys=4, exponent=1).weights(seed=0).round(2).tolist()
    [0.16, 0.24, 0.12, 0.48]
    """

    keys: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] = 10_000
    """Different partition keys."""
    exponent: Annotated[float, Field(ge=0, le=10)] = 0.0
    """0 for keys that are all alike; 1 for Zipf's law, by which the second key is asked for half as
    often as the first, and the tenth a tenth as often."""
    hot_share: Share = 0.0
    """Share of the requests that asks for one key, before the rest is spread as above. [share]"""

    def weights(self, seed: int) -> NDArray[np.float64]:
        """Share of the requests of each key, in the order of their hashes. [share]"""
        shares = np.arange(1.0, self.keys + 1.0) ** -self.exponent
        shares *= (1.0 - self.hot_share) / shares.sum()
        shares[0] += self.hot_share
        return stream(seed, "keys").permutation(shares)


class Partitions:
    """Stretches of keys in the order of their hashes, as many as asked for at first.

    Parameters
    ----------
    weights : array
        Share of the requests of each key. [share]
    number : int
        Partitions to begin with, no more than keys.
    """

    def __init__(self, weights: NDArray[np.float64], number: int) -> None:
        sums = np.concatenate(([0.0], np.cumsum(weights)))
        self._sums: NDArray[np.float64] = sums / sums[-1]
        parts = min(number, len(weights))
        self._cuts = [round(part * len(weights) / parts) for part in range(parts + 1)]
        self._hot_seconds = np.zeros(parts)

    def __len__(self) -> int:
        return len(self._cuts) - 1

    @property
    def edges(self) -> NDArray[np.float64]:
        """Share of the requests before each partition, and 1. [share]"""
        return self._sums[self._cuts]

    def split(self, number: int) -> bool:
        """Part a partition where its requests are halved as nearly as keys allow, if they do."""
        first, last = self._cuts[number], self._cuts[number + 1]
        if last - first < 2:
            return False
        middle = (self._sums[first] + self._sums[last]) / 2
        above = int(np.clip(np.searchsorted(self._sums, middle), first + 1, last - 1))
        below = max(above - 1, first + 1)
        nearer = middle - self._sums[below] < self._sums[above] - middle
        self._cuts.insert(number + 1, below if nearer else above)
        self._hot_seconds = np.zeros(len(self))
        return True

    def isolate(self, heat: NDArray[np.int64], seconds: float, after_seconds: float) -> bool:
        """Split what has throttled without a pause for longer than `after_seconds`.

        Parameters
        ----------
        heat : array
            Requests that each partition has throttled in the last stretch of `seconds`.
        seconds, after_seconds : float
            [s]

        Returns
        -------
        bool
            Whether any was split. Assumed: after that all of them count from the beginning.
        """
        self._hot_seconds = np.where(heat > 0, self._hot_seconds + seconds, 0.0)
        due = np.flatnonzero(self._hot_seconds > after_seconds)
        return sum(self.split(number) for number in due[::-1].tolist()) > 0

    def grow_to(self, number: int) -> None:
        """Split the busiest until there are so many, or only single keys are left."""
        while len(self) < number:
            order = np.argsort(-np.diff(self.edges), kind="stable")
            if not any(self.split(int(one)) for one in order):
                return
