"""Queue workers: pollers, batches, messages that fail, and records that block a shard."""

from __future__ import annotations

from collections.abc import Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.quotas import value_of
from models.services.lambda_ import Function, StreamMapping
from models.services.sqs import Queue
from models.units import SECONDS_PER_HOUR

_LESSON = "14_workers_on_a_queue"
_START = value_of("lambda", "esm_sqs_pollers_start")
_PER_MINUTE = value_of("lambda", "esm_sqs_scaling_per_minute")
_WANTED = 100
_MESSAGES, _BATCH = 1_000_000, 10
_POISON = 0.02
_RECORDS_PER_SECOND = 1000


def _seconds_to(batches: float, start: float = _START) -> float:
    """From the first waiting message until so many batches are at work. [s]"""
    return (batches - start) / _PER_MINUTE * 60


def _pollers_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"Five batches start at once, so {_WANTED - _START:.0f} are missing."
    yield f"300 a minute are 5 a second: {_WANTED - _START:.0f} / 5 = {_seconds_to(_WANTED):.0f} s."


def _queue(receive_batch: int, send_batch: int = 1) -> Queue:
    return Queue(
        name="orders", messages=_MESSAGES, send_batch_size=send_batch,
        receive_batch_size=receive_batch, delete_batch_size=receive_batch,
    )  # fmt: skip


def _function(batch: int) -> Function:
    """Its requests alone, without the time that it takes."""
    return Function(name="worker", requests=_MESSAGES / batch)


def _million_usd(prices: Catalogue) -> float:
    return cost_usd(prices, _queue(_BATCH), _function(_BATCH))


def _million_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "A million requests to send, and 100,000 each to receive, to delete and to invoke:"
    yield priced(prices, _queue(_BATCH), _function(_BATCH))


def _failing_percent(prices: Catalogue) -> float:
    """Batches that hold at least one poison message. [percent]"""
    return 100 * (1 - (1 - _POISON) ** _BATCH)


def _poison_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"A batch is free of poison with 0.98^10 = {1 - _failing_percent(prices) / 100:.4f}."
    yield "All others fail, and every message in them comes back."


def _behind(prices: Catalogue) -> float:
    """Records that a shard holds when a poison record at its head expires."""
    stream = StreamMapping(function=Function(name="reader"))
    return float(_RECORDS_PER_SECOND * stream.retention_seconds)


def _behind_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Nothing limits the retries unless it is set, so the batch is tried until it expires."
    yield "A stream keeps a record for 24 hours unless told otherwise: 86,400 seconds."
    yield f"1,000 a second x 86,400 s = {_behind(prices):,.0f} records."


EXERCISES = (
    Exercise(
        id="queue-workers-pollers",
        topic="queue workers",
        lesson=_LESSON,
        question="A function works off a queue, one message at a time, each for a minute. The queue"
        " was empty; now thousands of messages wait. After how many seconds are 100 batches at"
        " work at the same time?",
        unit="seconds",
        kind="read a number",
        difficulty="basic",
        answer=lambda prices: _seconds_to(_WANTED),
        look="How many batches start at once, and how many more are added a minute?",
        concept="Lambda polls a queue with five batches at a time and adds up to 300 a minute while"
        " messages wait.",
        formula="(batches wanted - 5) / (300 / 60)",
        working=_pollers_working,
        why="Workers on a queue come slowly. A function that is invoked directly gets a thousand"
        " environments at once.",
        mistakes=(
            Mistake(
                lambda prices: _seconds_to(_WANTED, start=0),
                "That starts from none. Five batches are at work from the first moment.",
            ),
            Mistake(
                lambda prices: _seconds_to(_WANTED) / 60,
                "Those are 300 a second, or minutes in place of seconds.",
            ),
        ),
        source="Ours, after AWS's documentation of how event source mappings of SQS scale.",
    ),
    Exercise(
        id="queue-workers-million",
        topic="queue workers",
        lesson=_LESSON,
        question="A million messages of 1 KB are sent one at a time. A function takes them in full"
        " batches of ten, each of which is received and deleted by one request. What do all"
        " requests cost, to the queue and to the function, without free allowances and without"
        " the function's time?",
        unit="USD",
        kind="change something",
        difficulty="intermediate",
        answer=_million_usd,
        look="What has to happen to a message from being sent until it is gone?",
        concept="Sending, receiving and deleting are requests to the queue, and ten messages may"
        " share one. An invocation is one request to the function, whatever the size of its batch.",
        formula="(messages + 2 x messages / 10) x price of a queue request + messages / 10 x price"
        " of a function request",
        working=_million_working,
        why="With batches of ten the sender is the largest part of what is left. It can send ten"
        " at a time as well.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _function(_BATCH)),
                "Those are the function's requests alone. The queue charges for its own.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _queue(1), _function(1)),
                "That receives and deletes one message at a time.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _queue(_BATCH, _BATCH), _function(_BATCH)),
                "That sends ten at a time too. Here each message is sent alone.",
            ),
        ),
        source="The learning material compares batches of one and of ten by the requests of the"
        " function, 0.20 and 0.02 dollars, and leaves out the queue, which costs more.",
    ),
    Exercise(
        id="queue-workers-poison",
        topic="queue workers",
        lesson=_LESSON,
        question="Two percent of the messages are poison: the handler fails whenever it meets one."
        " Batches hold ten, and the function does not report which messages failed. How many"
        " percent of the batches fail, when their messages come for the first time?",
        unit="percent",
        kind="break it",
        difficulty="intermediate",
        answer=_failing_percent,
        look="What must be true of all ten messages for the batch to pass?",
        concept="A batch passes if none of its ten messages is poison. Each is free of it with 98"
        " percent, whatever the others are.",
        formula="100 x (1 - (1 - share of poison)^batch size)",
        working=_poison_working,
        why="Nine good messages are held up by each bad one. Larger batches make it worse, and"
        " partial batch responses make it go away.",
        mistakes=(
            Mistake(
                lambda prices: 100 * _POISON * _BATCH,
                "That adds up the shares. A batch with two poison messages fails only once.",
            ),
            Mistake(
                lambda prices: 100 * _POISON,
                "That is the share of messages. One of them fails the whole batch.",
            ),
        ),
        source="The learning material says that a partial failure replays the batch; how many"
        " batches that is, it does not ask.",
    ),
    Exercise(
        id="queue-workers-shard",
        topic="queue workers",
        lesson=_LESSON,
        question="A shard receives 1,000 records a second. At one record the handler fails whenever"
        " it meets it, and nothing about retries was set. How many records wait behind it when it"
        " expires?",
        unit="records",
        kind="check a claim",
        difficulty="intermediate",
        answer=_behind,
        look="What ends the retries of a stream if nobody limits them?",
        concept="A shard is read in order. A batch that fails is tried again until it works, is"
        " given up or is older than the stream keeps records.",
        formula="records a second x seconds that the stream keeps a record",
        working=_behind_working,
        why="An hour is when somebody looks. Without limits on retries or age it lasts a day, and"
        " the records behind are then nearly a day late as well.",
        mistakes=(
            Mistake(
                lambda prices: float(_RECORDS_PER_SECOND * SECONDS_PER_HOUR),
                "That is an hour of records. Nothing ends the retries after an hour.",
            ),
            Mistake(
                lambda prices: _RECORDS_PER_SECOND * value_of("sqs", "retention_seconds"),
                "That is how long an SQS queue keeps a message, four days. A stream keeps its"
                " records for one.",
            ),
        ),
        source="The learning material retries a poison record for an hour and finds 3.6 million"
        " records behind it; by default it goes on for a day.",
    ),
)
