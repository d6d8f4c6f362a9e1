"""Scenario files that name an architecture, or several alternatives."""

import jsonschema
import pytest
import yaml

from models.errors import InvalidInputError
from models.scenario import Scenario
from models.services import ec2

WORKLOAD = "workload: {pattern: constant, rate_per_second: 2, duration_seconds: 3600}\n"
NAMED = "name: x\n" + WORKLOAD + "architecture: api-on-lambda\narguments: {memory_size_mb: 256}\n"
SEVERAL = (
    "name: x\n"
    + WORKLOAD
    + """alternatives:
  named: {architecture: api-on-lambda, arguments: {memory_size_mb: 256}}
  spelled-out:
    resources:
      api: {type: apigateway.HttpApi}
      handler: {type: lambda.Function, memory_size_mb: 256}
      bucket: {type: s3.Bucket, storage_gb: 10}
"""
)


def test_a_named_architecture_stands_for_its_resources():
    scenario = Scenario.from_text(NAMED)
    assert scenario.resources["function"].memory_size_mb == 256
    (architecture,) = scenario.architectures().values()
    expected = architecture.estimate(scenario.traffic(), scenario.period)
    assert scenario.estimate().to_frame().equals(expected.to_frame())
    assert scenario.bill().total_usd > 0


def test_an_architecture_stands_in_the_region_of_the_scenario():
    scenario = Scenario.from_text(NAMED + "region: eu-west-1\n")
    assert {one.region for one in scenario.resources.values()} == {"eu-west-1"}


def test_a_setting_reaches_an_argument():
    scenario = Scenario.from_text(NAMED).with_settings(["arguments.memory_size_mb=1024"])
    assert scenario.resources["function"].memory_size_mb == 1024
    bare = Scenario.from_text(NAMED[: NAMED.index("arguments")])
    changed = bare.with_settings(["arguments.memory_size_mb=1024"])
    assert changed.resources["function"].memory_size_mb == 1024
    several = Scenario.from_text(SEVERAL).with_settings(
        ["alternatives.named.arguments.memory_size_mb=512", "workload.rate_per_second=9"]
    )
    assert several.architectures()["named"].resource("function").memory_size_mb == 512
    assert several.traffic().rate_per_second == 9


def test_alternatives_are_architectures_named_or_spelled_out():
    built = Scenario.from_text(SEVERAL).architectures()
    assert list(built) == ["named", "spelled-out"]
    spelled = built["spelled-out"]
    assert [one.name for one in spelled.tiers[0].resources] == ["api", "handler"]
    assert [one.name for one in spelled.standing] == ["bucket"]


def test_a_scenario_of_alternatives_has_no_single_bill():
    scenario = Scenario.from_text(SEVERAL)
    with pytest.raises(InvalidInputError, match=r"are 2 architectures, not one; see"):
        scenario.bill()
    with pytest.raises(InvalidInputError, match="costlab compare"):
        scenario.simulate()


def test_a_scenario_spelled_out_in_resources_is_an_architecture_too():
    text = """
name: plain
resources:
  nat: {type: ec2.NatGateway, processed_gb: 5}
"""
    (architecture,) = Scenario.from_text(text).architectures().values()
    assert architecture.standing == (ec2.NatGateway(name="nat", processed_gb=5),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("architecture: api-on-lambda", "architecture: api-on-lamda"), "nearest: api-on-lambda"),
        (("memory_size_mb: 256", "memory_mb: 256"), "there is no argument 'memory_mb'"),
        (("memory_size_mb: 256", "memory_size_mb: many"), "memory_size_mb"),
        (("memory_size_mb: 256", "memory_size_mb: 64"), "memory_size_mb: 64 must be from 128"),
        (("{memory_size_mb: 256}", "[1]"), "arguments: must be a mapping of names, not"),
        (("architecture: api-on-lambda", "architecture: 7"), "architecture: must be a name, not"),
        (("name: x", "name: x\nresources: {}"), "must not be given beside"),
    ],
)
def test_what_is_wrong_with_an_architecture_is_one_line_with_its_place(change, message):
    with pytest.raises(InvalidInputError, match=message) as caught:
        Scenario.from_text(NAMED.replace(*change), source="file.yaml")
    assert "\n" not in str(caught.value)
    assert "file.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("api-on-lambda", "api-on-lamda"), r"alternatives\.named\.architecture: .*nearest: api"),
        (("memory_size_mb: 256}}", "memory: 1}}"), r"alternatives\.named\..*no argument 'mem"),
        (("s3.Bucket", "s3.Bukket"), r"alternatives\.spelled-out\.resources\.bucket\.type"),
        (("{type: s3.Bucket, storage_gb: 10}", "{type: lambda.Function}"), "handler, bucket all"),
        (("  spelled-out:\n    resources:", "  spelled-out:\n    resource:"), "resources: is m"),
        (("  named: {", "  named: {resources: {}, "), "must not be given beside resources"),
        (("  named: {architecture: api-on-lambda, arguments: {memory_size_mb: 256}}", "  named: 5"),
         r"alternatives\.named: must be a mapping, not"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_alternative_is_one_line_with_its_place(change, message):
    with pytest.raises(InvalidInputError, match=message) as caught:
        Scenario.from_text(SEVERAL.replace(*change), source="file.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [NAMED, SEVERAL])
def test_the_json_schema_accepts_what_the_reader_accepts(text):
    jsonschema.validate(yaml.safe_load(text), Scenario.json_schema())


def test_the_json_schema_refuses_two_ways_at_once():
    both = yaml.safe_load(NAMED) | {"resources": {"nat": {"type": "ec2.NatGateway"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(both, Scenario.json_schema())
