"""Amazon API Gateway: REST, HTTP and WebSocket APIs, charged by the call.

Models: calls of REST APIs and the hours of their cache; calls of HTTP APIs in units of 512 KB;
    messages of WebSocket APIs in units of 32 KB and the minutes of their connections. For a
    simulation, the throttle and the time an integration may take.
Leaves out: private endpoints, usage plans and API keys, caches of sizes without a held price, the
    Lambda functions an API calls or has authorise a call, logs, and data transfer to the internet:
    describe that with `ec2`. Calls refused for lack of permission or by the throttle of a usage
    plan are free and not to be counted.
Pricing: https://aws.amazon.com/api-gateway/pricing/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from models.billed_time import hours_within
from models.metering import Meter, Quantity
from models.quotas import quota, value_of
from models.resource import Amount, Resource
from models.units import BillingPeriod

__all__ = ["HttpApi", "RestApi", "WebSocketApi", "cache_hours", "metered_units"]

#: Documented: https://aws.amazon.com/api-gateway/pricing/ ("WebSocket APIs").
MESSAGE_UNIT_KB = 32

#: The largest message of a WebSocket. Documented:
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
MESSAGE_KB_MOST = 128

REST_REQUESTS = Meter(
    "AmazonApiGateway", "ApiGatewayRequest", "Requests", name="REST API calls",
    rule="Every call that the API receives, whatever its size; cached answers too.",
    lever="Use an HTTP API where its features are enough, and cache in front of the API.",
)  # fmt: skip
HTTP_REQUESTS = Meter(
    "AmazonApiGateway", "ApiGatewayHttpRequest", "Requests", name="HTTP API calls",
    rule="Every call for each 512 KB of its payload or part of them.",
    lever="Send large files through S3 and presigned addresses, and cache in front of the API.",
)  # fmt: skip
MESSAGES = Meter(
    "AmazonApiGateway", "ApiGatewayMessage", "Messages", name="WebSocket messages",
    rule="Every message, sent or received, for each 32 KB of it or part of them.",
    lever="Send several updates in one message.",
)  # fmt: skip
CONNECTION_MINUTES = Meter(
    "AmazonApiGateway", "ApiGatewayMinute", "Minutes", name="WebSocket connection minutes",
    rule="Every minute of every open connection, busy or idle.",
    lever="Close idle connections.",
)  # fmt: skip


def cache_hours(size_gb: str) -> Meter:
    """What counts the hours of a cache: each size has a price of its own.

    >>> cache_hours("0.5").usage_type
    'ApiGatewayCacheUsage:0.5GB'
    """
    return Meter(
        "AmazonApiGateway", f"ApiGatewayCacheUsage:{size_gb}GB", "Hrs", name="REST API cache",
        rule="Every hour that a stage has a cache, by its size, used or not.",
        lever="Choose the smallest size that holds what is asked for often, or none in test"
        " stages.",
    )  # fmt: skip


def metered_units(count: Quantity, kb: Quantity, unit_kb: Quantity) -> Quantity:
    """Units charged for `count` calls or messages of `kb` each: at least one for each.

    Calls of one size are assumed: the average decides.

    >>> [float(metered_units(100, kb, unit_kb=512)) for kb in (0, 512, 513)]
    [100.0, 100.0, 200.0]
    """
    each: Quantity = np.maximum(np.ceil(np.round(kb / unit_kb, 6)), 1.0)
    return count * each


class _Api(Resource):
    """What every API has: the throttle."""

    throttle_rate_per_second: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = value_of(
        "apigateway", "rate_per_second"
    )
    """Calls a second that are let through in the long run; by default the quota of the account,
    which all its APIs in the region share. [1/s]"""
    throttle_burst: Annotated[int, Field(ge=0, strict=True)] = int(
        value_of("apigateway", "burst_requests")
    )
    """Calls that are let through at once after a quiet time."""


class RestApi(_Api):
    """A REST API.

    Documented: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """

    requests: Amount = 0
    """Calls in the period."""
    cache_cluster_size: Literal["0.5", "237"] | None = None
    """Size of the cache; AWS offers more sizes than prices are held for. [GB]"""
    cache_hours: Amount | None = None
    """Hours the cache exists in the period; the whole period if not given. [h]"""
    integration_timeout_seconds: float = value_of("apigateway", "rest_timeout_seconds")
    """An answer that takes longer is replaced by 504. AWS raises the limit of 29 seconds on
    request, for regional and private APIs. [s]"""

    @field_validator("integration_timeout_seconds")
    @classmethod
    def _timeout_within_bounds(cls, value: float) -> float:
        return _timeout(value, "rest_timeout_seconds")

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield calls and hours of cache."""
        yield REST_REQUESTS, self.requests
        if self.cache_cluster_size is not None:
            hours = hours_within(self.cache_hours, period, self.name)
            yield cache_hours(self.cache_cluster_size), hours


class HttpApi(_Api):
    """An HTTP API.

    Documented: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
    """

    requests: Amount = 0
    """Calls in the period."""
    request_kb: Amount = 0
    """Payload of a call on average. [KB]"""
    integration_timeout_seconds: float = value_of("apigateway", "http_timeout_seconds")
    """An answer that takes longer is replaced by 504. [s]"""

    @field_validator("integration_timeout_seconds")
    @classmethod
    def _timeout_within_bounds(cls, value: float) -> float:
        return _timeout(value, "http_timeout_seconds")

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield calls in units of 512 KB."""
        unit_kb = value_of("apigateway", "http_billing_kb")
        yield HTTP_REQUESTS, metered_units(self.requests, self.request_kb, unit_kb)


class WebSocketApi(_Api):
    """A WebSocket API.

    Documented: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html
    """

    messages: Amount = 0
    """Messages in the period, both directions together."""
    message_kb: Amount = 1
    """A message on average. [KB]"""
    connection_minutes: Amount = 0
    """Minutes of all connections together in the period. [min]"""

    @field_validator("message_kb")
    @classmethod
    def _as_large_as_allowed(cls, value: Quantity) -> Quantity:
        if np.any(np.asarray(value) > MESSAGE_KB_MOST):
            raise ValueError(f"must be at most {MESSAGE_KB_MOST} [KB]")
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield messages in units of 32 KB, and minutes of connections."""
        yield MESSAGES, metered_units(self.messages, self.message_kb, MESSAGE_UNIT_KB)
        yield CONNECTION_MINUTES, self.connection_minutes


def _timeout(value: float, name: str) -> float:
    """`value`, refused where no integration may take so long; all may be as short as for REST."""
    least, most = value_of("apigateway", "rest_timeout_seconds_min"), value_of("apigateway", name)
    if not least <= value <= most:
        page = quota("apigateway", name).source
        raise ValueError(f"must be from {least} to {most} [s] ({page})")
    return value
