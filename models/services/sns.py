"""Amazon SNS: a message is charged when it is published, and again for most who receive it.

Models: publishes to standard topics in units of 64 KB, alone or in batches, and to FIFO topics by
    the request and the GB; deliveries by protocol, of which those to SQS and Lambda are free, and
    those of FIFO topics to SQS by the message and the GB.
Leaves out: SMS, mobile push but its common price, filters that read the payload, archives and
    replays of FIFO topics, subscribing and managing topics, encryption keys, data transfer to the
    internet and between Regions. What a queue or a function does with a message is charged by its
    own service. Free allowances come off the bill, not off the usage.
Pricing: https://aws.amazon.com/sns/pricing/
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
from models.units import KB_PER_GB, BillingPeriod

__all__ = ["Topic", "publish_requests"]

_RETRIES = "That attempts which fail are charged too is read from the usage type's name (assumed)."


def _deliveries(protocol: str, name: str, lever: str) -> Meter:
    return Meter(
        "AmazonSNS", f"DeliveryAttempts-{protocol}", "Notifications", name=f"Deliveries to {name}",
        rule=f"Every message delivered to every subscription. {_RETRIES}", lever=lever,
    )  # fmt: skip


_FILTER = "Filter by attributes, so that subscribers receive only what they need."

REQUESTS = Meter(
    "AmazonSNS", "Requests-Tier1", "Requests",
    name="Publishes to standard topics",
    rule="Every request to publish, for each 64 KB of its payload or part of them.",
    lever="Publish up to ten messages at a time, and keep a batch below 64 KB.",
)  # fmt: skip
FIFO_REQUESTS = Meter(
    "AmazonSNS", "F-Request-Tier1", "Requests",
    name="Publishes to FIFO topics",
    rule="Every request to publish, whatever its size; the payload is charged by the GB.",
    lever="Publish up to ten messages at a time; use a standard topic where order does not matter.",
)  # fmt: skip
FIFO_PAYLOAD = Meter(
    "AmazonSNS", "F-Ingress-Tier1", "GB",
    name="Payload published to FIFO topics",
    rule="Every GB of messages published.",
    lever="Send a reference to an object in S3 in place of the object.",
)  # fmt: skip
FIFO_DELIVERIES = Meter(
    "AmazonSNS", "F-DA-SQS", "Messages",
    name="Deliveries of FIFO topics to SQS",
    rule="Every message delivered to every subscription.", lever=_FILTER,
)  # fmt: skip
FIFO_DELIVERED = Meter(
    "AmazonSNS", "F-Egress-SQS", "GB",
    name="Payload delivered by FIFO topics",
    rule="Every GB of messages delivered.", lever=_FILTER,
)  # fmt: skip
TO_HTTP = _deliveries("HTTP", "HTTP", "Deliver to SQS or Lambda, which is free.")
TO_EMAIL = _deliveries("SMTP", "e-mail", "Send digests, or mails through Amazon SES.")
TO_MOBILE = _deliveries("APNS", "mobile devices", "Notify fewer devices, less often.")
TO_FIREHOSE = _deliveries("FIREHOSE", "Firehose", _FILTER)
TO_SQS = _deliveries("SQS", "SQS", "These are free; the queue charges its own requests.")
TO_LAMBDA = _deliveries("LAMBDA", "Lambda", "These are free; the function charges its own.")

Whole = Annotated[int, Field(strict=True)]

#: Size above which only some protocols work. [KB]
_PLAIN_SIZE_KB = int(value_of("sns", "message_size_kb"))


def publish_requests(messages: Quantity, message_kb: Quantity, batch_size: Quantity) -> Quantity:
    """Requests charged to publish `messages` to a standard topic in batches of `batch_size`.

    The payload of the whole batch is counted in units of 64 KB. Messages of one size and full
    batches are assumed.

    >>> [float(publish_requests(100, kb, 1)) for kb in (1, 64, 65, 256)]
    [100.0, 100.0, 200.0, 400.0]
    >>> float(publish_requests(100, 6.4, 10)), float(publish_requests(100, 10, 10))
    (10.0, 20.0)
    """
    units = np.ceil(np.round(message_kb * batch_size / value_of("sns", "billing_unit_kb"), 6))
    charged: Quantity = np.maximum(units, 1.0)
    return messages * charged / batch_size


class Topic(Resource):
    """A topic and its subscriptions.

    Deliveries are given per message: one for each subscription of the protocol, less what its
    filter holds back. Documented: https://docs.aws.amazon.com/sns/latest/dg/welcome.html
    """

    fifo_topic: bool = False
    """Whether messages keep their order and arrive once."""
    maximum_message_size_kb: Whole = _PLAIN_SIZE_KB
    """What a message, or a batch of them together, may have. Above 256 KB only SQS, Lambda and
    Firehose can subscribe. [KB]"""
    messages: Amount = 0
    """Messages published in the period."""
    message_kb: Amount = 1
    """A message on average, attributes included. [KB]"""
    publish_batch_size: Amount = 1
    """Messages in a request to publish, on average."""
    sqs_deliveries_per_message: Amount = 0
    """To queues; all that a FIFO topic has."""
    lambda_deliveries_per_message: Amount = 0
    """To functions."""
    firehose_deliveries_per_message: Amount = 0
    """To delivery streams."""
    http_deliveries_per_message: Amount = 0
    """To addresses of HTTP and HTTPS."""
    email_deliveries_per_message: Amount = 0
    """To e-mail addresses."""
    mobile_deliveries_per_message: Amount = 0
    """To devices, at the price of Apple's push service."""

    @field_validator("maximum_message_size_kb")
    @classmethod
    def _size_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "sns", "message_size_kb")

    @field_validator("publish_batch_size")
    @classmethod
    def _batch_within_bounds(cls, value: Quantity) -> Quantity:
        most = value_of("sns", "publish_batch_max")
        if np.any((np.asarray(value) < 1) | (np.asarray(value) > most)):
            page = quota("sns", "publish_batch_max").source
            raise ValueError(f"must be from 1 to {most} ({page})")
        return value

    @model_validator(mode="after")
    def _payload_fits(self) -> Self:
        most = self.maximum_message_size_kb
        if np.any(np.asarray(self.message_kb) * self.publish_batch_size > most):
            raise InvalidInputError(
                "message_kb times publish_batch_size must be at most maximum_message_size_kb"
                f" ({most}) ({quota('sns', 'message_size_kb_max').source})"
            )
        return self

    @model_validator(mode="after")
    def _protocols_fit(self) -> Self:
        large = self.maximum_message_size_kb > _PLAIN_SIZE_KB
        refused = ["http", "email", "mobile"] if large or self.fifo_topic else []
        refused += ["lambda", "firehose"] if self.fifo_topic else []
        why = "a FIFO topic" if self.fifo_topic else f"messages above {_PLAIN_SIZE_KB} KB"
        page = quota("sns", "message_size_kb_max").source
        for protocol in refused:
            name = f"{protocol}_deliveries_per_message"
            if np.any(getattr(self, name)):
                raise InvalidInputError(f"{name} must be 0 for {why} ({page})")
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield publishes, and deliveries by protocol."""
        if self.fifo_topic:
            yield from self._fifo()
            return
        yield REQUESTS, publish_requests(self.messages, self.message_kb, self.publish_batch_size)
        yield TO_SQS, self.messages * self.sqs_deliveries_per_message
        yield TO_LAMBDA, self.messages * self.lambda_deliveries_per_message
        yield TO_FIREHOSE, self.messages * self.firehose_deliveries_per_message
        yield TO_HTTP, self.messages * self.http_deliveries_per_message
        yield TO_EMAIL, self.messages * self.email_deliveries_per_message
        yield TO_MOBILE, self.messages * self.mobile_deliveries_per_message

    def _fifo(self) -> Iterator[tuple[Meter, Quantity]]:
        payload_gb = self.messages * self.message_kb / KB_PER_GB
        yield FIFO_REQUESTS, self.messages / self.publish_batch_size
        yield FIFO_PAYLOAD, payload_gb
        yield FIFO_DELIVERIES, self.messages * self.sqs_deliveries_per_message
        yield FIFO_DELIVERED, payload_gb * self.sqs_deliveries_per_message
