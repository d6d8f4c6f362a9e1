"""Amazon S3: storage by class, requests, retrieval, replication, and lifecycle rules over time.

Models: storage in byte-hours as GB-months; requests, lifecycle transitions, restores and retrieval
    by class; the 128 KB and minimum-duration rules and the overhead of archived objects;
    noncurrent versions and unfinished uploads; Intelligent-Tiering by tier; replication; Requester
    Pays; internet and inter-region transfer. `LifecycleBucket` follows daily cohorts of objects
    through the rules, month by month, to the steady state.
Leaves out: S3 Inventory, Storage Lens, Batch Operations, Select, Object Lambda, access points,
    tables and vectors; tags; Transfer Acceleration; the temporary copy of a restored object (add
    it as a Standard bucket); reads that bring data back up in Intelligent-Tiering; objects of
    mixed sizes in one resource; multipart parts staged for archive classes.
Pricing: https://aws.amazon.com/s3/pricing/ and, for what is counted,
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html
"""

from __future__ import annotations

from models.services.s3 import bucket, lifecycle, replication, requests, rules, storage_classes
from models.services.s3.bucket import Bucket, IntelligentTieringBucket
from models.services.s3.lifecycle import LifecycleBucket, Transition, stays, steady_state_gb
from models.services.s3.replication import Replication

__all__ = [
    "Bucket",
    "IntelligentTieringBucket",
    "LifecycleBucket",
    "Replication",
    "Transition",
    "bucket",
    "lifecycle",
    "replication",
    "requests",
    "rules",
    "stays",
    "steady_state_gb",
    "storage_classes",
]
