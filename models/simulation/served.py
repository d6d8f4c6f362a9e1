"""What every run of targets behind a load balancer reports. Immutable."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.metering import Usage
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation.activities import Activity
from models.simulation.latency import quantile_seconds
from models.simulation.metered import (
    HourlyUsage,
    hourly_of_balancer,
    over_period,
    standing_of_balancer,
)
from models.simulation.outcomes import OUTCOMES
from models.simulation.shown import WithTimeline, as_table, ms_text
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class AlarmChange:
    """An alarm that changed its state.

    Parameters
    ----------
    seconds : float
        Since the start of the run. [s]
    alarm : str
    before, after : str
        ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``.
    """

    seconds: float
    alarm: str
    before: str
    after: str


def alarm_table(history: Sequence[AlarmChange]) -> pd.DataFrame:
    """Changes of alarms, a row each."""
    import pandas as pd

    names = ["seconds", "alarm", "before", "after"]
    return pd.DataFrame([vars(change) for change in history], columns=names)


@dataclass(frozen=True, repr=False)
class ServedRun(WithTimeline, ABC):
    """What happened when a trace met targets behind a load balancer.

    Parameters
    ----------
    duration_seconds : float
        [s]
    engine : str
        ``compiled``, ``readable`` or ``fluid``; what `fluid` says about latency is approximate.
    seed : int
    load_balancer : ApplicationLoadBalancer
    outcomes : mapping of str to float
        Requests by how they ended; they add up to the arrivals.
    activities : tuple of Activity
    alarm_history : tuple of AlarmChange
    records : array, or None
        One row for each request, where they were kept: see `targets.RECORD`.
    """

    duration_seconds: float
    engine: str
    seed: int
    load_balancer: ApplicationLoadBalancer
    outcomes: Mapping[str, float]
    activities: tuple[Activity, ...]
    alarm_history: tuple[AlarmChange, ...]
    records: NDArray[np.void] | None
    _columns: Mapping[str, NDArray[np.float64]] = field(repr=False)
    _histogram: NDArray[Any] = field(repr=False)
    _latency_sum_seconds: float = field(repr=False)

    @property
    def requests(self) -> float:
        """Requests that arrived."""
        return float(sum(self.outcomes.values()))

    @property
    def error_share(self) -> float:
        """Share of the requests that were not answered; unfinished ones are not errors. [share]"""
        decided = self.requests - self.outcomes["unfinished"]
        return 1 - self.outcomes["ok"] / decided if decided else 0.0

    @property
    def mean_latency_seconds(self) -> float:
        """Mean time to an answer. [s]"""
        answered = self.outcomes["ok"]
        return self._latency_sum_seconds / answered if answered else float("nan")

    @property
    def histogram(self) -> NDArray[Any]:
        """Answers by the time that they took: see `models.simulation.latency`."""
        return self._histogram

    def latency_seconds(self, share: float) -> float:
        """Time within which `share` of the answers came; 0.99 is the 99th percentile. [s]

        Raises
        ------
        InvalidInputError
            Where `share` is outside 0 to 1.
        """
        return quantile_seconds(self._histogram, share)

    @cached_property
    def activity_log(self) -> pd.DataFrame:
        """The activities as a table."""
        import pandas as pd

        return pd.DataFrame([vars(activity) for activity in self.activities])

    @cached_property
    def alarm_log(self) -> pd.DataFrame:
        """The changes of the alarms' states as a table."""
        return alarm_table(self.alarm_history)

    def usage(self, period: BillingPeriod = TYPICAL) -> Usage:
        """What AWS counts in a billing period throughout which things go as in this run.

        The usage is scaled, not the cost: price it once, because tiers make cost a curve.
        """
        metered = over_period(self.metered_hourly(period), self.duration_seconds, period)
        return standing_of_balancer(self.load_balancer, period) + metered

    @abstractmethod
    def metered_hourly(self, period: BillingPeriod = TYPICAL) -> HourlyUsage:
        """Usage of each hour of the run, for what the simulation meters by the hour."""

    def _metered_balancer(self) -> HourlyUsage:
        return hourly_of_balancer(
            self.load_balancer, self._hourly_requests(), self.duration_seconds
        )

    def _hourly_requests(self) -> NDArray[np.float64]:
        hours = (self._columns["start_seconds"] // SECONDS_PER_HOUR).astype(int)
        counts = np.bincount(hours, weights=self._columns["requests"])
        return counts.astype(np.float64)

    def summary(self) -> dict[str, float]:
        """The figures that people compare runs by."""
        return {
            "requests": self.requests,
            "error_share": self.error_share,
            "mean_latency_seconds": self.mean_latency_seconds,
            "p50_seconds": self.latency_seconds(0.5),
            "p99_seconds": self.latency_seconds(0.99),
            **self._own_summary(),
        }

    @abstractmethod
    def _own_summary(self) -> dict[str, float]:
        """What this kind of run adds to the summary."""

    @abstractmethod
    def _spent_text(self) -> str:
        """What was spent, such as instance-hours."""

    @abstractmethod
    def _own_rows(self) -> Iterator[tuple[str, str]]:
        """What this kind of run shows beside requests and latency."""

    def __repr__(self) -> str:
        hours = self.duration_seconds / SECONDS_PER_HOUR
        return (
            f"{type(self).__name__}({quantity_text(hours)} h,"
            f" {quantity_text(round(self.requests))} requests, {self.error_share:.2%} errors,"
            f" p50 {ms_text(self.latency_seconds(0.5))}, p99 {ms_text(self.latency_seconds(0.99))},"
            f" {self._spent_text()})"
        )

    def _repr_html_(self) -> str:
        ended = ((name, count) for name, count in self.outcomes.items() if count)
        rows = [
            ("Time simulated", f"{quantity_text(self.duration_seconds / SECONDS_PER_HOUR)} hours"),
            ("Requests", quantity_text(round(self.requests))),
            *((name, quantity_text(round(count))) for name, count in ended),
            ("Median latency", ms_text(self.latency_seconds(0.5))),
            ("99th percentile", ms_text(self.latency_seconds(0.99))),
            *self._own_rows(),
        ]
        note = "Latency is approximate (fluid)" if self.engine == "fluid" else ""
        return as_table(rows, note)


def named_outcomes(counts: NDArray[Any], *, whole: bool) -> dict[str, float]:
    """Counts by the names of the outcomes; whole numbers except from the fluid engine."""
    values = [int(count) if whole else float(count) for count in counts]
    return dict(zip(OUTCOMES, values, strict=True))
