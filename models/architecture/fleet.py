"""Tiers behind a load balancer: instances of an Auto Scaling group, or tasks of an ECS service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from models.architecture.balancing import balancer_usage
from models.architecture.load import Load
from models.architecture.sizing import PERCENT, capacity, offered, whole_above
from models.architecture.tiers import overload
from models.metering import Usage
from models.resource import Resource
from models.scaling.packing import items_per_host
from models.services.autoscaling import Application, AutoScalingGroup
from models.services.ecs import CapacityProvider, Service
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation import Database, Run, ServiceRun, simulate, simulate_service
from models.units import SECONDS_PER_HOUR, BillingPeriod
from models.workload import Trace


@dataclass(frozen=True)
class Behind:
    """What a fleet of either kind has: a load balancer in front, perhaps a database behind.

    Parameters
    ----------
    load_balancer : ApplicationLoadBalancer
    database : Database, optional
        What its workers ask; `application.queries` says how.
    slowdown : float
        How much longer a request holds a worker here than the trace says.
    """

    load_balancer: ApplicationLoadBalancer
    database: Database | None = None
    slowdown: float = 1.0

    asynchronous = False

    def _fleet_capacity(self, load: Load, application: Application, most: int) -> float:
        """Requests that so many targets can answer. [1/s]"""
        held = offered(load.slower(self.slowdown), application).sum() / load.per_second.sum()
        return float(most * application.workers / held)

    def _database_capacity(self, application: Application) -> float:
        """Requests that the database behind them can answer. [1/s]"""
        queries = application.queries
        if self.database is None or queries is None:
            return float("inf")
        return self.database.vcpus / (queries.share * queries.time.mean_seconds)

    def _obstacles(
        self, load: Load, served: AutoScalingGroup | Service, most: int, limit: str
    ) -> Iterator[str]:
        name, application = served.name, served.application
        queries = application.queries
        held = load.work.mean_seconds * self.slowdown
        held += queries.time.mean_seconds if queries else 0.0
        patience = min(
            application.client_timeout_seconds or inf, served.target_group.idle_timeout_seconds
        )
        if held > patience:
            yield (
                f"{name}: a request takes {held:,.4g} s on average, and its client or the load"
                f" balancer waits {patience:,.4g} s"
            )
        yield from overload(name, load, self._fleet_capacity(load, application, most), limit)
        if self.database is not None:
            limit = f"a database that does {self.database.vcpus} statements at a time"
            yield from overload(name, load, self._database_capacity(application), limit)

    def _balancer(self, load: Load, period: BillingPeriod) -> Usage:
        return balancer_usage(
            self.load_balancer, load.hourly_requests, load.duration_seconds, period
        )


def mean_of_hours(values: np.ndarray, load: Load) -> float:
    """Mean over the time of a load of a value for each of its hours."""
    starts = np.arange(len(values)) * float(SECONDS_PER_HOUR)
    lasted = np.minimum(load.duration_seconds - starts, SECONDS_PER_HOUR)
    return float((values * lasted).sum() / load.duration_seconds)


def _single(group: AutoScalingGroup) -> AutoScalingGroup:
    """The same with a single instance, which never changes."""
    return group.replace(
        min_size=1, max_size=1, desired_capacity=1, policies=(), scheduled_actions=()
    )


@dataclass(frozen=True, kw_only=True)
class Fleet(Behind):
    """Instances of an Auto Scaling group.

    Parameters
    ----------
    group : AutoScalingGroup
    """

    group: AutoScalingGroup

    @property
    def name(self) -> str:
        """That of the group."""
        return self.group.name

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Load balancer and group."""
        return self.load_balancer, self.group

    def capacity_per_second(self, load: Load) -> float:
        """Requests that the largest group can answer. [1/s]"""
        application = self.group.application
        fleet = self._fleet_capacity(load, application, self.group.max_size)
        return min(fleet, self._database_capacity(application))

    def obstacles(self, load: Load) -> Iterator[str]:
        """Requests that nobody waits for; a maximum, or a database, below what is needed."""
        most = self.group.max_size
        yield from self._obstacles(load, self.group, most, f"max_size={most}")

    def simulate(self, trace: Trace, *, seed: int, keep_records: bool = False) -> Run:
        """Run a trace through the group, which starts as large as the first hour asks for.

        A month that goes as the trace does has no first launch.
        """
        start = int(self._instances(Load.of(trace))[0])
        return simulate(
            self.group.replace(desired_capacity=start), trace.slowed(self.slowdown),
            load_balancer=self.load_balancer, database=self.database, seed=seed,
            keep_records=keep_records,
        )  # fmt: skip

    def estimate(self, load: Load, period: BillingPeriod) -> Usage:
        """Instances that target tracking settles on, hour by hour, and the load balancer."""
        one = _single(self.group).estimate(period)
        instances = mean_of_hours(self._instances(load), load)
        return one.scaled(instances) + self._balancer(load, period)

    def _instances(self, load: Load) -> NDArray[np.float64]:
        """Instances that target tracking settles on, hour by hour."""
        group = self.group
        return capacity(
            load.slower(self.slowdown), group.application, group.policies,
            least=group.min_size, most=group.max_size, start=group.capacity,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Tasks(Behind):
    """Tasks of an ECS service, on Fargate or on the instances of a capacity provider.

    Parameters
    ----------
    service : Service
    capacity_provider : CapacityProvider, optional
        For the launch type EC2.
    """

    service: Service
    capacity_provider: CapacityProvider | None = None

    @property
    def name(self) -> str:
        """That of the service."""
        return self.service.name

    @property
    def most(self) -> int:
        """Tasks at most."""
        scaling = self.service.scaling
        return scaling.max_capacity if scaling else int(self.service.desired_count)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Load balancer, service and what it runs on."""
        hosts = (self.capacity_provider,) if self.capacity_provider else ()
        return self.load_balancer, self.service, *hosts

    def capacity_per_second(self, load: Load) -> float:
        """Requests that the most tasks can answer. [1/s]"""
        application = self.service.application
        fleet = self._fleet_capacity(load, application, self.most)
        return min(fleet, self._database_capacity(application))

    def obstacles(self, load: Load) -> Iterator[str]:
        """Requests that nobody waits for; a maximum, or a database, below what is needed."""
        yield from self._obstacles(load, self.service, self.most, f"{self.most} tasks")

    def simulate(self, trace: Trace, *, seed: int, keep_records: bool = False) -> ServiceRun:
        """Run a trace through the service, which starts as large as the first hour asks for.

        A month that goes as the trace does has no first start.
        """
        tasks = self._tasks(Load.of(trace))
        provider = self.capacity_provider
        if provider is not None:
            provider = provider.replace(desired_capacity=int(self._hosts(tasks)[0]))
        return simulate_service(
            self.service.replace(desired_count=int(tasks[0])), trace.slowed(self.slowdown),
            load_balancer=self.load_balancer, capacity_provider=provider, database=self.database,
            seed=seed, keep_records=keep_records,
        )  # fmt: skip

    def estimate(self, load: Load, period: BillingPeriod) -> Usage:
        """Tasks that target tracking settles on, hour by hour, and the load balancer."""
        tasks = self._tasks(load)
        one = self.service.replace(desired_count=1, scaling=None)
        usage = one.estimate(period).scaled(mean_of_hours(tasks, load))
        usage += self._balancer(load, period)
        if self.capacity_provider is None:
            return usage
        group = self.capacity_provider.auto_scaling_group
        host = _single(group).estimate(period)
        return usage + host.scaled(mean_of_hours(self._hosts(tasks), load))

    def _tasks(self, load: Load) -> NDArray[np.float64]:
        """Tasks that target tracking settles on, hour by hour."""
        service, scaling = self.service, self.service.scaling
        start = int(service.desired_count)
        return capacity(
            load.slower(self.slowdown), service.application, scaling.policies if scaling else (),
            least=scaling.min_capacity if scaling else start, most=self.most, start=start,
        )  # fmt: skip

    def _hosts(self, tasks: NDArray[np.float64]) -> NDArray[np.float64]:
        """Instances that managed scaling settles on for so many tasks."""
        provider = self.capacity_provider
        assert provider is not None
        each = items_per_host(self.service.task_definition.item, provider.host_size)
        needed = whole_above(tasks / each) * PERCENT / provider.target_capacity_percent
        return whole_above(needed).clip(provider.min_size, provider.max_size)
