"""A function that works off an SQS queue.

Documented: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html (pollers) and
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html.

Assumed: pollers scale evenly over the minute while all are busy and messages wait, and are back at
the start after a minute without any; an empty poll lasts as long as a long poll can. A throttled
batch is tried again until its visibility time-out is over, as AWS documents, after waits that AWS
does not; that Lambda meanwhile polls less, after errors too, is left out.
"""

from __future__ import annotations

from collections import Counter, deque

import numpy as np

from models.metering import UsageKey
from models.quotas import value_of
from models.services.lambda_ import QueueMapping
from models.services.sqs import FIFO_REQUESTS, REQUESTS, transfer_requests
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
from models.simulation.group import Steps
from models.simulation.metered import HourlyUsage
from models.simulation.scaling import MINUTE_SECONDS
from models.units import SECONDS_PER_HOUR
from models.workload import Trace

_START = int(value_of("lambda", "esm_sqs_pollers_start"))
_PER_SECOND = value_of("lambda", "esm_sqs_scaling_per_minute") / MINUTE_SECONDS
_QUIET_SECONDS = 60
_DELETES = int(value_of("sqs", "batch_max"))
_POLL_SECONDS = value_of("sqs", "long_poll_seconds_max")


class QueueConsumer(Consumer[QueueMapping]):
    """Batches of messages, as many at a time as Lambda polls."""

    def __init__(
        self, mapping: QueueMapping, trace: Trace, seed: int, assumptions: FunctionAssumptions
    ) -> None:
        super().__init__(mapping, trace, mapping.message_groups, seed, assumptions)
        self.waiting: deque[Message] = deque()
        self.busy = self.deletes = self.empty_polls = 0
        self.level = float(min(_START, mapping.most_concurrency))
        self._wakes = -1.0  # when a window is known to end
        self._locked: Counter[int] = Counter()  # message group -> messages of it in flight
        self.clock.process(self._scale(trace.duration_seconds))

    def take_in(self, message: Message) -> None:
        """It waits; a batch that is not full is sent when its window is over."""
        self.waiting.append(message)
        self._dispatch()

    def backlog(self) -> tuple[int, float]:
        """Messages that wait, and since when the oldest does. [s]"""
        held = [one.sent for one in self.waiting if not one.done]
        return len(held), min(held, default=0.0)

    def source_usage(self, seconds: float) -> HourlyUsage:
        """Requests to the queue, spread evenly over the run: sends, receipts, deletes, polls."""
        queue = self.mapping.queue
        batch = max(self.receives / max(self.batches, 1), 1.0)
        received = float(transfer_requests(queue.message_kb, batch)) * self.receives
        sent = float(transfer_requests(queue.message_kb, queue.send_batch_size)) * self.sent
        total = sent + received + self.deletes + self.empty_polls / _POLL_SECONDS
        meter = FIFO_REQUESTS if queue.fifo else REQUESTS
        hours = int(np.ceil(seconds / SECONDS_PER_HOUR))
        return {UsageKey(queue.name, queue.region, meter): np.full(hours, total / hours)}

    def _dispatch(self) -> None:
        while self.busy < int(self.level) and (batch := self._batch()):
            self._invoke(batch)
        window = self.mapping.maximum_batching_window_seconds
        if window and self.waiting:
            over = self.waiting[0].visible + window
            if self.clock.now < over != self._wakes:
                self._wakes = over
                self.clock.at(over, CONTROL, lambda _: self._dispatch())

    def _batch(self) -> list[Message]:
        """The next batch, if one is full or its window is over; what is too old goes."""
        self._drop_done()
        full, window = self.mapping.batch_size, self.mapping.maximum_batching_window_seconds
        if not self.waiting:
            return []
        if len(self.waiting) < full and self.clock.now < self.waiting[0].visible + window:
            return []
        return self._pick_fifo(full) if self.mapping.queue.fifo else self._pick(full)

    def _drop_done(self) -> None:
        while self.waiting and not self._receivable(self.waiting[0]):
            self.waiting.popleft()

    def _receivable(self, message: Message) -> bool:
        """Whether it can be received once more; else it is given up, or has expired."""
        if message.done:
            return False
        queue = self.mapping.queue
        if self.clock.now - message.sent > queue.message_retention_seconds:
            self.end(message, EXPIRED)
        elif queue.max_receive_count and message.receives >= queue.max_receive_count:
            self.end(message, GIVEN_UP)
        return not message.done

    def _pick(self, most: int) -> list[Message]:
        batch: list[Message] = []
        while self.waiting and len(batch) < most:
            message = self.waiting.popleft()
            if self._receivable(message):
                batch.append(message)
        return batch

    def _pick_fifo(self, most: int) -> list[Message]:
        """In order, leaving out groups that have messages in flight."""
        batch: list[Message] = []
        left: deque[Message] = deque()
        for message in self.waiting:
            free = len(batch) < most and message.group not in self._locked
            if not self._receivable(message):
                continue
            (batch if free else left).append(message)
        self.waiting = left
        self._locked.update(message.group for message in batch)
        return batch

    def _invoke(self, batch: list[Message]) -> None:
        self.busy += 1
        self.batches += 1
        now, hidden = self.clock.now, self.mapping.visibility_timeout_seconds
        for message in batch:
            message.receives += 1
            message.waiting = False
            self.receives += 1
            self.in_flight += 1
            message.visible = now + hidden
        self.clock.at(now + hidden, CONTROL, lambda _: self._reappear(batch))
        work = self.mapping.overhead_seconds + sum(message.work for message in batch)
        self._attempt(batch, work, now + hidden, self.mapping.throttle_backoff_seconds)

    def _attempt(self, batch: list[Message], work: float, until: float, wait: float) -> None:
        """Invoke the function; a throttled batch is tried again until its messages reappear."""

        def heard(outcome: int) -> None:
            again = self.clock.now + wait
            if outcome not in THROTTLED:
                self._heard(batch, outcome)
            elif again < until:
                longer = min(2 * wait, self.mapping.throttle_backoff_most_seconds)
                self.clock.at(again, CONTROL, lambda _: self._attempt(batch, work, until, longer))
            else:
                self.busy -= 1
                self.clock.at(self.clock.now, CONTROL, lambda _: self._dispatch())

        self.engine.invoke(0, [work], heard)

    def _heard(self, batch: list[Message], outcome: int) -> None:
        """The handler has ended: what it succeeded with is deleted."""
        self.busy -= 1
        failed = any(message.poison for message in batch)
        if outcome == OK and (not failed or self.mapping.report_batch_item_failures):
            good = [message for message in batch if not message.poison]
            self.deletes += -(-len(good) // _DELETES)
            for message in good:
                if not message.done:
                    self._landed(message)
                self.end(message, DELIVERED)
        self._dispatch()

    def _reappear(self, batch: list[Message]) -> None:
        """What was not deleted by now can be received again; in a FIFO queue before the others."""
        back = [message for message in batch if not message.done]
        for message in back:
            self._landed(message)
            message.waiting = True
        if self.mapping.queue.fifo:
            self.waiting.extendleft(reversed(back))
        else:
            self.waiting.extend(back)
        self._dispatch()

    def _landed(self, message: Message) -> None:
        """It is no longer in flight, unless it waits again already."""
        if message.waiting:
            return
        self.in_flight -= 1
        if self.mapping.queue.fifo:
            self._locked[message.group] -= 1
            if not self._locked[message.group]:
                del self._locked[message.group]

    def _scale(self, end: float) -> Steps:
        """More pollers while all are busy and messages wait; few again when none do."""
        quiet, most = 0, self.mapping.most_concurrency
        start = min(_START, most)
        while self.clock.now + 1 < end:
            yield self.clock.after(1.0)
            self._drop_done()
            quiet = 0 if self.waiting else quiet + 1
            if self.waiting and self.busy >= int(self.level):
                self.level = min(self.level + _PER_SECOND, most)
                self._dispatch()
            elif quiet >= _QUIET_SECONDS:
                self.level = start
            self.empty_polls += max(start - self.busy, 0)  # poller-seconds, for now


def simulate_queue(
    mapping: QueueMapping,
    trace: Trace,
    *,
    seed: int = 0,
    assumptions: FunctionAssumptions | None = None,
) -> ConsumerRun:
    """Run the messages of a trace through a queue and the function that works it off.

    Parameters
    ----------
    mapping : QueueMapping
    trace : Trace
        Who sends and when; `work` is the handler time of each message.
    seed : int
        Of environments, message groups and poison.
    assumptions : FunctionAssumptions, optional

    Returns
    -------
    ConsumerRun

    Notes
    -----
    Every batch is an event of its own, on the readable engine: some fifty thousand a second.
    """
    consumer = QueueConsumer(mapping, trace, seed, assumptions or FunctionAssumptions())
    return consumer.finish(trace.duration_seconds)
