"""Step and simple scaling: fixed adjustments when an alarm of one's own sounds."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from models.errors import InvalidInputError
from models.resource import Name, Settings
from models.scaling.alarms import Alarm
from models.scaling.arithmetic import AdjustmentType, adjusted
from models.scaling.tracking import TargetTrackingPolicy, Warmup

#: Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html.
MOST_STEP_ADJUSTMENTS = 20

Bound = Annotated[float, Field(allow_inf_nan=False)]
Adjustment = Annotated[int, Field(strict=True)]
Magnitude = Annotated[int, Field(ge=1, strict=True)]


class StepAdjustment(Settings):
    """What to do where the metric is so far from the threshold of the alarm.

    Documented:
    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StepAdjustment.html
    """

    lower_bound: Bound | None = None
    """Metric minus threshold, from here; without end unless given. [unit of the metric]"""
    upper_bound: Bound | None = None
    """Metric minus threshold, up to here; without end unless given. [unit of the metric]"""
    scaling_adjustment: Adjustment
    """Units to add, to remove where negative, or to have. [units or percent]"""

    @model_validator(mode="after")
    def _is_an_interval(self) -> Self:
        if not self.lower < self.upper:
            raise InvalidInputError(
                f"lower_bound {self.lower:g} must be below"
                f" upper_bound {self.upper:g} [unit of the metric]"
            )
        if math.isinf(self.lower) and math.isinf(self.upper):
            raise InvalidInputError("lower_bound or upper_bound must be given [unit of the metric]")
        return self

    @property
    def lower(self) -> float:
        """Lower end of the interval, minus infinity where it has none. [unit of the metric]"""
        bound = self.lower_bound
        return -math.inf if bound is None else bound

    @property
    def upper(self) -> float:
        """Upper end of the interval, infinity where it has none. [unit of the metric]"""
        bound = self.upper_bound
        return math.inf if bound is None else bound

    def __str__(self) -> str:
        """The interval and what it does."""
        return f"{self.lower:g} to {self.upper:g}: {self.scaling_adjustment:+d}"


class _AlarmPolicy(Settings):
    """What step and simple scaling have in common."""

    name: Name
    """Names it in the activity log."""
    alarm: Alarm
    """What sets it off."""
    adjustment_type: AdjustmentType = "ChangeInCapacity"
    """Whether adjustments are units to add, percent to add, or the capacity to have."""
    min_adjustment_magnitude: Magnitude | None = None
    """The least that a percentage adds or removes. [units]"""

    def _check_amounts(self, *amounts: int) -> None:
        """Refuse what cannot go with the adjustment type."""
        if self.min_adjustment_magnitude and self.adjustment_type != "PercentChangeInCapacity":
            raise InvalidInputError(
                f"min_adjustment_magnitude {self.min_adjustment_magnitude} must not be given with"
                f" adjustment_type {self.adjustment_type!r}: only with 'PercentChangeInCapacity'"
            )
        if self.adjustment_type == "ExactCapacity" and min(amounts) < 0:
            raise InvalidInputError(
                f"scaling_adjustment {min(amounts)} must be at least 0 [units] with"
                " adjustment_type 'ExactCapacity'"
            )

    def adjusted(self, capacity: int, amount: int) -> int:
        """`capacity` after an adjustment by `amount`, before it is clipped. [units]"""
        return adjusted(capacity, self.adjustment_type, amount, self.min_adjustment_magnitude)


class SimpleScalingPolicy(_AlarmPolicy):
    """One adjustment when the alarm sounds, then a pause.

    It waits until the activity before it has ended and the cooldown is over.
    Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/simple-scaling-policies.html
    """

    policy_type: Literal["SimpleScaling"] = "SimpleScaling"
    """AWS's name of the kind of policy."""
    scaling_adjustment: Adjustment
    """Units to add, to remove where negative, or to have. [units or percent]"""
    cooldown_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Pause after an activity; the group's default unless given. [s]"""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self._check_amounts(self.scaling_adjustment)
        return self

    def proposal(self, desired: int) -> int | None:
        """Capacity the policy asks for when its alarm sounds, None where it leaves it. [units]

        Examples
        --------
        >>> quiet = Alarm(metric_name="CPUUtilization", evaluation_periods=2, threshold=40,
        ...               comparison_operator="LessThanThreshold")
        >>> SimpleScalingPolicy(name="in", alarm=quiet, scaling_adjustment=-1).proposal(3)
        2
        """
        proposed = self.adjusted(desired, self.scaling_adjustment)
        return None if proposed == desired else proposed


class StepScalingPolicy(_AlarmPolicy):
    """The further the metric is beyond the threshold, the larger the adjustment.

    Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
    """

    policy_type: Literal["StepScaling"] = "StepScaling"
    """AWS's name of the kind of policy."""
    step_adjustments: tuple[StepAdjustment, ...]
    """At most 20 intervals without gap or overlap, in any order."""
    metric_aggregation_type: Literal["Average", "Minimum", "Maximum"] = "Average"
    """How the newest datapoints become the value that picks the step."""
    estimated_instance_warmup_seconds: Warmup | None = None
    """How long new capacity warms up before it counts in the metric; the group's default unless
    given. [s]"""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _check_steps(sorted(self.step_adjustments, key=lambda step: step.lower))
        self._check_amounts(*(step.scaling_adjustment for step in self.step_adjustments))
        return self

    def proposal(
        self, metric: float, desired: int, *, warming: int = 0, terminating: int = 0
    ) -> int | None:
        """Capacity the policy asks for when its alarm sounds, None where it leaves it. [units]

        See `step_capacity`.
        """
        return step_capacity(self, metric, desired, warming=warming, terminating=terminating)


def _check_steps(steps: list[StepAdjustment]) -> None:
    """Refuse steps, lowest first, that AWS refuses."""
    if not 1 <= len(steps) <= MOST_STEP_ADJUSTMENTS:
        raise InvalidInputError(
            f"step_adjustments has {len(steps)} steps, must have 1 to {MOST_STEP_ADJUSTMENTS}"
        )
    for below, above in pairwise(steps):
        if below.upper != above.lower:
            wrong = "overlap" if below.upper > above.lower else "leave a gap"
            raise InvalidInputError(
                f"step_adjustments ({below}) and ({above}) {wrong}: each must begin where the one"
                " below ends [unit of the metric]"
            )
    if steps[0].lower < 0 and not math.isinf(steps[0].lower):
        raise InvalidInputError(
            f"step_adjustments begin at {steps[0].lower:g}: with a negative lower bound, one step"
            " must have none [unit of the metric]"
        )
    if steps[-1].upper > 0 and not math.isinf(steps[-1].upper):
        raise InvalidInputError(
            f"step_adjustments end at {steps[-1].upper:g}: with a positive upper bound, one step"
            " must have none [unit of the metric]"
        )


def step_for(policy: StepScalingPolicy, metric: float) -> int | None:
    """Adjustment of the step that `metric` falls in, None where no step covers it.

    Parameters
    ----------
    policy : StepScalingPolicy
        Its bounds count from the threshold of its alarm.
    metric : float
        [unit of the metric]

    Notes
    -----
    Documented: above the threshold the lower bound is part of a step and the upper is not, below
    it is the other way round
    (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html). Assumed:
    at the threshold itself the side counts that the alarm looks at.

    Examples
    --------
    >>> busy = Alarm(metric_name="CPUUtilization", evaluation_periods=2, threshold=50,
    ...              comparison_operator="GreaterThanThreshold")
    >>> steps = [
    ...     StepAdjustment(lower_bound=0, upper_bound=10,
    ...                    scaling_adjustment=1),
    ...     StepAdjustment(lower_bound=10, scaling_adjustment=3)]
    >>> out = StepScalingPolicy(name="out", alarm=busy, step_adjustments=steps)
    >>> step_for(out, 59.9), step_for(out, 60), step_for(out, 40)
    (1, 3, None)
    """
    threshold = policy.alarm.threshold
    if metric == threshold:
        above = policy.alarm.comparison_operator.startswith("Greater")
    else:
        above = metric > threshold
    for step in policy.step_adjustments:
        lower, upper = threshold + step.lower, threshold + step.upper
        if lower <= metric < upper if above else lower < metric <= upper:
            return step.scaling_adjustment
    return None


def step_capacity(
    policy: StepScalingPolicy, metric: float, desired: int, *, warming: int = 0,
    terminating: int = 0,
) -> int | None:  # fmt: skip
    """Capacity that step scaling leads to, before it is clipped; None where it stays. [units]

    Parameters
    ----------
    policy : StepScalingPolicy
        Whose alarm sounds.
    metric : float
        [unit of the metric]
    desired : int
        Desired capacity now, with those that warm up. [units]
    warming : int
        Of these, still warming up. [units]
    terminating : int
        On their way out, no longer part of the desired capacity. [units]

    Notes
    -----
    Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html,
    "Instance warmup". Growth starts from the capacity that is past its warm-up and counts only
    beyond what is desired already, so that alarms in the same step act once. While anything warms
    up nothing is removed. Removal starts from the capacity with what is terminating.

    Examples
    --------
    AWS's own: 10 percent from 60, 30 percent from 70, and 10 instances.

    >>> busy = Alarm(metric_name="CPUUtilization", evaluation_periods=2, threshold=60,
    ...              comparison_operator="GreaterThanOrEqualToThreshold")
    >>> out = StepScalingPolicy(
    ...     name="out", alarm=busy, adjustment_type="PercentChangeInCapacity",
    ...     step_adjustments=[
    ...         StepAdjustment(lower_bound=0, upper_bound=10,
    ...                        scaling_adjustment=10),
    ...         StepAdjustment(lower_bound=10, scaling_adjustment=30)])
    >>> step_capacity(out, 60, desired=10)
    11
    >>> step_capacity(out, 62, desired=11, warming=1)  # 11 are desired already
    >>> step_capacity(out, 70, desired=11, warming=1)
    13
    """
    amount = step_for(policy, metric)
    if amount is None:
        return None
    grown = policy.adjusted(desired - warming, amount)
    if grown > desired:
        return grown
    shrunk = policy.adjusted(desired + terminating, amount)
    return shrunk if shrunk < desired and not warming else None


def _policy_type(given: Any) -> Any:
    return (
        given.get("policy_type") if isinstance(given, dict) else getattr(given, "policy_type", None)
    )


#: Any scaling policy. In a file `policy_type` says which; the classes know it themselves.
Policy = Annotated[
    Annotated[TargetTrackingPolicy, Tag("TargetTrackingScaling")]
    | Annotated[StepScalingPolicy, Tag("StepScaling")]
    | Annotated[SimpleScalingPolicy, Tag("SimpleScaling")],
    Discriminator(
        _policy_type,
        custom_error_type="policy_type",
        custom_error_message="must have as policy_type one of 'TargetTrackingScaling',"
        " 'StepScaling', 'SimpleScaling'",
    ),
]
