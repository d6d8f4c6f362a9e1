"""The result of a simulation: facts, and what is read from them. Immutable."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.services.autoscaling import AutoScalingGroup
from models.simulation.instance import GroupInstance
from models.simulation.metered import HourlyUsage, billed_instance_seconds, hourly_of_group
from models.simulation.served import AlarmChange, ServedRun
from models.simulation.shown import as_table, ms_text
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AlarmChange", "Run"]


@dataclass(frozen=True)
class Run(ServedRun):
    """What happened when a trace met a group.

    Parameters
    ----------
    groups : tuple of AutoScalingGroup
    """

    groups: tuple[AutoScalingGroup, ...]
    _instances: tuple[tuple[GroupInstance, ...], ...] = field(repr=False)

    @property
    def instance_hours(self) -> float:
        """Instance-hours that AWS charges for in the time simulated. [h]"""
        return float(self.hourly_instance_hours.sum())

    @property
    def hourly_instance_hours(self) -> NDArray[np.float64]:
        """Instance-hours charged in each hour of the run. [h]"""
        each = [billed_instance_seconds(one, self.duration_seconds) for one in self._instances]
        return np.asarray(sum(each)) / SECONDS_PER_HOUR

    @cached_property
    def hourly_usage(self) -> pd.DataFrame:
        """Requests and instance-hours of each hour of the run."""
        import pandas as pd

        requests = self._hourly_requests()
        hours = self.hourly_instance_hours[: len(requests)]
        return pd.DataFrame(
            {"hour": np.arange(len(requests)), "requests": requests, "instance_hours": hours}
        )

    def metered_hourly(self, period: BillingPeriod = TYPICAL) -> HourlyUsage:
        """Usage of each hour of the run, for what the simulation meters by the hour.

        `period` says how many hours a month has, by which AWS counts volumes and metrics.
        """
        metered = self._metered_balancer()
        for group, instances in zip(self.groups, self._instances, strict=True):
            metered |= hourly_of_group(group, instances, self.duration_seconds, period)
        return metered

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
