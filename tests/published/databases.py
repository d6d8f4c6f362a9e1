"""Published worked examples of ElastiCache, as usage built from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.elasticache import CacheCluster, ServerlessCache
from models.units import BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)


def memcached(cache_node_type: str, nodes: int) -> Usage:
    return CacheCluster(
        name="cache", cache_node_type=cache_node_type, num_cache_nodes=nodes
    ).estimate(THIRTY_DAYS)


def serverless_minimum() -> Usage:
    """An hour of 100,000 ECPUs a second kept ready, without the storage that is charged beside."""
    usage = ServerlessCache(
        name="cache", engine="redis", ecpu_per_second_minimum=100_000, hours=1
    ).estimate()
    kept = {key: value for key, value in usage.items() if "Processing" in key.meter.usage_type}
    return Usage(usage.period, kept)


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "ELC-01": serverless_minimum,
    "ELC-02": lambda: memcached("cache.t2.medium", 11),
    "ELC-04": lambda: memcached("cache.m4.xlarge", 3),
    "ELC-05": lambda: memcached("cache.r4.large", 3),
    "ELC-07": lambda: memcached("cache.r6g.large", 3),
}
