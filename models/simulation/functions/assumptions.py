"""What AWS does not document of Lambda's control plane, and limits that it raises on request."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.quotas import value_of
from models.resource import Settings

NotNegative = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]


class FunctionAssumptions(Settings):
    """Limits and delays around the functions of an account."""

    scaling_burst_environments: NotNegative = value_of("lambda", "scaling_burst_environments")
    """New environments that a function may have at once after a quiet time. Documented."""
    scaling_environments_per_second: NotNegative = value_of(
        "lambda", "scaling_environments_per_second"
    )
    """How fast that allowance comes back. Documented as 1,000 in 10 seconds; that it is a token
    bucket is assumed. [1/s]"""
    requests_per_concurrency: NotNegative = value_of("lambda", "requests_per_concurrency")
    """Requests a second for each unit of concurrency; 0 sets no limit. Documented; that it is a
    token bucket that holds one second's requests is assumed. [1/s]"""
    provisioned_start_seconds: NotNegative = value_of("lambda", "provisioned_start_seconds")
    """From asking for provisioned concurrency until allocation begins. Documented as a minute or
    two. [s]"""
    provisioned_allocation_per_minute: Positive = value_of(
        "lambda", "provisioned_allocation_per_minute"
    )
    """Environments allocated a minute. Documented; that none of an increase serves before all of
    it is there is documented for the first one and assumed for later ones. [1/min]"""
    metric_delivery_seconds: NotNegative = value_of("cloudwatch", "metric_delivery_delay_seconds")
    """From the end of a metric's period until alarms can read the datapoint. Assumed. [s]"""
