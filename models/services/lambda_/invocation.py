"""Who invokes a function, how they wait, and what it calls in turn."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from models.distributions import Duration, Positive, Seconds
from models.errors import InvalidInputError
from models.quotas import refuse_outside, value_of
from models.resource import Settings
from models.services.apigateway import HttpApi, RestApi
from models.services.lambda_.function import Function

Attempts = Annotated[int, Field(ge=1, le=100, strict=True)]
Tokens = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]


class Client(Settings):
    """A caller that waits for the answer: a program with an AWS SDK, or a browser.

    Documented: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html. The
    defaults do not retry; `sdk` has those of the SDKs.
    """

    invocation_type: Literal["RequestResponse"] = "RequestResponse"
    """AWS's name for a call that waits."""
    attempts: Attempts = 1
    """In all, the first one with them."""
    timeout_seconds: Positive | None = None
    """It gives up an attempt after this long, while the function goes on; never unless given. [s]
    """
    base_seconds: Seconds = value_of("lambda", "sdk_base_seconds")
    """First wait after a failure; it doubles with each attempt. [s]"""
    throttle_base_seconds: Seconds = value_of("lambda", "sdk_throttle_base_seconds")
    """First wait after a 429. [s]"""
    most_backoff_seconds: Seconds = value_of("lambda", "sdk_backoff_max_seconds")
    """No wait is longer. [s]"""
    jitter: bool = True
    """Whether each wait is drawn evenly between nothing and its full length."""
    retry_quota: Tokens = 0
    """Tokens that all callers together have for retries, 500 for each SDK client; 0 sets no
    limit."""
    retry_cost: Tokens = 5
    """Tokens that a retry takes, and gets back where it succeeds."""

    @classmethod
    def sdk(cls, **fields: Any) -> Self:
        """As the AWS SDKs retry in standard mode: three attempts.

        >>> Client.sdk(timeout_seconds=60).attempts
        3
        """
        return cls(**{"attempts": int(value_of("lambda", "sdk_attempts")), **fields})


class EventInvokeConfig(Settings):
    """An asynchronous invocation: Lambda keeps the event in a queue of its own and tries again.

    Documented: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html.
    The queue is taken to hold any number of events; AWS may drop some when it backs up.
    """

    invocation_type: Literal["Event"] = "Event"
    """AWS's name for a call that does not wait."""
    maximum_retry_attempts: Annotated[int, Field(strict=True)] = int(
        value_of("lambda", "async_error_retries")
    )
    """After an error of the function: a minute later, then two."""
    maximum_event_age_seconds: Annotated[int, Field(strict=True)] = int(
        value_of("lambda", "async_event_age_seconds_max")
    )
    """No attempt begins later than this after the event; throttled ones are retried until then.
    [s]"""

    @field_validator("maximum_retry_attempts")
    @classmethod
    def _retries_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "lambda", "async_error_retries")

    @field_validator("maximum_event_age_seconds")
    @classmethod
    def _age_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "lambda", "async_event_age_seconds")


class Call(Settings):
    """A synchronous call of another function, made when the caller's own work is done.

    The caller's environment waits, and is billed, until the answer is there.
    """

    function: Function
    """Which one is called."""
    work: Duration
    """Handler time of its own. [s]"""
    client: Client = Client()
    """How the calling function waits and tries again."""


class Invocation(Settings):
    """A function, who invokes it, what stands in front of it and what it calls in turn."""

    function: Function
    """Which one is invoked."""
    invoked_by: Client | EventInvokeConfig = Field(
        default=Client(), discriminator="invocation_type"
    )
    """How its clients wait and try again."""
    api: RestApi | HttpApi | None = None
    """An API in front of it; without one, a function URL or the Invoke API, which cost nothing."""
    calls: tuple[Call, ...] = ()
    """A chain: the function calls the first of them, that one the second, and so on."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [self.function.name, *(call.function.name for call in self.calls)]
        if len(set(names)) < len(names):
            raise InvalidInputError(
                f"calls must not come back to a function that is in the chain: {', '.join(names)}"
            )
        if self.api is not None and isinstance(self.invoked_by, EventInvokeConfig):
            raise InvalidInputError("invoked_by must be a Client where there is an api")
        return self

    @property
    def patience_seconds(self) -> float:
        """After which a client has no answer: its own, or the API's 504. [s]"""
        own = getattr(self.invoked_by, "timeout_seconds", None)
        limits = [own, getattr(self.api, "integration_timeout_seconds", None)]
        return min((limit for limit in limits if limit is not None), default=float("inf"))
