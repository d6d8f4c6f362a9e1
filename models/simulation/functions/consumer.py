"""What consumers of queues and of streams have in common: messages, batches, and their result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.metering import Usage
from models.services.lambda_ import Function, Invocation, QueueMapping, StreamMapping
from models.simulation.clock import ARRIVE, Clock
from models.simulation.functions.assembling import serving_of
from models.simulation.functions.assumptions import FunctionAssumptions
from models.simulation.functions.metered import hourly_of_function
from models.simulation.functions.pool import Totals
from models.simulation.functions.timeline import FunctionTimeline
from models.simulation.functions.twin import ReadableFunctions
from models.simulation.latency import BUCKETS, bucket_of, quantile_seconds
from models.simulation.metered import HourlyUsage, over_period
from models.simulation.shown import WithTimeline, as_table
from models.simulation.timeline import ROW_SECONDS
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text
from models.workload import Trace

if TYPE_CHECKING:
    pass

#: How a message can end; those that have not are waiting or in flight.
DELIVERED, GIVEN_UP, EXPIRED, WAITING, IN_FLIGHT = (
    "delivered", "given_up", "expired", "waiting", "in_flight"
)  # fmt: skip
Mapped = TypeVar("Mapped", QueueMapping, StreamMapping)
COLUMNS = ("sent", "delivered", "backlog", "in_flight", "concurrency", "oldest_seconds")


class Message:
    """One message or record; it is done with once it was delivered, given up or has expired."""

    __slots__ = (
        "done", "group", "number", "poison", "receives", "sent", "visible", "waiting", "work",
    )  # fmt: skip

    def __init__(self, number: int, sent: float, work: float, group: int, *, poison: bool) -> None:
        self.number, self.sent, self.work = number, sent, work
        self.group, self.poison = group, poison
        self.receives, self.visible = 0, sent
        self.waiting, self.done = True, False


class Consumer(ABC, Generic[Mapped]):
    """Receives messages as they are sent, and counts how they end.

    Parameters
    ----------
    mapping : QueueMapping or StreamMapping
    trace : Trace
        Who sends, and how much handler time each message takes.
    groups : int
        Message groups or partition keys.
    seed : int
    assumptions : FunctionAssumptions
    """

    def __init__(
        self, mapping: Mapped, trace: Trace, groups: int, seed: int,
        assumptions: FunctionAssumptions,
    ) -> None:  # fmt: skip
        self.clock = Clock()
        self.mapping: Mapped = mapping
        invoked = (Invocation(function=mapping.function),)
        self.engine = ReadableFunctions(
            self.clock, serving_of(invoked, (trace,), seed, assumptions), iter(())
        )
        self.sent = self.in_flight = self.batches = self.receives = self.duplicates = 0
        self.ended = dict.fromkeys((DELIVERED, GIVEN_UP, EXPIRED), 0)
        self.histogram = np.zeros(BUCKETS, dtype=np.int64)
        self._messages = _messages(mapping, trace, groups, seed)
        self._rows: list[tuple[float, ...]] = []
        self._seen = 0, 0
        self._timeline = FunctionTimeline(self.engine.totals())
        self._expect()
        self.clock.process(self.clock.every(ROW_SECONDS, trace.duration_seconds, self._read))

    # --- for each kind of source to say -------------------------------------------------------

    @abstractmethod
    def take_in(self, message: Message) -> None:
        """A message was sent."""

    @abstractmethod
    def backlog(self) -> tuple[int, float]:
        """Messages that wait, and since when the oldest does. [s]"""

    # --- what follows is the same -------------------------------------------------------------

    def end(self, message: Message, how: str) -> None:
        """A message is done with; a second delivery of it is a duplicate."""
        if message.done:
            self.duplicates += how == DELIVERED
            return
        message.done = True
        self.ended[how] += 1
        if how == DELIVERED:
            self.histogram[bucket_of(self.clock.now - message.sent)] += 1

    def source_usage(self, seconds: float) -> HourlyUsage:
        """What AWS counts of the source itself in each hour; nothing unless a kind says so."""
        return {}

    def finish(self, end: float) -> ConsumerRun:
        """Run to the end; what happened."""
        self.clock.run_to(end)
        self._read()
        self.engine.close()
        waiting, _ = self.backlog()
        return ConsumerRun(
            duration_seconds=end,
            function=self.mapping.function,
            messages={**self.ended, WAITING: waiting, IN_FLIGHT: self.in_flight},
            duplicates=self.duplicates,
            batches=self.batches,
            receives=self.receives,
            totals=self.engine.totals(),
            _columns=self._columns(),
            _histogram=self.histogram,
            _source=self.source_usage(end),
        )

    def _columns(self) -> dict[str, NDArray[np.float64]]:
        """A value for each minute, by name: of the function, then of the messages."""
        own = np.array(self._rows).reshape(-1, len(COLUMNS)).T.copy()
        return {**self._timeline.columns()[0], **dict(zip(COLUMNS, own, strict=True))}

    def _expect(self) -> None:
        coming = next(self._messages, None)
        if coming is not None:
            self.clock.at(coming.sent, ARRIVE, lambda _: self._arrive(coming))

    def _arrive(self, message: Message) -> None:
        self.sent += 1
        self.take_in(message)
        self._expect()

    def _read(self) -> None:
        totals, now = self.engine.totals(), self.clock.now
        kept = self.mapping.function.provisioned_concurrent_executions
        self._timeline.add(totals, np.full((2, 1), float(kept * now)))
        waiting, since = self.backlog()
        sent, delivered = self._seen
        self._seen = self.sent, self.ended[DELIVERED]
        self._rows.append(
            (
                self.sent - sent, self.ended[DELIVERED] - delivered, waiting, self.in_flight,
                float(totals.busy[0] + totals.provisioned_busy[0]), now - since if waiting else 0.0,
            )
        )  # fmt: skip


def _messages(
    mapping: QueueMapping | StreamMapping, trace: Trace, groups: int, seed: int
) -> Iterator[Message]:
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x5145]))
    number = 0
    for chunk in trace.chunks():
        belongs = rng.integers(0, groups, len(chunk.arrivals)).tolist()
        poison = (rng.random(len(chunk.arrivals)) < mapping.poison_share).tolist()
        for sent, work, group, bad in zip(
            chunk.arrivals.tolist(), chunk.work.tolist(), belongs, poison, strict=True
        ):
            yield Message(number, sent, work, group, poison=bad)
            number += 1


@dataclass(frozen=True)
class ConsumerRun(WithTimeline):
    """What happened to the messages that a function worked off.

    Parameters
    ----------
    duration_seconds : float
        [s]
    function : Function
    messages : mapping of str to int
        Messages by how they ended: delivered, given up (to the dead-letter queue or the failure
        destination), expired, waiting, in flight; they add up to those sent.
    duplicates : int
        Deliveries of messages that had been delivered.
    batches, receives : int
        Invocations asked for; receipts of a message, repeated ones too.
    totals : Totals
        Everything counted of the function.
    """

    duration_seconds: float
    function: Function
    messages: Mapping[str, int]
    duplicates: int
    batches: int
    receives: int
    totals: Totals
    _columns: Mapping[str, NDArray[np.float64]] = field(repr=False)
    _histogram: NDArray[np.int64] = field(repr=False)
    _source: HourlyUsage = field(repr=False)

    @property
    def sent(self) -> int:
        """Messages that were sent."""
        return sum(self.messages.values())

    @property
    def histogram(self) -> NDArray[np.int64]:
        """Messages delivered, by their age then: see `models.simulation.latency`."""
        return self._histogram

    def age_seconds(self, share: float) -> float:
        """Time from sending within which `share` of the delivered messages were done. [s]

        Raises
        ------
        InvalidInputError
            Where `share` is outside 0 to 1.
        """
        return quantile_seconds(self._histogram, share)

    def usage(self, period: BillingPeriod = TYPICAL) -> Usage:
        """What AWS counts in a billing period throughout which things go as in this run."""
        metered = hourly_of_function(self.function, self._columns) | self._source
        return over_period(metered, self.duration_seconds, period)

    def __repr__(self) -> str:
        ended = ", ".join(f"{quantity_text(count)} {how}" for how, count in self.messages.items())
        hours = quantity_text(self.duration_seconds / SECONDS_PER_HOUR)
        return f"ConsumerRun({hours} h, {ended}; {quantity_text(self.duplicates)} duplicates)"

    def _repr_html_(self) -> str:
        rows = [
            ("Messages sent", quantity_text(self.sent)),
            *((name, quantity_text(count)) for name, count in self.messages.items() if count),
            ("delivered twice", quantity_text(self.duplicates)),
            ("Invocations", quantity_text(self.batches)),
            ("Median time to delivery", f"{self.age_seconds(0.5):,.1f} s"),
            ("99th percentile", f"{self.age_seconds(0.99):,.1f} s"),
        ]
        return as_table(rows)
