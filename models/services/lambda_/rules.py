"""The billing rules of Lambda as pure functions: milliseconds, GB-seconds, minimums."""

from __future__ import annotations

import re

import numpy as np

from models.metering import Quantity
from models.quotas import value_of
from models.units import MB_PER_GB, SECONDS_PER_HOUR

MS_PER_SECOND = 1000

#: Storage in /tmp that comes with every function. [MB]
#: Documented: https://aws.amazon.com/lambda/pricing/ ("Lambda Ephemeral Storage Pricing").
INCLUDED_STORAGE_MB = 512

#: What every request may stream without charge. [MB]
#: Documented: https://aws.amazon.com/lambda/pricing/ ("Lambda HTTP Response Stream Pricing").
FREE_STREAMED_MB = 6

#: A published version is charged as cached for at least this long. [h]
#: Documented: https://aws.amazon.com/lambda/pricing/ ("SnapStart Pricing").
SNAPSHOT_MINIMUM_HOURS = 3

#: The oldest version of each runtime that SnapStart works with.
#: Documented: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
SNAP_START_FROM = {"java": (11,), "python": (3, 12), "dotnet": (8,)}

# 0.12 s times 1,000 is not exact in floating point, and rounding up would charge the rest.
_DECIMALS = 6


def billed_ms(duration_ms: Quantity) -> Quantity:
    """Milliseconds charged for one invocation: rounded up to a whole one. [ms]

    Notes
    -----
    Documented: https://aws.amazon.com/lambda/pricing/. Where `duration_ms` is the mean of many
    invocations the mean is rounded up, not each of them: half a millisecond of difference at most
    where durations spread over more than one.

    Examples
    --------
    AWS shows a cold start of 100.77 ms and a handler of 250.06 ms, billed as one duration
    (https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/):

    >>> float(billed_ms(250.06)), float(billed_ms(100.77 + 250.06)), float(billed_ms(120))
    (251.0, 351.0, 120.0)
    """
    whole: Quantity = np.ceil(np.round(duration_ms, _DECIMALS))
    return whole


def gb_seconds(requests: Quantity, duration_ms: Quantity, memory_mb: Quantity) -> Quantity:
    """GB-seconds of `requests` invocations: billed time by the memory configured, used or not.

    Parameters
    ----------
    requests : float or array
    duration_ms : float or array
        Of each. [ms]
    memory_mb : float or array
        [MB]

    Examples
    --------
    >>> float(gb_seconds(3_000_000, 120, memory_mb=1536))
    540000.0
    """
    return requests * billed_ms(duration_ms) / MS_PER_SECOND * memory_mb / MB_PER_GB


def provisioned_gb_seconds(
    environments: Quantity, hours: Quantity, memory_mb: Quantity
) -> Quantity:
    """GB-seconds of provisioned concurrency: every environment from enabling to disabling.

    Documented: rounded up to five minutes (https://aws.amazon.com/lambda/pricing/); one stretch
    is assumed.

    >>> float(provisioned_gb_seconds(100, hours=8, memory_mb=1536))
    4320000.0
    >>> float(provisioned_gb_seconds(1, hours=6 / 60, memory_mb=1024))
    600.0
    """
    step = value_of("lambda", "provisioned_rounding_seconds")
    seconds: Quantity = np.ceil(np.round(hours * SECONDS_PER_HOUR / step, _DECIMALS)) * step
    return environments * seconds * memory_mb / MB_PER_GB


def ephemeral_gb_seconds(
    requests: Quantity, duration_ms: Quantity, storage_mb: Quantity
) -> Quantity:
    """GB-seconds of /tmp beyond what is included, for the time the function is billed.

    >>> float(ephemeral_gb_seconds(6_000_000, 280, storage_mb=2048))
    2520000.0
    """
    return gb_seconds(requests, duration_ms, np.maximum(storage_mb - INCLUDED_STORAGE_MB, 0))


def streamed_gb(requests: Quantity, mb_per_request: Quantity) -> Quantity:
    """GB charged of streamed responses: what each request streams beyond its first 6 MB.

    Responses of one size are assumed: list small and large ones as two functions. [GB]

    >>> float(streamed_gb(1_048_576, mb_per_request=7)), float(streamed_gb(2e6, mb_per_request=0.1))
    (1024.0, 0.0)
    """
    charged_mb: Quantity = np.maximum(mb_per_request - FREE_STREAMED_MB, 0.0)
    return requests * charged_mb / MB_PER_GB


def snapshot_gb_seconds(hours: Quantity, memory_mb: Quantity) -> Quantity:
    """GB-seconds for which the snapshot of one published version is cached: three hours at least.

    >>> float(snapshot_gb_seconds(0.5, memory_mb=1024)), float(snapshot_gb_seconds(0, 1024))
    (10800.0, 0.0)
    """
    charged = np.where(np.asarray(hours) > 0, np.maximum(hours, SNAPSHOT_MINIMUM_HOURS), 0.0)
    return charged * SECONDS_PER_HOUR * memory_mb / MB_PER_GB


def restored_gb(restores: Quantity, memory_mb: Quantity) -> Quantity:
    """GB that SnapStart restores: the memory configured, for every new environment. [GB]

    >>> float(restored_gb(74_400, memory_mb=1024))
    74400.0
    """
    return restores * memory_mb / MB_PER_GB


def supports_snap_start(runtime: str) -> bool:
    """Whether SnapStart works with `runtime`: Java 11, Python 3.12, .NET 8 and what came later.

    >>> [supports_snap_start(runtime) for runtime in ("python3.13", "java21", "dotnet8")]
    [True, True, True]
    >>> [supports_snap_start(runtime) for runtime in ("python3.9", "java8.al2", "nodejs22.x")]
    [False, False, False]
    """
    found = re.match(r"([a-z]+)([0-9]+(?:\.[0-9]+)*)", runtime)
    if not found or found[1] not in SNAP_START_FROM:
        return False
    return tuple(int(part) for part in found[2].split(".")) >= SNAP_START_FROM[found[1]]


def vcpus(memory_mb: Quantity) -> Quantity:
    """Processors that come with the memory: one for every 1,769 MB, six at most.

    Documented: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html. Code with
    a single thread gains nothing from more than one.

    >>> float(vcpus(1769)), round(float(vcpus(128)), 3)
    (1.0, 0.072)
    """
    share = np.asarray(memory_mb) / value_of("lambda", "memory_mb_per_vcpu")
    most: Quantity = np.minimum(share, value_of("lambda", "vcpus_max"))
    return most


def reservable(account_concurrency: int) -> int:
    """Concurrency that functions may reserve or provision together: some must be left to the rest.

    Examples
    --------
    >>> reservable(1000), reservable(10)
    (900, 0)
    """
    return max(account_concurrency - int(value_of("lambda", "unreserved_concurrency_min")), 0)
