"""What AWS counts of a run of functions: requests, GB-seconds, what is kept ready, API calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from models.metering import Meter, Usage, UsageKey
from models.quotas import value_of
from models.services.apigateway import HTTP_REQUESTS, REST_REQUESTS, HttpApi, RestApi, metered_units
from models.services.lambda_ import Function
from models.services.lambda_.meters import (
    DURATION,
    PROVISIONED,
    PROVISIONED_DURATION,
    REQUESTS,
    SNAPSHOT_RESTORE,
    STORAGE,
    on,
)
from models.services.lambda_.rules import INCLUDED_STORAGE_MB, MS_PER_SECOND, restored_gb
from models.simulation.metered import Hourly, HourlyUsage
from models.units import MB_PER_GB, SECONDS_PER_HOUR, BillingPeriod

Columns = Mapping[str, NDArray[np.float64]]


def hourly_of_function(function: Function, columns: Columns) -> HourlyUsage:
    """Usage of a function in each hour of a run.

    Attempts that were taken on are charged as requests; throttled ones are not. Provisioned
    concurrency is charged as it was configured, from asking for it on (documented:
    https://aws.amazon.com/lambda/pricing/); that each stretch is rounded up to five minutes is
    left out.
    """
    gb = function.memory_size_mb / MB_PER_GB
    storage_gb = (function.ephemeral_storage_mb - INCLUDED_STORAGE_MB) / MB_PER_GB
    billed = _by_hour(columns, columns["billed_ms"]) / MS_PER_SECOND
    served = _by_hour(columns, columns["provisioned_ms"]) / MS_PER_SECOND
    kept = _by_hour(columns, columns["configured"] * columns["seconds"])

    def metered() -> Iterator[tuple[Meter, Hourly]]:
        yield on(function.architecture, REQUESTS), _by_hour(columns, _begun(columns))
        yield on(function.architecture, DURATION), billed * gb
        yield on(function.architecture, PROVISIONED_DURATION), served * gb
        yield on(function.architecture, PROVISIONED), kept * gb
        yield STORAGE, (billed + served) * storage_gb
        if function.snap_start and not function.runtime.startswith("java"):
            restored = restored_gb(_by_hour(columns, columns["cold"]), function.memory_size_mb)
            yield SNAPSHOT_RESTORE, np.asarray(restored)

    return {
        UsageKey(function.name, function.region, meter): hourly
        for meter, hourly in metered()
        if np.any(hourly)
    }


def hourly_of_api(api: RestApi | HttpApi, columns: Columns) -> HourlyUsage:
    """Calls of an API in each hour; those that it throttled itself are free.

    Documented: https://aws.amazon.com/api-gateway/pricing/.
    """
    calls = _by_hour(columns, _begun(columns) + columns["throttled"] - columns["api_throttled"])
    if isinstance(api, RestApi):
        return {UsageKey(api.name, api.region, REST_REQUESTS): calls}
    units = metered_units(calls, api.request_kb, value_of("apigateway", "http_billing_kb"))
    return {UsageKey(api.name, api.region, HTTP_REQUESTS): np.asarray(units)}


def hourly_requests(columns: Columns) -> Hourly:
    """Attempts at a function in each hour, those that were throttled too."""
    return _by_hour(columns, _begun(columns) + columns["throttled"])


def standing(function: Function, period: BillingPeriod) -> Usage:
    """What a function is charged for whether or not anybody invokes it: a snapshot's cache.

    Its provisioned concurrency is metered as the run allocated it.
    """
    idle = function.replace(
        requests=0, provisioned_requests=0, provisioned_concurrent_executions=0,
        provisioned_scaling=None, snap_start_restores=0,
    )  # fmt: skip
    return idle.estimate(period)


def standing_of_api(api: RestApi | HttpApi, period: BillingPeriod) -> Usage:
    """What an API is charged for whether or not anybody calls it: its cache."""
    return api.replace(requests=0).estimate(period)


def _begun(columns: Columns) -> NDArray[np.float64]:
    """Attempts that were taken on."""
    return columns["warm"] + columns["cold"] + columns["provisioned_starts"]


def _by_hour(columns: Columns, values: NDArray[np.float64]) -> Hourly:
    hours = (columns["start_seconds"] // SECONDS_PER_HOUR).astype(int)
    summed: Hourly = np.bincount(hours, weights=values).astype(np.float64)
    return summed
