"""Auto scaling of provisioned capacity: bounds, a target, and alarms that differ from others'."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.quotas import quota, refuse_outside, value_of
from models.resource import Settings
from models.scaling import ScheduledAction, TargetTrackingPolicy, TrackingAlarms

#: Where the target leaves no room for the lower threshold, as at 20 percent, it lies at almost
#: nothing, and capacity is only removed while next to nothing is consumed. Assumed.
_LEAST_RATIO = 1e-6

Units = Annotated[int, Field(strict=True)]


class UtilizationTracking(TargetTrackingPolicy):
    """Target tracking of consumed capacity as a share of what is provisioned.

    A minute in which nothing is consumed has no datapoint, and alarms on metrics of DynamoDB keep
    their state without one: so an idle table is not scaled in. Documented:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html.
    """

    def alarms(self, scaled: str) -> TrackingAlarms:
        """Both alarms; they ignore what is missing."""
        high, low = super().alarms(scaled)
        return TrackingAlarms(
            high.replace(treat_missing_data="ignore"),
            None if low is None else low.replace(treat_missing_data="ignore"),
        )


def utilization_tracking(
    metric_name: str, target_percent: float, *, disable_scale_in: bool = False
) -> UtilizationTracking:
    """Target tracking as Application Auto Scaling sets it up for a table.

    Parameters
    ----------
    metric_name : str
        AWS's predefined metric, ``DynamoDBReadCapacityUtilization`` or that of writes.
    target_percent : float
        [percent]
    disable_scale_in : bool

    Notes
    -----
    Documented: two minutes above the target
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html);
    15 minutes at 20 or more below it, 50 where the target is 70
    (https://repost.aws/knowledge-center/dynamodb-auto-scaling).

    Examples
    --------
    >>> policy = utilization_tracking("DynamoDBWriteCapacityUtilization", 70)
    >>> policy.scale_out_periods, policy.scale_in_periods, policy.scale_in_threshold
    (2, 15, 50.0)
    """
    points = value_of("dynamodb", "low_alarm_points")
    return UtilizationTracking(
        name=metric_name,
        custom_metric=metric_name,
        target_value=target_percent,
        disable_scale_in=disable_scale_in,
        scale_out_periods=int(value_of("dynamodb", "high_alarm_minutes")),
        scale_in_periods=int(value_of("dynamodb", "low_alarm_minutes")),
        scale_in_ratio=max((target_percent - points) / target_percent, _LEAST_RATIO),
        estimated_instance_warmup_seconds=0.0,
    )


class ScalableTarget(Settings):
    """Bounds and target for the read capacity or the write capacity of a table.

    Documented: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
    """

    min_capacity: Units = int(value_of("dynamodb", "capacity_units_min"))
    """Least that auto scaling leaves. [units]"""
    max_capacity: Units
    """Most that it asks for. [units]"""
    target_percent: Annotated[float, Field(allow_inf_nan=False)] = float(
        value_of("dynamodb", "target_percent")
    )
    """Consumed capacity as a percentage of what is provisioned. [percent]"""
    disable_scale_in: bool = False
    """Whether capacity is only ever added."""
    scheduled_actions: tuple[ScheduledAction, ...] = ()
    """Bounds that change by the clock: what lies outside them is brought inside at once."""

    @field_validator("min_capacity", "max_capacity")
    @classmethod
    def _capacity_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "dynamodb", "capacity_units")

    @field_validator("target_percent")
    @classmethod
    def _target_within_bounds(cls, value: float) -> float:
        least, most = (value_of("dynamodb", f"target_percent_{end}") for end in ("min", "max"))
        if not least <= value <= most:
            page = quota("dynamodb", "target_percent_max").source
            raise ValueError(f"must be from {least} to {most} [percent] ({page})")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_capacity > self.max_capacity:
            raise InvalidInputError(
                f"min_capacity ({self.min_capacity}) must be at most max_capacity"
                f" ({self.max_capacity})"
            )
        return self

    def policy(self, metric_name: str) -> UtilizationTracking:
        """The policy that follows `metric_name`; see `utilization_tracking`."""
        return utilization_tracking(
            metric_name, self.target_percent, disable_scale_in=self.disable_scale_in
        )
