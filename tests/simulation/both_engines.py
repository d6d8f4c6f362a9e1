"""Runs the compiled and the readable engine on the same requests, and compares everything."""

import itertools
from dataclasses import asdict

import numpy as np

from models.distributions import Fixed, LogNormal
from models.simulation.clock import Clock
from models.simulation.compiled import CompiledTargets
from models.simulation.outcomes import OUTCOMES
from models.simulation.targets import Period
from models.simulation.twin import ReadableTargets
from models.workload import AtTimes, Constant

FIELDS = ("slot", "outcome", "start", "finish")


def trace(rate, seconds, mean_seconds, seed, clients=0, grid=0.0):
    """Lognormal work; or, with a grid, constant work and arrivals that all fall on it."""
    if not grid:
        work = LogNormal.of_mean(mean_seconds, cv=0.5)
        return Constant(
            rate_per_second=rate, duration_seconds=seconds, work=work, seed=seed, clients=clients
        )
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(0, int(seconds / grid), int(rate * seconds))) * grid
    return AtTimes(
        times=times, duration_seconds=seconds, work=Fixed(seconds=mean_seconds), seed=seed,
        clients=clients,
    )  # fmt: skip


def serve(engine, serving, slots, requests, script):
    """Drive one engine through a script of (instant, action on the engine and a list)."""
    clock, seen = Clock(), []
    targets = engine(clock, serving, requests, keep_records=True)
    targets.grow_to(slots)
    for slot in range(slots):
        targets.restore(slot)

    def control():
        for instant, action in script:
            yield clock.until(instant)
            action(targets, seen)

    clock.process(control())
    clock.run_to(requests.duration_seconds)
    targets.close()
    seen.append(targets.read())
    return targets.records, seen


def compiled_targets(clock, serving, requests, keep_records):
    return CompiledTargets(clock, serving, requests.chunks(), keep_records=keep_records)


def readable_targets(clock, serving, requests, keep_records):
    return ReadableTargets(clock, serving, requests.chunks(), keep_records=keep_records)


def differences(serving, slots, requests, script, engines=(compiled_targets, readable_targets)):
    """Everything in which the two engines differ, in words; and the outcomes that were seen."""
    compiled, seen = serve(engines[0], serving, slots, requests, script)
    readable, expected = serve(engines[1], serving, slots, requests, script)
    found = []
    if len(compiled) != len(readable):
        return [f"{len(compiled)} against {len(readable)} requests"], np.zeros(len(OUTCOMES))
    for field in FIELDS:
        unlike = compiled[field] != readable[field]
        if field == "start":
            unlike &= ~(np.isnan(compiled[field]) & np.isnan(readable[field]))
        if unlike.any():
            found.append(f"{field} of request {np.flatnonzero(unlike)[0]}")
    for number, (one, other) in enumerate(itertools.zip_longest(seen, expected)):
        found += [f"reading {number}: {what}" for what in reading_differences(one, other)]
    return found, np.bincount(compiled["outcome"], minlength=len(OUTCOMES))


def reading_differences(one, other):
    """Fields in which two readings differ: work to 1e-9 of a second, all else exactly."""
    if not isinstance(one, Period):
        return [] if one == other else [f"{one} against {other}"]
    exact = {
        "seconds": one.seconds == other.seconds,
        "routed": list(one.routed) == list(other.routed),
        "outcomes": np.array_equal(one.outcomes, other.outcomes),
        "histogram": np.array_equal(one.histogram, other.histogram),
        # Sums of the same numbers in another order.
        "latency": np.isclose(one.latency_sum_seconds, other.latency_sum_seconds, rtol=1e-9),
        "work": np.allclose(one.work, other.work, rtol=1e-9, atol=1e-9),
    }
    if one.database is not None:
        was, wanted = asdict(one.database), asdict(other.database)
        exact["busy"] = np.isclose(was.pop("busy_seconds"), wanted.pop("busy_seconds"), rtol=1e-9)
        exact["database"] = was == wanted
    return [name for name, same in exact.items() if not same]
