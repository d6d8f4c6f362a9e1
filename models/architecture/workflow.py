"""A tier of functions in stages: what has been through one goes on to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.architecture.functions import ROW_SECONDS, billed_ms
from models.architecture.load import Load
from models.architecture.tiers import overload
from models.errors import InvalidInputError
from models.metering import Usage
from models.quotas import value_of
from models.resource import Resource
from models.services.lambda_ import Client, Function, Invocation
from models.services.lambda_.rules import MS_PER_SECOND
from models.services.sqs import Queue
from models.services.stepfunctions import StateMachine
from models.simulation import FunctionRun, simulate_functions
from models.simulation.functions.outcomes import OK, OUTCOMES, UNFINISHED
from models.simulation.latency import BUCKETS, LOWER, quantile_seconds
from models.units import SECONDS_PER_HOUR, BillingPeriod
from models.workload import AtTimes, Trace

Times = NDArray[np.float64]
#: Retries of a task that calls a function, as Step Functions sets them up: after 1, 2 and 4 s.
#: Documented: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
RETRIES = Client(attempts=4, base_seconds=1, throttle_base_seconds=1, jitter=False)


@dataclass(frozen=True)
class Step:
    """One function of a workflow.

    Parameters
    ----------
    function : Function
    share : float
        Of the work of a request that it does; all steps together do the whole. [share]
    slowdown : float
        How much longer it takes at its memory than the trace says.
    """

    function: Function
    share: float
    slowdown: float = 1.0

    @property
    def factor(self) -> float:
        """Its handler time over the work of a request."""
        return self.share * self.slowdown


@dataclass(frozen=True)
class WorkflowRun:
    """What happened to the executions of a workflow.

    Parameters
    ----------
    workflow : Workflow
    duration_seconds : float
        [s]
    runs : tuple of FunctionRun
        One of each stage that anything reached.
    took_seconds : array
        From start to end, of each execution that succeeded. [s]
    outcomes : mapping of str to float
        Executions by how they ended.
    tasks : float
        Attempts of all steps of all executions.
    """

    workflow: Workflow
    duration_seconds: float
    runs: tuple[FunctionRun, ...]
    took_seconds: Times = field(repr=False)
    outcomes: Mapping[str, float]
    tasks: float

    records = None

    @cached_property
    def histogram(self) -> NDArray[np.int64]:
        """Executions that succeeded, by the time that they took."""
        places = np.clip(np.searchsorted(LOWER, self.took_seconds, "right") - 1, 0, BUCKETS - 1)
        return np.bincount(places, minlength=BUCKETS)

    def latency_seconds(self, share: float) -> float:
        """Time within which `share` of the executions came to their end. [s]"""
        return quantile_seconds(self.histogram, share)

    def usage(self, period: BillingPeriod) -> Usage:
        """Functions, and what moves the executions on."""
        scale = period.hours * SECONDS_PER_HOUR / self.duration_seconds
        executions = float(sum(self.outcomes.values()))
        took = float(self.took_seconds.mean()) if len(self.took_seconds) else 0.0
        conducted = self.workflow.conducted(
            executions * scale, self.tasks / max(executions, 1.0), took
        )
        each = [run.usage(period) for run in self.runs]
        return Usage.sum([*each, conducted.estimate(period)], period=period)


@dataclass(frozen=True)
class Workflow:
    """Functions in stages, moved on by a state machine or by queues.

    The functions of a stage begin together, and the next stage begins when all of them are done.
    Each stage is run by itself: functions of different stages do not compete for the concurrency
    of the account, though those of one stage do. What is in hand at the end of the trace is
    unfinished.

    Parameters
    ----------
    conductor : StateMachine or Queue
        What moves executions on. A queue has a message for each step, and does not know when two
        steps that run together are both done: that is the program's own affair.
    stages : tuple of tuple of Step
        In order; those of one stage run at the same time.
    retries : Client
        How a step that fails is tried again.

    Raises
    ------
    InvalidInputError
        Where the shares of the steps do not add up to 1.
    """

    conductor: StateMachine | Queue
    stages: tuple[tuple[Step, ...], ...]
    retries: Client = RETRIES

    asynchronous = True

    def __post_init__(self) -> None:
        total = sum(step.share for step in self.steps)
        if not np.isclose(total, 1):
            raise InvalidInputError(
                f"{self.name}: the shares of its steps add up to {total:g}; they must add up to 1"
            )

    @property
    def name(self) -> str:
        """That of what moves executions on."""
        return self.conductor.name

    @property
    def steps(self) -> tuple[Step, ...]:
        """Of all stages."""
        return tuple(step for stage in self.stages for step in stage)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What moves executions on, and the functions."""
        return self.conductor, *(step.function for step in self.steps)

    @property
    def states(self) -> int:
        """States that are no tasks: the start, and each that runs several tasks at once."""
        return 1 + sum(len(stage) > 1 for stage in self.stages)

    def conducted(self, executions: float, tasks: float, seconds: float) -> Resource:
        """What moves so many executions on, of so many tasks and so long each. [s]"""
        if isinstance(self.conductor, Queue):
            return self.conductor.replace(messages=executions * tasks)
        duration_ms = seconds * MS_PER_SECOND
        if self.conductor.state_machine_type == "EXPRESS":
            duration_ms = min(
                duration_ms, value_of("stepfunctions", "express_max_seconds") * MS_PER_SECOND
            )
        return self.conductor.replace(
            executions=executions, transitions_per_execution=self.states + tasks,
            duration_ms=duration_ms,
        )  # fmt: skip

    def seconds(self, load: Load) -> float:
        """From start to end, at the mean work, without waits and cold starts. [s]"""
        longest = (max(step.factor for step in stage) for stage in self.stages)
        return load.work.mean_seconds * sum(longest)

    def capacity_per_second(self, load: Load) -> float:
        """Executions that the account's concurrency can work on. [1/s]"""
        most = min(step.function.account_concurrency for step in self.steps)
        return most / (load.work.mean_seconds * sum(step.factor for step in self.steps))

    def obstacles(self, load: Load) -> Iterator[str]:
        """Steps, or executions, that take longer than they may; too much concurrency."""
        for step in self.steps:
            held, timeout = load.work.mean_seconds * step.factor, step.function.timeout_seconds
            if held > timeout:
                yield (
                    f"{step.function.name}: takes {held:,.4g} s on average, and the function is"
                    f" ended after {timeout:,} s"
                )
        most = value_of("stepfunctions", "express_max_seconds")
        express = getattr(self.conductor, "state_machine_type", "") == "EXPRESS"
        if express and self.seconds(load) > most:
            yield (
                f"{self.name}: takes {self.seconds(load):,.4g} s on average, and an Express"
                f" workflow is ended after {most:,} s"
            )
        yield from overload(
            self.name, load, self.capacity_per_second(load), "the account's concurrency"
        )

    def simulate(self, trace: Trace, *, seed: int, keep_records: bool = False) -> WorkflowRun:
        """Run the executions that a trace starts, stage by stage."""
        chunks = list(trace.chunks())
        started = np.concatenate([chunk.arrivals for chunk in chunks])
        work = np.concatenate([chunk.work for chunk in chunks])
        ready, ended = started.copy(), np.full(len(started), OK)
        runs, tasks = [], 0.0
        for stage in self.stages:
            ended[(ended == OK) & (ready >= trace.duration_seconds)] = UNFINISHED
            going = np.flatnonzero(ended == OK)
            if not len(going):
                break
            going = going[np.argsort(ready[going], kind="stable")]
            run = self._run_stage(stage, ready[going], work[going], trace, seed)
            assert run.records is not None
            rows = run.records[_by_step(ready[going], len(stage))]
            ready[going] = rows["finish"].max(axis=0)
            ended[going] = rows["outcome"].max(axis=0)  # ok is 0, unfinished the highest
            tasks += float(rows["attempts"].sum())
            runs.append(run)
        done = ended == OK
        counts = np.bincount(ended, minlength=len(OUTCOMES))
        return WorkflowRun(
            workflow=self, duration_seconds=trace.duration_seconds, runs=tuple(runs),
            took_seconds=(ready - started)[done], tasks=tasks,
            outcomes=dict(zip(OUTCOMES, counts.astype(float).tolist(), strict=True)),
        )  # fmt: skip

    def _run_stage(
        self, stage: tuple[Step, ...], times: Times, work: Times, trace: Trace, seed: int
    ) -> FunctionRun:
        invoked = [Invocation(function=one.function, invoked_by=self.retries) for one in stage]
        asked = [
            AtTimes(
                times=times, work_seconds=work * step.factor, start=trace.start,
                duration_seconds=trace.duration_seconds, seed=trace.seed,
            )
            for step in stage
        ]  # fmt: skip
        return simulate_functions(
            invoked, asked, seed=seed, keep_records=True, row_seconds=ROW_SECONDS
        )

    def estimate(self, load: Load, period: BillingPeriod) -> Usage:
        """Every step once for each execution, without cold starts and retries."""
        executions = load.requests_in(period)
        conducted = self.conducted(executions, float(len(self.steps)), self.seconds(load))
        parts = [conducted.estimate(period)]
        for step in self.steps:
            duration_ms = billed_ms(load.work.mean_seconds * step.factor, step.function)
            function = step.function.replace(requests=executions, duration_ms=duration_ms)
            parts.append(function.estimate(period))
        return Usage.sum(parts, period=period)


def _by_step(times: Times, steps: int) -> NDArray[np.int64]:
    """Which row of the records belongs to each step (first axis) of each request (second).

    Records are in the order of the arrivals; of one instant, in that of the steps.

    >>> _by_step(np.array([0.0, 1.0, 1.0]), 2).tolist()
    [[0, 2, 3], [1, 4, 5]]
    """
    order = np.argsort(np.tile(times, steps), kind="stable")
    rows = np.empty_like(order)
    rows[order] = np.arange(len(order))
    return rows.reshape(steps, -1)
