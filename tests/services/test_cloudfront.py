"""CloudFront: what is billed by geography, what goes on to the origin, what AWS would refuse."""

import time

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.prices import Catalogue
from models.services.cloudfront import (
    GEOGRAPHIES,
    Distribution,
    Function,
    allowed_edges,
    break_even_response_kb,
    origin_gb,
    origin_requests,
    requests_meter,
    response_gb,
    served_shares,
    transfer_out,
    transfer_to_origin,
)
from models.services.s3 import Bucket


def quantities(resource):
    usage = resource.estimate()
    return {key.meter.usage_type: usage.total(key) for key in usage}


def costs(resource, **settings):
    found = bill(resource.estimate(), **settings).by("usage_type")
    return {name: float(cost) for name, cost in found.items()}


# --- what is billed ---------------------------------------------------------------------------


def test_transfer_requests_and_uploads_count_where_they_are_served():
    edges = Distribution(
        name="edges", requests=1000, https_share=0.75, transfer_out_gb=40, uploaded_gb=4,
        viewers={"US": 0.5, "JP": 0.5}, invalidation_paths=7,
    )  # fmt: skip
    assert quantities(edges) == {
        "US-DataTransfer-Out-Bytes": 20, "JP-DataTransfer-Out-Bytes": 20,
        "US-DataTransfer-Out-OBytes": 2, "JP-DataTransfer-Out-OBytes": 2,
        "US-Requests-Tier2-HTTPS": 375, "JP-Requests-Tier2-HTTPS": 375,
        "US-Requests-Tier1": 125, "JP-Requests-Tier1": 125,
        "Invalidations": 7,
    }  # fmt: skip


def test_all_is_https_from_north_america_unless_said_otherwise():
    edges = Distribution(name="edges", requests=10, transfer_out_gb=1)
    assert quantities(edges) == {"US-DataTransfer-Out-Bytes": 1, "US-Requests-Tier2-HTTPS": 10}


def test_each_geography_has_tiers_of_its_own():
    # 20 TB: in one geography 10 TB at 0.085 and 10 TB at 0.080, in two all of it at 0.085.
    one = Distribution(name="edges", transfer_out_gb=20_480)
    two = one.replace(viewers={"US": 0.5, "EU": 0.5})
    assert sum(costs(one).values()) == pytest.approx(10_240 * (0.085 + 0.080))
    assert sum(costs(two).values()) == pytest.approx(20_480 * 0.085)


def test_the_hit_ratio_changes_nothing_on_the_distributions_own_bill():
    missed = Distribution(name="edges", requests=10, transfer_out_gb=5)
    assert quantities(missed) == quantities(missed.replace(cache_hit_ratio=1, byte_hit_ratio=0.5))


def test_a_free_month_of_a_terabyte_ten_million_requests_and_a_thousand_paths():
    edges = Distribution(
        name="edges", requests=10_000_000, transfer_out_gb=1024, invalidation_paths=1000,
        viewers={"US": 0.25, "AP": 0.75},
    )  # fmt: skip
    assert float(bill(edges.estimate(), free_tier="always-free").total_usd) == 0
    more = edges.replace(invalidation_paths=6000)
    # 5,000 paths above the free thousand: 25 dollars.
    assert float(bill(more.estimate(), free_tier="always-free").total_usd) == pytest.approx(25)


def test_a_function_counts_invocations():
    assert quantities(Function(name="rewrite", invocations=3)) == {
        "Executions-CloudFrontFunctions": 3
    }


@pytest.mark.parametrize("geography", GEOGRAPHIES)
def test_every_geography_has_prices_for_transfer_and_requests(geography):
    prices = Catalogue.load()
    for meter in (
        transfer_out(geography),
        requests_meter(geography, https=True),
        requests_meter(geography, https=False),
    ):
        price = prices.find(meter.service_code, meter.usage_type, region="us-east-1")
        assert price.unit == meter.unit
        assert meter.rule.endswith(".")
        assert meter.lever.endswith(".")


@pytest.mark.parametrize("geography", sorted(set(GEOGRAPHIES) - {"ME", "ZA"}))
def test_transfer_to_the_origin_is_priced_where_a_source_was_found(geography):
    meter = transfer_to_origin(geography)
    price = Catalogue.load().find(meter.service_code, meter.usage_type, region="us-east-1")
    assert price.unit == meter.unit


# --- price classes ----------------------------------------------------------------------------


def test_a_price_class_leaves_out_the_dear_geographies():
    assert allowed_edges("PriceClass_100") == {"US", "EU"}
    assert allowed_edges("PriceClass_All") - allowed_edges("PriceClass_200") == {"AU", "SA"}
    assert allowed_edges("PriceClass_All") == set(GEOGRAPHIES)


def test_viewers_left_out_are_served_and_charged_elsewhere():
    world = Distribution(
        name="edges", transfer_out_gb=100, viewers={"US": 0.5, "AU": 0.25, "JP": 0.25}
    )
    assert world.replace(price_class="PriceClass_200").served == {"US": 0.75, "JP": 0.25}
    near = world.replace(price_class="PriceClass_100", excluded_served_from="EU")
    assert quantities(near) == {"US-DataTransfer-Out-Bytes": 50, "EU-DataTransfer-Out-Bytes": 50}
    assert served_shares({"SA": 1.0}, "PriceClass_All", "US") == {"SA": 1.0}


# --- the origin -------------------------------------------------------------------------------


def test_misses_go_on_to_the_origin():
    edges = Distribution(
        name="edges", requests=1000, transfer_out_gb=200, cache_hit_ratio=0.75, byte_hit_ratio=0.5
    )
    assert edges.origin_requests == 250
    assert edges.origin_gb == 100
    assert edges.replace(byte_hit_ratio=None).origin_gb == 50
    assert edges.replace(byte_hit_ratio=0).origin_gb == 200


def test_nothing_is_cached_unless_a_ratio_is_given():
    edges = Distribution(name="edges", requests=7, transfer_out_gb=3)
    assert (edges.origin_requests, edges.origin_gb) == (7, 3)


def test_from_80_to_95_percent_of_hits_the_origin_has_a_quarter_of_the_load():
    before, after = origin_requests(1e6, np.array([0.80, 0.95]))
    assert before / after == pytest.approx(4)


def test_helpers_take_sweeps_and_count_a_gb_as_1024_cubed():
    assert origin_gb(np.array([10.0, 20.0]), 0.5).tolist() == [5, 10]
    assert response_gb(1024, np.array([1.0, 1024.0])) == pytest.approx([1 / 1024, 1])


def test_a_sweep_of_shares_and_sizes_is_billed_at_once_and_fast():
    points = 100_000
    edges = Distribution(
        name="edges", requests=np.linspace(0, 1e9, points), transfer_out_gb=np.arange(points),
        viewers={"US": np.full(points, 0.5), "EU": np.full(points, 0.5)},
    )  # fmt: skip
    started = time.perf_counter()
    total = bill(edges.estimate()).total_usd
    assert time.perf_counter() - started < 0.5  # 0.1 s alone; other tests may run beside it
    assert total.shape == (points,)
    assert total[2] == pytest.approx(2 * 0.085 + 2e9 / (points - 1) * (0.5e-6 + 0.6e-6))


@pytest.mark.parametrize("hits", [0, 0.5, 1])
def test_at_the_break_even_size_a_bucket_costs_the_same_with_and_without(hits):
    # A request costs 1 millionth more and saves 0.4 millionths for a hit; a GB costs 0.005 less.
    kb = break_even_response_kb((1e-6 - hits * 4e-7) / 0.005)
    sent_gb = response_gb(1e6, kb)
    edges = Distribution(name="edges", requests=1e6, transfer_out_gb=sent_gb, cache_hit_ratio=hits)
    alone = Bucket(name="bucket", get_requests=1e6, internet_egress_gb=sent_gb)
    behind = Bucket(name="bucket", get_requests=edges.origin_requests)
    with_edges = float(bill(edges.estimate() + behind.estimate()).total_usd)
    assert with_edges == pytest.approx(float(bill(alone.estimate()).total_usd))


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"viewers": {"UK": 1.0}}, "no geography 'UK'.*known: US, EU, ZA"),
        ({"viewers": {"US": 0.5, "EU": 0.4}}, "add up to 0.9; they must add up to 1"),
        ({"viewers": {}}, "add up to 0; they must"),
        ({"viewers": {"US": np.array([1.0, 0.9])}}, "must add up to 1"),
        ({"viewers": {"US": 1.5}}, "viewers.US: 1.5 must be a share from 0 to 1"),
        ({"cache_hit_ratio": 80}, "cache_hit_ratio: 80 must be a share from 0 to 1"),
        ({"byte_hit_ratio": -0.1}, "byte_hit_ratio"),
        ({"https_share": 2}, "https_share"),
        ({"requests": -1}, "requests"),
        ({"price_class": "PriceClass_300"}, "price_class.*nearest: PriceClass_"),
        ({"excluded_served_from": "JP"}, "excluded_served_from"),
    ],
)
def test_what_cannot_be_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        Distribution(name="edges", **fields)
