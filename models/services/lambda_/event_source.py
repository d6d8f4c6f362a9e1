"""Event source mappings: Lambda polls a queue or a stream and invokes a function with batches."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from models.distributions import Seconds
from models.errors import InvalidInputError
from models.quotas import quota, refuse_outside, value_of
from models.resource import Settings
from models.services.lambda_.environment import Probability
from models.services.lambda_.function import Function
from models.services.sqs import Queue

Whole = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(ge=1, le=100_000, strict=True)]
#: The batch size above which a window must be given.
_SMALL_BATCH = int(value_of("lambda", "esm_sqs_batch_size"))


class _Mapping(Settings):
    """What mappings of queues and of streams have in common."""

    function: Function
    """Which one is invoked."""
    maximum_batching_window_seconds: Whole = 0
    """How long a batch that is not full waits for more. [s]"""
    overhead_seconds: Seconds = 0
    """Handler time of a batch beside that of its messages. [s]"""
    poison_share: Probability = 0.0
    """Share of the messages at which the handler fails whenever it meets them. [share]"""

    @field_validator("maximum_batching_window_seconds")
    @classmethod
    def _window_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "lambda", "esm_batching_window_seconds")


class QueueMapping(_Mapping):
    """A function that works off an SQS queue.

    Documented: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """

    queue: Queue
    """Where the messages are."""
    batch_size: Whole = _SMALL_BATCH
    """Most messages of one invocation."""
    maximum_concurrency: Whole | None = None
    """Most invocations at a time; 1,250 unless given."""
    report_batch_item_failures: bool = False
    """Whether the handler names the messages that failed, so that the others are deleted."""
    throttle_backoff_seconds: Annotated[float, Field(gt=0, le=900, allow_inf_nan=False)] = 1.0
    """First wait of a batch that was throttled; it doubles. Assumed: AWS publishes none. [s]"""
    throttle_backoff_most_seconds: Annotated[float, Field(gt=0, le=900, allow_inf_nan=False)] = 20.0
    """No such wait is longer. Assumed, as of the SDKs. [s]"""
    message_groups: Count = 1_000
    """Of a FIFO queue: each message belongs to one of so many, equally likely."""
    shortened_visibility_timeout_seconds: Whole | None = None
    """The queue's time-out as somebody set it after the mapping was made, when AWS no longer
    checks it. [s]"""

    @field_validator("maximum_concurrency")
    @classmethod
    def _concurrency_within_bounds(cls, value: int | None) -> int | None:
        return None if value is None else refuse_outside(value, "lambda", "esm_maximum_concurrency")

    @field_validator("batch_size")
    @classmethod
    def _batch_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "lambda", "esm_sqs_batch_size")

    @model_validator(mode="after")
    def _fits_the_queue(self) -> Self:
        window = self.maximum_batching_window_seconds
        least = int(value_of("lambda", "esm_large_batch_window_seconds"))
        page = quota("lambda", "esm_sqs_batch_size").source
        if self.queue.fifo and (self.batch_size > _SMALL_BATCH or window):
            raise InvalidInputError(
                f"batch_size ({self.batch_size}) must be at most {_SMALL_BATCH} and"
                f" maximum_batching_window_seconds ({window}) 0 for a FIFO queue ({page})"
            )
        if self.batch_size > _SMALL_BATCH and window < least:
            raise InvalidInputError(
                f"maximum_batching_window_seconds ({window}) must be at least {least} where"
                f" batch_size ({self.batch_size}) is above {_SMALL_BATCH} ({page})"
            )
        hidden, timeout = self.queue.visibility_timeout_seconds, self.function.timeout_seconds
        if hidden < timeout:
            raise InvalidInputError(
                f"visibility_timeout_seconds ({hidden}) of the queue must be at least the"
                f" function's timeout_seconds ({timeout})"
                f" ({quota('lambda', 'esm_visibility_factor').source}); to see what happens where"
                " it is shortened later, give shortened_visibility_timeout_seconds"
            )
        return self

    @property
    def visibility_timeout_seconds(self) -> int:
        """For how long a message that was received stays hidden. [s]"""
        shortened = self.shortened_visibility_timeout_seconds
        return self.queue.visibility_timeout_seconds if shortened is None else shortened

    @property
    def most_concurrency(self) -> int:
        """Most invocations at a time."""
        most = int(value_of("lambda", "esm_sqs_concurrency_max"))
        return most if self.maximum_concurrency is None else self.maximum_concurrency


class StreamMapping(_Mapping):
    """A function that reads a Kinesis data stream or a DynamoDB stream.

    Documented: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    """

    shards: Count = 1
    """Of the stream."""
    parallelization_factor: Whole = 1
    """Batches of one shard at a time; records of one key stay in order."""
    batch_size: Whole = int(value_of("lambda", "esm_stream_batch_size"))
    """Most records of one invocation."""
    partition_keys: Count = 10_000
    """Each record has one of so many, equally likely."""
    maximum_retry_attempts: Annotated[int, Field(ge=0, le=10_000, strict=True)] | None = None
    """After which a batch is given up; never, unless given."""
    maximum_record_age_seconds: Annotated[int, Field(ge=60, le=604_800, strict=True)] | None = None
    """Older records are given up; only the stream's own retention limits unless given. [s]"""
    retention_seconds: Annotated[int, Field(ge=86_400, le=31_536_000, strict=True)] = 86_400
    """How long the stream keeps a record. [s]"""
    bisect_batch_on_function_error: bool = False
    """Whether a batch that failed is tried again as two halves, which is not counted as a
    retry."""
    retry_seconds: Annotated[float, Field(gt=0, le=900, allow_inf_nan=False)] = 1.0
    """Wait before a batch is tried again. Assumed: AWS publishes none. [s]"""

    @field_validator("parallelization_factor")
    @classmethod
    def _factor_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "lambda", "esm_parallelization_factor")

    @field_validator("batch_size")
    @classmethod
    def _batch_within_bounds(cls, value: int) -> int:
        most = int(value_of("lambda", "esm_stream_batch_size_max"))
        if not 1 <= value <= most:
            page = quota("lambda", "esm_stream_batch_size_max").source
            raise ValueError(f"must be from 1 to {most:,} ({page})")
        return value
