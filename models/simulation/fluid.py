"""The fluid engine: requests as a stream, for horizons where no single request matters.

It takes the expected arrivals of each minute in place of drawn ones. A target that is offered more
than it can do builds up a line; below that, its latency is taken from queueing theory afterwards.
What it says about latency is approximate, and marked so.

Leaves out: slow start, stickiness, least outstanding requests in front of crashed targets, and the
requests that are in service when a connection is broken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.errors import InvalidInputError
from models.simulation.clock import Clock
from models.simulation.outcomes import (
    FAILED,
    NO_TARGET,
    OK,
    OUTCOMES,
    REJECTED,
    TIMED_OUT,
    UNFINISHED,
)
from models.simulation.targets import LEAST_OUTSTANDING, Period, Serving
from models.workload import Trace

#: Arrivals are even within a step of this length. [s]
STEP_SECONDS = 60.0
_NONE = np.empty(0)


class FluidTargets:
    """Targets that serve a stream; see `models.simulation.targets.Targets`.

    Parameters
    ----------
    clock : Clock
    serving : Serving
    trace : Trace

    Raises
    ------
    InvalidInputError
        Where the targets use what a stream cannot show.
    """

    def __init__(self, clock: Clock, serving: Serving, trace: Trace) -> None:
        if serving.slow_start_seconds or serving.stickiness_seconds:
            raise InvalidInputError(
                "slow start and stickiness follow single requests; leave them off, or simulate with"
                " engine='compiled'"
            )
        self.clock, self.serving = clock, serving
        self._mean_work = trace.work.mean_seconds
        steps = max(int(np.ceil(trace.duration_seconds / STEP_SECONDS)), 1)
        edges = np.minimum(np.arange(steps + 1) * STEP_SECONDS, trace.duration_seconds)
        self._rates: list[float] = trace.rates(edges).tolist()
        self._per_second = serving.workers / self._mean_work
        self._longest = min(serving.places, serving.patience_seconds * self._per_second)
        self._excess = REJECTED if self._longest == serving.places else TIMED_OUT
        self._line: list[float] = []
        self._failed: list[bool] = []
        self._work: list[float] = []
        self._routed: list[float] = []
        self._outcomes = [0.0] * len(OUTCOMES)
        self._groups: list[list[int]] = [[] for _ in serving.weights]
        self._served_until = self._last_read = 0.0
        self._offered = self._live_seconds = 0.0
        self._some_failed, self._at_ease = False, True

    def grow_to(self, slots: int) -> None:
        more = slots - len(self._line)
        for column in (self._line, self._work, self._routed):
            column.extend([0.0] * more)
        self._failed.extend([True] * more)

    def route_to(self, groups: Sequence[Sequence[int]]) -> None:
        given = [list(group) for group in groups]
        if given != self._groups:
            self._serve()
            self._groups = given
            self._look()

    def ramp(self, slot: int) -> None:
        raise InvalidInputError("the fluid engine has no slow start")

    def renew(self, slot: int) -> None:
        self._serve()
        self._line[slot] = 0.0
        self._failed[slot] = True
        self._look()

    def restore(self, slot: int) -> None:
        self._serve()
        self._failed[slot] = False
        self._look()

    def fail(self, slot: int) -> None:
        routed = any(slot in group for group in self._groups)
        if routed and self.serving.algorithm == LEAST_OUTSTANDING:
            raise InvalidInputError(
                "least_outstanding_requests sends a crashed target what single requests decide;"
                " simulate crashes with engine='compiled'"
            )
        self.cut(slot)
        self._failed[slot] = True
        self._look()

    def cut(self, slot: int) -> None:
        self._serve()
        self._outcomes[FAILED] += self._line[slot]
        self._line[slot] = 0.0

    def outstanding(self, slot: int) -> float:
        return self.waiting(slot)

    def waiting(self, slot: int) -> float:
        self._serve()
        return self._line[slot]

    def read(self) -> Period:
        self._serve()
        seconds, live = self.clock.now - self._last_read, self._live_seconds
        longest = max(self._line, default=0.0)
        period = Period(
            seconds, self._work, self._routed, np.array(self._outcomes), 0.0, _NONE,
            self._offered / live if live else 0.0, longest / self._per_second,
        )  # fmt: skip
        slots = len(self._line)
        self._work, self._routed = [0.0] * slots, [0.0] * slots
        self._outcomes = [0.0] * len(OUTCOMES)
        self._last_read, self._offered, self._live_seconds = self.clock.now, 0.0, 0.0
        return period

    def close(self) -> None:
        self._serve()
        self._outcomes[UNFINISHED] += sum(self._line)
        self._line = [0.0] * len(self._line)

    def _look(self) -> None:
        """Whether every target that gets requests answers; only then is there a short way."""
        self._some_failed = any(self._failed[slot] for group in self._groups for slot in group)
        self._at_ease = not self._some_failed and not any(self._line)

    def _serve(self) -> None:
        now = self.clock.now
        while self._served_until < now:
            step = int(self._served_until // STEP_SECONDS)
            end = min((step + 1) * STEP_SECONDS, now)
            rate = self._rates[step] if step < len(self._rates) else 0.0
            self._flow(rate, end - self._served_until)
            self._served_until = end

    def _flow(self, rate: float, seconds: float) -> None:
        """A stream of `rate` for some seconds, shared evenly over each group's targets."""
        weights = self.serving.weights
        routed: set[int] = set()
        for weight, group in zip(weights, self._groups, strict=True):
            requests = rate * seconds * weight / sum(weights)
            if not group:
                self._outcomes[NO_TARGET] += requests
                continue
            share = requests / len(group)
            if self._at_ease and share <= self._per_second * seconds:
                self._evenly(group, share, seconds)
                continue
            for slot in group:
                self._into(slot, share, seconds)
            routed.update(group)
        if not self._at_ease:
            for slot, waiting in enumerate(self._line):
                if waiting and slot not in routed:  # it drains
                    self._into(slot, 0.0, seconds)
        self._at_ease = not any(self._line) and not self._some_failed

    def _evenly(self, group: list[int], share: float, seconds: float) -> None:
        """Nobody waits and nobody has failed: each target does its share as it comes."""
        work_seconds = share * self._mean_work
        routed, work = self._routed, self._work
        for slot in group:
            routed[slot] += share
            work[slot] += work_seconds
        count = len(group)
        self._outcomes[OK] += share * count
        self._offered += work_seconds * count
        self._live_seconds += seconds * count

    def _into(self, slot: int, requests: float, seconds: float) -> None:
        """One target takes its share: what it cannot do waits, what cannot wait is lost."""
        self._routed[slot] += requests
        if self._failed[slot]:
            self._outcomes[FAILED] += requests
            return
        todo = self._line[slot] + requests
        served = min(todo, self._per_second * seconds)
        left = todo - served
        if left > self._longest:
            self._outcomes[self._excess] += left - self._longest
            left = self._longest
        self._line[slot] = left
        self._outcomes[OK] += served
        self._work[slot] += served * self._mean_work
        self._offered += requests * self._mean_work
        self._live_seconds += seconds
