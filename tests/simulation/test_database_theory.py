"""Statements against queueing theory, as `test_against_theory` does with requests.

Statements arrive as requests leave workers of which there are always enough, which makes them a
Poisson stream again whatever the workers' own part takes.
"""

import numpy as np
import pytest
from test_against_theory import REPLICATIONS, WARM_SHARE, agrees

from models import simulate, theory
from models.distributions import Exponential, Fixed, LogNormal
from models.services.autoscaling import Application, AutoScalingGroup, Queries
from models.services.rds import ConnectionPoolConfiguration
from models.simulation.database import Database
from models.simulation.outcomes import OK
from models.workload import Constant

WORK, STATEMENT, MANY = 0.04, 0.1, 300


def runs(
    rate, *, vcpus, instances=1, pool_size=MANY, proxied=0, seconds=2000.0,
    statement=STATEMENT, time=None, timeout=None,
):  # fmt: skip
    """Requests of each replication, their statements asked of one database."""
    queries = Queries(
        time=time or Exponential(mean_seconds=statement), pool_size=pool_size,
        pool_timeout_seconds=1e6, statement_timeout_seconds=timeout,
    )  # fmt: skip
    application = Application(workers=MANY, queries=queries)
    web = AutoScalingGroup(
        name="web", min_size=instances, max_size=instances, application=application
    )
    proxy = ConnectionPoolConfiguration(max_connections_percent=100) if proxied else None
    database = Database(vcpus=vcpus, max_connections=proxied or 10_000, proxy=proxy)
    for seed in range(REPLICATIONS):
        trace = Constant(
            rate_per_second=rate, duration_seconds=seconds, work=LogNormal.of_mean(WORK, cv=1),
            seed=seed,
        )  # fmt: skip
        run = simulate(web, trace, database=database, keep_records=True)
        arrivals = np.concatenate([chunk.arrivals for chunk in trace.chunks()])
        warm = arrivals > seconds * WARM_SHARE
        yield arrivals[warm], run.records[warm]


def mean_responses(*args, **options):
    """Mean time to an answer of each replication."""
    found = []
    for arrivals, kept in runs(*args, **options):
        answered = kept["outcome"] == OK
        found.append(float(np.mean((kept["finish"] - arrivals)[answered])))
    return found


@pytest.mark.parametrize(("vcpus", "load"), [(1, 0.5), (1, 0.8), (4, 0.8), (16, 0.9)])
def test_an_answer_takes_the_own_part_and_an_mmc_response(vcpus, load):
    rate = vcpus * load / STATEMENT
    expected = WORK + theory.mmc_mean_response_seconds(rate, STATEMENT, vcpus)
    assert agrees(mean_responses(rate, vcpus=vcpus), expected)


@pytest.mark.parametrize("time", [Fixed(seconds=0.1), LogNormal.of_mean(0.1, cv=1.5)])
def test_an_answer_of_one_vcpu_takes_what_pollaczek_and_khinchine_say(time):
    found = mean_responses(7.0, vcpus=1, time=time, seconds=20_000.0)
    wait = theory.mg1_mean_wait_seconds(7.0, STATEMENT, time.cv2)
    assert agrees(found, WORK + wait + STATEMENT)


def test_instances_share_one_line_at_the_database():
    expected = WORK + theory.mmc_mean_response_seconds(32.0, STATEMENT, 4)
    assert agrees(mean_responses(32.0, vcpus=4, instances=5), expected)


def test_a_pool_that_is_smaller_than_the_database_is_the_queue():
    expected = WORK + theory.mmc_mean_response_seconds(24.0, STATEMENT, 3)
    assert agrees(mean_responses(24.0, vcpus=9, pool_size=3), expected)


def test_a_proxy_with_few_connections_is_one_queue_for_all_instances():
    expected = WORK + theory.mmc_mean_response_seconds(24.0, STATEMENT, 3)
    assert agrees(mean_responses(24.0, vcpus=9, instances=5, proxied=3), expected)


def test_statements_that_never_wait_are_cancelled_as_often_as_they_are_longer():
    shares = [
        float(np.mean(kept["outcome"] != OK)) for _, kept in runs(40.0, vcpus=64, timeout=0.25)
    ]
    assert agrees(shares, float(np.exp(-0.25 / STATEMENT)))


def test_slower_statements_are_noticed():
    expected = WORK + theory.mmc_mean_response_seconds(32.0, STATEMENT, 4)
    assert not agrees(mean_responses(32.0, vcpus=4, statement=0.103), expected)


def test_a_connection_too_many_is_noticed():
    expected = WORK + theory.mmc_mean_response_seconds(24.0, STATEMENT, 3)
    assert not agrees(mean_responses(24.0, vcpus=9, pool_size=4), expected)
