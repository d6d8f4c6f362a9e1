"""Published worked examples of S3, as usage built from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.ec2 import DataTransfer
from models.services.s3 import Bucket, IntelligentTieringBucket
from models.services.s3.storage_classes import TRAITS
from models.units import GB_PER_TB, HOURS_PER_DAY, KB_PER_GB, TYPICAL, BillingPeriod

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


def early_deleted(storage_class: str, gb_months: float) -> Usage:
    """Charged for `gb_months` that were missing to the minimum duration: a month short of it."""
    age_days = TRAITS[storage_class].minimum_days - TYPICAL.days
    return Bucket(
        name="early", storage_class=storage_class, early_deleted_gb=gb_months,
        early_deleted_age_days=age_days,
    ).estimate(TYPICAL)  # fmt: skip


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "S3-01": byte_hours,
    "S3-02": transfer_of_two_services,
    "S3-04": lambda: Bucket(name="b", put_requests=310_000, get_requests=620_000).estimate(),
    "S3-05": lambda: Bucket(
        name="b", storage_class="EXPRESS_ONEZONE", storage_gb=10, put_requests=1_000_000,
        get_requests=9_000_000, uploaded_gb=1_000_000 * 10 / KB_PER_GB,
        retrieved_gb=9_000_000 * 10 / KB_PER_GB,
    ).estimate(TYPICAL),
    "S3-06": byte_hours,
    "S3-07": lambda: Bucket(
        name="b", storage_class="GLACIER", retrieved_gb=102_400, restore_requests=15_000_000,
    ).estimate(TYPICAL),
    "TP-S3-01": lambda: Bucket(
        name="b", storage_class="DEEP_ARCHIVE", storage_gb=GB_PER_TB, objects=KB_PER_GB,
    ).estimate(TYPICAL),
    "IC-S3-01": lambda: IntelligentTieringBucket(
        name="b", frequent_gb=20_000, infrequent_gb=20_000, archive_gb=20_000,
        deep_archive_gb=20_000, monitored_objects=20_000,
    ).estimate(TYPICAL),
    "IC-S3-02": lambda: Bucket(
        name="b", storage_class="GLACIER", storage_gb=50_000, put_requests=50_000,
        transitioned_objects=50_000, restore_requests=50_000, retrieved_gb=50_000,
        expedited_restore_requests=50_000, expedited_retrieved_gb=50_000,
    ).estimate(TYPICAL),
    "IC-S3-03": lambda: Bucket(
        name="b", storage_class="ONEZONE_IA", storage_gb=40_000, put_requests=40_000,
        get_requests=40_000, transitioned_objects=40_000, retrieved_gb=40_000,
    ).estimate(TYPICAL),
    "IC-S3-05": lambda: early_deleted("DEEP_ARCHIVE", 60_000) + Bucket(
        name="b", storage_class="DEEP_ARCHIVE", storage_gb=60_000, put_requests=60_000,
        transitioned_objects=60_000, restore_requests=60_000, retrieved_gb=60_000,
        bulk_restore_requests=60_000, bulk_retrieved_gb=60_000,
    ).estimate(TYPICAL),
    "IC-S3-04": lambda: Bucket(
        name="b", storage_class="STANDARD_IA", storage_gb=30_000, put_requests=30_000,
        get_requests=30_000, transitioned_objects=30_000, retrieved_gb=30_000,
    ).estimate(TYPICAL),
}  # fmt: skip
