"""Provisioned concurrency that changes: by the clock, or with how much of it is used."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from models.errors import InvalidInputError
from models.quotas import quota, range_of, value_of
from models.resource import Settings
from models.scaling import ScheduledAction, TargetTrackingPolicy

Size = Annotated[int, Field(ge=0, strict=True)]
UTILIZATION = "ProvisionedConcurrencyUtilization"


def provisioned_tracking(target: float = 0.7, name: str = "utilization") -> TargetTrackingPolicy:
    """Target tracking of `ProvisionedConcurrencyUtilization`, as Application Auto Scaling has it.

    Parameters
    ----------
    target : float
        From 0.1 to 0.9: the share of the provisioned concurrency that is in use. [share]
    name : str

    Raises
    ------
    InvalidInputError
        Where the target is outside what AWS accepts.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html: three
    datapoints above the target, and the low alarm at 90 % of it. How many datapoints below it
    scale in is only measured.

    Examples
    --------
    >>> provisioned_tracking(0.7).scale_in_threshold
    0.63
    """
    least, most = (share / 100 for share in range_of("lambda", "provisioned_target_percent"))
    if not least <= target <= most:
        page = quota("lambda", "provisioned_target_percent_max").source
        raise InvalidInputError(f"target ({target}) must be from {least:g} to {most:g} ({page})")
    return TargetTrackingPolicy(
        name=name,
        custom_metric=UTILIZATION,
        target_value=target,
        scale_out_periods=int(value_of("lambda", "provisioned_high_points")),
        scale_in_periods=int(value_of("lambda", "provisioned_low_points")),
        scale_in_ratio=value_of("lambda", "provisioned_low_ratio"),
        estimated_instance_warmup_seconds=0.0,
    )


class ScalableTarget(Settings):
    """Bounds and rules for the provisioned concurrency of a function.

    Documented: https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html
    """

    min_capacity: Size = 0
    """Least provisioned concurrency that a policy leaves. [environments]"""
    max_capacity: Size
    """Most that a policy asks for. [environments]"""
    policies: tuple[TargetTrackingPolicy, ...] = ()
    """See `provisioned_tracking`."""
    scheduled_actions: tuple[ScheduledAction, ...] = ()
    """Bounds that change by the clock: what lies outside them is brought inside at once."""

    @property
    def most_capacity(self) -> int:
        """The most that policies and scheduled actions can lead to. [environments]"""
        bounds = [(one.min_size, one.max_size) for one in self.scheduled_actions]
        return max(self.max_capacity, *(size or 0 for both in bounds for size in both), 0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_capacity > self.max_capacity:
            raise InvalidInputError(
                f"min_capacity ({self.min_capacity}) must be at most max_capacity"
                f" ({self.max_capacity})"
            )
        for policy in self.policies:
            if policy.metric_name != UTILIZATION:
                raise InvalidInputError(
                    f"policy {policy.name!r} must follow {UTILIZATION}, not {policy.metric_name}"
                )
        return self
