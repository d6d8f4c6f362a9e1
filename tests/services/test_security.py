"""WAF, Secrets Manager, Parameter Store and KMS: what is billed and what AWS would refuse."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.services.kms import Key, billed_versions, direct_requests
from models.services.secretsmanager import Secret, cached_calls
from models.services.ssm import Parameter
from models.services.wafv2 import WebACL


def quantities(resource):
    usage = resource.estimate()
    return {key.meter.usage_type: usage.total(key) for key in usage}


def total(resource, **settings):
    return float(bill(resource.estimate(), **settings).total_usd)


EVERY = (WebACL, Secret, Key, Parameter)


@pytest.mark.parametrize("kind", EVERY)
def test_what_exists_for_half_a_month_costs_half(kind):
    fields = {"tier": "Advanced"} if kind is Parameter else {}
    fields |= {"rules": 3} if kind is WebACL else {}
    whole = kind(name="one", count=4, **fields)
    assert total(whole.replace(hours=365)) == pytest.approx(total(whole) / 2)
    assert total(whole.replace(hours=0)) == 0
    with pytest.raises(InvalidInputError, match="hours 731 must be at most the 730"):
        whole.replace(hours=731).estimate()


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("count", [-1, 0.5, True, "two"])
def test_a_count_is_a_whole_number(kind, count):
    with pytest.raises(InvalidInputError, match="count"):
        kind(name="one", count=count)


# --- WAF --------------------------------------------------------------------------------------


def test_ten_rules_and_a_hundred_million_requests_are_75_dollars():
    # 5 + 10 x 1 + 100 x 0.60; the learning material counts 1.00 a million and says 115.
    acl = WebACL(name="acl", rules=10, requests=100_000_000)
    assert total(acl) == pytest.approx(75)
    assert total(acl.replace(requests=1_000_000_000)) == pytest.approx(615)


def test_each_acl_pays_for_its_own_rules_but_a_request_counts_once():
    acls = WebACL(name="acls", count=3, rules=2, requests=9)
    assert quantities(acls) == {"WebACLV2": 3, "RuleV2": 6, "RequestV2-Tier1": 9}


# --- Secrets Manager --------------------------------------------------------------------------


def test_a_secret_is_charged_by_the_month_and_by_the_call():
    secrets = Secret(name="secrets", count=10, api_calls=1_000_000)
    assert total(secrets) == pytest.approx(10 * 0.40 + 100 * 0.05)


def test_fifty_million_reads_cost_250_dollars_and_a_cache_leaves_next_to_none():
    secret = Secret(name="secret", count=0, api_calls=50_000_000)
    assert total(secret) == pytest.approx(250)
    left = cached_calls(10, ttl_seconds=3600, period_seconds=730 * 3600, reads=50_000_000)
    assert total(secret.replace(api_calls=left)) == pytest.approx(7300 * 0.05 / 10_000)


def test_a_cache_never_asks_more_often_than_it_is_read():
    assert cached_calls(100, 1, 3600, reads=np.array([5.0, 1e9])).tolist() == [5, 360_000]


# --- Parameter Store --------------------------------------------------------------------------


def test_standard_parameters_are_free_until_higher_throughput_is_on():
    free = Parameter(name="settings", count=10_000, interactions=1_000_000, value_kb=4)
    assert quantities(free) == {}
    assert total(free.replace(higher_throughput=True)) == pytest.approx(5.0)


def test_advanced_parameters_cost_by_the_month_and_by_the_interaction():
    advanced = Parameter(
        name="large", count=20, tier="Advanced", value_kb=8, interactions=1_000_000
    )
    assert total(advanced) == pytest.approx(20 * 0.05 + 5.0)
    assert total(advanced.replace(higher_throughput=True)) == total(advanced)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"value_kb": 4.1}, r"at most 4 \[KB\] for 'Standard' .*advanced-parameters"),
        ({"value_kb": 8.1, "tier": "Advanced"}, r"at most 8 \[KB\] for 'Advanced'"),
        ({"count": 10_001}, r"at most 10,000 \[parameters\]"),
        ({"count": 100_001, "tier": "Advanced"}, r"at most 100,000"),
        ({"tier": "Intelligent-Tiering"}, "tier"),
    ],
)
def test_a_parameter_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        Parameter(name="setting", **fields)


# --- KMS --------------------------------------------------------------------------------------


def test_the_first_two_rotations_count_as_a_key_each():
    assert billed_versions(np.array([0, 1, 2, 3, 9])).tolist() == [1, 2, 3, 3, 3]
    assert total(Key(name="keys", count=2, rotations=5)) == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("key_spec", "usage_type", "usd"),
    [
        ("SYMMETRIC_DEFAULT", "KMS-Requests", 0.03),
        ("RSA_2048", "KMS-Requests-Asymmetric-RSA_2048", 0.03),
        ("RSA_4096", "KMS-Requests-Asymmetric", 0.15),
        ("ECC_NIST_P256", "KMS-Requests-Asymmetric", 0.15),
    ],
)
def test_the_kind_of_key_decides_what_a_request_costs(key_spec, usage_type, usd):
    key = Key(name="key", count=0, key_spec=key_spec, requests=10_000)
    assert quantities(key) == {usage_type: 10_000}
    assert total(key) == pytest.approx(usd)


def test_twenty_thousand_requests_are_free_with_symmetric_keys_only():
    free = {"free_tier": "always-free"}
    key = Key(name="key", count=0, requests=20_000)
    assert total(key, **free) == 0
    assert total(key.replace(requests=30_000), **free) == pytest.approx(0.03)
    assert total(key.replace(key_spec="RSA_4096"), **free) == pytest.approx(0.30)


def test_encrypting_500_gb_in_kms_itself_takes_131_million_requests():
    assert direct_requests(500) == 131_072_000
    assert direct_requests(np.array([0, 1 / 1024**2, 4.5 / 1024**2])).tolist() == [0, 1, 2]
    key = Key(name="key", count=0, requests=direct_requests(500))
    assert total(key) == pytest.approx(393.216)


def test_an_asymmetric_key_that_rotates_is_refused():
    with pytest.raises(InvalidInputError, match=r"rotations must not be given for RSA_2048.*https"):
        Key(name="key", key_spec="RSA_2048", rotations=1)
    with pytest.raises(InvalidInputError, match="key_spec"):
        Key(name="key", key_spec="AES_256")
