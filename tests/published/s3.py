"""Published worked examples of S3, as usage built from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.ec2 import DataTransfer
from models.services.s3 import Bucket, IntelligentTieringBucket
from models.units import GB_PER_TB, HOURS_PER_DAY, TYPICAL, BillingPeriod

MARCH = BillingPeriod.of("2026-03")


def byte_hours() -> Usage:
    """100 GB for fifteen days and then 100 TB for sixteen, in a month of 31."""
    small = Bucket(name="photos", storage_gb=100, hours=15 * HOURS_PER_DAY)
    large = Bucket(name="photos", storage_gb=100 * GB_PER_TB, hours=16 * HOURS_PER_DAY)
    return small.estimate(MARCH) + large.estimate(MARCH)


def transfer_of_two_services() -> Usage:
    """1 TB a day out of S3 and as much out of EC2: the tiers add them up."""
    month_gb = GB_PER_TB * 31
    bucket = Bucket(name="bucket", internet_egress_gb=month_gb)
    instances = DataTransfer(name="instances", internet_egress_gb=month_gb)
    return bucket.estimate(MARCH) + instances.estimate(MARCH)


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "S3-01": byte_hours,
    "S3-02": transfer_of_two_services,
    "S3-04": lambda: Bucket(name="b", put_requests=310_000, get_requests=620_000).estimate(),
    "IC-S3-01": lambda: IntelligentTieringBucket(
        name="b", frequent_gb=20_000, infrequent_gb=20_000, archive_gb=20_000,
        deep_archive_gb=20_000, monitored_objects=20_000,
    ).estimate(TYPICAL),
    "IC-S3-02": lambda: Bucket(
        name="b", storage_class="GLACIER", storage_gb=50_000, put_requests=50_000,
        transitioned_objects=50_000, restore_requests=50_000, retrieved_gb=50_000,
        expedited_restore_requests=50_000, expedited_retrieved_gb=50_000,
    ).estimate(TYPICAL),
    "IC-S3-04": lambda: Bucket(
        name="b", storage_class="STANDARD_IA", storage_gb=30_000, put_requests=30_000,
        get_requests=30_000, transitioned_objects=30_000, retrieved_gb=30_000,
    ).estimate(TYPICAL),
}  # fmt: skip
