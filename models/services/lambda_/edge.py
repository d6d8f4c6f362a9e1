"""Lambda@Edge: functions that run where CloudFront does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, field_validator

from models.metering import Meter, Quantity
from models.quotas import refuse_outside, value_of
from models.resource import Amount, Resource
from models.services.lambda_.meters import EDGE_DURATION, EDGE_REQUESTS
from models.services.lambda_.rules import gb_seconds
from models.units import BillingPeriod


class EdgeFunction(Resource):
    """A function that CloudFront calls at its locations, at one price all over the world.

    Documented: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-the-edge.html
    """

    requests: Amount = 0
    """Invocations in the period."""
    duration_ms: Amount = 0
    """Billed time of each, on average, cold starts included. [ms]"""
    memory_mb: Annotated[int, Field(strict=True)] = int(value_of("lambda", "memory_size_mb_min"))
    """Memory; at viewer events AWS allows 128 MB only. [MB]"""

    @field_validator("memory_mb")
    @classmethod
    def _memory_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "lambda", "memory_size_mb")

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield requests and GB-seconds."""
        yield EDGE_REQUESTS, self.requests
        yield EDGE_DURATION, gb_seconds(self.requests, self.duration_ms, self.memory_mb)
