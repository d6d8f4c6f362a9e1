"""What AWS counts for ElastiCache, under the names its bill uses."""

from __future__ import annotations

from models.metering import Meter

#: Operation that goes with each engine on the bill: attribute ``operation`` of AWS's price list,
#: https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonElastiCache/current/index.json
OPERATIONS = {
    "memcached": "CreateCacheCluster:0001",
    "redis": "CreateCacheCluster:0002",
    "valkey": "CreateCacheCluster:Valkey",
}
_SERVERLESS_NAMES = {"memcached": "Memcached", "redis": "Redis", "valkey": "Valkey"}

BACKUPS = Meter(
    "AmazonElastiCache", "ElastiCache:BackupUsage", "GB-Mo", name="cache backups",
    rule="Every GB of backup that is kept, for each month.",
    lever="Keep fewer days of them: what a cache holds can be read from the database again.",
)  # fmt: skip


def node_usage(engine: str, cache_node_type: str) -> Meter:
    """Hours of one node type and engine.

    >>> str(node_usage("valkey", "cache.r7g.large"))
    'AmazonElastiCache NodeUsage:cache.r7g.large CreateCacheCluster:Valkey'
    """
    return Meter(
        "AmazonElastiCache", f"NodeUsage:{cache_node_type}", "Hrs", OPERATIONS[engine],
        name=f"{engine} node {cache_node_type}",
        rule="Every hour of every node, replicas too; a partial hour counts as a full one.",
        lever="Use Valkey, a smaller node or fewer replicas, or reserve what stays.",
    )  # fmt: skip


def _cached_data(engine: str) -> Meter:
    return Meter(
        "AmazonElastiCache", f"CachedData:{_SERVERLESS_NAMES[engine]}", "GB-Hours",
        name=f"{engine} serverless data",
        rule="Data stored, as an average of each hour: 1 GB at least, 100 MB with Valkey.",
        lever="Let items expire, or store fewer bytes for each.",
    )  # fmt: skip


def _processing(engine: str) -> Meter:
    return Meter(
        "AmazonElastiCache", f"ElastiCacheProcessingUnits:{_SERVERLESS_NAMES[engine]}",
        "ElastiCacheProcessingUnits", name=f"{engine} serverless requests",
        rule="One unit for each KB that a simple read or write transfers, one at least.",
        lever="Ask for fewer bytes; several keys in one request save none.",
    )  # fmt: skip


CACHED_DATA = {engine: _cached_data(engine) for engine in OPERATIONS}
PROCESSING_UNITS = {engine: _processing(engine) for engine in OPERATIONS}
