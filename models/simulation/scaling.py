"""Alarms that watch a group, and policies that change its desired capacity.

The rules are those of `models.scaling`, which know no instances; here they meet the clock.
Documented:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html (an alarm that
stays in its state invokes its scaling action again every minute).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from models.scaling import (
    Alarm,
    AlarmEvaluator,
    Policy,
    Proposal,
    SimpleScalingPolicy,
    StepScalingPolicy,
    TargetTrackingPolicy,
    clipped,
    decide,
)
from models.services.autoscaling import Application, AutoScalingGroup
from models.simulation import activities
from models.simulation.activities import ActivityLog
from models.simulation.assumptions import Assumptions
from models.simulation.clock import Clock
from models.simulation.metrics import CustomMetric, Observed, metric
from models.simulation.run import AlarmChange
from models.simulation.targets import Period
from models.simulation.watch import Direction, Watch

#: While an alarm stays in ALARM its scaling action is invoked again this often. Documented. [s]
REINVOKED_SECONDS = 60.0
MINUTE_SECONDS = 60.0
#: Period of EC2's metrics without detailed monitoring. Documented:
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-cloudwatch-new.html [s]
BASIC_MONITORING_SECONDS = 300


class Scalable(Protocol):
    """What a policy or a schedule can change: a group, or a function's provisioned concurrency."""

    clock: Clock
    group: Any
    desired: int
    min_size: int
    max_size: int
    instances: list[Any]

    def contributing(self, warmup_seconds: float) -> Sequence[Any]:
        """Those whose metrics count."""
        ...

    def warming(self, warmup_seconds: float) -> int:
        """Those that launch or warm up."""
        ...

    def may_scale_simply(self, cooldown_seconds: float) -> bool:
        """Whether simple scaling may act."""
        ...

    def set_desired(self, capacity: int, cause: str) -> None:
        """Change the desired capacity, within the sizes."""

    def set_sizes(self, min_size: int, max_size: int, desired: int, cause: str) -> None:
        """Change all three sizes."""


@dataclass(frozen=True)
class Declared:
    """As much as `models.simulation.scaling` and the metrics ask of a group's declaration.

    Parameters
    ----------
    name : str
    policies : tuple of policies
    scheduled_actions : tuple of ScheduledAction
    application : Application, optional
        What runs on each, where the metrics are about that.
    """

    name: str
    policies: tuple[Any, ...]
    scheduled_actions: tuple[Any, ...] = ()
    application: Application | None = None
    default_instance_warmup_seconds: float = 0.0
    default_cooldown_seconds: float = 0.0


class DynamicScaling:
    """The policies of one group and their alarms.

    Parameters
    ----------
    group : Scalable
    log : ActivityLog
        Writes the time.
    assumptions : Assumptions
    custom : mapping of str to function
        Metrics of the user's own.

    Raises
    ------
    UnknownNameError
        Where a policy follows a metric that nothing reports.
    """

    def __init__(
        self, group: Scalable, log: ActivityLog, assumptions: Assumptions,
        custom: Mapping[str, CustomMetric],
    ) -> None:  # fmt: skip
        self.group, self._log, self._assumptions = group, log, assumptions
        self.history: list[AlarmChange] = []
        self._watches = [
            watch for policy in group.group.policies for watch in self._watches_of(policy)
        ]
        #: Each metric once for each warm-up, and the alarms that watch it so.
        self._observations: dict[tuple[str, float], list[Watch]] = {}
        for watch in self._watches:
            key = watch.alarm.metric_name, watch.warmup_seconds
            self._observations.setdefault(key, []).append(watch)
        self._metrics = {name: metric(name, custom) for name, _ in self._observations}
        self._tracking = {watch.policy.name for watch in self._watches if watch.direction == "in"}

    @property
    def resolution_seconds(self) -> float:
        """How often the metrics must be read. [s]"""
        periods = [watch.alarm.period_seconds for watch in self._watches]
        return min(
            [MINUTE_SECONDS, *(10 if period < MINUTE_SECONDS else period for period in periods)]
        )

    def observe(self, period: Period) -> None:
        """Take in a reading; deliver datapoints, evaluate alarms, let policies act."""
        now = self.group.clock.now
        self._sample(period, now)
        whole_minute = now % MINUTE_SECONDS == 0
        active = []
        for watch in self._watches:
            evaluator = watch.evaluator
            if whole_minute or watch.period_seconds < MINUTE_SECONDS:
                before = evaluator.state
                watch.deliver(now)
                if evaluator.state != before:
                    self._note_change(watch, before, now)
            if evaluator.state == "ALARM" and now - watch.invoked_seconds >= REINVOKED_SECONDS:
                watch.invoked_seconds = now
                active.append(watch)
        if active:
            self._act(active, now)

    # --- metrics ------------------------------------------------------------------------------

    def _sample(self, period: Period, now: float) -> None:
        for (name, warmup), watches in self._observations.items():
            seen = Observed(period, self.group, self.group.contributing(warmup))
            sample = self._metrics[name](seen)
            for watch in watches:
                watch.take(sample, now)

    def _delay(self, alarm: Alarm) -> float:
        """High-resolution metrics are the user's own and arrive at once."""
        high_resolution = alarm.period_seconds < MINUTE_SECONDS
        return 0.0 if high_resolution else self._assumptions.metric_delivery_seconds

    def _note_change(self, watch: Watch, before: str, now: float) -> None:
        name = watch.alarm.alarm_name or watch.policy.name
        self.history.append(AlarmChange(now, name, before, watch.evaluator.state))
        watch.invoked_seconds = -float("inf")

    # --- policies -----------------------------------------------------------------------------

    def _watches_of(self, policy: Policy) -> list[Watch]:
        own = getattr(policy, "estimated_instance_warmup_seconds", None)
        group = self.group.group
        warmup = own if own is not None else group.default_instance_warmup_seconds
        warmup = group.default_cooldown_seconds if warmup is None else warmup
        if isinstance(policy, TargetTrackingPolicy):
            high, low = policy.alarms(group.name)
            watched: list[tuple[Alarm, Direction]] = [(high, "out")]
            if low is not None:
                watched.append((low, "in"))
        else:
            watched = [(policy.alarm, "either")]
        return [
            Watch(policy, alarm, direction, warmup, self._delay(alarm), AlarmEvaluator(alarm))
            for alarm, direction in ((self._as_monitored(one), way) for one, way in watched)
        ]

    def _as_monitored(self, alarm: Alarm) -> Alarm:
        """Without detailed monitoring the CPU has a datapoint every five minutes only."""
        group = self.group.group
        basic = isinstance(group, AutoScalingGroup) and not group.launch_template.monitoring
        if alarm.metric_name != "CPUUtilization" or not basic:
            return alarm
        return alarm.replace(period_seconds=max(alarm.period_seconds, BASIC_MONITORING_SECONDS))

    def _act(self, active: list[Watch], now: float) -> None:
        proposals = [found for watch in active if (found := self._proposal(watch)) is not None]
        if not proposals:
            return
        winner, capacity = decide(self.group.desired, proposals, tracking=self._tracking)
        capacity = clipped(capacity, self.group.min_size, self.group.max_size)
        if winner is None or capacity == self.group.desired:
            return
        alarm = next(watch.alarm for watch in active if watch.policy.name == winner)
        time, name = self._log.timestamp(now), alarm.alarm_name or winner
        cause = activities.by_alarm(time, name, winner, self.group.desired, capacity)
        self.group.set_desired(capacity, cause)

    def _proposal(self, watch: Watch) -> Proposal | None:
        """The capacity that a policy asks for; scale-in waits while instances warm up."""
        value, desired, policy = watch.value, self.group.desired, watch.policy
        if value is None:
            return None
        capacity: int | None
        if isinstance(policy, TargetTrackingPolicy):
            way: Literal["out", "in"] = "in" if watch.direction == "in" else "out"
            capacity = policy.proposal(desired, self._counted(watch), value, way)
        elif isinstance(policy, StepScalingPolicy):
            capacity = self._step(policy, value, watch.warmup_seconds)
        else:
            capacity = self._simple(policy)
        if capacity is None:
            return None
        if capacity < desired and not self._may_scale_in(watch):
            return None
        return Proposal(policy.name, capacity)

    def _counted(self, watch: Watch) -> int:
        """From how many target tracking starts: all whose metrics counted."""
        return watch.contributors

    def _may_scale_in(self, watch: Watch) -> bool:
        """Whether a policy may remove anything now: not while instances warm up."""
        return not self.group.warming(watch.warmup_seconds)

    def _step(self, policy: StepScalingPolicy, value: float, warmup_seconds: float) -> int | None:
        leaving = sum(one.leaving for one in self.group.instances)
        warming = self.group.warming(warmup_seconds)
        return policy.proposal(value, self.group.desired, warming=warming, terminating=leaving)

    def _simple(self, policy: SimpleScalingPolicy) -> int | None:
        own = policy.cooldown_seconds
        cooldown = self.group.group.default_cooldown_seconds if own is None else own
        if not self.group.may_scale_simply(cooldown):
            return None
        return policy.proposal(self.group.desired)
