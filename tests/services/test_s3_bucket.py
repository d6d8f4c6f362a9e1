"""What one storage class of a bucket is charged for."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.prices import Catalogue
from models.services import s3
from models.units import KB_PER_GB, TYPICAL, BillingPeriod


def totals_of(usage):
    return {(key.meter.usage_type, key.meter.operation): usage.total(key) for key in usage}


def totals(resource, period=TYPICAL):
    return totals_of(resource.estimate(period))


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


def test_noncurrent_versions_are_padded_like_current_ones():
    small = {"noncurrent_gb": 1, "noncurrent_objects": 2 * 8192}
    found = totals(s3.Bucket(name="b", storage_class="ONEZONE_IA", **small))
    assert found == {
        ("TimedStorage-ZIA-ByteHrs", ""): 1.0,
        ("TimedStorage-ZIA-SmObjects", ""): 1.0,
    }


def test_every_version_is_stored_until_it_is_deleted():
    # https://aws.amazon.com/s3/faqs/, "How am I charged for using Versioning?": 4 GB all through a
    # month of 31 days and 5 GB from the 16th day on are 6.581 GB-months.
    month = BillingPeriod.of("2026-03")
    old = s3.Bucket(name="b", noncurrent_gb=4)
    new = s3.Bucket(name="b", storage_gb=5, hours=16 * 24)
    (stored,) = totals_of(old.estimate(month) + new.estimate(month)).values()
    assert round(stored, 3) == 6.581


def test_small_objects_that_leave_early_are_charged_as_128_kb():
    bucket = s3.Bucket(
        name="b", storage_class="GLACIER_IR", early_deleted_gb=1, early_deleted_objects=4 * 8192,
        early_deleted_age_days=60,
    )  # fmt: skip
    assert totals(bucket, BillingPeriod.of("2026-11")) == {("EarlyDelete-GIR", ""): 4.0}


@pytest.mark.parametrize("storage_class", ["STANDARD", "STANDARD_IA", "DEEP_ARCHIVE"])
def test_list_requests_are_charged_at_the_rate_of_standard(storage_class):
    found = totals(s3.Bucket(name="b", storage_class=storage_class, list_requests=7))
    assert found == {("Requests-Tier1", ""): 7}


def test_the_copy_of_a_restored_object_is_stored_in_standard():
    month = BillingPeriod.of("2026-11")
    bucket = s3.Bucket(
        name="b", storage_class="GLACIER", bulk_retrieved_gb=300, restored_copy_days=3
    )
    assert totals(bucket, month)["TimedStorage-ByteHrs", ""] == pytest.approx(30)


def test_restoring_in_bulk_from_glacier_flexible_retrieval_costs_no_request():
    found = totals(s3.Bucket(name="b", storage_class="GLACIER", bulk_restore_requests=1000))
    assert found == {}


def test_the_owner_pays_for_what_a_requester_restores_but_not_for_the_request():
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
    found = totals(
        s3.Bucket(
            name="b", storage_class="GLACIER", requester_pays=True, retrieved_gb=5,
            restore_requests=9, internet_egress_gb=5,
        )
    )  # fmt: skip
    assert found == {("Standard-Retrieval-Bytes", "RestoreObject"): 5}


def test_the_requester_pays_for_what_is_read_from_an_infrequent_access_class():
    read = {"storage_class": "STANDARD_IA", "requester_pays": True, "retrieved_gb": 5}
    assert totals(s3.Bucket(name="b", **read)) == {}


@pytest.mark.parametrize(
    ("sent", "said"),
    [({"eu-wset-1": 1}, "nearest: eu-west-1"), ({"us-east-1": 1}, "another region")],
)
def test_a_destination_that_is_none_is_refused(sent, said):
    with pytest.raises(InvalidInputError, match=said):
        s3.Bucket(name="b", inter_region_gb=sent)


def test_what_is_sent_to_another_region_is_metered_as_s3():
    (key,) = s3.Bucket(name="b", inter_region_gb={"eu-west-1": 3}).estimate()
    assert str(key.meter) == "AmazonS3 EU-AWS-Out-Bytes"


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
        ("EXPRESS_ONEZONE", "restore_requests"),
        ("STANDARD", "early_deleted_objects"),
        ("STANDARD_IA", "restored_copy_days"),
        ("DEEP_ARCHIVE", "expedited_restore_requests"),
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


def test_replicating_from_an_infrequent_access_class_reads_it():
    copy = s3.Replication(name="copy", replicated_gb=100, source_storage_class="GLACIER_IR")
    assert totals(copy) == {("Retrieval-GIR", ""): 100}


def test_replication_time_control_is_charged_by_the_gb():
    copy = s3.Replication(name="copy", replicated_gb=100, replication_time_control=True)
    assert totals(copy) == {("S3RTC-Out-Bytes", ""): 100}


def test_a_replica_in_an_archive_class_carries_its_overhead():
    copy = s3.Replication(
        name="copy", destination_region="us-west-2", destination_storage_class="DEEP_ARCHIVE",
        destination_storage_gb=32, destination_objects=KB_PER_GB,
    )  # fmt: skip
    usage = copy.estimate()
    assert {key.region for key in usage} == {"us-west-2"}
    assert totals_of(usage) == {
        ("TimedStorage-ByteHrs", ""): 8,
        ("TimedStorage-GDA-ByteHrs", ""): 64,
    }


def test_archived_tiers_of_intelligent_tiering_carry_the_overhead():
    found = totals(
        s3.IntelligentTieringBucket(
            name="b", archive_gb=100, archived_objects=KB_PER_GB, deep_archived_objects=KB_PER_GB
        )
    )
    assert found == {
        ("TimedStorage-ByteHrs", ""): 16,
        ("TimedStorage-INT-AA-ByteHrs", ""): 132,
        ("TimedStorage-INT-DAA-ByteHrs", ""): 32,
    }


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
