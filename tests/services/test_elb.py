"""Classic Load Balancers."""

import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.services.elb import LoadBalancer


def quantities(resource):
    usage = resource.estimate()
    return {key.meter.usage_type: usage.total(key) for key in usage}


def test_a_partial_hour_counts_as_a_full_hour():
    assert quantities(LoadBalancer(name="old", hours=0.2)) == {"LoadBalancerUsage": 1}


def test_every_gigabyte_is_charged():
    assert quantities(LoadBalancer(name="old", processed_gb=40))["DataProcessing-Bytes"] == 40


def test_public_addresses_are_charged_for_as_long_as_they_are_held():
    balancer = LoadBalancer(name="old", hours=10, public_ipv4_addresses=2)
    assert quantities(balancer)["PublicIPv4:InUseAddress"] == 20


def test_the_hours_are_those_of_the_classic_kind():
    (line,) = bill(LoadBalancer(name="old").estimate()).lines
    assert (line.operation, line.unit_price_usd) == ("LoadBalancing", 0.025)


def test_hours_beyond_the_month_are_refused():
    with pytest.raises(InvalidInputError, match="hours 744 must be at most the 730"):
        LoadBalancer(name="old", hours=744).estimate()
