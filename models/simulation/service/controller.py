"""The service scheduler: it starts, replaces and stops tasks, and rolls out new versions.

Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html
and https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html.

Assumed: the scheduler acts at once; a healthy task leaves before its successor is healthy only
where the upper bound leaves no other way; the circuit breaker counts all failed tasks of a
deployment; at a scale-in the tasks that do not run yet leave first, then the oldest in the zone
that has most (documented: with binpack, the one whose instance is emptiest afterwards).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.scaling import clipped
from models.services.autoscaling import Application
from models.services.ecs import (
    Deployment,
    ScalableTarget,
    Service,
    TaskDefinition,
    circuit_breaker_failures,
)
from models.simulation.activities import ActivityLog
from models.simulation.balancer import LoadBalancer
from models.simulation.clock import Clock
from models.simulation.controller import Steps
from models.simulation.instance import NEVER, UNHEALTHY, GroupInstance
from models.simulation.scaling import Declared
from models.simulation.service.hosts import ContainerInstances
from models.simulation.service.launching import TaskController
from models.simulation.service.scaling import Cooldowns
from models.simulation.service.task import Task, Version
from models.simulation.slots import Slots
from models.simulation.targets import Targets


@dataclass
class Rollout:
    """One deployment of a service.

    Parameters
    ----------
    number : int
        Of the version that was rolled out, counted from 1.
    start_seconds, end_seconds : float
        Since the start of the run; the end is infinite while it goes on. [s]
    status : str
        ``IN_PROGRESS``, ``COMPLETED``, ``FAILED`` where the circuit breaker ended it, or
        ``REPLACED`` by a later one.
    rolls_back : bool
        Whether the circuit breaker began it.
    failed_tasks : int
        Tasks that failed before they were healthy.
    """

    number: int
    start_seconds: float
    end_seconds: float = NEVER
    status: str = "IN_PROGRESS"
    rolls_back: bool = False
    failed_tasks: int = 0


class ServiceController(TaskController):
    """Keeps as many tasks of the newest version as desired, and healthy ones.

    Parameters as `TaskController`.
    """

    def __init__(
        self, clock: Clock, service: Service, hosts: ContainerInstances | None, *,
        balancer: LoadBalancer, targets: Targets, slots: Slots, log: ActivityLog,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        super().__init__(
            clock, service, hosts, balancer=balancer, targets=targets, slots=slots, log=log, rng=rng
        )
        count = int(service.desired_count)
        scaling = service.scaling or ScalableTarget(min_capacity=count, max_capacity=count)
        self.group = Declared(
            service.name, scaling.policies, scaling.scheduled_actions, service.application
        )
        self.min_size, self.max_size = scaling.min_capacity, scaling.max_capacity
        self.desired = count
        self.cooldowns = Cooldowns(
            clock, scaling.scale_out_cooldown_seconds, scaling.scale_in_cooldown_seconds
        )
        self.rollouts: list[Rollout] = []
        self._completed = self.version
        balancer.on_healthy[self.number] = self._found_healthy
        if hosts is not None:
            hosts.begin([service.task_definition.item] * count)
        for _ in range(count):
            self._add_running()
        for crash in service.application.crashes:
            clock.process(self._crash_oldest(crash))
        for deployment in service.deployments:
            clock.process(self._deploy(deployment))

    # --- what policies see --------------------------------------------------------------------

    @property
    def deploying(self) -> bool:
        """Whether a deployment goes on."""
        return bool(self.rollouts) and self.rollouts[-1].status == "IN_PROGRESS"

    def contributing(self, warmup_seconds: float) -> list[Task]:
        """All running tasks: Amazon ECS knows no warm-up."""
        return self.in_service()

    def warming(self, warmup_seconds: float) -> int:
        """What was added by changes whose cooldown lasts."""
        return self.cooldowns.added

    def may_scale_simply(self, cooldown_seconds: float) -> bool:
        """Application Auto Scaling has no simple scaling."""
        return False

    def set_desired(self, capacity: int, cause: str) -> None:
        """Change the desired count, as a policy does."""
        before = self.desired
        self.cooldowns.note(before, clipped(capacity, self.min_size, self.max_size))
        super().set_desired(capacity, cause)

    def set_sizes(self, min_size: int, max_size: int, desired: int, cause: str) -> None:
        """Change the bounds, as a scheduled action does."""
        self.min_size, self.max_size = min_size, max_size
        super().set_desired(desired, f"A scheduled action set capacity {min_size} to {max_size}.")

    # --- the scheduler ------------------------------------------------------------------------

    def reconcile(self, cause: str = "") -> None:
        """Start what is missing and stop what is too much, within the bounds of a deployment."""
        while self._start_missing(cause) + self._stop_surplus(cause):
            pass
        if not self.deploying or self._outgoing():
            return
        if sum(one.healthy for one in self._wanted()) == self.desired:
            self._finish("COMPLETED")
            self._completed = self.version
            now, steady = self.clock.now, f"(service {self.name}) has reached a steady state."
            self.log.end(self.log.begin(now, steady, "", group=self.name, change=0), now)

    def _staying(self) -> list[Task]:
        return [one for one in self.instances if not one.leaving]

    def _wanted(self) -> list[Task]:
        """Tasks of the newest version that are not to be replaced."""
        return [one for one in self._staying() if not self._is_outgoing(one)]

    def _outgoing(self) -> list[Task]:
        return [one for one in self._staying() if self._is_outgoing(one)]

    def _is_outgoing(self, task: Task) -> bool:
        return task.condemned or task.version.number != self.version.number

    def _bounds(self) -> tuple[int, int]:
        return self.service.deployment_configuration.bounds(self.desired)

    def _start_missing(self, cause: str) -> int:
        _, most = self._bounds()
        missing = self.desired - len(self._wanted())
        number = max(min(missing, most - len(self._staying())), 0)
        for _ in range(number):
            self._start(cause)
        return number

    def _stop_surplus(self, cause: str) -> int:
        """Stop tasks beyond the desired count, and those that successors stand in for."""
        stopped, wanted = 0, self._wanted()
        for _ in range(len(wanted) - self.desired):
            self._stop(self._chosen_to_leave(self._wanted()), cause)
            stopped += 1
        least, _ = self._bounds()
        spare = sum(one.healthy for one in self._staying()) - least
        lacking = max(self.desired - len(wanted), 0)
        successors = sum(one.healthy for one in self._wanted())
        outgoing = sorted(self._outgoing(), key=lambda one: one.healthy)
        stood_in_for = len(outgoing) - max(self.desired - successors, 0)
        for task in outgoing[: max(stood_in_for, lacking)]:
            if task.healthy and spare <= 0:
                break
            spare -= task.healthy
            why = "failed its health checks" if task.condemned else "is of an older version"
            self._stop(task, f"{cause} (task {task.instance_id}) {why}.".strip())
            stopped += 1
        return stopped

    def _chosen_to_leave(self, candidates: list[Task]) -> Task:
        waiting = [one for one in candidates if not one.in_service]
        if waiting:
            return waiting[-1]
        first = (*self.service.placement_strategies, "")[0]
        if self.hosts is not None and first.startswith("binpack"):
            field = first.removeprefix("binpack(").removesuffix(")")
            return max(candidates, key=lambda one: _left_after(one, field))
        zones = [one.zone for one in candidates]
        fullest = max(set(zones), key=lambda zone: (zones.count(zone), -zone))
        return next(one for one in candidates if one.zone == fullest)

    # --- health -------------------------------------------------------------------------------

    def _found_healthy(self, one: GroupInstance) -> None:
        assert isinstance(one, Task)
        one.was_healthy = True
        self.reconcile()

    def _found_unhealthy(self, one: GroupInstance) -> None:
        assert isinstance(one, Task)
        self.clock.process(self._condemn(one))

    def _condemn(self, task: Task) -> Steps:
        """Have a task replaced that is still unhealthy when its grace period is over."""
        grace = self.service.health_check_grace_period_seconds
        yield self.clock.until(task.in_service_seconds + grace)
        if task.leaving or task.condemned or task.target_state != UNHEALTHY:
            return
        task.condemned = True
        self._failed(task)
        self.reconcile()

    def _failed(self, task: Task) -> None:
        """Count a task that failed before it was healthy; too many end a deployment."""
        newest = task.version.number == self.version.number
        if task.was_healthy or not newest or not self.deploying:
            return
        rollout = self.rollouts[-1]
        rollout.failed_tasks += 1
        enabled = self.service.deployment_configuration.deployment_circuit_breaker
        if enabled and rollout.failed_tasks >= circuit_breaker_failures(self.desired):
            self._finish("FAILED")
            definition, application = self._completed.definition, self._completed.application
            self._roll_out(definition, application, rolls_back=True)

    # --- deployments --------------------------------------------------------------------------

    def _deploy(self, deployment: Deployment) -> Steps:
        yield self.clock.until(deployment.at_seconds)
        if self.deploying:
            self._finish("REPLACED")
        self._roll_out(
            deployment.task_definition or self.version.definition,
            deployment.application or self.version.application,
        )
        self.reconcile(f"Deployment {self.version.number} began.")

    def _roll_out(
        self, definition: TaskDefinition, application: Application, *, rolls_back: bool = False
    ) -> None:
        number = self.version.number + 1
        self.version = Version(number, definition, application)
        self.rollouts.append(Rollout(number, self.clock.now, rolls_back=rolls_back))

    def _finish(self, status: str) -> None:
        rollout = self.rollouts[-1]
        rollout.status, rollout.end_seconds = status, self.clock.now


def _left_after(task: Task, field: str) -> float:
    """What its instance has free of CPU or memory once the task is gone."""
    free = getattr(task.host.free, field) if task.host is not None else 0.0
    return float(free + getattr(task.version.definition.item, field))
