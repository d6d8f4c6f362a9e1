"""Target tracking: a metric is kept at a value, as a thermostat keeps a room at a temperature."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.resource import Name, Settings
from models.scaling.alarms import Alarm, Periods, Statistic
from models.scaling.arithmetic import needed_capacity

PredefinedMetric = Literal[
    "ASGAverageCPUUtilization",
    "ASGAverageNetworkIn",
    "ASGAverageNetworkOut",
    "ALBRequestCountPerTarget",
]
Direction = Literal["out", "in"]

#: CloudWatch's name and statistic of each predefined metric. Documented:
#: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html and
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
#: (RequestCountPerTarget has no statistic but Sum).
PREDEFINED_METRICS: Mapping[str, tuple[str, Statistic]] = MappingProxyType(
    {
        "ASGAverageCPUUtilization": ("CPUUtilization", "Average"),
        "ASGAverageNetworkIn": ("NetworkIn", "Average"),
        "ASGAverageNetworkOut": ("NetworkOut", "Average"),
        "ALBRequestCountPerTarget": ("RequestCountPerTarget", "Sum"),
    }
)

#: Periods that target tracking can watch a metric with. Documented up to 60:
#: https://docs.aws.amazon.com/autoscaling/ec2/userguide/policy-creating-high-resolution-metrics.html;
#: 300 is what third parties see where instances have basic monitoring. [s]
PERIODS_SECONDS = (10, 30, 60, 300)
_SHORTEST_PREDEFINED_SECONDS = 60

Warmup = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class TrackingAlarms(NamedTuple):
    """The alarms that AWS keeps for one policy.

    Parameters
    ----------
    high : Alarm
        Scales out.
    low : Alarm or None
        Scales in; None where the policy does not.
    """

    high: Alarm
    low: Alarm | None


class TargetTrackingPolicy(Settings):
    """Adds and removes capacity in proportion to how far a metric is from its target.

    Documented, but for the shape of the alarms and the formula of the new capacity:
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
    """

    policy_type: Literal["TargetTrackingScaling"] = "TargetTrackingScaling"
    """AWS's name of the kind of policy."""
    name: Name
    """Names it in the activity log."""
    predefined_metric: PredefinedMetric | None = None
    """A metric that AWS knows by name; either this or `custom_metric`."""
    custom_metric: Name | None = None
    """CloudWatch's name of any other metric that falls as capacity grows."""
    statistic: Statistic = "Average"
    """Of the custom metric; a predefined one has its own."""
    target_value: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """What the metric is kept at. [unit of the metric; counts are per unit of capacity and minute]
    """
    disable_scale_in: bool = False
    """Whether the policy only ever adds capacity."""
    estimated_instance_warmup_seconds: Warmup | None = None
    """How long new capacity warms up before it counts in the metric; the group's default unless
    given. [s]"""
    period_seconds: Literal[10, 30, 60, 300] = 60
    """Period of both alarms. Measured; 300 with basic monitoring. [s]"""
    scale_out_periods: Periods = 3
    """Datapoints in a row above the target before capacity is added. Measured: public records of
    small groups; AWS publishes none and tunes them since November 2024."""
    scale_in_periods: Periods = 15
    """Datapoints in a row below the lower threshold before capacity is removed. Measured."""
    scale_in_ratio: Annotated[float, Field(gt=0, le=1)] = 0.7
    """Lower threshold as a share of the target. Measured: 0.7 for EC2 Auto Scaling; 0.9 for
    Application Auto Scaling (Amazon ECS, Lambda)."""
    scale_in_max_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """The most that is removed at a time, as a share of capacity, but at least one unit; without
    limit unless given. Assumed: AWS says that it removes more gradually, not by how much."""

    @field_validator("period_seconds", mode="before")
    @classmethod
    def _period_exists(cls, seconds: object) -> object:
        if seconds not in PERIODS_SECONDS:
            raise ValueError("must be 10, 30, 60 or 300 [s]")
        return seconds

    @model_validator(mode="after")
    def _watches_one_metric(self) -> Self:
        if (self.predefined_metric is None) == (self.custom_metric is None):
            raise InvalidInputError(
                f"predefined_metric {self.predefined_metric!r} and custom_metric"
                f" {self.custom_metric!r}: exactly one must be given; predefined ones are"
                f" {', '.join(PREDEFINED_METRICS)}"
            )
        if self.predefined_metric and self.period_seconds < _SHORTEST_PREDEFINED_SECONDS:
            raise InvalidInputError(
                f"period_seconds {self.period_seconds} must be 60 or 300 [s] with a predefined"
                " metric; shorter ones need a custom_metric of high resolution"
            )
        self.alarms("group")  # refuses windows that no alarm can have
        return self

    @property
    def metric_name(self) -> str:
        """CloudWatch's name of the metric."""
        if self.predefined_metric:
            return PREDEFINED_METRICS[self.predefined_metric][0]
        return str(self.custom_metric)

    @property
    def scale_in_threshold(self) -> float:
        """Below this the policy removes capacity. [unit of the metric]"""
        return float(f"{self.scale_in_ratio * self.target_value:.12g}")

    def alarms(self, scaled: str) -> TrackingAlarms:
        """Both alarms, named as AWS names those of the group or service called `scaled`.

        Assumed: a policy that does not scale in has no low alarm.

        Examples
        --------
        >>> policy = TargetTrackingPolicy(
        ...     name="cpu", predefined_metric="ASGAverageCPUUtilization", target_value=50)
        >>> high, low = policy.alarms("web")
        >>> high.alarm_name
        'TargetTracking-web-AlarmHigh-9e7bed4f-5439-56fb-a0c1-a79ca145f89f'
        >>> low.comparison_operator, low.threshold, low.evaluation_periods
        ('LessThanThreshold', 35.0, 15)
        """
        statistic = self.statistic
        if self.predefined_metric:
            statistic = PREDEFINED_METRICS[self.predefined_metric][1]
        high = Alarm(
            alarm_name=self._alarm_name(scaled, "AlarmHigh"),
            metric_name=self.metric_name,
            statistic=statistic,
            period_seconds=self.period_seconds,
            evaluation_periods=self.scale_out_periods,
            comparison_operator="GreaterThanThreshold",
            threshold=self.target_value,
        )
        if self.disable_scale_in:
            return TrackingAlarms(high, None)
        low = high.replace(
            alarm_name=self._alarm_name(scaled, "AlarmLow"),
            evaluation_periods=self.scale_in_periods,
            comparison_operator="LessThanThreshold",
            threshold=self.scale_in_threshold,
        )
        return TrackingAlarms(high, low)

    def _alarm_name(self, scaled: str, which: str) -> str:
        """AWS's form of the name, ending in an identifier that is the same in every run."""
        unique = uuid.uuid5(uuid.NAMESPACE_URL, f"{scaled}/{self.name}/{which}")
        return f"TargetTracking-{scaled}-{which}-{unique}"

    def proposal(
        self, desired: int, contributing: int, metric: float, direction: Direction
    ) -> int | None:
        """Capacity the policy asks for when its alarm sounds, None where it leaves it. [units]

        Parameters
        ----------
        desired : int
            Desired capacity now. [units]
        contributing : int
            Units whose load the metric averages. Out: those past their warm-up. In: those and the
            ones that are terminating, so that nothing is removed twice. [units]
        metric : float
            Latest datapoint. [unit of the metric]
        direction : str
            ``out`` for the high alarm, ``in`` for the low one.

        Notes
        -----
        Documented: units that are warming up count as part of the desired capacity, capacity is
        not removed where what is left would be above the target, and removed more gradually than
        added (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html).
        Assumed: the formula, see `needed_capacity`. Whether anything is warming up, which blocks
        scaling in, is for the caller to know.

        Examples
        --------
        >>> policy = TargetTrackingPolicy(
        ...     name="cpu", predefined_metric="ASGAverageCPUUtilization", target_value=50)
        >>> policy.proposal(desired=4, contributing=4, metric=75, direction="out")
        6
        >>> policy.proposal(desired=6, contributing=4, metric=75, direction="out")  # 2 warming up
        >>> policy.proposal(desired=10, contributing=10, metric=30, direction="in")
        6
        """
        need = needed_capacity(contributing, metric, self.target_value)
        if direction == "out":
            return need if need > desired else None
        if self.disable_scale_in:
            return None
        if self.scale_in_max_share is not None:
            need = max(need, desired - max(1, int(desired * self.scale_in_max_share)))
        return need if need < desired else None
