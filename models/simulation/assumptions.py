"""What AWS does not document, in one place: every figure here is a parameter of the simulation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.quotas import value_of
from models.resource import Settings

Positive = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class Assumptions(Settings):
    """Delays that AWS has but does not publish. All are assumed; sweep them to see what they do."""

    metric_delivery_seconds: NotNegative = value_of("cloudwatch", "metric_delivery_delay_seconds")
    """From the end of a metric's period until alarms can read the datapoint. AWS publishes none;
    public reports say one to two minutes. [s]"""
    health_poll_seconds: Positive = value_of("autoscaling", "health_check_period_seconds")
    """How often a group looks for unhealthy instances. [s]"""
    drain_poll_seconds: Positive = 5.0
    """How often a load balancer looks whether a draining target has nothing in flight. [s]"""
    launch_retry_seconds: Positive = 60.0
    """After a failed launch, when the group tries again. [s]"""
    replacement_share: Annotated[float, Field(gt=0, le=1)] = (
        value_of("autoscaling", "replacement_share_percent") / 100
    )
    """Share of the desired capacity that health checks replace at a time, one at least.
    Documented as 10 %, but not how it is rounded. [share]"""
