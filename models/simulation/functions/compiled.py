"""The compiled engine of functions: feeds the kernel chunk by chunk, answers the control plane."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.simulation.clock import Clock
from models.simulation.compiled import drawn_ahead, rows, tell_if_compiling, with_room
from models.simulation.functions import kernel
from models.simulation.functions.outcomes import OUTCOMES, STARTS, UNFINISHED
from models.simulation.functions.pool import Asked, Totals
from models.simulation.functions.serving import (
    DRAWN,
    DRAWN_ROWS,
    RECORD,
    Bucket,
    Caller,
    FunctionServing,
    Serving,
)
from models.simulation.latency import BUCKETS

_CLIENTS = 1024
_FEWEST_DAYS = 256
_NONE = np.empty(0)


class CompiledFunctions:
    """Functions whose invocations are served by the kernel; see `models.simulation.functions.pool`.

    Parameters
    ----------
    clock : Clock
    serving : Serving
    asked : iterator of Asked
        The requests, in order.
    keep_records : bool
        Keep a row for each request.
    """

    def __init__(
        self, clock: Clock, serving: Serving, asked: Iterator[Asked], *, keep_records: bool = False
    ) -> None:
        tell_if_compiling(kernel.serve)
        self.clock, self.serving = clock, serving
        self.state = _state(serving)
        # Plain arrays: the fields of a record array take ten times as long to read.
        self._functions = self.state.functions.view(np.ndarray).view(kernel.FUNCTION)
        self._pools = self.state.pools.view(np.ndarray).view(kernel.POOL)
        self._asked = drawn_ahead(asked)
        self._keep_records = keep_records
        self._first = self._number = 0
        self._served_until = 0.0
        self._arrived = np.zeros(len(serving.functions), dtype=np.int64)
        self._current = self._next()
        self._nobody = Asked(0.0, _NONE, np.empty((0, serving.columns)), np.empty(0, np.int32))

    def set_limit(self, pool: int, concurrency: int) -> None:
        self._serve()
        self.state.pools[pool]["limit"] = concurrency
        _fill(self.state.buckets[pool], self.serving.rate(concurrency), self.clock.now)

    def set_provisioned(self, function: int, environments: int) -> None:
        self._serve()
        bucket = self.state.buckets[len(self.serving.limits) + 2 * function]
        self.state.functions[function]["provisioned"] = environments
        _fill(bucket, self.serving.rate(environments), self.clock.now)

    def totals(self) -> Totals:
        self._serve()
        state = self.state
        kernel.read(state, float(self.clock.now))
        functions, pools = self._functions, self._pools
        return Totals(
            seconds=self.clock.now,
            requests=state.requests.copy(),
            attempts=state.attempts.copy(),
            starts=state.starts.copy(),
            histogram=state.histogram.copy(),
            latency_seconds=state.latency.copy(),
            **{name: functions[name].copy() for name in Totals.BY_FUNCTION},
            pool_busy=pools["busy"].copy(),
        )

    def close(self) -> None:
        """End the run: what is still in hand is unfinished."""
        self._serve()
        self.state.requests[:, UNFINISHED] = self._arrived - self.state.requests.sum(axis=1)

    @property
    def records(self) -> NDArray[np.void]:
        """One row for each request so far, in order of arrival."""
        kept: NDArray[np.void] = self.state.records[: self._number + self._first].view(np.ndarray)
        return kept

    def _serve(self) -> None:
        now = float(self.clock.now)
        while self._current is not None and self._current.end_seconds <= now:
            self._serve_some(self._current, self._current.end_seconds)
            self._number, self._first = self._number + self._first, 0
            self._current = self._next()
        if self._served_until < now:
            self._serve_some(self._current or self._nobody, now)

    def _serve_some(self, asked: Asked, until: float) -> None:
        """Call the kernel until it gets there: it stops where it needs room for more clients."""
        begun = self._first
        while True:
            self._first = done = kernel.serve(
                self.state, asked.arrivals, asked.works, asked.functions, self._first,
                self._number, until,
            )  # fmt: skip
            if done == len(asked.arrivals) or asked.arrivals[done] >= until:
                break
            self._make_room()
        if len(asked.functions):
            self._arrived += np.bincount(asked.functions[begun:done], minlength=len(self._arrived))
        else:
            self._arrived[0] += done - begun
        self._served_until = until

    def _next(self) -> Asked | None:
        asked = next(self._asked, None)
        if asked is None:
            return None
        if self._keep_records:
            held = len(self.state.records)
            records = with_room(self.state.records, self._number + len(asked.arrivals))
            records["outcome"][held:] = UNFINISHED
            self.state = self.state._replace(records=records)
        return asked

    def _make_room(self) -> None:
        """Twice as many places for clients that wait."""
        nodes, works = self.state.nodes, self.state.works
        held = len(nodes)
        more = max(held - self.serving.environments, _CLIENTS)
        grown = rows(held + more, kernel.NODE)
        grown[:held] = nodes
        _chain(grown, held, held + more)
        self.state.calendar[0]["free_clients"] = held
        self.state = self.state._replace(
            nodes=grown, works=np.concatenate((works, np.zeros((more, works.shape[1]))))
        )


def _state(serving: Serving) -> kernel.State:
    """A kernel state in which nobody has asked yet."""
    functions, pools, nodes = serving.functions, len(serving.limits), serving.environments
    days = _power_of_two(max(2 * nodes, _FEWEST_DAYS))
    most = max(one.most_environments for one in functions)
    count = len(functions)
    state = kernel.State(
        nodes=rows(nodes, kernel.NODE),
        works=np.zeros((nodes, serving.columns)),
        days=np.full(days, -1, dtype=np.int32),
        calendar=rows(1, kernel.CALENDAR),
        functions=rows(count, kernel.FUNCTION),
        pools=rows(pools, kernel.POOL),
        policies=rows((count, 2), kernel.POLICY),
        buckets=rows(pools + 2 * count + len(serving.fronts), kernel.BUCKET),
        idle=np.zeros((count, _power_of_two(most)), dtype=np.int32),
        drawn=rows((count, DRAWN_ROWS), DRAWN),
        requests=np.zeros((count, len(OUTCOMES)), dtype=np.int64),
        attempts=np.zeros((count, len(OUTCOMES)), dtype=np.int64),
        starts=np.zeros((count, len(STARTS)), dtype=np.int64),
        histogram=np.zeros((count, BUCKETS), dtype=np.int64),
        latency=np.zeros((count, 2)),
        records=rows(0, RECORD),
    )
    calendar = state.calendar[0]
    calendar["days_per_second"] = max(2 * serving.peak_rate_per_second, 1e-3)
    calendar["mask"], calendar["free_clients"] = days - 1, -1
    _chain(state.nodes, 0, nodes)
    state.pools["limit"] = serving.limits
    for pool, concurrency in enumerate(serving.limits):
        _fill(state.buckets[pool], serving.rate(concurrency), 0.0)
    for number, bucket in enumerate(serving.fronts):
        _fill(state.buckets[pools + 2 * count + number], bucket, 0.0)
    for number, one in enumerate(functions):
        _describe(state.functions[number], one)
        state.drawn[number] = one.drawn
        for which, caller in enumerate((one.client, one.caller)):
            _agree(state.policies[number, which], caller)
        own = pools + 2 * number
        for place, bucket in enumerate((serving.rate(one.provisioned), one.scaling)):
            _fill(state.buckets[own + place], bucket, 0.0)
        front = pools + 2 * count + one.front
        state.functions[number]["front"] = front if one.front >= 0 else -1
    return state


def _power_of_two(least: int) -> int:
    return 1 << max(int(least) - 1, 1).bit_length()


def _chain(nodes: NDArray[np.void], first: int, end: int) -> None:
    """Make a list of the free nodes from `first` to before `end`."""
    nodes["event"][first:end] = -1
    nodes["next"][first:end] = np.arange(first + 1, end + 1)
    nodes["next"][end - 1] = -1


def _fill(row: np.void, bucket: Bucket, now: float) -> None:
    limits = bucket.limits
    row["capacity"] = row["tokens"] = bucket.capacity if limits else -1.0
    row["rate"] = bucket.rate_per_second if limits else 0.0
    row["at"] = now


def _describe(row: np.void, function: FunctionServing) -> None:
    row["timeout"], row["failure"] = function.timeout_seconds, function.failure_share
    row["seed"], row["pool"] = function.seed, function.pool
    row["provisioned"] = function.provisioned
    row["calls"], row["column"] = function.calls, function.column
    row["routing"], row["replaces"] = function.routing, function.replaces_work
    row["unbilled"] = function.unbilled_seconds
    row["bills_init"], row["watched"] = function.bills_init, function.client.watches


def _agree(row: np.void, caller: Caller) -> None:
    row["patience"], row["most_age"] = caller.patience_seconds, caller.most_age_seconds
    row["quota"] = row["tokens"] = caller.quota
    row["cost"], row["jitter"] = caller.retry_cost, caller.jitter
    row["apart"] = caller.counts_apart
    for name, backoff in (("throttle", caller.on_throttle), ("failure", caller.on_failure)):
        row[f"{name}_attempts"] = backoff.attempts
        row[f"{name}_base"], row[f"{name}_most"] = backoff.base_seconds, backoff.most_seconds
