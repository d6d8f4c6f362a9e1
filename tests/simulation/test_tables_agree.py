"""The compiled and the readable engine of tables agree second by second, to the bit."""

import numpy as np
import pytest

from models import workload
from models.scaling import ScheduledAction
from models.services.dynamodb import GlobalSecondaryIndex, ScalableTarget, Table
from models.simulation.tables import KeyDistribution, TableAssumptions, kernel, simulate_table, twin
from models.simulation.tables.keys import Partitions
from models.simulation.tables.state import (
    ACCOUNT,
    INDEX,
    KEY_RANGE,
    LIMITS,
    MAXIMUM,
    PEAK,
    PROVISIONED,
    new_state,
)

SECONDS = 240
#: What a case must bring about, or it would test nothing.
HAPPENS = {
    "provisioned": (PROVISIONED,), "large items": (PROVISIONED,), "indexes": (INDEX, PROVISIONED),
    "hot keys": (KEY_RANGE, PROVISIONED), "on demand": (MAXIMUM, ACCOUNT, PEAK),
    "on demand, hot": (KEY_RANGE, PEAK),
}  # fmt: skip


def limited(state, rng, scale):
    """On demand: limits near the load, each in its turn the smallest."""
    for place, _ in enumerate(LIMITS):
        state.limits[:, place] = rng.uniform(0.3, 1.5, 2) * scale
    return state


def on_partitions(state, rng):
    keys = KeyDistribution(keys=50, exponent=float(rng.uniform(0, 1.5)), hot_share=0.2)
    edges = Partitions(keys.weights(int(rng.integers(100))), int(rng.integers(1, 12))).edges
    return state._replace(edges=edges, heat=np.zeros(len(edges) - 1, dtype=np.int64))


def case(name, rng):
    """A table and the rate of its reads and writes."""
    units = rng.choice([0.5, 1.0, 2.0, 375 / 40, 1 / 3], 2)
    if name == "provisioned":
        return new_state(units, rng.integers(1, 300, 2), full_seconds=rng.uniform(0, 300)), 200
    if name == "large items":
        return new_state((100.0, 400.0), rng.integers(1, 300, 2), full_seconds=3.7), 3
    if name == "indexes":
        indexes = [(40.0, 1.0), (300.0, 0.7), (90.0, 2.0)]
        return new_state((1.0, 1.0), (60.0, 60.0), indexes, full_seconds=20), 70
    if name == "hot keys":
        return on_partitions(new_state(units, (9000.0, 3000.0)), rng), 8000
    state = limited(new_state(units, (np.inf, np.inf)), rng, 400 * units[:, None].mean())
    return (on_partitions(state, rng), 9000) if name == "on demand, hot" else (state, 400)


def copied(state):
    return type(state)(*(part if np.isscalar(part) else part.copy() for part in state))


def assert_same(one, other):
    for name, ours, theirs in zip(one._fields, one, other, strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


@pytest.mark.parametrize("name", HAPPENS)
def test_kernel_and_twin_agree_second_by_second(name):
    totals = 0
    for number in range(20):
        rng = np.random.default_rng([number, len(name)])
        ours, rate = case(name, rng)
        theirs = copied(ours)
        wave = rate * (1 + np.sin(np.arange(SECONDS) / 20))
        requests, spread = rng.poisson(wave, (2, SECONDS)), rng.random((2, SECONDS))
        for second in range(SECONDS):
            now = slice(second, second + 1)
            kernel.serve(ours, requests[:, now], spread[:, now])
            twin.serve(theirs, requests[:, now], spread[:, now])
            assert_same(ours, theirs)
        assert ours.counts.sum() == requests.sum()
        totals = totals + ours.counts.sum(axis=0)
    assert all(totals[reason] > 0 for reason in HAPPENS[name])


def test_many_seconds_at_once_are_the_same_as_one_by_one():
    rng = np.random.default_rng(3)
    ours, rate = case("indexes", rng)
    theirs = copied(ours)
    requests, spread = rng.poisson(rate, (2, SECONDS)), rng.random((2, SECONDS))
    kernel.serve(ours, requests, spread)
    for first in range(0, SECONDS, 7):
        twin.serve(theirs, requests[:, first : first + 7], spread[:, first : first + 7])
    assert_same(ours, theirs)


def runs():
    """Whole runs, in which the control plane changes what the engines read."""
    sale = workload.Spike(
        base_per_second=20, peak_per_second=300, at_seconds=1200, rise_seconds=600,
        hold_seconds=1200, duration_seconds=5400, seed=4,
    )  # fmt: skip
    scaling = ScalableTarget(
        min_capacity=10, max_capacity=400,
        scheduled_actions=[ScheduledAction(name="early", recurrence="10 0 * * *", min_size=50)],
    )  # fmt: skip
    table = Table(
        name="t", billing_mode="PROVISIONED", read_capacity_units=20, write_capacity_units=40,
        read_scaling=scaling, write_scaling=scaling, item_size_kb=0.8,
        global_secondary_indexes=[
            GlobalSecondaryIndex(index_name="i", read_capacity_units=1, write_capacity_units=150)
        ],
    )  # fmt: skip
    yield "auto scaling", {"table": table, "reads": sale, "writes": sale.replace(seed=5)}
    large = sale.scaled(40)
    keys = KeyDistribution(keys=100, exponent=1.1, hot_share=0.1)
    quick = TableAssumptions(isolation_seconds=180)
    yield (
        "on demand",
        {"table": Table(name="t"), "reads": large, "writes": large, "keys": keys,
         "assumptions": quick},
    )  # fmt: skip


@pytest.mark.parametrize(("name", "given"), [*runs()], ids=[name for name, _ in runs()])
def test_whole_runs_agree(name, given):
    ours, theirs = (simulate_table(**given, engine=engine) for engine in ("compiled", "readable"))
    np.testing.assert_array_equal(ours.counts, theirs.counts)
    assert ours.changes == theirs.changes
    assert ours.alarm_history == theirs.alarm_history
    for column in ours.timeline:
        np.testing.assert_array_equal(ours.column(column), theirs.column(column), err_msg=column)
    assert ours.throttled_share > 0.01
    if name == "auto scaling":
        assert len(ours.changes) > 5
        assert ours.throttled["index"] > 0
    else:
        assert ours.partitions > 12
