"""Lifecycle rules by daily cohorts: against hand calculation, Little's law and brute force."""

import time

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.services import s3
from models.units import KB_PER_GB, BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)
STANDARD, IA = "TimedStorage-ByteHrs", "TimedStorage-SIA-ByteHrs"


def bucket(**changes):
    fields = {
        "name": "logs",
        "ingest_gb_per_day": 10,
        "object_kb": 1024,
        "transitions": [{"days": 30, "storage_class": "STANDARD_IA"}],
        "expiration_days": 90,
    }
    return s3.LifecycleBucket(**{**fields, **changes})


def totals(usage):
    return {key.meter.usage_type: usage.total(key) for key in usage}


def test_an_object_leaves_at_the_midnight_after_its_days():
    # Written on 15 January at 10:30 with a rule of 3 days it leaves on 19 January at 00:00: it is
    # there on the rest of the 15th and on the 16th, 17th and 18th.
    stay = s3.stays([s3.Transition(days=3, storage_class="GLACIER")], None)[0]
    assert stay.presence(6).tolist() == [0.5, 1, 1, 1, 0, 0]
    assert stay.days == 3.5


def test_the_first_day_has_half_a_day_of_storage():
    (first,) = bucket().monthly_usage(1, BillingPeriod("1 day", 24))
    assert totals(first)[STANDARD] == pytest.approx(10 * 0.5)


def test_a_month_of_growth_is_what_adding_up_by_hand_gives():
    (first,) = bucket().monthly_usage(1, THIRTY_DAYS)
    by_hand = sum(10 * (0.5 + day) for day in range(30)) / 30
    assert totals(first)[STANDARD] == pytest.approx(by_hand)


def test_the_steady_state_is_what_littles_law_says():
    steady = totals(bucket().estimate(THIRTY_DAYS))
    days = {stay.storage_class: stay.days for stay in bucket().stays()}
    assert steady[STANDARD] == pytest.approx(s3.steady_state_gb(10, days["STANDARD"]))
    assert steady[IA] == pytest.approx(s3.steady_state_gb(10, days["STANDARD_IA"]))


def test_month_by_month_the_cohorts_approach_the_steady_state():
    months = bucket().monthly_usage(6, THIRTY_DAYS)
    steady = totals(bucket().estimate(THIRTY_DAYS))
    stored = [totals(month).get(IA, 0.0) for month in months]
    assert stored == sorted(stored)
    assert stored[0] == 0
    assert totals(months[-1]) == pytest.approx(steady)


def test_a_transition_is_one_request_for_each_object():
    steady = bucket().estimate(THIRTY_DAYS)
    found = {key.meter.operation: steady.total(key) for key in steady if key.meter.operation}
    assert found == {"S3-SIATransition": pytest.approx(10 * 30 * KB_PER_GB / 1024)}


def test_small_objects_stay_in_standard_by_default():
    steady = totals(bucket(object_kb=100).estimate(THIRTY_DAYS))
    assert steady == {
        STANDARD: pytest.approx(10 * 90.5),
        "Requests-Tier1": pytest.approx(10 * 30 * KB_PER_GB / 100),
    }


def test_the_old_default_lets_small_objects_into_the_archive_only():
    rules = [{"days": 30, "storage_class": "STANDARD_IA"}, {"days": 60, "storage_class": "GLACIER"}]
    one = bucket(
        object_kb=64, transitions=rules,
        transition_default_minimum_object_size="varies_by_storage_class",
    )  # fmt: skip
    assert [stay.storage_class for stay in one.stays()] == ["STANDARD", "GLACIER"]


def test_small_objects_moved_by_a_size_filter_are_charged_as_128_kb():
    one = bucket(object_kb=32, transition_default_minimum_object_size="none")
    steady = totals(one.estimate(THIRTY_DAYS))
    assert steady["TimedStorage-SIA-SmObjects"] == pytest.approx(3 * steady[IA])


def test_moving_on_before_the_minimum_is_charged_for_the_days_left():
    rules = [{"days": 30, "storage_class": "STANDARD_IA"}, {"days": 40, "storage_class": "GLACIER"}]
    steady = totals(bucket(transitions=rules, expiration_days=400).estimate(THIRTY_DAYS))
    assert steady["EarlyDelete-SIA"] == pytest.approx(10 * 30 * 20 / 30)
    assert "EarlyDelete-ByteHrs" not in steady


def test_expiring_before_the_minimum_is_charged_for_the_days_left():
    rules = [{"days": 0, "storage_class": "GLACIER"}]
    steady = totals(bucket(transitions=rules, expiration_days=30).estimate(THIRTY_DAYS))
    assert steady["EarlyDelete-ByteHrs"] == pytest.approx(10 * 30 * 60 / 30)


def test_archived_objects_carry_their_overhead():
    rules = [{"days": 0, "storage_class": "DEEP_ARCHIVE"}]
    steady = totals(
        bucket(transitions=rules, expiration_days=365, object_kb=320).estimate(THIRTY_DAYS)
    )
    payload = 10 * 365
    assert steady["TimedStorage-GDA-ByteHrs"] == pytest.approx(payload * (1 + 32 / 320))
    assert steady[STANDARD] == pytest.approx(10 * 0.5 + payload * 8 / 320)


def test_intelligent_tiering_sinks_what_nobody_reads():
    rules = [{"days": 0, "storage_class": "INTELLIGENT_TIERING"}]
    steady = totals(bucket(transitions=rules, expiration_days=365).estimate(THIRTY_DAYS))
    assert steady["TimedStorage-INT-FA-ByteHrs"] == pytest.approx(10 * 30)
    assert steady["TimedStorage-INT-IA-ByteHrs"] == pytest.approx(10 * 60)
    assert steady["TimedStorage-INT-AIA-ByteHrs"] == pytest.approx(10 * 275)
    assert steady["Monitoring-Automation-INT"] == pytest.approx(10 * 365 * 1024)


def test_what_was_there_at_the_start_moves_and_expires_once():
    one = bucket(ingest_gb_per_day=0, initial_gb=300)
    months = [totals(month) for month in one.monthly_usage(5, THIRTY_DAYS)]
    assert months[0][STANDARD] == pytest.approx(300)
    assert months[1][IA] == pytest.approx(300 * 29 / 30)
    assert sum(month.get("Requests-Tier4", 0) for month in months) == 300 * 1024
    assert months[4] == {}


def test_old_versions_and_unfinished_uploads_pile_up_to_their_expiry():
    one = s3.LifecycleBucket(
        name="b", object_kb=1024, overwritten_gb_per_day=2, noncurrent_expiration_days=30,
        incomplete_gb_per_day=1, abort_incomplete_days=7, expiration_days=1,
    )  # fmt: skip
    assert totals(one.estimate(THIRTY_DAYS)) == {STANDARD: pytest.approx(2 * 30.5 + 1 * 7.5)}


def brute_force(one, days):
    """GB-days by class on each day, one cohort after the other."""
    found = {}
    for born in range(days):
        for stay in one.stays():
            start = -1 if stay.start is None else stay.start
            for day in range(born, days):
                age = day - born
                inside = age > start and (stay.end is None or age <= stay.end)
                share = (0.5 if age == 0 else 1.0) if inside else 0.0
                found[stay.storage_class] = found.get(stay.storage_class, 0.0) + 10 * share
    return found


def test_the_vectorized_cohorts_are_what_following_each_one_gives():
    rules = [{"days": 30, "storage_class": "STANDARD_IA"}, {"days": 70, "storage_class": "GLACIER"}]
    one = bucket(transitions=rules, expiration_days=100, object_kb=1e9)
    months = [totals(month) for month in one.monthly_usage(5, THIRTY_DAYS)]
    slow = brute_force(one, 150)
    for storage_class, usage_type in (
        ("STANDARD", STANDARD), ("STANDARD_IA", IA), ("GLACIER", "TimedStorage-GlacierByteHrs"),
    ):  # fmt: skip
        fast = sum(month.get(usage_type, 0.0) for month in months) * 30
        assert fast == pytest.approx(slow[storage_class], rel=1e-4)


def test_a_rule_can_cost_more_than_it_saves():
    # One-off: a million objects of 130 KB moved to Deep Archive for half a year.
    kept = bucket(ingest_gb_per_day=0, initial_gb=124, object_kb=130, transitions=[], month=1)
    moved = kept.replace(transitions=[{"days": 0, "storage_class": "DEEP_ARCHIVE"}])
    cost = [
        sum(bill(month).total_usd for month in one.monthly_usage(6, THIRTY_DAYS))
        for one in (kept.replace(expiration_days=180), moved.replace(expiration_days=180))
    ]
    assert cost[1] > cost[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"transitions": [{"days": 10, "storage_class": "STANDARD_IA"}]}, "at least 30"),
        (
            {"transitions": [{"days": 1, "storage_class": "GLACIER"},
                             {"days": 9, "storage_class": "STANDARD_IA"}]},
            "GLACIER cannot move to STANDARD_IA, only to DEEP_ARCHIVE",
        ),
        (
            {"transitions": [{"days": 9, "storage_class": "GLACIER"},
                             {"days": 9, "storage_class": "DEEP_ARCHIVE"}]},
            "must be after at least 10",
        ),
        ({"expiration_days": 30}, "must be above the last transition's 30"),
        ({"expiration_days": None}, "month must be given"),
        ({"object_kb": 0}, "at least a byte"),
        ({"object_kb": np.array([1.0, 2.0])}, "must be one number"),
        ({"transitions": [{"days": 1, "storage_class": "GLACIR"}]}, "nearest: GLACIER"),
        ({"month": 0}, "must be from 1 to 1200"),
    ],
)  # fmt: skip
def test_an_impossible_rule_is_refused(changes, said):
    with pytest.raises(InvalidInputError, match=said):
        bucket(**changes)


def test_ten_years_of_daily_cohorts_take_well_under_a_second():
    start = time.perf_counter()
    months = bucket(expiration_days=None, month=1).monthly_usage(120)
    assert len(months) == 120
    assert time.perf_counter() - start < 1.0
