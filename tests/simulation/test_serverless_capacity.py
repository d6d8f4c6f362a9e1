"""Serverless capacity: by hand, against closed forms, and the two engines against each other."""

import math
import time

import numpy as np
import pytest

from models import theory, workload
from models.billing import bill
from models.errors import InvalidInputError
from models.services.rds import DBCluster, ServerlessV2ScalingConfiguration
from models.simulation.serverless_capacity import (
    CapacityAssumptions,
    settled_acu,
    simulate_capacity,
)
from models.simulation.serverless_capacity.kernel import CompiledCapacity
from models.simulation.serverless_capacity.twin import (
    ACU_MAX,
    ACU_SECONDS,
    BACKLOG,
    COLUMNS,
    DEEP,
    PAUSED,
    RESUMES,
    RESUMING,
    SHORT,
    WAIT_SECONDS,
    WAITED,
    ReadableCapacity,
    Rules,
)

both = pytest.mark.parametrize("engine", [ReadableCapacity, CompiledCapacity])

PLAIN = Rules(
    work=1.0, step=0.5, least=0.5, most=4.0, pause_after=5.0, connection=0.0, resume=2.0,
    deep_resume=4.0, deep_after=10.0, resume_acu=0.5, target=1.0, weight=1.0, tolerated=0.0,
    rise=0.5, rise_share=0.0, fall_wait=3.0, fall_share=0.0,
)  # fmt: skip
DAY, HOUR = 86_400, 3600


def cluster(least=0.0, most=16.0, **fields):
    scaling = ServerlessV2ScalingConfiguration(
        min_capacity_acu=least, max_capacity_acu=most, **fields.pop("scaling", {})
    )
    return DBCluster(
        name="aurora", engine="aurora-postgresql",
        serverless_v2_scaling_configuration=scaling, **fields,
    )  # fmt: skip


def simulate(pattern, work=0.01, least=0.0, most=16.0, **more):
    return simulate_capacity(cluster(least, most), pattern, acu_seconds_per_request=work, **more)


def steady(rate, seconds):
    return workload.Constant(rate_per_second=rate, duration_seconds=seconds)


def lived(engine, counts, **changes):
    """What an instance does, second by second, as one row for each."""
    rows = np.zeros((len(counts), len(COLUMNS)))
    instance = engine(PLAIN._replace(**changes), rows)
    found = []
    for second, count in enumerate(counts):
        before = rows.sum(axis=0)
        instance.advance(np.array([count]))
        row = rows.sum(axis=0) - before
        row[BACKLOG] = rows[second // 60][BACKLOG]
        found.append(row)
    return np.array(found).T


# --- by hand ----------------------------------------------------------------------------------


@both
def test_it_grows_while_work_piles_up_and_falls_once_less_was_enough(engine):
    found = lived(engine, [2, 0, 0, 0, 0, 0, 0])
    # Half is done, 1.5 is left: up. One is done, 0.5 left: up. Then nothing is left; three seconds
    # later a step down, and after five seconds without a request a pause.
    assert found[ACU_SECONDS].tolist() == [0.5, 1.0, 1.5, 1.5, 1.5, 1.0, 0.0]
    assert found[BACKLOG].tolist() == [1.5, 0.5, 0, 0, 0, 0, 0]
    assert found[PAUSED].tolist() == [0, 0, 0, 0, 0, 0, 1]


@both
def test_whoever_finds_it_paused_waits_until_it_is_there(engine):
    found = lived(engine, [1, 0, 0, 0, 0, 0, 0, 3, 1, 0])
    assert found[PAUSED].tolist() == [0] * 6 + [1, 0, 0, 0]
    assert found[RESUMING].tolist() == [0] * 7 + [1, 1, 0]
    assert found[RESUMES].sum() == 1
    assert found[WAITED].tolist() == [0] * 7 + [3, 1, 0]
    assert found[WAIT_SECONDS].tolist() == [0] * 7 + [6, 1, 0]  # three wait 2 s, one 1 s
    assert found[ACU_SECONDS][7:].tolist() == [0, 0, 0.5]
    assert found[BACKLOG][7:].tolist() == [3, 4, 3.5]


@both
@pytest.mark.parametrize(("paused", "deep"), [(10, 0), (11, 1)])
def test_a_longer_sleep_takes_longer_to_wake_from(engine, paused, deep):
    found = lived(engine, [0] * 5 + [0] * paused + [1] + [0] * 4)
    assert found[DEEP].sum() == deep
    assert found[RESUMING].sum() == (4 if deep else 2)


@both
def test_an_open_connection_keeps_it_awake(engine):
    counts = [1] + [0] * 12
    assert lived(engine, counts)[PAUSED].sum() == 7
    assert lived(engine, counts, connection=4.0)[PAUSED].sum() == 3
    assert lived(engine, counts, connection=math.inf)[PAUSED].sum() == 0


@both
def test_a_larger_capacity_grows_faster_and_falls_in_larger_steps(engine):
    grown = lived(engine, [100] * 12, most=256.0, rise_share=0.5)[ACU_SECONDS]
    # + max(0.5, half) each second, in steps: 0.5, 0.5, 0.75 (a quarter is left), 1.25 ...
    assert grown[:5].tolist() == [0.5, 1.0, 1.5, 2.0, 3.0]
    assert np.all(np.diff(grown)[4:] > 1)
    fallen = lived(
        engine, [16] + [0] * 10, least=1.0, most=16.0, rise=16.0, pause_after=99.0, fall_share=0.5
    )[ACU_SECONDS]
    # 16 after the jump; after three seconds of less half of it, and so on.
    assert fallen.tolist() == [1, 16, 16, 16, 8, 8, 8, 4, 4, 4, 2]


@both
def test_half_a_step_a_second_makes_a_step_every_other_second(engine):
    grown = lived(engine, [9] * 7, rise=0.25)[ACU_SECONDS]
    assert grown.tolist() == [0.5, 0.5, 1.0, 1.0, 1.5, 1.5, 2.0]


@both
def test_the_maximum_is_never_passed_and_what_is_too_much_waits(engine):
    found = lived(engine, [10] * 30)
    assert found[ACU_SECONDS].max() == 4
    assert found[SHORT].sum() == 300
    done = found[ACU_SECONDS].sum()
    assert found[BACKLOG][-1] == pytest.approx(300 - done)


# --- against closed forms ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("demand", "settled"), [(0.1, 0.5), (0.75, 1.0), (2.13, 3.0), (10.9, 14.0)]
)
def test_under_an_even_load_the_bill_is_the_capacity_that_is_just_enough(demand, settled):
    rate = 5000.0
    run = simulate(steady(rate, 12 * HOUR), work=demand / rate, least=0.5)
    scaling = run.cluster.serverless_v2_scaling_configuration
    assert settled_acu(demand, scaling) == settled
    assert run.column("acu")[60:] == pytest.approx(settled)
    # What is left is the climb of the first minutes.
    assert run.acu_hours == pytest.approx(12 * settled, abs=0.02 * settled + 0.1)
    assert run.utilisation == pytest.approx(demand / settled, rel=0.02)


def test_an_even_load_is_bounded_by_the_range():
    scaling = ServerlessV2ScalingConfiguration(min_capacity_acu=2, max_capacity_acu=4)
    assert [settled_acu(demand, scaling) for demand in (0.1, 2.0, 99.0)] == [2.0, 2.5, 4.0]


@pytest.mark.parametrize("per_hour", [2, 6, 15])
def test_a_rare_load_is_paused_for_the_share_of_the_gaps_that_exceeds_the_wait(per_hour):
    rate = per_hour / HOUR
    run = simulate(steady(rate, 200 * DAY), work=0.001)
    # Memoryless gaps: paused where the last request is more than five minutes ago. Resuming adds
    # 15 s to each cycle, after which the five minutes begin anew.
    cold = theory.single_environment_cold_share(rate, 300.0)
    longer = 1 + rate * 15 * cold
    assert run.paused_share == pytest.approx(cold / longer, abs=0.01)
    assert run.acu_hours / (200 * 24) == pytest.approx(0.5 * (1 - cold) / longer, rel=0.02)
    assert run.resumes == pytest.approx(run.requests * cold / longer, rel=0.03)
    # The first waits 15 s, those who follow meanwhile 14 s to 1 s.
    wait = (15 + rate * sum(range(1, 15))) / (1 + rate * 14)
    assert run.mean_wait_seconds == pytest.approx(wait, abs=0.1)


def test_who_comes_once_in_days_waits_for_the_longer_resume():
    run = simulate(steady(1 / (2 * DAY), 600 * DAY), work=0.001)
    # Of the gaps that lead to a pause, those in which it lasts for more than a day.
    share = math.exp(-DAY / (2 * DAY))
    assert run.deep_resumes / run.resumes == pytest.approx(share, abs=0.08)
    found = run.deep_resumes / run.resumes
    assert run.mean_wait_seconds == pytest.approx(15 + 15 * found, abs=0.3)


def test_the_climb_takes_what_the_rates_say():
    jump = workload.Step(
        from_per_second=1, to_per_second=100_000, at_seconds=600, duration_seconds=1200
    )
    run = simulate(jump, work=0.001, least=0.5, most=64)
    climb = run.column("acu_max")
    # 0.5 ACU/s up to 0.5 / 0.075 = 6.7 ACU takes 12.3 s; from there by e in 13.3 s: 30.1 s to 64.
    expected = (0.5 / 0.075 - 0.5) / 0.5 + math.log(64 / (0.5 / 0.075)) / 0.075
    assert expected < 60
    assert climb[9] < 2
    assert climb[10] == 64
    whole = 60 * 64 - run.column("acu_seconds")[10]
    assert whole == pytest.approx(64 * expected - climb_area(expected), rel=0.1)


def climb_area(expected):
    """ACU-seconds of the climb itself."""
    corner = 0.5 / 0.075
    return (corner**2 - 0.5**2) / 2 / 0.5 + (64 - corner) / 0.075


# --- what the assumptions do ------------------------------------------------------------------


def peaks():
    return workload.Spike(
        base_per_second=50, peak_per_second=800, at_seconds=HOUR, rise_seconds=30,
        hold_seconds=600, fall_seconds=30, duration_seconds=3 * HOUR,
    )  # fmt: skip


def swept(name, values):
    runs = [
        simulate(peaks(), least=0.5, assumptions=CapacityAssumptions(**{name: value}))
        for value in values
    ]
    return [run.acu_hours for run in runs], [run.short for run in runs]


def test_a_faster_climb_leaves_fewer_requests_short():
    _, short = swept("rise_acu_per_second", [0.05, 0.1, 0.5, 2.0])
    assert np.all(np.diff(short) < 0)


def test_a_longer_wait_before_falling_costs_capacity():
    hours, _ = swept("fall_wait_seconds", [0, 30, 90, 300])
    assert np.all(np.diff(hours) > 0)


def test_more_headroom_costs_capacity():
    hours, _ = swept("target_utilisation", [1.0, 0.8, 0.5])
    assert np.all(np.diff(hours) > 0)


def test_smaller_steps_down_cost_capacity():
    hours, _ = swept("fall_share", [0.5, 0.2, 0.0])
    assert np.all(np.diff(hours) > 0)


def test_resuming_with_more_capacity_leaves_fewer_short():
    morning = workload.BusinessHours(
        in_hours_per_second=300, outside_per_second=0, duration_seconds=3 * DAY
    )
    short = [
        simulate(morning, assumptions=CapacityAssumptions(resume_acu=acu)).short for acu in (0.5, 8)
    ]
    assert short[1] < 0.5 * short[0]


# --- the two engines --------------------------------------------------------------------------

CASES = {
    "pauses": {"work": 0.4, "least": 0.5, "most": 2.0},
    "quick": {"work": 0.03, "rise_share": 0.3, "fall_wait": 0.0, "fall_share": 0.4},
    "never enough": {"work": 0.9, "most": 1.0, "tolerated": 2.0},
    "odd numbers": {"work": 0.0371, "target": 0.7, "weight": 1 / 7, "rise": 0.17, "most": 31.5,
                    "connection": 3.0, "resume_acu": 2.0, "fall_share": 0.13},
    "wide": {"work": 0.5, "most": 256.0, "rise_share": 0.075, "weight": 0.1, "target": 0.8},
}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", CASES)
def test_kernel_and_twin_agree_to_the_last_bit(name, seed):
    rules = PLAIN._replace(**CASES[name])
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.choice([0, 0, 0.05, 3, 40], 200), 30)
    counts = rng.poisson(level)
    rows = [np.zeros((100, len(COLUMNS))) for _ in range(2)]
    ReadableCapacity(rules, rows[0]).advance(counts.tolist())
    compiled = CompiledCapacity(rules, rows[1])
    for part in np.array_split(counts, 7):
        compiled.advance(part)
    np.testing.assert_array_equal(rows[0], rows[1])
    assert rows[0][:, ACU_MAX].max() > rules.least


def test_the_cases_bring_about_everything_there_is():
    seen = np.zeros(len(COLUMNS))
    for changes in CASES.values():
        rng = np.random.default_rng(1)
        rows = np.zeros((100, len(COLUMNS)))
        counts = rng.poisson(np.repeat(rng.choice([0, 0, 0.05, 3, 40], 200), 30))
        CompiledCapacity(PLAIN._replace(**changes), rows).advance(counts)
        seen += rows.sum(axis=0)
    assert np.all(seen > 0)


def test_a_difference_in_a_rule_would_be_noticed():
    counts = np.random.default_rng(1).poisson(3, 600)
    rows = [np.zeros((10, len(COLUMNS))) for _ in range(2)]
    ReadableCapacity(PLAIN, rows[0]).advance(counts.tolist())
    CompiledCapacity(PLAIN._replace(fall_wait=4.0), rows[1]).advance(counts)
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(rows[0], rows[1])


def test_both_engines_give_the_same_run():
    runs = [simulate(peaks(), engine=engine) for engine in ("compiled", "readable")]
    for name in runs[0].timeline:
        np.testing.assert_array_equal(runs[0].column(name), runs[1].column(name))


# --- a run ------------------------------------------------------------------------------------


def test_every_request_is_there_and_every_second_is_awake_paused_or_resuming():
    run = simulate(
        workload.Diurnal(low_per_second=0, high_per_second=0.01, duration_seconds=5 * DAY)
    )
    assert run.requests == run.column("requests").sum() > 100
    awake = run.column("acu_seconds").sum() / 0.5
    asleep = run.column("paused_seconds").sum() + run.column("resuming_seconds").sum()
    assert awake + asleep == run.column("seconds").sum() == 5 * DAY


def test_another_seed_gives_other_seconds_and_the_same_seed_the_same():
    runs = [simulate(steady(5, HOUR), seed=seed) for seed in (1, 1, 2)]
    assert runs[0].requests == runs[1].requests != runs[2].requests


def test_usage_of_a_month_is_that_of_a_day_thirty_times_and_readers_that_follow_cost_as_much():
    run = simulate(steady(100, DAY), least=0.5, serverless_instances=2)
    ((key, quantity),) = run.usage().items()
    assert (key.meter.usage_type, key.resource) == ("Aurora:ServerlessV2Usage", "aurora")
    assert quantity.sum() == pytest.approx(run.acu_hours * 730 / 24)
    single = simulate(steady(100, DAY), least=0.5)
    assert run.acu_hours == 2 * single.acu_hours
    assert float(bill(run.usage()).total_usd) == pytest.approx(0.12 * quantity.sum())


def test_io_optimized_capacity_has_a_name_of_its_own_and_storage_is_charged_while_paused():
    own = cluster(storage_type="aurora-iopt1", storage_gb=100, serverless_acu_hours=9999)
    idle = steady(1e-6, DAY)
    run = simulate_capacity(own, idle, acu_seconds_per_request=0.01)
    found = {key.meter.usage_type: value.sum() for key, value in run.usage().items()}
    assert found["Aurora:IO-OptimizedStorageUsage"] == 100
    # Awake for the first five minutes of the day.
    assert found["Aurora:ServerlessV2IOOptimizedUsage"] == pytest.approx(0.5 / 12 * 730 / 24)


def test_a_pool_that_stays_open_never_lets_it_pause():
    assert simulate(steady(1e-4, DAY), connection_seconds=math.inf).paused_share == 0
    assert simulate(steady(1e-4, DAY)).paused_share > 0.5


def test_a_run_shows_itself():
    run = simulate(peaks())
    assert repr(run).startswith("CapacityRun(3 h, ")
    assert "ACU-hours" in run._repr_html_()
    assert run.summary()["short"] == run.short
    assert len(run.timeline) == 180
    with pytest.raises(InvalidInputError, match="no column 'acus'"):
        run.column("acus")


def test_a_month_takes_less_than_five_seconds_and_a_row_a_minute():
    month = workload.Diurnal(low_per_second=20, high_per_second=2000, duration_seconds=30 * DAY)
    simulate(steady(1, HOUR))  # compiled before the clock starts
    started = time.perf_counter()
    run = simulate(month)
    assert time.perf_counter() - started < 5
    assert len(run.column("acu")) == 30 * 24 * 60


def test_part_of_a_minute_counts_for_what_it_lasted():
    run = simulate(steady(10, 90), least=1.0)
    assert run.column("seconds").tolist() == [60, 30]
    assert run.column("acu").tolist() == [1.0, 1.0]


def test_nobody_asks_after_the_end_of_a_trace_that_ends_within_a_second():
    assert simulate(steady(10_000, 0.5)).requests == pytest.approx(5000, abs=500)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: simulate(steady(1, 60), work=0), "acu_seconds_per_request 0 must be"),
        (lambda: simulate(steady(1, 60), work=math.nan), "acu_seconds_per_request"),
        (lambda: simulate(steady(1, 60), connection_seconds=-1), "connection_seconds -1"),
        (lambda: simulate(steady(1, 60), serverless_instances=0), "serverless_instances 0"),
        (lambda: simulate(steady(1, 60), engine="fluid"), "'fluid' must be one of compiled, read"),
        (lambda: CapacityAssumptions(target_utilisation=0), "target_utilisation"),
        (lambda: CapacityAssumptions(averaging_seconds=0.5), "averaging_seconds"),
        (
            lambda: simulate_capacity(
                DBCluster(name="own", engine="aurora-mysql"), steady(1, 60),
                acu_seconds_per_request=1,
            ),
            "own: serverless_v2_scaling_configuration must be given",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated_is_refused(call, said):
    with pytest.raises(InvalidInputError, match=said):
        call()
