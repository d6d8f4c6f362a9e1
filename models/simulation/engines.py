"""Which engine serves a run, what it keeps, and how long it goes on."""

from __future__ import annotations

import warnings
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError
from models.services.autoscaling import AutoScalingGroup
from models.services.ecs import Service
from models.simulation.clock import Clock
from models.simulation.database.tier import Database, fail_over, with_statements
from models.simulation.database.twin import ReadableCallingTargets
from models.simulation.fluid import FluidTargets
from models.simulation.fluid_latency import add_latencies
from models.simulation.group import Steps
from models.simulation.targets import ALGORITHMS, RECORD, Serving, Targets
from models.simulation.timeline import Timeline
from models.simulation.twin import ReadableTargets
from models.units import BYTES_PER_GB
from models.workload import ClosedLoop, Trace

if TYPE_CHECKING:
    from models.simulation.database.compiled import CompiledCallingTargets

ENGINES = ("compiled", "readable", "fluid")
#: Records of more than this are refused. [GB]
MOST_RECORDS_GB = 4.0


def targets(
    clock: Clock, group: AutoScalingGroup | Service, weights: tuple[float, ...],
    trace: Trace | ClosedLoop, engine: str, *, keep_records: bool,
    database: Database | None = None,
) -> Targets:  # fmt: skip
    """The engine called `engine`, ready to serve.

    Raises
    ------
    InvalidInputError
        Where there is no such engine, or it cannot serve this trace.
    """
    if engine not in ENGINES:
        raise InvalidInputError(f"engine {engine!r} must be one of {', '.join(ENGINES)}")
    serving = _serving(group, weights, trace)
    if group.application.queries is not None and database is None:
        raise InvalidInputError(f"{group.name}: application.queries needs a database to ask")
    if isinstance(trace, ClosedLoop):
        if database is not None:
            raise InvalidInputError("a closed loop cannot be run against a database; use a trace")
        if engine == "fluid":
            raise InvalidInputError("a closed loop needs single requests; engine='fluid' has none")
        return ReadableTargets(clock, serving, iter(()), keep_records=keep_records)
    if keep_records:
        _refuse_records(trace, engine)
    if database is not None:
        return _calling(
            clock, group, serving, trace, engine=engine, database=database,
            keep_records=keep_records,
        )  # fmt: skip
    if engine == "fluid":
        return FluidTargets(clock, serving, trace)
    if engine == "compiled":
        try:
            from models.simulation.compiled import CompiledTargets
        except ImportError:
            say_readable_instead()
        else:
            return CompiledTargets(clock, serving, trace.chunks(), keep_records=keep_records)
    return ReadableTargets(clock, serving, trace.chunks(), keep_records=keep_records)


def _calling(
    clock: Clock, group: AutoScalingGroup | Service, serving: Serving, trace: Trace, *, engine: str,
    database: Database, keep_records: bool,
) -> Targets:  # fmt: skip
    """The engine for targets that call a database."""
    queries = group.application.queries
    if queries is None:
        raise InvalidInputError(
            f"{group.name}: application.queries must say how it uses a database"
        )
    if engine == "fluid":
        raise InvalidInputError("a database needs single requests; engine='fluid' has none")
    chunks, used = with_statements(trace, queries), database.serving(queries)
    targets: CompiledCallingTargets | ReadableCallingTargets | None = None
    if engine == "compiled":
        try:
            from models.simulation.database.compiled import CompiledCallingTargets
        except ImportError:
            say_readable_instead()
        else:
            targets = CompiledCallingTargets(
                clock, serving, chunks, used, keep_records=keep_records
            )
    if targets is None:
        targets = ReadableCallingTargets(clock, serving, chunks, used, keep_records=keep_records)
    clock.process(fail_over(clock, targets, database.failovers))
    return targets


@cache
def say_once(text: str) -> None:
    """Warn of something, the first time only."""
    warnings.warn(text, RuntimeWarning, stacklevel=5)


def say_readable_instead() -> None:
    """Warn, once, that the readable engine runs because there is no numba."""
    say_once(
        "numba cannot be imported here, so the readable engine runs in place of the"
        " compiled one: same results, about a hundred times slower."
    )


def run(clock: Clock, engine: Targets, trace: Trace | ClosedLoop) -> float:
    """Run until the trace is over; the time it lasted. [s]"""
    if isinstance(trace, Trace):
        clock.run_to(trace.duration_seconds)
        return trace.duration_seconds
    assert isinstance(engine, ReadableTargets)
    return _closed_loop(clock, engine, trace)


def _closed_loop(clock: Clock, engine: ReadableTargets, loop: ClosedLoop) -> float:
    """Each connection sends, waits for the outcome, thinks, and sends again."""
    rng = np.random.default_rng(loop.seed)
    work = iter(loop.work.draw(rng, loop.requests).tolist())
    thinking = iter(loop.think_time.draw(rng, loop.requests).tolist())

    def connection() -> Steps:
        for work_seconds in work:
            yield engine.request(work_seconds)
            thinks = next(thinking)
            if thinks:
                yield clock.after(thinks)

    connections = [clock.process(connection()) for _ in repeat(None, loop.connections)]
    clock.run(until=clock.all_of(connections))
    return float(clock.now)


def latencies(
    timeline: Timeline, trace: Trace | ClosedLoop, group: AutoScalingGroup | Service, *, whole: bool
) -> dict[str, Any]:
    """The parts of a run that hold latencies: measured, or for a stream from theory."""
    columns = timeline.columns()
    histogram, total = timeline.histogram, timeline.latency_sum_seconds
    if not whole:
        histogram, total = add_latencies(columns, trace.work, group.application.workers)
    return {"_columns": columns, "_histogram": histogram, "_latency_sum_seconds": total}


def records(engine: Any) -> NDArray[np.void]:
    """One row for each request, in order of arrival; see `targets.RECORD`."""
    kept: NDArray[np.void] = engine.records
    return kept


def _serving(
    group: AutoScalingGroup | Service, weights: tuple[float, ...], trace: Trace | ClosedLoop
) -> Serving:
    application, attributes = group.application, group.target_group
    clients = getattr(trace, "clients", 0)
    if attributes.stickiness_duration_seconds and not clients:
        raise InvalidInputError(
            "stickiness_duration_seconds needs a trace that tells clients apart: give it `clients`"
        )
    patience = min(application.client_timeout_seconds or np.inf, attributes.idle_timeout_seconds)
    return Serving(
        workers=application.workers,
        places=application.queue_length,
        patience_seconds=float(patience),
        abandons_line=application.notices_abandonment,
        algorithm=ALGORITHMS[attributes.algorithm],
        weights=weights,
        slow_start_seconds=float(attributes.slow_start_duration_seconds),
        stickiness_seconds=float(attributes.stickiness_duration_seconds),
        clients=clients,
    )


def _refuse_records(trace: Trace, engine: str) -> None:
    if engine == "fluid":
        raise InvalidInputError("engine='fluid' has no single requests to keep records of")
    refuse_too_many_records(trace.expected_requests, RECORD.itemsize)


def refuse_too_many_records(expected_requests: float, bytes_each: int) -> None:
    """Refuse to keep records that would not fit in memory.

    Raises
    ------
    InvalidInputError
        With what they would take.
    """
    estimate_gb = expected_requests * bytes_each / BYTES_PER_GB
    if estimate_gb > MOST_RECORDS_GB:
        raise InvalidInputError(
            f"records of about {expected_requests:,.0f} requests would take"
            f" {estimate_gb:,.1f} GB of memory, and at most {MOST_RECORDS_GB:g} GB are kept;"
            " shorten the trace or leave keep_records off"
        )
