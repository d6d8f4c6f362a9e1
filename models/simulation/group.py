"""The control plane of an Auto Scaling group: it launches, replaces and terminates instances.

Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html,
https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-checks-overview.html and
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html.

Assumed: an instance that is still pending is not chosen for termination; the replacement of an
unhealthy instance is launched as soon as its termination begins; nothing passes between a change
of the desired capacity and the first launch.
"""

from __future__ import annotations

import numpy as np

from models.services.autoscaling import Application, AutoScalingGroup
from models.simulation import activities
from models.simulation.activities import ActivityLog
from models.simulation.assumptions import Assumptions
from models.simulation.balancer import LoadBalancer
from models.simulation.clock import Clock
from models.simulation.controller import Controller, Steps
from models.simulation.instance import (
    IN_SERVICE,
    NEVER,
    PENDING_WAIT,
    TERMINATED,
    TERMINATING,
    TERMINATING_WAIT,
    UNHEALTHY,
    GroupInstance,
)
from models.simulation.slots import Slots
from models.simulation.targets import Targets
from models.units import SECONDS_PER_HOUR

__all__ = ["GroupController", "Steps"]


class GroupController(Controller[GroupInstance]):
    """Keeps as many instances as desired, and healthy ones.

    Parameters
    ----------
    clock : Clock
    group : AutoScalingGroup
    number : int
        Of the group's target group at the load balancer.
    balancer : LoadBalancer
    targets : Targets
        The engine that serves the requests.
    slots : Slots
        Free places in the engine.
    log : ActivityLog
    assumptions : Assumptions
    rng : numpy random generator
        Draws launch times, boot times, lifetimes and instance ids.
    """

    group: AutoScalingGroup

    def __init__(
        self, clock: Clock, group: AutoScalingGroup, number: int, *, balancer: LoadBalancer,
        targets: Targets, slots: Slots, log: ActivityLog, assumptions: Assumptions,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        super().__init__(
            clock, group.name, number, balancer=balancer, targets=targets, slots=slots, log=log,
            rng=rng,
        )  # fmt: skip
        self.group, self._assumptions = group, assumptions
        self.min_size, self.max_size = group.min_size, group.max_size
        self.desired = group.capacity
        self._warm: dict[float, tuple[int, float, list[GroupInstance]]] = {}
        self._replacing, self._retrying = 0, False
        for _ in range(self.desired):
            self._add_running()
        for crash in group.application.crashes:
            clock.process(self._crash_oldest(crash))

    # --- what policies see --------------------------------------------------------------------

    def contributing(self, warmup_seconds: float) -> list[GroupInstance]:
        """Instances in service whose warm-up is over: those whose metrics count."""
        now = self.clock.now
        count, until, warm = self._warm.get(warmup_seconds, (-1, 0.0, []))
        if count != self.changes.count or now >= until:
            serving, begun = self.in_service(), now - warmup_seconds
            warm = [one for one in serving if one.in_service_seconds <= begun]
            until = NEVER
            if len(warm) < len(serving):
                later = [one.in_service_seconds for one in serving]
                until = min(at for at in later if at > begun) + warmup_seconds
            self._warm[warmup_seconds] = self.changes.count, until, warm
        return warm

    def warming(self, warmup_seconds: float) -> int:
        """Instances that launch or warm up."""
        staying = sum(not one.leaving for one in self.instances)
        return staying - len(self.contributing(warmup_seconds))

    def may_scale_simply(self, cooldown_seconds: float) -> bool:
        """Whether no activity goes on and the cooldown after the last one is over."""
        cool = self._last_activity_seconds + cooldown_seconds
        return self._activities == 0 and self.clock.now >= cool

    def set_sizes(self, min_size: int, max_size: int, desired: int, cause: str) -> None:
        """Change all three sizes, as a scheduled action does."""
        self.min_size, self.max_size = min_size, max_size
        self.set_desired(desired, cause)

    def reconcile(self, cause: str = "") -> None:
        """Launch what is missing, terminate what is too much."""
        staying = sum(not one.leaving for one in self.instances)
        time = self.log.timestamp(self.clock.now)
        if staying < self.desired and not self._retrying:
            why = f"{cause} {activities.started(time, staying, self.desired)}".strip()
            for _ in range(self.desired - staying):
                if not self._launch_one(why):
                    break
        for _ in range(staying - self.desired):
            leaving = self._chosen_to_leave()
            if leaving is None:
                break
            shrunk = activities.shrunk(time, staying, self.desired, leaving.instance_id)
            self._terminate(leaving, f"{cause} {shrunk}".strip())

    # --- launching ----------------------------------------------------------------------------

    def _add_running(self) -> None:
        """An instance of the fleet that is there, and warm, when the simulated time begins."""
        instance = self._new_instance()
        instance.launched_seconds = instance.running_seconds = self.clock.now
        instance.state, instance.in_service_seconds = IN_SERVICE, -float("inf")
        self._answer(instance)
        self.balancer.register(instance, healthy=True)

    def _new_instance(self) -> GroupInstance:
        held = [one.zone for one in self.instances if not one.leaving]
        zones = [held.count(zone) for zone in range(self.group.availability_zones)]
        slot = self._slots.take()
        instance_id = f"i-{int(self._rng.integers(1 << 62)):017x}"
        zone = zones.index(min(zones))
        instance = GroupInstance(
            self.changes, instance_id, slot, zone, self.clock.now, target_group=self.number
        )
        self.instances.append(instance)
        self.targets.renew(slot)
        return instance

    def _launch_one(self, cause: str) -> bool:
        """Begin a launch, unless a quota or a full subnet forbids it."""
        obstacle = self._obstacle()
        if obstacle:
            now, name = self.clock.now, self.group.name
            self.log.failed(now, activities.launch_failed(), cause, obstacle, group=name)
            self._retrying = True
            self.clock.process(self._retry())
            return False
        self.clock.process(self._launch(self._new_instance(), cause))
        return True

    def _obstacle(self) -> str:
        """Why no instance can be launched now; nothing where one can."""
        group, held = self.group, len(self.instances)
        if group.vcpu_quota is not None and (held + 1) * group.vcpus > group.vcpu_quota:
            return activities.quota_exceeded(group.vcpu_quota)
        if (
            group.subnet_addresses is not None
            and held >= group.subnet_addresses * group.availability_zones
        ):
            return activities.addresses_exhausted(f"{group.region}a")
        return ""

    def _retry(self) -> Steps:
        yield self.clock.after(self._assumptions.launch_retry_seconds)
        self._retrying = False
        self.reconcile()

    def _launch(self, instance: GroupInstance, cause: str) -> Steps:
        description = activities.launching(instance.instance_id)
        activity = self._begin(description, cause, +1)
        yield self.clock.after(self._drawn(self.group.launch))
        instance.running_seconds = self.clock.now
        self.clock.process(self._boot(instance))
        if self.group.launch_hook_seconds:
            instance.state = PENDING_WAIT
            yield self.clock.after(self.group.launch_hook_seconds)
        instance.state, instance.in_service_seconds = IN_SERVICE, self.clock.now
        self._end(activity)
        self.balancer.register(instance)
        self.reconcile()

    def _boot(self, instance: GroupInstance) -> Steps:
        boot = self._drawn(self.group.os_boot) + self._drawn(self.group.application.boot)
        yield self.clock.after(boot)
        self._answer(instance)

    # --- failing ------------------------------------------------------------------------------

    def application(self, one: GroupInstance) -> Application:
        """The same on all instances."""
        return self.group.application

    def _crashed(self, one: GroupInstance, kind: str) -> None:
        if kind == "instance":
            one.machine_up = False
            self.clock.process(self._replace(one, "EC2"))
        elif self.group.application.restart_seconds is not None:
            self.clock.process(self._restart(one))

    def _found_unhealthy(self, one: GroupInstance) -> None:
        if self.group.health_check_type == "ELB":
            self.clock.process(self._replace(one, "ELB"))

    def _replace(self, instance: GroupInstance, source: str) -> Steps:
        """Terminate an unhealthy instance at the group's next look, not too many at a time."""
        poll = self._assumptions.health_poll_seconds
        if source == "ELB":
            grace = self.group.health_check_grace_period_seconds
            yield self.clock.until(instance.in_service_seconds + grace)
        while True:
            yield self.clock.until((self.clock.now // poll + 1) * poll)
            recovered = source == "ELB" and instance.target_state != UNHEALTHY
            if instance.leaving or recovered:
                return
            if self._replacing < max(1, int(self.desired * self._assumptions.replacement_share)):
                break
        self._replacing += 1
        cause = activities.unhealthy(self.log.timestamp(self.clock.now), source)
        self._terminate(instance, cause)
        self.reconcile()
        yield from self._until_replaced()
        self._replacing -= 1

    def _until_replaced(self) -> Steps:
        """Wait until as many instances are in service as are desired."""
        while len(self.in_service()) < self.desired:
            yield self.clock.after(self._assumptions.health_poll_seconds)

    # --- terminating --------------------------------------------------------------------------

    def _chosen_to_leave(self) -> GroupInstance | None:
        """By the termination policy, in the zone that has most instances."""
        candidates = self.in_service()
        if not candidates:
            return None
        zones = [one.zone for one in candidates]
        fullest = max(range(self.group.availability_zones), key=zones.count)
        candidates = [one for one in candidates if one.zone == fullest]
        if self.group.termination_policy == "OldestInstance":
            return candidates[0]
        if self.group.termination_policy == "NewestInstance":
            return candidates[-1]
        return min(candidates, key=self._seconds_to_next_hour)

    def _seconds_to_next_hour(self, instance: GroupInstance) -> float:
        run = self.clock.now - instance.running_seconds
        return SECONDS_PER_HOUR - run % SECONDS_PER_HOUR

    def _terminate(self, instance: GroupInstance, cause: str) -> None:
        """Begin to terminate an instance; from this moment nobody else does."""
        instance.state = TERMINATING
        activity = self._begin(activities.terminating(instance.instance_id), cause, -1)
        self.clock.process(self._wind_down(instance, activity))

    def _wind_down(self, instance: GroupInstance, activity: int) -> Steps:
        yield from self.balancer.deregister(instance)
        if self.group.terminate_hook_seconds:
            instance.state = TERMINATING_WAIT
            yield self.clock.after(self.group.terminate_hook_seconds)
        instance.state, instance.answers = TERMINATED, False
        instance.terminated_seconds = self.clock.now
        self.targets.fail(instance.slot)
        self._slots.give_back(instance.slot)
        self.instances.remove(instance)
        self.retired.append(instance)
        self._end(activity)
