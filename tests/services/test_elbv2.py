"""Load balancers: hours, capacity units by dimension, and addresses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.billing import bill
from models.errors import InvalidInputError
from models.prices import Catalogue
from models.services.elbv2 import (
    ApplicationLoadBalancer,
    GatewayLoadBalancer,
    NetworkLoadBalancer,
    flow_units,
    lcus,
)
from models.units import TYPICAL

CATALOGUE = Catalogue.load()


def used(resource, usage_type):
    """Quantity of one usage type; 0 where there is none."""
    usage = resource.estimate()
    return sum(usage.total(key) for key in usage if key.meter.usage_type == usage_type)


def test_a_partial_hour_counts_as_a_full_hour():
    assert used(ApplicationLoadBalancer(name="a", hours=10.01), "LoadBalancerUsage") == 11


def test_a_whole_number_of_hours_is_not_rounded_up_by_floating_point_noise():
    hours = 1.1 + 2.2 - 0.3  # 3.0000000000000004 would round up to 4
    assert used(ApplicationLoadBalancer(name="a", hours=hours), "LoadBalancerUsage") == 3


def test_an_idle_balancer_costs_its_hours_and_nothing_else():
    usage = ApplicationLoadBalancer(name="idle").estimate()
    assert [key.meter.usage_type for key in usage] == ["LoadBalancerUsage"]
    assert bill(usage, CATALOGUE).total_usd == pytest.approx(730 * 0.0225)


def test_a_balancer_without_hours_costs_nothing():
    assert len(ApplicationLoadBalancer(name="a", hours=0, processed_gb=5).estimate()) == 0


@pytest.mark.parametrize(
    ("traffic", "units", "binding"),
    [
        ({"new_connections_per_second": 50}, 2, "new connections"),
        ({"new_connections_per_second": 10, "key_algorithm": "RSA_4096"}, 2, "new connections"),
        ({"new_connections_per_second": 2, "key_algorithm": "EC_secp521r1"}, 2, "new connections"),
        ({"active_connections": 6000}, 2, "active connections"),
        ({"active_connections": 3000, "mutual_tls": True}, 2, "active connections"),
        ({"gb_per_hour": 2}, 2, "processed bytes"),
        ({"lambda_gb_per_hour": 0.8}, 2, "processed bytes"),
        ({"gb_per_hour": 1, "lambda_gb_per_hour": 0.4}, 2, "processed bytes"),
        ({"requests_per_second": 100, "rules": 30}, 2, "rule evaluations"),
    ],
)
def test_one_lcu_holds_what_aws_says(traffic, units, binding):
    found = lcus(**traffic)
    assert found.billed == pytest.approx(units)
    assert found.binding == binding


@pytest.mark.parametrize(
    ("protocol", "new", "active", "gb"),
    [
        ("TCP", 800, 100_000, 1),
        ("UDP", 400, 50_000, 1),
        ("TLS", 50, 3_000, 1),
        ("gateway", 600, 60_000, 1),
    ],
)
def test_one_nlcu_or_glcu_holds_what_aws_says(protocol, new, active, gb):
    found = flow_units(protocol, new_flows_per_second=new, active_flows=active, gb_per_hour=gb)
    assert list(found.dimensions.values()) == [1, 1, 1]


@pytest.mark.parametrize(
    ("traffic", "printed"),
    [
        (
            # 1 connection a second for 2 minutes, 300 KB a second, 5 requests over 60 rules.
            {"new_connections_per_second": 1, "active_connections": 120, "gb_per_hour": 1.08}
            | {"requests_per_second": 5, "rules": 60},
            [0.04, 0.04, 1.08, 0.25],
        ),
        (
            # 100 a second for 3 minutes, 100 KB a second, 4 requests over 20 rules.
            {"new_connections_per_second": 100, "active_connections": 18000, "gb_per_hour": 0.36}
            | {"requests_per_second": 4, "rules": 20},
            [4, 6, 0.36, 0.04],
        ),
    ],
)
def test_every_dimension_of_the_pricing_pages_examples(traffic, printed):
    assert list(lcus(**traffic).dimensions.values()) == pytest.approx(printed)


def test_ten_rules_are_free():
    assert lcus(requests_per_second=1e6, rules=10).billed == 0
    assert lcus(requests_per_second=1000, rules=11).billed == 1


def test_capacity_units_are_charged_in_fractions():
    balancer = ApplicationLoadBalancer(name="a", processed_gb=1.5)
    assert used(balancer, "LCUUsage") == pytest.approx(1.5)


def test_only_the_highest_dimension_is_charged():
    quiet = ApplicationLoadBalancer(name="a", processed_gb=730)
    also = quiet.replace(new_connections_per_second=20, active_connections=2000)
    assert used(also, "LCUUsage") == used(quiet, "LCUUsage") == 730


def test_the_bill_shows_every_dimension_and_the_one_that_decides():
    balancer = ApplicationLoadBalancer(name="web", new_connections_per_second=50, processed_gb=365)
    (line,) = (x for x in bill(balancer.estimate(), CATALOGUE).lines if x.unit == "LCU-Hrs")
    for shown in ("new connections 2", "processed bytes 0.5", "so new connections decide"):
        assert shown in line.meter.rule
    assert "Reuse connections" in line.meter.lever


def test_a_sweep_shows_the_range_and_every_dimension_that_decides_somewhere():
    balancer = ApplicationLoadBalancer(
        name="web", new_connections_per_second=np.array([5.0, 50.0]), processed_gb=730
    )
    assert list(balancer.capacity_units().binding) == ["processed bytes", "new connections"]
    (line,) = (x for x in bill(balancer.estimate(), CATALOGUE).lines if x.unit == "LCU-Hrs")
    assert "new connections 0.2 to 2" in line.meter.rule
    assert "new connections or processed bytes decide" in line.meter.rule


def test_averages_of_an_uneven_day_are_a_lower_bound():
    connections = np.array([50.0, 0.0])
    gb = np.array([0.0, 2.0])
    hourly = lcus(new_connections_per_second=connections, gb_per_hour=gb).billed
    average = lcus(new_connections_per_second=25, gb_per_hour=1).billed
    assert list(hourly) == [2, 2]
    assert average == 1


@given(
    st.lists(
        st.tuples(st.floats(0, 1e4), st.floats(0, 1e6), st.floats(0, 1e4)), min_size=1, max_size=24
    )
)
def test_the_sum_of_hours_is_never_below_the_bill_of_their_average(hours):
    new, active, gb = np.array(hours).T
    by_hour = lcus(new_connections_per_second=new, active_connections=active, gb_per_hour=gb).billed
    at_average = lcus(
        new_connections_per_second=new.mean(),
        active_connections=active.mean(),
        gb_per_hour=gb.mean(),
    ).billed
    # Sums of up to 24 floats may differ in the last digits.
    assert np.sum(by_hour) >= at_average * len(hours) * (1 - 1e-12)


def test_a_longer_certificate_key_makes_new_connections_five_times_as_dear():
    short = ApplicationLoadBalancer(name="a", new_connections_per_second=25)
    long = short.replace(certificate_key_algorithm="RSA_4096")
    assert used(long, "LCUUsage") == 5 * used(short, "LCUUsage")


def test_protocols_of_a_network_balancer_are_counted_apart_and_added():
    balancer = NetworkLoadBalancer(
        name="n", tcp={"processed_gb": 730}, tls={"new_flows_per_second": 100}
    )
    assert used(balancer, "LCUUsage") == pytest.approx(730 + 1460)
    (rule,) = {key.meter.rule for key in balancer.estimate() if key.meter.unit == "LCU-Hrs"}
    assert "TCP: new connections 0, active connections 0, processed bytes 1 units" in rule
    assert "TLS: new connections 2" in rule
    assert "UDP:" not in rule


def test_a_gateway_balancer_is_charged_for_each_zone():
    balancer = GatewayLoadBalancer(name="g", availability_zones=3, processed_gb=100)
    assert used(balancer, "LoadBalancerUsage") == 2190
    assert used(balancer, "LCUUsage") == pytest.approx(100)


def test_public_addresses_are_charged_for_as_long_as_they_are_held():
    balancer = NetworkLoadBalancer(name="n", hours=100, public_ipv4_addresses=3)
    assert used(balancer, "PublicIPv4:InUseAddress") == 300


def test_hours_beyond_the_month_are_refused():
    with pytest.raises(InvalidInputError, match="hours 744 must be at most the 730"):
        ApplicationLoadBalancer(name="a", hours=744).estimate()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tcp": {"new_flows": 1}}, "tcp.new_flows: there is no such field; nearest"),
        ({"udp": {"processed_gb": -1}}, "udp.processed_gb: -1 must not be negative"),
        ({"public_ipv4_addresses": 1.5}, "must be a whole number"),
        ({"hours": float("nan")}, "must be a finite number"),
    ],
)
def test_bad_fields_are_refused_with_their_path(fields, message):
    with pytest.raises(InvalidInputError, match=message):
        NetworkLoadBalancer(name="n", **fields)


@pytest.mark.parametrize(
    "kind", [ApplicationLoadBalancer, NetworkLoadBalancer, GatewayLoadBalancer]
)
def test_every_kind_has_its_prices_in_the_unit_it_is_metered_in(kind):
    traffic = {"tcp": {"processed_gb": 9}} if kind is NetworkLoadBalancer else {"processed_gb": 9}
    found = bill(kind(name="x", public_ipv4_addresses=2, **traffic).estimate(TYPICAL), CATALOGUE)
    assert {line.usage_type for line in found.lines} == {
        "LoadBalancerUsage",
        "LCUUsage",
        "PublicIPv4:InUseAddress",
    }
