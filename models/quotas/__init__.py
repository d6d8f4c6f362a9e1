"""Behavioural constants: what AWS documents, what was measured, and what is only assumed.

Every number that steers a simulation and is not the user's own stands in ``data/quotas/``, one
file for each service, with its kind, source and date. An unknown name is refused: there is no
default for a default.

Examples
--------
>>> print(quota("autoscaling", "default_cooldown_seconds"))
autoscaling default_cooldown_seconds is 300 s (documented, 2026-10-01). Holds back simple \
scaling only. Also the warm-up of target tracking and step scaling where neither \
EstimatedInstanceWarmup nor DefaultInstanceWarmup is set. Source: \
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html
>>> value_of("ec2", "on_demand_standard_vcpus")
5
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from models.errors import UnknownNameError, did_you_mean
from models.files import DATA
from models.quotas.cold_starts import cold_starts, first_run_seconds, init_seconds, runtimes
from models.quotas.reading import read_instance_types, read_launches, read_quotas
from models.quotas.records import KINDS, ColdStartRow, Fit, InstanceType, Launch, Quota

_FOLDER = DATA / "quotas"
_LAUNCHES = "ec2_launch"

#: How the launches that a scale-out causes are marked in ``data/quotas/ec2_launch.csv``.
COLD_LAUNCH = "cold launch AL2023"


def quota(service: str, name: str) -> Quota:
    """Look up one behavioural constant.

    Parameters
    ----------
    service : str
        boto3 name of one of the `services`, for example ``lambda``.
    name : str
        As in the file of that service.

    Raises
    ------
    UnknownNameError
        Where no file or no row goes by that name, with the nearest names.
    PriceFileError
        Where the file is damaged or a row lacks its kind, source or date.

    Examples
    --------
    >>> quota("elbv2", "deregistration_delay_seconds").value
    300
    >>> quota("cloudwatch", "metric_delivery_delay_seconds").kind
    'assumed'
    """
    held = quotas(service)
    if name not in held:
        raise UnknownNameError(f"no quota {name!r} is held for {service}{did_you_mean(name, held)}")
    return held[name]


def value_of(service: str, name: str) -> int | float:
    """The number alone, in the unit that its name ends in; refusals as `quota`.

    Examples
    --------
    >>> value_of("autoscaling", "target_tracking_low_ratio")
    0.7
    """
    return quota(service, name).value


def range_of(service: str, name: str) -> tuple[int | float, int | float]:
    """The smallest and largest value that AWS accepts: the rows ``_min`` and ``_max`` of `name`.

    Examples
    --------
    >>> range_of("elbv2", "health_check_interval_seconds")
    (5, 300)
    """
    return value_of(service, f"{name}_min"), value_of(service, f"{name}_max")


def refuse_outside(value: int, service: str, name: str) -> int:
    """`value`, refused where it lies outside the range that AWS accepts: see `range_of`.

    Raises
    ------
    ValueError
        With the range, its unit and the page that states it; a field's validator passes it on.

    Examples
    --------
    >>> refuse_outside(1769, "lambda", "memory_size_mb")
    1769
    """
    least, most = range_of(service, name)
    if not least <= value <= most:
        stated = quota(service, f"{name}_max")
        raise ValueError(f"must be from {least:,} to {most:,} [{stated.unit}] ({stated.source})")
    return value


@cache
def services() -> tuple[str, ...]:
    """The services that have a file of constants.

    Examples
    --------
    >>> "elbv2" in services()
    True
    """
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.csv") if path.stem != _LAUNCHES))


@cache
def quotas(service: str) -> Mapping[str, Quota]:
    """Every constant of one service, by name; refusals as `quota`.

    Examples
    --------
    >>> len(quotas("ec2")) > 5
    True
    """
    if service not in services():
        raise UnknownNameError(
            f"no quotas are held for {service!r}{did_you_mean(service, services())};"
            f" held: {', '.join(services())}"
        )
    found = {item.name: item for item in read_quotas(_FOLDER / f"{service}.csv")}
    return MappingProxyType(found)


def instance_type(name: str) -> InstanceType:
    """What an instance type brings: vCPUs, memory, and the quota it counts against.

    Parameters
    ----------
    name : str
        As AWS writes it, for example ``m7g.large``.

    Raises
    ------
    UnknownNameError
        For a type that is not held, with the nearest.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html,
    "Performance specifications".

    Examples
    --------
    >>> instance_type("m7g.large").vcpus, instance_type("m7g.large").memory_gib
    (2, 8)
    """
    held = instance_types()
    if name not in held:
        raise UnknownNameError(f"no instance type {name!r} is held{did_you_mean(name, held)}")
    return held[name]


@cache
def instance_types() -> Mapping[str, InstanceType]:
    """Every instance type held, by name: those that have a price in us-east-1."""
    found = {item.name: item for item in read_instance_types(DATA / "instance_types.csv")}
    return MappingProxyType(found)


@cache
def launch_times() -> tuple[Launch, ...]:
    """The measured starts of EC2 instances, phase by phase, warm starts included.

    Examples
    --------
    >>> sorted({launch.scenario for launch in launch_times()})
    ['cold launch AL2023', 'resume from hibernation', 'start from stopped']
    """
    return tuple(read_launches(_FOLDER / f"{_LAUNCHES}.csv"))


def launch_seconds(scenario: str = COLD_LAUNCH) -> Fit:
    """How long EC2 takes from the request for an instance to `running`, as a lognormal.

    Parameters
    ----------
    scenario : str
        ``cold launch AL2023``; of the other scenarios there is one row, which has no spread.

    Returns
    -------
    Fit
        Median [s] and standard deviation of the logarithm.

    Raises
    ------
    UnknownNameError
        For a scenario that was not measured.

    Notes
    -----
    Measured, by one third party on two days of 2026: twelve rows over six instance types and
    five Regions, Amazon Linux 2023, small. The sigma is the spread **between those rows**, some
    of which are means of several launches; single launches spread more, so it understates. A
    wider guess is ``ready_sigma`` of `quota` (assumed).

    Examples
    --------
    >>> round(launch_seconds().median_seconds, 1)
    20.1
    """
    return _fit([launch.launch_seconds for launch in _of(scenario)])


def boot_seconds(scenario: str = COLD_LAUNCH) -> Fit:
    """How long an instance takes from `running` to a reachable operating system, as a lognormal.

    Parameters, result and refusals as `launch_seconds`.

    Notes
    -----
    Measured on Amazon Linux 2023, and as thin as `launch_seconds`. Windows, and large images
    that load their volume lazily, take several times as long (``slow_boot_factor_min`` and
    ``_max`` of `quota`, assumed), and what the application does before it can serve comes on
    top: both are the user's own parameters.

    Examples
    --------
    >>> round(boot_seconds().median_seconds, 1)
    3.0
    """
    return _fit([launch.boot_seconds for launch in _of(scenario)])


def _of(scenario: str) -> list[Launch]:
    found = [launch for launch in launch_times() if launch.scenario == scenario]
    if not found:
        known = sorted({launch.scenario for launch in launch_times()})
        raise UnknownNameError(
            f"no launches of scenario {scenario!r} are held; held: {', '.join(known)}"
        )
    return found


def _fit(seconds: list[float]) -> Fit:
    """Median and spread of the lognormal that fits; one value alone has no spread."""
    logs = [math.log(value) for value in seconds]
    return Fit(math.exp(statistics.fmean(logs)), statistics.stdev(logs) if len(logs) > 1 else 0.0)


__all__ = [
    "COLD_LAUNCH", "KINDS", "ColdStartRow", "Fit", "InstanceType", "Launch", "Quota",
    "boot_seconds", "cold_starts", "first_run_seconds", "init_seconds", "instance_type",
    "instance_types", "launch_seconds", "launch_times", "quota", "quotas", "range_of",
    "runtimes", "services", "value_of",
]  # fmt: skip
