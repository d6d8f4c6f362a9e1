"""Snapshots: incremental in the standard tier, full and for 90 days in the archive."""

import pytest

from models.errors import InvalidInputError
from models.services.ec2 import (
    FastSnapshotRestore,
    Snapshot,
    SnapshotArchive,
    SnapshotCopy,
    SnapshotDirectApi,
)
from models.services.ec2.snapshots import remaining_archive_hours
from models.units import TYPICAL, BillingPeriod

MONTH = BillingPeriod.of("2026-11")


def totals(resource, period=TYPICAL):
    usage = resource.estimate(period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def test_the_first_snapshot_is_full_and_later_ones_store_what_changed():
    chain = Snapshot(name="daily", written_gb=100, changed_gb=5, retained=7)
    assert totals(chain) == {"EBS:SnapshotUsage": 130.0}


def test_no_snapshot_stores_nothing():
    assert totals(Snapshot(name="daily", written_gb=100, retained=0)) == {}


def test_snapshots_of_half_the_month_are_half_the_gb_months():
    usage = totals(Snapshot(name="daily", written_gb=100, hours=360), MONTH)
    assert usage["EBS:SnapshotUsage"] == pytest.approx(50)


def archived(**fields):
    return totals(SnapshotArchive(name="old", storage_gb=200, **fields), MONTH)


def test_an_archive_kept_for_the_month_is_its_full_size():
    assert archived() == {"EBS:SnapshotArchiveStorage": 200.0}


def test_deleting_before_90_days_is_charged_for_the_rest():
    kept_and_rest = archived(hours=0, deleted_at_age_hours=60 * 24)
    assert kept_and_rest["EBS:SnapshotArchiveStorage"] == pytest.approx(200 * 30 / 30)


def test_the_rest_is_rounded_down_to_the_hour():
    assert float(remaining_archive_hours(2160 - 468.9)) == 468.0


def test_deleting_after_90_days_is_charged_for_nothing_more():
    assert archived(hours=24, deleted_at_age_hours=2160) == archived(hours=24)


def test_a_temporary_restore_is_charged_for_retrieval_and_standard_storage():
    usage = archived(retrieved_gb=200, restored_hours=15 * 24)
    assert usage["EBS:SnapshotArchiveRetrieval"] == 200
    assert usage["EBS:SnapshotUsage"] == pytest.approx(100)
    assert usage["EBS:SnapshotArchiveStorage"] == 200


def restore(**fields):
    return totals(FastSnapshotRestore(name="fsr", **fields))["EBS:FastSnapshotRestore"]


def test_fast_restore_is_charged_for_each_snapshot_and_zone_until_it_is_disabled():
    assert restore(snapshots=2, availability_zones=3) == 2 * 3 * 730


def test_each_enablement_of_fast_restore_is_charged_for_an_hour_at_least():
    assert restore(hours=0.5) == 1.0
    assert restore(hours=2, enablements=8) == 8.0


def test_fast_restore_beyond_an_hour_is_charged_by_the_minute():
    assert restore(hours=1 + 30.5 / 60) == pytest.approx(1 + 31 / 60)


def test_direct_api_requests_and_blocks_are_counted_apart():
    calls = SnapshotDirectApi(name="backup", list_requests=1, blocks_read=2, blocks_written=3)
    assert list(totals(calls).values()) == [2.0, 1.0, 3.0]


def test_a_copy_to_another_region_is_charged_as_transfer_from_its_source():
    copy = SnapshotCopy(name="dr", copied_gb=50, destination_region="eu-west-1")
    assert totals(copy) == {"EU-AWS-Out-Bytes": 50.0}


@pytest.mark.parametrize(("minutes", "tier"), [(15, 1), (45, 2), (60, 3), (180, 4), (480, 6)])
def test_the_sooner_a_copy_must_be_complete_the_lower_its_tier(minutes, tier):
    copy = SnapshotCopy(name="dr", copied_gb=50, completion_minutes=minutes)
    assert totals(copy) == {f"EBS:TimeBasedSnapshotCopy.tier{tier}": 50.0}


@pytest.mark.parametrize("minutes", [0, 10, 20, 2895])
def test_a_completion_time_that_aws_does_not_offer_is_refused(minutes):
    with pytest.raises(InvalidInputError, match="from 15 to 2,880 in steps of 15 minutes"):
        SnapshotCopy(name="dr", copied_gb=50, completion_minutes=minutes)


def test_a_copy_to_its_own_region_is_no_transfer():
    with pytest.raises(InvalidInputError, match="another region than the resource's own"):
        SnapshotCopy(name="dr", copied_gb=50, destination_region="us-east-1")


def test_a_copy_to_no_region_of_aws_is_answered_with_the_nearest():
    with pytest.raises(InvalidInputError, match="nearest: eu-west-1"):
        SnapshotCopy(name="dr", copied_gb=50, destination_region="eu-wst-1")
