"""Work that nobody waits for: a queue, and functions that work it off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.architecture import Architecture, Queued, Traffic
from models.architectures import parts
from models.architectures.checked import (
    Amount,
    Count,
    Number,
    PositiveShare,
    Processor,
    Share,
    checked,
)
from models.quotas import value_of
from models.resource import Resource
from models.services.lambda_ import Function, QueueMapping
from models.services.lambda_.rules import vcpus
from models.services.sqs import Queue


@dataclass(frozen=True)
class Following:
    """What follows the messages: logs.

    Parameters
    ----------
    region : str
    log_kb : float
        [KB]
    """

    region: str
    log_kb: float

    def __call__(self, traffic: Traffic) -> Iterator[Resource]:
        """The resources for so many messages."""
        yield parts.logs(self.region, traffic, self.log_kb)


def consumers(
    *, region: str, name: str, memory_size_mb: int, architecture: Processor,
    timeout_seconds: int, batch_size: int, maximum_concurrency: int | None,
    maximum_batching_window_seconds: int = 0, max_receive_count: int = 3,
    message_kb: float = 1, poison_share: float = 0,
) -> QueueMapping:  # fmt: skip
    """A queue and the function that works it off.

    Messages that were received stay hidden for six time-outs of the function, as AWS recommends.
    """
    hidden = timeout_seconds * int(value_of("lambda", "esm_visibility_factor"))
    return QueueMapping(
        queue=Queue(
            name="queue", region=region, visibility_timeout_seconds=hidden,
            max_receive_count=max_receive_count, message_kb=message_kb,
        ),
        function=Function(
            name=name, region=region, memory_size_mb=memory_size_mb, architecture=architecture,
            timeout_seconds=timeout_seconds,
        ),
        batch_size=batch_size, maximum_concurrency=maximum_concurrency, poison_share=poison_share,
        maximum_batching_window_seconds=maximum_batching_window_seconds,
        report_batch_item_failures=True,
    )  # fmt: skip


@checked
def queue_workers(
    *, region: str = "us-east-1", memory_size_mb: Number = 512,
    architecture: Processor = "arm64", timeout_seconds: Number = 60,
    batch_size: Number = 10, maximum_batching_window_seconds: Count = 0,
    maximum_concurrency: Number | None = None, max_receive_count: Number = 3,
    poison_share: Share = 0, message_kb: Amount = 4, cpu_share: PositiveShare = 0.25,
    log_kb: Amount = 1,
) -> Architecture:  # fmt: skip
    """A queue whose messages a function works off, and a queue for those it cannot.

    A request is a message; its time is from sending until it is done.
    """
    mapping = consumers(
        region=region, name="worker", memory_size_mb=memory_size_mb, architecture=architecture,
        timeout_seconds=timeout_seconds, batch_size=batch_size,
        maximum_concurrency=maximum_concurrency, max_receive_count=max_receive_count,
        maximum_batching_window_seconds=maximum_batching_window_seconds,
        message_kb=message_kb, poison_share=poison_share,
    )  # fmt: skip
    return Architecture(
        name="queue-workers",
        summary="A function that works off a queue, and a queue for what it cannot do.",
        tiers=(Queued(mapping, slowdown=parts.slowdown(float(vcpus(memory_size_mb)), cpu_share)),),
        standing=(Queue(name="dead-letters", region=region),),
        following=Following(region, log_kb),
        path=("queue", "worker"),
        links=(("queue", "dead-letters"), ("worker", "logs")),
        clients="senders",
        left_out="Who sends the messages, what the results are kept in, work on dead letters.",
    )
