"""`simulate_functions`: functions and those who invoke them in; what happened, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from models.errors import InvalidInputError
from models.services.lambda_ import Function, Invocation
from models.services.lambda_.scalable import UTILIZATION
from models.simulation.activities import ActivityLog
from models.simulation.assumptions import Assumptions
from models.simulation.clock import CONTROL, Clock
from models.simulation.engines import refuse_too_many_records, say_readable_instead
from models.simulation.functions.assembling import functions_of, requests, serving_of
from models.simulation.functions.assumptions import FunctionAssumptions
from models.simulation.functions.pool import Asked, Functions
from models.simulation.functions.provisioned import (
    Allocation,
    Limits,
    ProvisionedConcurrency,
    utilization,
)
from models.simulation.functions.run import FunctionRun
from models.simulation.functions.serving import RECORD, Serving
from models.simulation.functions.timeline import FunctionTimeline
from models.simulation.functions.twin import ReadableFunctions
from models.simulation.run import AlarmChange
from models.simulation.scaling import DynamicScaling
from models.simulation.schedule import follow_schedule
from models.simulation.targets import Period
from models.simulation.timeline import ROW_SECONDS
from models.workload import Trace

ENGINES = ("compiled", "readable")
#: Lengths of a row that divide an hour, by which usage is metered. [s]
ROWS_SECONDS = (60, 300, 900, 3600)


def simulate_functions(
    invocations: Function | Invocation | Sequence[Function | Invocation],
    traces: Trace | Sequence[Trace],
    *,
    seed: int = 0,
    engine: str = "compiled",
    keep_records: bool = False,
    row_seconds: int = 60,
    assumptions: FunctionAssumptions | None = None,
) -> FunctionRun:
    """Run requests through Lambda functions of one account.

    Parameters
    ----------
    invocations : Function or Invocation, or several
        A function alone is invoked by clients that do not try again.
    traces : Trace, or one for each of `invocations`
        Who asks and when; `work` is the handler time of a warm invocation at the function's memory.
    seed : int
        Of the environments: init times, how long they stay. The requests have the traces' own.
    engine : str
        ``compiled`` or ``readable``: the same rules, the second as plain SimPy events.
    keep_records : bool
        Keep a row for each request, which takes memory.
    row_seconds : int
        Length of a row of the timeline: 60, 300, 900 or 3600. Each takes some 30 microseconds,
        which is most of the time of a long run with few requests. Policies need 60. [s]
    assumptions : FunctionAssumptions, optional
        Limits of the account, and what AWS does not document.

    Returns
    -------
    FunctionRun

    Raises
    ------
    InvalidInputError
        Where there is no such engine, the traces do not fit the functions, or these do not fit in
        one account.
    """
    several = _several(invocations)
    trace_of = (traces,) if isinstance(traces, Trace) else tuple(traces)
    _refuse_unlike(several, trace_of, engine)
    _refuse_rows(several, row_seconds)
    if keep_records:
        refuse_too_many_records(sum(trace.expected_requests for trace in trace_of), RECORD.itemsize)
    assumed = assumptions or FunctionAssumptions()
    clock = Clock()
    serving = serving_of(several, trace_of, seed, assumed)
    served = _engine(clock, serving, requests(several, trace_of, seed), engine,
                     keep_records=keep_records)  # fmt: skip
    control = _Control(clock, several, served, trace_of[0], assumed, row_seconds=row_seconds)
    end = trace_of[0].duration_seconds
    clock.run(until=clock.at(end, CONTROL))
    control.finish()
    return FunctionRun(
        duration_seconds=end,
        engine=engine,
        seed=seed,
        invocations=several,
        functions=functions_of(several),
        totals=served.totals(),
        allocations=tuple(control.allocations),
        alarm_history=tuple(control.alarm_history()),
        records=served.records if keep_records else None,
        _columns=control.timeline.columns(),
    )


def _several(
    invocations: Function | Invocation | Sequence[Function | Invocation],
) -> tuple[Invocation, ...]:
    given = (invocations,) if isinstance(invocations, Function | Invocation) else invocations
    return tuple(Invocation(function=one) if isinstance(one, Function) else one for one in given)


def _refuse_unlike(invocations: Sequence[Invocation], traces: Sequence[Trace], engine: str) -> None:
    if engine not in ENGINES:
        raise InvalidInputError(f"engine {engine!r} must be one of {', '.join(ENGINES)}")
    if not invocations or len(invocations) != len(traces):
        raise InvalidInputError(
            f"traces ({len(traces)}) must be as many as the functions that are invoked"
            f" ({len(invocations)}), at least one"
        )
    if len({(one.duration_seconds, one.start) for one in traces}) > 1:
        lasting = ", ".join(f"{one.start:%Y-%m-%dT%H:%MZ} for {one.duration_seconds:g} s"
                            for one in traces)  # fmt: skip
        raise InvalidInputError(
            f"traces must all have the same start and duration_seconds, not {lasting}"
        )


def _refuse_rows(invocations: Sequence[Invocation], row_seconds: int) -> None:
    if row_seconds not in ROWS_SECONDS:
        allowed = ", ".join(map(str, ROWS_SECONDS))
        raise InvalidInputError(f"row_seconds ({row_seconds}) must be one of {allowed} [s]")
    scaled = [one.name for one in functions_of(invocations) if one.provisioned_scaling]
    if scaled and row_seconds != ROW_SECONDS:
        raise InvalidInputError(
            f"row_seconds ({row_seconds}) must be {ROW_SECONDS:g} [s] with provisioned_scaling"
            f" ({', '.join(scaled)}): its metric has a datapoint a minute"
        )


def _engine(
    clock: Clock, serving: Serving, asked: Iterator[Asked], engine: str, *, keep_records: bool
) -> Functions:
    if engine == "compiled":
        try:
            from models.simulation.functions.compiled import CompiledFunctions
        except ImportError:
            say_readable_instead()
        else:
            return CompiledFunctions(clock, serving, asked, keep_records=keep_records)
    return ReadableFunctions(clock, serving, asked, keep_records=keep_records)


class _Control:
    """What AWS decides while the requests run: provisioned concurrency; and the timeline."""

    def __init__(
        self, clock: Clock, invocations: Sequence[Invocation], served: Functions, trace: Trace,
        assumed: FunctionAssumptions, *, row_seconds: int,
    ) -> None:  # fmt: skip
        self.clock, self._served = clock, served
        functions = functions_of(invocations)
        self._limits = Limits(functions, served)
        self.allocations: list[Allocation] = []
        self._scaling: list[DynamicScaling] = []
        log = ActivityLog(trace.start)
        for number, function in enumerate(functions):
            if function.provisioned_scaling is not None:
                self._follow(number, function, log, trace, assumed)
        self._before = self._now = served.totals()
        self._areas = np.zeros((2, 2, len(functions)))  # at the last two readings
        self.timeline = FunctionTimeline(self._before)
        clock.process(clock.every(row_seconds, trace.duration_seconds, self._watch))

    def _follow(
        self, number: int, function: Function, log: ActivityLog, trace: Trace,
        assumed: FunctionAssumptions,
    ) -> None:  # fmt: skip
        """Let policies and schedules change the provisioned concurrency of a function."""
        controller = ProvisionedConcurrency(
            self.clock, number, function, limits=self._limits, assumptions=assumed,
            note=self.allocations.append,
        )  # fmt: skip

        def used(_: Any) -> float | None:
            allocated = float(self._areas[1, 0, number] - self._areas[0, 0, number])
            return utilization(number, self._before, self._now, allocated)

        delays = Assumptions(metric_delivery_seconds=assumed.metric_delivery_seconds)
        self._scaling.append(DynamicScaling(controller, log, delays, {UTILIZATION: used}))
        follow_schedule(controller, log, trace)

    def _watch(self) -> None:
        self._read()
        for scaling in self._scaling:
            scaling.observe(_PERIOD)

    def _read(self) -> None:
        self._before, self._now = self._now, self._served.totals()
        self._areas = np.stack((self._areas[1], self._limits.areas(self.clock.now)))
        self.timeline.add(self._now, self._areas[1])

    def finish(self) -> None:
        """Close the last row; what is in hand is unfinished."""
        self._read()
        self._served.close()

    def alarm_history(self) -> list[AlarmChange]:
        """Changes of the alarms of all policies."""
        return [change for scaling in self._scaling for change in scaling.history]


#: A reading without targets: the metric of provisioned concurrency takes nothing from it.
_PERIOD = Period(ROW_SECONDS, (), (), np.zeros(0), 0.0, np.zeros(0))
