"""The result of a simulation of functions: facts, and what is read from them. Immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.errors import UnknownNameError, did_you_mean
from models.metering import Usage
from models.services.lambda_ import Function, Invocation
from models.services.lambda_.rules import MS_PER_SECOND
from models.simulation.functions.assembling import apis_of, entries_of
from models.simulation.functions.metered import (
    hourly_of_api,
    hourly_of_function,
    hourly_requests,
    standing,
    standing_of_api,
)
from models.simulation.functions.outcomes import COLD, OK, OUTCOMES, STARTS, THROTTLED
from models.simulation.functions.pool import Totals
from models.simulation.functions.provisioned import Allocation
from models.simulation.latency import quantile_seconds
from models.simulation.metered import HourlyUsage, over_period
from models.simulation.run import AlarmChange
from models.simulation.shown import as_table, column_of, ms_text
from models.units import MB_PER_GB, SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FunctionRun:
    """What happened when requests met functions.

    Parameters
    ----------
    duration_seconds : float
        [s]
    engine : str
        ``compiled`` or ``readable``.
    seed : int
    invocations : tuple of Invocation
    functions : tuple of Function
        Each invocation's own, followed by those that it calls.
    totals : Totals
        Everything counted, by function.
    allocations : tuple of Allocation
        Changes of provisioned concurrency.
    alarm_history : tuple of AlarmChange
    records : array, or None
        One row for each request, where they were kept: see `serving.RECORD`.

    Notes
    -----
    A *request* is what a client sends; it ends once. An *attempt* is one try to invoke a function,
    by a client or by another function; retries are attempts, and attempts are what AWS bills.
    """

    duration_seconds: float
    engine: str
    seed: int
    invocations: tuple[Invocation, ...]
    functions: tuple[Function, ...]
    totals: Totals
    allocations: tuple[Allocation, ...]
    alarm_history: tuple[AlarmChange, ...]
    records: NDArray[np.void] | None
    _columns: tuple[Mapping[str, NDArray[np.float64]], ...] = field(repr=False)

    def _number(self, function: str | None) -> int:
        names = [one.name for one in self.functions]
        if function is None:
            return 0
        if function not in names:
            hint = did_you_mean(function, names) or f"; there are {', '.join(names)}"
            raise UnknownNameError(f"no function is called {function!r}{hint}")
        return names.index(function)

    @cached_property
    def outcomes(self) -> dict[str, int]:
        """Requests of all clients by how they ended; they add up to the arrivals."""
        return dict(zip(OUTCOMES, self.totals.requests.sum(axis=0).tolist(), strict=True))

    @property
    def requests(self) -> int:
        """Requests that arrived."""
        return sum(self.outcomes.values())

    @property
    def error_share(self) -> float:
        """Share of the decided requests that were not answered. [share]"""
        decided = self.requests - self.outcomes["unfinished"]
        return 1 - self.outcomes["ok"] / decided if decided else 0.0

    def attempts(self, function: str | None = None) -> dict[str, int]:
        """Attempts at a function (the first unless named) by how they ended."""
        counts = self.totals.attempts[self._number(function)].tolist()
        return dict(zip(OUTCOMES, counts, strict=True))

    def starts(self, function: str | None = None) -> dict[str, int]:
        """Attempts that a function took on: warm, cold, provisioned."""
        return dict(zip(STARTS, self.totals.starts[self._number(function)].tolist(), strict=True))

    def cold_share(self, function: str | None = None) -> float:
        """Share of the invocations that began with a cold start. [share]"""
        starts = self.totals.starts[self._number(function)]
        return float(starts[COLD] / starts.sum()) if starts.sum() else 0.0

    def throttled_share(self, function: str | None = None) -> float:
        """Share of the attempts that were throttled. [share]"""
        number = self._number(function)
        throttled = int(self.totals.attempts[number, list(THROTTLED)].sum())
        tried = int(self.totals.starts[number].sum()) + throttled
        return throttled / tried if tried else 0.0

    @property
    def histogram(self) -> NDArray[np.int64]:
        """Answers by the time that they took: see `models.simulation.latency`."""
        summed: NDArray[np.int64] = self.totals.histogram.sum(axis=0)
        return summed

    def latency_seconds(self, share: float, function: str | None = None) -> float:
        """Time within which `share` of the answers came; 0.99 is the 99th percentile. [s]

        Raises
        ------
        InvalidInputError
            Where `share` is outside 0 to 1.
        """
        rows = self.totals.histogram
        return quantile_seconds(
            rows.sum(axis=0) if function is None else rows[self._number(function)], share
        )

    @property
    def mean_latency_seconds(self) -> float:
        """Mean time to an answer. [s]"""
        answered = self.totals.requests[:, OK].sum()
        return float(self.totals.latency_seconds[:, 0].sum() / answered) if answered else np.nan

    def mean_concurrency(self, function: str | None = None) -> float:
        """Environments at work, on average over the run, provisioned ones with them."""
        number = self._number(function)
        totals = self.totals
        seconds = totals.busy_seconds[number] + totals.provisioned_seconds[number]
        return float(seconds / self.duration_seconds)

    def mean_environments(self, function: str | None = None) -> float:
        """Environments that were there, on average, without provisioned ones."""
        seconds = self.totals.environment_seconds[self._number(function)]
        return float(seconds / self.duration_seconds)

    def billed_gb_seconds(self, function: str | None = None) -> float:
        """Duration charged, outside and inside provisioned environments. [GB-s]"""
        number = self._number(function)
        ms = int(self.totals.billed_ms[number] + self.totals.provisioned_ms[number])
        return ms / MS_PER_SECOND * self.functions[number].memory_size_mb / MB_PER_GB

    def column(self, name: str, function: str | None = None) -> NDArray[np.float64]:
        """One column of the timeline of a function: a value for each row, a minute by default.

        Raises
        ------
        InvalidInputError
            Where there is no such column.
        """
        return column_of(self._columns[self._number(function)], name)

    @cached_property
    def timeline(self) -> pd.DataFrame:
        """One row for each function and minute, or whatever length was asked for."""
        import pandas as pd

        frames = [
            pd.DataFrame({"function": one.name, **columns})
            for one, columns in zip(self.functions, self._columns, strict=True)
        ]
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def allocation_log(self) -> pd.DataFrame:
        """Changes of provisioned concurrency as a table."""
        import pandas as pd

        return pd.DataFrame(self.allocations, columns=list(Allocation._fields))

    def usage(self, period: BillingPeriod = TYPICAL) -> Usage:
        """What AWS counts in a billing period throughout which things go as in this run.

        The usage is scaled, not the cost: price it once, because tiers make cost a curve.
        """
        metered = over_period(self.metered_hourly(), self.duration_seconds, period)
        apis = apis_of(self.invocations).values()
        idle = [standing(one, period) for one in self.functions]
        idle += [standing_of_api(api, period) for api in apis]
        return Usage.sum([metered, *idle], period=period)

    def metered_hourly(self) -> HourlyUsage:
        """Usage of each hour of the run. Time is billed in the hour in which it ends."""
        metered: HourlyUsage = {}
        for function, columns in zip(self.functions, self._columns, strict=True):
            metered |= hourly_of_function(function, columns)
        entries = entries_of(self.invocations)
        for number, invocation in zip(entries, self.invocations, strict=True):
            if invocation.api is not None:
                for key, hourly in hourly_of_api(invocation.api, self._columns[number]).items():
                    metered[key] = metered.get(key, 0.0) + hourly
        return metered

    def hourly_requests(self) -> NDArray[np.float64]:
        """What clients asked of the first function in each hour, repeated requests too."""
        return hourly_requests(self._columns[0])

    def summary(self, function: str | None = None) -> dict[str, float]:
        """The figures that people compare runs by."""
        return {
            "requests": self.requests,
            "error_share": self.error_share,
            "cold_share": self.cold_share(function),
            "throttled_share": self.throttled_share(function),
            "mean_latency_seconds": self.mean_latency_seconds,
            "p50_seconds": self.latency_seconds(0.5),
            "p99_seconds": self.latency_seconds(0.99),
            "mean_concurrency": self.mean_concurrency(function),
            "mean_environments": self.mean_environments(function),
            "billed_gb_seconds": self.billed_gb_seconds(function),
        }

    def __repr__(self) -> str:
        hours = self.duration_seconds / SECONDS_PER_HOUR
        return (
            f"FunctionRun({quantity_text(hours)} h, {quantity_text(self.requests)} requests,"
            f" {self.error_share:.2%} errors, {self.cold_share():.3%} cold,"
            f" p50 {ms_text(self.latency_seconds(0.5))}, p99 {ms_text(self.latency_seconds(0.99))})"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("Time simulated", f"{quantity_text(self.duration_seconds / SECONDS_PER_HOUR)} hours"),
            ("Requests", quantity_text(self.requests)),
            *((name, quantity_text(count)) for name, count in self.outcomes.items() if count),
            ("Median response", ms_text(self.latency_seconds(0.5))),
            ("99th percentile", ms_text(self.latency_seconds(0.99))),
        ]
        for one in self.functions:
            share = f"{self.cold_share(one.name):.3%}"
            rows.append((f"{one.name}: cold starts", share))
            mean = quantity_text(round(self.mean_concurrency(one.name), 2))
            rows.append((f"{one.name}: mean concurrency", mean))
        return as_table(rows)
