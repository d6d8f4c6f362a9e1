"""Parts of the readable engine: environments and their pools, callers, limits, token buckets."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Any

from models.simulation.functions.outcomes import (
    OK,
    OUTCOMES,
    PROVISIONED,
    STARTS,
    THROTTLED,
)
from models.simulation.functions.serving import (
    LEAST_RECENTLY_IDLE,
    NEWEST_CREATED,
    RANDOM,
    Bucket,
    Caller,
    FunctionServing,
)
from models.simulation.latency import BUCKETS

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

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.number, self.arrival = -1, 0.0
        self.attempt = self.failures = 0
        self.works: list[float] = []
        self.callee: Environment | None = None
        self.turn = 0  # an event set for an earlier turn no longer counts


class Client(Waiting):
    """Who asks from outside; `then` hears the final outcome."""

    def __init__(
        self, pool: Pool, number: int, now: float, works: list[float],
        then: Callable[[int], Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(pool.client_policy)
        self.pool, self.number, self.arrival, self.works = pool, number, now, works
        self.then = then


class Environment(Waiting):
    """One execution environment, and the invocation that it works on."""

    def __init__(self, pool: Pool, kind: int, now: float) -> None:
        super().__init__(pool.own_policy)
        self.pool, self.kind = pool, kind
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
        self.provisioned, self.provisioned_busy = serving.provisioned, 0
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
