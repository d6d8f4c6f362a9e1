"""What happened in each minute of a simulated Deployment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.simulation.clock import Clock
from models.simulation.deployment.autoscaling import used_percent
from models.simulation.deployment.fleet import Fleet
from models.simulation.deployment.pods import PodController
from models.simulation.timeline import ROW_SECONDS

COLUMNS = (
    "start_seconds", "seconds", "requests", "served", "unserved", "desired", "ready", "starting",
    "pending", "nodes", "nodes_starting", "cpu_percent",
)  # fmt: skip


class Record:
    """Writes a row for each minute: what flowed in it, and what there is at its end.

    Parameters
    ----------
    clock : Clock
    pods : PodController
    fleet : Fleet
    work_seconds : float
        CPU time of a request. [s]
    end_seconds : float
        When the run ends. [s]
    """

    def __init__(
        self, clock: Clock, pods: PodController, fleet: Fleet, work_seconds: float,
        end_seconds: float,
    ) -> None:  # fmt: skip
        self.pods, self.fleet = pods, fleet
        self._work, self._last = work_seconds, pods.stream.totals()
        self._rows: list[tuple[float, ...]] = []
        clock.process(clock.every(ROW_SECONDS, end_seconds, self._close_row))

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """Close the last row; every column by name, one value for each minute."""
        self._close_row()
        return dict(zip(COLUMNS, np.array(self._rows, dtype=np.float64).T.copy(), strict=True))

    def _close_row(self) -> None:
        pods, stream = self.pods, self.pods.stream
        totals = stream.totals()
        flowed, start, self._last = totals.since(self._last), self._last.seconds, totals
        pending, ready = len(pods.pending), len(self.fleet.ready)
        percent = used_percent(
            flowed.served, flowed.pod_seconds, self._work, pods.deployment.cpu_request
        )
        self._rows.append(
            (
                start, flowed.seconds, flowed.requests, flowed.served,
                flowed.requests - flowed.served, pods.desired, stream.ready,
                len(pods.pods) - stream.ready - pending, pending, ready,
                len(self.fleet.nodes) - ready, percent,
            )
        )  # fmt: skip
