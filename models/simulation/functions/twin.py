"""The readable engine of functions: the same rules as the kernel, one event for each thing.

This is the specification; `kernel.py` is the speed. A test feeds both the same requests and asserts
that they agree invocation by invocation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.simulation.clock import ARRIVE, FINISH, GIVE_UP, Clock
from models.simulation.functions.environments import (
    ABANDONED,
    Client,
    Environment,
    Limit,
    Pool,
    Tokens,
    Waiting,
    hashed,
    milliseconds,
)
from models.simulation.functions.outcomes import (
    ACCOUNT,
    API,
    COLD,
    ERROR,
    EXPIRED,
    GAVE_UP,
    OK,
    PROVISIONED,
    RATE,
    RESERVED,
    SCALING,
    THROTTLED,
    TIMED_OUT,
    UNFINISHED,
    WARM,
)
from models.simulation.functions.pool import Asked, Totals
from models.simulation.functions.serving import (
    RECORD,
    Serving,
)
from models.simulation.latency import bucket_of

#: Beside those of `clock`: a handler's deadline comes after clients that give up, and a retry just
#: before requests that arrive at the same instant.
DEADLINE, RETRY = 2.5, 3.5


class ReadableFunctions:
    """Functions served as SimPy events; see `models.simulation.functions.pool.Functions`.

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
        self.clock, self.serving = clock, serving
        self.limits = [
            Limit(concurrency, serving.rate(concurrency)) for concurrency in serving.limits
        ]
        fronts = [Tokens(bucket) for bucket in serving.fronts]
        self.pools = [
            Pool(
                one,
                self.limits[one.pool],
                serving.rate(one.provisioned),
                None if one.front < 0 else fronts[one.front],
            )
            for one in serving.functions
        ]
        self.since = 0.0
        self._records: dict[int, tuple[Any, ...]] | None = {} if keep_records else None
        self._numbers = 0
        self._requests = _requests(asked)
        self._expect()

    # --- what the control plane calls ---------------------------------------------------------

    def set_limit(self, pool: int, concurrency: int) -> None:
        rate = self.serving.rate(concurrency)
        self.limits[pool].concurrency = concurrency
        self.limits[pool].rate = Tokens(rate, self.clock.now)

    def set_provisioned(self, function: int, environments: int) -> None:
        rate = self.serving.rate(environments)
        self.pools[function].provisioned = environments
        self.pools[function].provisioned_rate = Tokens(rate, self.clock.now)

    def invoke(self, function: int, works: list[float], then: Callable[[int], Any]) -> None:
        """A request by the control plane itself, such as a poller's; `then` hears its outcome."""
        client = Client(self.pools[function], self._numbers, self.clock.now, works, then)
        self._count(client)
        self._ask(client)

    def totals(self) -> Totals:
        now = self.clock.now
        for pool in self.pools:
            pool.sweep(now, self.since)
            passed = now - self.since
            pool.busy_seconds += pool.busy * passed
            pool.provisioned_seconds += pool.provisioned_busy * passed
            pool.environment_seconds += pool.live * passed
        self.since = now
        several = ("requests", "attempts", "starts", "histogram", "latency_seconds")
        return Totals(
            seconds=now,
            pool_busy=np.array([limit.busy for limit in self.limits]),
            **{
                name: np.array([getattr(pool, name) for pool in self.pools])
                for name in (*several, *Totals.BY_FUNCTION)
            },
        )

    def close(self) -> None:
        for pool in self.pools:
            pool.requests[UNFINISHED] = pool.arrived - sum(pool.requests)

    @property
    def records(self) -> NDArray[np.void]:
        """One row for each request so far, in order of arrival."""
        rows = np.zeros(self._numbers, dtype=RECORD)
        rows["outcome"] = UNFINISHED
        for number, row in (self._records or {}).items():
            rows[number] = row
        return rows

    # --- clients ------------------------------------------------------------------------------

    def _expect(self) -> None:
        """Wait for the next request to arrive."""
        coming = next(self._requests, None)
        if coming is not None:
            self.clock.at(coming[0], ARRIVE, lambda _: self._arrive(*coming))

    def _arrive(self, now: float, works: list[float], function: int) -> None:
        client = Client(self.pools[function], self._numbers, now, works)
        self._count(client)
        self._ask(client)
        self._expect()

    def _count(self, client: Client) -> None:
        self._numbers += 1
        client.pool.arrived += 1

    def _conclude(self, pool: Pool, client: Waiting, outcome: int, attempts: int,
                  last: Environment | None) -> None:  # fmt: skip
        """A request has its final outcome."""
        pool.requests[outcome] += 1
        if outcome == OK:
            assert last is not None
            latency = self.clock.now - client.arrival
            pool.histogram[bucket_of(latency)] += 1
            pool.latency_seconds[0] += latency
            if last.kind == COLD:
                pool.latency_seconds[1] += latency
        if self._records is not None:
            started = (-1, -1, math.nan) if last is None else (last.kind, last.created, last.began)
            kind, created, start = started
            self._records[client.number] = (
                outcome, kind, created, attempts, start, self.clock.now
            )  # fmt: skip

    # --- attempts -----------------------------------------------------------------------------

    def _ask(self, caller: Client | Environment) -> None:
        """A caller makes an attempt: it waits for the answer, or hears at once."""
        now = self.clock.now
        caller.attempt += 1
        outside = isinstance(caller, Client)
        pool = caller.pool if outside else self.pools[caller.pool.serving.calls]
        if outside and pool.front is not None and not pool.front.take(now):
            taken: Environment | int = API
        else:
            taken = self._admit(pool)
        if not isinstance(taken, Environment):
            pool.attempts[taken] += 1
            self._answer(caller, taken, None)
            return
        caller.callee, taken.caller = taken, caller
        taken.number, taken.works, taken.arrival = caller.number, caller.works, now
        self._begin(taken, caller.attempt)
        self._lose_patience(caller)

    def _lose_patience(self, caller: Client | Environment) -> None:
        """A caller waits until it gives up or, where it is a handler, until its deadline."""
        leaves = self.clock.now + caller.policy.rules.patience_seconds
        if isinstance(caller, Environment) and caller.deadline <= leaves:
            self._later(caller, caller.deadline, DEADLINE, self._run_out)
        elif leaves < math.inf:
            self._later(caller, leaves, GIVE_UP, self._give_up)

    def _later(self, who: Any, time: float, order: float, then: Callable[[Any], None]) -> None:
        """Call `then` at that time, unless `who` has gone on by then."""
        turn = who.turn

        def come(_: Any) -> None:
            if who.turn == turn:
                who.turn += 1
                then(who)

        self.clock.at(time, order, come)

    def _admit(self, pool: Pool) -> Environment | int:
        """An environment for an attempt, or the cause of refusing it."""
        now, limit = self.clock.now, pool.limit
        if pool.provisioned_busy < pool.provisioned and pool.provisioned_rate.take(now):
            pool.provisioned_busy += 1
            pool.provisioned_seconds -= now - self.since
            return Environment(pool, PROVISIONED, now)
        if limit.busy >= limit.concurrency:
            return ACCOUNT if limit is self.limits[0] else RESERVED
        if not limit.rate.take(now):
            return RATE
        one = pool.take_idle(now, self.since)
        if one is not None:
            one.kind = WARM
        else:
            if not pool.scaling.take(now):
                return SCALING
            one = Environment(pool, COLD, now)
            pool.created += 1
            pool.live += 1
            pool.most_live = max(pool.most_live, pool.live)
            pool.environment_seconds -= now - self.since
        limit.busy += 1
        pool.busy += 1
        pool.busy_seconds -= now - self.since
        return one

    # --- handlers -----------------------------------------------------------------------------

    def _begin(self, one: Environment, attempt: int) -> None:
        """An environment takes on a request; when its own work will be over is known at once."""
        serving = one.pool.serving
        init, duration, outcome = 0.0, one.works[serving.column], OK
        if one.kind == COLD and serving.replaces_work:
            duration = one.drawn_init
        elif one.kind == COLD:
            init = serving.unbilled_seconds + one.drawn_init
            duration += one.first_run
        if duration > serving.timeout_seconds:
            duration, outcome = serving.timeout_seconds, TIMED_OUT
        elif serving.failure_share and (
            hashed(serving.seed, one.number, attempt) < serving.failure_share
        ):
            outcome = ERROR
        one.began, one.init, one.duration, one.outcome = self.clock.now, init, duration, outcome
        one.attempt = one.failures = 0
        one.callee = None
        one.pool.starts[one.kind] += 1
        self._later(one, self.clock.now + (init + duration), FINISH, self._finish_work)

    def _finish_work(self, one: Environment) -> None:
        """A handler's own work is done: it calls the next function, or it ends."""
        serving = one.pool.serving
        if serving.calls >= 0 and one.outcome == OK:
            one.deadline = (one.began + one.init) + serving.timeout_seconds
            self._ask(one)
        else:
            self._leave(one, one.outcome)

    def _run_out(self, one: Environment) -> None:
        """The deadline of a handler that waits for another function has come."""
        self._forget(one)
        one.duration = one.pool.serving.timeout_seconds
        self._leave(one, TIMED_OUT)

    def _give_up(self, caller: Client | Environment) -> None:
        """A caller has waited long enough; what it asked for goes on."""
        last = caller.callee
        self._forget(caller)
        self._answer(caller, GAVE_UP, last)

    def _forget(self, caller: Waiting) -> None:
        if caller.callee is not None:
            caller.callee.caller = ABANDONED
            caller.callee = None

    def _leave(self, one: Environment, outcome: int) -> None:
        """An invocation ends: it is counted and billed, its environment waits or ends."""
        pool, now = one.pool, self.clock.now
        one.turn += 1
        pool.attempts[outcome] += 1
        ran = milliseconds(one.duration)
        if one.kind == PROVISIONED:
            pool.provisioned_ms += ran
            pool.provisioned_busy -= 1
            pool.provisioned_seconds += now - self.since
        else:
            if pool.serving.bills_init and one.init > 0:
                whole = milliseconds((one.init - pool.serving.unbilled_seconds) + one.duration)
                pool.init_ms += whole - ran
                ran = whole
            pool.billed_ms += ran
            pool.busy -= 1
            pool.limit.busy -= 1
            pool.busy_seconds += now - self.since
        caller = one.caller
        self._free(one, outcome)
        if isinstance(caller, Client | Environment):
            self._answer(caller, outcome, one)

    def _free(self, one: Environment, outcome: int) -> None:
        """An environment whose handler was cut off is reset; its next start would be cold."""
        pool, now = one.pool, self.clock.now
        if one.kind == PROVISIONED:
            return
        if outcome == TIMED_OUT or now >= one.retire:
            pool.end(one, now, self.since)
        else:
            one.idle_until = now + pool.drawn[pool.rested % len(pool.drawn)][2]
            pool.rested += 1
            pool.put_idle(one)

    # --- answers ------------------------------------------------------------------------------

    def _answer(self, caller: Client | Environment, outcome: int, last: Environment | None) -> None:
        """Tell a caller how its attempt ended: it goes on, tries again or fails itself."""
        caller.callee = None
        caller.turn += 1
        if outcome == OK:
            caller.policy.succeeded(caller.attempt)
        else:
            caller.failures += outcome not in THROTTLED
            wait = caller.policy.wait_seconds(outcome, caller.attempt, caller.failures)
            if wait is not None:
                if caller.policy.rules.jitter:
                    seed = caller.pool.serving.seed
                    wait *= hashed(seed, caller.number, 1000 + caller.attempt)
                again = self.clock.now + wait
                if again <= caller.arrival + caller.policy.rules.most_age_seconds:
                    self._try_again(caller, again)
                    return
                outcome = EXPIRED
        if isinstance(caller, Client):
            self._conclude(caller.pool, caller, outcome, caller.attempt, last)
            if caller.then is not None:
                caller.then(outcome)
        else:
            caller.duration = self.clock.now - (caller.began + caller.init)
            self._leave(caller, OK if outcome == OK else ERROR)

    def _try_again(self, caller: Client | Environment, again: float) -> None:
        """Wait, then ask again; a handler whose time is up before that is cut off."""
        if isinstance(caller, Environment) and again >= caller.deadline:
            self._later(caller, caller.deadline, DEADLINE, self._run_out)
            return
        caller.policy.retries()
        self._later(caller, again, RETRY, self._ask)


def _requests(asked: Iterator[Asked]) -> Iterator[tuple[float, list[float], int]]:
    """The requests one by one: when, the work in each function, and which function."""
    for some in asked:
        which = some.functions.tolist() or [0] * len(some.arrivals)
        yield from zip(some.arrivals.tolist(), some.works.tolist(), which, strict=True)
