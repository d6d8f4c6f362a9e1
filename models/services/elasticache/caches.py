"""Caches: nodes of Redis OSS, Valkey and Memcached, and serverless ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from models.billed_time import billed_hours, hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import quota, range_of, value_of
from models.resource import Amount, Count, Resource
from models.services.elasticache import meters, rules
from models.units import SECONDS_PER_HOUR, BillingPeriod

_NODE_TYPE = r"^cache\.[a-z0-9]+\.[a-z0-9]+$"


def _node_type(value: str) -> str:
    if not re.fullmatch(_NODE_TYPE, value):
        raise ValueError("must be a node type such as cache.t4g.micro")
    return value


CacheNodeType = Annotated[
    str, AfterValidator(_node_type), Field(json_schema_extra={"pattern": _NODE_TYPE})
]


def _refuse_more(name: str, given: Quantity, limit: str) -> None:
    stated = quota("elasticache", limit)
    if np.any(np.asarray(given) > stated.value):
        raise InvalidInputError(
            f"{name} {np.max(given):g} must be at most {stated.value:,} ({stated.source})"
        )


class ReplicationGroup(Resource):
    """Nodes of Redis OSS or Valkey: shards, each a primary with its replicas."""

    engine: Literal["redis", "valkey"] = "valkey"
    """Engine, as AWS spells it."""
    cache_node_type: CacheNodeType
    """Type of every node, e.g. ``cache.r7g.large``."""
    num_node_groups: Count = 1
    """Shards: each holds a part of the keys."""
    replicas_per_node_group: Count = 0
    """Copies of each shard, beside its primary."""
    hours: Amount | None = None
    """Hours it exists, in one stretch; the whole billing period unless given. [h]"""
    snapshot_storage_gb: Amount = 0
    """Backups kept on average. [GB]"""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        replicas = self.replicas_per_node_group
        _refuse_more("replicas_per_node_group", replicas, "replicas_per_node_group_max")
        _refuse_more("nodes", self.nodes, "nodes_per_replication_group_max")
        return self

    @property
    def nodes(self) -> Quantity:
        """Primaries and replicas together."""
        return self.num_node_groups * (1 + self.replicas_per_node_group)

    @property
    def usable_memory_gb(self) -> Quantity:
        """Memory for items over all shards; replicas hold copies, so they add none. [GB]"""
        return rules.usable_memory_gb(self.cache_node_type) * self.num_node_groups

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield node hours and backups."""
        hours = hours_within(self.hours, period, self.name)
        yield meters.node_usage(self.engine, self.cache_node_type), self.nodes * billed_hours(hours)
        yield meters.BACKUPS, self.snapshot_storage_gb * hours / period.hours


class CacheCluster(Resource):
    """Nodes of Memcached: each holds a part of the keys, and none a copy."""

    engine: Literal["memcached"] = "memcached"
    """Engine, as AWS spells it."""
    cache_node_type: CacheNodeType
    """Type of every node, e.g. ``cache.t4g.medium``."""
    num_cache_nodes: Count = 1
    """How many nodes."""
    hours: Amount | None = None
    """Hours it exists, in one stretch; the whole billing period unless given. [h]"""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _refuse_more("num_cache_nodes", self.num_cache_nodes, "memcached_nodes_max")
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield node hours."""
        hours = billed_hours(hours_within(self.hours, period, self.name))
        yield meters.node_usage(self.engine, self.cache_node_type), self.num_cache_nodes * hours


class ServerlessCache(Resource):
    """A cache without nodes: what it stores and what it is asked."""

    engine: Literal["redis", "valkey", "memcached"] = "valkey"
    """Engine, as AWS spells it."""
    data_gb: Amount = 0
    """Data stored on average. [GB]"""
    ecpus: Amount = 0
    """Processing units in the period: see `processing_units`."""
    data_storage_minimum_gb: Amount = 0
    """Storage that is kept ready, and charged, also where less is stored. [GB]"""
    ecpu_per_second_minimum: Amount = 0
    """Processing that is kept ready, and charged, also where less is asked. [ECPU/s]"""
    hours: Amount | None = None
    """Hours it exists, in one stretch; the whole billing period unless given. [h]"""
    snapshot_storage_gb: Amount = 0
    """Backups kept on average. [GB]"""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name in ("data_gb", "data_storage_minimum_gb"):
            _refuse_more(name, getattr(self, name), "serverless_data_gb_max")
        least, highest = range_of("elasticache", "serverless_ecpu_per_second_limit")
        kept = np.asarray(self.ecpu_per_second_minimum)
        if np.any((kept > 0) & ((kept < least) | (kept > highest))):
            stated = quota("elasticache", "serverless_ecpu_per_second_limit_max")
            raise InvalidInputError(
                f"ecpu_per_second_minimum must be 0 or from {least:,} to {highest:,} [ECPU/s]"
                f" ({stated.source})"
            )
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB-hours, processing units and backups."""
        hours = hours_within(self.hours, period, self.name)
        name = "serverless_valkey_data_gb" if self.engine == "valkey" else "serverless_data_gb"
        least = np.maximum(value_of("elasticache", f"{name}_min"), self.data_storage_minimum_gb)
        yield meters.CACHED_DATA[self.engine], np.maximum(self.data_gb, least) * hours
        kept = self.ecpu_per_second_minimum * hours * SECONDS_PER_HOUR
        yield meters.PROCESSING_UNITS[self.engine], np.maximum(self.ecpus, kept)
        yield meters.BACKUPS, self.snapshot_storage_gb * hours / period.hours
