"""Tables over time: bursts, partitions, peaks, auto scaling and its budget, by AWS's own rules."""

import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from models import workload
from models.billing import bill
from models.errors import InvalidInputError
from models.scaling import ScheduledAction
from models.services.dynamodb import GlobalSecondaryIndex, ScalableTarget, Table
from models.simulation import engines
from models.simulation.tables import KeyDistribution, TableAssumptions, simulate_table
from models.simulation.tables.capacity import Decreases, Peak
from models.simulation.tables.demand import Demand
from models.simulation.tables.keys import Partitions
from models.units import BillingPeriod

MINUTE, HOUR, DAY = 60, 3600, 86_400


def provisioned(read=1, write=100, **fields):
    return Table(
        name="table", billing_mode="PROVISIONED", read_capacity_units=read,
        write_capacity_units=write, **fields,
    )  # fmt: skip


def steady(*parts):
    """Requests of each second: so many, for so long, and so on."""
    return np.repeat([rate for rate, _ in parts], [seconds for _, seconds in parts])


def throttled_at(run, kind="write"):
    """Numbers of the minutes in which somebody was throttled."""
    return np.flatnonzero(run.column(f"{kind}s_throttled")).tolist()


def reasons(run):
    return {reason: count for reason, count in run.throttled.items() if count}


# --- bursts -----------------------------------------------------------------------------------


def test_after_five_idle_minutes_double_the_capacity_is_served_for_five():
    run = simulate_table(provisioned(), writes=steady((0, 300), (200, 301)))
    assert reasons(run) == {"provisioned": 100}  # those of the last second alone
    assert run.outcomes("write")["served"] == 300 * 200 + 100


def test_the_example_of_awss_support_lasts_fifteen_minutes():
    served = simulate_table(provisioned(150, 1), reads=2 * steady((0, 300), (200, 900)))
    assert reasons(served) == {}
    longer = simulate_table(provisioned(150, 1), reads=2 * steady((0, 300), (200, 901)))
    assert reasons(longer) == {"provisioned": 100}  # 200 units are 400 eventual reads; 50 missing


@pytest.mark.parametrize("idle", [300, 301, 3600])
def test_no_more_than_five_minutes_are_kept(idle):
    run = simulate_table(provisioned(), writes=steady((0, idle), (200, 310)))
    assert reasons(run) == {"provisioned": 1000}


def test_a_new_table_has_nothing_to_burst_with_unless_told_so():
    load = steady((200, 60))
    assert reasons(simulate_table(provisioned(), writes=load)) == {"provisioned": 6000}
    full = TableAssumptions(initial_burst_seconds=30)
    assert reasons(simulate_table(provisioned(), writes=load, assumptions=full)) == {
        "provisioned": 3000
    }


def test_what_is_left_of_a_second_is_kept_to_the_unit():
    # 30 of 100 used in each of 10 seconds leaves 700; 170 a second lasts ten of them.
    run = simulate_table(provisioned(), writes=steady((30, 10), (170, 11)))
    assert reasons(run) == {"provisioned": 70}


def test_an_item_larger_than_a_second_of_capacity_waits_for_what_is_kept():
    table = provisioned(write=2, item_size_kb=5)
    run = simulate_table(table, writes=steady((1, 60)))
    # Five units from two a second: 24 in a minute, and the last of it is kept.
    assert run.outcomes("write")["served"] == 24


# --- partitions -------------------------------------------------------------------------------


def test_a_hot_key_is_held_to_1000_writes_however_much_the_table_has():
    hot = KeyDistribution(hot_share=1.0)
    run = simulate_table(provisioned(write=4000), writes=steady((1500, 3600)), keys=hot)
    assert reasons(run) == {"key_range": 500 * 3600}
    assert run.utilization("write") == pytest.approx(0.25)


def test_a_hot_key_is_held_to_3000_reads():
    hot = KeyDistribution(hot_share=1.0)
    run = simulate_table(provisioned(9000, 1), reads=2 * steady((4000, 600)), keys=hot)
    assert reasons(run) == {"key_range": 2000 * 600}


def test_a_burst_does_not_lift_the_limit_of_a_partition():
    hot = KeyDistribution(hot_share=1.0)
    run = simulate_table(provisioned(write=900), writes=steady((0, 300), (1200, 60)), keys=hot)
    assert reasons(run) == {"key_range": 200 * 60}


def test_keys_that_are_alike_use_all_of_the_table():
    run = simulate_table(provisioned(write=4000), writes=steady((4000, 600)))
    assert run.partitions == 5  # 4.0003: the one read unit takes part of a partition too
    assert reasons(run) == {}


def test_a_busy_partition_takes_the_capacity_that_others_leave():
    # One key has 800 of 1,000 units; an even share of four partitions would be 250.
    keys, four = KeyDistribution(hot_share=0.8), TableAssumptions(initial_partitions=4)
    run = simulate_table(
        provisioned(write=1000), writes=steady((1000, 600)), keys=keys, assumptions=four
    )
    assert reasons(run) == {}


def test_reads_do_not_take_room_from_writes():
    hot = KeyDistribution(hot_share=1.0)
    run = simulate_table(
        provisioned(6000, 2000), reads=2 * steady((3000, 60)), writes=steady((1000, 60)), keys=hot
    )
    assert reasons(run) == {}


def test_two_hot_keys_are_parted_after_the_delay_and_a_single_one_never_is():
    two, after = KeyDistribution(keys=2), TableAssumptions(
        initial_partitions=1, isolation_seconds=300
    )  # fmt: skip
    table, load = provisioned(write=2000), steady((1800, 1200))
    run = simulate_table(table, writes=load, keys=two, assumptions=after)
    assert throttled_at(run) == [0, 1, 2, 3, 4, 5]  # the sixth minute ends more than 300 s
    assert reasons(run) == {"key_range": 800 * 360}
    assert run.partitions == 2
    one = simulate_table(table, writes=load, keys=KeyDistribution(keys=1), assumptions=after)
    assert reasons(one) == {"key_range": 800 * 1200}
    assert one.partitions == 1


def test_heat_that_pauses_begins_anew():
    two, after = KeyDistribution(keys=2), TableAssumptions(
        initial_partitions=1, isolation_seconds=300
    )  # fmt: skip
    load = np.tile(steady((1800, 240), (500, 60)), 6)
    run = simulate_table(provisioned(write=2000), writes=load, keys=two, assumptions=after)
    assert run.partitions == 1


def test_zipf_spreads_as_zipf_says():
    shares = np.sort(KeyDistribution(keys=3, exponent=1).weights(seed=1))[::-1]
    assert shares == pytest.approx([6 / 11, 3 / 11, 2 / 11])
    hot = KeyDistribution(keys=4, hot_share=0.6).weights(seed=1)
    assert np.sort(hot) == pytest.approx([0.1, 0.1, 0.1, 0.7])


@pytest.mark.parametrize(
    ("weights", "cut"),
    [([0.45, 0.35, 0.2], 0.45), ([0.3, 0.25, 0.45], 0.55), ([0.9, 0.05, 0.05], 0.9),
     ([0.05, 0.05, 0.9], 0.1)],
)  # fmt: skip
def test_a_partition_is_parted_where_its_requests_are_halved(weights, cut):
    parted = Partitions(np.array(weights), 1)
    assert parted.split(0)
    assert parted.edges == pytest.approx([0, cut, 1])


def test_a_partition_of_one_key_is_not_parted():
    parted = Partitions(np.array([0.1, 0.1, 0.6, 0.2]), 1)
    parted.grow_to(9)
    assert np.diff(parted.edges) == pytest.approx([0.1, 0.1, 0.6, 0.2])
    assert not any(parted.split(number) for number in range(4))


def test_the_way_to_the_partitions_favours_none():
    rng = np.random.default_rng(0)
    edges = np.array([0, 0.25, 0.5, 0.75, 1.0])
    reached = np.floor(1 * edges + rng.random((40_000, 1)))
    shares = np.diff(reached, axis=1).mean(axis=0)
    assert shares == pytest.approx(np.full(4, 0.25), abs=0.01)


# --- on demand --------------------------------------------------------------------------------


def test_a_new_table_serves_4000_writes_and_12000_reads_at_once():
    run = simulate_table(Table(name="t"), reads=steady((24_000, 60)), writes=steady((4000, 60)))
    assert reasons(run) == {}
    more = simulate_table(Table(name="t"), reads=steady((24_002, 60)), writes=steady((4003, 60)))
    assert reasons(more) == {"peak": (2 + 3) * 60}


def test_double_the_peak_is_served_half_an_hour_after_it():
    run = simulate_table(Table(name="t"), writes=steady((4000, 600), (8000, 3600)))
    # The first minute at 4,000 counts 30 minutes after it: from 31 x 60 s on.
    assert throttled_at(run) == list(range(10, 31))
    assert reasons(run) == {"peak": 4000 * 21 * 60}
    assert run.column("write_capacity")[[0, 30, 31, 60]] == pytest.approx([4000, 4000, 8000, 8000])


def test_what_is_throttled_makes_no_peak():
    peak = simulate_table(Table(name="t"), writes=steady((9000, 62 * 60)))
    # 4,000 served for half an hour allow 8,000; those for another half hour allow all.
    assert peak.column("write_capacity")[[30, 31, 60, 61]] == pytest.approx(
        [4000, 8000, 8000, 8000]
    )
    assert Peak(4000).after_minute(4000) == 4000


def test_a_peak_is_never_forgotten():
    day = simulate_table(Table(name="t"), writes=steady((4000, HOUR), (0, DAY - HOUR), (8000, 60)))
    assert reasons(day) == {}


def test_a_table_grows_partitions_with_its_peak():
    run = simulate_table(Table(name="t"), writes=steady((4000, 2 * HOUR)))
    assert run.column("partitions")[[0, -1]] == pytest.approx([8, 12])  # 4 + 4, then 4 + 8


def test_warm_throughput_is_served_at_once():
    warm = Table(name="t", warm_write_units_per_second=10_000)
    assert reasons(simulate_table(warm, writes=steady((10_000, 60)))) == {}


def test_a_quota_and_a_maximum_hold_on_demand():
    warm = Table(name="t", warm_write_units_per_second=50_000)
    assert reasons(simulate_table(warm, writes=steady((40_001, 60)))) == {"account": 60}
    raised = TableAssumptions(table_units_per_second=60_000)
    run = simulate_table(warm, writes=steady((50_000, 60)), assumptions=raised)
    assert reasons(run) == {}
    capped = Table(name="t", max_write_request_units=100)
    assert reasons(simulate_table(capped, writes=steady((150, 60)))) == {"maximum": 50 * 60}


# --- auto scaling -----------------------------------------------------------------------------

WIDE = ScalableTarget(min_capacity=1, max_capacity=1000)


def scaled(load, write=100, scaling=WIDE, **given):
    table = provisioned(write=write, write_scaling=scaling)
    return simulate_table(table, writes=load, **given)


def test_two_minutes_above_the_target_add_capacity():
    run = scaled(steady((90, 600)))
    # Points of the minutes that end at 60 and 120 s arrive at 120 and 180; serving takes 60 more.
    (change,) = run.changes
    assert (change.seconds, change.ready_seconds) == (180, 240)
    assert (change.capacity, change.before, change.after) == ("write", 100, 129)  # 90 / 0.7
    assert run.column("write_capacity")[:6] == pytest.approx([100, 100, 100, 100, 129, 129])
    assert "TargetTracking-table/table:write-AlarmHigh" in change.cause


def test_at_the_target_nothing_is_added():
    assert scaled(steady((70, 3600))).changes == ()


def test_fifteen_minutes_below_the_lower_threshold_remove_capacity():
    run = scaled(steady((30, 1200)))
    (change,) = run.changes
    assert change.seconds == change.ready_seconds == 16 * 60
    assert change.after == 43  # 30 / 0.7


@pytest.mark.parametrize(("load", "changes"), [(50, 0), (49, 1)])
def test_the_lower_threshold_lies_at_half_where_the_target_is_70(load, changes):
    assert len(scaled(steady((load, 3600))).changes) == changes


def test_a_single_minute_above_the_target_changes_nothing():
    load = np.tile(steady((100, 60), (60, 60)), 30)
    assert scaled(load).changes == ()


def test_an_idle_table_keeps_its_capacity():
    run = scaled(steady((60, 600), (0, DAY)))
    assert run.changes == ()
    assert scaled(steady((60, 600), (1, DAY // 2))).changes[-1].after == 2


def test_capacity_stays_within_its_bounds():
    narrow = ScalableTarget(min_capacity=80, max_capacity=120)
    up = scaled(steady((1000, HOUR)), scaling=narrow)
    assert [change.after for change in up.changes] == [120]
    down = scaled(steady((1, HOUR)), scaling=narrow)
    assert [change.after for change in down.changes] == [80]


def test_throttled_requests_hide_from_the_metric_how_many_there_are():
    run = scaled(steady((1000, 1200)), scaling=ScalableTarget(max_capacity=2000))
    # Full use is 100 percent at most, so each step is 1 / 0.7: 143, 205, 293, ...
    assert [change.after for change in run.changes][:3] == [143, 205, 293]


def test_a_burst_shows_the_metric_the_load_as_it_is():
    full = TableAssumptions(initial_burst_seconds=300)
    run = scaled(steady((190, 600)), assumptions=full)
    assert run.changes[0].after == 272  # 190 / 0.7
    assert reasons(run) == {}


def test_a_spike_of_some_minutes_is_over_before_capacity_is_there():
    spike = steady((50, 600), (500, 180), (50, 1200))
    run = scaled(spike)
    assert run.changes[0].ready_seconds >= 600 + 180 + 60
    fixed = simulate_table(provisioned(), writes=spike)
    assert reasons(run) == reasons(fixed)


def test_capacity_that_the_table_had_before_comes_at_once():
    run = scaled(steady((90, 600), (20, 1200), (90, 600)))
    steps = [(one.seconds, one.before, one.after, one.ready_seconds) for one in run.changes]
    assert steps == [(180, 100, 129, 240), (1560, 129, 29, 1560), (1980, 29, 129, 1980)]
    warm = provisioned(write=100, write_scaling=WIDE, warm_write_units_per_second=500)
    (change,) = simulate_table(warm, writes=steady((90, 600))).changes
    assert change.ready_seconds == change.seconds


def test_a_schedule_moves_the_bounds():
    early = ScheduledAction(name="early", recurrence="30 0 * * *", min_size=300)
    late = ScheduledAction(name="late", recurrence="45 0 * * *", min_size=10, max_size=50)
    scaling = ScalableTarget(max_capacity=1000, scheduled_actions=[early, late])
    run = scaled(steady((60, HOUR)), scaling=scaling)
    assert [(one.seconds, one.after) for one in run.changes[:2]] == [(1800, 300), (2700, 50)]
    assert run.changes[0].cause == "A scheduled action set capacity 300 to 1000."


def actions(*given):
    """Scheduled actions at these minutes of the first hour, each with its bounds."""
    return [
        ScheduledAction(name=f"at {minute}", recurrence=f"{minute} 0 * * *", min_size=low,
                        max_size=high)
        for minute, low, high in given
    ]  # fmt: skip


def test_what_was_asked_for_and_taken_back_never_serves():
    back = ScalableTarget(max_capacity=1000, scheduled_actions=actions((30, 300, 900), (31, 5, 50)))
    run = scaled(steady((60, HOUR)), scaling=back, assumptions=TableAssumptions(update_seconds=300))
    assert [(one.seconds, one.after) for one in run.changes[:2]] == [(1800, 300), (1860, 50)]
    assert run.column("write_capacity")[31:36] == pytest.approx([50] * 5)


def test_with_less_capacity_less_is_kept_at_once():
    fall = ScalableTarget(max_capacity=4000, scheduled_actions=actions((30, 1, 10)))
    run = scaled(steady((0, 1800), (4000, 1)), write=4000, scaling=fall)
    assert reasons(run) == {"provisioned": 4000 - 10 - 300 * 10}


def test_reads_and_writes_are_scaled_each_by_itself():
    table = provisioned(100, 100, read_scaling=WIDE, write_scaling=WIDE)
    run = simulate_table(table, reads=2 * steady((90, 400)), writes=steady((60, 400)))
    assert {change.capacity for change in run.changes} == {"read"}


# --- the budget of decreases ------------------------------------------------------------------


def test_a_day_has_27_decreases_and_an_hour_four_at_most():
    left = Decreases(start_of_day_seconds=0)
    hours = [sum(left.take(hour * HOUR + second) for second in range(0, HOUR, 300))
             for hour in range(48)]  # fmt: skip
    assert hours == [4, *[1] * 23] * 2


def test_unused_decreases_are_not_saved_beyond_four():
    left = Decreases(start_of_day_seconds=0)
    assert [left.take(10 * HOUR) for _ in range(5)] == [True] * 4 + [False]
    assert [left.take(12 * HOUR) for _ in range(3)] == [True, True, False]


def test_days_are_those_of_the_clock_in_utc():
    left = Decreases(start_of_day_seconds=23 * HOUR)
    assert [left.take(0) for _ in range(5)] == [True] * 4 + [False]
    assert [left.take(HOUR) for _ in range(5)] == [True] * 4 + [False]


def test_what_exceeds_the_budget_is_refused_and_noted_once():
    wave = steady((600, 600), (10, 1500))  # up and down again every 35 minutes
    run = scaled(np.tile(wave, 40))
    falls = [one for one in run.changes if one.after < one.before]
    done = np.array([one.seconds for one in falls if one.status == "Successful"])
    assert sum(done < DAY) <= 27
    refused = [one for one in falls if one.status == "Failed"]
    assert refused
    assert all(np.isnan(one.ready_seconds) for one in refused)
    pairs = zip(run.changes, run.changes[1:], strict=False)
    assert not any(one.status == two.status == "Failed" for one, two in pairs)


# --- indexes ----------------------------------------------------------------------------------


def test_an_index_with_too_little_capacity_holds_back_the_table():
    index = GlobalSecondaryIndex(index_name="i", read_capacity_units=1, write_capacity_units=50)
    table = provisioned(write=1000, global_secondary_indexes=[index])
    run = simulate_table(table, writes=steady((0, 300), (100, 600)))
    # 15,000 kept units and 50 a second last 300 seconds of 100.
    assert reasons(run) == {"index": 300 * 50}


def test_writes_that_an_index_does_not_show_need_nothing_of_it():
    index = GlobalSecondaryIndex(
        index_name="i", read_capacity_units=1, write_capacity_units=1, writes_per_write=0
    )
    run = simulate_table(provisioned(global_secondary_indexes=[index]), writes=steady((100, 60)))
    assert reasons(run) == {}


# --- requests and seeds -----------------------------------------------------------------------

EVENING = workload.Diurnal(low_per_second=20, high_per_second=200, duration_seconds=6 * HOUR)


def test_everybody_is_served_or_throttled():
    run = simulate_table(provisioned(20, 40), reads=EVENING, writes=EVENING)
    assert run.requests == run.column("reads").sum() + run.column("writes").sum()
    for kind in ("read", "write"):
        assert sum(run.outcomes(kind).values()) == run.column(f"{kind}s").sum()
    listed = sum(run.column(reason).sum() for reason in run.throttled)
    assert listed == sum(run.throttled.values()) > 0
    assert run.throttled_share == listed / run.requests


def test_the_same_seed_gives_the_same_run_and_requests_belong_to_the_trace():
    table = provisioned(50, 80)
    keys = KeyDistribution(hot_share=0.9)
    one, two, other = (
        simulate_table(table, writes=EVENING, seed=seed, keys=keys) for seed in (1, 1, 2)
    )
    assert one.timeline.equals(two.timeline)
    np.testing.assert_array_equal(one.column("writes"), other.column("writes"))
    elsewhere = simulate_table(table, writes=EVENING.replace(seed=9), seed=1)
    assert (one.column("writes") != elsewhere.column("writes")).any()


def test_requests_of_a_second_are_poisson_counts_of_the_rate():
    demand = Demand(None, workload.Constant(rate_per_second=50, duration_seconds=10 * HOUR), seed=0)
    counts = demand.between(0, 10 * HOUR)[0]
    assert counts[0].sum() == 0
    assert counts[1].mean() == pytest.approx(50, rel=0.005)
    assert counts[1].var() == pytest.approx(50, rel=0.03)


def test_an_hour_at_most_is_held_in_memory():
    demand = Demand(EVENING, EVENING.replace(seed=1), seed=0)
    for minute in range(6 * 60):
        demand.between(minute * 60, minute * 60 + 60)
        assert demand._requests.shape == demand._spread.shape == (2, HOUR)


@pytest.mark.parametrize(
    "trace",
    [
        workload.Counts(interval_seconds=600, requests=[50, 0, 7, 900, 3, 8, 20],
                        duration_seconds=4200),
        workload.AtTimes(times=[0.5, 0.7, 59.9, 3599.9, 3600.0, 7000.1], duration_seconds=7300),
    ],
)  # fmt: skip
def test_a_trace_that_knows_its_requests_keeps_them(trace):
    run = simulate_table(provisioned(), writes=trace)
    minutes = np.arange(0, trace.duration_seconds + 60, 60)
    arrivals = np.concatenate([chunk.arrivals for chunk in trace.chunks()])
    expected = np.histogram(arrivals, minutes)[0][: len(run.column("writes"))]
    np.testing.assert_array_equal(run.column("writes"), expected)


def test_a_second_that_a_trace_cuts_off_counts_for_what_it_lasted():
    trace = workload.Constant(rate_per_second=1e6, duration_seconds=60.25)
    run = simulate_table(Table(name="t"), writes=trace)
    assert run.duration_seconds == 61
    assert run.column("writes") == pytest.approx([60e6, 0.25e6], rel=0.01)


# --- rows, usage, looks -----------------------------------------------------------------------


@pytest.mark.parametrize("row_seconds", [300, 900, 3600])
def test_the_length_of_rows_changes_nothing_else(row_seconds):
    table = provisioned(50, 80, write_scaling=WIDE)
    minutes = simulate_table(table, reads=EVENING, writes=EVENING)
    rows = simulate_table(table, reads=EVENING, writes=EVENING, row_seconds=row_seconds)
    assert len(rows.timeline) == 6 * HOUR / row_seconds
    assert rows.changes == minutes.changes
    np.testing.assert_array_equal(rows.counts, minutes.counts)
    ours, theirs = rows.usage(), minutes.usage()
    for key in ours:
        assert ours.total(key) == pytest.approx(theirs.total(key), rel=1e-12)


def test_provisioned_usage_is_that_of_the_closed_form():
    table = provisioned(40, 90, storage_gb=10, point_in_time_recovery=True)
    load = workload.Constant(rate_per_second=30, duration_seconds=DAY)
    simulated = simulate_table(table, reads=load, writes=load).usage()
    expected = table.estimate()
    assert set(simulated) == set(expected)
    for key in expected:
        assert simulated.total(key) == pytest.approx(expected.total(key), rel=1e-12)


def test_usage_on_demand_is_that_of_the_closed_form():
    index = GlobalSecondaryIndex(index_name="i", item_size_kb=0.5)
    asked = 30 * 730 * HOUR
    table = Table(
        name="t", item_size_kb=2.5, strong_reads=asked, writes=asked, storage_gb=3,
        global_secondary_indexes=[index],
    )  # fmt: skip
    load = workload.Constant(rate_per_second=30, duration_seconds=DAY)
    simulated = simulate_table(table, reads=load, writes=load.replace(seed=1)).usage()
    expected = table.estimate()
    assert set(simulated) == set(expected)
    for key in expected:
        assert simulated.total(key) == pytest.approx(expected.total(key), rel=0.003)
    assert bill(simulated).total_usd == pytest.approx(bill(expected).total_usd, rel=0.003)


def test_capacity_is_metered_by_the_hour_in_which_it_was_there():
    run = scaled(steady((90, 2 * HOUR)))
    month = BillingPeriod("two hours", 2)
    (hours,) = [
        hourly for key, hourly in run.usage(month).items()
        if key.meter.usage_type == "WriteCapacityUnit-Hrs"
    ]  # fmt: skip
    assert hours == pytest.approx([129 - 29 * 240 / HOUR, 129])


def test_throttled_requests_are_not_charged():
    run = simulate_table(Table(name="t", max_write_request_units=100), writes=steady((150, HOUR)))
    assert run.consumed_units("write") == 100 * HOUR


def test_a_run_shows_itself():
    run = scaled(steady((90, 600), (900, 60)))
    assert repr(run).startswith("TableRun(0.183333 h, 108,000 requests, ")
    page = run._repr_html_()
    assert "throttled: provisioned" in page
    assert "key range" not in page
    assert list(run.activity_log["after"]) == [one.after for one in run.changes]
    assert set(run.alarm_log["after"]) == {"OK", "ALARM"}
    assert run.summary()["requests"] == 108_000
    assert run.summary()["throttled_key_range"] == 0


def test_without_numba_the_readable_engine_runs_and_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "models.simulation.tables.kernel", None)
    monkeypatch.delattr("models.simulation.tables.kernel", raising=False)
    engines.say_once.cache_clear()
    with pytest.warns(RuntimeWarning, match="numba cannot be imported"):
        run = simulate_table(provisioned(), writes=steady((120, 60)))
    assert reasons(run) == {"provisioned": 20 * 60}


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "at least one must be given"),
        ({"writes": [1, 2], "reads": [1]}, r"same start and duration_seconds, not \[1, 2\]"),
        ({"writes": []}, "writes must be a trace, or requests of each second"),
        ({"writes": [[1, 2]]}, "writes must be a trace"),
        ({"reads": [1, -1]}, "reads must be a trace"),
        ({"reads": [np.nan]}, "reads must be a trace"),
        ({"reads": [0.5]}, "reads must be whole numbers"),
        ({"writes": [1], "engine": "fluid"}, "engine 'fluid' must be one of compiled, readable"),
        ({"writes": [1], "row_seconds": 61}, r"row_seconds \(61\) must be one of 60, 300"),
    ],
)
def test_what_cannot_be_simulated_is_refused(given, says):
    with pytest.raises(InvalidInputError, match=says):
        simulate_table(provisioned(), **given)


def test_traces_that_start_at_different_times_are_refused():
    later = EVENING.replace(start=datetime(2026, 7, 1, tzinfo=UTC))
    with pytest.raises(InvalidInputError, match="same start"):
        simulate_table(provisioned(), reads=EVENING, writes=later)


def test_a_sweep_is_refused():
    swept = Table(name="t", item_size_kb=np.array([1.0, 2.0]))
    with pytest.raises(InvalidInputError, match="item_size_kb is a sweep"):
        simulate_table(swept, writes=[1])


def test_unknown_columns_and_kinds_are_refused():
    run = simulate_table(provisioned(), writes=[1])
    with pytest.raises(InvalidInputError, match="no column 'capacity'"):
        run.column("capacity")
    with pytest.raises(InvalidInputError, match="kind 'writes' must be one of read, write"):
        run.outcomes("writes")


@pytest.mark.parametrize(
    "fields",
    [{"keys": 0}, {"exponent": -1}, {"hot_share": 1.1}],
    ids=lambda given: next(iter(given)),
)
def test_keys_that_make_no_sense_are_refused(fields):
    with pytest.raises(InvalidInputError, match=next(iter(fields))):
        KeyDistribution(**fields)
