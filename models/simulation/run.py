"""The result of a simulation: facts, and what is read from them. Immutable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.services.autoscaling import AutoScalingGroup
from models.simulation.instance import GroupInstance
from models.simulation.metered import HourlyUsage, billed_instance_seconds, hourly_of_group
from models.simulation.served import AlarmChange, ServedRun
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AlarmChange", "Run"]


@dataclass(frozen=True, repr=False)
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

    def _own_summary(self) -> dict[str, float]:
        return {
            "instance_hours": self.instance_hours,
            "most_instances": float(np.nanmax(self._columns["in_service"])),
            "activities": float(len(self.activities)),
        }

    def _spent_text(self) -> str:
        return f"{quantity_text(round(self.instance_hours, 1))} instance-hours"

    def _own_rows(self) -> Iterator[tuple[str, str]]:
        yield "Instance-hours", quantity_text(round(self.instance_hours, 1))
        yield "Most instances in service", f"{np.nanmax(self._columns['in_service']):.0f}"
        yield "Scaling activities", str(len(self.activities))
