"""The compiled rule of serverless capacity: `twin.py` in one plain loop.

The order of additions is that of the twin, so that the two agree to the last bit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.simulation.kernel import KERNEL
from models.simulation.serverless_capacity.twin import (
    ACU_MAX,
    ACU_SECONDS,
    BACKLOG,
    DEEP,
    PAUSED,
    REQUESTS,
    RESUMES,
    RESUMING,
    SECONDS_PER_ROW,
    SHORT,
    USED,
    WAIT_SECONDS,
    WAITED,
    Rows,
    Rules,
)

#: What is kept between calls, one row of it.
STATE = np.dtype(
    [
        ("acu", "f8"),
        ("used", "f8"),
        ("backlog", "f8"),
        ("allowance", "f8"),
        ("fitting", "f8"),
        ("idle", "f8"),
        ("paused", "f8"),
        ("resuming", "f8"),
        ("second", "i8"),
    ]
)


@njit(**KERNEL)
def advance(rules: Rules, states: Any, rows: Rows, counts: NDArray[np.int64]) -> None:
    """Live through a second for each number of requests."""
    state = states[0]
    for count in counts:
        row = rows[state.second // SECONDS_PER_ROW]
        state.second += 1
        row[REQUESTS] += count
        if state.acu > 0:
            serve(rules, state, row, count)
            scale(rules, state)
            state.idle = 0.0 if count else state.idle + 1.0
            if state.backlog == 0 and state.idle >= rules.connection + rules.pause_after:
                state.acu = 0.0
                state.paused = 0.0
                state.resuming = 0.0
        else:
            sleep(rules, state, row, count)
        row[BACKLOG] = state.backlog


@njit(**KERNEL)
def serve(rules: Rules, state: Any, row: Rows, count: int) -> None:
    """Do what capacity allows; the rest waits."""
    asked = state.backlog + count * rules.work
    done = min(asked, state.acu)
    state.backlog = asked - done
    if state.backlog > 0:
        row[SHORT] += count
    state.used += (done - state.used) * rules.weight
    row[USED] += done
    row[ACU_SECONDS] += state.acu
    row[ACU_MAX] = max(row[ACU_MAX], state.acu)


@njit(**KERNEL)
def scale(rules: Rules, state: Any) -> None:
    """Grow by what has been allowed so far, or fall once less has been enough for long enough."""
    step = rules.step
    goal = rules.most
    if state.backlog <= rules.tolerated * state.acu:
        needed = math.ceil(state.used / rules.target / step) * step
        goal = min(max(needed, rules.least), rules.most)
    if goal > state.acu:
        state.fitting = 0.0
        state.allowance += max(rules.rise, rules.rise_share * state.acu)
        rise = min(math.floor(state.allowance / step) * step, goal - state.acu)
        state.allowance -= rise
        state.acu += rise
        return
    state.allowance = 0.0
    state.fitting = state.fitting + 1.0 if goal < state.acu else 0.0
    if goal < state.acu and state.fitting >= rules.fall_wait:
        part = math.floor(state.acu * rules.fall_share / step) * step
        state.acu = max(state.acu - max(part, step), goal)
        state.fitting = 0.0


@njit(**KERNEL)
def sleep(rules: Rules, state: Any, row: Rows, count: int) -> None:
    """Paused, or on the way back: whoever comes waits until it is there."""
    if state.resuming == 0:
        if count == 0:
            state.paused += 1.0
            row[PAUSED] += 1.0
            return
        deep = state.paused > rules.deep_after
        state.resuming = rules.deep_resume if deep else rules.resume
        row[RESUMES] += 1.0
        row[DEEP] += deep
    row[RESUMING] += 1.0
    row[WAITED] += count
    row[WAIT_SECONDS] += count * state.resuming
    state.backlog += count * rules.work
    state.resuming -= 1.0
    if state.resuming <= 0:
        state.acu = min(max(rules.resume_acu, rules.least), rules.most)
        state.used = 0.0
        state.allowance = 0.0
        state.fitting = 0.0
        state.idle = 0.0
        state.resuming = 0.0


class CompiledCapacity:
    """One serverless instance; see `twin.ReadableCapacity`."""

    def __init__(self, rules: Rules, rows: Rows) -> None:
        self.rules, self.rows = rules, rows
        self.states: Any = np.zeros(1, STATE)
        self.states["acu"] = rules.least

    def advance(self, counts: NDArray[np.int64]) -> None:
        """Live through a second for each number of requests."""
        advance(self.rules, self.states, self.rows, counts)
