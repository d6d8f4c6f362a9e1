"""What stands behind a load balancer, as the control plane sees it, whichever engine serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.simulation.database.serving import DatabasePeriod

ROUND_ROBIN, LEAST_OUTSTANDING = 0, 1
ALGORITHMS = {"round_robin": ROUND_ROBIN, "least_outstanding_requests": LEAST_OUTSTANDING}

#: One row for each request, where the records are kept: who served it, how it ended, when it
#: left the line (NaN where it never did), and when its client had the outcome. [s]
RECORD = np.dtype([("slot", "i4"), ("outcome", "i4"), ("start", "f8"), ("finish", "f8")])


@dataclass(frozen=True)
class Serving:
    """How targets serve; the same for every engine.

    Parameters
    ----------
    workers : int
        Requests that one target works on at a time.
    places : int
        Requests that can wait in line at one target.
    patience_seconds : float
        After this long without an answer a client leaves, or the balancer gives up. [s]
    abandons_line : bool
        Whether the target notices that a waiting client has left. One that does not works through
        a line of clients who are gone.
    algorithm : int
        `ROUND_ROBIN` or `LEAST_OUTSTANDING`.
    weights : tuple of float
        Of the target groups; requests are shared out in this proportion.
    slow_start_seconds : float
        A new target's share grows evenly from nothing to whole in this time; 0 is off. [s]
    stickiness_seconds : float
        A client stays with its target until this long has passed since its last request; 0 is
        off. [s]
    clients : int
        Clients that are told apart, for stickiness.
    """

    workers: int
    places: int
    patience_seconds: float = float("inf")
    abandons_line: bool = True
    algorithm: int = ROUND_ROBIN
    weights: tuple[float, ...] = (1.0,)
    slow_start_seconds: float = 0.0
    stickiness_seconds: float = 0.0
    clients: int = 0


@dataclass
class Period:
    """What was counted since the last reading.

    Parameters
    ----------
    seconds : float
        Length of the period. [s]
    work : sequence of float
        Worker-seconds spent in each slot. [s]
    routed : sequence of float
        Requests sent to each slot.
    outcomes : array of shape (8,)
        Requests that ended in each way, in the order of `outcomes.OUTCOMES`.
    latency_sum_seconds : float
        Of the answered requests together. [s]
    histogram : array
        Answered requests by latency, see `latency`; empty from the fluid engine.
    offered_erlangs : float
        From the fluid engine: work brought to each live target, in workers it would keep busy.
    backlog_seconds : float
        From the fluid engine: time that the line of a target takes to work off. [s]
    database : DatabasePeriod, optional
        What was counted at the database behind the targets, if there is one.
    """

    seconds: float
    work: Sequence[float]
    routed: Sequence[float]
    outcomes: NDArray[Any]
    latency_sum_seconds: float
    histogram: NDArray[Any]
    offered_erlangs: float = 0.0
    backlog_seconds: float = 0.0
    database: DatabasePeriod | None = None

    def followed_by(self, later: Period) -> Period:
        """Both periods as one; slots that came later did nothing before."""
        return Period(
            self.seconds + later.seconds,
            [a + b for a, b in zip_longest(self.work, later.work, fillvalue=0.0)],
            [a + b for a, b in zip_longest(self.routed, later.routed, fillvalue=0.0)],
            self.outcomes + later.outcomes,
            self.latency_sum_seconds + later.latency_sum_seconds,
            self.histogram + later.histogram,
            later.offered_erlangs,
            later.backlog_seconds,
            later.database.after(self.database) if later.database else None,
        )


class Targets(Protocol):
    """The compiled, the readable and the fluid engine: the same methods.

    Each call first serves whatever arrived before now, so that callers never have to.
    """

    serving: Serving

    def grow_to(self, slots: int) -> None:
        """Have at least so many slots."""

    def route_to(self, groups: Sequence[Sequence[int]]) -> None:
        """Send requests to these slots from now on: one sequence for each target group.

        The round robin starts again at the first of each group, unless nothing changed.
        """

    def ramp(self, slot: int) -> None:
        """Begin the slow start of a slot now."""

    def renew(self, slot: int) -> None:
        """Give the slot to a new instance, whose application does not answer yet."""

    def restore(self, slot: int) -> None:
        """The application of the slot answers from now on."""

    def fail(self, slot: int) -> None:
        """Break every connection of the slot; it refuses each later request."""

    def cut(self, slot: int) -> None:
        """Break every connection of the slot, as at the end of the deregistration delay."""

    def outstanding(self, slot: int) -> float:
        """Requests in line and in service at the slot."""

    def waiting(self, slot: int) -> float:
        """Requests in line at the slot."""

    def read(self) -> Period:
        """What was counted since the last reading."""

    def close(self) -> None:
        """End the run: what is still in hand is unfinished."""
