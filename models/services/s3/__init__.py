"""Amazon S3: storage by class, requests, retrieval, replication, and lifecycle rules over time.

Models: storage in byte-hours as GB-months; requests, lifecycle transitions, restores with their
    temporary copies, and retrieval by class; the 128 KB and minimum-duration rules and the overhead
    of archived objects; noncurrent versions and unfinished uploads; Intelligent-Tiering by tier,
    with its opt-in archives; replication; Requester Pays; internet and inter-region transfer.
    `LifecycleBucket` follows daily cohorts of objects through the rules, month by month, to the
    steady state, for which there is also the closed form.
Leaves out: S3 Inventory, Storage Lens, Batch Operations, Select, Object Lambda, access points,
    tables and vectors; tags; Transfer Acceleration; expedited reads from the archive tiers of
    Intelligent-Tiering; rules that move noncurrent versions; objects of mixed sizes in one
    resource; the parts of a multipart upload as requests.
Pricing: https://aws.amazon.com/s3/pricing/ and, for what is counted,
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html
"""

from __future__ import annotations

from models.services.s3 import (
    bucket,
    cohorts,
    intelligent_tiering,
    lifecycle,
    replication,
    requests,
    rules,
    storage_classes,
    traffic,
)
from models.services.s3.bucket import Bucket
from models.services.s3.cohorts import Stay, steady_state_gb
from models.services.s3.intelligent_tiering import IntelligentTieringBucket, Tiering
from models.services.s3.lifecycle import LifecycleBucket, Transition, stays
from models.services.s3.replication import Replication

__all__ = [
    "Bucket",
    "IntelligentTieringBucket",
    "LifecycleBucket",
    "Replication",
    "Stay",
    "Tiering",
    "Transition",
    "bucket",
    "cohorts",
    "intelligent_tiering",
    "lifecycle",
    "replication",
    "requests",
    "rules",
    "stays",
    "steady_state_gb",
    "storage_classes",
    "traffic",
]
