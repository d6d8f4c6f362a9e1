"""The compiled kernel: invocations between two control events, in plain loops.

A *node* is somebody who waits for one event: an environment at work, or waiting for the function
that it called, or a client that has asked. Events stand in a calendar queue (R. Brown, Calendar
queues, CACM 31, 1988): one sorted list for each short "day", so that its cost does not grow with
the load. Idle environments stand in a ring for each function; one whose time is over is found when
it is taken or when the state is read, and its end is posted for the instant at which it came.

`twin.py` is the same rule written for reading; the two agree invocation by invocation. All
functions stay in this one file, because numba's cache is keyed on it. Nothing here is random but
what a hash of a request's number decides.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

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
    TIMED_OUT,
    WARM,
)
from models.simulation.functions.serving import (
    LEAST_RECENTLY_IDLE,
    NEWEST_CREATED,
    RANDOM,
)
from models.simulation.kernel import INLINE, KERNEL
from models.simulation.latency import BUCKETS, FIRST, SHIFT

#: What a node waits for, in the order of one instant; the control plane acts before `RETRY`.
WORK_DONE, CALLER_LEAVES, DEADLINE, RETRY = range(4)
#: Who waits for an invocation, where it is no node: a client that does not watch for the answer, or
#: nobody any more.
NOBODY, ABANDONED = -1, -2

NODE = np.dtype(
    [
        ("time", "f8"),  # of its event [s]
        ("arrival", "f8"),  # of the request it works for [s]
        ("began", "f8"),  # when the environment was taken [s]
        ("init", "f8"),
        ("duration", "f8"),  # of the handler, at most the time-out [s]
        ("deadline", "f8"),
        ("idle_until", "f8"),
        ("retire", "f8"),  # when its life is over [s]
        ("number", "i8"),  # of the request
        ("created", "i8"),  # how many of its function came before it
        ("caller", "i8"),  # node that waits for it, `NOBODY` or `ABANDONED`
        ("callee", "i8"),  # node that it waits for, or -1
        ("attempt", "i8"),  # of what it calls
        ("failures", "i8"),  # of these, ended otherwise than by a throttle
        ("next", "i4"),
        ("event", "i4"),
        ("function", "i4"),  # its own; of a client, the one that it asks
        ("kind", "i4"),
        ("outcome", "i4"),
        ("client", "i4"),
    ]
)
BUCKET = np.dtype([("tokens", "f8"), ("at", "f8"), ("rate", "f8"), ("capacity", "f8")])
FUNCTION = np.dtype(
    [
        ("timeout", "f8"),
        ("failure", "f8"),
        ("unbilled", "f8"),  # part of a cold start that comes before Init [s]
        ("busy_seconds", "f8"),
        ("provisioned_seconds", "f8"),
        ("environment_seconds", "f8"),
        ("seed", "u8"),
        ("head", "i8"),  # of the ring of idle environments
        ("idle", "i8"),
        ("created", "i8"),
        ("taken", "i8"),
        ("rested", "i8"),  # how often one of its environments fell idle
        ("busy", "i8"),
        ("live", "i8"),  # environments that are not provisioned
        ("most_live", "i8"),
        ("provisioned", "i8"),
        ("provisioned_busy", "i8"),
        ("pool", "i8"),
        ("front", "i8"),  # its bucket at API Gateway, or -1
        ("calls", "i8"),
        ("column", "i8"),
        ("routing", "i8"),
        ("replaces", "i8"),
        ("bills_init", "i8"),
        ("watched", "i8"),
        ("billed_ms", "i8"),
        ("provisioned_ms", "i8"),
        ("init_ms", "i8"),
    ]
)
POOL = np.dtype([("busy", "i8"), ("limit", "i8"), ("most_busy", "i8")])
POLICY = np.dtype(
    [
        ("patience", "f8"),
        ("most_age", "f8"),
        ("throttle_attempts", "f8"),
        ("throttle_base", "f8"),
        ("throttle_most", "f8"),
        ("failure_attempts", "f8"),
        ("failure_base", "f8"),
        ("failure_most", "f8"),
        ("quota", "f8"),
        ("tokens", "f8"),
        ("cost", "f8"),
        ("jitter", "i8"),
        ("apart", "i8"),  # whether throttles and failures are counted apart
    ]
)
CALENDAR = np.dtype(
    [
        ("days_per_second", "f8"),
        ("since", "f8"),  # last reading [s]
        ("day", "i8"),
        ("mask", "i8"),
        ("pending", "i8"),
        ("free", "i8"),  # first free environment node
        ("free_clients", "i8"),
    ]
)
Rows = Any
Times = NDArray[np.float64]
Counts = NDArray[np.int64]


class State(NamedTuple):
    """What the kernel keeps between calls; every array is one row for each thing."""

    nodes: Rows  # (environments + clients,)
    works: Times  # (environments + clients, columns): of the request a node works for [s]
    days: NDArray[np.int32]  # (days,): first node of each day of the calendar
    calendar: Rows  # (1,)
    functions: Rows  # (functions,)
    pools: Rows  # (pools,)
    policies: Rows  # (functions, 2): of its clients, and of itself as a caller
    buckets: Rows  # (pools + 2 x functions + APIs,)
    idle: NDArray[np.int32]  # (functions, places)
    drawn: Rows  # (functions, DRAWN_ROWS)
    requests: Counts  # (functions, outcomes)
    attempts: Counts  # (functions, outcomes)
    starts: Counts  # (functions, 3)
    histogram: Counts  # (functions, BUCKETS): answered requests by response time
    latency: Times  # (functions, 2): response time of answered requests, cold ones [s]
    records: Rows  # (requests,), or none


@njit(**INLINE)
def hashed(seed: int, number: int, turn: int) -> float:
    """A number from 0 to 1 that depends on nothing but these (splitmix64)."""
    x = (
        np.uint64(seed)
        + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)
        + np.uint64(turn) * np.uint64(0xD1B54A32D192ED03)
    )
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return np.float64(x >> np.uint64(11)) * 2.0**-53


@njit(**INLINE)
def take_token(bucket: Rows, now: float) -> bool:
    """Refill a bucket, then take one token where there is one."""
    if bucket.capacity < 0.0:
        return True
    tokens = min(bucket.capacity, bucket.tokens + (now - bucket.at) * bucket.rate)
    bucket.at = now
    if tokens < 1.0:
        bucket.tokens = tokens
        return False
    bucket.tokens = tokens - 1.0
    return True


# --- the calendar ---------------------------------------------------------------------------------


@njit(**INLINE)
def schedule(state: State, node: int, time: float, event: int) -> None:
    """Enter a node, after those of the same instant and event."""
    calendar, nodes = state.calendar[0], state.nodes
    day = np.int64(time * calendar.days_per_second) & calendar.mask
    before = np.int32(-1)
    place = state.days[day]
    while place >= 0:
        other = nodes[place]
        if other.time > time or (other.time == time and other.event > event):
            break
        before = place
        place = other.next
    entered = nodes[node]
    entered.time = time
    entered.event = event
    entered.next = place
    if before < 0:
        state.days[day] = node
    else:
        nodes[before].next = node
    calendar.pending += 1


@njit(**INLINE)
def cancel(state: State, node: int) -> None:
    """Take a node out of the calendar, if it is in it."""
    calendar, nodes = state.calendar[0], state.nodes
    if nodes[node].event < 0:
        return
    day = np.int64(nodes[node].time * calendar.days_per_second) & calendar.mask
    place = state.days[day]
    if place == node:
        state.days[day] = nodes[node].next
    else:
        while nodes[place].next != node:
            place = nodes[place].next
        nodes[place].next = nodes[node].next
    nodes[node].event = -1
    calendar.pending -= 1


@njit(**INLINE)
def next_due(state: State, until: float, event: int) -> Any:
    """Take out the node whose event comes first, if it comes by (`until`, `event`); else -1."""
    calendar, nodes = state.calendar[0], state.nodes
    last = np.int64(until * calendar.days_per_second)
    day = calendar.day
    if calendar.pending == 0:
        calendar.day = max(day, last)
        return -1
    while True:
        head = state.days[day & calendar.mask]
        if head >= 0:
            first = nodes[head]
            if np.int64(first.time * calendar.days_per_second) == day:
                calendar.day = day
                if first.time < until or (first.time == until and first.event <= event):
                    state.days[day & calendar.mask] = first.next
                    calendar.pending -= 1
                    return np.int64(head)
                return -1
        if day >= last:
            calendar.day = day
            return -1
        day += 1


# --- environments ---------------------------------------------------------------------------------


@njit(**INLINE)
def take_node(state: State) -> int:
    """A free node for an environment."""
    calendar = state.calendar[0]
    node = calendar.free
    calendar.free = np.int64(state.nodes[node].next)
    return node


@njit(**INLINE)
def free_node(state: State, node: int) -> None:
    calendar = state.calendar[0]
    state.nodes[node].next = np.int32(calendar.free)
    state.nodes[node].event = -1
    calendar.free = node


@njit(**INLINE)
def end_environment(state: State, f: int, node: int, time: float) -> None:
    """An environment is gone since `time`."""
    function = state.functions[f]
    function.environment_seconds += time - state.calendar[0].since
    function.live -= 1
    free_node(state, node)


@njit(**INLINE)
def is_over(environment: Rows, now: float) -> bool:
    """Whether an idle environment is gone by `now`; at the very end of its retention it is not."""
    return environment.idle_until < now or environment.retire <= now


@njit(**INLINE)
def put_idle(state: State, f: int, node: int) -> None:
    """An environment waits for its next request."""
    function = state.functions[f]
    mask = state.idle.shape[1] - 1
    place = function.head + function.idle
    if function.routing == NEWEST_CREATED:
        created = state.nodes[node].created
        while place > function.head:
            other = state.idle[f, (place - 1) & mask]
            if state.nodes[other].created < created:
                break
            state.idle[f, place & mask] = other
            place -= 1
    state.idle[f, place & mask] = node
    function.idle += 1


@njit(**INLINE)
def take_idle(state: State, f: int, now: float) -> Any:
    """The idle environment that the routing picks, or -1; those that are over end on the way."""
    function = state.functions[f]
    mask = state.idle.shape[1] - 1
    while function.idle > 0:
        last = (function.head + function.idle - 1) & mask
        place = last
        if function.routing == LEAST_RECENTLY_IDLE:
            place = function.head & mask
            function.head += 1
        elif function.routing == RANDOM:
            share = hashed(function.seed, function.taken, 7)
            function.taken += 1
            place = (function.head + np.int64(share * function.idle)) & mask
        node = np.int64(state.idle[f, place])
        if function.routing == RANDOM:
            state.idle[f, place] = state.idle[f, last]
        function.idle -= 1
        environment = state.nodes[node]
        if not is_over(environment, now):
            return node
        end_environment(state, f, node, min(environment.idle_until, environment.retire))
    return -1


@njit(**INLINE)
def new_environment(state: State, f: int, now: float) -> int:
    """The next environment of a function, as it was drawn."""
    function = state.functions[f]
    drawn = state.drawn[f, function.created % state.drawn.shape[1]]
    node = take_node(state)
    environment = state.nodes[node]
    environment.created = function.created
    environment.retire = now + drawn.life
    function.created += 1
    function.live += 1
    function.most_live = max(function.most_live, function.live)
    function.environment_seconds -= now - state.calendar[0].since
    return node


@njit(**INLINE)
def let_through(state: State, f: int, now: float) -> bool:
    """Whether API Gateway, where it stands in front, lets a call through."""
    front = state.functions[f].front
    return front < 0 or take_token(state.buckets[front], now)


@njit(**INLINE)
def admit(state: State, f: int, now: float) -> int:
    """An environment for an attempt, or minus the cause of refusing it.

    In this order: provisioned, concurrency, the rate of requests, a warm one, the rate of scaling.
    """
    function = state.functions[f]
    pool = state.pools[function.pool]
    own = state.pools.size + 2 * f
    if function.provisioned_busy < function.provisioned and take_token(state.buckets[own], now):
        node = take_node(state)
        state.nodes[node].kind = PROVISIONED
        state.nodes[node].created = -1
        function.provisioned_busy += 1
        function.provisioned_seconds -= now - state.calendar[0].since
        return node
    if pool.busy >= pool.limit:
        return -ACCOUNT if function.pool == 0 else -RESERVED
    if not take_token(state.buckets[function.pool], now):
        return -RATE
    kind = WARM
    node = take_idle(state, f, now)
    if node < 0:
        if not take_token(state.buckets[own + 1], now):
            return -SCALING
        kind = COLD
        node = new_environment(state, f, now)
    state.nodes[node].kind = kind
    pool.busy += 1
    pool.most_busy = max(pool.most_busy, pool.busy)
    function.busy += 1
    function.busy_seconds -= now - state.calendar[0].since
    return node


@njit(**INLINE)
def begin(state: State, node: int, f: int, now: float, work: float) -> None:
    """An environment takes on a request; when its own work will be over is known at once."""
    function, environment = state.functions[f], state.nodes[node]
    init = 0.0
    duration = work
    if environment.kind == COLD:
        drawn = state.drawn[f, environment.created % state.drawn.shape[1]]
        if function.replaces:
            duration = drawn.init
        else:
            init = function.unbilled + drawn.init
            duration = work + drawn.first_run
    outcome = OK
    if duration > function.timeout:
        duration = function.timeout
        outcome = TIMED_OUT
    elif hashed(function.seed, environment.number, environment.attempt) < function.failure:
        outcome = ERROR
    environment.began = now
    environment.init = init
    environment.duration = duration
    environment.outcome = outcome
    environment.function = f
    environment.callee = -1
    environment.client = 0
    state.starts[f, environment.kind] += 1
    schedule(state, node, now + (init + duration), WORK_DONE)


@njit(**INLINE)
def milliseconds(seconds: float) -> Any:
    """Whole milliseconds as billed: rounded up, but not for what a float leaves over."""
    return np.int64(np.ceil(seconds * 1000.0 - 1e-6))


@njit(**INLINE)
def leave(state: State, node: int, outcome: int, now: float) -> None:
    """An invocation ends: it is counted and billed, and its environment waits or ends."""
    environment = state.nodes[node]
    f = np.int64(environment.function)
    function = state.functions[f]
    state.attempts[f, outcome] += 1
    ran = milliseconds(environment.duration)
    environment.event = -1
    if environment.kind == PROVISIONED:
        function.provisioned_ms += ran
        function.provisioned_busy -= 1
        function.provisioned_seconds += now - state.calendar[0].since
        free_node(state, node)
        return
    if function.bills_init and environment.init > 0.0:
        whole = milliseconds((environment.init - function.unbilled) + environment.duration)
        function.init_ms += whole - ran
        ran = whole
    function.billed_ms += ran
    function.busy -= 1
    state.pools[function.pool].busy -= 1
    function.busy_seconds += now - state.calendar[0].since
    if outcome == TIMED_OUT or now >= environment.retire:
        end_environment(state, f, node, now)
    else:
        rested = function.rested % state.drawn.shape[1]
        environment.idle_until = now + state.drawn[f, rested].retention
        function.rested += 1
        put_idle(state, f, node)


# --- callers --------------------------------------------------------------------------------------


@njit(**INLINE)
def conclude(
    state: State, f: int, number: int, outcome: int, last: int, attempts: int, arrival: float,
    now: float,
) -> None:  # fmt: skip
    """A request has its final outcome; `last` is the environment of its last attempt, or -1."""
    state.requests[f, outcome] += 1
    if outcome == OK:
        latency = now - arrival
        bucket: Any = (np.float64(latency).view(np.int64) >> SHIFT) - FIRST
        state.histogram[f, min(max(bucket, 0), BUCKETS - 1)] += 1
        state.latency[f, 0] += latency
        if state.nodes[last].kind == COLD:
            state.latency[f, 1] += latency
    if state.records.size:
        kept = state.records[number]
        kept.outcome = outcome
        kept.kind = state.nodes[last].kind if last >= 0 else np.int32(-1)
        kept.environment = state.nodes[last].created if last >= 0 else np.int64(-1)
        kept.attempts = attempts
        kept.start = state.nodes[last].began if last >= 0 else np.nan
        kept.finish = now


@njit(**INLINE)
def policy_of(state: State, node: int) -> Rows:
    """How a caller waits and tries again."""
    caller = state.nodes[node]
    return state.policies[caller.function, 0 if caller.client else 1]


@njit(**INLINE)
def retry_time(state: State, node: int, outcome: int, now: float) -> float:
    """When a caller tries again after an attempt that failed; infinity where it does not."""
    caller, policy = state.nodes[node], policy_of(state, node)
    throttled = ACCOUNT <= outcome <= API
    count = caller.attempt
    if not throttled:
        caller.failures += 1
    if policy.apart:
        count = caller.attempt - caller.failures if throttled else caller.failures
    attempts = policy.throttle_attempts if throttled else policy.failure_attempts
    if count >= attempts:
        return np.inf
    if policy.quota > 0.0 and policy.tokens < policy.cost:
        return np.inf
    base = policy.throttle_base if throttled else policy.failure_base
    most = policy.throttle_most if throttled else policy.failure_most
    wait = min(most, base * 2.0 ** min(count - 1, 60))
    if policy.jitter:
        seed = state.functions[caller.function].seed
        wait *= hashed(seed, caller.number, 1000 + caller.attempt)
    return now + wait


@njit(**INLINE)
def forget(state: State, node: int) -> None:
    """A caller no longer waits for what it called, which goes on for nobody."""
    callee = state.nodes[node].callee
    if callee >= 0:
        state.nodes[callee].caller = ABANDONED
        state.nodes[node].callee = -1


@njit(**INLINE)
def close_ticket(state: State, node: int, outcome: int, last: int, now: float) -> None:
    """A client has its final outcome."""
    ticket = state.nodes[node]
    f = np.int64(ticket.function)
    conclude(state, f, ticket.number, outcome, last, ticket.attempt, ticket.arrival, now)
    ticket.event = -1
    ticket.next = np.int32(state.calendar[0].free_clients)
    state.calendar[0].free_clients = node


@njit(**INLINE)
def try_again(state: State, node: int, outcome: int, now: float) -> int:
    """Let a caller wait for its next attempt; the outcome that is final, or -1 where it waits."""
    caller, policy = state.nodes[node], policy_of(state, node)
    again = retry_time(state, node, outcome, now)
    if again == np.inf:
        return outcome
    if again > caller.arrival + policy.most_age:
        return EXPIRED
    if not caller.client and again >= caller.deadline:
        schedule(state, node, caller.deadline, DEADLINE)
        return -1
    if policy.quota > 0.0:
        policy.tokens -= policy.cost
    schedule(state, node, again, RETRY)
    return -1


@njit(**INLINE)
def answer(state: State, node: int, outcome: int, last: int, now: float) -> None:
    """Tell a caller how its attempt ended; what follows from it goes up the chain of callers."""
    while node >= 0:
        caller = state.nodes[node]
        policy = policy_of(state, node)
        caller.callee = -1
        cancel(state, node)
        if outcome != OK:
            outcome = try_again(state, node, outcome, now)
            if outcome < 0:
                return
        elif policy.quota > 0.0:
            back = 1.0 if caller.attempt == 1 else policy.cost
            policy.tokens = min(policy.quota, policy.tokens + back)
        if caller.client:
            close_ticket(state, node, outcome, last, now)
            return
        caller.duration = now - (caller.began + caller.init)
        outcome = OK if outcome == OK else ERROR
        last = node
        node = hand_over(state, last, outcome, now)


@njit(**INLINE)
def hand_over(state: State, node: int, outcome: int, now: float) -> int:
    """An invocation ends; who waits for it, or less than 0 where no node does."""
    environment = state.nodes[node]
    above = environment.caller
    leave(state, node, outcome, now)
    if above == NOBODY:
        f = np.int64(environment.function)
        conclude(state, f, environment.number, outcome, node, 1, environment.arrival, now)
    return above


@njit(**INLINE)
def ask(state: State, node: int, f: int, now: float) -> None:
    """A caller makes an attempt at a function: it waits for the answer, or hears at once."""
    caller = state.nodes[node]
    caller.attempt += 1
    refused = 0
    if caller.client and not let_through(state, f, now):
        refused = API
        environment = -1
    else:
        environment = admit(state, f, now)
        if environment < 0:
            refused = -environment
    if refused:
        state.attempts[f, refused] += 1
        answer(state, node, refused, -1, now)
        return
    taken = state.nodes[environment]
    taken.caller = node
    taken.number = caller.number
    taken.attempt = caller.attempt
    taken.arrival = now
    for column in range(state.works.shape[1]):
        state.works[environment, column] = state.works[node, column]
    begin(state, environment, f, now, state.works[node, state.functions[f].column])
    taken.attempt = 0
    taken.failures = 0
    caller.callee = environment
    leaves = now + policy_of(state, node).patience
    if not caller.client and caller.deadline <= leaves:
        schedule(state, node, caller.deadline, DEADLINE)
    elif leaves < np.inf:
        schedule(state, node, leaves, CALLER_LEAVES)


@njit(**INLINE)
def finish_work(state: State, node: int, now: float) -> None:
    """A handler's own work is done: it calls the next function, or it ends."""
    environment = state.nodes[node]
    f = np.int64(environment.function)
    function = state.functions[f]
    outcome = np.int64(environment.outcome)
    environment.event = -1
    if function.calls >= 0 and outcome == OK:
        environment.deadline = (environment.began + environment.init) + function.timeout
        ask(state, node, function.calls, now)
        return
    answer(state, hand_over(state, node, outcome, now), outcome, node, now)


@njit(**INLINE)
def run_out(state: State, node: int, now: float) -> None:
    """The deadline of a handler that waits for another function has come."""
    environment = state.nodes[node]
    f = np.int64(environment.function)
    environment.event = -1
    forget(state, node)
    environment.duration = state.functions[f].timeout
    answer(state, hand_over(state, node, TIMED_OUT, now), TIMED_OUT, node, now)


@njit(**INLINE)
def give_up(state: State, node: int, now: float) -> None:
    """A caller has waited long enough; what it asked for goes on."""
    last = state.nodes[node].callee
    state.nodes[node].event = -1
    forget(state, node)
    answer(state, node, GAVE_UP, last, now)


@njit(**KERNEL)
def happen(state: State, node: int) -> None:
    """The event of a node that was taken out of the calendar."""
    now = state.nodes[node].time
    event = state.nodes[node].event
    if event == WORK_DONE:
        finish_work(state, node, now)
    elif event == CALLER_LEAVES:
        give_up(state, node, now)
    elif event == DEADLINE:
        run_out(state, node, now)
    else:
        state.nodes[node].event = -1
        f = np.int64(state.nodes[node].function)
        ask(state, node, f if state.nodes[node].client else state.functions[f].calls, now)


@njit(**INLINE)
def open_ticket(state: State, f: int, number: int, now: float, work: Times) -> None:
    """A client that watches for the answer asks."""
    calendar = state.calendar[0]
    node = calendar.free_clients
    ticket = state.nodes[node]
    calendar.free_clients = np.int64(ticket.next)
    ticket.client = 1
    ticket.function = f
    ticket.number = number
    ticket.arrival = now
    ticket.attempt = 0
    ticket.failures = 0
    ticket.callee = -1
    ticket.event = -1
    for column in range(work.size):
        state.works[node, column] = work[column]
    ask(state, node, f, now)


@njit(**INLINE)
def arrive(state: State, f: int, number: int, now: float, work: Times) -> None:
    """A client that does not wait asks: its first attempt is its last."""
    refused = 0
    node = -1
    if not let_through(state, f, now):
        refused = API
    else:
        node = admit(state, f, now)
        if node < 0:
            refused = -node
    if refused:
        state.attempts[f, refused] += 1
        conclude(state, f, number, refused, -1, 1, now, now)
        return
    taken = state.nodes[node]
    taken.caller = NOBODY
    taken.number = number
    taken.attempt = 1
    taken.arrival = now
    if state.functions[f].calls >= 0:
        for column in range(work.size):
            state.works[node, column] = work[column]
    begin(state, node, f, now, work[state.functions[f].column])
    taken.attempt = 0
    taken.failures = 0


@njit(**KERNEL)
def serve(
    state: State, arrivals: Times, works: Times, which: NDArray[np.int32], first: int,
    number: int, until: float,
) -> int:  # fmt: skip
    """Serve ``arrivals[first:]`` before `until`, and what happens by then.

    Returns the first arrival that was not served; the call ends early where no more clients can
    wait.
    """
    index = first
    while True:
        coming = index < arrivals.size and arrivals[index] < until
        now = arrivals[index] if coming else until
        last = RETRY if coming else DEADLINE
        node = next_due(state, now, last)
        while node >= 0:
            event = state.nodes[node].event
            if event == WORK_DONE:
                own = np.int64(state.nodes[node].function)
                if state.nodes[node].caller < 0 and state.functions[own].calls < 0:
                    finish_work(state, node, state.nodes[node].time)
                else:
                    happen(state, node)
            else:
                happen(state, node)
            node = next_due(state, now, last)
        if not coming:
            return index
        f: Any = np.int64(which[index]) if which.size else 0
        if state.functions[f].watched:
            if state.calendar[0].free_clients < 0:
                return index
            open_ticket(state, f, number + index, now, works[index])
        else:
            arrive(state, f, number + index, now, works[index])
        index += 1


@njit(**KERNEL)
def read(state: State, now: float) -> None:
    """Bring the integrals up to `now`, and take out the idle environments that are over."""
    mask = state.idle.shape[1] - 1
    calendar = state.calendar[0]
    for f in range(state.functions.size):
        function = state.functions[f]
        kept = 0
        count = function.idle
        for place in range(function.head, function.head + count):
            node = np.int64(state.idle[f, place & mask])
            environment = state.nodes[node]
            if is_over(environment, now):
                end_environment(state, f, node, min(environment.idle_until, environment.retire))
            else:
                state.idle[f, (function.head + kept) & mask] = node
                kept += 1
        function.idle = kept
        passed = now - calendar.since
        function.busy_seconds += function.busy * passed
        function.provisioned_seconds += function.provisioned_busy * passed
        function.environment_seconds += function.live * passed
    calendar.since = now


#: Every compiled entry point; a test asserts that each has one signature.
ENTRY_POINTS = (serve, read)
