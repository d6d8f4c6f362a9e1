"""CloudWatch: metrics, alarms, dashboards and requests, and what AWS would refuse."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.services.cloudwatch import (
    Alarm,
    ApiRequests,
    CompositeAlarm,
    Dashboard,
    Metric,
    detailed_monitoring_metrics,
    metric_count,
    put_requests,
)
from models.services.ec2 import Instance


def quantities(resource):
    usage = resource.estimate()
    return {key.meter.usage_type: usage.total(key) for key in usage}


# --- Metrics ----------------------------------------------------------------------------------


def test_dimensions_multiply():
    assert metric_count(3) == 3
    assert metric_count(10, 100, 5) == 5000
    assert metric_count(2, np.array([10, 1000])) == pytest.approx([20, 2000])


def test_metrics_are_charged_for_the_hours_in_which_they_are_sent():
    assert quantities(Metric(name="app", count=13)) == {"CW:MetricMonitorUsage": 13}
    assert quantities(Metric(name="job", count=10, hours=73)) == {
        "CW:MetricMonitorUsage": pytest.approx(1)
    }


def test_metrics_have_four_tiers():
    lines = bill(Metric(name="pods", count=1_100_000).estimate()).lines
    assert [(line.quantity, line.unit_price_usd) for line in lines] == [
        (10_000, 0.3), (240_000, 0.1), (750_000, 0.05), (100_000, 0.02),
    ]  # fmt: skip


def test_detailed_monitoring_counts_as_the_instances_count_it():
    fleet = quantities(Instance(name="web", instance_type="t3.micro", count=10, monitoring=True))
    assert detailed_monitoring_metrics(10) == fleet["CW:MetricMonitorUsage"] == 70


# --- Alarms and dashboards --------------------------------------------------------------------


def test_an_alarm_counts_each_metric_it_watches():
    assert quantities(Alarm(name="cpu")) == {"CW:AlarmMonitorUsage": 1}
    assert quantities(Alarm(name="sum", count=5, metrics=4)) == {"CW:AlarmMonitorUsage": 20}


def test_an_alarm_on_anomalies_counts_two_bounds_as_well():
    assert quantities(Alarm(name="odd", anomaly_detection=True)) == {"CW:AlarmMonitorUsage": 3}


@pytest.mark.parametrize(
    ("seconds", "usage_type"),
    [
        (10, "CW:HighResAlarmMonitorUsage"), (20, "CW:HighResAlarmMonitorUsage"),
        (30, "CW:HighResAlarmMonitorUsage"), (60, "CW:AlarmMonitorUsage"),
        (300, "CW:AlarmMonitorUsage"),
    ],
)  # fmt: skip
def test_below_a_minute_an_alarm_is_of_high_resolution(seconds, usage_type):
    assert quantities(Alarm(name="cpu", period_seconds=seconds)) == {usage_type: 1}


def test_a_composite_alarm_is_charged_once_beside_those_it_combines():
    assert quantities(CompositeAlarm(name="page", count=2)) == {"CW:CompositeAlarmMonitorUsage": 2}
    both = CompositeAlarm(name="page").estimate() + Alarm(name="parts", count=5).estimate()
    assert float(bill(both).total_usd) == pytest.approx(0.5 + 5 * 0.1)


def test_what_exists_for_a_part_of_the_month_is_charged_for_it():
    assert quantities(Alarm(name="x", count=4, hours=365))["CW:AlarmMonitorUsage"] == 2
    assert quantities(Dashboard(name="x", count=4)) == {"DashboardsUsageHour": 4}


# --- Requests ---------------------------------------------------------------------------------


def test_requests_and_metrics_fetched_are_counted_apart():
    calls = ApiRequests(name="tools", requests=1000, get_metric_data_metrics=500)
    assert quantities(calls) == {"CW:Requests": 1000, "CW:GMD-Metrics": 500}


def test_metrics_share_a_request_up_to_a_thousand():
    month = {"interval_seconds": 60, "hours": 730}
    assert put_requests(1, **month) == 730 * 60
    assert put_requests(1001, **month, metrics_per_request=1000) == 2 * 730 * 60


@pytest.mark.parametrize("size", [0, 1001])
def test_a_request_of_more_metrics_than_aws_accepts_is_refused(size):
    with pytest.raises(InvalidInputError, match=r"from 1 to 1,000 .*PutMetricData"):
        put_requests(5000, interval_seconds=60, hours=730, metrics_per_request=size)


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (Alarm, {"period_seconds": 15}, r"10, 20, 30 or a multiple of 60 \[s\] .*PutMetricAlarm"),
        (Alarm, {"period_seconds": 90}, "multiple of 60"),
        (Alarm, {"period_seconds": 0}, "period_seconds"),
        (Alarm, {"metrics": 1.5}, "whole number"),
        (Metric, {"count": 2.5}, "whole number"),
        (Dashboard, {"count": -1}, "must not be negative"),
    ],
)
def test_what_aws_would_refuse_is_refused(kind, fields, said):
    with pytest.raises(InvalidInputError, match=said):
        kind(name="x", **fields)


def test_more_hours_than_the_month_has_are_refused():
    with pytest.raises(InvalidInputError, match="hours 731 must be at most the 730"):
        Metric(name="x", hours=731).estimate()
