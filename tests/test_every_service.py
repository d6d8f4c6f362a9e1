"""What every module in `models.services` owes its reader, checked for all of them at once."""

import inspect

import numpy as np
import pytest

from models.errors import InvalidInputError
from models.metering import Meter
from models.prices import Catalogue
from models.resource import Resource
from models.services import modules, resource_type, resource_types
from models.units import TYPICAL

SERVICES = modules()
TYPES = resource_types()

each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
each_type = pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)


@each_service
def test_docstring_says_what_is_modelled_left_out_and_sourced(service):
    for promise in ("Models:", "Leaves out:", "Pricing:", "https://"):
        assert promise in service.__doc__


@each_service
def test_a_service_offers_resources(service):
    assert any(name.startswith(service.__name__.split(".")[-1].rstrip("_")) for name in TYPES)


@each_type
def test_a_resource_and_each_of_its_fields_are_documented(kind):
    assert inspect.getdoc(kind)
    undocumented = [name for name, field in kind.model_fields.items() if not field.description]
    assert undocumented == []


@each_type
def test_an_unknown_field_is_refused_by_name(kind):
    with pytest.raises(InvalidInputError, match="regoin: there is no such field"):
        kind(name="x", regoin="us-east-1")


@each_type
def test_a_resource_without_a_name_is_refused(kind):
    with pytest.raises(InvalidInputError, match="name"):
        kind()


@each_type
def test_resources_add_nothing_to_the_base_but_fields_and_rules(kind):
    assert Resource in kind.__bases__ or any(Resource in base.__bases__ for base in kind.__bases__)


def meters_defined():
    found = {}
    for name, service in SERVICES.items():
        parts = [service, *(member for _, member in inspect.getmembers(service, inspect.ismodule))]
        for part in parts:
            for label, value in vars(part).items():
                if isinstance(value, Meter):
                    found[f"{name}.{label}"] = value
    return found


@pytest.mark.parametrize("meter", meters_defined().values(), ids=meters_defined())
def test_every_meter_says_its_rule_and_what_would_lower_it(meter):
    assert meter.name
    assert meter.rule.endswith(".")
    assert meter.lever.endswith(".")


@pytest.mark.parametrize("meter", meters_defined().values(), ids=meters_defined())
def test_every_meter_has_a_dated_price_in_its_own_unit(meter):
    price = Catalogue.load().find(
        meter.service_code, meter.usage_type, region="us-east-1", operation=meter.operation
    )
    assert price.unit == meter.unit
    assert price.source
    assert price.effective_date


def test_a_mistyped_resource_type_is_answered_with_the_nearest():
    with pytest.raises(LookupError, match=r"nearest: ec2\.NatGateway"):
        resource_type("ec2.NatGatway")


def test_a_swept_field_gives_a_swept_usage():
    gateway = TYPES["ec2.NatGateway"](name="nat", processed_gb=np.array([0.0, 10.0, 1000.0]))
    usage = gateway.estimate(TYPICAL)
    totals = {key.meter.usage_type: usage.total(key) for key in usage}
    assert totals["NatGateway-Bytes"] == pytest.approx([0.0, 10.0, 1000.0])
