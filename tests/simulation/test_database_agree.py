"""Kernel and twin agree request by request where the workers call a database."""

from functools import partial

import numpy as np
import pytest
from both_engines import differences, trace

from models.simulation import kernel
from models.simulation.database.compiled import CompiledCallingTargets
from models.simulation.database.serving import DatabaseServing
from models.simulation.database.twin import EXECUTES, WAITS_FOR_TURN, ReadableCallingTargets
from models.simulation.outcomes import (
    FAILED,
    OK,
    OUTCOMES,
    REJECTED,
    TIMED_OUT,
    UNANSWERED,
    UNCONNECTED,
)
from models.simulation.targets import LEAST_OUTSTANDING, ROUND_ROBIN, Serving

SLOTS, WORKERS, SECONDS = 4, 5, 20.0
WORK, STATEMENT = 0.04, 0.06
SEEDS = range(8)


def statements(requests, mean_seconds, grid):
    """The same requests, three in four of them with a statement."""
    for number, chunk in enumerate(requests.chunks()):
        rng = np.random.default_rng([7, number])
        seconds = rng.exponential(mean_seconds, len(chunk.arrivals))
        if grid:
            seconds = np.ceil(seconds / grid) * grid
        seconds[rng.random(len(seconds)) < 0.25] = 0.0
        yield chunk._replace(statements=seconds)


def engines(database, grid):
    def made(kind, clock, serving, requests, keep_records):
        mean_seconds = STATEMENT if not grid else 3 * grid
        chunks = statements(requests, mean_seconds, grid)
        return kind(clock, serving, chunks, database, keep_records=keep_records)

    return partial(made, CompiledCallingTargets), partial(made, ReadableCallingTargets)


def all_slots(targets, seen):
    targets.route_to([list(range(SLOTS))])


def calm(rng):
    yield 0.0, all_slots
    for instant in np.arange(1.0, SECONDS, 2.5):
        yield (
            float(instant),
            lambda targets, seen: seen.extend(
                (targets.read(), targets.outstanding(1), targets.waiting(2))
            ),
        )


def crashes(rng):
    yield from calm(rng)
    for instant in np.sort(rng.uniform(1, SECONDS - 1, 8)):
        slot = int(rng.integers(SLOTS))
        yield float(instant), lambda targets, seen, slot=slot: targets.fail(slot)
        yield float(instant) + 0.25, lambda targets, seen, slot=slot: targets.restore(slot)


def cuts(rng):
    yield from calm(rng)
    for instant in np.sort(rng.uniform(1, SECONDS - 1, 8)):
        slot = int(rng.integers(SLOTS))
        yield float(instant), lambda targets, seen, slot=slot: targets.cut(slot)


def grows(rng):
    yield from calm(rng)
    more = range(SLOTS, SLOTS + 3)
    yield 8.0, lambda targets, seen: targets.grow_to(SLOTS + 3)
    yield 9.0, lambda targets, seen: [targets.restore(slot) for slot in more]
    yield 9.0, lambda targets, seen: targets.route_to([list(range(SLOTS + 3))])


def failover(rng):
    yield from calm(rng)
    for instant in (4.0, 11.0):
        yield instant, lambda targets, seen: targets.lose_database()
        yield instant + 2.0, lambda targets, seen: targets.regain_database()


def both(rng):
    yield from crashes(rng)
    for instant, action in failover(rng):
        if instant in (4.0, 6.0, 11.0, 13.0):
            yield instant, action


def replaced(rng):
    yield from calm(rng)
    for instant in (3.0, 9.0):
        yield instant, lambda targets, seen: targets.route_to([[0, 1, 3]])
        yield instant + 0.03, lambda targets, seen: targets.cut(2)
        yield instant + 0.75, lambda targets, seen: targets.fail(2)
        yield instant + 1.0, lambda targets, seen: (targets.renew(2), targets.restore(2))
        yield instant + 1.5, all_slots


#: What happens; load as a share of what the workers could do alone; servers, connections, and the
#: rest of the database; how the targets serve; outcomes that must have been seen.
CASES = {
    "plenty": (calm, 0.5, {"servers": 9, "connections": 100}, {}, {OK}),
    "database is the bottleneck": (calm, 0.6, {"servers": 3, "connections": 100}, {}, {OK}),
    "too few connections": (calm, 0.6, {"servers": 9, "connections": 11}, {}, {OK, UNCONNECTED}),
    "pool too small": (
        calm, 0.7, {"servers": 9, "connections": 99, "pool_size": 2, "pool_timeout_seconds": 0.1},
        {}, {OK, UNCONNECTED},
    ),
    "prefilled": (
        replaced, 0.7, {"servers": 9, "connections": 14, "pool_size": 4, "prefilled": True},
        {}, {OK, UNCONNECTED, FAILED},
    ),
    "statements cancelled": (
        calm, 0.8, {"servers": 2, "connections": 99, "statement_timeout_seconds": 0.25}, {},
        {OK, UNANSWERED},
    ),
    "clients leave": (
        calm, 1.1, {"servers": 4, "connections": 99},
        {"patience_seconds": 0.5, "places": 30}, {OK, TIMED_OUT},
    ),
    "clients leave unnoticed": (
        calm, 1.1, {"servers": 4, "connections": 99},
        {"patience_seconds": 0.5, "places": 30, "abandons_line": False}, {OK, TIMED_OUT},
    ),
    "rejections": (calm, 1.2, {"servers": 3, "connections": 99}, {"places": 2}, {OK, REJECTED}),
    "least outstanding": (
        crashes, 0.7, {"servers": 4, "connections": 99},
        {"algorithm": LEAST_OUTSTANDING, "patience_seconds": 0.9}, {OK, FAILED},
    ),
    "crashes": (crashes, 0.8, {"servers": 3, "connections": 16, "pool_size": 4}, {}, {OK, FAILED}),
    "a fleet that grows with requests in line": (
        grows, 1.3, {"servers": 9, "connections": 25, "pool_size": 4, "prefilled": True}, {},
        {OK, UNCONNECTED},
    ),
    "cut and asked again": (
        cuts, 0.8, {"servers": 3, "connections": 12, "pool_size": 3}, {}, {OK, FAILED},
    ),
    "cut and asked again behind a proxy": (
        cuts, 0.8, {"servers": 3, "connections": 4, "pool_size": 2, "proxied": True}, {},
        {OK, FAILED},
    ),
    "proxy": (
        calm, 0.7, {"servers": 4, "connections": 5, "proxied": True, "pool_size": 5}, {}, {OK},
    ),
    "proxy lends too late": (
        crashes, 0.9,
        {"servers": 2, "connections": 3, "proxied": True, "pool_size": 3,
         "borrow_timeout_seconds": 0.3, "statement_timeout_seconds": 0.2},
        {"patience_seconds": 1.5}, {OK, UNCONNECTED, UNANSWERED, FAILED},
    ),
    "failover": (failover, 0.7, {"servers": 4, "connections": 30}, {}, {OK, UNCONNECTED}),
    "failover behind a proxy": (
        failover, 0.7,
        {"servers": 4, "connections": 6, "proxied": True, "borrow_timeout_seconds": 1.0,
         "pool_size": 3},
        {}, {OK, UNCONNECTED},
    ),
    "failover and crashes": (
        both, 0.8, {"servers": 3, "connections": 12, "pool_size": 4, "pool_timeout_seconds": 0.5},
        {"patience_seconds": 1.0}, {OK, UNCONNECTED, FAILED},
    ),
    "failover and crashes behind a proxy": (
        both, 0.8, {"servers": 3, "connections": 4, "pool_size": 3, "proxied": True},
        {"patience_seconds": 3.0}, {OK, UNCONNECTED, FAILED},
    ),
}  # fmt: skip


def compared(case, seed, grid=0.0):
    script, load, base, serves, must = CASES[case]
    serving = Serving(
        workers=WORKERS,
        **{"places": 20, "algorithm": ROUND_ROBIN, "patience_seconds": 1e9} | serves,
    )
    work = WORK if not grid else 2 * grid
    statement = STATEMENT if not grid else 3 * grid
    rate = SLOTS * WORKERS * load / (work + 0.75 * statement)
    requests = trace(rate, SECONDS, work, seed, grid=grid)
    steps = sorted(script(np.random.default_rng(seed)), key=lambda step: step[0])
    if grid:
        steps = [(round(instant / grid) * grid, action) for instant, action in steps]
    found = differences(serving, SLOTS, requests, steps, engines(DatabaseServing(**base), grid))
    return *found, must, sum(len(chunk.arrivals) for chunk in requests.chunks())


@pytest.mark.parametrize("case", CASES)
def test_kernel_and_twin_agree_request_by_request(case):
    together = np.zeros(len(OUTCOMES))
    for seed in SEEDS:
        found, outcomes, must, arrivals = compared(case, seed)
        assert found == [], f"seed {seed}"
        assert outcomes.sum() == arrivals
        together += outcomes
    assert all(together[outcome] > 0 for outcome in must), "the case did not produce its outcomes"


@pytest.mark.parametrize("case", CASES)
def test_they_agree_where_everything_happens_at_the_same_instant(case):
    for seed in SEEDS:
        found, outcomes, _, _ = compared(case, seed, grid=1 / 32)
        assert found == [], f"seed {seed}"
        assert outcomes[OK] > 0


def test_every_kernel_of_a_database_has_one_compiled_signature():
    compared("prefilled", 0)
    compared("failover behind a proxy", 0)
    for entry in kernel.CALLING_ENTRY_POINTS:
        assert len(entry.signatures) == 1, entry


def lend_while_down(database):
    while database.proxy and database.opened < database.serving.connections:
        database.opened += 1
        database.execute(database.proxy.popleft())


def keep_connection(target):
    if target.pool:
        target.database.ask(target.pool.popleft())


def keep_what_was_lent(database, call):
    if call.state == EXECUTES:
        database.executing.remove(call)
        database.busy_seconds += database.clock.now - call.began
    elif call.state == WAITS_FOR_TURN:
        database.turn.remove(call)


@pytest.mark.parametrize(
    ("case", "name", "error"),
    [
        ("failover behind a proxy", "Database.lend", lend_while_down),
        ("crashes", "CallingTarget.give_back", keep_connection),
        ("proxy", "Database.leave", keep_what_was_lent),
        ("crashes", "CallingTarget.close_pool", lambda target: None),
    ],
)
def test_the_comparison_sees_a_planted_error(monkeypatch, case, name, error):
    monkeypatch.setattr(f"models.simulation.database.twin.{name}", error)
    found, *_ = compared(case, 0)
    assert found
