"""Logs and metrics: what comes in, what stays, and dimensions that multiply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.metering import Quantity
from models.prices import Catalogue
from models.services.cloudwatch import ApiRequests, Metric, metric_count, put_requests
from models.services.logs import LogGroup

_LESSON = "24_logs_and_metrics"

#: Taken in each month, and the part of it that sampling keeps. [GB], [share]
_MONTH_GB, _KEPT_SHARE = 50, 0.1
#: A log group kept for ever: the month it is asked about.
_LATE_MONTH = 36
#: The bill in the claim about retention, and the month after the first event it comes. [USD]
_INVOICE_USD, _INVOICE_MONTH, _RETENTION_DAYS = 500, 12, 7
#: Metrics that an agent sends one by one.
_SENT = 500


def _group(gb: float = _MONTH_GB, **fields: Any) -> LogGroup:
    return LogGroup(name="logs", ingested_gb=gb, **fields)


def _ingestion(prices: Catalogue, gb: float = _MONTH_GB) -> float:
    return cost_usd(prices, _group(gb, stored_gb=0))


def _sampling_saves(prices: Catalogue) -> float:
    return _ingestion(prices) - _ingestion(prices, _MONTH_GB * _KEPT_SHARE)


def _sampling_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Nine lines in ten are never sent. That is 45 of the 50 GB:"
    yield priced(prices, _group(_MONTH_GB * (1 - _KEPT_SHARE), stored_gb=0))


def _storage(prices: Catalogue, month: float = _LATE_MONTH, **fields: Any) -> float:
    """What is stored in a month of a log group that never expires. [USD]"""
    kept = priced(prices, _group(months_written=month, **fields))
    return float(kept.by("usage_type")["TimedStorage-ByteHrs"])


def _storage_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "At the start of the month 35 months' worth are there, at its end 36: 35.5 on average."
    yield "Compressed to a fifth: 50 GB x 35.5 x 0.2 = 355 GB."
    yield priced(prices, LogGroup(name="kept for ever", stored_gb=_MONTH_GB * 35.5 * 0.2))


def _gb_of_the_invoice(prices: Catalogue) -> float:
    """GB a month whose bill in the twelfth month is the invoice. [GB]"""
    return _INVOICE_USD / cost_usd(prices, _group(1, months_written=_INVOICE_MONTH))


def _retention_saves(prices: Catalogue) -> float:
    kept = _group(_gb_of_the_invoice(prices), retention_in_days=_RETENTION_DAYS)
    return _INVOICE_USD - cost_usd(prices, kept)


def _retention_working(prices: Catalogue) -> Iterator[str | Bill]:
    gb = _gb_of_the_invoice(prices)
    yield f"In the twelfth month, {gb:,.0f} GB a month come to the invoice:"
    yield priced(prices, _group(gb, months_written=_INVOICE_MONTH))
    yield "With seven days of retention the first line stays as it is:"
    yield priced(prices, _group(gb, retention_in_days=_RETENTION_DAYS))


def _month_of_equals(prices: Catalogue, compressed_share: float = 0.2) -> float:
    """Months since the first event at which a month's storage costs as much as its ingestion."""

    def excess(month: float) -> float:
        stored = _storage(prices, month, compressed_share=compressed_share)
        return stored - _ingestion(prices)

    return crossing(excess, 1, 1e5)


def _equals_working(prices: Catalogue) -> Iterator[str | Bill]:
    month = _month_of_equals(prices)
    yield f"In month {month:.1f} both lines of the bill are the same:"
    yield priced(prices, _group(months_written=month))
    yield "0.5 is added because a month's own logs are there for half of it."


def _metrics_usd(prices: Catalogue, count: Quantity) -> float:
    return cost_usd(prices, Metric(name="metrics", count=count))


def _customers_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "10 names x 5 endpoints x 1,000 customers are 50,000 metrics. The first 10,000 are dear:"
    yield priced(prices, Metric(name="metrics", count=metric_count(10, 5, 1000)))


def _calls(batch: float) -> ApiRequests:
    """Calls of a month that send the metrics every minute, so many with each call."""
    calls = put_requests(_SENT, interval_seconds=60, hours=730, metrics_per_request=batch)
    return ApiRequests(name=f"{batch} a call", requests=calls)


def _sent_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "500 calls a minute, 43,800 minutes; or one a minute, which has room for all 500:"
    yield priced(prices, _calls(1))
    yield priced(prices, _calls(_SENT))


EXERCISES = (
    Exercise(
        id="logs-sampling",
        topic="logs and metrics",
        lesson=_LESSON,
        question="A service in us-east-1 sends 50 GB of logs a month to a log group of the Standard"
        " class. From now on it logs one request in ten. What does that save of ingestion?",
        unit="USD a month",
        kind="check a claim",
        difficulty="basic",
        answer=_sampling_saves,
        look="How many GB no longer come in, and what does one of them cost?",
        concept="Ingestion is charged by the GB as it comes in. What is not sent is not charged.",
        formula="50 GB x (1 - 1/10) x price of a GB ingested",
        working=_sampling_working,
        why="The cheapest log line is the one that is never written. Keep all errors, and a part"
        " of what succeeds.",
        mistakes=(
            Mistake(
                lambda prices: _ingestion(prices, _MONTH_GB * _KEPT_SHARE),
                "That is what the tenth that stays costs, not what is saved.",
            ),
            Mistake(_ingestion, "That is the whole ingestion. A tenth still comes in."),
            Mistake(
                lambda prices: _sampling_saves(prices) * 0.2,
                "Logs are compressed when they are stored. Ingestion is charged before that.",
            ),
        ),
        source="Notes on logging: sampling at 10 percent cuts a bill of 25 dollars by 90 percent."
        " True of ingestion without the free 5 GB; what it costs to miss a line is not said.",
    ),
    Exercise(
        id="logs-kept-for-ever",
        topic="logs and metrics",
        lesson=_LESSON,
        question="The same service sends 50 GB a month to a log group that never expires, in"
        " us-east-1. Stored logs take a fifth of what came in. What does storage cost in the 36th"
        " month, on average over that month?",
        unit="USD a month",
        kind="change something",
        difficulty="intermediate",
        answer=_storage,
        look="How many months' worth of logs are there at the start of that month, and at its end?",
        concept="Without a retention nothing leaves. The store grows by one month's logs a month,"
        " compressed, and is charged by the hour for what is there.",
        formula="50 GB x (36 - 1/2) x 0.2 x price of a GB-month",
        working=_storage_working,
        why="Three years of logs cost less a month than taking in one. The line is small, but it"
        " is the only one that grows without traffic.",
        mistakes=(
            Mistake(
                lambda prices: _storage(prices, compressed_share=1),
                "Stored logs are compressed: a fifth is left.",
            ),
            Mistake(
                lambda prices: _storage(prices, month=_LATE_MONTH + 0.5),
                "All 36 months' worth are there only at the end of the month. It is charged by the"
                " hour.",
            ),
        ),
        source="Flashcards: never against 30 days at 50 GB a month after three years, answered in"
        " GB before compression, 1.8 TB against 50 GB. What is charged is a fifth of that.",
    ),
    Exercise(
        id="logs-retention-cure",
        topic="logs and metrics",
        lesson=_LESSON,
        question="A log group in us-east-1 costs 500 dollars, ingestion and storage, in its twelfth"
        " month. It never expires; stored logs take a fifth. How much less would that month cost"
        " with a retention of 7 days?",
        unit="USD a month",
        kind="break it",
        difficulty="intermediate",
        answer=_retention_saves,
        look="Which of the two lines does a retention change?",
        concept="Retention takes away stored logs. They have all been charged once already, when"
        " they came in, and will be again as new ones come.",
        formula="invoice x (1 - (ingestion + 7 days stored) / (ingestion + 11.5 months stored))",
        working=_retention_working,
        why="A retention is right, and it is no cure. The invoice falls when fewer bytes come in.",
        mistakes=(
            Mistake(
                lambda prices: _INVOICE_USD * (1 - _RETENTION_DAYS / 365),
                "That cuts the whole invoice to seven days in a year. Ingestion is most of it, and"
                " stays.",
            ),
            Mistake(
                lambda prices: _gb_of_the_invoice(prices) * _storage(prices, 12) / _MONTH_GB,
                "That is all of the storage. Seven days of logs are still kept.",
            ),
        ),
        source="Project guide, bill shock: a retention of 7 days among what brings a bill of 500"
        " dollars down. Ingestion, by far the larger part of logs, is not mentioned.",
    ),
    Exercise(
        id="logs-storage-overtakes",
        topic="logs and metrics",
        lesson=_LESSON,
        question="A log group in us-east-1 never expires and takes in the same every month, of"
        " which a fifth is stored. In which month since its first event, in months with decimals,"
        " does its storage cost as much as its ingestion?",
        unit="months",
        kind="find the break-even",
        difficulty="advanced",
        answer=_month_of_equals,
        look="What does a GB cost as it comes in, and what each month afterwards?",
        concept="Ingestion is paid once and storage every month. By month n there are n - 1/2"
        " months' worth, each of them compressed.",
        formula="price of a GB ingested / (0.2 x price of a GB-month) + 1/2",
        working=_equals_working,
        why="Years go by before what is kept costs more than what comes in. How much traffic there"
        " is does not matter.",
        mistakes=(
            Mistake(
                lambda prices: _month_of_equals(prices, compressed_share=1),
                "That stores logs as large as they came in.",
            ),
            Mistake(
                lambda prices: _month_of_equals(prices) - 0.5,
                "In its n-th month a log group holds n - 1/2 months' worth on average.",
            ),
        ),
        source="Ours, after notes on logging that call ingestion the lever, not retention, and"
        " leave open for how long that is so.",
    ),
    Exercise(
        id="metrics-per-customer",
        topic="logs and metrics",
        lesson=_LESSON,
        question="An application in us-east-1 sends 10 metrics for each of its 5 endpoints. Now the"
        " customer becomes a dimension: there are 1,000, and each of them uses every endpoint. What"
        " do the metrics cost in a month?",
        unit="USD a month",
        kind="break it",
        difficulty="intermediate",
        answer=lambda prices: _metrics_usd(prices, metric_count(10, 5, 1000)),
        look="How many different combinations of name and dimensions are there?",
        concept="Each combination of name and values of dimensions is a metric of its own. They"
        " multiply, and are charged in tiers.",
        formula="tiers of 10 x 5 x 1,000: the first 10,000 at one price, the rest at the next",
        working=_customers_working,
        why="One more dimension took 50 metrics to 50,000. A customer belongs into the log line,"
        " where a query finds it.",
        mistakes=(
            Mistake(
                lambda prices: 5 * _metrics_usd(prices, 10_000),
                "That takes the first tier's price for all of them. It ends at 10,000 metrics.",
            ),
            Mistake(
                lambda prices: _metrics_usd(prices, 10 + 5 + 1000),
                "Dimensions do not add up, they multiply.",
            ),
        ),
        source="Flashcards: 10 metrics, 100 customers, 5 endpoints make 1,500 dollars a month. With"
        " ten times the customers it is not ten times that, because of the tiers.",
    ),
    Exercise(
        id="metrics-one-by-one",
        topic="logs and metrics",
        lesson=_LESSON,
        question="An agent in us-east-1 sends 500 custom metrics every minute, each with a call of"
        " PutMetricData of its own. What do the calls cost in a month of 730 hours, beside the"
        " metrics and without free allowances?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=lambda prices: cost_usd(prices, _calls(1)),
        look="How many calls is that in a month?",
        concept="A metric is charged by the month, and so is every call that carries it. A call"
        " may carry up to a thousand metrics.",
        formula="500 x 60 x 730 x price of a request",
        working=_sent_working,
        why="One by one, the calls cost more than the metrics they carry. Together they cost next"
        " to nothing.",
        mistakes=(
            Mistake(
                lambda prices: _metrics_usd(prices, _SENT),
                "Those are the metrics. The calls that send them are charged apart.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _calls(_SENT)),
                "That puts all 500 into one call. This agent sends them one by one.",
            ),
        ),
        source="Flashcards: batches of PutMetricData or the embedded metric format are cheaper"
        " than a call for each metric. By how much is not said.",
    ),
)
