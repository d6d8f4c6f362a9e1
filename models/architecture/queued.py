"""A tier of functions that work off a queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.architecture.functions import billed_ms
from models.architecture.load import Load
from models.metering import Usage
from models.quotas import value_of
from models.resource import Resource
from models.services.lambda_ import QueueMapping
from models.simulation import ConsumerRun, simulate_queue
from models.theory import expected_batch_size
from models.units import SECONDS_PER_HOUR, BillingPeriod
from models.workload import Trace

#: With how many pollers Lambda begins, and how long each waits for a message. [s]
_POLLERS = int(value_of("lambda", "esm_sqs_pollers_start"))
_POLL_SECONDS = value_of("sqs", "long_poll_seconds_max")


@dataclass(frozen=True)
class QueueRun:
    """A run of a queue's consumers; a message's time is from sending until it is done.

    Parameters
    ----------
    run : ConsumerRun
    """

    run: ConsumerRun

    records = None

    @property
    def duration_seconds(self) -> float:
        """Time simulated. [s]"""
        return self.run.duration_seconds

    @property
    def outcomes(self) -> Mapping[str, float]:
        """Messages by how they ended; what waits or is in flight is unfinished."""
        messages = dict(self.run.messages)
        unfinished = messages.pop("waiting") + messages.pop("in_flight")
        return {"ok": messages.pop("delivered"), **messages, "unfinished": unfinished}

    @property
    def histogram(self) -> NDArray[np.int64]:
        """Messages done, by their age then."""
        return self.run.histogram

    def latency_seconds(self, share: float) -> float:
        """Age at which `share` of the messages were done. [s]"""
        return self.run.age_seconds(share)

    def usage(self, period: BillingPeriod) -> Usage:
        """Queue and function."""
        return self.run.usage(period)


@dataclass(frozen=True)
class Queued:
    """A function that works off a queue.

    Parameters
    ----------
    mapping : QueueMapping
    slowdown : float
        How much longer the handler takes at this memory than the trace says.
    """

    mapping: QueueMapping
    slowdown: float = 1.0

    asynchronous = True

    @property
    def name(self) -> str:
        """That of the function."""
        return self.mapping.function.name

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Queue and function."""
        return self.mapping.queue, self.mapping.function

    def _most(self) -> float:
        function, own = self.mapping.function, self.mapping.maximum_concurrency
        limits = [function.reserved_concurrent_executions, own, function.account_concurrency]
        return float(min(limit for limit in limits if limit is not None))

    def _batch_seconds(self, load: Load, batch: float) -> float:
        """Handler time of a batch of so many messages. [s]"""
        return self.mapping.overhead_seconds + batch * load.work.mean_seconds * self.slowdown

    def capacity_per_second(self, load: Load) -> float:
        """Messages that the function's concurrency can work off, in full batches. [1/s]"""
        batch = self.mapping.batch_size
        return self._most() * batch / self._batch_seconds(load, batch)

    def obstacles(self, load: Load) -> Iterator[str]:
        """Work that takes longer than the function may, or more than it ever works off."""
        held, timeout = self._batch_seconds(load, 1), self.mapping.function.timeout_seconds
        if held > timeout:
            yield (
                f"{self.name}: a message takes {held:,.4g} s on average, and the function is ended"
                f" after {timeout:,} s"
            )
        mean = load.requests / load.duration_seconds
        if mean > self.capacity_per_second(load):
            yield (
                f"{self.name}: {mean:,.4g} messages a second come in on average, and its"
                f" concurrency works off {self.capacity_per_second(load):,.4g}"
            )

    def simulate(self, trace: Trace, *, seed: int, keep_records: bool = False) -> QueueRun:
        """Run messages through the queue."""
        return QueueRun(simulate_queue(self.mapping, trace.slowed(self.slowdown), seed=seed))

    def estimate(self, load: Load, period: BillingPeriod) -> Usage:
        """Messages, the batches that they come in by the window, their duration, idle polls.

        Without a backlog, which makes batches larger.
        """
        messages, mapping = load.requests_in(period), self.mapping
        batches = expected_batch_size(
            load.per_second, mapping.maximum_batching_window_seconds, mapping.batch_size
        )
        batch = load.requests / float((load.hourly_requests / batches).sum())
        held = self._batch_seconds(load, batch)
        at_work = messages / batch * held / (period.hours * SECONDS_PER_HOUR)
        pollers = max(min(_POLLERS, mapping.most_concurrency) - at_work, 0.0)
        together = min(batch, value_of("sqs", "batch_max"))
        queue = mapping.queue.replace(
            messages=messages, receive_batch_size=together, delete_batch_size=together,
            empty_receives=pollers * period.hours * SECONDS_PER_HOUR / _POLL_SECONDS,
        )  # fmt: skip
        function = mapping.function.replace(
            requests=messages / batch, duration_ms=billed_ms(held, mapping.function)
        )
        return queue.estimate(period) + function.estimate(period)
