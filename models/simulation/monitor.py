"""Reads the engine at even intervals, for the timeline and for CloudWatch."""

from __future__ import annotations

from collections.abc import Sequence

from models.simulation.clock import Clock
from models.simulation.scaling import DynamicScaling
from models.simulation.targets import Targets
from models.simulation.timeline import ROW_SECONDS, Timeline


class Monitor:
    """One process that wakes every minute, or as often as the shortest alarm period needs.

    Parameters
    ----------
    clock : Clock
    targets : Targets
    timeline : Timeline
    scaling : sequence of DynamicScaling
        Given each reading, in this order.
    end_seconds : float
        When the run ends, if that is known. [s]
    """

    def __init__(
        self, clock: Clock, targets: Targets, timeline: Timeline,
        scaling: Sequence[DynamicScaling], end_seconds: float = float("inf"),
    ) -> None:  # fmt: skip
        self.clock, self.targets = clock, targets
        self.timeline, self.scaling = timeline, scaling
        step = min([ROW_SECONDS, *(one.resolution_seconds for one in scaling)])
        clock.process(clock.every(step, end_seconds, self._read))

    def finish(self) -> Timeline:
        """Close what is in hand at the end of the run, and count it."""
        self.targets.close()
        self.timeline.add(self.targets.read())
        self.timeline.close_row()
        return self.timeline

    def _read(self) -> None:
        period = self.targets.read()
        self.timeline.add(period)
        for scaling in self.scaling:
            scaling.observe(period)
