"""The load balancer's control plane: whose checks pass, who gets requests, who drains.

Documented: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
and https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import Any

import numpy as np
import simpy

from models.services.autoscaling import TargetGroup
from models.simulation.assumptions import Assumptions
from models.simulation.clock import Clock
from models.simulation.instance import DRAINING, HEALTHY, INITIAL, UNHEALTHY, UNUSED, GroupInstance
from models.simulation.targets import Targets

#: A process of the control plane.
Steps = Generator[simpy.Event, Any, None]


class LoadBalancer:
    """Registers targets, checks their health and tells the engine where requests may go.

    Parameters
    ----------
    clock : Clock
    targets : Targets
        The engine that serves the requests.
    target_groups : sequence of TargetGroup
    assumptions : Assumptions
    mean_work_seconds : float
        Of a request; for checks that wait in the same line as requests. [s]
    rng : numpy random generator
        Draws the phase of each target's checks: assumed uniform over the interval.
    """

    def __init__(
        self,
        clock: Clock,
        targets: Targets,
        target_groups: Sequence[TargetGroup],
        *,
        assumptions: Assumptions,
        mean_work_seconds: float,
        rng: np.random.Generator,
    ) -> None:
        self.clock, self.targets = clock, targets
        self.target_groups, self._assumptions = target_groups, assumptions
        self._mean_work_seconds, self._rng = mean_work_seconds, rng
        self.registered: list[list[GroupInstance]] = [[] for _ in target_groups]
        #: For each target group: called where one of its targets has become unhealthy.
        self.on_unhealthy: dict[int, Callable[[GroupInstance], None]] = {}
        #: The same for one that has become healthy, where anybody wants to know.
        self.on_healthy: dict[int, Callable[[GroupInstance], None]] = {}

    def register(self, instance: GroupInstance, *, healthy: bool = False) -> None:
        """Take on a target; it gets requests after its first passed check.

        `healthy` is for the fleet that is there when the simulated time begins.
        """
        interval = self.target_groups[instance.target_group].health_check.interval_seconds
        instance.check_phase_seconds = self.clock.now + float(self._rng.uniform(0, interval))
        instance.target_state = HEALTHY if healthy else INITIAL
        instance.checks_passed = instance.checks_failed = 0
        self.registered[instance.target_group].append(instance)
        if healthy:
            self._update_routes()
        self.look_at(instance)

    def deregister(self, instance: GroupInstance, within_seconds: float = float("inf")) -> Steps:
        """Send it nothing more, let it finish, cut off what takes longer than the delay.

        `within_seconds` ends it earlier, for one that will be gone by then.
        """
        if instance.target_state == UNUSED:
            return
        self.registered[instance.target_group].remove(instance)
        instance.target_state = DRAINING
        self._update_routes()
        delay = self.target_groups[instance.target_group].deregistration_delay_seconds
        ends = self.clock.now + min(delay, within_seconds)
        while self.clock.now < ends and self.targets.outstanding(instance.slot) > 0:
            again = self.clock.now + self._assumptions.drain_poll_seconds
            yield self.clock.until(min(again, ends))
        self.targets.cut(instance.slot)
        instance.target_state = UNUSED

    def look_at(self, instance: GroupInstance) -> None:
        """Follow the checks of a target for as long as one of them can change anything.

        A target that is healthy and answers passes every check, so its checks are no events; they
        are taken up again, at the phase they always had, when its application changes.
        """
        if instance.target_state in (UNUSED, DRAINING) or instance.being_checked:
            return
        instance.being_checked = True
        self.clock.process(self._checks(instance))

    def healthy(self, number: int) -> int:
        """Healthy targets of a target group."""
        return sum(one.target_state == HEALTHY for one in self.registered[number])

    def _checks(self, instance: GroupInstance) -> Steps:
        check = self.target_groups[instance.target_group].health_check
        while self._undecided(instance):
            gone = (self.clock.now - instance.check_phase_seconds) / check.interval_seconds
            due = math.floor(gone + 1) if gone >= 0 else 0
            at = instance.check_phase_seconds + due * check.interval_seconds
            if at <= self.clock.now:  # the division was rounded
                at += check.interval_seconds
            yield self.clock.until(at)
            if not instance.answers:  # refused at once
                self._judge(instance, passed=False)
            elif self._too_slow(instance):
                yield self.clock.after(check.timeout_seconds)
                self._judge(instance, passed=False)
            else:
                self._judge(instance, passed=True)
        instance.being_checked = False

    def _undecided(self, instance: GroupInstance) -> bool:
        check = self.target_groups[instance.target_group].health_check
        if instance.target_state in (UNUSED, DRAINING):
            return False
        if check.shares_workers:
            return True
        settled = HEALTHY if instance.answers else UNHEALTHY
        return instance.target_state != settled

    def _too_slow(self, instance: GroupInstance) -> bool:
        """Whether a check waits in line for longer than its timeout, or finds the line full."""
        check = self.target_groups[instance.target_group].health_check
        if not check.shares_workers:
            return False
        serving = self.targets.serving
        waiting = self.targets.waiting(instance.slot)
        seconds = waiting * self._mean_work_seconds / serving.workers
        return seconds > check.timeout_seconds or 0 < serving.places <= waiting

    def _judge(self, instance: GroupInstance, *, passed: bool) -> None:
        """Count a check and change the target's state where a threshold is reached."""
        if instance.target_state in (UNUSED, DRAINING):
            return
        check = self.target_groups[instance.target_group].health_check
        instance.checks_passed = instance.checks_passed + 1 if passed else 0
        instance.checks_failed = 0 if passed else instance.checks_failed + 1
        if (passed and instance.target_state == INITIAL) or (
            instance.target_state == UNHEALTHY
            and instance.checks_passed >= check.healthy_threshold_count
        ):  # one is enough, whatever the threshold
            self._change(instance, HEALTHY)
        elif (
            instance.target_state in (INITIAL, HEALTHY)
            and instance.checks_failed >= check.unhealthy_threshold_count
        ):
            self._change(instance, UNHEALTHY)

    def _change(self, instance: GroupInstance, state: str) -> None:
        others = [
            one
            for one in self.registered[instance.target_group]
            if one.target_state == HEALTHY and one is not instance
        ]
        instance.target_state = state
        if state == HEALTHY and others and self.targets.serving.slow_start_seconds:
            self.targets.ramp(instance.slot)
        self._update_routes()
        if state == UNHEALTHY:
            self.on_unhealthy[instance.target_group](instance)
        elif instance.target_group in self.on_healthy:
            self.on_healthy[instance.target_group](instance)

    def _update_routes(self) -> None:
        self.targets.route_to([self._routable(number) for number in range(len(self.registered))])

    def _routable(self, number: int) -> list[int]:
        """The healthy targets, or, with too few of them, every target that has been judged."""
        targets = self.registered[number]
        healthy = [one.slot for one in targets if one.target_state == HEALTHY]
        if len(healthy) >= self.target_groups[number].minimum_healthy_targets_count:
            return healthy
        return [one.slot for one in targets if one.target_state in (HEALTHY, UNHEALTHY)]
