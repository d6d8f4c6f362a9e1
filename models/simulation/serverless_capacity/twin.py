"""The readable rule of serverless capacity, one second after the other.

This is the specification; `kernel.py` is the speed. A test feeds both the same seconds and asserts
that they agree to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SECONDS_PER_ROW = 60

#: Columns of a row, in order.
COLUMNS = (
    "requests", "acu_seconds", "acu_max", "used_acu_seconds", "paused_seconds", "resuming_seconds",
    "resumes", "deep_resumes", "waited", "wait_seconds", "short", "backlog_acu_seconds",
)  # fmt: skip
(
    REQUESTS, ACU_SECONDS, ACU_MAX, USED, PAUSED, RESUMING, RESUMES, DEEP, WAITED, WAIT_SECONDS,
    SHORT, BACKLOG,
) = range(len(COLUMNS))  # fmt: skip

Rows = NDArray[np.float64]


class Rules(NamedTuple):
    """Everything that decides, as plain numbers."""

    work: float  # of a request [ACU-s]
    step: float  # [ACU]
    least: float  # while it runs [ACU]
    most: float  # [ACU]
    pause_after: float  # since the last connection was closed, infinite for never [s]
    connection: float  # how long one stays open after its request [s]
    resume: float  # [s]
    deep_resume: float  # [s]
    deep_after: float  # [s]
    resume_acu: float
    target: float
    weight: float  # of the last second in the average
    tolerated: float  # [s]
    rise: float  # [ACU/s]
    rise_share: float  # [1/s]
    fall_wait: float  # [s]
    fall_share: float


class ReadableCapacity:
    """One serverless instance.

    Parameters
    ----------
    rules : Rules
    rows : array of shape (minutes, columns)
        Where what happened is added up.
    """

    def __init__(self, rules: Rules, rows: Rows) -> None:
        self.rules, self.rows = rules, rows
        self.acu = rules.least
        self.used = self.backlog = self.allowance = 0.0
        self.fitting = self.idle = self.paused = self.resuming = 0.0
        self.second = 0

    def advance(self, counts: Iterable[int]) -> None:
        """Live through a second for each number of requests."""
        for count in counts:
            row = self.rows[self.second // SECONDS_PER_ROW]
            row[REQUESTS] += count
            if self.acu:
                self._serve(count, row)
                self._scale()
                self._maybe_pause(count)
            else:
                self._sleep(count, row)
            row[BACKLOG] = self.backlog
            self.second += 1

    def _serve(self, count: int, row: Rows) -> None:
        """Do what capacity allows; the rest waits."""
        asked = self.backlog + count * self.rules.work
        done = min(asked, self.acu)
        self.backlog = asked - done
        if self.backlog > 0:
            row[SHORT] += count
        self.used += (done - self.used) * self.rules.weight
        row[USED] += done
        row[ACU_SECONDS] += self.acu
        row[ACU_MAX] = max(row[ACU_MAX], self.acu)

    def _scale(self) -> None:
        goal = self._goal()
        if goal <= self.acu:
            self.allowance = 0.0
            self._fall_to(goal)
            return
        self.fitting = 0.0
        self.allowance += max(self.rules.rise, self.rules.rise_share * self.acu)
        rise = min(math.floor(self.allowance / self.rules.step) * self.rules.step, goal - self.acu)
        self.allowance -= rise
        self.acu += rise

    def _goal(self) -> float:
        """Capacity that would be just enough, in whole steps; all of it where work piles up."""
        rules = self.rules
        if self.backlog > rules.tolerated * self.acu:
            return rules.most
        needed = math.ceil(self.used / rules.target / rules.step) * rules.step
        return min(max(needed, rules.least), rules.most)

    def _fall_to(self, goal: float) -> None:
        """A step down, once less has been enough for long enough."""
        self.fitting = self.fitting + 1.0 if goal < self.acu else 0.0
        if goal < self.acu and self.fitting >= self.rules.fall_wait:
            part = math.floor(self.acu * self.rules.fall_share / self.rules.step) * self.rules.step
            self.acu = max(self.acu - max(part, self.rules.step), goal)
            self.fitting = 0.0

    def _maybe_pause(self, count: int) -> None:
        """Pause where no connection has been open for long enough, and nothing is left to do."""
        self.idle = 0.0 if count else self.idle + 1.0
        if self.backlog == 0 and self.idle >= self.rules.connection + self.rules.pause_after:
            self.acu = self.paused = self.resuming = 0.0

    def _sleep(self, count: int, row: Rows) -> None:
        """Paused, or on the way back: whoever comes waits until it is there."""
        if not self.resuming:
            if not count:
                self.paused += 1.0
                row[PAUSED] += 1.0
                return
            deep = self.paused > self.rules.deep_after
            self.resuming = self.rules.deep_resume if deep else self.rules.resume
            row[RESUMES] += 1.0
            row[DEEP] += deep
        row[RESUMING] += 1.0
        row[WAITED] += count
        row[WAIT_SECONDS] += count * self.resuming
        self.backlog += count * self.rules.work
        self.resuming -= 1.0
        if self.resuming <= 0:
            self.acu = min(max(self.rules.resume_acu, self.rules.least), self.rules.most)
            self.used = self.allowance = self.fitting = self.idle = self.resuming = 0.0
