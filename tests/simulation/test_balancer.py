"""The load balancer: whose checks pass, who gets requests, who drains.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
and
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
"""

import numpy as np
import pytest
from scipy import stats

from models import simulate, theory
from models.distributions import Fixed
from models.errors import InvalidInputError
from models.scaling import ScheduledAction
from models.services.autoscaling import (
    Application,
    AutoScalingGroup,
    Crash,
    HealthCheck,
    TargetGroup,
)
from models.simulation.outcomes import FAILED, NO_TARGET, OK, UNFINISHED
from models.workload import Constant

WORK = Fixed(seconds=0.02)
FAST_CHECK = HealthCheck(
    interval_seconds=10, timeout_seconds=5, healthy_threshold_count=3, unhealthy_threshold_count=2
)


def fleet(count, *, crashes=(), restart=None, **target_group):
    """So many instances that never change, some of whose programs die."""
    application = Application(workers=4, crashes=crashes, restart_seconds=restart)
    return AutoScalingGroup(
        name="web", min_size=count, max_size=count, application=application,
        target_group=TargetGroup(**target_group),
    )  # fmt: skip


def requests(rate=50.0, seconds=600.0, **fields):
    return Constant(rate_per_second=rate, duration_seconds=seconds, work=WORK, **fields)


def run_with_records(group, trace, seed=0, **options):
    run = simulate(group, trace, seed=seed, keep_records=True, **options)
    arrivals = np.concatenate([chunk.arrivals for chunk in trace.chunks()])
    return run, run.records, arrivals


# --- checks -----------------------------------------------------------------------------------


def seconds_of_failures(seed, check):
    """From a crash until the last request that was still sent to the dead target."""
    group = fleet(2, crashes=[Crash(at_seconds=100)], health_check=check)
    _, records, arrivals = run_with_records(group, requests(seconds=200, seed=seed), seed)
    return arrivals[records["outcome"] == FAILED].max() - 100


def test_detection_of_a_crash_is_spread_evenly_over_one_interval():
    """30 s x 3: from 60 to 90 seconds, each as likely, 75 in the mean; not always 90."""
    check = HealthCheck(interval_seconds=30, timeout_seconds=5, unhealthy_threshold_count=3)
    seen = np.array([seconds_of_failures(seed, check) for seed in range(150)])
    expected = theory.detection_seconds(30, 3)
    assert (expected.least, expected.most) == (60, 90)
    # Half of 50 requests a second go to the dead target: it is seen up to 0.04 s early.
    seen += 0.04
    width = expected.most - expected.least
    spread = stats.uniform(expected.least, width)
    assert stats.kstest(seen, spread.cdf).pvalue > 0.001
    assert stats.kstest(seen, stats.uniform(0, 90).cdf).pvalue < 1e-6
    error = 3.29 * width / np.sqrt(12 * len(seen))
    assert seen.mean() == pytest.approx(expected.mean, abs=error)


def healthy_seconds(group, down, **fields):
    """Seconds from `down` until the balancer counts a target as healthy again; whole requests."""
    _, records, arrivals = run_with_records(group, requests(**fields))
    slots = records["slot"][arrivals > down]
    times = arrivals[arrivals > down]
    dead = records["slot"][np.argmax(records["outcome"] == FAILED)]
    silent = np.diff(times[slots == dead])
    return silent.max(), times[slots == dead]


@pytest.mark.parametrize("threshold", [2, 3, 5])
def test_a_target_that_was_unhealthy_needs_so_many_passes_in_a_row(threshold):
    check = FAST_CHECK.replace(healthy_threshold_count=threshold)
    group = fleet(2, crashes=[Crash(at_seconds=100)], restart=55.0, health_check=check)
    silent, _ = healthy_seconds(group, 100)
    # Five or six checks fail while it is dead; it gets nothing from the second of them until
    # `threshold` have passed, and checks are ten seconds apart.
    failed = np.floor(55 / 10) + np.array([0, 1])
    assert silent / 10 == pytest.approx(round(silent / 10), abs=0.02)
    assert round(silent / 10) in failed - 2 + threshold


def test_a_new_target_needs_one_pass_whatever_the_threshold():
    group = fleet(2, health_check=FAST_CHECK.replace(healthy_threshold_count=10)).replace(
        min_size=1, desired_capacity=1, launch=Fixed(seconds=20), os_boot=Fixed(seconds=0.001),
        application=Application(workers=4, boot=Fixed(seconds=0.001)),
        scheduled_actions=[ScheduledAction(name="two", recurrence="1 0 * * *", min_size=2)],
    )  # fmt: skip
    _, records, arrivals = run_with_records(group, requests(seconds=300))
    first = arrivals[records["slot"] == 1].min()
    assert 80 < first <= 80 + 10.1


def test_one_failed_check_is_not_enough():
    """Dead for less than one interval: at most one check can fail."""
    group = fleet(2, crashes=[Crash(at_seconds=100)], restart=9.9, health_check=FAST_CHECK)
    _, records, arrivals = run_with_records(group, requests())
    failed = arrivals[records["outcome"] == FAILED]
    assert 100 < failed.min() < 100.2
    assert 109.7 < failed.max() < 109.9
    assert records["outcome"][arrivals > 110].max() in (OK, UNFINISHED)


def test_failures_count_only_in_a_row():
    """Down twice for less than an interval, with a passed check between."""
    crashes = [Crash(at_seconds=100), Crash(at_seconds=130)]
    group = fleet(2, crashes=crashes, restart=9.9, health_check=FAST_CHECK)
    _, records, arrivals = run_with_records(group, requests())
    failed = records["outcome"] == FAILED
    assert (failed & (arrivals > 130)).any()
    dead = records["slot"][np.argmax(failed)]
    assert (records["slot"][(arrivals > 140) & (arrivals < 145)] == dead).any()


def test_with_no_healthy_target_requests_go_to_all_and_with_none_registered_to_nobody():
    crashes = [Crash(at_seconds=100), Crash(at_seconds=100)]
    group = fleet(2, crashes=crashes, health_check=FAST_CHECK)
    _, records, arrivals = run_with_records(group, requests())
    late = records[arrivals > 130]
    assert set(late["outcome"]) == {FAILED}
    assert np.bincount(late["slot"]).min() > 0.49 * len(late)
    empty = fleet(0).replace(max_size=1)
    run, records, _ = run_with_records(empty, requests(seconds=60))
    assert run.outcomes["no_target"] == run.requests > 2500
    assert set(records["outcome"]) == {NO_TARGET}


def test_with_too_few_healthy_targets_the_unhealthy_are_sent_requests_too():
    crashes = [Crash(at_seconds=100)]
    shares = {}
    for least in (1, 2):
        group = fleet(
            2, crashes=crashes, health_check=FAST_CHECK, minimum_healthy_targets_count=least
        )
        _, records, arrivals = run_with_records(group, requests())
        shares[least] = np.mean(records["outcome"][arrivals > 130] == FAILED)
    assert shares == {1: 0, 2: pytest.approx(0.5, abs=0.001)}


def test_checks_that_wait_in_line_take_an_overloaded_target_out():
    slow = Constant(rate_per_second=30, duration_seconds=900, work=Fixed(seconds=1.0))
    sizes = {}
    for shares in (False, True):
        check = FAST_CHECK.replace(shares_workers=shares)
        group = fleet(2, health_check=check)
        group = group.replace(application=Application(workers=4, queue_length=100))
        sizes[shares] = simulate(group, slow).column("healthy")[1:-1]
    assert set(sizes[False]) == {2}
    assert sizes[True].min() == 0


# --- routing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["round_robin", "least_outstanding_requests"])
def test_two_target_groups_share_requests_by_weight(algorithm):
    groups = [
        fleet(2, weight=weight, algorithm=algorithm).replace(name=name)
        for name, weight in (("blue", 90), ("green", 10))
    ]
    run, records, _ = run_with_records(groups, requests())
    green = [one.slot for one in run._instances[1]]
    share = np.isin(records["slot"], green).mean()
    assert share == pytest.approx(0.1, abs=0.001)
    assert run.outcomes["ok"] >= run.requests - 2


def test_a_weight_of_zero_gets_nothing():
    groups = [
        fleet(1, weight=weight).replace(name=name) for name, weight in (("blue", 1), ("green", 0))
    ]
    run, records, _ = run_with_records(groups, requests(seconds=60))
    assert set(records["slot"]) == {run._instances[0][0].slot}


def test_round_robin_takes_turns():
    _, records, _ = run_with_records(fleet(3), requests(seconds=60))
    assert (np.diff(records["slot"].reshape(-1)) % 3 == 1).all()


def test_a_sticky_client_stays_and_moves_on_after_its_time():
    """10 clients, each asking every 2 s: 60 s hold them together, 1 s hardly anyone."""
    changes = {}
    for seconds in (60, 1):
        group = fleet(4, stickiness_duration_seconds=seconds)
        trace = requests(rate=5, clients=10)
        _, records, _ = run_with_records(group, trace)
        client = np.concatenate([chunk.clients for chunk in trace.chunks()])
        moved = [np.count_nonzero(np.diff(records["slot"][client == one])) for one in range(10)]
        changes[seconds] = sum(moved) / len(records)
    assert changes[60] == 0
    assert changes[1] > 0.4


def slow_start_shares(seconds):
    """Share of the second target's requests, a minute at a time from when it is healthy."""
    group = fleet(2, health_check=FAST_CHECK, slow_start_duration_seconds=seconds).replace(
        min_size=1, desired_capacity=1, launch=Fixed(seconds=20), os_boot=Fixed(seconds=0.001),
        application=Application(workers=4, boot=Fixed(seconds=0.001)),
        scheduled_actions=[ScheduledAction(name="two", recurrence="1 0 * * *", min_size=2)],
    )  # fmt: skip
    _, records, arrivals = run_with_records(group, requests(rate=100, seconds=900))
    start = arrivals[records["slot"] == 1].min()
    after = (arrivals - start) // 60
    return [np.mean(records["slot"][after == minute] == 1) for minute in range(12)]


def test_slow_start_grows_the_share_of_a_new_target_evenly():
    shares = slow_start_shares(600)
    # Its weight grows from 0 to 1 against 1 of the other: after t of 10 minutes t / (t + 10).
    middles = np.arange(10) + 0.5
    assert shares[:10] == pytest.approx(middles / (middles + 10), abs=0.02)
    assert shares[11] == pytest.approx(0.5, abs=0.001)
    assert slow_start_shares(0)[0] == pytest.approx(0.5, abs=0.001)


def test_slow_start_is_refused_with_least_outstanding_requests():
    with pytest.raises(InvalidInputError, match="slow start works with 'round_robin' only"):
        TargetGroup(algorithm="least_outstanding_requests", slow_start_duration_seconds=60)


# --- draining ---------------------------------------------------------------------------------


def leaving(work_seconds, delay, **fields):
    """One of two instances leaves at 600 s; each works on requests of `work_seconds`."""
    one = ScheduledAction(name="one", recurrence="10 0 * * *", desired_capacity=1)
    group = fleet(2, deregistration_delay_seconds=delay).replace(
        min_size=1, desired_capacity=2, scheduled_actions=[one], **fields
    )
    trace = Constant(rate_per_second=0.2, duration_seconds=1200, work=Fixed(seconds=work_seconds))
    run, records, arrivals = run_with_records(group, trace)
    (gone,) = [one for one in run.activities if one.change < 0]
    return records, arrivals, gone.end_seconds - 600


def test_a_leaving_target_finishes_its_requests_and_gets_no_new_one():
    records, arrivals, seconds = leaving(work_seconds=20, delay=300)
    assert seconds <= 20 + 5
    assert set(records["outcome"]) <= {OK, UNFINISHED}
    assert len(set(records["slot"][arrivals > 600])) == 1
    assert len(set(records["slot"][arrivals < 600])) == 2


@pytest.mark.parametrize("hook", [0, 100])
def test_what_takes_longer_than_the_deregistration_delay_is_cut_off(hook):
    """Also where a lifecycle hook keeps the machine up for longer."""
    records, arrivals, seconds = leaving(55, delay=10, terminate_hook_seconds=hook)
    assert seconds == 10 + hook
    failed = records["outcome"] == FAILED
    assert failed.any()
    assert set(records["finish"][failed]) == {610.0}
    assert arrivals[failed].max() < 600


def test_without_a_delay_they_are_cut_off_at_once():
    _, _, seconds = leaving(work_seconds=55, delay=0)
    assert seconds == 0
