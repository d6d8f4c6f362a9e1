"""Amazon DynamoDB: tables that are charged by the capacity provisioned or by the request.

Models: read and write units of single items, queries and transactions; provisioned capacity and
    on-demand requests in both table classes; global secondary indexes; storage with its overhead;
    backups, point-in-time recovery, export and import; streams and changes sent to Kinesis;
    replicas of global tables. For a simulation: auto scaling with the shape of its alarms, warm
    throughput, maxima on demand. What AWS refuses (items, capacity, targets) is refused here.
Leaves out: local secondary indexes, whose writes count for the table; warming a table ahead of a
    peak, charged once; reserved capacity; switching the billing mode, allowed four times in 24
    hours; DAX; cooldowns of auto scaling, none by default; data transfer, also between the
    replicas of a global table. Deletions by time to live are free, but for replicas. A failed or
    throttled request is not counted. Free allowances come off the bill, not off the usage.
Pricing: https://aws.amazon.com/dynamodb/pricing/on-demand/ and
    https://aws.amazon.com/dynamodb/pricing/provisioned/ (1 KB a write unit, 4 KB a read unit;
    capacity by the hour, used or not)
"""

from __future__ import annotations

from models.services.dynamodb import index, limits, meters, rules, scalable, table
from models.services.dynamodb.index import GlobalSecondaryIndex
from models.services.dynamodb.rules import (
    burst_seconds,
    partitions,
    query_units,
    read_units,
    stored_gb,
    write_units,
)
from models.services.dynamodb.scalable import ScalableTarget, utilization_tracking
from models.services.dynamodb.table import Table

__all__ = [
    "GlobalSecondaryIndex",
    "ScalableTarget",
    "Table",
    "burst_seconds",
    "index",
    "limits",
    "meters",
    "partitions",
    "query_units",
    "read_units",
    "rules",
    "scalable",
    "stored_gb",
    "table",
    "utilization_tracking",
    "write_units",
]
