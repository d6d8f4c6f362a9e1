"""S3 lifecycle: what moving and deleting cost, and what a rule saves in the steady state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.services import s3
from models.units import GB_PER_TB, KB_PER_GB

_LESSON = "02_s3_classes_and_lifecycle"

_ARCHIVE_GB = 10 * GB_PER_TB
_SMALL: dict[str, Any] = {"objects": 10_000_000, "storage_gb": 10_000_000 * 256 / KB_PER_GB}


_MOVED = s3.Bucket(name="moved", storage_class="STANDARD_IA", transitioned_objects=10_000_000)
_STAYED = s3.Bucket(name="stayed", **_SMALL)
_STORED = s3.Bucket(name="moved", storage_class="STANDARD_IA", **_SMALL)


def _saved_usd(prices: Catalogue) -> float:
    """What the move saves in each month. [USD]"""
    return cost_usd(prices, _STAYED) - cost_usd(prices, _STORED)


def _payback_months(prices: Catalogue) -> float:
    return cost_usd(prices, _MOVED) / _saved_usd(prices)


def _payback_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Moving them, once:"
    yield priced(prices, _MOVED)
    yield "A month in Standard:"
    yield priced(prices, _STAYED)
    yield "A month in Standard-IA:"
    yield priced(prices, _STORED)
    yield "Divide the first bill by the difference of the other two."


def _deleted(age_days: float) -> s3.Bucket:
    return s3.Bucket(
        name="logs",
        storage_class="GLACIER",
        early_deleted_gb=GB_PER_TB,
        early_deleted_age_days=age_days,
    )


def _early_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "30 of the 90 days have been paid. The other 60 are due at once:"
    yield priced(prices, _deleted(30))


_RULES = [
    s3.Transition(days=30, storage_class="STANDARD_IA"),
    s3.Transition(days=90, storage_class="GLACIER_IR"),
]
_ALL = s3.Bucket(name="logs", storage_gb=_ARCHIVE_GB)
_YEAR_OF_LOGS = s3.LifecycleBucket(
    name="logs",
    ingest_gb_per_day=_ARCHIVE_GB / 365,
    object_kb=16 * 1024,
    transitions=_RULES,
    expiration_days=365,
)


def _lifecycle_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Every day a cohort enters, two cohorts move, and the oldest expires. A month of that:"
    yield priced(prices, _YEAR_OF_LOGS)
    yield "A twelfth of the data is always in Standard and a sixth in Standard-IA, at their prices."


EXERCISES = (
    Exercise(
        id="s3-transition-payback",
        topic="s3",
        lesson=_LESSON,
        question="A lifecycle rule moves 10 million objects of 256 KB from STANDARD to STANDARD_IA."
        " Nobody reads them. After how many months has the move paid for itself?",
        unit="months",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_payback_months,
        look="What does the move cost on the day it happens?",
        concept="Each moved object is one transition request, whatever its size; what a month"
        " saves depends on the GB. Small objects have many requests for each GB.",
        formula="objects x price of a transition / (GB x difference of the storage prices)",
        working=_payback_working,
        why="The rule has to be paid back before the objects expire. Objects 64 times as large"
        " need a 64th of the requests, and pay it back in a 64th of the time.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _MOVED) / cost_usd(prices, _STAYED),
                "The objects are not stored for nothing afterwards: only the difference between"
                " the classes is saved.",
            ),
            Mistake(
                lambda prices: (
                    cost_usd(prices, s3.Bucket(name="b", put_requests=10_000_000))
                    / _saved_usd(prices)
                ),
                "That is the price of a PUT to Standard. A transition is priced at the rate of the"
                " class it goes to.",
            ),
            Mistake(
                lambda prices: 0.0, "A transition is a request for every object, and not free."
            ),
        ),
        source="Lifecycle and batch chapters: millions of objects are moved; the fee for each"
        " is not mentioned.",
    ),
    Exercise(
        id="s3-early-delete",
        topic="s3",
        lesson=_LESSON,
        question="1 TB of logs was put into GLACIER (Flexible Retrieval) and is deleted after 30"
        " days. What is charged for deleting it early? (A month has 730 hours.)",
        unit="USD",
        kind="break it",
        difficulty="intermediate",
        answer=lambda prices: cost_usd(prices, _deleted(30)),
        look="For how many days does this class charge at least?",
        concept="GLACIER charges for at least 90 days. Deleting, overwriting or moving an object"
        " before that makes the missing days due.",
        formula="GB x (90 - 30) days / days in the month x price of a GB-month",
        working=_early_working,
        why="An archive class is a promise to keep. With the days it was there, the data costs as"
        " much as if it had stayed for 90.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _deleted(0)),
                "That is all 90 days. The first 30 have been paid as storage.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _deleted(60)),
                "Those are the days that have passed; the ones that are missing are due.",
            ),
            Mistake(
                lambda prices: 0.0,
                "Deleting is a free request, but the minimum duration of"
                " the class still has to be paid.",
            ),
        ),
        source="Storage-class table: gives the minimum durations, without an example of what they"
        " cost.",
    ),
    Exercise(
        id="s3-lifecycle-claim",
        topic="s3",
        lesson=_LESSON,
        question="10 TB of logs, a year's worth, written evenly in objects of 16 MB and deleted"
        " after 365 days. A rule moves them to STANDARD_IA after 30 days and to GLACIER_IR after"
        " 90. An article says this takes the bill from 230 to 40 dollars a month. What does a month"
        " of the steady state cost?",
        unit="USD a month",
        kind="check a claim",
        difficulty="advanced",
        answer=lambda prices: cost_usd(prices, _YEAR_OF_LOGS),
        look="Where are the objects that were written in the last 30 days?",
        concept="In a steady state every age is present at once: a month's worth is always in"
        " Standard, two months' worth in Standard-IA, the rest in the archive class.",
        formula="GB a day x (days in each class x its price) / days of a month + requests",
        working=_lifecycle_working,
        why="The article priced everything as if it were old. New data never stops coming, so the"
        " saving stays well below that.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _ALL.replace(storage_class="GLACIER_IR")),
                "That is the article's figure: all 10 TB in the last class. A quarter of the data"
                " is younger than 90 days.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _ALL),
                "That is the bill without the rule.",
            ),
        ),
        source="Architecture article: 10 TB, 30 days to IA, 90 days to Glacier Instant Retrieval,"
        " 230 dollars becoming 40. True only once nothing new is written.",
        tolerance=0.01,
    ),
)
