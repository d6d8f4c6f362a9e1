"""What happened in each minute of a run."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.simulation.controller import Controller
from models.simulation.instance import HEALTHY, NEVER
from models.simulation.latency import BUCKETS, MIDDLES
from models.simulation.outcomes import NO_TARGET, OK, OUTCOMES
from models.simulation.targets import Period

ROW_SECONDS = 60.0
#: Rows that are kept as Python numbers before they become an array.
BLOCK_ROWS = 4096
QUANTILES = {"p50_seconds": 0.5, "p90_seconds": 0.9, "p99_seconds": 0.99}
CAPACITY = ("desired", "in_service", "healthy", "running", "pending", "terminating")
COLUMNS = (
    "start_seconds", "seconds", "requests", *OUTCOMES, *CAPACITY, "cpu_percent",
    "offered_erlangs", "backlog_seconds", "mean_latency_seconds", *QUANTILES,
)  # fmt: skip
#: Of the database behind the targets, where there is one.
DATABASE = (
    "database_connections", "database_executing", "database_waiting", "database_refused",
)  # fmt: skip
_NAN = float("nan")
_UNKNOWN = (_NAN,) * (1 + len(QUANTILES))


class Timeline:
    """Collects periods into rows of a minute; 8 bytes a column and minute.

    Parameters
    ----------
    groups : sequence of Controller
        Whose instances or tasks are counted.
    """

    def __init__(self, groups: Sequence[Controller[Any]]) -> None:
        self.outcomes: NDArray[Any] = np.zeros(len(OUTCOMES))
        self.histogram: NDArray[Any] = np.zeros(BUCKETS)
        self.latency_sum_seconds = 0.0
        self._groups, self._now, self._rows = groups, 0.0, 0
        self._recent: list[tuple[float, ...]] = []
        self._blocks: list[NDArray[np.float64]] = []
        self._database: list[tuple[float, ...]] = []
        self._open: Period | None = None
        self._kept: dict[Controller[Any], tuple[int, tuple[int, ...], list[int]]] = {}

    def add(self, period: Period) -> None:
        """Take in what was counted; a row is closed where a minute is full."""
        self._now += period.seconds
        self._open = period if self._open is None else self._open.followed_by(period)
        if self._now >= (self._rows + 1) * ROW_SECONDS - 1e-6:
            self.close_row()

    def close_row(self) -> None:
        """Write the row of the periods since the last one."""
        period, self._open = self._open, None
        if period is None or not period.seconds:  # a closed loop that ended at a full minute
            return
        self.outcomes += period.outcomes
        counts = period.outcomes.tolist()
        capacity, cpu_percent = self._fleet(period)
        self._recent.append(
            (
                self._now - period.seconds, period.seconds, sum(period.routed) + counts[NO_TARGET],
                *counts, *capacity, cpu_percent, period.offered_erlangs, period.backlog_seconds,
                *self._latencies(period, counts[OK]),
            )
        )  # fmt: skip
        if period.database is not None:
            seen = period.database
            executing = seen.busy_seconds / period.seconds
            self._database.append((seen.connections, executing, seen.waiting, seen.refused))
        if len(self._recent) == BLOCK_ROWS:
            self._blocks.append(np.array(self._recent))
            self._recent = []
        self._rows += 1

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """Every column by name, one value for each minute."""
        rows = np.array(self._recent).reshape(-1, len(COLUMNS))
        columns = np.concatenate([*self._blocks, rows]).T.copy()
        named = dict(zip(COLUMNS, columns, strict=True))
        if self._database:
            named |= zip(DATABASE, np.array(self._database, dtype=np.float64).T, strict=True)
        return named

    def _fleet(self, period: Period) -> tuple[list[int], float]:
        """Instances in each state; mean CPU utilization of those in service. [percent]"""
        counts = [0] * len(CAPACITY)
        used = available = 0.0
        for group in self._groups:
            states, slots = self._states(group)
            counts = list(map(add, counts, (group.desired, *states)))
            application = group.group.application
            work = sum(map(period.work.__getitem__, slots))
            used += work * application.cpu_percent_when_busy
            available += len(slots) * period.seconds * application.workers
        return counts, used / available if available else _NAN

    def _states(self, group: Controller[Any]) -> tuple[tuple[int, ...], list[int]]:
        """Instances of a group in each state, and the slots in service; kept until one changes."""
        kept = self._kept.get(group)
        if kept is not None and kept[0] == group.changes.count:
            return kept[1:]
        slots = [one.slot for one in group.in_service()]
        healthy = sum(one.target_state == HEALTHY for one in group.instances)
        running = sum(one.running_seconds < NEVER for one in group.instances)
        pending = sum(one.pending for one in group.instances)
        leaving = len(group.instances) - len(slots) - pending
        counts = len(slots), healthy, running, pending, leaving
        self._kept[group] = group.changes.count, counts, slots
        return counts, slots

    def _latencies(self, period: Period, answered: float) -> tuple[float, ...]:
        """Mean and quantiles of the answers of this row; not known for a stream. [s]"""
        if not len(period.histogram) or not answered:
            return _UNKNOWN
        self.histogram += period.histogram
        self.latency_sum_seconds += period.latency_sum_seconds
        reached = np.cumsum(period.histogram)
        ranks = np.array(list(QUANTILES.values())) * reached[-1]
        mean = period.latency_sum_seconds / answered
        return mean, *MIDDLES[np.searchsorted(reached, ranks)].tolist()
