"""Runs against a database: a failover, and what scaling out in front of it does."""

import numpy as np
import pytest
from database_cases import PROXY, WORK, arrivals, fleet, statements, steady

from models import simulate
from models.distributions import Fixed
from models.scaling import TargetTrackingPolicy
from models.services.autoscaling import Crash
from models.simulation.database import Database, Failover
from models.workload import Spike, Step

# --- failover ---------------------------------------------------------------------------------

AT, LASTS = 140.0, 45.0
FAILOVER = Failover(at_seconds=AT, duration_seconds=LASTS)


def through_a_failover(proxy=None, rate=50, **queries):
    """Arrivals, statements, and the run of a fleet with a worker for whoever waits."""
    group = fleet(10, workers=500, **{"pool_size": 500, **queries})
    trace = steady(rate, 400)
    database = Database(vcpus=16, max_connections=10_000, failovers=[FAILOVER], proxy=proxy)
    run = simulate(group, trace, database=database, keep_records=True)
    return arrivals(trace), statements(trace, group), run


def test_nobody_who_needs_the_database_is_answered_while_it_is_away():
    for proxy in (None, PROXY):
        _, seconds, run = through_a_failover(proxy, share=0.5)
        finish, ok = run.records["finish"], run.records["outcome"] == 0
        away = (finish > AT) & (finish < AT + LASTS) & ok
        assert away.sum() > 1000
        assert not seconds[away].any()


def test_without_a_proxy_whoever_asks_meanwhile_fails():
    came, _, run = through_a_failover()
    asked = came + 0.02
    inside = np.sum((asked >= AT) & (asked < AT + LASTS))
    # And those whose statements were lost when it began: 50 x 0.1 s = 5 on average.
    assert inside <= run.outcomes["unconnected"] <= inside + 25
    assert run.outcomes["unconnected"] == pytest.approx(50 * LASTS, rel=0.1)
    assert run.outcomes["ok"] + run.outcomes["unconnected"] + run.outcomes["unfinished"] == len(
        came
    )
    assert run.column("database_connections")[2] == 0


def test_with_a_proxy_they_wait_and_only_statements_that_were_under_way_fail():
    _, _, run = through_a_failover(PROXY)
    assert run.outcomes["unconnected"] <= 25
    assert run.outcomes["ok"] == len(run.records) - sum(
        run.outcomes[name] for name in ("unconnected", "unfinished")
    )
    lost = run.records[run.records["outcome"] == 5]
    assert set(lost["finish"]) == {AT}


def test_a_proxy_that_is_given_less_time_than_the_failover_takes_refuses_some():
    proxy = PROXY.replace(connection_borrow_timeout_seconds=20)
    _, _, run = through_a_failover(proxy)
    assert run.outcomes["unconnected"] == pytest.approx(50 * (LASTS - 20), rel=0.1)


def test_failovers_may_follow_each_other_without_a_pause():
    following = [Failover(at_seconds=at, duration_seconds=30) for at in (90, 60)]
    database = Database(vcpus=16, max_connections=1000, failovers=following)
    assert [one.at_seconds for one in database.failovers] == [60, 90]
    run = simulate(fleet(), steady(10, 300), database=database)
    assert run.column("ok")[1] < 10
    assert run.column("ok")[2:].min() > 300


# --- the fleet in front -----------------------------------------------------------------------

TRACKING = TargetTrackingPolicy(
    name="cpu50", predefined_metric="ASGAverageCPUUtilization", target_value=50
)
RISE = Step(duration_seconds=1800, from_per_second=10, to_per_second=100, at_seconds=300, work=WORK)


def scaled(**options):
    group = fleet(2, most=10, workers=2, **options).replace(
        policies=[TRACKING], default_instance_warmup_seconds=60
    )
    return simulate(group, RISE, database=Database(vcpus=2, max_connections=1000))


def test_utilization_is_that_of_the_own_part():
    run = simulate(fleet(2), steady(40), database=Database(vcpus=64, max_connections=1000))
    # 40 a second x 0.02 s on 16 workers; they are held 0.12 s each, six times as long.
    assert run.column("cpu_percent").mean() == pytest.approx(100 * 40 * 0.02 / 16, rel=0.02)


def test_tracking_cpu_does_not_scale_out_where_the_database_is_the_bottleneck():
    bound, free = scaled(), scaled(time=Fixed(seconds=0.001))
    assert bound.column("desired").max() == 2
    assert bound.column("cpu_percent").max() < 50
    assert bound.column("ok")[-1] / 60 == pytest.approx(20, rel=0.1)
    assert bound.error_share > 0.5
    # The same requests on a database that is no bottleneck do use the CPU.
    assert free.column("desired").max() > 2


def test_instances_beyond_the_database_answer_nothing_more():
    database = Database(vcpus=4, max_connections=1000)
    rates = [
        simulate(fleet(count, workers=2), steady(200), database=database).outcomes["ok"] / 600
        for count in (1, 2, 4, 8)
    ]
    # Each instance has two workers at 0.12 s; the database does 4 / 0.1 s.
    assert rates[0] == pytest.approx(2 / 0.12, rel=0.05)
    assert rates[2:] == pytest.approx([40, 40], rel=0.05)


def test_every_request_ends_in_exactly_one_way_whatever_happens():
    crashes = {"crashes": [Crash(at_seconds=200), Crash(at_seconds=700, kind="instance")]}
    group = fleet(
        3, most=9, workers=3, pool_size=2, pool_timeout_seconds=1, statement_timeout_seconds=0.4,
        application={**crashes, "client_timeout_seconds": 4, "queue_length": 5},
    ).replace(policies=[TRACKING.replace(target_value=10)], health_check_type="ELB")  # fmt: skip
    trace = Spike(
        duration_seconds=1800, base_per_second=10, peak_per_second=60, at_seconds=400,
        rise_seconds=60, hold_seconds=400, fall_seconds=60, work=WORK,
    )  # fmt: skip
    for proxy in (None, PROXY.replace(connection_borrow_timeout_seconds=1)):
        database = Database(
            vcpus=3, max_connections=11, proxy=proxy,
            failovers=[Failover(at_seconds=900, duration_seconds=45)],
        )  # fmt: skip
        run = simulate(group, trace, database=database)
        assert run.requests == len(arrivals(trace))
        assert all(run.outcomes[name] > 0 for name in ("ok", "failed", "unconnected", "unanswered"))


@pytest.mark.parametrize("proxy", [None, PROXY])
def test_the_last_minute_shows_the_database_before_all_is_let_go(proxy):
    database = Database(vcpus=2, max_connections=1000, proxy=proxy)
    run = simulate(fleet(), steady(60), database=database)
    # Nearly all of the 32 workers wait for one of two turns.
    assert 28 <= run.column("database_connections")[-1] <= 32
    assert 26 <= run.column("database_waiting")[-1] <= 30
