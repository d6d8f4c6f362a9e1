"""How one task comes and goes: its turn, its room, its image, its program, and its end.

Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/throttling.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html.

Assumed: a program finishes what it has in hand after SIGTERM; at a Spot interruption the load
balancer stops sending to the task at once; a task that was stopped frees its place at once.
"""

from __future__ import annotations

import numpy as np

from models.quotas import value_of
from models.services.autoscaling import Application
from models.services.ecs import Service, pull_seconds
from models.simulation.activities import ActivityLog
from models.simulation.balancer import LoadBalancer
from models.simulation.clock import Clock
from models.simulation.controller import Controller, Steps
from models.simulation.instance import NEVER
from models.simulation.service.hosts import ContainerInstance, ContainerInstances
from models.simulation.service.task import (
    ACTIVATING,
    DEACTIVATING,
    PROVISIONING,
    RUNNING,
    STOPPED,
    STOPPING,
    Task,
    Throttle,
    Version,
)
from models.simulation.slots import Slots
from models.simulation.targets import Targets
from models.units import SECONDS_PER_HOUR

SPOT_WARNING_SECONDS = float(value_of("ecs", "spot_warning_seconds"))


def _throttle() -> Throttle:
    burst, rate = value_of("ecs", "launch_burst_tasks"), value_of("ecs", "launch_tasks_per_second")
    return Throttle(burst, rate)


class TaskController(Controller[Task]):
    """Starts and stops single tasks; which ones is for `ServiceController` to say.

    Parameters
    ----------
    clock : Clock
    service : Service
    hosts : ContainerInstances, or None
        Where tasks find room; None on Fargate.
    balancer : LoadBalancer
    targets : Targets
    slots : Slots
    log : ActivityLog
    rng : numpy random generator
    """

    def __init__(
        self, clock: Clock, service: Service, hosts: ContainerInstances | None, *,
        balancer: LoadBalancer, targets: Targets, slots: Slots, log: ActivityLog,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        super().__init__(
            clock, service.name, 0, balancer=balancer, targets=targets, slots=slots, log=log,
            rng=rng,
        )  # fmt: skip
        self.service, self.hosts = service, hosts
        self.version = Version(0, service.task_definition, service.application)
        self._throttles = {spot: _throttle() for spot in (False, True)}
        self._spot_returns = -NEVER
        self._without_room: list[Task] = []
        if hosts is not None:
            hosts.items = lambda: [one.version.definition.item for one in self.instances]
            hosts.on_room = self._place_waiting

    def application(self, one: Task) -> Application:
        """That of its version."""
        return one.version.application

    def _event(self, what: str, task: Task) -> str:
        """As Amazon ECS words the events of a service."""
        return f"(service {self.name}) has {what}: (task {task.instance_id})."

    # --- starting -----------------------------------------------------------------------------

    def _add_running(self) -> None:
        """A task that is there, and warm, when the simulated time begins, if there is room."""
        instance = None
        if self.hosts is not None:
            instance = self.hosts.place(self.version.definition.item)
            if instance is None:
                self._start("")
                return
        task = self._new_task()
        if instance is not None:
            self._put_on(task, instance)
            instance.images.add(task.version.number)
        task.running_seconds = self.clock.now
        task.state, task.in_service_seconds, task.was_healthy = RUNNING, -NEVER, True
        self._answer(task)
        self.balancer.register(task, healthy=True)
        self._watch_for_interruption(task)

    def _new_task(self) -> Task:
        staying = [one for one in self.instances if not one.leaving]
        zones = [one.zone for one in staying]
        counts = [zones.count(zone) for zone in range(self.service.availability_zones)]
        on_spot = sum(one.spot for one in staying)
        share = float(self.service.fargate_spot_share)
        slot = self._slots.take()
        task = Task(
            changes=self.changes, instance_id=f"{int(self._rng.integers(1 << 62)):032x}",
            slot=slot, zone=counts.index(min(counts)), launched_seconds=self.clock.now,
            state=PROVISIONING, target_group=self.number, version=self.version,
            spot=on_spot + 1 <= share * (len(staying) + 1) + 1e-9,
        )  # fmt: skip
        self.instances.append(task)
        self.targets.renew(slot)
        return task

    def _start(self, cause: str) -> None:
        """Begin to start a task."""
        task = self._new_task()
        task.activity = self._begin(self._event("started 1 tasks", task), cause, +1)
        self.clock.process(self._take_turn(task))

    def _take_turn(self, task: Task) -> Steps:
        """Wait for Spot capacity and for the throttle of Fargate, or for room on an instance."""
        if self.hosts is not None:
            self._without_room.append(task)
            self._place_waiting()
            return
        if task.spot:
            yield self.clock.until(self._spot_returns)
        yield self.clock.until(self._throttles[task.spot].take(self.clock.now))
        yield from self._bring_up(task, image_there=False)

    def _place_waiting(self) -> None:
        """Give room to those that wait for it, in their order."""
        assert self.hosts is not None
        waiting, self._without_room = self._without_room, []
        for task in waiting:
            if task.leaving:
                continue
            instance = self.hosts.place(task.version.definition.item)
            if instance is None:
                self._without_room.append(task)
                continue
            self._put_on(task, instance)
            there = task.version.number in instance.images
            self.clock.process(self._bring_up(task, image_there=there, instance=instance))

    def _put_on(self, task: Task, instance: ContainerInstance) -> None:
        task.host, task.zone = instance.host, instance.zone

    def _bring_up(
        self, task: Task, *, image_there: bool, instance: ContainerInstance | None = None
    ) -> Steps:
        yield self.clock.after(self._drawn(self.service.provisioning_time))
        if task.leaving:
            return
        task.state, task.running_seconds = ACTIVATING, self.clock.now
        if not image_there:
            size, rate = (
                task.version.definition.image_size_mb,
                self.service.image_pull_mb_per_second,
            )
            yield self.clock.after(float(pull_seconds(size, rate)))
            if instance is not None:
                instance.images.add(task.version.number)
        if task.leaving:
            return
        task.state, task.in_service_seconds = RUNNING, self.clock.now
        self._end(task.activity)
        self.balancer.register(task)
        self.clock.process(self._boot(task))
        self._watch_for_interruption(task)
        self.reconcile()

    def _boot(self, task: Task) -> Steps:
        yield self.clock.after(self._drawn(task.version.application.boot))
        self._answer(task)

    # --- ending -------------------------------------------------------------------------------

    def _watch_for_interruption(self, task: Task) -> None:
        if task.spot and self.service.mean_hours_between_spot_interruptions is not None:
            self.clock.process(self._interrupt(task))

    def _interrupt(self, task: Task) -> Steps:
        """AWS wants the capacity of a Spot task back: SIGTERM, and gone within two minutes."""
        mean_hours = self.service.mean_hours_between_spot_interruptions or 0.0
        yield self.clock.after(float(self._rng.exponential(mean_hours * SECONDS_PER_HOUR)))
        if task.leaving:
            return
        self._spot_returns = self.clock.now + self.service.spot_return_seconds
        timeout = float(task.version.definition.stop_timeout_seconds)
        cause = "Your Spot Task was interrupted."
        self._stop(task, cause, within_seconds=min(timeout, SPOT_WARNING_SECONDS))
        self.reconcile(cause)

    def _crashed(self, one: Task, kind: str) -> None:
        if kind == "instance" and one.host is not None and self.hosts is not None:
            self.hosts.fail(one.host)
            fallen = [other for other in self.instances if other.host is one.host]
        elif kind == "application" and self.application(one).restart_seconds is not None:
            self.clock.process(self._restart(one))
            return
        else:
            fallen = [one]
        for task in fallen:
            self._fall(task)
        self.reconcile("Essential container in task exited.")

    def _fall(self, task: Task) -> None:
        """The program of a task is gone for good."""
        task.machine_up = task.answers = False
        self.targets.fail(task.slot)
        self._failed(task)
        if not task.leaving:
            self._stop(task, "Essential container in task exited.")

    def _failed(self, task: Task) -> None:
        """A task has failed that was not asked to stop."""

    def _stop(self, task: Task, cause: str, within_seconds: float = NEVER) -> None:
        """Begin to stop a task; from this moment nobody else does.

        Where `within_seconds` are given, SIGTERM comes at once and the task is gone by then.
        """
        if task.pending:
            self._activities -= 1
            self.log.cancel(task.activity, self.clock.now)
        started = task.in_service
        task.state = DEACTIVATING
        description = (
            f"(service {self.name}) has stopped 1 running tasks: (task {task.instance_id})."
        )
        activity = self._begin(description, cause, -1)
        self.clock.process(
            self._wind_down(task, activity, within_seconds=within_seconds, started=started)
        )

    def _wind_down(
        self, task: Task, activity: int, *, within_seconds: float, started: bool
    ) -> Steps:
        begun = self.clock.now
        yield from self.balancer.deregister(task, within_seconds)
        task.state = STOPPING
        last = task.version.definition.last_seconds
        if within_seconds < NEVER:
            last -= self.clock.now - begun
        if started and task.machine_up and last > 0:
            yield self.clock.after(last)
        task.state, task.answers = STOPPED, False
        task.terminated_seconds = self.clock.now
        self.targets.fail(task.slot)
        self._slots.give_back(task.slot)
        self.instances.remove(task)
        self.retired.append(task)
        self._end(activity)
        if task.host is not None and self.hosts is not None:
            self.hosts.release(task.host, task.version.definition.item)
