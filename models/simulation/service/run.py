"""The result of a simulated service: facts, and what is read from them. Immutable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.services.ecs import CapacityProvider, Service
from models.simulation.instance import GroupInstance
from models.simulation.metered import HourlyUsage, billed_instance_seconds, hourly_of_group
from models.simulation.served import ServedRun
from models.simulation.service.controller import Rollout
from models.simulation.service.metered import hourly_of_service, task_hours
from models.simulation.service.task import Task
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Rollout", "ServiceRun"]


@dataclass(frozen=True, repr=False)
class ServiceRun(ServedRun):
    """What happened when a trace met a service of Amazon ECS.

    In the timeline `in_service` are running tasks, `healthy` those the load balancer sends to.

    Parameters
    ----------
    service : Service
    capacity_provider : CapacityProvider, or None
    rollouts : tuple of Rollout
        Deployments in their order, rollbacks with them.
    """

    service: Service
    capacity_provider: CapacityProvider | None
    rollouts: tuple[Rollout, ...]
    _tasks: tuple[Task, ...] = field(repr=False)
    _hosts: tuple[GroupInstance, ...] = field(repr=False)

    @property
    def task_hours(self) -> float:
        """Task-hours in the time simulated, from the pull of the image on, as AWS charges. [h]"""
        return float(task_hours(self._tasks, self.duration_seconds).sum())

    @property
    def instance_hours(self) -> float:
        """Hours of container instances that AWS charges for in the time simulated. [h]"""
        seconds = billed_instance_seconds(self._hosts, self.duration_seconds)
        return float(seconds.sum() / SECONDS_PER_HOUR)

    @cached_property
    def task_log(self) -> pd.DataFrame:
        """One row for each task: what it was of, where it ran, and when it was what. [s]

        `created_seconds` is when its start was asked for, `pull_seconds` when its image began to be
        pulled, `running_seconds` when it ran, `stopped_seconds` when it was gone.
        """
        import pandas as pd

        columns = (
            "task", "version", "spot", "zone", "created_seconds", "pull_seconds",
            "running_seconds", "stopped_seconds", "was_healthy",
        )  # fmt: skip
        rows = [
            (
                one.instance_id, one.version.number, one.spot, one.zone, one.launched_seconds,
                one.running_seconds, one.in_service_seconds, one.terminated_seconds,
                one.was_healthy,
            )
            for one in sorted(self._tasks, key=lambda one: one.launched_seconds)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def metered_hourly(self, period: BillingPeriod = TYPICAL) -> HourlyUsage:
        """Usage of each hour of the run: of the tasks on Fargate or of the instances, and of the
        load balancer.

        `period` says how many hours a month has, by which AWS counts volumes and metrics.
        """
        end = self.duration_seconds
        metered = self._metered_balancer() | hourly_of_service(self.service, self._tasks, end)
        if self.capacity_provider is not None:
            group = self.capacity_provider.auto_scaling_group
            metered |= hourly_of_group(group, self._hosts, end, period)
        return metered

    def hosts_in_service(self, seconds: float) -> int:
        """Container instances that took tasks at that instant."""
        return sum(
            one.in_service_seconds <= seconds < one.terminated_seconds for one in self._hosts
        )

    @property
    def start_seconds(self) -> NDArray[np.float64]:
        """From asking for a task until it ran, of each task that was started in the run. [s]"""
        return np.array(
            [
                one.in_service_seconds - one.launched_seconds
                for one in self._tasks
                if 0 <= one.in_service_seconds < np.inf
            ]
        )

    def _own_summary(self) -> dict[str, float]:
        return {
            "task_hours": self.task_hours,
            "instance_hours": self.instance_hours,
            "most_tasks": float(np.nanmax(self._columns["in_service"])),
            "deployments": float(len(self.rollouts)),
        }

    def _spent_text(self) -> str:
        return f"{quantity_text(round(self.task_hours, 1))} task-hours"

    def _own_rows(self) -> Iterator[tuple[str, str]]:
        yield "Task-hours", quantity_text(round(self.task_hours, 1))
        yield "Most tasks running", f"{np.nanmax(self._columns['in_service']):.0f}"
        if self.capacity_provider is not None:
            yield "Hours of container instances", quantity_text(round(self.instance_hours, 1))
        yield from ((f"Deployment {one.number}", one.status) for one in self.rollouts)
