"""The compiled kernel: requests between two control events, in plain loops.

It follows every target event by event and records a request when it departs, because a crash or a
cut connection is unknown when the request arrives. `twin.py` is the same rule written for reading;
the two agree request by request.

All functions that call each other stay in this one file: the compile cache is keyed on the file of
the function that is called, so an edit elsewhere would not be noticed. Everything is drawn by the
caller; nothing here is random, and the order of additions is fixed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.simulation.latency import BUCKETS, FIRST, SHIFT
from models.simulation.outcomes import (
    FAILED,
    NO_TARGET,
    OK,
    REJECTED,
    TIMED_OUT,
    UNANSWERED,
    UNCONNECTED,
)
from models.simulation.targets import LEAST_OUTSTANDING

#: `_nrt=False` leaves out the counting of references at every call, three times the speed; it is
#: a private option of numba's, named here alone. Functions that allocate must not use it.
KERNEL: dict[str, Any] = {"cache": True, "_nrt": False, "nogil": True}
INLINE = {**KERNEL, "forceinline": True}

TARGET = np.dtype(
    [
        ("next_event", "f8"),  # when something next happens here without an arrival [s]
        ("work", "f8"),  # worker-seconds taken on in this period [s]
        ("ramp_start", "f8"),  # when its slow start began [s]
        ("credit", "f8"),  # of the weighted round robin during a slow start
        ("soonest", "i8"),  # worker that finishes next
        ("busy", "i8"),
        ("waiting", "i8"),
        ("head", "i8"),  # place of the first in line
        ("failed", "i8"),
        ("routable", "i8"),
        ("routed", "i8"),
    ]
)
WORKER = np.dtype([("finish", "f8"), ("start", "f8"), ("arrival", "f8"), ("number", "i8")])
Times = NDArray[np.float64]
#: Rows with the fields of one of the types below; typed arrays cannot say so.
Rows = Any
PLACE = np.dtype([("arrival", "f8"), ("work", "f8"), ("number", "i8")])
GROUP = np.dtype(
    [
        ("weight", "f8"),
        ("credit", "f8"),
        ("first", "i8"),  # where its slots begin among the routable ones
        ("count", "i8"),
        ("turn", "i8"),
    ]
)
BINDING = np.dtype([("until", "f8"), ("slot", "i8")])


class State(NamedTuple):
    """What the kernel keeps between calls; every array is one row for each thing."""

    targets: Rows  # (slots,)
    workers: Rows  # (slots, workers)
    line: Rows  # (slots, places)
    groups: Rows  # (groups,)
    routable: NDArray[np.int64]  # (slots,)
    bindings: Rows  # (clients,), or none
    outcomes: NDArray[np.int64]
    histogram: NDArray[np.int64]
    latency: NDArray[np.float64]  # (1,): sum over answered requests [s]
    records: Rows  # (requests,), or none


@njit(**INLINE)
def record(
    state: State,
    slot: int,
    number: int,
    outcome: int,
    arrival: float,
    start: float,
    departure: float,
) -> None:
    """Note how a request ended."""
    state.outcomes[outcome] += 1
    if outcome == OK:
        latency = departure - arrival
        bucket: Any = (np.float64(latency).view(np.int64) >> SHIFT) - FIRST
        state.histogram[min(max(bucket, 0), BUCKETS - 1)] += 1
        state.latency[0] += latency
    if state.records.size:
        kept = state.records[number]
        kept.slot = slot
        kept.outcome = outcome
        kept.start = start
        kept.finish = departure


@njit(**INLINE)
def settle(
    state: State, slot: int, number: int, outcome: int, arrival: float, start: float, now: float,
    patience: float,
) -> None:  # fmt: skip
    """A request that a target held ends now: `outcome`, or timed out where its client had left."""
    if arrival + patience < now:
        record(state, slot, number, TIMED_OUT, arrival, start, arrival + patience)
    else:
        record(state, slot, number, outcome, arrival, start, now)


@njit(**INLINE)
def look_ahead(state: State, slot: int, patience: float, abandons: bool) -> None:
    """When something next happens at a target by itself, and at which worker."""
    target = state.targets[slot]
    soonest = 0
    finish = state.workers[slot, 0].finish
    for worker in range(1, state.workers.shape[1]):
        if state.workers[slot, worker].finish < finish:
            soonest = worker
            finish = state.workers[slot, worker].finish
    target.soonest = soonest
    if target.waiting > 0 and abandons:
        finish = min(finish, state.line[slot, target.head].arrival + patience)
    target.next_event = finish


@njit(**INLINE)
def begin(
    state: State, slot: int, worker: int, number: int, arrival: float, work: float, now: float
) -> None:
    """A worker takes on a request."""
    target = state.targets[slot]
    taken = state.workers[slot, worker]
    taken.finish = now + work
    taken.start = now
    taken.arrival = arrival
    taken.number = number
    target.work += work


@njit(**INLINE)
def join_line(state: State, slot: int, number: int, now: float, work: float) -> int:
    """Stand last in the line; at which place."""
    target = state.targets[slot]
    place = target.head + target.waiting
    if place >= state.line.shape[1]:
        place -= state.line.shape[1]
    waiting = state.line[slot, place]
    waiting.arrival = now
    waiting.work = work
    waiting.number = number
    target.waiting += 1
    return place


@njit(**INLINE)
def leave_line(state: State, slot: int) -> int:
    """Take the first out of the line; the place they had."""
    target = state.targets[slot]
    place = target.head
    target.head = place + 1 if place + 1 < state.line.shape[1] else 0
    target.waiting -= 1
    return place


@njit(**INLINE)
def finish_one(state: State, slot: int, patience: float) -> None:
    """The worker that is due finishes and takes the next in line, or falls idle."""
    target = state.targets[slot]
    worker = state.workers[slot, target.soonest]
    now = worker.finish
    settle(state, slot, worker.number, OK, worker.arrival, worker.start, now, patience)
    if target.waiting > 0:
        following = state.line[slot, leave_line(state, slot)]
        begin(state, slot, target.soonest, following.number, following.arrival, following.work, now)
    else:
        worker.finish = np.inf
        target.busy -= 1


@njit(**INLINE)
def advance(state: State, slot: int, until: float, patience: float, abandons: bool) -> None:
    """Everything that happens at one target up to and including `until`."""
    target = state.targets[slot]
    while target.next_event <= until:
        due = state.workers[slot, target.soonest].finish
        if target.next_event < due:  # nobody finishes before the first in line gives up
            gone = state.line[slot, leave_line(state, slot)]
            record(
                state, slot, gone.number, TIMED_OUT, gone.arrival, np.nan, gone.arrival + patience
            )
        else:
            finish_one(state, slot, patience)
        look_ahead(state, slot, patience, abandons)


@njit(**INLINE)
def pick_group(state: State) -> int:
    """The target group whose turn it is by weight (smooth weighted round robin)."""
    groups = state.groups
    if groups.size == 1:
        return 0
    chosen = 0
    total = 0.0
    for number in range(groups.size):
        groups[number].credit += groups[number].weight
        total += groups[number].weight
        if groups[number].credit > groups[chosen].credit:
            chosen = number
    groups[chosen].credit -= total
    return chosen


@njit(**INLINE)
def pick_in_turn(state: State, group: Rows) -> int:
    """Round robin: the next slot of the group."""
    slot = state.routable[group.first + group.turn]
    group.turn = group.turn + 1 if group.turn + 1 < group.count else 0
    return slot


@njit(**INLINE)
def pick_ramping(state: State, group: Rows, now: float, slow_start: float) -> int:
    """Round robin in which a target in slow start has a smaller share."""
    chosen = state.routable[group.first]
    total = 0.0
    for place in range(group.count):
        slot = state.routable[group.first + place]
        target = state.targets[slot]
        share = min((now - target.ramp_start) / slow_start, 1.0)
        target.credit += share
        total += share
        if target.credit > state.targets[chosen].credit:
            chosen = slot
    state.targets[chosen].credit -= total
    return chosen


@njit(**INLINE)
def pick_least_outstanding(
    state: State, group: Rows, now: float, patience: float, abandons: bool
) -> int:
    """Fewest requests in service and in line; the first from the turn on where several are."""
    for place in range(group.count):
        slot = state.routable[group.first + place]
        if state.targets[slot].next_event <= now:
            advance(state, slot, now, patience, abandons)
    place = group.turn
    best = place
    fewest = np.int64(1) << 62
    for _ in range(group.count):
        target = state.targets[state.routable[group.first + place]]
        outstanding = target.busy + target.waiting
        if outstanding < fewest:
            best = place
            fewest = outstanding
        place = place + 1 if place + 1 < group.count else 0
    group.turn = best + 1 if best + 1 < group.count else 0
    return state.routable[group.first + best]


@njit(**INLINE)
def route(
    state: State,
    now: float,
    client: int,
    algorithm: int,
    patience: float,
    abandons: bool,
    slow_start: float,
    ramp_until: float,
    stickiness: float,
) -> int:
    """The slot that a request goes to, or -1 where its target group has none."""
    if stickiness > 0.0:
        bound = state.bindings[client]
        if bound.until > now and bound.slot >= 0 and state.targets[bound.slot].routable:
            bound.until = now + stickiness
            return bound.slot
    group = state.groups[pick_group(state)]
    if group.count == 0:
        return -1
    if algorithm == LEAST_OUTSTANDING:
        slot = pick_least_outstanding(state, group, now, patience, abandons)
    elif now < ramp_until:
        slot = pick_ramping(state, group, now, slow_start)
    else:
        slot = pick_in_turn(state, group)
    if stickiness > 0.0:
        bound = state.bindings[client]
        bound.slot = slot
        bound.until = now + stickiness
    return slot


@njit(**INLINE)
def enter(
    state: State,
    slot: int,
    number: int,
    now: float,
    work: float,
    places: int,
    patience: float,
    abandons: bool,
) -> None:
    """A request reaches a target: refused, taken on, put in line, or turned away."""
    target = state.targets[slot]
    target.routed += 1
    if target.failed:
        record(state, slot, number, FAILED, now, np.nan, now)
    elif target.busy < state.workers.shape[1]:
        worker = 0
        while state.workers[slot, worker].finish != np.inf:
            worker += 1
        target.busy += 1
        begin(state, slot, worker, number, now, work, now)
        if now + work < target.next_event:
            target.next_event = now + work
            target.soonest = worker
    elif target.waiting < places:
        join_line(state, slot, number, now, work)
        if abandons and target.waiting == 1:
            target.next_event = min(target.next_event, now + patience)
    else:
        record(state, slot, number, REJECTED, now, np.nan, now)


@njit(**KERNEL)
def serve(
    state: State,
    algorithm: int,
    places: int,
    patience: float,
    abandons: bool,
    slow_start: float,
    ramp_until: float,
    stickiness: float,
    arrivals: Times,
    work: Times,
    clients: NDArray[np.int32],
    first: int,
    number: int,
    until: float,
) -> int:
    """Serve ``arrivals[first:]`` before `until`, then bring every slot up to `until`.

    Returns the index of the first arrival that was not served.
    """
    index = first
    while index < arrivals.size and arrivals[index] < until:
        now = arrivals[index]
        client = clients[index] if stickiness > 0.0 else np.int32(0)
        slot = route(
            state, now, client, algorithm, patience, abandons, slow_start, ramp_until, stickiness
        )
        if slot < 0:
            record(state, slot, number + index, NO_TARGET, now, np.nan, now)
        else:
            advance(state, slot, now, patience, abandons)
            enter(state, slot, number + index, now, work[index], places, patience, abandons)
        index += 1
    for slot in range(state.targets.size):
        advance(state, slot, until, patience, abandons)
    return index


@njit(**KERNEL)
def break_connections(state: State, slot: int, now: float, patience: float, outcome: int) -> None:
    """Everything in flight at a slot ends now: `outcome`, or timed out where the client had left.

    The work that was not done is taken back.
    """
    target = state.targets[slot]
    for number in range(state.workers.shape[1]):
        worker = state.workers[slot, number]
        if worker.finish != np.inf:
            target.work -= worker.finish - now
            settle(state, slot, worker.number, outcome, worker.arrival, worker.start, now, patience)
            worker.finish = np.inf
    while target.waiting > 0:
        waiting = state.line[slot, leave_line(state, slot)]
        settle(state, slot, waiting.number, outcome, waiting.arrival, np.nan, now, patience)
    target.busy = 0
    target.next_event = np.inf


@njit(**KERNEL)
def read_work(state: State, now: float, into: Times) -> None:
    """Worker-seconds of each slot since the last reading; what lies after `now` is carried over."""
    for slot in range(state.targets.size):
        target = state.targets[slot]
        ahead = 0.0
        for number in range(state.workers.shape[1]):
            finish = state.workers[slot, number].finish
            if finish != np.inf:
                ahead += finish - now
        into[slot] = target.work - ahead
        target.work = ahead


# --- a database behind the workers --------------------------------------------------------------
#
# A worker that has done its own work takes a connection of its instance's pool, has its statement
# executed, and only then answers. All targets share the database, so their events stand in one
# heap, ordered as in SimPy: by time, then by kind, then as they were posted. In a target's own
# fields `next_event` is never, and `finish` is the end of the worker's own work.

#: What a worker does. One that works or executes has an event for its end.
IDLE, WORKS, WAITS_FOR_POOL, WAITS_FOR_PROXY, WAITS_FOR_TURN, EXECUTES = range(6)
#: Events that one event or one arrival may post; the heap is made longer before it lacks them.
ROOM = 16

CALL = np.dtype(
    [
        ("seconds", "f8"),  # that the statement executes; none where it is 0 [s]
        ("began", "f8"),  # when it began to [s]
        ("state", "i8"),
        ("stamp", "i8"),  # changes with the state, so that old events are known as such
        ("next", "i8"),  # in whichever line it waits, or -1
    ]
)
LINE = np.dtype([("head", "i8"), ("tail", "i8"), ("count", "i8")])
POOL = np.dtype([("open", "i8"), ("idle", "i8")])
DATABASE = np.dtype(
    [
        ("pool_timeout", "f8"),
        ("borrow_timeout", "f8"),
        ("statement_timeout", "f8"),
        ("busy_seconds", "f8"),
        ("servers", "i8"),
        ("connections", "i8"),
        ("pool_size", "i8"),
        ("proxied", "i8"),
        ("executing", "i8"),
        ("opened", "i8"),  # connections to the database; the proxy's on loan, where there is one
        ("refused", "i8"),
        ("down", "i8"),
        ("events", "i8"),
        ("posted", "i8"),
    ]
)
EVENT = np.dtype([("time", "f8"), ("rank", "i8"), ("node", "i8"), ("stamp", "i8")])
#: Lines of the database: for a connection of the proxy, and for a turn; those of pools follow.
PROXY, TURN, POOLS = 0, 1, 2
#: What ranks behind every finish of the same instant.
GIVES_UP = np.int64(1) << 62


class Calls(NamedTuple):
    """What the kernel keeps of a database; every array is one row for each thing."""

    nodes: Rows  # (slots * workers,)
    waiting: NDArray[np.float64]  # (slots, places): statement seconds of those in line
    pools: Rows  # (slots,)
    lines: Rows  # (POOLS + slots,)
    database: Rows  # (1,)
    heap: Rows  # (room,)


@njit(**INLINE)
def post(calls: Calls, time: float, gives_up: int, node: int, stamp: int) -> None:
    """Put an event into the heap."""
    heap = calls.heap
    database = calls.database[0]
    rank = database.posted + (GIVES_UP if gives_up else np.int64(0))
    place = database.events
    database.posted += 1
    database.events += 1
    while place > 0:
        above = (place - 1) >> 1
        if heap[above].time < time or (heap[above].time == time and heap[above].rank < rank):
            break
        heap[place] = heap[above]
        place = above
    event = heap[place]
    event.time = time
    event.rank = rank
    event.node = node
    event.stamp = stamp


@njit(**INLINE)
def drop_first(calls: Calls) -> None:
    """Take the first event out of the heap."""
    heap = calls.heap
    database = calls.database[0]
    database.events -= 1
    count = database.events
    last = heap[count]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= count:
            break
        other = below + 1
        if other < count and (
            heap[other].time < heap[below].time
            or (heap[other].time == heap[below].time and heap[other].rank < heap[below].rank)
        ):
            below = other
        if last.time < heap[below].time or (
            last.time == heap[below].time and last.rank < heap[below].rank
        ):
            break
        heap[place] = heap[below]
        place = below
    heap[place] = last


@njit(**INLINE)
def stand_in_line(calls: Calls, number: int, node: int) -> None:
    """The worker waits behind the others in a line."""
    line = calls.lines[number]
    calls.nodes[node].next = -1
    if line.count:
        calls.nodes[line.tail].next = node
    else:
        line.head = node
    line.tail = node
    line.count += 1


@njit(**INLINE)
def call_first(calls: Calls, number: int) -> int:
    """Take the first out of a line."""
    line = calls.lines[number]
    node = line.head
    line.head = calls.nodes[node].next
    line.count -= 1
    return node


@njit(**INLINE)
def work_first(
    state: State, calls: Calls, node: int, number: int, arrival: float, work: float,
    seconds: float, now: float,
) -> None:  # fmt: skip
    """A worker takes on a request and begins with its own part."""
    workers = state.workers.shape[1]
    call = calls.nodes[node]
    begin(state, node // workers, node % workers, number, arrival, work, now)
    call.seconds = seconds
    call.state = WORKS
    call.stamp += 1
    post(calls, now + work, 0, node, call.stamp)


@njit(**KERNEL)
def answer(
    state: State, calls: Calls, node: int, outcome: int, now: float, patience: float
) -> None:
    """The request of a worker ends, and the worker takes the next in line or falls idle."""
    workers = state.workers.shape[1]
    slot = node // workers
    worker = state.workers[slot, node % workers]
    call = calls.nodes[node]
    target = state.targets[slot]
    worker.finish = np.inf
    call.state = IDLE
    call.stamp += 1
    settle(state, slot, worker.number, outcome, worker.arrival, worker.start, now, patience)
    if target.waiting > 0:
        place = leave_line(state, slot)
        following = state.line[slot, place]
        work_first(
            state, calls, node, following.number, following.arrival, following.work,
            calls.waiting[slot, place], now,
        )  # fmt: skip
    else:
        target.busy -= 1


@njit(**INLINE)
def have_turns(calls: Calls, now: float) -> None:
    """Begin the statements whose turn it is."""
    database = calls.database[0]
    while database.executing < database.servers and calls.lines[TURN].count:
        node = call_first(calls, TURN)
        call = calls.nodes[node]
        database.executing += 1
        call.state = EXECUTES
        call.began = now
        post(calls, now + call.seconds, 0, node, call.stamp)


@njit(**KERNEL)
def execute(calls: Calls, node: int, now: float) -> None:
    """A statement reaches the database; from now on its time-out runs."""
    database = calls.database[0]
    call = calls.nodes[node]
    call.state = WAITS_FOR_TURN
    call.stamp += 1
    if database.statement_timeout < np.inf:
        post(calls, now + database.statement_timeout, 1, node, call.stamp)
    stand_in_line(calls, TURN, node)
    have_turns(calls, now)


@njit(**INLINE)
def lend(calls: Calls, now: float) -> None:
    """The proxy lends its free connections to the statements that wait for one."""
    database = calls.database[0]
    while calls.lines[PROXY].count and database.opened < database.connections and not database.down:
        database.opened += 1
        execute(calls, call_first(calls, PROXY), now)


@njit(**KERNEL)
def ask(calls: Calls, node: int, now: float) -> None:
    """A worker that holds a connection sends its statement."""
    database = calls.database[0]
    if not database.proxied:
        execute(calls, node, now)
        return
    call = calls.nodes[node]
    call.state = WAITS_FOR_PROXY
    call.stamp += 1
    if database.borrow_timeout < np.inf:
        post(calls, now + database.borrow_timeout, 1, node, call.stamp)
    stand_in_line(calls, PROXY, node)
    lend(calls, now)


@njit(**INLINE)
def opens(calls: Calls, slot: int) -> bool:
    """Whether an instance can open one more connection; then it has."""
    database = calls.database[0]
    if not database.proxied:
        if database.down or database.opened >= database.connections:
            database.refused += 1
            return False
        database.opened += 1
    calls.pools[slot].open += 1
    return True


@njit(**INLINE)
def connect(state: State, calls: Calls, node: int, now: float, patience: float) -> None:
    """A worker has done its own part and wants a connection of its instance's pool."""
    database = calls.database[0]
    slot = node // state.workers.shape[1]
    pool = calls.pools[slot]
    call = calls.nodes[node]
    if pool.idle > 0:
        pool.idle -= 1
        ask(calls, node, now)
    elif pool.open < database.pool_size:
        if opens(calls, slot):
            ask(calls, node, now)
        else:
            answer(state, calls, node, UNCONNECTED, now, patience)
    else:
        call.state = WAITS_FOR_POOL
        call.stamp += 1
        post(calls, now + database.pool_timeout, 1, node, call.stamp)
        stand_in_line(calls, POOLS + slot, node)


@njit(**INLINE)
def give_back(calls: Calls, slot: int, now: float) -> None:
    """A connection returns to its pool: the first in line takes it."""
    if calls.lines[POOLS + slot].count:
        ask(calls, call_first(calls, POOLS + slot), now)
    else:
        calls.pools[slot].idle += 1


@njit(**INLINE)
def leave_database(calls: Calls, node: int, now: float) -> None:
    """A statement leaves the database, answered or cancelled; it is in no line any more."""
    database = calls.database[0]
    call = calls.nodes[node]
    if call.state == EXECUTES:
        database.executing -= 1
        database.busy_seconds += now - call.began
    if database.proxied:
        database.opened -= 1


@njit(**KERNEL)
def happen(state: State, calls: Calls, until: float, patience: float) -> bool:
    """Everything up to and including `until`; False where the heap must be made longer first."""
    workers = state.workers.shape[1]
    database = calls.database[0]
    while database.events > 0 and calls.heap[0].time <= until:
        if database.events + ROOM > calls.heap.size:
            return False
        now = calls.heap[0].time
        node = calls.heap[0].node
        stamp = calls.heap[0].stamp
        gives_up = calls.heap[0].rank >= GIVES_UP
        drop_first(calls)
        if node < 0:  # somebody in line at a target
            slot = -1 - node
            target = state.targets[slot]
            if target.waiting > 0 and state.line[slot, target.head].number == stamp:
                gone = state.line[slot, leave_line(state, slot)]
                record(
                    state, slot, gone.number, TIMED_OUT, gone.arrival, np.nan,
                    gone.arrival + patience,
                )  # fmt: skip
            continue
        call = calls.nodes[node]
        if call.stamp != stamp:
            continue
        slot = node // workers
        if call.state == WORKS:
            state.workers[slot, node % workers].finish = np.inf
            if call.seconds > 0.0:
                connect(state, calls, node, now, patience)
            else:
                answer(state, calls, node, OK, now, patience)
        elif call.state == WAITS_FOR_POOL:
            call_first(calls, POOLS + slot)
            answer(state, calls, node, UNCONNECTED, now, patience)
        elif call.state == WAITS_FOR_PROXY:
            call_first(calls, PROXY)
            give_back(calls, slot, now)
            answer(state, calls, node, UNCONNECTED, now, patience)
        else:
            if call.state == WAITS_FOR_TURN:
                call_first(calls, TURN)
            leave_database(calls, node, now)
            have_turns(calls, now)
            lend(calls, now)
            give_back(calls, slot, now)
            answer(state, calls, node, UNANSWERED if gives_up else OK, now, patience)
    return True


@njit(**INLINE)
def enter_calling(
    state: State, calls: Calls, slot: int, number: int, now: float, work: float, seconds: float,
    places: int, patience: float, abandons: bool,
) -> None:  # fmt: skip
    """A request reaches a target whose workers call a database."""
    target = state.targets[slot]
    workers = state.workers.shape[1]
    target.routed += 1
    if target.failed:
        record(state, slot, number, FAILED, now, np.nan, now)
    elif target.busy < workers:
        node = slot * workers
        while calls.nodes[node].state != IDLE:
            node += 1
        target.busy += 1
        work_first(state, calls, node, number, now, work, seconds, now)
    elif target.waiting < places:
        place = join_line(state, slot, number, now, work)
        calls.waiting[slot, place] = seconds
        if abandons and patience < np.inf:
            post(calls, now + patience, 1, -1 - slot, number)
    else:
        record(state, slot, number, REJECTED, now, np.nan, now)


@njit(**KERNEL)
def serve_calling(
    state: State,
    calls: Calls,
    algorithm: int,
    places: int,
    patience: float,
    abandons: bool,
    slow_start: float,
    ramp_until: float,
    stickiness: float,
    arrivals: Times,
    work: Times,
    seconds: Times,
    clients: NDArray[np.int32],
    first: int,
    number: int,
    until: float,
) -> int:
    """As `serve`, for targets that call a database; `seconds` are those of the statements.

    Returns the index of the first arrival that was not served; or, where the heap must be made
    longer first, minus one minus that index.
    """
    index = first
    while index < arrivals.size and arrivals[index] < until:
        now = arrivals[index]
        if not happen(state, calls, now, patience):
            return -1 - index
        if calls.database[0].events + ROOM > calls.heap.size:
            return -1 - index
        client = clients[index] if stickiness > 0.0 else np.int32(0)
        slot = route(
            state, now, client, algorithm, patience, abandons, slow_start, ramp_until, stickiness
        )
        if slot < 0:
            record(state, slot, number + index, NO_TARGET, now, np.nan, now)
        else:
            enter_calling(
                state, calls, slot, number + index, now, work[index], seconds[index], places,
                patience, abandons,
            )  # fmt: skip
        index += 1
    return index if happen(state, calls, until, patience) else -1 - index


@njit(**INLINE)
def leave_lines(calls: Calls, number: int, first: int, end: int) -> None:
    """Take the workers from `first` up to `end` out of a line."""
    line = calls.lines[number]
    kept = line.count
    node = line.head
    line.count = 0
    for _ in range(kept):
        following = calls.nodes[node].next
        if node < first or node >= end:
            stand_in_line(calls, number, node)
        node = following


@njit(**KERNEL)
def break_calls(
    state: State, calls: Calls, slot: int, now: float, patience: float, outcome: int
) -> None:
    """As `break_connections`; statements are cancelled, and connections return to the pool."""
    workers = state.workers.shape[1]
    target = state.targets[slot]
    first = slot * workers
    for node in range(first, first + workers):
        worker = state.workers[slot, node - first]
        call = calls.nodes[node]
        if call.state == IDLE:
            continue
        if call.state == WORKS:
            target.work -= worker.finish - now
        settle(state, slot, worker.number, outcome, worker.arrival, worker.start, now, patience)
        if call.state >= WAITS_FOR_TURN:
            leave_database(calls, node, now)
        if call.state >= WAITS_FOR_PROXY:
            calls.pools[slot].idle += 1
        worker.finish = np.inf
        call.state = IDLE
        call.stamp += 1
    while target.waiting > 0:
        waiting = state.line[slot, leave_line(state, slot)]
        settle(state, slot, waiting.number, outcome, waiting.arrival, np.nan, now, patience)
    target.busy = 0
    for number in (PROXY, TURN, POOLS + slot):
        leave_lines(calls, number, first, first + workers)
    have_turns(calls, now)
    lend(calls, now)


@njit(**KERNEL)
def close_pool(calls: Calls, slot: int) -> None:
    """An instance closes its connections; none is in use."""
    if not calls.database[0].proxied:
        calls.database[0].opened -= calls.pools[slot].open
    calls.pools[slot].open = 0
    calls.pools[slot].idle = 0


@njit(**KERNEL)
def fill_pool(calls: Calls, slot: int) -> None:
    """An instance opens its whole pool, or as much of it as it gets."""
    while calls.pools[slot].open < calls.database[0].pool_size and opens(calls, slot):
        calls.pools[slot].idle += 1


@njit(**KERNEL)
def lose_database(state: State, calls: Calls, now: float, patience: float) -> None:
    """The database goes away, and with it what it executes and every connection to it.

    What waits for a connection of a proxy goes on waiting.
    """
    database = calls.database[0]
    database.down = 1
    calls.lines[TURN].count = 0
    for node in range(calls.nodes.size):
        if calls.nodes[node].state >= WAITS_FOR_TURN:
            leave_database(calls, node, now)
    if not database.proxied:
        for slot in range(calls.pools.size):
            calls.lines[POOLS + slot].count = 0
            close_pool(calls, slot)
    broken = WAITS_FOR_TURN if database.proxied else WAITS_FOR_POOL
    for node in range(calls.nodes.size):
        if calls.nodes[node].state >= broken:
            if database.proxied:
                give_back(calls, node // state.workers.shape[1], now)
            answer(state, calls, node, UNCONNECTED, now, patience)


@njit(**KERNEL)
def regain_database(calls: Calls, now: float) -> None:
    """The database accepts connections again."""
    calls.database[0].down = 0
    lend(calls, now)


@njit(**KERNEL)
def read_database(calls: Calls, now: float) -> float:
    """Seconds spent executing since the last reading. [s]"""
    database = calls.database[0]
    for node in range(calls.nodes.size):
        call = calls.nodes[node]
        if call.state == EXECUTES:
            database.busy_seconds += now - call.began
            call.began = now
    busy_seconds = database.busy_seconds
    database.busy_seconds = 0.0
    return busy_seconds


#: Every compiled entry point; a test asserts that each has one signature.
ENTRY_POINTS = (serve, break_connections, read_work)
#: Those for targets that call a database.
CALLING_ENTRY_POINTS = (
    serve_calling, break_calls, close_pool, fill_pool, lose_database, regain_database,
    read_database,
)  # fmt: skip
