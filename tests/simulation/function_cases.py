"""Small accounts that bring out each rule, and a way to run them on both engines."""

from dataclasses import replace

import numpy as np

from models.distributions import Exponential
from models.simulation.clock import CONTROL, Clock
from models.simulation.functions.compiled import CompiledFunctions
from models.simulation.functions.pool import Asked
from models.simulation.functions.serving import (
    DRAWN,
    DRAWN_ROWS,
    ROUTING,
    Backoff,
    Bucket,
    Caller,
    FunctionServing,
    Serving,
)
from models.simulation.functions.twin import ReadableFunctions

SECONDS = 300.0
ENGINES = {"compiled": CompiledFunctions, "readable": ReadableFunctions}


def drawn(seed=0, *, init=0.3, first_run=0.1, retention=(4.0, 12.0), life=(60.0, 120.0)):
    """What new environments bring; short lives, so that a short run sees them end."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(DRAWN_ROWS, dtype=DRAWN)
    rows["init"] = rng.exponential(init, DRAWN_ROWS)
    rows["first_run"] = rng.exponential(first_run, DRAWN_ROWS)
    rows["retention"] = rng.uniform(*retention, DRAWN_ROWS)
    rows["life"] = rng.uniform(*life, DRAWN_ROWS)
    return rows


def function(**fields):
    return FunctionServing(**{"pool": 0, "most_environments": 200, "drawn": drawn(), **fields})


def account(*functions, limits=(100,), **fields):
    return Serving(functions, limits, peak_rate_per_second=20.0, **fields)


def chain(caller, *, calls=3, **fields):
    """Functions that call each other in a row; the first is asked by clients."""
    last = calls - 1
    return tuple(
        function(column=n, calls=n + 1 if n < last else -1, caller=caller, seed=n + 1,
                 drawn=drawn(n), **fields)
        for n in range(calls)
    )  # fmt: skip


RETRIES = Caller(
    on_throttle=Backoff(4, 1.0, 20.0), on_failure=Backoff(3, 0.5, 20.0), jitter=True
)  # fmt: skip
IMPATIENT = replace(RETRIES, patience_seconds=1.5)
EVENTS = Caller(
    on_throttle=Backoff(float("inf"), 1.0, 300.0), on_failure=Backoff(3, 60.0, 120.0),
    most_age_seconds=63.0, counts_apart=True,
)  # fmt: skip

CASES = {
    **{f"routing {name}": account(function(routing=rule)) for name, rule in ROUTING.items()},
    "cold response replaces work": account(function(replaces_work=True, bills_init=False)),
    "time-out": account(function(timeout_seconds=1.0)),
    "failures": account(function(failure_share=0.2, seed=5)),
    "account limit": account(function(), limits=(8,)),
    "scaling rate": account(function(scaling=Bucket(0.5, 4.0))),
    "request rate": account(function(), requests_per_concurrency=0.09),
    "gateway": account(function(front=0), fronts=(Bucket(8.0, 3.0),)),
    "two functions behind one gateway": account(
        function(front=1, drawn=drawn(1)), function(front=1, drawn=drawn(2)),
        fronts=(Bucket(1.0, 1.0), Bucket(8.0, 3.0)),
    ),
    "placement": account(function(unbilled_seconds=2.0)),
    "reserved beside unreserved": account(
        function(pool=1, drawn=drawn(1)), function(drawn=drawn(2)), limits=(9, 5)
    ),
    "shared account": account(function(drawn=drawn(1)), function(drawn=drawn(2)), limits=(12,)),
    "client retries": account(function(client=RETRIES, failure_share=0.3, seed=3), limits=(8,)),
    "impatient clients": account(function(client=IMPATIENT, seed=3), limits=(10,)),
    "retry quota": account(
        function(client=replace(IMPATIENT, quota=50.0), failure_share=0.3, seed=3), limits=(8,)
    ),
    "events": account(function(client=EVENTS, failure_share=0.1, seed=9), limits=(9,)),
    "chain": account(*chain(Caller()), limits=(60,), columns=3),
    "chain that retries": account(
        *chain(RETRIES, timeout_seconds=6.0, failure_share=0.1, client=IMPATIENT),
        limits=(40,), columns=3,
    ),
    "chain whose callers give up": account(
        *chain(replace(IMPATIENT, patience_seconds=1.0), timeout_seconds=4.0),
        limits=(50,), columns=3,
    ),
    "patience that ends with the deadline": account(
        *chain(Caller(patience_seconds=2.0), timeout_seconds=3.0), columns=3
    ),
    "provisioned": account(function(), limits=(8,)),
    "provisioned with a rate": account(
        function(), limits=(12,), requests_per_concurrency=0.75
    ),
}  # fmt: skip

#: Provisioned concurrency by second, where a case has any.
PROVISIONED = {"provisioned": {20: 6, 100: 12, 180: 3}, "provisioned with a rate": {0: 5, 90: 2}}


def asked(serving, seed, *, chunk, rate=10.0, work=None, tied=False):
    """The same requests, in chunks of any size."""
    rng = np.random.default_rng(seed)
    count = int(rate * SECONDS)
    arrivals = np.sort(rng.uniform(0, SECONDS, count))
    works = (work or Exponential(mean_seconds=0.7)).draw(rng, count * serving.columns)
    works = works.reshape(count, serving.columns)
    if tied:
        arrivals, works = np.floor(arrivals), np.ceil(works)
    entries = [n for n, one in enumerate(serving.functions) if one.column == 0]
    which = rng.choice(entries, count).astype(np.int32)
    for first in range(0, count, chunk):
        last = min(first + chunk, count)
        end = SECONDS if last == count else arrivals[last]
        if last < count and arrivals[last] == arrivals[last - 1]:
            end = np.nextafter(arrivals[last], np.inf)
        yield Asked(float(end), arrivals[first:last], works[first:last], which[first:last])


def run(engine, name, seed=0, *, chunk=10_000, tied=False, every=37.0):
    """A case from start to end; its totals at every reading, and its records."""
    serving, clock = CASES[name], Clock()
    if tied:
        serving = replace(serving, functions=tuple(whole(one) for one in serving.functions))
    requests = asked(serving, seed, chunk=chunk, tied=tied)
    functions = ENGINES[engine](clock, serving, requests, keep_records=True)
    changes, readings = PROVISIONED.get(name, {}), []

    def control(_):
        if clock.now in changes:
            functions.set_provisioned(0, changes[clock.now])
            functions.set_limit(0, serving.limits[0] - changes[clock.now] // 3)
        readings.append(functions.totals())

    for second in sorted({*np.arange(every, SECONDS, every), *changes}):
        clock.at(float(second), CONTROL, control)
    clock.run(until=clock.at(SECONDS, CONTROL))
    functions.close()
    return [*readings, functions.totals()], functions.records


def whole(one):
    """The same function with whole seconds everywhere, so that much happens at one instant."""
    rows = one.drawn.copy()
    for field in rows.dtype.names:
        rows[field] = np.ceil(rows[field])
    policies = {
        who: replace(getattr(one, who), jitter=False, patience_seconds=np.ceil(
            getattr(one, who).patience_seconds)) for who in ("client", "caller")
    }  # fmt: skip
    return replace(one, drawn=rows, **policies)


__all__ = ["CASES", "run"]
