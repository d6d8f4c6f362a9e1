"""Route 53: zones, queries, health checks and how long failover takes."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.services.route53 import (
    HealthCheck,
    HostedZone,
    failover_seconds,
    optional_features,
    zone_months,
)


def quantities(resource):
    usage = resource.estimate()
    return {key.meter.usage_type: usage.total(key) for key in usage}


def total(resource, **settings):
    return float(bill(resource.estimate(), **settings).total_usd)


# --- zones and queries ------------------------------------------------------------------------


def test_a_zone_costs_a_whole_month_or_nothing():
    assert zone_months(np.array([0, 12, 12.01, 100, 730])).tolist() == [0, 0, 1, 1, 1]
    assert quantities(HostedZone(name="zone", hours=13)) == {"HostedZone": 1}
    assert quantities(HostedZone(name="zone", hours=12)) == {}


def test_the_26th_zone_costs_less():
    assert total(HostedZone(name="zones", count=25)) == pytest.approx(12.50)
    assert total(HostedZone(name="zones", count=30)) == pytest.approx(12.50 + 5 * 0.10)


def test_queries_cost_by_the_policy_that_answers_them():
    zone = HostedZone(
        name="zone", count=0, queries=1e6, latency_queries=1e6, geo_queries=1e6,
        ip_based_queries=1e6,
    )  # fmt: skip
    assert quantities(zone) == {
        "DNS-Queries": 1e6, "LBR-Queries": 1e6, "Geo-Queries": 1e6, "Cidr-Queries": 1e6,
    }  # fmt: skip
    assert total(zone) == pytest.approx(0.40 + 0.60 + 0.70 + 0.80)


def test_above_a_billion_queries_cost_half():
    zone = HostedZone(name="zone", count=0, geo_queries=1.5e9)
    assert total(zone) == pytest.approx(700 + 175)


def test_queries_that_aliases_answer_are_free():
    zone = HostedZone(name="zone", queries=1000, latency_queries=100, alias_share=0.75)
    assert quantities(zone) == {"HostedZone": 1, "DNS-Queries": 250, "LBR-Queries": 25}
    assert quantities(zone.replace(alias_share=1)) == {"HostedZone": 1}


# --- health checks ----------------------------------------------------------------------------


def test_a_check_is_a_share_of_the_month_and_each_feature_another():
    check = HealthCheck(name="check", type="HTTPS_STR_MATCH", request_interval_seconds=10)
    assert check.features == 3
    assert total(check) == pytest.approx(0.50 + 3 * 1.00)
    assert total(check.replace(hours=365)) == pytest.approx(1.75)
    outside = check.replace(outside_aws=True, measure_latency=True)
    assert total(outside) == pytest.approx(0.75 + 4 * 2.00)


def test_a_plain_check_of_an_endpoint_in_aws_is_free_up_to_fifty():
    assert total(HealthCheck(name="checks", count=50), free_tier="always-free") == 0
    assert total(HealthCheck(name="checks", count=52), free_tier="always-free") == 1.0
    assert total(HealthCheck(name="check", outside_aws=True), free_tier="always-free") == 0.75


@pytest.mark.parametrize(
    ("kind", "fast", "latency", "features"),
    [
        ("TCP", False, False, 0),
        ("HTTP", False, True, 1),
        ("HTTP_STR_MATCH", False, False, 1),
        ("HTTPS", True, False, 2),
        ("HTTPS_STR_MATCH", True, True, 4),
    ],
)
def test_optional_features_are_counted_one_by_one(kind, fast, latency, features):
    assert optional_features(kind, fast=fast, measure_latency=latency) == features


# --- failover ---------------------------------------------------------------------------------


def test_failover_takes_90_seconds_with_fast_checks_and_150_with_standard_ones():
    assert HealthCheck(name="fast", request_interval_seconds=10).failover_seconds() == 90
    assert HealthCheck(name="standard").failover_seconds() == 150


def test_the_ttl_and_the_threshold_count_too():
    check = HealthCheck(name="check", request_interval_seconds=10, failure_threshold=1)
    assert check.failover_seconds(ttl_seconds=300) == 310
    assert failover_seconds(np.array([10, 30]), 2, 0).tolist() == [20, 60]


def test_a_checker_takes_between_two_and_three_intervals_to_see_a_failure():
    found = HealthCheck(name="standard").detection_seconds
    assert (found.least, found.mean, found.most) == (60, 75, 90)
    assert found.most + 60 == HealthCheck(name="standard").failover_seconds()


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (HostedZone, {"count": 1.5}, "count: 1.5 must be a whole number"),
        (HostedZone, {"alias_share": 1.1}, "alias_share"),
        (HostedZone, {"queries": -1}, "queries"),
        (HealthCheck, {"failure_threshold": 11}, r"from 1 to 10 \[checks\] .*HealthCheckConfig"),
        (HealthCheck, {"failure_threshold": 0}, "from 1 to 10"),
        (HealthCheck, {"request_interval_seconds": 20}, "must be one of 10 or 30"),
        (HealthCheck, {"type": "ICMP"}, "type"),
    ],
)
def test_what_aws_would_refuse_is_refused(kind, fields, said):
    with pytest.raises(InvalidInputError, match=said):
        kind(name="dns", **fields)


@pytest.mark.parametrize("kind", [HostedZone, HealthCheck])
def test_more_hours_than_the_period_has_are_refused(kind):
    with pytest.raises(InvalidInputError, match="hours 731 must be at most the 730"):
        kind(name="dns", hours=731).estimate()
