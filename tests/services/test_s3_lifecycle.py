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
    assert totals(one.estimate(THIRTY_DAYS)) == {
        STANDARD: pytest.approx(2 * 30.5 + 1 * 7.5),
        "Requests-Tier1": pytest.approx(2 * 30 * 1024),  # each overwrite is a PUT
    }


def test_in_a_versioned_bucket_what_expires_is_kept_until_its_version_does():
    kept = bucket(versioned=True, noncurrent_expiration_days=60)
    assert [stay.days for stay in kept.stays()] == [30.5, 120.0]
    assert totals(kept.estimate(THIRTY_DAYS))[IA] == pytest.approx(10 * 120)


def test_noncurrent_days_mean_nothing_where_no_versions_are_kept():
    plain = bucket(noncurrent_expiration_days=60)
    assert plain.stays() == bucket().stays()


def test_objects_may_be_written_straight_to_an_archive_class():
    direct = bucket(storage_class="GLACIER_IR", transitions=[], expiration_days=30, object_kb=64)
    steady = totals(direct.estimate(THIRTY_DAYS))
    billed_as_128_kb = 2
    assert steady == {
        "TimedStorage-GIR-ByteHrs": pytest.approx(10 * 30.5),
        "TimedStorage-GIR-SmObjects": pytest.approx(10 * 30.5),
        "EarlyDelete-GIR": pytest.approx(billed_as_128_kb * 10 * (90 - 30.5)),
        "Requests-GIR-Tier1": pytest.approx(10 * 30 * KB_PER_GB / 64),
    }


def test_small_objects_that_leave_early_are_charged_as_128_kb_for_the_days_left():
    rules = [{"days": 30, "storage_class": "STANDARD_IA"}]
    small = bucket(
        object_kb=32, transitions=rules, expiration_days=40,
        transition_default_minimum_object_size="none",
    )  # fmt: skip
    assert totals(small.estimate(THIRTY_DAYS))["EarlyDelete-SIA"] == pytest.approx(4 * 10 * 20)


def tiered(**changes):
    rules = [{"days": 0, "storage_class": "INTELLIGENT_TIERING"}]
    return totals(bucket(transitions=rules, expiration_days=400, **changes).estimate(THIRTY_DAYS))


def test_what_is_read_stays_frequent_and_the_rest_sinks():
    # Half is read in any 30 days: after 90 days an eighth has not been read for 90.
    found = tiered(read_share_per_30_days=0.5)
    assert found["TimedStorage-INT-FA-ByteHrs"] == pytest.approx(10 * (30 + 0.5 * 370))
    assert found["TimedStorage-INT-AIA-ByteHrs"] == pytest.approx(10 * 310 / 8)
    tiers = [gb for name, gb in found.items() if "-INT-" in name and name.endswith("ByteHrs")]
    assert sum(tiers) == pytest.approx(10 * 400)


def test_what_is_always_read_never_leaves_the_frequent_tier():
    found = tiered(read_share_per_30_days=1)
    assert found["TimedStorage-INT-FA-ByteHrs"] == pytest.approx(10 * 400)
    assert "TimedStorage-INT-IA-ByteHrs" not in found


def test_opt_in_archives_take_what_is_not_read_and_add_their_overhead():
    found = tiered(
        tierings=[
            {"access_tier": "DEEP_ARCHIVE_ACCESS", "days": 180},
            {"access_tier": "ARCHIVE_ACCESS", "days": 90},
        ]
    )
    assert "TimedStorage-INT-AIA-ByteHrs" not in found
    assert found["TimedStorage-INT-AA-ByteHrs"] == pytest.approx(10 * 90 * (1 + 32 / 1024))
    assert found["TimedStorage-INT-DAA-ByteHrs"] == pytest.approx(10 * 220 * (1 + 32 / 1024))
    assert found[STANDARD] == pytest.approx(10 * (0.5 + 310 * 8 / 1024))


def test_small_objects_in_intelligent_tiering_are_neither_monitored_nor_moved():
    found = tiered(object_kb=64, transition_default_minimum_object_size="none")
    assert found["TimedStorage-INT-FA-ByteHrs"] == pytest.approx(10 * 400)
    assert "Monitoring-Automation-INT" not in found


def test_a_sweep_over_object_size_crosses_128_kb_in_one_call():
    sizes = np.array([16.0, 127.0, 128.0, 4096.0])
    swept = bucket(object_kb=sizes, initial_gb=100, overwritten_gb_per_day=1,
                   noncurrent_expiration_days=5)  # fmt: skip
    each = [swept.replace(object_kb=size) for size in sizes]
    for number, usage in enumerate(swept.monthly_usage(5)):
        one_by_one = [totals(one.monthly_usage(5)[number]) for one in each]
        for usage_type, quantities in totals(usage).items():
            alone = [found.get(usage_type, 0.0) for found in one_by_one]
            assert quantities == pytest.approx(alone)
    assert bill(swept.estimate()).total_usd == pytest.approx(
        [bill(one.estimate()).total_usd for one in each]
    )


def test_a_sweep_across_128_kb_has_no_single_way():
    with pytest.raises(InvalidInputError, match="different ways"):
        bucket(object_kb=np.array([1.0, 1024.0])).stays()


FULL = {
    "transitions": [
        {"days": 30, "storage_class": "STANDARD_IA"},
        {"days": 45, "storage_class": "INTELLIGENT_TIERING"},
        {"days": 200, "storage_class": "GLACIER_IR"},
        {"days": 220, "storage_class": "DEEP_ARCHIVE"},
    ],
    "expiration_days": 300,
    "versioned": True,
    "noncurrent_expiration_days": 20,
    "overwritten_gb_per_day": 3,
    "incomplete_gb_per_day": 0.5,
    "abort_incomplete_days": 7,
    "read_share_per_30_days": 0.2,
}


@pytest.mark.parametrize("object_kb", [64, 2000])
@pytest.mark.parametrize("small", ["all_storage_classes_128K", "varies_by_storage_class", "none"])
@pytest.mark.parametrize(
    "period", [BillingPeriod.of("typical"), BillingPeriod.of("2026-02")], ids=str
)
def test_the_closed_form_is_what_the_simulation_comes_to(object_kb, small, period):
    one = bucket(object_kb=object_kb, transition_default_minimum_object_size=small, **FULL)
    settled = one.monthly_usage(14, period)[-1]
    assert totals(settled) == pytest.approx(totals(one.estimate(period)))


def test_the_month_named_is_the_one_of_the_simulation():
    one = bucket(**FULL)
    months = one.monthly_usage(4)
    assert totals(one.replace(month=4).estimate()) == pytest.approx(totals(months[3]))


def object_by_object(rules, expiration_days, days, minimum_days):
    """GB-days by class, transitions and early GB-days of one object an hour, by AWS's own rule.

    Each object is dated to the half hour; a rule acts at creation plus its days, rounded up to the
    next midnight. Nothing here is shared with the models.
    """
    gb_days, moves, early = {}, {}, {}
    for hour in range(days * 24):
        born = (hour + 0.5) / 24
        steps = [("STANDARD", born)]
        steps += [(name, np.ceil(born + after)) for after, name in rules]
        gone = np.ceil(born + expiration_days)
        ends = [at for _, at in steps[1:]] + [gone]
        for (name, start), end in zip(steps, ends, strict=True):
            stayed = min(end, days) - min(start, days)
            gb_days[name] = gb_days.get(name, 0.0) + stayed / 24
            if name != "STANDARD" and start < days:
                moves[name] = moves.get(name, 0) + 1
            if end < days:
                missing = max(minimum_days[name] - (end - start), 0)
                early[name] = early.get(name, 0.0) + missing / 24
    return gb_days, moves, early


def test_following_each_object_by_the_clock_gives_the_same():
    rules = [(30, "STANDARD_IA"), (50, "GLACIER")]
    one = s3.LifecycleBucket(
        name="b", ingest_gb_per_day=1, object_kb=KB_PER_GB / 24, expiration_days=80, month=1,
        transitions=[{"days": days, "storage_class": name} for days, name in rules],
    )  # fmt: skip
    (usage,) = one.monthly_usage(1, BillingPeriod("120 days", 120 * 24))
    minimum_days = {"STANDARD": 0, "STANDARD_IA": 30, "GLACIER": 90}
    gb_days, moves, early = object_by_object(rules, 80, 120, minimum_days)
    archived = gb_days["GLACIER"]
    overhead = {"S": 8 * 24 / KB_PER_GB * archived, "G": 32 * 24 / KB_PER_GB * archived}
    found = totals(usage)
    assert found[IA] * 120 == pytest.approx(gb_days["STANDARD_IA"])
    assert found[STANDARD] * 120 == pytest.approx(gb_days["STANDARD"] + overhead["S"])
    assert found["TimedStorage-GlacierByteHrs"] * 120 == pytest.approx(archived + overhead["G"])
    assert found["EarlyDelete-SIA"] * 120 == pytest.approx(early["STANDARD_IA"])
    assert found["EarlyDelete-ByteHrs"] * 120 == pytest.approx(early["GLACIER"])
    assert found["Requests-Tier4"] == moves["STANDARD_IA"]
    assert found["Requests-Tier3"] == moves["GLACIER"]


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


#: AWS's waterfall, from the top: rules lead downward only, and not from One Zone-IA to Instant.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
WATERFALL = ["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR",
             "GLACIER", "DEEP_ARCHIVE"]  # fmt: skip


@pytest.mark.parametrize("target", WATERFALL[1:])
@pytest.mark.parametrize("source", WATERFALL)
def test_rules_lead_down_the_waterfall_and_never_up(source, target):
    down = WATERFALL.index(source) < WATERFALL.index(target)
    rule = {
        "storage_class": source,
        "transitions": [{"days": 60, "storage_class": target}],
    }
    if down and (source, target) != ("ONEZONE_IA", "GLACIER_IR"):
        assert [stay.storage_class for stay in bucket(**rule).stays()] == [source, target]
    else:
        with pytest.raises(InvalidInputError, match=f"{source} cannot move to {target}"):
            bucket(**rule)


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
        ({"object_kb": np.array([100.0, 0.0])}, "at least a byte"),
        ({"expiration_days": np.array([91, 92])}, "must be one number"),
        ({"transitions": [{"days": np.array([31, 32]), "storage_class": "STANDARD_IA"}]},
         "must be one number"),
        ({"ingest_gb_per_day": np.ones(2), "object_kb": np.ones(3)}, "do not fit"),
        ({"transitions": [{"days": 36_501, "storage_class": "GLACIER"}], "expiration_days": None,
          "month": 1}, "at most 36,500"),
        ({"storage_class": "EXPRESS_ONEZONE"}, "must be one of"),
        ({"versioned": True}, "month must be given"),
        ({"read_share_per_30_days": 1.5}, "must be a share"),
        ({"tierings": [{"access_tier": "ARCHIVE_ACCESS", "days": 89}]}, "from 90 to 730"),
        ({"tierings": [{"access_tier": "DEEP_ARCHIVE_ACCESS", "days": 179}]}, "from 180 to 730"),
        ({"tierings": [{"access_tier": "ARCHIVE_ACCESS", "days": 90}] * 2}, "once only"),
        ({"tierings": [{"access_tier": "ARCHIVE_ACCESS", "days": 180},
                       {"access_tier": "DEEP_ARCHIVE_ACCESS", "days": 180}]}, "must be after"),
        ({"transitions": [{"days": 1, "storage_class": "GLACIR"}]}, "nearest: GLACIER"),
        ({"month": 0}, "must be from 1 to 1200"),
    ],
)  # fmt: skip
def test_an_impossible_rule_is_refused(changes, said):
    with pytest.raises(InvalidInputError, match=said):
        bucket(**changes)


@pytest.mark.parametrize("months", [0, -1, 1.5, True, 1201])
def test_a_horizon_that_is_no_number_of_months_is_refused(months):
    with pytest.raises(InvalidInputError, match="whole number, 1 to 1200"):
        bucket().monthly_usage(months)


def test_ten_years_of_daily_cohorts_take_well_under_a_second():
    start = time.perf_counter()
    months = bucket(expiration_days=None, month=1).monthly_usage(120)
    assert len(months) == 120
    assert time.perf_counter() - start < 1.0
