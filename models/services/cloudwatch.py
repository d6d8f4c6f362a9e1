"""Amazon CloudWatch: metrics by their number, alarms by what they watch, requests by the call.

Models: custom and detailed metrics in their tiers; alarms of standard and high resolution, on one
    metric, on metric math or on anomalies; composite alarms; dashboards; requests that put and
    get metrics, GetMetricData by the metric.
Leaves out: alarms and graphs of Metrics Insights, metric streams, OpenTelemetry metrics and PromQL,
    Container, Database and Contributor Insights, Application Signals, canaries and RUM, pictures
    of graphs. Logs are `logs`. Free allowances come off the bill, not off the usage. How an alarm
    decides over time is `models.scaling`.
Pricing: https://aws.amazon.com/cloudwatch/pricing/ (metrics and alarms are charged for the hours
    in which they exist, see
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_billing.html)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field, field_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import quota, value_of
from models.resource import Amount, Count, Resource
from models.scaling.alarms import HIGH_RESOLUTION_PERIODS_SECONDS
from models.services.ec2.instances import METRICS_PER_INSTANCE
from models.units import SECONDS_PER_HOUR, BillingPeriod

__all__ = [
    "Alarm",
    "ApiRequests",
    "CompositeAlarm",
    "Dashboard",
    "Metric",
    "detailed_monitoring_metrics",
    "metric_count",
    "put_requests",
]

_MINUTE = 60

METRICS = Meter(
    "AmazonCloudWatch", "CW:MetricMonitorUsage", "Metrics",
    name="Custom metrics",
    rule="Every name with its own values of dimensions is a metric, charged for the hours in which"
    " it is sent; tiers add up over the region, with detailed monitoring.",
    lever="Drop dimensions of many values, such as customers or pods, and log those instead.",
)  # fmt: skip
ALARMS = Meter(
    "AmazonCloudWatch", "CW:AlarmMonitorUsage", "Alarms",
    name="Alarms, standard resolution",
    rule="Every metric that an alarm watches, for the hours in which the alarm exists.",
    lever="Delete alarms of what is gone, and aggregate before an alarm instead of in metric math.",
)  # fmt: skip
HIGH_RESOLUTION_ALARMS = Meter(
    "AmazonCloudWatch", "CW:HighResAlarmMonitorUsage", "Alarms",
    name="Alarms, high resolution",
    rule="Every metric that an alarm with a period of 10, 20 or 30 seconds watches, for the hours"
    " in which the alarm exists.",
    lever="Use a period of a minute where a minute is early enough.",
)  # fmt: skip
COMPOSITE_ALARMS = Meter(
    "AmazonCloudWatch", "CW:CompositeAlarmMonitorUsage", "Alarms",
    name="Composite alarms",
    rule="Every composite alarm, for the hours in which it exists, however many alarms it"
    " combines; those are charged too.",
    lever="Combine alarms where people are woken up, not everywhere.",
)  # fmt: skip
DASHBOARDS = Meter(
    "AmazonCloudWatch", "DashboardsUsageHour", "Dashboards",
    name="Dashboards",
    rule="Every dashboard that somebody made, looked at or not.",
    lever="Delete dashboards that nobody opens; those AWS makes by itself are free.",
)  # fmt: skip
REQUESTS = Meter(
    "AmazonCloudWatch", "CW:Requests", "Requests",
    name="CloudWatch requests",
    rule="Every call of PutMetricData, GetMetricStatistics, ListMetrics and the like.",
    lever="Put up to 1,000 metrics into one call, or write metrics into logs (embedded metric"
    " format).",
)  # fmt: skip
METRICS_FETCHED = Meter(
    "AmazonCloudWatch", "CW:GMD-Metrics", "Metrics",
    name="Metrics fetched by GetMetricData",
    rule="Every metric that a call of GetMetricData asks for; none of them is free.",
    lever="Let tools fetch fewer metrics, less often; dashboards of the console are free to read.",
)  # fmt: skip


def metric_count(names: Quantity, *values_of_dimensions: Quantity) -> Quantity:
    """Metrics that `names` become with dimensions of so many values each.

    Each combination that is really sent counts; that all are is the most it can be.

    Examples
    --------
    Ten names for each of 100 customers at each of 5 endpoints:

    >>> metric_count(10, 100, 5)
    5000
    """
    return math.prod(values_of_dimensions, start=names)


def detailed_monitoring_metrics(
    instances: Quantity, metrics_per_instance: Quantity = METRICS_PER_INSTANCE
) -> Quantity:
    """Metrics charged for EC2 instances with detailed monitoring that run all month.

    An ``ec2.Instance`` with `monitoring` counts its own; give them to `Metric` only where the
    instances are not described.

    >>> detailed_monitoring_metrics(10)
    70
    """
    return instances * metrics_per_instance


def put_requests(
    metrics: Quantity,
    *,
    interval_seconds: Quantity,
    hours: Quantity,
    metrics_per_request: Quantity = 1,
) -> Quantity:
    """Calls of PutMetricData that send `metrics` every `interval_seconds` for so many `hours`.

    Raises
    ------
    InvalidInputError
        Where there are more metrics in a request than AWS accepts.

    Examples
    --------
    5,000 metrics every minute of a typical month, one by one and a thousand at a time:

    >>> [float(put_requests(5000, interval_seconds=60, hours=730, metrics_per_request=size))
    ...  for size in (1, 1000)]
    [219000000.0, 219000.0]
    """
    most = value_of("cloudwatch", "metrics_per_put_max")
    if np.any((np.asarray(metrics_per_request) < 1) | (np.asarray(metrics_per_request) > most)):
        page = quota("cloudwatch", "metrics_per_put_max").source
        raise InvalidInputError(
            f"metrics_per_request {metrics_per_request} must be from 1 to {most:,} ({page})"
        )
    calls: Quantity = np.ceil(np.round(metrics / metrics_per_request, 6))
    return calls * hours * SECONDS_PER_HOUR / interval_seconds


class _Existing(Resource):
    """What is charged by the month, for the part of it in which it exists."""

    count: Count = 1
    """How many alike."""
    hours: Amount | None = None
    """Hours each exists in the period (a metric: hours in which it is sent); the whole period if
    not given. [h]"""

    def _months(self, period: BillingPeriod) -> Quantity:
        """What is charged: `count`, or a part of it."""
        return self.count * hours_within(self.hours, period, self.name) / period.hours


class Metric(_Existing):
    """Custom metrics: names, each with its values of dimensions.

    Documented: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
    (metrics of standard and of high resolution cost the same).
    """

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield metrics."""
        yield METRICS, self._months(period)


class Alarm(_Existing):
    """Alarms on metrics.

    Documented: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """

    period_seconds: Annotated[int, Field(ge=1, strict=True)] = _MINUTE
    """Length of the period of one datapoint: 10, 20, 30 or a multiple of 60. Below a minute it is
    an alarm of high resolution. [s]"""
    metrics: Count = 1
    """Metrics that each alarm watches; more than one with metric math."""
    anomaly_detection: bool = False
    """Whether it watches for anomalies: the two bounds of what is expected count as metrics."""

    @field_validator("period_seconds")
    @classmethod
    def _period_exists(cls, seconds: int) -> int:
        if seconds not in HIGH_RESOLUTION_PERIODS_SECONDS and seconds % _MINUTE:
            page = quota("cloudwatch", "alarm_period_seconds_min").source
            raise ValueError(f"must be 10, 20, 30 or a multiple of 60 [s] ({page})")
        return seconds

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield metrics watched."""
        bands = value_of("cloudwatch", "anomaly_detection_metrics") if self.anomaly_detection else 0
        meter = HIGH_RESOLUTION_ALARMS if self.period_seconds < _MINUTE else ALARMS
        yield meter, self._months(period) * (self.metrics + bands)


class CompositeAlarm(_Existing):
    """Alarms on the states of other alarms, which are resources of their own.

    Documented: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html
    """

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield composite alarms."""
        yield COMPOSITE_ALARMS, self._months(period)


class Dashboard(_Existing):
    """Dashboards. That they are charged by the hour is assumed from the name of the usage type."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield dashboards."""
        yield DASHBOARDS, self._months(period)


class ApiRequests(Resource):
    """Calls of CloudWatch's own interface, by agents, tools and people."""

    requests: Amount = 0
    """Calls in the period that put, list or get metrics, but GetMetricData; see `put_requests`."""
    get_metric_data_metrics: Amount = 0
    """Metrics that calls of GetMetricData ask for in the period, all calls together."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield requests, and metrics fetched."""
        yield REQUESTS, self.requests
        yield METRICS_FETCHED, self.get_metric_data_metrics
