"""Scenario files: what they mean, how they change, what is refused, and where."""

import json

import jsonschema
import numpy as np
import pytest
import yaml

from models.billing import bill
from models.comparison import Pricing
from models.errors import InvalidInputError, UnknownNameError, UnknownPriceError
from models.scenario import Scenario
from models.services import ec2, resource_types

NAT = """\
name: A NAT gateway
resources:
  nat:
    type: ec2.NatGateway
    processed_gb: 100
"""


def refused(text: str) -> str:
    with pytest.raises(InvalidInputError) as caught:
        Scenario.from_text(text, source="lab.yaml")
    return str(caught.value)


def test_a_scenario_is_its_resources():
    scenario = Scenario.from_text(NAT)
    assert scenario.resources == {"nat": ec2.NatGateway(name="nat", processed_gb=100)}
    assert scenario.bill().total_usd == pytest.approx(730 * 0.045 + 100 * 0.045 + 730 * 0.005)


def test_a_scenario_made_in_python_is_the_same_as_one_read_from_a_file():
    gateway = ec2.NatGateway(name="nat", processed_gb=100)
    made = Scenario(name="A NAT gateway", resources={"nat": gateway})
    assert made.bill().total_usd == Scenario.from_text(NAT).bill().total_usd


def test_a_resource_takes_the_region_of_the_scenario_unless_it_names_its_own():
    text = NAT.replace("resources:", "region: eu-west-1\nresources:")
    text += "  other:\n    type: ec2.NatGateway\n    region: us-east-1\n"
    regions = {one.name: one.region for one in Scenario.from_text(text).resources.values()}
    assert regions == {"nat": "eu-west-1", "other": "us-east-1"}


@pytest.mark.parametrize(("month", "hours"), [("typical", 730), ("2026-02", 672), ("2026-12", 744)])
def test_the_month_decides_the_hours(month, hours):
    scenario = Scenario.from_text(NAT.replace("resources:", f"billing_period: {month}\nresources:"))
    (key,) = (key for key in scenario.estimate() if key.meter.usage_type == "NatGateway-Hours")
    assert scenario.estimate().total(key) == hours


def test_settings_change_a_field_or_a_key_of_the_scenario():
    changed = Scenario.from_text(NAT).with_settings(["nat.count=3", "region=eu-west-1"])
    assert changed.resources["nat"].count == 3
    assert changed.resources["nat"].region == "eu-west-1"


def test_settings_leave_the_scenario_they_came_from_alone():
    scenario = Scenario.from_text(NAT)
    scenario.with_settings(["nat.count=3"])
    assert scenario.resources["nat"].count == 1


def test_settings_can_be_applied_twice():
    changed = Scenario.from_text(NAT).with_settings(["nat.count=3"])
    assert changed.with_settings(["nat.processed_gb=5"]).resources["nat"].count == 3


def test_the_path_of_a_setting_may_start_at_resources():
    changed = Scenario.from_text(NAT).with_settings(["resources.nat.count=2"])
    assert changed.resources["nat"].count == 2


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("nta.count=1", "'nta' is neither a resource nor a key of the scenario; nearest: nat"),
        ("nat.count", "must be written as path=value"),
        ("nat.cuont=1", "resources.nat.cuont: there is no such field; nearest: count"),
        ("nat.count=-1", "resources.nat.count: -1 must not be negative"),
        ("nat.count.deep=1", "there is no 'count'"),
        ("resources=1", "neither a resource nor a key"),
    ],
)
def test_a_setting_that_leads_nowhere_is_refused(setting, said):
    with pytest.raises((InvalidInputError, UnknownNameError)) as caught:
        Scenario.from_text(NAT).with_settings([setting])
    assert said in str(caught.value)


def test_everything_wrong_with_a_file_is_said_at_once_with_its_line():
    text = NAT.replace("processed_gb: 100", "processed_gb: -1\n    cuont: 2") + (
        "  disk:\n    type: ec2.Volum\n    size_gb: 1\nfree_tier: yes-please\n"
    )
    said = refused(text).split(" | ")
    assert [one.split("; nearest: ec2.")[0] for one in said] == [
        "lab.yaml:10: free_tier: 'yes-please' must be one of 'none', 'always-free',"
        " 'legacy-12-months' or 'credits-2025'",
        "lab.yaml:5: resources.nat.processed_gb: -1 must not be negative",
        "lab.yaml:6: resources.nat.cuont: there is no such field; nearest: count",
        "lab.yaml:8: resources.disk.type: type 'ec2.Volum' is not a resource type",
    ]


def test_all_lines_without_a_price_are_named_at_once():
    text = NAT.replace("resources:", "region: sa-east-1\nresources:") + (
        "  hub:\n    type: ec2.TransitGatewayAttachment\n    processed_gb: 1\n"
        "  link:\n    type: ec2.VPCEndpoint\n"
    )
    with pytest.raises(UnknownPriceError) as caught:
        Scenario.from_text(text).bill()
    assert "hub: AmazonVPC TransitGateway-Hours" in str(caught.value)
    assert "link: AmazonVPC VpcEndpoint-Hours" in str(caught.value)


@pytest.mark.parametrize("name", Scenario.bundled())
def test_a_bundled_scenario_is_priced_and_says_what_it_assumes(name):
    scenario = Scenario.load(name)
    assert scenario.description
    assert scenario.assumptions
    if scenario.alternatives:
        pricing = Pricing(scenario.period)
        trace = scenario.traffic()
        costs = [pricing.expected_usd(one, trace) for one in scenario.architectures().values()]
        assert max(costs) > min(costs) > 0 or np.isnan(costs).any()
        return
    assert scenario.bill().total_usd > 0
    assert scenario.bill().total_usd == pytest.approx(
        sum(bill(one.estimate(scenario.period)).total_usd for one in scenario.resources.values()),
        rel=0.5,
    )


@pytest.mark.parametrize("name", Scenario.bundled())
def test_the_schema_accepts_every_bundled_scenario(name):
    jsonschema.validate(
        yaml.safe_load(Scenario.bundled()[name].read_text()),
        Scenario.json_schema(),
        cls=jsonschema.Draft202012Validator,
    )


@pytest.mark.parametrize(
    "broken",
    [
        NAT.replace("processed_gb: 100", "processed_gb: -1"),
        NAT.replace("ec2.NatGateway", "ec2.NatGatewy"),
        NAT.replace("processed_gb", "procesed_gb"),
        NAT + "surprise: 1\n",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(broken):
    refused(broken)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(broken), Scenario.json_schema())


def test_the_schema_knows_and_describes_every_resource_type():
    definitions = Scenario.json_schema()["$defs"]
    json.dumps(definitions)
    for name in resource_types():
        fields = definitions[name]["properties"]
        assert all("description" in one or "const" in one for one in fields.values()), name


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1e3", 1000.0), ("010", 10), ("0x10", None), ("12:30", None), ("1_000", None), ("+5", 5)],
)
def test_numbers_are_read_as_they_look_or_refused(written, meant):
    text = NAT.replace("processed_gb: 100", f"processed_gb: {written}")
    if meant is None:
        assert "must be a number" in refused(text)
    else:
        assert Scenario.from_text(text).resources["nat"].processed_gb == meant
