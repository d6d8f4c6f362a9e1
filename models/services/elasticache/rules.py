"""What a cache holds, what it costs in requests, and what it spares a database. Pure rules."""

from __future__ import annotations

import numpy as np

from models.metering import Quantity
from models.quotas import value_of
from models.theory.numbers import amount, plain, share
from models.units import BYTES_PER_GB, KB_PER_GB

PERCENT = 100


def usable_memory_gb(cache_node_type: str, reserved_memory_percent: float | None = None) -> float:
    """Memory of a node for items: what AWS lists, less what is kept for backups and failover. [GB]

    Parameters
    ----------
    cache_node_type : str
        For example ``cache.r7g.large``.
    reserved_memory_percent : float, optional
        25 unless given, as for Valkey and Redis OSS. [%]

    Raises
    ------
    UnknownNameError
        Where the memory of the node type is not held, with the nearest.
    InvalidInputError
        Where the percentage is outside 0 to 100.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html

    Examples
    --------
    >>> round(usable_memory_gb("cache.r7g.large"), 2), usable_memory_gb("cache.t4g.micro", 0)
    (9.8, 0.5)
    """
    name = cache_node_type.removeprefix("cache.").replace(".", "_")
    kept = value_of("elasticache", "reserved_memory_percent")
    percent = kept if reserved_memory_percent is None else reserved_memory_percent
    part = share("reserved_memory_percent / 100", percent / PERCENT)
    return float(value_of("elasticache", f"maxmemory_{name}_bytes") / BYTES_PER_GB * (1 - part))


def items_that_fit(memory_gb: Quantity, item_kb: Quantity) -> Quantity:
    """Items that fit into so much memory, with what the engine needs for each.

    Parameters
    ----------
    memory_gb : float or array
        See `usable_memory_gb`. [GB]
    item_kb : float or array
        Key, value and overhead of an item. [KB]

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> items_that_fit(0.375, 2)
    196608.0
    """
    size = amount("item_kb", item_kb, unit="KB", above_zero=True)
    return plain(np.floor(np.asarray(amount("memory_gb", memory_gb)) * KB_PER_GB / size))


def processing_units(requests: Quantity, request_kb: Quantity = 1) -> Quantity:
    """ECPUs of simple reads or writes.

    Parameters
    ----------
    requests : float or array
    request_kb : float or array
        Transferred by each. [KB]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Documented: https://aws.amazon.com/elasticache/pricing/ (3.2 KB are 3.2 ECPUs, less than 1 KB
    is one). Commands that need more CPU time take more.

    Examples
    --------
    >>> processing_units(1000, 0.2), processing_units(1000, 3.2)
    (1000.0, 3200.0)
    """
    kb = np.asarray(amount("request_kb", request_kb, unit="KB"))
    each = np.maximum(kb / value_of("elasticache", "kb_per_ecpu"), 1.0)
    return plain(np.asarray(amount("requests", requests)) * each)


def database_requests(requests: Quantity, hit_ratio: Quantity) -> Quantity:
    """Requests that a cache lets through to the database: those that it does not hold.

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> database_requests(1000, 0.75)
    250.0
    """
    return plain(np.asarray(amount("requests", requests)) * (1 - share("hit_ratio", hit_ratio)))


def effective_latency_seconds(
    hit_ratio: Quantity, hit_seconds: Quantity, database_seconds: Quantity
) -> Quantity:
    """Mean time to an answer with a cache asked first. [s]

    Parameters
    ----------
    hit_ratio : float or array
        [share]
    hit_seconds : float or array
        To ask the cache; a miss takes it too. [s]
    database_seconds : float or array
        To ask the database after a miss. [s]

    Raises
    ------
    InvalidInputError

    Examples
    --------
    >>> effective_latency_seconds(0.75, 0.001, 0.02)
    0.006
    """
    misses = 1 - np.asarray(share("hit_ratio", hit_ratio))
    asked = amount("database_seconds", database_seconds, unit="s")
    return plain(amount("hit_seconds", hit_seconds, unit="s") + misses * asked)
