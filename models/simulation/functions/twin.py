"""The readable engine of functions: the same rules as the kernel, one event for each thing.

This is the specification; `kernel.py` is the speed. A test feeds both the same requests and asserts
that they agree invocation by invocation.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.simulation.clock import ARRIVE, FINISH, GIVE_UP, Clock
from models.simulation.functions.outcomes import (
    ACCOUNT,
    API,
    COLD,
    ERROR,
    EXPIRED,
    GAVE_UP,
    OK,
    OUTCOMES,
    PROVISIONED,
    RATE,
    RESERVED,
    SCALING,
    STARTS,
    THROTTLED,
    TIMED_OUT,
    UNFINISHED,
    WARM,
)
from models.simulation.functions.pool import Asked, Totals
from models.simulation.functions.serving import (
    LEAST_RECENTLY_IDLE,
    NEWEST_CREATED,
    RANDOM,
    RECORD,
    Bucket,
    Caller,
    FunctionServing,
    Serving,
)
from models.simulation.latency import BUCKETS, bucket_of

#: Beside those of `clock`: a handler's deadline comes after clients that give up, and a retry just
#: before requests that arrive at the same instant.
DEADLINE, RETRY = 2.5, 3.5
NOBODY, ABANDONED = None, "abandoned"
_WORD = (1 << 64) - 1


def hashed(seed: int, number: int, turn: int) -> float:
    """A number from 0 to 1 that depends on nothing but these (splitmix64).

    >>> 0 <= hashed(1, 2, 3) < 1 and hashed(1, 2, 3) != hashed(1, 3, 3)
    True
    """
    x = (seed + number * 0x9E3779B97F4A7C15 + turn * 0xD1B54A32D192ED03) & _WORD
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & _WORD
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & _WORD
    return float((x ^ (x >> 31)) >> 11) * 2.0**-53


def milliseconds(seconds: float) -> int:
    """Whole milliseconds as billed: rounded up, but not for what a float leaves over.

    >>> milliseconds(1.1), milliseconds(0.0123)
    (1100, 13)
    """
    return math.ceil(seconds * 1000.0 - 1e-6)


class Tokens:
    """A token bucket that is refilled when somebody asks for a token."""

    def __init__(self, bucket: Bucket, now: float = 0.0) -> None:
        self.bucket, self.tokens, self.at = bucket, bucket.capacity, now

    def take(self, now: float) -> bool:
        """One token, if there is one."""
        if not self.bucket.limits:
            return True
        gained = (now - self.at) * self.bucket.rate_per_second
        self.tokens, self.at = min(self.bucket.capacity, self.tokens + gained), now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


class Policy:
    """How a caller waits and tries again, and the retry quota that its like share."""

    def __init__(self, caller: Caller) -> None:
        self.rules, self.tokens = caller, caller.quota

    def wait_seconds(self, outcome: int, attempts: int, failures: int) -> float | None:
        """The wait before the next attempt, or none where there is none. [s]"""
        rules, throttled = self.rules, outcome in THROTTLED
        backoff = rules.on_throttle if throttled else rules.on_failure
        count = attempts
        if rules.counts_apart:
            count = attempts - failures if throttled else failures
        out_of_quota = rules.quota > 0 and self.tokens < rules.retry_cost
        if count >= backoff.attempts or out_of_quota:
            return None
        return min(backoff.most_seconds, backoff.base_seconds * 2.0 ** min(count - 1, 60))

    def succeeded(self, attempt: int) -> None:
        """An attempt was answered: a retry gets its tokens back."""
        if self.rules.quota:
            gained = 1.0 if attempt == 1 else self.rules.retry_cost
            self.tokens = min(self.rules.quota, self.tokens + gained)

    def retries(self) -> None:
        """Take the tokens of a retry."""
        if self.rules.quota:
            self.tokens -= self.rules.retry_cost


class Waiting:
    """Somebody who calls a function: a client, or an environment whose handler calls another."""

    def __init__(self) -> None:
        self.number, self.arrival = -1, 0.0
        self.attempt = self.failures = 0
        self.works: list[float] = []
        self.policy = Policy(Caller())
        self.callee: Environment | None = None
        self.turn = 0  # an event set for an earlier turn no longer counts


class Client(Waiting):
    """Who asks from outside; `then` hears the final outcome."""

    def __init__(
        self, pool: Pool, number: int, now: float, works: list[float],
        then: Callable[[int], Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.pool, self.number, self.arrival, self.works = pool, number, now, works
        self.policy, self.then = pool.client_policy, then


class Environment(Waiting):
    """One execution environment, and the invocation that it works on."""

    def __init__(self, pool: Pool, kind: int, now: float) -> None:
        super().__init__()
        self.pool, self.kind, self.policy = pool, kind, pool.own_policy
        self.created = -1 if kind == PROVISIONED else pool.created
        drawn = pool.drawn[pool.created % len(pool.drawn)]
        self.drawn_init, self.first_run, _, life = drawn
        self.retire = now + life
        self.idle_until = self.began = self.init = self.duration = 0.0
        self.deadline, self.outcome = math.inf, OK
        self.caller: Waiting | str | None = NOBODY

    def is_over(self, now: float) -> bool:
        """Whether it is gone by now; at the very end of its retention it is not."""
        return self.idle_until < now or self.retire <= now


class Limit:
    """The concurrency that several functions share, and their rate of requests."""

    def __init__(self, concurrency: int, rate: Bucket) -> None:
        self.concurrency, self.rate, self.busy = concurrency, Tokens(rate), 0


class Pool:
    """The environments of one function."""

    def __init__(
        self, serving: FunctionServing, limit: Limit, provisioned: Bucket, front: Tokens | None
    ) -> None:
        self.serving, self.limit = serving, limit
        self.drawn: list[tuple[float, ...]] = serving.drawn.tolist()
        self.idle: deque[Environment] = deque()
        self.scaling, self.front = Tokens(serving.scaling), front
        self.provisioned_rate = Tokens(provisioned)
        self.client_policy, self.own_policy = Policy(serving.client), Policy(serving.caller)
        self.arrived = self.created = self.taken = self.rested = self.busy = self.live = (
            self.most_live
        ) = 0
        self.provisioned = self.provisioned_busy = 0
        self.requests, self.attempts = [0] * len(OUTCOMES), [0] * len(OUTCOMES)
        self.starts, self.histogram = [0] * len(STARTS), [0] * BUCKETS
        self.latency_seconds = [0.0, 0.0]
        self.billed_ms = self.provisioned_ms = self.init_ms = 0
        self.busy_seconds = self.provisioned_seconds = self.environment_seconds = 0.0

    def take_idle(self, now: float, since: float) -> Environment | None:
        """The idle environment that the routing picks; those that are over end on the way."""
        while self.idle:
            one = self._pick()
            if not one.is_over(now):
                return one
            self.end(one, min(one.idle_until, one.retire), since)
        return None

    def _pick(self) -> Environment:
        if self.serving.routing == LEAST_RECENTLY_IDLE:
            return self.idle.popleft()
        if self.serving.routing == RANDOM:
            share = hashed(self.serving.seed, self.taken, 7)
            self.taken += 1
            place = int(share * len(self.idle))
            self.idle[place], self.idle[-1] = self.idle[-1], self.idle[place]
        return self.idle.pop()

    def put_idle(self, one: Environment) -> None:
        """It waits for its next request: last in line, or in order of creation."""
        place = len(self.idle)
        if self.serving.routing == NEWEST_CREATED:
            while place and self.idle[place - 1].created > one.created:
                place -= 1
        self.idle.insert(place, one)

    def end(self, one: Environment, time: float, since: float) -> None:
        """An environment is gone since `time`."""
        self.environment_seconds += time - since
        self.live -= 1

    def sweep(self, now: float, since: float) -> None:
        """Take out the idle environments that are over."""
        for one in [one for one in self.idle if one.is_over(now)]:
            self.end(one, min(one.idle_until, one.retire), since)
        self.idle = deque(one for one in self.idle if not one.is_over(now))


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
        none = serving.rate(0)
        fronts = [Tokens(bucket) for bucket in serving.fronts]
        self.pools = [
            Pool(one, self.limits[one.pool], none, None if one.front < 0 else fronts[one.front])
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
