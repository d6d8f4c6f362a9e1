"""ElastiCache: node hours, serverless minimums, backups, and what a hit ratio spares a database."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError, UnknownNameError
from models.metering import Meter
from models.prices import Catalogue
from models.quotas import quotas
from models.services import elasticache
from models.services.elasticache import CacheCluster, ReplicationGroup, ServerlessCache, meters
from models.units import BillingPeriod

CATALOGUE = Catalogue.load()


def quantities(resource, **more):
    usage = resource.estimate(**more)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def group(**fields):
    return ReplicationGroup(name="cache", **{"cache_node_type": "cache.r7g.large", **fields})


# --- nodes ------------------------------------------------------------------------------------


def test_every_node_is_charged_for_every_hour_replicas_too():
    found = quantities(group(num_node_groups=3, replicas_per_node_group=2))
    assert found == {"NodeUsage:cache.r7g.large": 9 * 730}


def test_a_partial_hour_counts_as_a_full_one():
    assert quantities(group(hours=1.1)) == {"NodeUsage:cache.r7g.large": 2}


def test_backups_are_charged_by_the_share_of_the_month():
    found = quantities(group(snapshot_storage_gb=100, hours=365))
    assert found["ElastiCache:BackupUsage"] == 50


def test_valkey_is_a_fifth_cheaper_than_redis():
    redis, valkey = (
        float(bill(group(engine=engine).estimate(), CATALOGUE).total_usd)
        for engine in ("redis", "valkey")
    )
    assert valkey == pytest.approx(0.8 * redis)


@pytest.mark.parametrize(
    ("resource", "operation"),
    [
        (group(engine="redis"), "CreateCacheCluster:0002"),
        (group(), "CreateCacheCluster:Valkey"),
        (CacheCluster(name="m", cache_node_type="cache.r7g.large"), "CreateCacheCluster:0001"),
    ],
)
def test_the_engine_is_told_apart_by_the_operation(resource, operation):
    ((key, hours),) = resource.estimate().items()
    assert key.meter.operation == operation
    assert hours == 730
    assert bill(resource.estimate(), CATALOGUE).total_usd > 0


def test_a_memcached_cluster_counts_its_nodes():
    cluster = CacheCluster(name="m", cache_node_type="cache.t4g.micro", num_cache_nodes=3)
    assert quantities(cluster, period=BillingPeriod.of("2026-02")) == {
        "NodeUsage:cache.t4g.micro": 3 * 672
    }


def test_every_node_type_with_a_price_has_a_memory_and_the_other_way_round():
    held = {name for name in quotas("elasticache") if name.startswith("maxmemory_")}
    priced = {
        price.usage_type.removeprefix("NodeUsage:cache.").replace(".", "_")
        for price in CATALOGUE
        if price.usage_type.startswith("NodeUsage:") and price.region == "us-east-1"
    }
    known = {name.removeprefix("maxmemory_").removesuffix("_bytes") for name in held}
    assert priced <= known
    assert known - priced <= {"t3_small", "r5_large"}


def test_replicas_hold_copies_and_add_no_memory():
    one = elasticache.usable_memory_gb("cache.r7g.large")
    assert one == pytest.approx(14_037_181_030 / 2**30 * 0.75)
    assert group(num_node_groups=2, replicas_per_node_group=5).usable_memory_gb == 2 * one


def test_items_that_fit_by_hand():
    # 0.5 GB less a quarter is 393,216 KB.
    memory = elasticache.usable_memory_gb("cache.t4g.micro")
    assert elasticache.items_that_fit(memory, np.array([1.0, 3.0])).tolist() == [393_216, 131_072]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: group(replicas_per_node_group=6), r"6 must be at most 5 \(https://docs.*Replica"),
        (lambda: group(num_node_groups=501), "nodes 501 must be at most 500"),
        (lambda: group(num_node_groups=84, replicas_per_node_group=5), "504 must be at most 500"),
        (lambda: group(cache_node_type="r7g.large"), "must be a node type such as cache.t4g.micro"),
        (lambda: group(engine="memcached"), "must be one of 'redis' or 'valkey'"),
        (lambda: group(num_node_groups=1.5), "whole number"),
        (lambda: group(hours=731).estimate(), "hours 731 must be at most the 730"),
        (
            lambda: CacheCluster(name="m", cache_node_type="cache.t3.micro", num_cache_nodes=61),
            "num_cache_nodes 61 must be at most 60",
        ),
        (lambda: ServerlessCache(name="s", data_gb=5001), r"data_gb 5001 must be at most 5,000"),
        (lambda: ServerlessCache(name="s", ecpu_per_second_minimum=999), "0 or from 1,000 to 15"),
        (lambda: elasticache.usable_memory_gb("cache.r7g.large", 101), "share from 0 to 1"),
    ],
)  # fmt: skip
def test_what_aws_would_not_accept_is_refused(make, said):
    with pytest.raises(InvalidInputError, match=said):
        make()


def test_memory_of_an_unknown_node_type_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="r7g_large"):
        elasticache.usable_memory_gb("cache.r7g.larg")


# --- serverless -------------------------------------------------------------------------------


@pytest.mark.parametrize(("engine", "least"), [("valkey", 0.1), ("redis", 1), ("memcached", 1)])
def test_an_empty_serverless_cache_is_charged_for_the_least_storage(engine, least):
    found = quantities(ServerlessCache(name="s", engine=engine))
    assert list(found.values()) == [pytest.approx(least * 730)]


def test_a_serverless_cache_is_charged_for_what_it_stores_and_is_asked():
    found = quantities(ServerlessCache(name="s", data_gb=4, ecpus=5e9, hours=100))
    assert found == {"CachedData:Valkey": 400, "ElastiCacheProcessingUnits:Valkey": 5e9}


def test_a_configured_minimum_is_charged_also_when_nobody_asks():
    kept = ServerlessCache(
        name="s", hours=10, data_gb=2, data_storage_minimum_gb=10, ecpu_per_second_minimum=1000
    )
    assert quantities(kept) == {
        "CachedData:Valkey": 100, "ElastiCacheProcessingUnits:Valkey": 36e6,
    }  # fmt: skip
    busy = kept.replace(ecpus=40e6)
    assert quantities(busy)["ElastiCacheProcessingUnits:Valkey"] == 40e6


def test_a_request_takes_a_unit_for_each_kb_and_one_at_least():
    kb = np.array([0.1, 1.0, 3.2])
    assert elasticache.processing_units(10, kb) == pytest.approx([10, 10, 32])


@pytest.mark.parametrize("engine", meters.OPERATIONS)
@pytest.mark.parametrize("of", [meters.CACHED_DATA, meters.PROCESSING_UNITS])
def test_every_serverless_meter_is_explained_and_priced_in_its_unit(of, engine):
    meter = of[engine]
    assert isinstance(meter, Meter)
    assert meter.rule.endswith(".")
    assert meter.lever.endswith(".")
    price = CATALOGUE.find(meter.service_code, meter.usage_type, region="us-east-1")
    assert price.unit == meter.unit


# --- what a hit ratio does --------------------------------------------------------------------


def test_the_database_gets_the_misses():
    hits = np.array([0.0, 0.8, 0.95, 1.0])
    assert elasticache.database_requests(800, hits) == pytest.approx([800, 160, 40, 0])


def test_a_miss_takes_the_cache_and_the_database():
    hits = np.array([0.0, 0.5, 1.0])
    assert elasticache.effective_latency_seconds(hits, 0.001, 0.01) == pytest.approx(
        [0.011, 0.006, 0.001]
    )


def test_a_useless_cache_is_slower_than_none():
    assert elasticache.effective_latency_seconds(0.05, 0.001, 0.01) > 0.01


@pytest.mark.parametrize("hit_ratio", [-0.1, 1.1, float("nan"), "half"])
def test_a_hit_ratio_is_a_share(hit_ratio):
    with pytest.raises(InvalidInputError, match="hit_ratio"):
        elasticache.database_requests(10, hit_ratio)
    with pytest.raises(InvalidInputError, match="hit_ratio"):
        elasticache.effective_latency_seconds(hit_ratio, 0.001, 0.01)


def test_a_large_sweep_is_quick_and_right():
    points = np.linspace(0, 100, 100_000)
    swept = ServerlessCache(name="s", data_gb=points, ecpus=points * 1e6)
    total = bill(swept.estimate(), CATALOGUE).total_usd
    assert total[-1] == pytest.approx(100 * 730 * 0.084 + 100e6 * 0.0023e-6)
