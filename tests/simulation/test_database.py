"""A fleet whose workers ask a database: how much it executes, whom it lets in, what it refuses."""

import numpy as np
import pytest
from database_cases import PROXY, WORK, fleet, statements, steady

from models import simulate
from models.distributions import Fixed
from models.errors import InvalidInputError
from models.scaling import ScheduledAction
from models.services.autoscaling import Application, Crash
from models.services.rds import ConnectionPoolConfiguration, DBCluster, DBInstance
from models.simulation.database import Database, Failover
from models.workload import AtTimes, ClosedLoop

# --- what it executes -------------------------------------------------------------------------


def test_throughput_is_never_above_what_the_vcpus_execute():
    run = simulate(fleet(), steady(60), database=Database(vcpus=2, max_connections=1000))
    assert run.column("database_executing").max() <= 2 + 1e-9
    # Overloaded, it executes two at a time all the time: 2 / 0.1 s = 20 a second.
    assert run.column("database_executing")[1:-1].min() == pytest.approx(2)
    assert run.outcomes["ok"] / 600 == pytest.approx(20, rel=0.05)


def test_it_executes_every_statement_once_for_as_long_as_it_takes():
    trace = AtTimes(times=np.arange(0, 100, 0.05), duration_seconds=300, work=WORK)
    run = simulate(fleet(), trace, database=Database(vcpus=3, max_connections=1000))
    assert run.outcomes["ok"] == 2000
    executed = float(np.sum(run.column("database_executing") * run.column("seconds")))
    assert executed == pytest.approx(statements(trace, fleet()).sum(), rel=1e-9)


def test_littles_law_holds_for_what_executes():
    run = simulate(fleet(), steady(20, 7200), database=Database(vcpus=4, max_connections=1000))
    answered = run.outcomes["ok"] / 7200
    assert run.column("database_executing").mean() == pytest.approx(answered * 0.1, rel=0.02)


def test_requests_that_a_cache_answers_ask_nothing():
    database = Database(vcpus=2, max_connections=1000)
    # Of four one asks: 2 / (0.25 x 0.1 s) = 80 a second in place of 20.
    kept = [
        simulate(fleet(share=share), steady(120), database=database).outcomes["ok"] / 600
        for share in (1.0, 0.25)
    ]
    assert kept == pytest.approx([20, 80], rel=0.05)


def test_a_share_leaves_the_other_statements_as_they_were():
    trace = steady(50)
    every, some = (statements(trace, fleet(share=share)) for share in (1.0, 0.3))
    asks = some > 0
    assert np.array_equal(some[asks], every[asks])
    assert asks.mean() == pytest.approx(0.3, abs=0.02)


def test_a_statement_that_takes_too_long_is_cancelled_and_makes_room():
    group = fleet(1, workers=2, time=Fixed(seconds=5), statement_timeout_seconds=1)
    trace = AtTimes(times=[0.0, 0.5, 60.0], duration_seconds=120, work=WORK)
    run = simulate(group, trace, database=Database(vcpus=1, max_connections=10), keep_records=True)
    assert run.outcomes["unanswered"] == 3
    # The second waits for its turn while its time-out runs already.
    assert run.records["finish"] == pytest.approx([1.02, 1.52, 61.02])
    executed = np.sum(run.column("database_executing") * run.column("seconds"))
    assert executed == pytest.approx(1 + 0.5 + 1)


def test_a_client_who_leaves_does_not_stop_the_statement():
    group = fleet(1, time=Fixed(seconds=5), application={"client_timeout_seconds": 3})
    trace = AtTimes(times=[0.0, 10.0], duration_seconds=60, work=WORK)
    run = simulate(group, trace, database=Database(vcpus=4, max_connections=9), keep_records=True)
    assert run.outcomes["timed_out"] == 2
    assert run.records["finish"] == pytest.approx([3, 13])
    assert np.sum(run.column("database_executing") * 60) == pytest.approx(2 * 5)


# --- connections ------------------------------------------------------------------------------


@pytest.mark.parametrize("prefilled", [False, True])
@pytest.mark.parametrize(("instances", "pool_size", "limit"), [(4, 5, 100), (4, 5, 20), (4, 5, 13)])
def test_a_fleet_opens_its_pools_and_never_more_than_the_limit(
    instances, pool_size, limit, prefilled
):
    group = fleet(instances, pool_size=pool_size, prefilled=prefilled)
    run = simulate(group, steady(60), database=Database(vcpus=2, max_connections=limit))
    opened = run.column("database_connections")
    assert opened.max() == min(instances * pool_size, limit)
    assert (run.outcomes["unconnected"] > 0) == (limit < instances * pool_size)
    assert (run.column("database_refused").sum() > 0) == (limit < instances * pool_size)


def test_a_pool_opens_no_more_than_the_workers_need_unless_it_is_filled_at_the_start():
    database = Database(vcpus=2, max_connections=1000)
    for prefilled, expected in ((False, 4 * 3), (True, 4 * 20)):
        group = fleet(4, workers=3, pool_size=20, prefilled=prefilled)
        run = simulate(group, steady(60), database=database)
        assert run.column("database_connections")[-1] == expected


def test_a_connection_that_is_refused_fails_its_request_at_once():
    group = fleet(1, workers=2, time=Fixed(seconds=5))
    trace = AtTimes(times=[0.0, 1.0, 10.0], duration_seconds=60, work=WORK)
    run = simulate(group, trace, database=Database(vcpus=4, max_connections=1), keep_records=True)
    assert run.records["finish"] == pytest.approx([5.02, 1.02, 15.02])
    assert run.outcomes["unconnected"] == 1
    assert run.column("database_refused").sum() == 1


def test_a_worker_waits_for_the_pool_no_longer_than_its_time_out():
    group = fleet(1, workers=3, time=Fixed(seconds=5), pool_size=1, pool_timeout_seconds=7)
    trace = AtTimes(times=[0.0, 1.0, 2.0], duration_seconds=60, work=WORK)
    run = simulate(group, trace, database=Database(vcpus=4, max_connections=9), keep_records=True)
    assert run.records["finish"] == pytest.approx([5.02, 10.02, 9.02])
    assert run.outcomes["unconnected"] == 1


def test_an_instance_that_goes_gives_its_connections_back():
    group = fleet(2, most=6, pool_size=10, prefilled=True)
    group = group.replace(
        desired_capacity=6,
        scheduled_actions=[
            ScheduledAction(name="fewer", recurrence="5 0 * * *", desired_capacity=2)
        ],
    )
    run = simulate(group, steady(10, 1800), database=Database(vcpus=8, max_connections=1000))
    assert run.column("database_connections")[[0, -1]].tolist() == [60, 20]


def test_a_crash_gives_them_back_too_and_a_restart_takes_them_again():
    crashes = {"crashes": [Crash(at_seconds=90)], "restart_seconds": 60}
    group = fleet(3, application=crashes, pool_size=10, prefilled=True)
    run = simulate(group, steady(10, 300), database=Database(vcpus=8, max_connections=1000))
    assert run.column("database_connections").tolist() == [30, 20, 30, 30, 30]


def test_a_proxy_serves_a_fleet_whose_pools_are_many_times_the_limit():
    group = fleet(40, pool_size=20, prefilled=True)
    direct = Database(vcpus=8, max_connections=50)
    without, behind = (
        simulate(group, steady(60), database=database)
        for database in (direct, direct.replace(proxy=PROXY))
    )
    assert without.outcomes["unconnected"] > 0
    assert behind.outcomes["unconnected"] == 0
    assert behind.outcomes["ok"] == behind.requests - behind.outcomes["unfinished"]
    assert 0 < behind.column("database_connections").max() < 50


def test_a_proxy_opens_the_percentage_that_it_is_given():
    proxy = ConnectionPoolConfiguration(max_connections_percent=60)
    database = Database(vcpus=50, max_connections=10, proxy=proxy)
    run = simulate(fleet(10), steady(200), database=database)
    assert run.column("database_connections").max() == 6
    assert run.outcomes["ok"] / 600 == pytest.approx(6 / 0.1, rel=0.05)


def test_who_waits_for_the_proxy_too_long_is_refused():
    proxy = PROXY.replace(max_connections_percent=10, connection_borrow_timeout_seconds=3)
    group = fleet(1, workers=2, time=Fixed(seconds=5))
    trace = AtTimes(times=[0.0, 1.0, 10.0], duration_seconds=60, work=WORK)
    database = Database(vcpus=4, max_connections=10, proxy=proxy)
    run = simulate(group, trace, database=database, keep_records=True)
    assert run.records["finish"] == pytest.approx([5.02, 4.02, 15.02])
    assert run.outcomes["unconnected"] == 1


# --- what is refused --------------------------------------------------------------------------

PLAIN = Database(vcpus=2, max_connections=100)
FAILOVER = Failover(at_seconds=140, duration_seconds=45)
SERVERLESS = DBCluster(name="orders", engine="aurora-mysql")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: simulate(fleet(), steady(1)), "web: application.queries needs a database to ask"),
        (
            lambda: simulate(fleet().replace(application=Application()), steady(1), database=PLAIN),
            "web: application.queries must say how it uses a database",
        ),
        (
            lambda: simulate(fleet(), steady(1), database=PLAIN, engine="fluid"),
            "a database needs single requests; engine='fluid' has none",
        ),
        (
            lambda: simulate(
                fleet(), ClosedLoop(connections=2, requests=9, work=WORK), database=PLAIN
            ),
            "a closed loop cannot be run against a database; use a trace",
        ),
        (
            lambda: simulate(
                [fleet(), fleet(pool_size=3).replace(name="green")], steady(1), database=PLAIN
            ),
            "groups 'web' and 'green' must have the same queries to stand behind one balancer",
        ),
        (
            lambda: PLAIN.replace(
                failovers=[FAILOVER, Failover(at_seconds=141, duration_seconds=1)]
            ),
            "must not overlap: one from 140 s for 45 s, the next at 141 s",
        ),
        (lambda: Database.of(SERVERLESS), "orders: needs a db_instance_class to be simulated"),
        (
            lambda: PLAIN.replace(
                proxy=PROXY.replace(max_connections_percent=1), max_connections=9
            ),
            "max_connections_percent 1 of 9 max_connections leaves the proxy no connection",
        ),
        (lambda: PLAIN.replace(vcpus=0), "Database.vcpus: 0 must be greater than or equal to 1"),
        (lambda: Failover(at_seconds=-1, duration_seconds=1), "Failover.at_seconds: -1"),
        (lambda: Failover(at_seconds=1, duration_seconds=0), "Failover.duration_seconds: 0"),
        (lambda: fleet(share=0), "Queries.share: 0 must be greater than 0"),
        (lambda: fleet(share=1.01), "Queries.share: 1.01 must be less than or equal to 1"),
        (lambda: fleet(pool_size=0), "Queries.pool_size: 0"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_one_line(make, says):
    with pytest.raises(InvalidInputError) as caught:
        make()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_of_a_resource_has_its_vcpus_and_its_connections():
    instance = DBInstance(
        name="orders", engine="mysql", db_instance_class="db.m5.xlarge", allocated_storage_gb=100
    )
    found = Database.of(instance, failovers=[FAILOVER])
    assert (found.vcpus, found.max_connections) == (4, int(instance.max_connections))
    assert found.failovers == (FAILOVER,)
    cluster = SERVERLESS.replace(db_instance_class="db.r6g.large")
    assert Database.of(cluster).max_connections == 1000
