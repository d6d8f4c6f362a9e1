"""Every meter of EC2, also those made on demand, explains itself; units are those of the bill."""

import numpy as np
import pytest

from models.services.ec2 import Instance, NatGateway, SnapshotArchive, Volume, VPCEndpoint
from models.services.ec2.data_transfer import inter_region_meter, usage_type_prefixes
from models.services.ec2.instances import credits_meter, instance_meter, license_meter
from models.services.ec2.nat import regional_meters
from models.services.ec2.snapshots import copy_meter

MADE = [
    inter_region_meter("eu-west-1"),
    credits_meter("t3"),
    instance_meter("t3.medium", "RunInstances"),
    license_meter(),
    copy_meter(1),
    *regional_meters(),
]


@pytest.mark.parametrize("meter", MADE, ids=str)
def test_a_meter_made_on_demand_says_its_rule_and_what_would_lower_it(meter):
    assert meter.name
    assert meter.rule.endswith(".")
    assert meter.lever.endswith(".")


def test_every_region_has_its_own_inter_region_usage_type():
    prefixes = usage_type_prefixes()
    assert len(set(prefixes.values())) == len(prefixes) > 30


@pytest.mark.parametrize(
    "resource",
    [
        Instance(name="x", instance_type="t3.micro", count=2, hours=10, monitoring=True),
        Volume(name="x", size_gb=500, iops=9000, throughput_mib_per_second=500, hours=10),
        SnapshotArchive(name="x", storage_gb=10, deleted_at_age_hours=5),
        NatGateway(name="x", availability_zones=2, processed_gb=9, internet_egress_gb=3, hours=9.5),
        VPCEndpoint(name="x", availability_zones=2, processed_gb=7),
    ],
    ids=lambda resource: type(resource).__name__,
)
def test_a_resource_given_as_a_sweep_of_one_point_is_metered_as_a_single_one(resource):
    swept = {
        name: np.array([getattr(resource, name)], dtype=float)
        for name in resource.model_fields_set
        if isinstance(getattr(resource, name), int | float)
        and not isinstance(getattr(resource, name), bool)
    }
    single, sweep = resource.estimate(), resource.replace(**swept).estimate()
    assert list(single) == list(sweep)
    for key in single:
        assert sweep.total(key) == pytest.approx([single.total(key)])
