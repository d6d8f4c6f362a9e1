"""The result of a simulation of a table: facts, and what is read from them. Immutable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError
from models.metering import Meter, Usage, UsageKey
from models.services.dynamodb import Table, meters
from models.simulation.metered import Hourly, HourlyUsage, over_period
from models.simulation.served import AlarmChange, alarm_table
from models.simulation.shown import WithTimeline, as_table
from models.simulation.tables.capacity import CapacityChange
from models.simulation.tables.state import KINDS, REASONS, SERVED
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TableRun(WithTimeline):
    """What happened when reads and writes met a table.

    Parameters
    ----------
    duration_seconds : float
        [s]
    engine : str
        ``compiled`` or ``readable``.
    seed : int
    table : Table
    counts : array of shape (2, 1 + reasons)
        Reads and writes: served, and throttled by reason; see `tables.state.REASONS`.
    partitions : int
        At the end.
    changes : tuple of CapacityChange
        What auto scaling and schedules asked for.
    alarm_history : tuple of AlarmChange
    """

    duration_seconds: float
    engine: str
    seed: int
    table: Table
    counts: NDArray[np.int64]
    partitions: int
    changes: tuple[CapacityChange, ...]
    alarm_history: tuple[AlarmChange, ...]
    _columns: Mapping[str, NDArray[np.float64]] = field(repr=False)

    def outcomes(self, kind: str) -> dict[str, int]:
        """Requests of a kind (``read`` or ``write``) by how they ended; they add up to all of them.

        Raises
        ------
        InvalidInputError
            Where there is no such kind.
        """
        if kind not in KINDS:
            raise InvalidInputError(f"kind {kind!r} must be one of {', '.join(KINDS)}")
        counts = self.counts[KINDS.index(kind)].tolist()
        return dict(zip(("served", *REASONS), counts, strict=True))

    @property
    def requests(self) -> int:
        """Reads and writes that came."""
        return int(self.counts.sum())

    @property
    def throttled(self) -> dict[str, int]:
        """Requests that were throttled, by reason, reads and writes together."""
        return dict(zip(REASONS, self.counts[:, SERVED + 1 :].sum(axis=0).tolist(), strict=True))

    @property
    def throttled_share(self) -> float:
        """Share of the requests that was throttled. [share]"""
        return sum(self.throttled.values()) / self.requests if self.requests else 0.0

    def consumed_units(self, kind: str) -> float:
        """Units that the requests of a kind consumed. [units]"""
        return float(self.column(f"{kind}_units").sum())

    def utilization(self, kind: str) -> float:
        """Consumed units over those that could have been, on average over the run. [share]"""
        had = float((self.column(f"{kind}_capacity") * self.column("seconds")).sum())
        return self.consumed_units(kind) / had

    @cached_property
    def activity_log(self) -> pd.DataFrame:
        """Changes of provisioned capacity as a table, refused ones included."""
        import pandas as pd

        return pd.DataFrame(self.changes, columns=list(CapacityChange._fields))

    @cached_property
    def alarm_log(self) -> pd.DataFrame:
        """The changes of the alarms' states as a table."""
        return alarm_table(self.alarm_history)

    def usage(self, period: BillingPeriod = TYPICAL) -> Usage:
        """What AWS counts in a billing period throughout which things go as in this run.

        Storage, backups, streams and reads of indexes are as the table declares them. The usage is
        scaled, not the cost: price it once, because free allowances make cost a curve.
        """
        metered = over_period(self.metered_hourly(), self.duration_seconds, period)
        beside = self.table.beside_requests(period)
        return metered + Usage.of_resource(
            self.table.name, self.table.region, beside, period=period
        )

    def metered_hourly(self) -> HourlyUsage:
        """Usage of each hour of the run.

        Assumed: capacity that changes within an hour is charged by the second.
        """
        metered: HourlyUsage = {}
        for meter, hourly in self._metered():
            key = UsageKey(self.table.name, self.table.region, meter)
            metered[key] = metered.get(key, 0.0) + hourly
        return {key: hourly for key, hourly in metered.items() if np.any(hourly)}

    def _metered(self) -> Iterator[tuple[Meter, Hourly]]:
        kind, writes = self.table.table_class, self.table.write_meter
        if self.table.billing_mode == "PROVISIONED":
            yield meters.READ_CAPACITY[kind], self._provisioned_hours("read")
            yield writes, self._provisioned_hours("write")
            return
        yield meters.READ_REQUESTS[kind], self._by_hour(self.column("read_units"))
        yield writes, self._by_hour(self.column("write_units"))
        served = self._by_hour(self.column("writes") - self.column("writes_throttled"))
        for index in self.table.global_secondary_indexes:
            units = np.asarray(index.units_per_write(self.table.item_size_kb))
            yield meters.WRITE_REQUESTS[kind], served * units

    def _provisioned_hours(self, kind: str) -> Hourly:
        """Units provisioned in each hour. [unit-hours]"""
        seconds = self.column(f"{kind}_capacity") * self.column("seconds")
        return self._by_hour(seconds) / SECONDS_PER_HOUR

    def _by_hour(self, values: NDArray[np.float64]) -> Hourly:
        hours = (self.column("start_seconds") // SECONDS_PER_HOUR).astype(int)
        summed: Hourly = np.bincount(hours, weights=values).astype(np.float64)
        return summed

    def summary(self) -> dict[str, float]:
        """The figures that people compare runs by."""
        return {
            "requests": self.requests,
            "throttled_share": self.throttled_share,
            **{f"throttled_{reason}": count for reason, count in self.throttled.items()},
            "read_units": self.consumed_units("read"),
            "write_units": self.consumed_units("write"),
            "changes": len(self.changes),
            "partitions": self.partitions,
        }

    def __repr__(self) -> str:
        hours = self.duration_seconds / SECONDS_PER_HOUR
        return (
            f"TableRun({quantity_text(hours)} h, {quantity_text(self.requests)} requests,"
            f" {self.throttled_share:.2%} throttled, {len(self.changes)} changes of capacity)"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("Time simulated", f"{quantity_text(self.duration_seconds / SECONDS_PER_HOUR)} hours"),
            ("Requests", quantity_text(self.requests)),
            ("Throttled", f"{self.throttled_share:.2%}"),
            *(
                (f"throttled: {reason.replace('_', ' ')}", quantity_text(count))
                for reason, count in self.throttled.items()
                if count
            ),
            *(
                (f"Units consumed: {kind}s", quantity_text(round(self.consumed_units(kind), 1)))
                for kind in KINDS
            ),
            ("Changes of capacity", str(len(self.changes))),
            ("Partitions at the end", str(self.partitions)),
        ]
        return as_table(rows)
