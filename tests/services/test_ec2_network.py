"""NAT, endpoints, transit gateway, flow logs and data transfer: hours, GB, and who is charged."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.billing import bill
from models.errors import InvalidInputError
from models.prices import Catalogue
from models.services.ec2 import (
    DataTransfer,
    FlowLog,
    NatGateway,
    NatInstance,
    TransitGatewayAttachment,
    VPCEndpoint,
)
from models.services.ec2.data_transfer import uniform_cross_zone_share
from models.services.ec2.endpoints import endpoint_break_even_gb
from models.services.ec2.nat import cross_zone_share, per_zone_break_even_gb
from models.units import TYPICAL

HOURS, GB, ADDRESS = "NatGateway-Hours", "NatGateway-Bytes", "PublicIPv4:InUseAddress"
CROSSING, OUT = "DataTransfer-Regional-Bytes", "DataTransfer-Out-Bytes"


def totals(resource, period=TYPICAL):
    usage = resource.estimate(period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def cost(resource):
    return bill(resource.estimate()).total_usd


def unit_price(service_code, usage_type):
    return Catalogue.load().find(service_code, usage_type, region="us-east-1").tiers[0].price_usd


def nat(**fields):
    return NatGateway(name="nat", **fields)


def test_a_gateway_is_charged_for_its_hours_its_address_and_its_gb():
    assert totals(nat(processed_gb=100)) == {HOURS: 730.0, GB: 100.0, ADDRESS: 730.0}


def test_a_partial_hour_counts_as_a_full_hour():
    usage = totals(nat(hours=2.1))
    assert usage[HOURS] == 3.0
    assert usage[ADDRESS] == pytest.approx(2.1)


def test_a_gateway_in_each_zone_moves_nothing_between_zones():
    usage = totals(nat(count=3, availability_zones=3, processed_gb=900))
    assert usage[HOURS] == 2190.0
    assert CROSSING not in usage


def test_a_shared_gateway_is_charged_for_what_the_other_zones_send_in_both_directions():
    usage = totals(nat(count=1, availability_zones=3, processed_gb=900))
    # Two of three zones have no gateway: 600 GB cross, charged out and in.
    assert usage[CROSSING] == pytest.approx(1200)


def test_what_goes_to_the_internet_is_charged_on_top_of_processing():
    usage = totals(nat(processed_gb=100, internet_egress_gb=30))
    assert (usage[GB], usage[OUT]) == (100.0, 30.0)


def test_more_cannot_go_to_the_internet_than_passes_through():
    with pytest.raises(InvalidInputError, match="internet_egress_gb: 101 must not be more than"):
        nat(processed_gb=100, internet_egress_gb=101)


def test_traffic_without_a_gateway_is_refused():
    with pytest.raises(InvalidInputError, match="processed_gb: 5 must be 0 where count is 0"):
        nat(count=0, processed_gb=5)


def test_no_zone_at_all_is_refused():
    with pytest.raises(InvalidInputError, match="availability_zones: 0 must be at least 1"):
        nat(availability_zones=0)


def test_an_interface_endpoint_in_no_zone_is_refused():
    with pytest.raises(InvalidInputError, match="availability_zones: 0 must be at least 1"):
        endpoint(availability_zones=0)


def test_a_private_gateway_has_no_public_address():
    assert ADDRESS not in totals(nat(connectivity_type="private"))


def test_a_regional_gateway_is_charged_for_every_zone_it_covers_and_crosses_none():
    usage = totals(
        nat(availability_mode="regional", availability_zones=3, processed_gb=900, hours=1)
    )
    assert usage == {
        "RegionalNatGateway-Hours": 3.0, "RegionalNatGateway-Bytes": 900.0, ADDRESS: 3.0,
    }  # fmt: skip


def test_a_regional_gateway_cannot_be_private():
    with pytest.raises(InvalidInputError, match="a regional NAT gateway cannot be private"):
        nat(availability_mode="regional", connectivity_type="private")


@given(gateways=st.integers(1, 6), zones=st.integers(1, 6))
def test_the_share_that_crosses_is_the_share_of_zones_without_a_gateway(gateways, zones):
    share = float(cross_zone_share(gateways, zones))
    assert share == pytest.approx(max(zones - gateways, 0) / zones)


@pytest.mark.parametrize("zones", [2, 3])
def test_at_the_break_even_a_shared_gateway_costs_as_much_as_one_in_each_zone(zones):
    hour = unit_price("AmazonEC2", HOURS) + unit_price("AmazonVPC", ADDRESS)
    ratio = hour / unit_price("AmazonEC2", CROSSING)
    gb = per_zone_break_even_gb(zones, TYPICAL.hours, ratio)
    shared = nat(availability_zones=zones, processed_gb=gb)
    per_zone = nat(availability_zones=zones, count=zones, processed_gb=gb)
    assert cost(shared) == pytest.approx(cost(per_zone))
    assert cost(shared.replace(processed_gb=2 * gb)) > cost(per_zone.replace(processed_gb=2 * gb))


def test_at_the_break_even_an_interface_endpoint_costs_what_it_saves_on_nat():
    saving = unit_price("AmazonEC2", GB) - unit_price("AmazonVPC", "VpcEndpoint-Bytes")
    ratio = unit_price("AmazonVPC", "VpcEndpoint-Hours") / saving
    gb = endpoint_break_even_gb(2, TYPICAL.hours, ratio)
    through_nat = cost(nat(processed_gb=gb)) - cost(nat())
    endpoint = cost(VPCEndpoint(name="ecr", availability_zones=2, processed_gb=gb))
    assert endpoint == pytest.approx(through_nat)


def test_a_nat_instance_has_no_charge_for_gb_but_one_for_instance_disk_and_address():
    usage = totals(NatInstance(name="nat", processed_gb=100, internet_egress_gb=30))
    assert usage == {
        "BoxUsage:t4g.nano": 730.0, "EBS:VolumeUsage.gp3": 8.0, ADDRESS: 730.0, OUT: 30.0,
    }  # fmt: skip


def test_a_shared_nat_instance_moves_traffic_between_zones_as_a_gateway_does():
    fields = {"name": "nat", "availability_zones": 2, "processed_gb": 100}
    assert totals(NatInstance(**fields))[CROSSING] == totals(NatGateway(**fields))[CROSSING]


def test_a_nat_instance_is_not_billed_for_more_than_its_bandwidth_carries():
    slow = NatInstance(name="nat", processed_gb=9000, bandwidth_gigabits_per_second=0.032)
    assert totals(slow)
    with pytest.raises(InvalidInputError, match=r"processed_gb 9,900 is more than the 9,790 GB"):
        slow.replace(processed_gb=9900).estimate()


def endpoint(**fields):
    return totals(VPCEndpoint(name="endpoint", **fields))


def test_an_interface_endpoint_is_charged_for_each_zone_and_full_hour_and_for_gb():
    usage = endpoint(count=5, availability_zones=2, hours=1.5, processed_gb=100)
    assert usage == {"VpcEndpoint-Hours": 20.0, "VpcEndpoint-Bytes": 100.0}


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_a_gateway_endpoint_is_free(service):
    usage = endpoint(vpc_endpoint_type="Gateway", service_name=service, processed_gb=1e6)
    assert usage == {}


def test_a_gateway_endpoint_for_another_service_is_refused():
    with pytest.raises(InvalidInputError, match=r"'ecr.api' must be s3 or dynamodb"):
        endpoint(vpc_endpoint_type="Gateway", service_name="ecr.api")


def test_a_gateway_load_balancer_endpoint_has_lines_of_its_own():
    usage = endpoint(vpc_endpoint_type="GatewayLoadBalancer", processed_gb=10)
    assert usage == {"VpcEndpoint-GWLBE-Hours": 730.0, "VpcEndpoint-GWLBE-Bytes": 10.0}


def test_the_tiers_of_interface_endpoints_add_up_all_endpoints_of_a_region():
    petabyte_each = VPCEndpoint(name="a", processed_gb=1_048_576)
    other = VPCEndpoint(name="b", processed_gb=1_048_576)
    lines = bill(petabyte_each.estimate() + other.estimate()).lines
    charged = {line.unit_price_usd: line.quantity for line in lines if line.unit == "GB"}
    assert charged == {0.01: pytest.approx(524_288), 0.006: pytest.approx(524_288)}


def test_a_transit_gateway_is_charged_by_attachment_and_gb_sent():
    hub = TransitGatewayAttachment(name="hub", count=3, processed_gb=500, hours=0.5)
    assert totals(hub) == {"TransitGateway-Hours": 3.0, "TransitGateway-Bytes": 500.0}


def test_a_gb_between_zones_is_charged_in_both_directions():
    assert totals(DataTransfer(name="calls", inter_az_gb=1000)) == {CROSSING: 2000.0}


def test_calls_spread_evenly_over_three_zones_cross_two_times_in_three():
    moved = 1000 * uniform_cross_zone_share(3)
    # 1,000 GB x 2/3 x 0.02 USD: what AWS's rule gives for uniformly random calls.
    assert cost(DataTransfer(name="calls", inter_az_gb=moved)) == pytest.approx(13.33, abs=0.005)


def test_traffic_between_regions_is_named_after_its_destination():
    sent = DataTransfer(name="dr", inter_region_gb={"us-east-2": 10, "eu-west-1": 20})
    assert totals(sent) == {"EU-AWS-Out-Bytes": 20.0, "USE2-AWS-Out-Bytes": 10.0}


def test_internet_egress_from_two_resources_shares_the_tiers():
    one = DataTransfer(name="one", internet_egress_gb=20_480)
    halves = [DataTransfer(name=name, internet_egress_gb=10_240) for name in ("a", "b")]
    together = bill(halves[0].estimate() + halves[1].estimate()).total_usd
    assert together == pytest.approx(cost(one))


@pytest.mark.parametrize(
    ("destinations", "why"),
    [
        ({"eu-wst-1": 1}, "nearest: eu-west-1"),
        ({"us-east-1": 1}, "another region than the resource's own"),
        ({"eu-west-1": -1}, "must not be negative"),
        ({"eu-west-1": "much"}, "must be a number"),
        ([1, 2], "inter_region_gb"),
    ],
)
def test_impossible_destinations_are_refused(destinations, why):
    with pytest.raises(InvalidInputError, match=why):
        DataTransfer(name="dr", inter_region_gb=destinations)


def test_a_short_flow_writes_one_record():
    log = FlowLog(name="log", flows=1024**3, record_bytes=1)
    assert totals(log) == {"VendedLog-Bytes": 1.0}


def test_a_long_flow_writes_a_record_in_every_interval():
    minute = FlowLog(
        name="log", flows=1024**3, record_bytes=1, flow_seconds=1200,
        max_aggregation_interval_seconds=60, log_destination_type="s3",
    )  # fmt: skip
    assert totals(minute) == {"S3-Egress-Bytes": 20.0}
    assert totals(minute.replace(max_aggregation_interval_seconds=600)) == {"S3-Egress-Bytes": 2.0}


def test_a_sweep_over_gateways_and_gb_is_one_call():
    gb = np.array([[10.0], [1000.0]])
    count = np.array([1.0, 2.0])
    usage = totals(nat(count=count, availability_zones=2, processed_gb=gb))
    assert usage[CROSSING].tolist() == [[10.0, 0.0], [1000.0, 0.0]]
