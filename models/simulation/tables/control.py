"""What DynamoDB and auto scaling decide while requests run: capacity, peaks, partitions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.quotas import value_of
from models.services.dynamodb import Table, partitions
from models.simulation.activities import ActivityLog
from models.simulation.assumptions import Assumptions
from models.simulation.clock import Clock
from models.simulation.run import AlarmChange
from models.simulation.scaling import DynamicScaling
from models.simulation.schedule import follow_schedule
from models.simulation.tables.assumptions import TableAssumptions
from models.simulation.tables.capacity import CapacityChange, Decreases, Peak, ScaledCapacity
from models.simulation.tables.demand import Demand
from models.simulation.tables.keys import Partitions
from models.simulation.tables.state import (
    ACCOUNT,
    KINDS,
    LIMITS,
    MAXIMUM,
    PEAK,
    SERVED,
    Serve,
    State,
    new_state,
)
from models.simulation.tables.timeline import TableTimeline
from models.simulation.targets import Period

MINUTE_SECONDS = 60
_PERCENT = 100.0
#: A reading without targets: the metrics of a table take nothing from it.
_PERIOD = Period(float(MINUTE_SECONDS), (), (), np.zeros(0), 0.0, np.zeros(0))

Pair = NDArray[np.float64]


def _declared(table: Table, pattern: str) -> Pair:
    """What the table declares of reads and of writes under names like this; 0 where nothing."""
    found = [getattr(table, pattern.format(kind)) for kind in KINDS]
    return np.array([0.0 if one is None else one for one in found], dtype=np.float64)


class Control:
    """The control plane of one table, and its timeline.

    Parameters
    ----------
    clock : Clock
    table : Table
    demand : Demand
    weights : array
        Share of the requests of each key. [share]
    serve : function
        The engine.
    assumed : TableAssumptions
    row_seconds : int
    """

    def __init__(
        self, clock: Clock, table: Table, demand: Demand, weights: Pair, serve: Serve, *,
        assumed: TableAssumptions, row_seconds: int,
    ) -> None:  # fmt: skip
        self.clock, self.table, self._demand, self._serve = clock, table, demand, serve
        self._assumed, self._served = assumed, 0
        self.changes: list[CapacityChange] = []
        self._peaks: list[Peak] = []
        self._warm = _declared(table, "warm_{}_units_per_second")
        on_demand = table.billing_mode == "PAY_PER_REQUEST"
        self.state = self._new_state(on_demand=on_demand)
        if on_demand:
            self._limit_on_demand()
        self._partitions = Partitions(weights, assumed.initial_partitions or self._needed())
        self._adopt_partitions()
        self.timeline = TableTimeline(demand.seconds, row_seconds)
        self._row_seconds = row_seconds
        self._areas, self._consumed = np.zeros(2), np.zeros(2)
        self._minute_before = self._areas, self._consumed
        self._used: list[float | None] = [None, None]
        self._scaling = [] if on_demand else self._follow(demand)

    def _new_state(self, *, on_demand: bool) -> State:
        units = float(self.table.units_per_read), float(self.table.units_per_write)
        if on_demand:
            return new_state(units, (np.inf, np.inf))
        capacity, size = _declared(self.table, "{}_capacity_units"), self.table.item_size_kb
        self._warm = np.maximum(self._warm, capacity)
        indexes = [
            (index.write_capacity_units, float(index.units_per_write(size)))
            for index in self.table.global_secondary_indexes
            if np.any(index.units_per_write(size))
        ]
        full_seconds = self._assumed.initial_burst_seconds
        return new_state(units, capacity, indexes, full_seconds=full_seconds)

    def _limit_on_demand(self) -> None:
        limits = self.state.limits
        most = _declared(self.table, "max_{}_request_units")
        limits[:, LIMITS.index(MAXIMUM)] = np.where(most > 0, most, np.inf)
        limits[:, LIMITS.index(ACCOUNT)] = self._assumed.table_units_per_second
        initial = [value_of("dynamodb", f"on_demand_initial_{kind}_units") for kind in KINDS]
        self._warm = np.maximum(self._warm, initial)
        self._peaks = [Peak(units) for units in self._warm.tolist()]
        limits[:, LIMITS.index(PEAK)] = self._warm

    # --- auto scaling -------------------------------------------------------------------------

    def _follow(self, demand: Demand) -> list[DynamicScaling]:
        """Let policies and schedules change the capacity."""
        log, decreases = ActivityLog(demand.start), Decreases(demand.start_of_day_seconds)
        delays = Assumptions(metric_delivery_seconds=self._assumed.metric_delivery_seconds)
        found = []
        for kind, name in enumerate(KINDS):
            scaling = getattr(self.table, f"{name}_scaling")
            if scaling is None:
                continue
            scaled = ScaledCapacity(
                self.clock, self.table.name, name, scaling,
                units=int(self.state.capacity[kind]), warm=float(self._warm[kind]),
                update_seconds=self._assumed.update_seconds, decreases=decreases,
                apply=partial(self._provision, kind), note=self.changes.append,
            )  # fmt: skip
            used = partial(self._utilization, kind)
            found.append(DynamicScaling(scaled, log, delays, {scaled.metric_name: used}))
            follow_schedule(scaled, log, demand.calendar)
        return found

    def _provision(self, kind: int, units: int) -> None:
        """So many units serve from now on."""
        self._serve_until(int(self.clock.now))
        self.state.capacity[kind] = units
        most = self.state.kept_seconds * units
        self.state.bank[kind] = min(self.state.bank[kind], most)
        self._warm[kind] = max(self._warm[kind], units)
        self._grow()

    def _utilization(self, kind: int, _: Any) -> float | None:
        """Consumed capacity of the last minute as a percentage; nothing where none was used."""
        return self._used[kind]

    def alarm_history(self) -> list[AlarmChange]:
        """Changes of the alarms of both policies."""
        return [change for scaling in self._scaling for change in scaling.history]

    # --- every minute -------------------------------------------------------------------------

    def minute(self) -> None:
        """Read what happened, and let everybody decide."""
        now = int(self.clock.now)
        self._serve_until(now)
        self._read_minute()
        for kind, peak in enumerate(self._peaks):
            self._follow_peak(kind, peak)
        self._isolate()
        if now % self._row_seconds == 0:
            self._row(now)
        for scaling in self._scaling:
            scaling.observe(_PERIOD)

    def finish(self) -> None:
        """Serve the rest and close the last row."""
        now = int(self.clock.now)
        self._serve_until(now)
        self._row(now)

    def _row(self, now: int) -> None:
        self.timeline.add(now, self.state, self._areas, self._consumed)

    def _serve_until(self, now: int) -> None:
        if now == self._served:
            return
        requests, spread = self._demand.between(self._served, now)
        before = self.state.counts[:, SERVED].copy()
        self._serve(self.state, requests, spread)
        served = self.state.counts[:, SERVED] - before
        self._consumed = self._consumed + served * self.state.units
        serving = np.minimum(self.state.capacity, self.state.limits.min(axis=1))
        self._areas = self._areas + serving * (now - self._served)
        self._served = now

    def _read_minute(self) -> None:
        areas, consumed = self._minute_before
        used, had = self._consumed - consumed, self._areas - areas
        self._minute_before = self._areas, self._consumed
        self._used = [
            _PERCENT * each / of if each > 0 else None
            for each, of in zip(used.tolist(), had.tolist(), strict=True)
        ]
        self._rate = used / MINUTE_SECONDS

    def _follow_peak(self, kind: int, peak: Peak) -> None:
        """A new peak is what double of it may follow; the table grows to serve it."""
        before = peak.units
        units = peak.after_minute(float(self._rate[kind]))
        if units > before:
            self.state.limits[kind, LIMITS.index(PEAK)] = units
            self._warm[kind] = units
            self._grow()

    # --- partitions ---------------------------------------------------------------------------

    def _needed(self) -> int:
        """Partitions that what the table has ever served takes."""
        reads, writes = self._warm.tolist()
        return partitions(reads, writes, float(self.table.stored_gb))

    def _grow(self) -> None:
        needed = self._needed()
        if needed > len(self._partitions):
            self._partitions.grow_to(needed)
            self._adopt_partitions()

    def _isolate(self) -> None:
        """Split what has throttled in every minute for long enough, where keys allow."""
        heat, delay = self.state.heat, self._assumed.isolation_seconds
        if self._partitions.isolate(heat, MINUTE_SECONDS, delay):
            self._adopt_partitions()
        heat[:] = 0

    def _adopt_partitions(self) -> None:
        """Tell the engine where partitions begin now."""
        heat = np.zeros(len(self._partitions), dtype=np.int64)
        self.state = self.state._replace(edges=self._partitions.edges, heat=heat)
