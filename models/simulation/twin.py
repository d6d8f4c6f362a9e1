"""The readable engine: the same rules as the kernel, one SimPy event for each thing that happens.

This is the specification; `kernel.py` is the speed. A test feeds both the same requests and asserts
that they agree request by request.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from models.simulation.clock import ARRIVE, FINISH, GIVE_UP, Clock
from models.simulation.latency import BUCKETS, bucket_of
from models.simulation.outcomes import (
    FAILED,
    NO_TARGET,
    OK,
    OUTCOMES,
    REJECTED,
    TIMED_OUT,
    UNFINISHED,
)
from models.simulation.targets import LEAST_OUTSTANDING, RECORD, Period, Serving
from models.workload import Chunk


class Request:
    """One request on its way."""

    __slots__ = ("answered", "arrival", "client", "finish", "number", "start", "statement", "work")

    def __init__(
        self, number: int, arrival: float, work: float, client: int = 0, *,
        statement: float = 0.0, answered: Any = None,
    ) -> None:  # fmt: skip
        self.number, self.arrival, self.work, self.client = number, arrival, work, client
        self.statement = statement  # seconds at a database behind the targets, if there is one
        self.start = self.finish = float("nan")
        self.answered = answered  # an event for whoever waits for the answer, or none


class Target:
    """One instance: its workers, and the line in front of them."""

    def __init__(self, engine: ReadableTargets, slot: int) -> None:
        self.engine, self.slot = engine, slot
        self.in_service: list[Request] = []
        self.line: deque[Request] = deque()
        self.failed, self.routed = True, 0
        self.ramp_start, self.credit = -float("inf"), 0.0
        self.work = 0.0

    @property
    def outstanding(self) -> int:
        return len(self.in_service) + len(self.line)

    def enter(self, request: Request) -> None:
        """A request arrives: refused, taken on, put in line, or turned away."""
        serving = self.engine.serving
        self.routed += 1
        if self.failed:
            self.engine.depart(request, FAILED, self.slot)
        elif len(self.in_service) < serving.workers:
            self.begin(request)
        elif len(self.line) < serving.places:
            self.line.append(request)
            if serving.abandons_line:
                leaves = request.arrival + serving.patience_seconds
                self.engine.clock.at(leaves, GIVE_UP, partial(self.give_up, request))
        else:
            self.engine.depart(request, REJECTED, self.slot)

    def begin(self, request: Request) -> None:
        """A worker takes on a request."""
        request.start = self.engine.clock.now
        request.finish = request.start + request.work
        self.work += request.work
        self.in_service.append(request)
        self.engine.clock.at(request.finish, FINISH, partial(self.end, request))

    def end(self, request: Request, _: simpy.Event) -> None:
        """A worker finishes and takes the next in line, or falls idle."""
        if request not in self.in_service:  # the connection was broken before
            return
        self.in_service.remove(request)
        self.settle(request, OK)
        if self.line:
            self.begin(self.line.popleft())

    def settle(self, request: Request, outcome: int) -> None:
        """A request held here ends now: `outcome`, or timed out where its client had left."""
        left = request.arrival + self.engine.serving.patience_seconds < self.engine.clock.now
        self.engine.depart(request, TIMED_OUT if left else outcome, self.slot)

    def give_up(self, request: Request, _: simpy.Event) -> None:
        """The first in line leaves without an answer."""
        if self.line and self.line[0] is request:
            self.line.popleft()
            self.engine.depart(request, TIMED_OUT, self.slot)

    def break_connections(self, outcome: int) -> None:
        """Everything in flight ends now; work that was not done is taken back."""
        for request in self.in_service:
            self.work -= request.finish - self.engine.clock.now
        for request in [*self.in_service, *self.line]:
            self.settle(request, outcome)
        self.in_service.clear()
        self.line.clear()

    def read_work(self) -> float:
        """Worker-seconds since the last reading; what lies ahead is carried over."""
        now = self.engine.clock.now
        ahead = sum((request.finish - now for request in self.in_service), 0.0)
        done, self.work = self.work - ahead, ahead
        return done


class ReadableTargets:
    """Targets served request by request; see `models.simulation.targets.Targets`.

    Parameters
    ----------
    clock, serving, chunks, keep_records
        As for the compiled engine. Without chunks, requests come through `request`.
    """

    def __init__(
        self,
        clock: Clock,
        serving: Serving,
        chunks: Iterator[Chunk],
        *,
        keep_records: bool = False,
    ) -> None:
        self.clock, self.serving = clock, serving
        self.targets: list[Target] = []
        self._groups: list[list[int]] = [[] for _ in serving.weights]
        self._turns = [0 for _ in serving.weights]
        self._credits = [0.0 for _ in serving.weights]
        self._ramp_until = self._last_read = 0.0
        self._bindings: dict[int, tuple[int, float]] = {}
        self._records: dict[int, tuple[int, int, float, float]] | None = (
            {} if keep_records else None
        )
        self._arrived = 0
        self._reset()
        self._arrivals = _requests(chunks)
        self._expect_next()

    # --- requests -----------------------------------------------------------------------------

    def request(self, work: float) -> simpy.Event:
        """Send one request now; the event comes with its outcome, in the turn of arrivals."""
        answered = self.clock.event()
        request = Request(self._arrived, self.clock.now, work, answered=answered)
        self.clock.at(self.clock.now, ARRIVE, lambda _: self._arrive(request))
        self._arrived += 1
        return answered

    def _expect_next(self, _: Any = None) -> None:
        request = next(self._arrivals, None)
        if request is not None:
            self.clock.at(request.arrival, ARRIVE, partial(self._arrive_and_expect, request))

    def _arrive_and_expect(self, request: Request, _: simpy.Event) -> None:
        self._arrived += 1
        self._arrive(request)
        self._expect_next()

    def _arrive(self, request: Request) -> None:
        slot = self._route(request)
        if slot is None:
            self.depart(request, NO_TARGET, -1)
        else:
            self.targets[slot].enter(request)

    def depart(self, request: Request, outcome: int, slot: int) -> None:
        """Note how a request ended: for its client, when patience ran out at the latest."""
        now = self.clock.now
        if outcome == TIMED_OUT:
            now = request.arrival + self.serving.patience_seconds
        self._outcomes[outcome] += 1
        if outcome == OK:
            self._histogram[bucket_of(now - request.arrival)] += 1
            self._latency += now - request.arrival
        if self._records is not None:
            self._records[request.number] = (slot, outcome, request.start, now)
        if request.answered is not None:
            request.answered.succeed(outcome)

    # --- routing ------------------------------------------------------------------------------

    def _route(self, request: Request) -> int | None:
        stays = self.serving.stickiness_seconds
        if not stays:
            return self._pick()
        bound, until = self._bindings.get(request.client, (-1, 0.0))
        still = until > self.clock.now and any(bound in group for group in self._groups)
        slot = bound if still else self._pick()
        if slot is not None:
            self._bindings[request.client] = slot, self.clock.now + stays
        return slot

    def _pick(self) -> int | None:
        number = self._pick_group()
        group, turn = self._groups[number], self._turns[number]
        if not group:
            return None
        if self.serving.algorithm == LEAST_OUTSTANDING:
            places = [*range(turn, len(group)), *range(turn)]
            turn = min(places, key=lambda place: self.targets[group[place]].outstanding)
        elif self.clock.now < self._ramp_until:
            return self._pick_ramping(group)
        self._turns[number] = (turn + 1) % len(group)
        return group[turn]

    def _pick_group(self) -> int:
        """The target group whose turn it is by weight (smooth weighted round robin)."""
        weights = self.serving.weights
        if len(weights) == 1:
            return 0
        self._credits = [
            credit + weight for credit, weight in zip(self._credits, weights, strict=True)
        ]
        chosen = self._credits.index(max(self._credits))
        self._credits[chosen] -= sum(weights)
        return chosen

    def _pick_ramping(self, group: list[int]) -> int:
        """Round robin in which a target in slow start has a smaller share."""
        total = 0.0
        for slot in group:
            target = self.targets[slot]
            share = (self.clock.now - target.ramp_start) / self.serving.slow_start_seconds
            target.credit += min(share, 1.0)
            total += min(share, 1.0)
        chosen = max(group, key=lambda slot: self.targets[slot].credit)
        self.targets[chosen].credit -= total
        return chosen

    # --- what the control plane does ----------------------------------------------------------

    def grow_to(self, slots: int) -> None:
        self.targets += [self._target(slot) for slot in range(len(self.targets), slots)]

    def _target(self, slot: int) -> Target:
        return Target(self, slot)

    def route_to(self, groups: Sequence[Sequence[int]]) -> None:
        for number, slots in enumerate(groups):
            if self._groups[number] != list(slots):
                self._groups[number], self._turns[number] = list(slots), 0
                for slot in slots:
                    self.targets[slot].credit = 0.0

    def ramp(self, slot: int) -> None:
        self.targets[slot].ramp_start = self.clock.now
        self._ramp_until = self.clock.now + self.serving.slow_start_seconds

    def renew(self, slot: int) -> None:
        self.targets[slot] = self._target(slot)
        self._bindings = {who: at for who, at in self._bindings.items() if at[0] != slot}

    def restore(self, slot: int) -> None:
        self.targets[slot].failed = False

    def fail(self, slot: int) -> None:
        self.cut(slot)
        self.targets[slot].failed = True

    def cut(self, slot: int) -> None:
        self.targets[slot].break_connections(FAILED)

    def outstanding(self, slot: int) -> float:
        return self.targets[slot].outstanding

    def waiting(self, slot: int) -> float:
        return len(self.targets[slot].line)

    def read(self) -> Period:
        period = Period(
            self.clock.now - self._last_read,
            [target.read_work() for target in self.targets],
            [target.routed for target in self.targets],
            np.array(self._outcomes),
            self._latency,
            np.array(self._histogram),
        )
        self._last_read = self.clock.now
        for target in self.targets:
            target.routed = 0
        self._reset()
        return period

    def close(self) -> None:
        for target in self.targets:
            target.break_connections(UNFINISHED)

    @property
    def records(self) -> NDArray[np.void]:
        """One row for each request so far, in order of arrival; see `targets.RECORD`."""
        records = self._records or {}
        return np.array([records[number] for number in sorted(records)], dtype=RECORD)

    def _reset(self) -> None:
        self._outcomes, self._histogram, self._latency = [0] * len(OUTCOMES), [0] * BUCKETS, 0.0


def _requests(chunks: Iterator[Chunk]) -> Iterator[Request]:
    """The requests of a trace, one by one."""
    number = 0
    for chunk in chunks:
        count = len(chunk.arrivals)
        clients = chunk.clients.tolist() or [0] * count
        statements = chunk.statements.tolist() or [0.0] * count
        arrivals, works = chunk.arrivals.tolist(), chunk.work.tolist()
        each = zip(arrivals, works, clients, statements, strict=True)
        for arrival, work, client, statement in each:
            yield Request(number, arrival, work, client, statement=statement)
            number += 1
