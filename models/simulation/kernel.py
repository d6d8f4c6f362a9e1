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
from models.simulation.outcomes import FAILED, NO_TARGET, OK, REJECTED, TIMED_OUT
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
        place = target.head + target.waiting
        if place >= state.line.shape[1]:
            place -= state.line.shape[1]
        waiting = state.line[slot, place]
        waiting.arrival = now
        waiting.work = work
        waiting.number = number
        target.waiting += 1
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
        slot = -1
        if stickiness > 0.0:
            bound = state.bindings[clients[index]]
            if bound.until > now and bound.slot >= 0 and state.targets[bound.slot].routable:
                slot = bound.slot
        if slot < 0:
            group = state.groups[pick_group(state)]
            if group.count == 0:
                slot = -1
            elif algorithm == LEAST_OUTSTANDING:
                slot = pick_least_outstanding(state, group, now, patience, abandons)
            elif now < ramp_until:
                slot = pick_ramping(state, group, now, slow_start)
            else:
                slot = pick_in_turn(state, group)
        if slot < 0:
            record(state, slot, number + index, NO_TARGET, now, np.nan, now)
        else:
            if stickiness > 0.0:
                bound = state.bindings[clients[index]]
                bound.slot = slot
                bound.until = now + stickiness
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


#: Every compiled entry point; a test asserts that each has one signature.
ENTRY_POINTS = (serve, break_connections, read_work)
