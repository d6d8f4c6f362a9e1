"""The readable engine of a database behind the workers: the specification of what the kernel does.

A worker that has done its own part takes a connection of its instance's pool, has its statement
executed, and only then answers. A proxy lends one of its own connections for each statement.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial

import simpy

from models.simulation.clock import FINISH, GIVE_UP, Clock
from models.simulation.database.serving import NEVER, DatabasePeriod, DatabaseServing
from models.simulation.outcomes import OK, UNANSWERED, UNCONNECTED
from models.simulation.targets import Period, Serving
from models.simulation.twin import ReadableTargets, Request, Target
from models.workload import Chunk

WORKS, WAITS_FOR_POOL, WAITS_FOR_PROXY, WAITS_FOR_TURN, EXECUTES, ENDED = range(6)


class Call:
    """What a request does at the database."""

    __slots__ = ("began", "request", "state", "target", "worker")

    def __init__(self, target: CallingTarget, request: Request, worker: int) -> None:
        self.target, self.request, self.worker = target, request, worker
        self.state, self.began = WORKS, 0.0


class Database:
    """Connections, a line, and servers that execute one statement each."""

    def __init__(self, clock: Clock, serving: DatabaseServing) -> None:
        self.clock, self.serving = clock, serving
        self.executing: list[Call] = []
        self.turn: deque[Call] = deque()
        self.proxy: deque[Call] = deque()
        self.opened = self.refused = 0  # connections; with a proxy, those that it has lent
        self.down = False
        self.busy_seconds = 0.0

    def opens(self) -> bool:
        """Whether an instance can open one more connection; then it has."""
        if self.serving.proxied:
            return True
        if self.down or self.opened >= self.serving.connections:
            self.refused += 1
            return False
        self.opened += 1
        return True

    def ask(self, call: Call) -> None:
        """A worker that holds a connection sends its statement."""
        if not self.serving.proxied:
            self.execute(call)
            return
        call.state = WAITS_FOR_PROXY
        self._within(self.serving.borrow_timeout_seconds, call, WAITS_FOR_PROXY)
        self.proxy.append(call)
        self.lend()

    def lend(self) -> None:
        """The proxy lends its free connections to the statements that wait for one."""
        while self.proxy and self.opened < self.serving.connections and not self.down:
            self.opened += 1
            self.execute(self.proxy.popleft())

    def execute(self, call: Call) -> None:
        """A statement reaches the database; from now on its time-out runs."""
        call.state = WAITS_FOR_TURN
        self._within(self.serving.statement_timeout_seconds, call, WAITS_FOR_TURN, EXECUTES)
        self.turn.append(call)
        self.have_turns()

    def have_turns(self) -> None:
        """Begin the statements whose turn it is."""
        while self.turn and len(self.executing) < self.serving.servers:
            call = self.turn.popleft()
            self.executing.append(call)
            call.state, call.began = EXECUTES, self.clock.now
            self.clock.at(
                self.clock.now + call.request.statement, FINISH, partial(self._executed, call)
            )

    def leave(self, call: Call) -> None:
        """A statement leaves the database, answered or cancelled."""
        if call.state == EXECUTES:
            self.executing.remove(call)
            self.busy_seconds += self.clock.now - call.began
        elif call.state == WAITS_FOR_TURN:
            self.turn.remove(call)
        if self.serving.proxied and call.state in (WAITS_FOR_TURN, EXECUTES):
            self.opened -= 1

    def _executed(self, call: Call, _: simpy.Event) -> None:
        if call.state == EXECUTES:
            self._end(call, OK)

    def _end(self, call: Call, outcome: int) -> None:
        self.leave(call)
        self.have_turns()
        self.lend()
        call.target.give_back()
        call.target.answer(call, outcome)

    def _within(self, seconds: float, call: Call, *states: int) -> None:
        """Give up where a call is still in one of these states after so many seconds."""
        if seconds < NEVER:
            then = partial(self._give_up, call, states)
            self.clock.at(self.clock.now + seconds, GIVE_UP, then)

    def _give_up(self, call: Call, states: tuple[int, ...], _: simpy.Event) -> None:
        if call.state not in states:
            return
        if call.state == WAITS_FOR_PROXY:
            self.proxy.remove(call)
            call.target.give_back()
            call.target.answer(call, UNCONNECTED)
        else:
            self._end(call, UNANSWERED)

    def read(self) -> DatabasePeriod:
        """What was counted since the last reading."""
        for call in self.executing:
            self.busy_seconds += self.clock.now - call.began
            call.began = self.clock.now
        period = DatabasePeriod(self.opened, self.busy_seconds, len(self.turn), self.refused)
        self.busy_seconds, self.refused = 0.0, 0
        return period


class CallingTarget(Target):
    """An instance whose workers call the database; its pool holds the connections."""

    engine: ReadableCallingTargets

    def __init__(self, engine: ReadableCallingTargets, slot: int) -> None:
        super().__init__(engine, slot)
        self.database = engine.database
        self.calls: dict[int, Call] = {}  # by worker
        self.pool: deque[Call] = deque()
        self.opened = self.idle = 0

    def begin(self, request: Request, worker: int | None = None) -> None:
        """A worker takes on a request and begins with its own part: the first that is free."""
        if worker is None:
            worker = next(one for one in range(len(self.calls) + 1) if one not in self.calls)
        self.calls[worker] = Call(self, request, worker)
        super().begin(request)

    def end(self, request: Request, _: simpy.Event) -> None:
        """The worker has done its own part."""
        call = next((one for one in self.calls.values() if one.request is request), None)
        if call is None:  # the connection was broken before
            return
        if call.request.statement:
            self.connect(call)
        else:
            self.answer(call, OK)

    def connect(self, call: Call) -> None:
        """A worker wants a connection of the pool."""
        if self.idle:
            self.idle -= 1
            self.database.ask(call)
        elif self.opened < self.database.serving.pool_size:
            if self.database.opens():
                self.opened += 1
                self.database.ask(call)
            else:
                self.answer(call, UNCONNECTED)
        else:
            call.state = WAITS_FOR_POOL
            self.pool.append(call)
            leaves = self.engine.clock.now + self.database.serving.pool_timeout_seconds
            self.engine.clock.at(leaves, GIVE_UP, partial(self._leave_pool, call))

    def _leave_pool(self, call: Call, _: simpy.Event) -> None:
        if call.state == WAITS_FOR_POOL:
            self.pool.remove(call)
            self.answer(call, UNCONNECTED)

    def give_back(self) -> None:
        """A connection returns to the pool: the first in line takes it."""
        if self.pool:
            self.database.ask(self.pool.popleft())
        else:
            self.idle += 1

    def answer(self, call: Call, outcome: int) -> None:
        """A request ends, and its worker takes the next in line or falls idle."""
        call.state = ENDED
        del self.calls[call.worker]
        self.in_service.remove(call.request)
        self.settle(call.request, outcome)
        if self.line:
            self.begin(self.line.popleft(), call.worker)

    def break_connections(self, outcome: int) -> None:
        """Everything in flight ends now; statements are cancelled, and others have a turn."""
        for call in self.calls.values():
            if call.state == WORKS:
                self.work -= call.request.finish - self.engine.clock.now
            if call.state == WAITS_FOR_PROXY:
                self.database.proxy.remove(call)
            if call.state in (WAITS_FOR_PROXY, WAITS_FOR_TURN, EXECUTES):
                self.idle += 1
            self.database.leave(call)
            call.state = ENDED
        for request in [*self.in_service, *self.line]:
            self.settle(request, outcome)
        for held in (self.calls, self.in_service, self.line, self.pool):
            held.clear()
        self.database.have_turns()
        self.database.lend()

    def close_pool(self) -> None:
        """Close every connection."""
        if not self.database.serving.proxied:
            self.database.opened -= self.opened
        self.opened = self.idle = 0

    def fill_pool(self) -> None:
        """Open the whole pool, or as much of it as the database allows."""
        while self.opened < self.database.serving.pool_size and self.database.opens():
            self.opened += 1
            self.idle += 1

    def read_work(self) -> float:
        """Worker-seconds of its own part since the last reading; what lies ahead is carried."""
        now = self.engine.clock.now
        working = [one.request for one in self.calls.values() if one.state == WORKS]
        ahead = sum((request.finish - now for request in working), 0.0)
        done, self.work = self.work - ahead, ahead
        return done


class ReadableCallingTargets(ReadableTargets):
    """Targets that call a database; see `models.simulation.targets.Targets`.

    Parameters
    ----------
    clock, serving, chunks, keep_records
        As for the engine without a database; each chunk has its statements.
    database : DatabaseServing
    """

    targets: list[CallingTarget]  # type: ignore[assignment]

    def __init__(
        self, clock: Clock, serving: Serving, chunks: Iterator[Chunk],
        database: DatabaseServing, *, keep_records: bool = False,
    ) -> None:  # fmt: skip
        self.database = Database(clock, database)
        self._closed: DatabasePeriod | None = None
        super().__init__(clock, serving, chunks, keep_records=keep_records)

    def _target(self, slot: int) -> CallingTarget:
        return CallingTarget(self, slot)

    def restore(self, slot: int) -> None:
        super().restore(slot)
        if self.database.serving.prefilled:
            self.targets[slot].fill_pool()

    def fail(self, slot: int) -> None:
        super().fail(slot)
        self.targets[slot].close_pool()

    def lose_database(self) -> None:
        """The database goes away, and with it what it executes and every connection to it.

        What waits for a connection of a proxy goes on waiting.
        """
        self.database.down = True
        proxied = self.database.serving.proxied
        lost = (WAITS_FOR_TURN, EXECUTES) if proxied else (WAITS_FOR_POOL, WAITS_FOR_TURN, EXECUTES)
        calls = [target.calls[worker] for target in self.targets for worker in sorted(target.calls)]
        broken = [call for call in calls if call.state in lost]
        for call in broken:
            self.database.leave(call)
        for target in self.targets:
            if not proxied:
                target.pool.clear()
                target.close_pool()
        for call in broken:
            if proxied:
                call.target.give_back()
            call.target.answer(call, UNCONNECTED)

    def regain_database(self) -> None:
        """The database accepts connections again."""
        self.database.down = False
        self.database.lend()

    def read(self) -> Period:
        period = super().read()
        period.database = self._closed or self.database.read()
        return period

    def close(self) -> None:
        self._closed = self.database.read()  # as it stands, before all is let go
        super().close()
