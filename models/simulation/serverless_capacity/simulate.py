"""Simulate the capacity of serverless Aurora under a trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError
from models.quotas import value_of
from models.services.rds import DBCluster
from models.simulation.engines import say_readable_instead
from models.simulation.serverless_capacity.assumptions import CapacityAssumptions
from models.simulation.serverless_capacity.run import CapacityRun
from models.simulation.serverless_capacity.twin import (
    COLUMNS,
    SECONDS_PER_ROW,
    ReadableCapacity,
    Rules,
)
from models.simulation.streams import stream
from models.theory.numbers import amount, whole
from models.workload import Trace

ENGINES = ("compiled", "readable")
#: Seconds whose requests are drawn together.
BLOCK_SECONDS = 86_400


def simulate_capacity(
    cluster: DBCluster,
    trace: Trace,
    *,
    acu_seconds_per_request: float,
    connection_seconds: float = 0.0,
    serverless_instances: int = 1,
    assumptions: CapacityAssumptions | None = None,
    seed: int = 0,
    engine: str = "compiled",
) -> CapacityRun:
    """Capacity of the serverless instances of a cluster, each second of a trace.

    Parameters
    ----------
    cluster : DBCluster
        With ``serverless_v2_scaling_configuration``.
    trace : Trace
        Who asks, and when. Requests of each second are drawn anew from its expected rate, so they
        are not those that other simulations of it draw; its `work` is not used.
    acu_seconds_per_request : float
        Work of a request: capacity that it takes x how long. AWS says what memory comes with an
        ACU and not what work it does, so this must be measured. [ACU-s]
    connection_seconds : float
        How long a connection stays open after its request; infinite for a pool that never closes
        one, and with which nothing ever pauses. [s]
    serverless_instances : int
        The writer, and readers of promotion tier 0 or 1, which have its capacity.
    assumptions : CapacityAssumptions, optional
        How fast capacity follows.
    seed : int
    engine : str
        ``compiled`` or ``readable``: same results, the second about a hundred times slower.

    Raises
    ------
    InvalidInputError

    Notes
    -----
    Documented: capacity by the second, steps of 0.5 ACU, faster from a larger capacity; a pause
    after `seconds_until_auto_pause` without a connection; about 15 s to resume, 30 s after more
    than a day (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html).
    Assumed: `CapacityAssumptions`; that nothing is charged while it resumes; that whoever asks
    meanwhile waits and is not turned away (AWS: with many at once some cannot connect). It begins
    awake, with the least capacity.
    """
    rules = _rules(
        cluster, acu_seconds_per_request, connection_seconds, assumptions or CapacityAssumptions()
    )
    rows = np.zeros((int(np.ceil(trace.duration_seconds / SECONDS_PER_ROW)), len(COLUMNS)))
    instance = _instance(rules, rows, engine)
    for counts in _counts(trace, seed):
        instance.advance(counts)
    return CapacityRun(
        duration_seconds=trace.duration_seconds,
        engine=engine,
        seed=seed,
        cluster=cluster,
        serverless_instances=whole("serverless_instances", serverless_instances),
        _columns=_columns(rows, trace.duration_seconds),
    )


def _instance(rules: Rules, rows: NDArray[np.float64], engine: str) -> Any:
    if engine not in ENGINES:
        raise InvalidInputError(f"engine {engine!r} must be one of {', '.join(ENGINES)}")
    if engine == "compiled":
        try:
            from models.simulation.serverless_capacity.kernel import CompiledCapacity
        except ImportError:
            say_readable_instead()
        else:
            return CompiledCapacity(rules, rows)
    return ReadableCapacity(rules, rows)


def _counts(trace: Trace, seed: int) -> Iterator[NDArray[np.int64]]:
    """Requests in each second, a day at a time."""
    seconds = int(np.ceil(trace.duration_seconds))
    for day, start in enumerate(range(0, seconds, BLOCK_SECONDS)):
        edges = np.arange(start, min(start + BLOCK_SECONDS, seconds) + 1, dtype=np.float64)
        expected = np.diff(trace.cumulative(np.minimum(edges, trace.duration_seconds)))
        yield stream(seed, "seconds", str(day)).poisson(np.maximum(expected, 0.0))


def _rules(
    cluster: DBCluster, work: float, connection: float, assumptions: CapacityAssumptions
) -> Rules:
    scaling = cluster.serverless_v2_scaling_configuration
    if scaling is None:
        raise InvalidInputError(
            f"{cluster.name}: serverless_v2_scaling_configuration must be given, or nothing scales"
        )
    forever = connection == float("inf")
    step = float(value_of("rds", "capacity_step_acu"))
    return Rules(
        work=float(amount("acu_seconds_per_request", work, unit="ACU-s", above_zero=True)),
        step=step,
        least=max(scaling.min_capacity_acu, step),
        most=scaling.max_capacity_acu,
        pause_after=scaling.pause_after_seconds,
        connection=connection if forever else float(amount("connection_seconds", connection)),
        resume=float(value_of("rds", "resume_seconds")),
        deep_resume=float(value_of("rds", "deep_resume_seconds")),
        deep_after=float(value_of("rds", "deep_sleep_after_seconds")),
        resume_acu=assumptions.resume_acu,
        target=assumptions.target_utilisation,
        weight=1 / assumptions.averaging_seconds,
        tolerated=assumptions.tolerated_queue_seconds,
        rise=assumptions.rise_acu_per_second,
        rise_share=assumptions.rise_share_per_second,
        fall_wait=assumptions.fall_wait_seconds,
        fall_share=assumptions.fall_share,
    )


def _columns(rows: NDArray[np.float64], duration: float) -> dict[str, NDArray[np.float64]]:
    """The timeline by name, one value for each minute."""
    starts = np.arange(len(rows)) * float(SECONDS_PER_ROW)
    lasted = np.minimum(np.ceil(duration) - starts, SECONDS_PER_ROW)
    columns = dict(zip(COLUMNS, rows.T.copy(), strict=True))
    mean = {
        "acu": columns["acu_seconds"] / lasted,
        "used_acu": columns["used_acu_seconds"] / lasted,
    }
    return {"start_seconds": starts, "seconds": lasted, **mean, **columns}
