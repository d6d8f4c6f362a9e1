"""Amazon SQS: queues that are charged by the request, full or empty.

Models: requests to send, receive and delete messages, in units of 64 KB and in batches, for
    standard and FIFO queues; messages received more than once; polls that find nothing. For a
    simulation, the time a message stays hidden, how long it is kept, and after how many receipts
    it goes to the dead-letter queue.
Leaves out: extended payloads in S3, encryption keys, requests that manage queues, data transfer.
    A dead-letter queue is a queue of its own. Free allowances come off the bill, not off the usage.
Pricing: https://aws.amazon.com/sqs/pricing/ (every action is a request for each 64 KB of payload or
    part of them; up to ten messages may share one request).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import quota, refuse_outside, value_of
from models.resource import Amount, Resource
from models.units import BillingPeriod

__all__ = ["Queue", "requests_per_message", "transfer_requests"]

#: Documented: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
RECEIVE_COUNT_MOST = 1000

_RULE = (
    "Every request to send, receive or delete, for each 64 KB of its payload or part of them; a"
    " request that finds no message costs the same."
)
_LEVER = "Send, receive and delete ten messages at a time, and poll long instead of often."

REQUESTS = Meter(
    "AWSQueueService", "Requests-RBP", "Requests",
    name="SQS requests, standard queues", rule=_RULE, lever=_LEVER,
)  # fmt: skip
FIFO_REQUESTS = Meter(
    "AWSQueueService", "Requests-FIFO-RBP", "Requests",
    name="SQS requests, FIFO queues", rule=_RULE,
    lever=f"{_LEVER} Use a standard queue where neither order nor duplicates matter.",
)  # fmt: skip

Whole = Annotated[int, Field(strict=True)]


def transfer_requests(message_kb: Quantity, batch_size: Quantity = 1) -> Quantity:
    """Requests charged to send or receive one message of `message_kb` in batches of `batch_size`.

    The payload of the whole batch is counted in units of 64 KB. Messages of one size and full
    batches are assumed.

    >>> [float(transfer_requests(kb)) for kb in (1, 64, 65, 1024)]
    [1.0, 1.0, 2.0, 16.0]
    >>> float(transfer_requests(6.4, batch_size=10)), float(transfer_requests(10, batch_size=10))
    (0.1, 0.2)
    """
    units = np.ceil(np.round(message_kb * batch_size / value_of("sqs", "billing_unit_kb"), 6))
    charged: Quantity = np.maximum(units, 1.0)
    return charged / batch_size


def requests_per_message(
    message_kb: Quantity = 1,
    *,
    receives: Quantity = 1,
    send_batch: Quantity = 1,
    receive_batch: Quantity = 1,
    delete_batch: Quantity = 1,
) -> Quantity:
    """Requests charged for the life of one message: sent, received, deleted.

    >>> float(requests_per_message())
    3.0
    >>> round(float(requests_per_message(send_batch=10, receive_batch=10, delete_batch=10)), 3)
    0.3
    """
    sent = transfer_requests(message_kb, send_batch)
    received = receives * transfer_requests(message_kb, receive_batch)
    return sent + received + 1 / delete_batch


class Queue(Resource):
    """A queue.

    Documented: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
    """

    fifo: bool = False
    """Whether messages keep their order and arrive once."""
    visibility_timeout_seconds: Whole = int(value_of("sqs", "visibility_timeout_seconds"))
    """How long a message that was received stays hidden before it can be received again. [s]"""
    message_retention_seconds: Whole = int(value_of("sqs", "retention_seconds"))
    """How long a message is kept. [s]"""
    max_receive_count: Annotated[int, Field(ge=1, le=RECEIVE_COUNT_MOST, strict=True)] | None = None
    """Receipts after which a message goes to the dead-letter queue; it has none unless given."""
    messages: Amount = 0
    """Messages sent in the period."""
    message_kb: Amount = 1
    """A message on average. [KB]"""
    receives_per_message: Amount = 1
    """How often a message is received on average; above 1 where consumers fail."""
    send_batch_size: Amount = 1
    """Messages in a request to send, on average."""
    receive_batch_size: Amount = 1
    """Messages in a request that receives some, on average."""
    delete_batch_size: Amount = 1
    """Messages in a request to delete, on average."""
    empty_receives: Amount = 0
    """Requests in the period that find no message."""

    @field_validator("visibility_timeout_seconds")
    @classmethod
    def _hidden_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "sqs", "visibility_timeout_seconds")

    @field_validator("message_retention_seconds")
    @classmethod
    def _kept_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "sqs", "retention_seconds")

    @field_validator("send_batch_size", "receive_batch_size", "delete_batch_size")
    @classmethod
    def _batches_within_bounds(cls, value: Quantity) -> Quantity:
        most = value_of("sqs", "batch_max")
        if np.any((np.asarray(value) < 1) | (np.asarray(value) > most)):
            raise ValueError(f"must be from 1 to {most} ({quota('sqs', 'batch_max').source})")
        return value

    @model_validator(mode="after")
    def _payload_fits(self) -> Self:
        most = value_of("sqs", "message_kb_max")
        for name in ("send_batch_size", "receive_batch_size"):
            if np.any(np.asarray(self.message_kb) * getattr(self, name) > most):
                raise InvalidInputError(
                    f"message_kb times {name} must be at most {most:,} [KB]"
                    f" ({quota('sqs', 'message_kb_max').source})"
                )
        return self

    @property
    def requests_per_message(self) -> Quantity:
        """Requests charged for the life of one message; 3 unless batched, large or repeated."""
        return requests_per_message(
            self.message_kb,
            receives=self.receives_per_message,
            send_batch=self.send_batch_size,
            receive_batch=self.receive_batch_size,
            delete_batch=self.delete_batch_size,
        )

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield requests."""
        requests = self.messages * self.requests_per_message + self.empty_receives
        yield FIFO_REQUESTS if self.fifo else REQUESTS, requests
