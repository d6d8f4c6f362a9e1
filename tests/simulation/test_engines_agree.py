"""The compiled kernel and its readable twin agree bit for bit, request by request."""

import itertools

import numpy as np
import pytest
from both_engines import differences, trace

from models.simulation import kernel
from models.simulation.outcomes import (
    FAILED,
    NO_TARGET,
    OK,
    OUTCOMES,
    REJECTED,
    TIMED_OUT,
    UNFINISHED,
)
from models.simulation.targets import LEAST_OUTSTANDING, ROUND_ROBIN, Serving

SLOTS, WORKERS, SECONDS, MEAN = 5, 3, 20.0, 0.1
ROUTING = {
    "round robin": {"algorithm": ROUND_ROBIN},
    "slow start": {"algorithm": ROUND_ROBIN, "slow_start_seconds": 4.0},
    "least outstanding": {"algorithm": LEAST_OUTSTANDING},
    "weighted": {"algorithm": ROUND_ROBIN, "weights": (2.0, 1.0)},
    "weighted least outstanding": {"algorithm": LEAST_OUTSTANDING, "weights": (2.0, 1.0)},
    "sticky": {"algorithm": ROUND_ROBIN, "stickiness_seconds": 3.0},
}
SEEDS = range(10)


def groups_of(serving, slots):
    count = len(serving.weights)
    return [slots[number::count] for number in range(count)]


def all_slots(serving):
    return groups_of(serving, list(range(SLOTS)))


def calm(serving, rng):
    yield 0.0, lambda targets, seen: targets.route_to(all_slots(serving))
    yield from readings()


def readings():
    for instant in np.arange(1.0, SECONDS, 2.5):
        yield (
            float(instant),
            lambda targets, seen: seen.extend((targets.read(), targets.outstanding(0))),
        )


def crashes(serving, rng):
    yield 0.0, lambda targets, seen: targets.route_to(all_slots(serving))
    for instant in np.sort(rng.uniform(1, SECONDS - 1, 8)):
        slot = int(rng.integers(SLOTS))
        yield float(instant), lambda targets, seen, slot=slot: targets.fail(slot)
        yield (
            float(instant) + 0.05,
            lambda targets, seen, slot=slot: (targets.restore(slot), targets.ramp(slot)),
        )


def all_crash(serving, rng):
    yield 0.0, lambda targets, seen: targets.route_to(all_slots(serving))
    yield 4.0, lambda targets, seen: [targets.fail(slot) for slot in range(SLOTS)]
    yield 8.0, lambda targets, seen: [targets.restore(slot) for slot in range(SLOTS)]
    yield 12.0, lambda targets, seen: targets.route_to([[] for _ in serving.weights])
    yield 13.0, lambda targets, seen: targets.route_to(all_slots(serving))


def draining(serving, rng):
    yield 0.0, lambda targets, seen: targets.route_to(all_slots(serving))
    left = groups_of(serving, [0, 1, 3, 4])
    for start in (3.0, 9.0, 15.0):
        yield start, lambda targets, seen: targets.route_to(left)
        yield (
            start + 0.15,
            lambda targets, seen: (seen.append(targets.outstanding(2)), targets.cut(2)),
        )
        yield start + 1.0, lambda targets, seen: (targets.renew(2), targets.restore(2))
        yield (
            start + 2.0,
            lambda targets, seen: (targets.ramp(2), targets.route_to(all_slots(serving))),
        )


#: What happens; how much is asked, as a share of what the targets can do; the line; patience [s];
#: outcomes that must have been seen for the case to count.
CASES = {
    "calm": (calm, 0.6, 50, 1e9, {OK, UNFINISHED}),
    "overload": (calm, 1.4, 40, 0.6, {OK, TIMED_OUT}),
    "overload unnoticed": (calm, 1.4, 40, 0.6, {OK, TIMED_OUT}),
    "rejections": (calm, 1.4, 2, 1e9, {OK, REJECTED}),
    "crashes": (crashes, 0.8, 10, 0.9, {OK, FAILED}),
    "all crash": (all_crash, 0.8, 10, 0.9, {OK, FAILED, NO_TARGET}),
    "draining": (draining, 1.2, 10, 0.9, {OK, FAILED}),
}


def scenario(case, routing, seed, grid=0.0):
    script, load, places, patience, must = CASES[case]
    serving = Serving(
        workers=WORKERS, places=places, patience_seconds=patience, clients=40,
        abandons_line=case != "overload unnoticed", **ROUTING[routing],
    )  # fmt: skip
    mean = MEAN if not grid else 4 * grid
    requests = trace(SLOTS * WORKERS * load / mean, SECONDS, mean, seed, clients=40, grid=grid)
    steps = sorted(script(serving, np.random.default_rng(seed)), key=lambda step: step[0])
    if grid:
        steps = [(round(instant / grid) * grid, action) for instant, action in steps]
    return serving, requests, steps, must


@pytest.mark.parametrize("routing", ROUTING)
@pytest.mark.parametrize("case", CASES)
def test_kernel_and_twin_agree_request_by_request(case, routing):
    together = np.zeros(len(OUTCOMES))
    for seed in SEEDS:
        serving, requests, steps, must = scenario(case, routing, seed)
        found, outcomes = differences(serving, SLOTS, requests, steps)
        assert found == [], f"seed {seed}"
        together += outcomes
    assert all(together[outcome] > 0 for outcome in must), "the case did not produce its outcomes"


@pytest.mark.parametrize("routing", ROUTING)
@pytest.mark.parametrize("case", CASES)
def test_they_agree_where_everything_happens_at_the_same_instant(case, routing):
    grid = 1 / 32
    for seed in SEEDS:
        serving, requests, steps, _ = scenario(case, routing, seed, grid)
        found, outcomes = differences(serving, SLOTS, requests, steps)
        assert found == [], f"seed {seed}"
        assert outcomes[OK] > 0


def test_every_kernel_has_one_compiled_signature():
    serving, requests, steps, _ = scenario("crashes", "sticky", 0)
    differences(serving, SLOTS, requests, steps)
    for entry in kernel.ENTRY_POINTS:
        assert len(entry.signatures) == 1, entry


@pytest.mark.parametrize("case", CASES)
def test_every_arrival_ends_in_exactly_one_way(case):
    serving, requests, steps, _ = scenario(case, "round robin", 3)
    arrivals = sum(len(chunk.arrivals) for chunk in requests.chunks())
    _, outcomes = differences(serving, SLOTS, requests, steps)
    assert outcomes.sum() == arrivals


def planted(monkeypatch, name, broken):
    monkeypatch.setattr(f"models.simulation.twin.{name}", broken)


@pytest.mark.parametrize(
    "error",
    ["a finish is moved", "the line is last come first served", "a client stays", "the turn stays"],
)
def test_the_comparison_sees_a_planted_error(monkeypatch, error):
    from models.simulation.twin import ReadableTargets, Target

    begin, route_to = Target.begin, ReadableTargets.route_to
    if error == "a finish is moved":

        def late(self, request):
            request.work += 1e-12
            begin(self, request)

        planted(monkeypatch, "Target.begin", late)
    elif error == "the line is last come first served":
        from collections import deque

        class Stack(deque):
            popleft = deque.pop

        monkeypatch.setattr("models.simulation.twin.deque", Stack)
    elif error == "a client stays":
        planted(monkeypatch, "Target.give_up", lambda self, request, event: None)
    else:

        def keep_turn(self, groups):
            turns = list(self._turns)
            route_to(self, groups)
            self._turns = turns if any(turns) else self._turns

        planted(monkeypatch, "ReadableTargets.route_to", keep_turn)
    case = "draining" if error == "the turn stays" else "overload"
    serving, requests, steps, _ = scenario(case, "round robin", 0)
    found, _ = differences(serving, SLOTS, requests, steps)
    assert found


def test_work_drawn_once_serves_every_engine():
    _, requests, _, _ = scenario("calm", "round robin", 0)
    first, second = ([chunk.work for chunk in requests.chunks()] for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in itertools.zip_longest(first, second))
