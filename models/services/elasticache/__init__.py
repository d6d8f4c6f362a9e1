"""Amazon ElastiCache: memory before a database, by the node or by what is stored and asked.

Models: node hours of Redis OSS, Valkey and Memcached, with replicas and shards; serverless caches,
    charged by the GB-hour stored and by the processing unit (ECPU), with the least that is
    charged; backups. For a hit ratio: what reaches the database, the latency that comes of it,
    items that fit into a node.
Leaves out: reserved nodes, data tiering, global datastores, Outposts, Extended Support of old
    versions, data transfer between zones (describe it with `ec2`), the CPU of a node and how many
    requests it takes; that AWS compares a serverless minimum hour by hour, here it is compared over
    the whole period. How the hit ratio comes about is `models.theory.caching`.
Pricing: https://aws.amazon.com/elasticache/pricing/ (a node by the hour, a partial hour as a full
    one; a serverless cache by the GB-hour, 1 GB at least or 100 MB with Valkey, and by the ECPU:
    one for each KB of a simple read or write).
"""

from __future__ import annotations

from models.services.elasticache import caches, meters, rules
from models.services.elasticache.caches import CacheCluster, ReplicationGroup, ServerlessCache
from models.services.elasticache.rules import (
    database_requests,
    effective_latency_seconds,
    items_that_fit,
    processing_units,
    usable_memory_gb,
)

__all__ = [
    "CacheCluster",
    "ReplicationGroup",
    "ServerlessCache",
    "caches",
    "database_requests",
    "effective_latency_seconds",
    "items_that_fit",
    "meters",
    "processing_units",
    "rules",
    "usable_memory_gb",
]
