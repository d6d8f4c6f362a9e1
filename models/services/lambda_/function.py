"""A Lambda function: how it is configured, and what its use is charged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError, did_you_mean
from models.metering import Meter, Quantity
from models.quotas import quota, refuse_outside, runtimes, value_of
from models.resource import Amount, Resource, Share
from models.services.lambda_.environment import ExecutionEnvironment
from models.services.lambda_.meters import (
    DURATION,
    PROVISIONED,
    PROVISIONED_DURATION,
    REQUESTS,
    SNAPSHOT_CACHE,
    SNAPSHOT_RESTORE,
    STORAGE,
    STREAMED,
    Architecture,
    on,
)
from models.services.lambda_.rules import (
    INCLUDED_STORAGE_MB,
    MS_PER_SECOND,
    ephemeral_gb_seconds,
    gb_seconds,
    provisioned_gb_seconds,
    reservable,
    restored_gb,
    snapshot_gb_seconds,
    streamed_gb,
    supports_snap_start,
)
from models.services.lambda_.scalable import ScalableTarget
from models.units import BillingPeriod

Whole = Annotated[int, Field(strict=True)]
NotNegative = Annotated[int, Field(ge=0, strict=True)]
#: AWS's list, and its runtimes without a measured cold start: give `environment.init` for them.
RUNTIMES_PAGE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"
UNMEASURED_RUNTIMES = ("provided.al2", "provided.al2023")

_SNAP_START_PAGE = "https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html"


class Function(Resource):
    """A Lambda function.

    Documented: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """

    simulated: ClassVar[bool] = True

    runtime: str = "python3.13"
    """AWS's identifier, such as python3.13, nodejs22.x or provided.al2023; or the name of a
    measured function with a runtime of its own, such as rust_on_provided_al2023."""
    architecture: Architecture = "x86_64"
    """Processor it runs on."""
    package_type: Literal["zip", "image"] = "zip"
    """An archive, or a container image."""
    memory_size_mb: Whole = int(value_of("lambda", "memory_size_mb_min"))
    """Memory, and with it the share of a processor; see `vcpus`. [MB]"""
    timeout_seconds: Whole = int(value_of("lambda", "timeout_seconds"))
    """An invocation that takes longer is ended. [s]"""
    ephemeral_storage_mb: Whole = int(value_of("lambda", "ephemeral_storage_mb_min"))
    """Size of /tmp; 512 MB are included. [MB]"""
    account_concurrency: Annotated[int, Field(ge=10, strict=True)] = int(
        value_of("lambda", "account_concurrency")
    )
    """Quota of the account for environments at work in the region, all functions together; new
    accounts may start with 10."""
    reserved_concurrent_executions: NotNegative | None = None
    """Environments set aside for this function, which are also the most it gets; free of charge.
    At 0 it does not run."""
    provisioned_concurrent_executions: NotNegative = 0
    """Environments kept ready."""
    snap_start: bool = False
    """Whether new environments start from a snapshot of an initialised one."""
    environment: ExecutionEnvironment = ExecutionEnvironment()
    """How its execution environments behave in a simulation."""
    provisioned_scaling: ScalableTarget | None = None
    """What changes its provisioned concurrency in a simulation."""

    requests: Amount = 0
    """Invocations in the period."""
    duration_ms: Amount = 0
    """Time in the handler, on average; the average is rounded up to a whole one. [ms]"""
    cold_start_share: Share = 0
    """Share of the invocations that start a new environment, of those that provisioned
    concurrency does not serve."""
    init_ms: Amount = 0
    """Time to initialise, on average, billed with the first invocation of an environment; with
    SnapStart, that of the hooks that run after a restore. [ms]"""
    provisioned_hours: Amount | None = None
    """Hours for which the provisioned concurrency is enabled, in one stretch; the whole period if
    not given. [h]"""
    provisioned_requests: Amount = 0
    """The part of `requests` that provisioned concurrency serves."""
    provisioned_duration_ms: Amount | None = None
    """Time in the handler of those, on average; `duration_ms` if not given. [ms]"""
    streamed_mb_per_request: Amount = 0
    """Streamed as the response to each request; the first 6 MB are free. [MB]"""
    snap_start_restores: Amount = 0
    """Environments started from a snapshot in the period."""
    snapshot_hours: Amount | None = None
    """Hours that the published version exists in the period; all of it if not given. [h]"""
    bill_init: bool = True
    """False for the bill before August 2025, when initialising a zip archive on a managed runtime
    was free."""

    @field_validator("runtime")
    @classmethod
    def _exists(cls, value: str) -> str:
        known = (*runtimes(), *UNMEASURED_RUNTIMES)
        if value not in known:
            raise ValueError(f"must be a runtime{did_you_mean(value, known)} ({RUNTIMES_PAGE})")
        return value

    @field_validator("memory_size_mb", "timeout_seconds", "ephemeral_storage_mb")
    @classmethod
    def _within_bounds(cls, value: int, info: ValidationInfo) -> int:
        return refuse_outside(value, "lambda", str(info.field_name))

    @model_validator(mode="after")
    def _concurrency_is_there(self) -> Self:
        most, reserved = reservable(self.account_concurrency), self.reserved_concurrent_executions
        page = quota("lambda", "unreserved_concurrency_min").source
        if reserved is not None and reserved > most:
            raise InvalidInputError(
                f"reserved_concurrent_executions ({reserved}) must be at most {most}, what"
                f" account_concurrency ({self.account_concurrency}) leaves ({page})"
            )
        provisioned, scaling = self.provisioned_concurrent_executions, self.provisioned_scaling
        most = most if reserved is None else reserved
        if self.most_provisioned > most:
            fixed = provisioned == self.most_provisioned
            name = "provisioned_concurrent_executions" if fixed else "max_capacity"
            raise InvalidInputError(
                f"{name} ({self.most_provisioned}) must be at most {most}, what the function can"
                f" have ({page})"
            )
        if scaling and not scaling.min_capacity <= provisioned <= scaling.max_capacity:
            raise InvalidInputError(
                f"provisioned_concurrent_executions ({provisioned}) must be from min_capacity"
                f" ({scaling.min_capacity}) to max_capacity ({scaling.max_capacity}) of"
                " provisioned_scaling"
            )
        return self

    @model_validator(mode="after")
    def _snap_start_works(self) -> Self:
        if not self.snap_start:
            if np.any(self.snap_start_restores) or self.snapshot_hours is not None:
                raise InvalidInputError(
                    "snap_start_restores and snapshot_hours must not be given without snap_start"
                )
            return self
        if not supports_snap_start(self.runtime):
            raise InvalidInputError(
                f"snap_start must be false with runtime {self.runtime!r}: it works from java11,"
                f" python3.12 and dotnet8 on ({_SNAP_START_PAGE})"
            )
        if self.provisioned_concurrent_executions:
            raise InvalidInputError(
                f"snap_start must be false with provisioned concurrency ({_SNAP_START_PAGE})"
            )
        if self.ephemeral_storage_mb > INCLUDED_STORAGE_MB:
            raise InvalidInputError(
                f"snap_start must be false with ephemeral_storage_mb"
                f" ({self.ephemeral_storage_mb}) above {INCLUDED_STORAGE_MB} ({_SNAP_START_PAGE})"
            )
        return self

    @model_validator(mode="after")
    def _usage_fits(self) -> Self:
        if np.any(np.asarray(self.provisioned_requests) > self.requests):
            raise InvalidInputError(
                "provisioned_requests must not be more than requests, of which they are a part"
            )
        if np.any(self.provisioned_requests) and not self.provisioned_concurrent_executions:
            raise InvalidInputError(
                "provisioned_requests must be 0 where provisioned_concurrent_executions is 0"
            )
        most = self.timeout_seconds * MS_PER_SECOND
        for name in ("duration_ms", "provisioned_duration_ms"):
            duration_ms = getattr(self, name)
            if duration_ms is not None and np.any(np.asarray(duration_ms) > most):
                raise InvalidInputError(
                    f"{name} must be at most {most:,}, the timeout_seconds of the function"
                    f" ({quota('lambda', 'timeout_seconds_max').source})"
                )
        return self

    @property
    def most_provisioned(self) -> int:
        """Most provisioned concurrency that it can come to. [environments]"""
        scaling = self.provisioned_scaling
        most = self.provisioned_concurrent_executions
        return most if scaling is None else max(most, scaling.most_capacity)

    @property
    def init_is_billed(self) -> bool:
        """Whether initialising is charged; of images and own runtimes it always was."""
        own = self.package_type == "image" or "provided" in self.runtime
        return self.bill_init or own or self.snap_start

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield requests, GB-seconds of every kind, /tmp, streaming and SnapStart."""
        served = self._served()
        for requests, duration_ms in self._on_demand():
            yield self._on(DURATION), gb_seconds(requests, duration_ms, self.memory_size_mb)
        yield self._on(REQUESTS), self.requests
        yield self._on(PROVISIONED_DURATION), gb_seconds(*served, self.memory_size_mb)
        yield from self._kept_ready(period)
        for requests, duration_ms in (*self._on_demand(), served):
            stored = ephemeral_gb_seconds(requests, duration_ms, self.ephemeral_storage_mb)
            yield STORAGE, stored
        yield STREAMED, streamed_gb(self.requests, self.streamed_mb_per_request)
        yield from self._snapshots(period)

    def _on(self, meter: Meter) -> Meter:
        return on(self.architecture, meter)

    def _on_demand(self) -> Iterator[tuple[Quantity, Quantity]]:
        """Invocations and their duration, without a cold start and with one."""
        requests = self.requests - self.provisioned_requests
        init_ms = self.init_ms if self.init_is_billed else 0.0
        yield requests * (1 - self.cold_start_share), self.duration_ms
        yield requests * self.cold_start_share, self.duration_ms + init_ms

    def _served(self) -> tuple[Quantity, Quantity]:
        """Invocations on provisioned concurrency and their duration."""
        own = self.provisioned_duration_ms
        return self.provisioned_requests, self.duration_ms if own is None else own

    def _kept_ready(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        hours = hours_within(self.provisioned_hours, period, self.name)
        environments = self.provisioned_concurrent_executions
        kept = provisioned_gb_seconds(environments, hours, self.memory_size_mb)
        yield self._on(PROVISIONED), kept

    def _snapshots(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        if not self.snap_start or self.runtime.startswith("java"):
            return
        hours = hours_within(self.snapshot_hours, period, self.name)
        yield SNAPSHOT_CACHE, snapshot_gb_seconds(hours, self.memory_size_mb)
        yield SNAPSHOT_RESTORE, restored_gb(self.snap_start_restores, self.memory_size_mb)
