"""Service auto scaling: bounds, policies and schedules, as Application Auto Scaling has them."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.quotas import value_of
from models.resource import Settings
from models.scaling import ScheduledAction, StepScalingPolicy, TargetTrackingPolicy
from models.scaling.policies import Policy

Size = Annotated[int, Field(ge=0, le=10_000, strict=True)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
ServiceMetric = Literal["ECSServiceAverageCPUUtilization", "ALBRequestCountPerTarget"]


def service_tracking(
    target: float, metric: ServiceMetric = "ECSServiceAverageCPUUtilization", name: str = ""
) -> TargetTrackingPolicy:
    """Target tracking of a service, with the alarms that Application Auto Scaling makes for it.

    Parameters
    ----------
    target : float
        CPU utilization of the running tasks [percent], or requests to each healthy one [1/min].
    metric : str
        Name of the predefined metric.
    name : str
        Of the policy; the metric's unless given.

    Raises
    ------
    InvalidInputError
        Where there is no such metric, or the target is not above 0.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html.
    Measured: the shape of the alarms, three minutes above the target and fifteen below 90 % of it.

    Examples
    --------
    >>> service_tracking(75).scale_in_threshold
    67.5
    """
    predefined, custom = None, None
    if metric == "ALBRequestCountPerTarget":
        predefined = metric
    elif metric == "ECSServiceAverageCPUUtilization":
        custom = "CPUUtilization"
    else:
        raise InvalidInputError(
            f"metric {metric!r} must be ECSServiceAverageCPUUtilization or"
            " ALBRequestCountPerTarget; other metrics are a TargetTrackingPolicy's custom_metric"
        )
    return TargetTrackingPolicy(
        name=name or metric, predefined_metric=predefined, custom_metric=custom,
        target_value=target, scale_out_periods=int(value_of("ecs", "tracking_high_points")),
        scale_in_periods=int(value_of("ecs", "tracking_low_points")),
        scale_in_ratio=value_of("autoscaling", "application_auto_scaling_low_ratio"),
    )  # fmt: skip


class ScalableTarget(Settings):
    """Bounds and rules for the desired count of a service.

    Documented: https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html.
    Simplified: one pair of cooldowns for all policies; AWS has one for each.
    """

    min_capacity: Size
    """Fewest tasks that a policy leaves."""
    max_capacity: Size
    """Most tasks that a policy asks for."""
    policies: tuple[Policy, ...] = ()
    """Target tracking and step scaling; see `service_tracking`."""
    scheduled_actions: tuple[ScheduledAction, ...] = ()
    """Bounds that change by the clock: a count outside them is brought inside at once."""
    scale_out_cooldown_seconds: Seconds = value_of("ecs", "scale_out_cooldown_seconds")
    """While this lasts after tasks were added, only a larger addition adds the difference. [s]"""
    scale_in_cooldown_seconds: Seconds = value_of("ecs", "scale_in_cooldown_seconds")
    """After tasks were removed no more are for this long, unless some were added in between.
    [s]"""

    @field_validator("policies")
    @classmethod
    def _policies_get_along(cls, value: tuple[Policy, ...]) -> tuple[Policy, ...]:
        for policy in value:
            if not isinstance(policy, TargetTrackingPolicy | StepScalingPolicy):
                raise ValueError(
                    f"must track a target or scale in steps; {policy.name!r} is simple scaling,"
                    " which Application Auto Scaling does not have"
                )
            if (getattr(policy, "predefined_metric", None) or "").startswith("ASG"):
                raise ValueError(
                    f"must not follow a metric of Auto Scaling groups, as {policy.name!r} does;"
                    " see service_tracking"
                )
            if policy.estimated_instance_warmup_seconds is not None:
                raise ValueError(
                    f"must not have a warm-up, as {policy.name!r} has: services have cooldowns"
                )
        twice = [name for name, count in Counter(one.name for one in value).items() if count > 1]
        if twice:
            raise ValueError(f"must have different names; {twice[0]!r} is given twice")
        return value

    @field_validator("scheduled_actions")
    @classmethod
    def _actions_set_bounds(cls, value: tuple[ScheduledAction, ...]) -> tuple[ScheduledAction, ...]:
        for action in value:
            if action.desired_capacity is not None:
                raise ValueError(
                    f"must set min_size and max_size only; {action.name!r} sets desired_capacity,"
                    " which Application Auto Scaling does not"
                )
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_capacity > self.max_capacity:
            raise InvalidInputError(
                f"min_capacity ({self.min_capacity}) must be at most max_capacity"
                f" ({self.max_capacity})"
            )
        return self
