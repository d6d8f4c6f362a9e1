"""Places in the engine: taken by a new instance, given back when it is gone."""

from __future__ import annotations

from heapq import heappop, heappush

from models.simulation.targets import Targets


class Slots:
    """Free places, lowest number first; the engine grows where none is free.

    Parameters
    ----------
    targets : Targets
    """

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._free: list[int] = []
        self._count = 0

    def take(self) -> int:
        """A free place, from now on taken."""
        if self._free:
            return heappop(self._free)
        self._count += 1
        self._targets.grow_to(self._count)
        return self._count - 1

    def give_back(self, slot: int) -> None:
        """The place is free again."""
        heappush(self._free, slot)
