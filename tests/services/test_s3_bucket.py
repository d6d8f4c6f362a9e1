"""What one storage class of a bucket is charged for."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.prices import Catalogue
from models.services import s3
from models.units import KB_PER_GB, TYPICAL, BillingPeriod


def totals(resource, period=TYPICAL):
    usage = resource.estimate(period)
    return {(key.meter.usage_type, key.meter.operation): usage.total(key) for key in usage}


def test_storage_is_byte_hours_over_the_hours_of_the_month():
    half = s3.Bucket(name="b", storage_gb=100, hours=360)
    assert totals(half, BillingPeriod.of("2026-11")) == {("TimedStorage-ByteHrs", ""): 50.0}


@pytest.mark.parametrize("storage_class", ["STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"])
def test_an_object_below_128_kb_is_charged_as_128_kb(storage_class):
    gb = 1_000_000 * 32 / KB_PER_GB
    found = totals(
        s3.Bucket(name="b", storage_class=storage_class, storage_gb=gb, objects=1_000_000)
    )
    assert sum(found.values()) == pytest.approx(1_000_000 * 128 / KB_PER_GB)


def test_standard_charges_a_small_object_for_its_size_only():
    assert totals(s3.Bucket(name="b", storage_gb=1, objects=1_000_000)) == {
        ("TimedStorage-ByteHrs", ""): 1.0
    }


def test_an_archived_object_adds_8_kb_in_standard_and_32_kb_in_the_archive():
    found = totals(
        s3.Bucket(name="b", storage_class="DEEP_ARCHIVE", storage_gb=100, objects=KB_PER_GB)
    )
    assert found == {("TimedStorage-ByteHrs", ""): 8.0, ("TimedStorage-GDA-ByteHrs", ""): 132.0}


@pytest.mark.parametrize(
    ("storage_class", "age_days", "left"),
    [("STANDARD_IA", 10, 20), ("GLACIER_IR", 89, 1), ("GLACIER", 90, 0), ("DEEP_ARCHIVE", 0, 180)],
)
def test_what_leaves_early_is_charged_for_the_days_that_are_left(storage_class, age_days, left):
    month = BillingPeriod.of("2026-11")
    bucket = s3.Bucket(
        name="b", storage_class=storage_class, early_deleted_gb=60, early_deleted_age_days=age_days
    )
    assert sum(totals(bucket, month).values()) == pytest.approx(60 * left / 30)


def test_noncurrent_versions_and_unfinished_uploads_are_storage():
    bucket = s3.Bucket(
        name="b", storage_class="STANDARD_IA", storage_gb=10, noncurrent_gb=5,
        incomplete_upload_gb=2,
    )  # fmt: skip
    assert totals(bucket) == {
        ("TimedStorage-SIA-ByteHrs", ""): 15.0,
        ("TimedStorage-ByteHrs", ""): 2.0,
    }


def test_the_requester_pays_for_everything_but_storage():
    asked = {"storage_gb": 1, "get_requests": 1000, "internet_egress_gb": 10}
    assert totals(s3.Bucket(name="b", requester_pays=True, **asked)) == {
        ("TimedStorage-ByteHrs", ""): 1.0
    }
    assert len(totals(s3.Bucket(name="b", **asked))) == 3


@pytest.mark.parametrize(
    ("storage_class", "field"),
    [
        ("STANDARD", "retrieved_gb"),
        ("STANDARD", "early_deleted_gb"),
        ("STANDARD_IA", "restore_requests"),
        ("DEEP_ARCHIVE", "expedited_retrieved_gb"),
        ("GLACIER", "uploaded_gb"),
        ("EXPRESS_ONEZONE", "transitioned_objects"),
    ],
)
def test_what_a_class_does_not_have_is_refused(storage_class, field):
    with pytest.raises(InvalidInputError, match=f"{field} must not be given for {storage_class}"):
        s3.Bucket(name="b", storage_class=storage_class, **{field: 1})


def test_monitoring_is_charged_by_object_and_month():
    found = totals(s3.IntelligentTieringBucket(name="b", frequent_gb=1, monitored_objects=1000))
    assert found["Monitoring-Automation-INT", ""] == 1000


def test_egress_of_a_bucket_and_of_instances_share_the_tiers():
    from models.services import ec2

    parts = [
        s3.Bucket(name="b", internet_egress_gb=10_240).estimate(),
        ec2.DataTransfer(name="i", internet_egress_gb=10_240).estimate(),
    ]
    together = bill(parts[0] + parts[1]).total_usd
    apart = sum(bill(part).total_usd for part in parts)
    assert together == pytest.approx(10_240 * (0.09 + 0.085))
    assert together < apart


def test_replication_writes_and_stores_at_the_destination_and_sends_from_the_source():
    usage = s3.Replication(
        name="copy", replicated_gb=100, replicated_objects=1000, destination_region="eu-west-1",
        destination_storage_gb=500,
    ).estimate()  # fmt: skip
    places = {key.meter.usage_type: (key.region, usage.total(key)) for key in usage}
    assert places == {
        "EU-AWS-Out-Bytes": ("us-east-1", 100),
        "Requests-Tier1": ("eu-west-1", 1000),
        "TimedStorage-ByteHrs": ("eu-west-1", 500),
    }


def test_replication_within_a_region_moves_nothing_between_regions():
    found = totals(s3.Replication(name="copy", replicated_gb=100, replicated_objects=10))
    assert found == {("Requests-Tier1", ""): 10}


def test_a_sweep_over_object_size_is_one_call():
    objects = np.array([0.0, 8192.0, 1e6])
    bucket = s3.Bucket(name="b", storage_class="STANDARD_IA", storage_gb=1, objects=objects)
    assert bill(bucket.estimate()).total_usd == pytest.approx(
        [bill(bucket.replace(objects=float(one)).estimate()).total_usd for one in objects]
    )


@pytest.mark.parametrize("storage_class", [name for name in s3.storage_classes.TRAITS
                                           if name != "INTELLIGENT_TIERING"])  # fmt: skip
def test_every_meter_of_every_class_has_a_price(storage_class):
    catalogue = Catalogue.load()
    traits = s3.storage_classes.TRAITS[storage_class]
    meters = [traits.storage, traits.early_delete, traits.padding]
    meters += [s3.requests.WRITES[storage_class], s3.requests.READS[storage_class]]
    meters += [meter for key, meter in s3.requests.RETRIEVAL.items() if key[0] == storage_class]
    for meter in filter(None, meters):
        found = catalogue.find(
            meter.service_code, meter.usage_type, region="us-east-1", operation=meter.operation
        )
        assert found.unit == meter.unit
