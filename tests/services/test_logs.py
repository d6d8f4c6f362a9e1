"""CloudWatch Logs: what comes in, what stays month by month, and what AWS would refuse."""

import time

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.services.logs import (
    RETENTION_DAYS,
    Delivery,
    LogGroup,
    log_gb,
    months_kept,
    storage_gb,
)
from models.units import TYPICAL, BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)


def quantities(resource, period=TYPICAL):
    usage = resource.estimate(period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


# --- The rules --------------------------------------------------------------------------------


def test_a_line_of_974_bytes_and_its_26_are_a_thousand():
    assert log_gb(2**30, 974) == 1000
    assert log_gb(2**30, 974, overhead_bytes=0) == 974


def stored_by_the_hour(month, retention_days, days):
    """GB-months by adding up hour by hour what a log group with 1 GB a day holds at mid-hour."""
    hours = np.arange((month - 1) * days * 24, month * days * 24) + 0.5
    held_days = np.minimum(hours / 24, retention_days)
    return float(np.mean(held_days))


@pytest.mark.parametrize("retention_days", [1, 14, 30, 45, 90, 400, 10_000])
@pytest.mark.parametrize("month", [1, 2, 3, 4, 14, 36])
def test_the_closed_form_is_what_adding_up_hour_by_hour_gives(month, retention_days):
    found = storage_gb(30, month=month, retention_days=retention_days, compressed_share=1, days=30)
    assert float(found) == pytest.approx(stored_by_the_hour(month, retention_days, 30), rel=1e-6)


def test_kept_for_ever_the_store_grows_by_a_month_of_logs_every_month():
    months = np.arange(1.0, 61.0)
    assert months_kept(months) == pytest.approx(months - 0.5)
    assert np.diff(storage_gb(50, month=months, compressed_share=1)) == pytest.approx(50)


def test_with_a_retention_the_store_is_full_one_month_after_it():
    months = np.arange(1.0, 13.0)
    kept = months_kept(months, retention_months=3)
    assert kept == pytest.approx([0.5, 1.5, 2.5, *[3.0] * 9])
    assert months_kept(retention_months=3) == 3


def test_a_retention_shorter_than_the_month_is_filled_within_the_first():
    # 7 of 28 days: it grows for a quarter of the month (mean 1/8) and then holds 1/4.
    assert float(months_kept(1, retention_months=0.25)) == pytest.approx(0.25 * 0.125 + 0.75 * 0.25)


def test_what_is_kept_for_ever_has_no_steady_state():
    with pytest.raises(InvalidInputError, match="month must be given where logs are kept for ever"):
        storage_gb(50)


# --- A log group ------------------------------------------------------------------------------


def test_a_log_group_pays_for_what_comes_in_what_stays_and_what_is_read():
    group = LogGroup(
        name="app", ingested_gb=100, retention_in_days=60, compressed_share=0.25, scanned_gb=7
    )
    assert quantities(group, THIRTY_DAYS) == {
        "DataProcessing-Bytes": 100,
        "TimedStorage-ByteHrs": pytest.approx(100 * 0.25 * 2),
        "DataScanned-Bytes": 7,
    }


def test_the_first_month_of_a_log_group_stores_half_a_month():
    group = LogGroup(name="app", ingested_gb=100, months_written=1, compressed_share=0.25)
    assert quantities(group)["TimedStorage-ByteHrs"] == pytest.approx(12.5)


@pytest.mark.parametrize("month", [BillingPeriod.of("2026-02"), TYPICAL])
def test_a_retention_in_days_is_more_months_the_shorter_the_month(month):
    group = LogGroup(name="app", ingested_gb=100, retention_in_days=90, compressed_share=1)
    stored = quantities(group, month)["TimedStorage-ByteHrs"]
    assert stored == pytest.approx(100 * 90 * 24 / month.hours)


def test_a_fifth_is_stored_unless_said_otherwise():
    group = LogGroup(name="app", ingested_gb=100, retention_in_days=30)
    assert quantities(group, THIRTY_DAYS)["TimedStorage-ByteHrs"] == pytest.approx(20)


def test_infrequent_access_has_a_meter_of_its_own_and_half_the_price():
    fields = {"name": "app", "ingested_gb": 100, "stored_gb": 0}
    found = quantities(LogGroup(log_group_class="INFREQUENT_ACCESS", **fields))
    assert found == {"DataProcessingIA-Bytes": 100}
    rare = bill(LogGroup(log_group_class="INFREQUENT_ACCESS", **fields).estimate())
    assert float(rare.total_usd) == pytest.approx(100 * 0.25)
    assert float(bill(LogGroup(**fields).estimate()).total_usd) == pytest.approx(100 * 0.5)


def test_vended_logs_come_in_at_their_own_price_and_are_stored_alike():
    group = LogGroup(
        name="dns", ingested_gb=10, vended_gb=30, retention_in_days=30, compressed_share=0.5
    )
    assert quantities(group, THIRTY_DAYS) == {
        "DataProcessing-Bytes": 10,
        "VendedLog-Bytes": 30,
        "TimedStorage-ByteHrs": pytest.approx(20),
    }


@pytest.mark.parametrize(
    ("kind", "field", "last_usd"),
    [(LogGroup, "vended_gb", 0.05), (Delivery, "delivered_gb", 0.05)],
)
def test_vended_logs_have_four_tiers(kind, field, last_usd):
    fields = {"stored_gb": 0} if kind is LogGroup else {}
    lines = bill(kind(name="logs", **{field: 60 * 1024}, **fields).estimate()).lines
    assert [line.quantity for line in lines] == [10_240, 20_480, 20_480, 10_240]
    assert lines[-1].unit_price_usd == last_usd


def test_what_is_stored_can_be_given_and_then_nothing_needs_to_come_in():
    assert quantities(LogGroup(name="old", stored_gb=6)) == {"TimedStorage-ByteHrs": 6}
    assert quantities(LogGroup(name="empty")) == {}


def test_the_months_of_a_log_group_can_be_swept():
    group = LogGroup(
        name="app", ingested_gb=10, months_written=np.array([1.0, 12.0]), compressed_share=1
    )
    assert quantities(group)["TimedStorage-ByteHrs"] == pytest.approx([5, 115])


def test_a_hundred_thousand_points_are_quick():
    group = LogGroup(name="app", ingested_gb=np.linspace(0, 1e6, 100_000), retention_in_days=30)
    seconds = []
    for _ in range(5):  # other work on the machine may slow some of them down
        started = time.perf_counter()
        bill(group.estimate())
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.1


@pytest.mark.parametrize("days", RETENTION_DAYS)
def test_every_retention_of_the_list_is_accepted(days):
    assert LogGroup(name="app", retention_in_days=days).retention_in_days == days


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"retention_in_days": 10}, r"10 must be one of 1, 3, 5, 7, 14, .* 3653 .*PutRetention"),
        ({"retention_in_days": 0}, "must be one of 1, 3"),
        ({"retention_in_days": 3654}, "must be one of 1, 3"),
        ({"retention_in_days": 30.5}, "retention_in_days"),
        ({"ingested_gb": 1}, "months_written .* must be given where retention_in_days is not"),
        ({"vended_gb": 1}, "kept for ever grows for ever"),
        ({"months_written": 0.5}, "at least 1, the first month"),
        ({"compressed_share": 1.1}, "share from 0 to 1"),
        ({"log_group_class": "DELIVERY"}, "log_group_class"),
        (
            {"log_group_class": "INFREQUENT_ACCESS", "vended_gb": 1, "stored_gb": 0},
            "vended_gb must be 0 for 'INFREQUENT_ACCESS'",
        ),
        ({"ingested_gb": -1}, "must not be negative"),
    ],
)
def test_a_log_group_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        LogGroup(name="app", **fields)
