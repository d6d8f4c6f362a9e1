"""A function that reads a stream: batches in order, one at a time in each lane of each shard.

Documented: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html: a batch that fails holds
up those behind it until it succeeds, is given up or expires.

Assumed: a shard is polled at whole seconds of its own phase; the wait before a retry.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from models.quotas import value_of
from models.services.lambda_ import StreamMapping
from models.simulation.clock import CONTROL
from models.simulation.functions.assumptions import FunctionAssumptions
from models.simulation.functions.consumer import (
    DELIVERED,
    EXPIRED,
    GIVEN_UP,
    Consumer,
    ConsumerRun,
    Message,
)
from models.simulation.functions.outcomes import OK, THROTTLED
from models.workload import Trace

_POLL_SECONDS = 1 / value_of("lambda", "esm_stream_polls_per_second")


class Lane:
    """Records of one shard that are worked on one batch at a time."""

    def __init__(self, phase: float) -> None:
        self.phase = phase
        self.waiting: deque[Message] = deque()
        self.parts: deque[list[Message]] = deque()  # of a batch that failed, in order
        self.busy = self.polled = False
        self.attempt = 0


class StreamConsumer(Consumer[StreamMapping]):
    """Lanes that each work on one batch at a time."""

    def __init__(
        self, mapping: StreamMapping, trace: Trace, seed: int, assumptions: FunctionAssumptions
    ) -> None:
        super().__init__(mapping, trace, mapping.partition_keys, seed, assumptions)
        rng = np.random.default_rng(np.random.SeedSequence([seed, 0x57EA]))
        phases = rng.uniform(0, _POLL_SECONDS, mapping.shards).tolist()
        self.lanes = [
            Lane(phase) for phase in phases for _ in range(mapping.parallelization_factor)
        ]

    def take_in(self, message: Message) -> None:
        """A record joins the lane of its key."""
        lane = self.lanes[message.group % len(self.lanes)]
        lane.waiting.append(message)
        if not lane.busy and not lane.polled:
            self._poll(lane)

    def backlog(self) -> tuple[int, float]:
        """Records that wait, and since when the oldest does. [s]"""
        firsts = [lane.waiting[0].sent for lane in self.lanes if lane.waiting]
        return sum(len(lane.waiting) for lane in self.lanes), min(firsts, default=0.0)

    def _poll(self, lane: Lane) -> None:
        """Look at the lane at its next poll."""
        lane.polled = True
        ticks = np.floor((self.clock.now - lane.phase) / _POLL_SECONDS) + 1
        at = max(lane.phase + float(ticks) * _POLL_SECONDS, self.clock.now)
        self._later(at, lane)

    def _later(self, at: float, lane: Lane) -> None:
        self.clock.at(at, CONTROL, lambda _: self._look(lane))

    def _look(self, lane: Lane) -> None:
        """Begin a batch that is full, or whose window is over."""
        lane.polled = False
        if lane.busy or not lane.waiting:
            return
        ready = lane.waiting[0].sent + self.mapping.maximum_batching_window_seconds
        if len(lane.waiting) < self.mapping.batch_size and self.clock.now < ready:
            lane.polled = True
            self._later(min(ready, self.clock.now + _POLL_SECONDS), lane)
            return
        count = min(self.mapping.batch_size, len(lane.waiting))
        lane.parts.append([lane.waiting.popleft() for _ in range(count)])
        lane.busy, lane.attempt = True, 0
        self.in_flight += count
        self._invoke(lane)

    def _invoke(self, lane: Lane) -> None:
        """Invoke the function with the first part of the lane's batch, less what is too old."""
        part = self._young(lane)
        if not part:
            self._next(lane)
            return
        self.batches += 1
        self.receives += len(part)
        work = self.mapping.overhead_seconds + sum(message.work for message in part)
        self.engine.invoke(0, [work], lambda outcome: self._heard(lane, outcome))

    def _young(self, lane: Lane) -> list[Message]:
        """The first part without the records that are too old by now."""
        now, limit = self.clock.now, self.mapping.maximum_record_age_seconds
        for message in lane.parts[0]:
            age = now - message.sent
            if age > self.mapping.retention_seconds:
                self._settle(message, EXPIRED)
            elif limit is not None and age > limit:
                self._settle(message, GIVEN_UP)
        lane.parts[0] = [message for message in lane.parts[0] if not message.done]
        return lane.parts[0]

    def _settle(self, message: Message, how: str) -> None:
        self.in_flight -= 1
        self.end(message, how)

    def _heard(self, lane: Lane, outcome: int) -> None:
        """The handler has ended: the part is done with, or tried again."""
        part = lane.parts[0]
        if outcome == OK and not any(message.poison for message in part):
            for message in part:
                self._settle(message, DELIVERED)
            self._next(lane)
            return
        if outcome not in THROTTLED:
            if self.mapping.bisect_batch_on_function_error and len(part) > 1:
                middle = len(part) // 2
                lane.parts[0] = part[middle:]
                lane.parts.appendleft(part[:middle])
            else:
                lane.attempt += 1
                most = self.mapping.maximum_retry_attempts
                if most is not None and lane.attempt > most:
                    for message in part:
                        self._settle(message, GIVEN_UP)
                    self._next(lane)
                    return
        self.clock.at(
            self.clock.now + self.mapping.retry_seconds, CONTROL, lambda _: self._invoke(lane)
        )

    def _next(self, lane: Lane) -> None:
        """On to the next part of the batch, or to the next batch."""
        lane.parts.popleft()
        lane.attempt = 0
        if lane.parts:
            self._invoke(lane)
            return
        lane.busy = False
        if lane.waiting:
            self._look(lane)


def simulate_stream(
    mapping: StreamMapping,
    trace: Trace,
    *,
    seed: int = 0,
    assumptions: FunctionAssumptions | None = None,
) -> ConsumerRun:
    """Run the records of a trace through a stream and the function that reads it.

    Parameters, result and speed as `simulate_queue`; what the stream itself costs is left out.
    """
    consumer = StreamConsumer(mapping, trace, seed, assumptions or FunctionAssumptions())
    return consumer.finish(trace.duration_seconds)
