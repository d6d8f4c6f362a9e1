"""Composite availability: the product of AWS's commitments, and what is not in it."""

import math

import pytest

from models.architecture import availability
from models.architectures import ARCHITECTURES, build
from models.services.autoscaling import AutoScalingGroup
from models.services.dynamodb import Table
from models.services.ec2 import Instance, NatGateway
from models.services.ecs import ScalableTarget, Service
from models.services.eks import Nodegroup
from models.services.elasticache import ReplicationGroup
from models.services.elbv2 import ApplicationLoadBalancer
from models.services.rds import DBCluster, DBInstance
from models.services.s3 import Bucket


def database(**fields):
    return DBInstance(
        name="db", engine="postgres", db_instance_class="db.t4g.medium", allocated_storage_gb=20,
        **fields,
    )  # fmt: skip


def promised(resource):
    """Commitment for a resource as it is configured. [%]"""
    (part,) = availability([resource]).parts
    return part.sla.uptime_percent


def test_three_tiers_come_to_three_nines_and_a_bit():
    found = build("three-tier-web").availability
    assert round(found.share, 5) == 0.99930
    assert [part.sla.uptime_percent for part in found.parts] == [99.99, 99.99, 99.95]
    assert found.downtime == "30.2 minutes a month, 6.13 hours a year"


def test_an_api_without_servers_comes_to_less_than_three_nines():
    found = build("api-on-lambda").availability
    assert round(found.share, 5) == 0.99890
    assert found.downtime_seconds(365 * 86_400) / 3600 == pytest.approx(9.63, abs=0.005)


def test_a_whole_is_never_better_than_its_worst_part():
    for name in ARCHITECTURES:
        found = build(name).availability
        if found.is_known:
            worst = min(part.sla.availability for part in found.parts)
            assert found.share <= worst, name


@pytest.mark.parametrize(
    ("resource", "percent"),
    [
        (ApplicationLoadBalancer(name="x"), 99.99),
        (AutoScalingGroup(name="x", min_size=2, max_size=4), 99.99),
        (AutoScalingGroup(name="x", min_size=1, max_size=4), 99.5),
        (AutoScalingGroup(name="x", min_size=2, max_size=4, availability_zones=1), 99.5),
        (Instance(name="x", instance_type="m5.large"), 99.5),
        (Service(name="x", desired_count=2), 99.99),
        (
            Service(
                name="x", desired_count=3, scaling=ScalableTarget(min_capacity=2, max_capacity=5)
            ),
            99.99,
        ),
        (Nodegroup(name="x", desired_size=2, min_size=2), 99.99),
        (Nodegroup(name="x", desired_size=2, min_size=1), 99.5),
        (database(multi_az=True), 99.95),
        (database(), 99.5),
        (DBCluster(name="x", engine="aurora-postgresql", db_instance_class="db.r6g.large",
                   instances=2), 99.99),
        (DBCluster(name="x", engine="aurora-postgresql", db_instance_class="db.r6g.large"), 99.9),
        (ReplicationGroup(name="x", cache_node_type="cache.t4g.micro"), 99.5),
        (ReplicationGroup(name="x", cache_node_type="cache.t4g.micro",
                          replicas_per_node_group=1), 99.99),
        (Table(name="x"), 99.99),
        (Table(name="x", global_table=True), 99.999),
        (Bucket(name="x"), 99.9),
        (Bucket(name="x", storage_class="ONEZONE_IA"), 99),
        (Bucket(name="x", storage_class="GLACIER_IR"), 99),
        (Bucket(name="x", storage_class="DEEP_ARCHIVE"), 99.9),
    ],
)  # fmt: skip
def test_the_commitment_is_read_from_how_a_resource_is_configured(resource, percent):
    assert promised(resource) == percent


@pytest.mark.parametrize(
    "service",
    [
        Service(name="x", desired_count=1),
        Service(name="x", desired_count=4, availability_zones=1),
        Service(
            name="x", desired_count=3, scaling=ScalableTarget(min_capacity=1, max_capacity=5)
        ),
    ],
)  # fmt: skip
def test_where_aws_commits_itself_to_nothing_the_whole_is_not_known(service):
    found = availability([ApplicationLoadBalancer(name="alb"), service])
    assert found.uncommitted == ("x",)
    assert not found.is_known
    assert math.isnan(found.share)
    assert math.isnan(found.downtime_seconds())
    assert repr(found) == "Availability(not known: alb 99.99 %; no commitment: x)"


def test_what_has_no_agreement_is_named_and_left_out_of_the_product():
    found = availability([database(multi_az=True), NatGateway(name="nat")])
    assert found.share == 0.9995
    assert found.without_agreement == ("nat",)
    assert "no agreement held: nat" in repr(found)
    assert "nat" in found._repr_html_()


def test_without_a_part_nothing_is_known():
    assert repr(availability([])) == "Availability(not known)"
    assert availability([]).downtime == "not known"


def test_every_part_says_where_it_comes_from_and_how_sure_it_is():
    for name in ARCHITECTURES:
        for part in build(name).availability.parts:
            assert part.sla.source.startswith("https://")
            assert part.sla.confidence in ("high", "medium", "low")
    table = build("api-on-lambda").availability._repr_html_()
    assert "medium confidence" in table
    assert "99.890%" in table


def test_multi_az_and_a_second_instance_are_worth_half_an_hour_and_hours():
    one = build("three-tier-web", multi_az=False, min_size=1).availability
    two = build("three-tier-web").availability
    assert round(one.share, 6) == round(0.9999 * 0.995 * 0.995, 6)
    assert one.downtime_seconds() / two.downtime_seconds() == pytest.approx(14.4, abs=0.2)
