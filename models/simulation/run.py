"""The result of a simulation: facts, and what is read from them. Immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.metering import Usage
from models.services.autoscaling import AutoScalingGroup
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation.activities import Activity
from models.simulation.instance import GroupInstance
from models.simulation.latency import quantile_seconds
from models.simulation.metered import (
    HourlyUsage,
    billed_instance_seconds,
    hourly_of_balancer,
    hourly_of_group,
    over_period,
    standing_of_balancer,
)
from models.simulation.outcomes import OUTCOMES
from models.simulation.shown import as_table, column_of, ms_text
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


@dataclass(frozen=True)
class Run:
    """What happened when a trace met a group.

    Parameters
    ----------
    duration_seconds : float
        [s]
    engine : str
        ``compiled``, ``readable`` or ``fluid``; what `fluid` says about latency is approximate.
    seed : int
    groups : tuple of AutoScalingGroup
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
    groups: tuple[AutoScalingGroup, ...]
    load_balancer: ApplicationLoadBalancer
    outcomes: Mapping[str, float]
    activities: tuple[Activity, ...]
    alarm_history: tuple[AlarmChange, ...]
    records: NDArray[np.void] | None
    _columns: Mapping[str, NDArray[np.float64]] = field(repr=False)
    _histogram: NDArray[Any] = field(repr=False)
    _latency_sum_seconds: float = field(repr=False)
    _instances: tuple[tuple[GroupInstance, ...], ...] = field(repr=False)

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

    def latency_seconds(self, share: float) -> float:
        """Time within which `share` of the answers came; 0.99 is the 99th percentile. [s]

        Raises
        ------
        InvalidInputError
            Where `share` is outside 0 to 1.
        """
        return quantile_seconds(self._histogram, share)

    @property
    def instance_hours(self) -> float:
        """Instance-hours that AWS charges for in the time simulated. [h]"""
        return float(self.hourly_instance_hours.sum())

    @property
    def hourly_instance_hours(self) -> NDArray[np.float64]:
        """Instance-hours charged in each hour of the run. [h]"""
        each = [billed_instance_seconds(one, self.duration_seconds) for one in self._instances]
        return np.asarray(sum(each)) / SECONDS_PER_HOUR

    def column(self, name: str) -> NDArray[np.float64]:
        """One column of the timeline: a value for each minute.

        Traffic, latency and utilization are those of the minute; sizes of the fleet are read at
        its end.

        Raises
        ------
        InvalidInputError
            Where there is no such column.
        """
        return column_of(self._columns, name)

    @cached_property
    def timeline(self) -> pd.DataFrame:
        """One row for each minute: traffic, capacity, latency and how requests ended."""
        import pandas as pd

        return pd.DataFrame(dict(self._columns))

    @cached_property
    def activity_log(self) -> pd.DataFrame:
        """The activities as a table."""
        import pandas as pd

        return pd.DataFrame([vars(activity) for activity in self.activities])

    @cached_property
    def alarm_log(self) -> pd.DataFrame:
        """The changes of the alarms' states as a table."""
        import pandas as pd

        names = ["seconds", "alarm", "before", "after"]
        return pd.DataFrame([vars(change) for change in self.alarm_history], columns=names)

    @cached_property
    def hourly_usage(self) -> pd.DataFrame:
        """Requests and instance-hours of each hour of the run."""
        import pandas as pd

        requests = self._hourly_requests()
        hours = self.hourly_instance_hours[: len(requests)]
        return pd.DataFrame(
            {"hour": np.arange(len(requests)), "requests": requests, "instance_hours": hours}
        )

    def usage(self, period: BillingPeriod = TYPICAL) -> Usage:
        """What AWS counts in a billing period throughout which things go as in this run.

        The usage is scaled, not the cost: price it once, because tiers make cost a curve.
        """
        metered = over_period(self.metered_hourly(period), self.duration_seconds, period)
        return standing_of_balancer(self.load_balancer, period) + metered

    def metered_hourly(self, period: BillingPeriod = TYPICAL) -> HourlyUsage:
        """Usage of each hour of the run, for what the simulation meters by the hour.

        `period` says how many hours a month has, by which AWS counts volumes and metrics.
        """
        metered = hourly_of_balancer(
            self.load_balancer, self._hourly_requests(), self.duration_seconds
        )
        for group, instances in zip(self.groups, self._instances, strict=True):
            metered |= hourly_of_group(group, instances, self.duration_seconds, period)
        return metered

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
            "instance_hours": self.instance_hours,
            "most_instances": float(np.nanmax(self._columns["in_service"])),
            "activities": float(len(self.activities)),
        }

    def __repr__(self) -> str:
        hours = self.duration_seconds / SECONDS_PER_HOUR
        return (
            f"Run({quantity_text(hours)} h, {quantity_text(round(self.requests))} requests,"
            f" {self.error_share:.2%} errors, p50 {ms_text(self.latency_seconds(0.5))},"
            f" p99 {ms_text(self.latency_seconds(0.99))},"
            f" {quantity_text(round(self.instance_hours, 1))} instance-hours)"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("Time simulated", f"{quantity_text(self.duration_seconds / SECONDS_PER_HOUR)} hours"),
            ("Requests", quantity_text(round(self.requests))),
            *(
                (name, quantity_text(round(count)))
                for name, count in self.outcomes.items()
                if count
            ),
            ("Median latency", ms_text(self.latency_seconds(0.5))),
            ("99th percentile", ms_text(self.latency_seconds(0.99))),
            ("Instance-hours", quantity_text(round(self.instance_hours, 1))),
            ("Most instances in service", f"{np.nanmax(self._columns['in_service']):.0f}"),
            ("Scaling activities", str(len(self.activities))),
        ]
        note = "Latency is approximate (fluid)" if self.engine == "fluid" else ""
        return as_table(rows, note)


def named_outcomes(counts: NDArray[Any], *, whole: bool) -> dict[str, float]:
    """Counts by the names of the outcomes; whole numbers except from the fluid engine."""
    values = [int(count) if whole else float(count) for count in counts]
    return dict(zip(OUTCOMES, values, strict=True))
