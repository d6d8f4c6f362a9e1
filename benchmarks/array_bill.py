"""A bill of 100,000 points of every resource type, all its amounts swept at once.

Prints one JSON object: milliseconds of `estimate()` and `bill()` together by type, slowest first,
and fails where one takes longer than 100 ms. Half a minute: ``python -m benchmarks.array_bill``, or
some types: ``python -m benchmarks.array_bill sqs.Queue``.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks._timing import best_seconds
from models import Catalogue, bill
from models.errors import ModelError
from models.resource import Resource
from models.services import resource_types

POINTS, LIMIT_MS = 100_000, 100
#: Values that a swept field takes, the first that it allows: amounts, small numbers, or shares.
VALUES = (
    np.resize(np.arange(100.0, 600.0), POINTS),
    np.resize(np.arange(1.0, 4.0), POINTS),
    np.linspace(0.0, 1.0, POINTS),
)
#: What a type cannot be made without, and what makes it meter other things.
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "dynamodb.Table": [{}, {
        "billing_mode": "PROVISIONED", "read_capacity_units": VALUES[0],
        "write_capacity_units": VALUES[0],
    }],
    "ec2.Instance": [{"instance_type": "m5.large"}],
    "ec2.SnapshotCopy": [{"destination_region": "us-west-2"}],
    "ec2.Volume": [{}, {"volume_type": "io2", "size_gb": VALUES[0], "iops": 10 * VALUES[0]}],
    "elasticache.CacheCluster": [{"cache_node_type": "cache.m5.large"}],
    "elasticache.ReplicationGroup": [{"cache_node_type": "cache.m5.large"}],
    "kinesis.Stream": [{}, {"stream_mode": "ON_DEMAND"}],
    "lambda.EventPollers": [{"kind": "sqs"}, {"kind": "kafka"}],
    "lambda.Function": [{}, {"snap_start": True, "runtime": "python3.12"}],
    "rds.DBCluster": [{"engine": "aurora-mysql"}],
    "rds.DBInstance": [{"engine": "postgres", "db_instance_class": "db.m5.large"}],
    "s3.Bucket": [{}, {"storage_class": "GLACIER"}, {"storage_class": "STANDARD_IA"}],
    "s3.LifecycleBucket": [{
        "ingest_gb_per_day": 10.0, "expiration_days": 365,
        "transitions": [{"days": 30, "storage_class": "STANDARD_IA"}],
    }],
}  # fmt: skip


def swept(kind: type[Resource], settings: dict[str, Any]) -> Resource:
    """A resource with as many of its amounts swept as go together."""
    fields = kind.model_fields
    amounts = [name for name in fields if "ndarray" in str(fields[name]) and name not in settings]
    given = settings | {name: VALUES[0] for name in amounts if fields[name].is_required()}
    for name in amounts:
        for values in VALUES:
            try:
                bill(kind(name="swept", **{**given, name: values}).estimate())
            except (ModelError, TypeError):
                continue
            given[name] = values
            break
    return kind(name="swept", **given)


def main(names: Sequence[str] = ()) -> None:
    catalogue = Catalogue.load()
    found = {}
    for name, kind in resource_types().items():
        if names and name not in names:
            continue
        for number, settings in enumerate(SETTINGS.get(name, [{}])):
            resource = swept(kind, settings)
            seconds = best_seconds(lambda one=resource: bill(one.estimate(), catalogue), repeats=3)
            found[f"{name} {number + 1}" if number else name] = round(1000 * seconds, 1)
    print(json.dumps(dict(sorted(found.items(), key=lambda item: -item[1])), indent=2))
    slow = [name for name, ms in found.items() if ms > LIMIT_MS]
    if slow:
        sys.exit(f"slower than allowed: {', '.join(slow)}")


if __name__ == "__main__":
    main(sys.argv[1:])
