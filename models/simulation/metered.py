"""What AWS counts of a run: instance time, volumes, addresses, monitoring, load balancer units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.billed_time import MINIMUM_SECONDS, billed_seconds
from models.metering import Meter, Usage, UsageKey, hours_lasted
from models.services.autoscaling import AutoScalingGroup
from models.services.ec2.addresses import ADDRESS_IN_USE
from models.services.ec2.instances import (
    DETAILED_MONITORING,
    METRICS_PER_INSTANCE,
    OPERATIONS,
    instance_meter,
)
from models.services.elbv2 import ApplicationLoadBalancer
from models.services.elbv2.balancers import APPLICATION_UNITS
from models.services.elbv2.capacity import lcus
from models.simulation.instance import GroupInstance
from models.units import MB_PER_GB, SECONDS_PER_HOUR, BillingPeriod

KB_PER_MB = 1024

Hourly = NDArray[np.float64]
#: For each meter of each resource, its quantity in each hour of a run.
HourlyUsage = dict[UsageKey, Hourly]


def hourly_seconds(starts: Hourly, ends: Hourly, hours: int) -> Hourly:
    """Seconds that fall into each hour, of stretches from `starts` to `ends` together. [s]

    >>> hourly_seconds(np.array([1800.0]), np.array([5400.0]), 3).tolist()
    [1800.0, 1800.0, 0.0]
    """
    edges: Hourly = np.arange(hours + 1, dtype=np.float64) * SECONDS_PER_HOUR
    return np.diff(_passed(starts, edges) - _passed(ends, edges))


def _passed(since: Hourly, edges: Hourly) -> Hourly:
    """Time passed at each edge since every instant of `since` that lies before it, together."""
    ordered = np.sort(since)
    sums = np.concatenate(([0.0], np.cumsum(ordered)))
    before = np.searchsorted(ordered, edges)
    passed: Hourly = before * edges - sums[before]
    return passed


def billed_instance_seconds(
    instances: Sequence[GroupInstance], end: float, minimum_seconds: float = MINIMUM_SECONDS
) -> Hourly:
    """Instance-seconds charged in each hour of a run that lasts until `end`. [s]

    An instance is charged from running until it is gone, as `billed_seconds` says.
    """
    ran = [one for one in instances if one.running_seconds < end]
    starts = np.array([one.running_seconds for one in ran], dtype=np.float64)
    gone = np.array([one.terminated_seconds for one in ran], dtype=np.float64)
    billed = billed_seconds(gone - starts, minimum_seconds=minimum_seconds)
    ends = np.where(gone <= end, starts + billed, end)
    return hourly_seconds(starts, ends, int(np.ceil((end + minimum_seconds) / SECONDS_PER_HOUR)))


def hourly_of_group(
    group: AutoScalingGroup, instances: Sequence[GroupInstance], end: float, period: BillingPeriod
) -> HourlyUsage:
    """Usage of a group in each hour of a run that lasts until `end`.

    `period` says how many hours a month has, by which AWS counts volumes and metrics.
    """
    hours = billed_instance_seconds(instances, end) / SECONDS_PER_HOUR
    begun = np.array([one.launched_seconds for one in instances], dtype=np.float64)
    gone = np.array([min(one.terminated_seconds, end) for one in instances], dtype=np.float64)
    existing = hourly_seconds(begun, gone, len(hours)) / SECONDS_PER_HOUR
    template = group.launch_template

    def metered() -> Iterator[tuple[Meter, Hourly]]:
        yield instance_meter(template.instance_type, OPERATIONS["Linux/UNIX"]), hours
        for meter, whole in group.volumes(1, hours=None).metered(period):
            yield meter, existing / period.hours * np.asarray(whole)
        if template.monitoring:
            yield DETAILED_MONITORING, hours * METRICS_PER_INSTANCE / period.hours
        if template.associate_public_ip_address:
            yield ADDRESS_IN_USE, hours

    return {UsageKey(group.name, group.region, meter): hourly for meter, hourly in metered()}


def hourly_of_balancer(
    balancer: ApplicationLoadBalancer, requests: Hourly, end: float, *, to_functions: bool = False
) -> HourlyUsage:
    """Capacity units of a load balancer that was sent so many requests in each hour of the run.

    Where it sends them to functions, a unit holds fewer bytes.

    Each hour is charged for its own highest dimension; an hour that the run cuts off counts for
    the part that it lasted.
    """
    shape = balancer.connections
    lasted = hours_lasted(end / SECONDS_PER_HOUR)
    per_second = requests / lasted / SECONDS_PER_HOUR
    new = per_second / shape.requests_per_connection
    kb = shape.request_kb + shape.response_kb
    gb = per_second * SECONDS_PER_HOUR * kb / KB_PER_MB / MB_PER_GB
    units = lcus(
        new_connections_per_second=new,
        active_connections=new * shape.connection_seconds,
        gb_per_hour=0.0 if to_functions else gb,
        lambda_gb_per_hour=gb if to_functions else 0.0,
        requests_per_second=per_second,
        rules=balancer.rules,
        mutual_tls=balancer.mutual_tls,
        key_algorithm=balancer.certificate_key_algorithm,
    )
    key = UsageKey(balancer.name, balancer.region, APPLICATION_UNITS)
    return {key: np.asarray(units.billed) * lasted}


def standing_of_balancer(balancer: ApplicationLoadBalancer, period: BillingPeriod) -> Usage:
    """What a load balancer is charged for whether or not anybody asks: its hours, its addresses."""
    idle = balancer.replace(
        new_connections_per_second=0, active_connections=0, processed_gb=0,
        lambda_processed_gb=0, requests_per_second=0,
    )  # fmt: skip
    return idle.estimate(period)


def over_period(metered: HourlyUsage, end: float, period: BillingPeriod) -> Usage:
    """Hour by hour where the run is as long as the period; else its total, scaled up or down."""
    factor = period.hours * SECONDS_PER_HOUR / end
    parts: HourlyUsage = {}
    for key, hourly in metered.items():
        if factor == 1.0:
            shown = np.concatenate((hourly, np.zeros(period.hours)))[: period.hours]
            shown[-1] += hourly[period.hours :].sum()
        else:
            shown = np.array([hourly.sum() * factor])
        if np.any(shown):
            parts[key] = shown
    return Usage(period, parts)
