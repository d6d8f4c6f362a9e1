"""The target group: how requests are shared out and how a target's health is found out."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.errors import InvalidInputError
from models.quotas import range_of, value_of
from models.resource import Settings

Whole = Annotated[int, Field(strict=True)]


def _default(name: str) -> int:
    return int(value_of("elbv2", name))


def _within_aws_bounds(value: int, quota: str, *, or_off: bool = False) -> int:
    """`value`, refused where AWS would refuse it; 0 switches off where `or_off`."""
    least, most = range_of("elbv2", quota)
    if not (least <= value <= most or (or_off and value == 0)):
        raise ValueError(f"must be {'0 or ' if or_off else ''}from {least} to {most}")
    return value


class HealthCheck(Settings):
    """Requests that the load balancer sends to each target to see whether it answers.

    Documented: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """

    interval_seconds: Whole = _default("health_check_interval_seconds")
    """Time between two checks of a target. [s]"""
    timeout_seconds: Whole = _default("health_check_timeout_seconds")
    """How long a check waits for an answer. [s]"""
    healthy_threshold_count: Whole = _default("healthy_threshold_count")
    """Successes in a row that make an unhealthy target healthy; a new one needs a single one."""
    unhealthy_threshold_count: Whole = _default("unhealthy_threshold_count")
    """Failures in a row that make a target unhealthy."""
    shares_workers: bool = False
    """Whether checks wait in the same line as requests, so that an overloaded target fails them.
    Assumed: a check fails where those before it would take longer than the timeout, or where the
    line is full."""

    @field_validator("interval_seconds", "timeout_seconds")
    @classmethod
    def _seconds_within_bounds(cls, value: int, info: ValidationInfo) -> int:
        return _within_aws_bounds(value, f"health_check_{info.field_name}")

    @field_validator("healthy_threshold_count", "unhealthy_threshold_count")
    @classmethod
    def _counts_within_bounds(cls, value: int, info: ValidationInfo) -> int:
        return _within_aws_bounds(value, str(info.field_name))

    @model_validator(mode="after")
    def _answers_before_the_next(self) -> Self:
        if self.timeout_seconds >= self.interval_seconds:
            raise InvalidInputError(
                f"timeout_seconds ({self.timeout_seconds}) must be below interval_seconds"
                f" ({self.interval_seconds}) [s]"
            )
        return self


class TargetGroup(Settings):
    """How an Application Load Balancer sends requests to the instances of a group.

    Documented: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
    """

    algorithm: Literal["round_robin", "least_outstanding_requests"] = "round_robin"
    """``load_balancing.algorithm.type``."""
    health_check: HealthCheck = HealthCheck()
    """How health is found out."""
    deregistration_delay_seconds: Whole = _default("deregistration_delay_seconds")
    """How long requests in flight may go on when a target leaves; then they are cut off. [s]"""
    slow_start_duration_seconds: Whole = 0
    """Time over which the share of a new target grows to a full one; 0 for off. [s]"""
    stickiness_duration_seconds: Whole = 0
    """How long a client stays with one target after its last request; 0 for off. [s]"""
    minimum_healthy_targets_count: Annotated[int, Field(ge=1, strict=True)] = _default(
        "minimum_healthy_targets_count"
    )
    """With fewer healthy targets than this, requests go to all targets, healthy or not."""
    weight: Whole = 1
    """Share of the requests that go to this target group, against the weights of the others behind
    the same balancer."""
    idle_timeout_seconds: Whole = _default("idle_timeout_seconds")
    """The load balancer answers 504 where a target has sent nothing for so long. [s]"""

    @field_validator("deregistration_delay_seconds", "idle_timeout_seconds")
    @classmethod
    def _within_bounds(cls, value: int, info: ValidationInfo) -> int:
        return _within_aws_bounds(value, str(info.field_name))

    @field_validator("weight")
    @classmethod
    def _weight_within_bounds(cls, value: int) -> int:
        return _within_aws_bounds(value, "target_group_weight")

    @field_validator("slow_start_duration_seconds", "stickiness_duration_seconds")
    @classmethod
    def _off_or_within_bounds(cls, value: int, info: ValidationInfo) -> int:
        return _within_aws_bounds(value, str(info.field_name), or_off=True)

    @model_validator(mode="after")
    def _slow_start_fits(self) -> Self:
        if self.slow_start_duration_seconds and self.algorithm != "round_robin":
            raise InvalidInputError(
                f"slow_start_duration_seconds ({self.slow_start_duration_seconds}) must be 0 with"
                f" algorithm {self.algorithm!r}; slow start works with 'round_robin' only"
            )
        return self
