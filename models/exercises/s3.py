"""S3 storage classes: which suits objects of a size, read so and so often; price tiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services import s3
from models.units import GB_PER_TB, KB_PER_GB

_LESSON = "02_s3_classes_and_lifecycle"

_LARGE_TB = 600
_TINY: dict[str, Any] = {"objects": 100_000_000, "storage_gb": 100_000_000 * 16 / KB_PER_GB}


def _storage_usd(prices: Catalogue, storage_class: Any, **fields: Any) -> float:
    """What a month of storage in a class costs, with whatever else the fields say. [USD]"""
    return cost_usd(prices, s3.Bucket(name="bucket", storage_class=storage_class, **fields))


_LARGE = s3.Bucket(name="lake", storage_gb=_LARGE_TB * GB_PER_TB)


def _at_one_tier(tier: int) -> Callable[[Catalogue], float]:
    def figure(prices: Catalogue) -> float:
        found = prices.find("AmazonS3", "TimedStorage-ByteHrs", region="us-east-1")
        return _LARGE_TB * GB_PER_TB * found.tiers[tier].price_usd

    return figure


def _tiers_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"{_LARGE_TB} TB are {_LARGE_TB * GB_PER_TB:,} GB. Each tier prices only what is in it:"
    yield priced(prices, _LARGE)


_IN_IA = s3.Bucket(name="thumbnails", storage_class="STANDARD_IA", **_TINY)


def _minimum_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Each object is charged as 128 KB, eight times what it holds:"
    yield priced(prices, _IN_IA)
    yield "The same objects in Standard:"
    yield priced(prices, s3.Bucket(name="thumbnails", **_TINY))


def _share_read(storage_class: str) -> Callable[[Catalogue], float]:
    """Share of the data, read in a month, at which the class costs as much as Standard."""

    def excess(prices: Catalogue, share: float) -> float:
        read = {"storage_gb": GB_PER_TB, "retrieved_gb": share * GB_PER_TB}
        standard = _storage_usd(prices, "STANDARD", storage_gb=GB_PER_TB)
        return _storage_usd(prices, storage_class, **read) - standard

    return lambda prices: crossing(lambda share: excess(prices, share), 0, 1000)


_instant_share = _share_read("GLACIER_IR")


def _reads_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "1 TB of which this share is read in the month:"
    yield priced(
        prices,
        s3.Bucket(
            name="instant",
            storage_class="GLACIER_IR",
            storage_gb=GB_PER_TB,
            retrieved_gb=_instant_share(prices) * GB_PER_TB,
        ),
    )
    yield "The same in Standard, where reading a GB costs nothing:"
    yield priced(prices, s3.Bucket(name="standard", storage_gb=GB_PER_TB))


EXERCISES = (
    Exercise(
        id="s3-standard-tiers",
        topic="s3",
        lesson=_LESSON,
        question=f"What does a month of {_LARGE_TB} TB in S3 Standard cost (storage alone)?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=lambda prices: cost_usd(prices, _LARGE),
        look="How many lines does the bill of this bucket have?",
        concept="The price of a GB falls in steps. Each step prices only the GB between its"
        " bounds; reaching a step does not make the earlier GB cheaper.",
        formula="first 50 TB x first price + next 450 TB x second price + the rest x third price",
        working=_tiers_working,
        why="Tiers make cost a curve, so usage is added up first and priced once. Doubling a bill"
        " is not the bill of twice the usage.",
        mistakes=(
            Mistake(_at_one_tier(0), "All of it at the first price: the steps are missing."),
            Mistake(
                _at_one_tier(-1),
                "All of it at the last price. A step prices only the GB above it, not everything.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _LARGE.replace(storage_gb=_LARGE_TB * 1000.0)),
                "1 TB is 1,024 GB on an AWS bill, and so are the bounds of the tiers.",
            ),
        ),
        source="Storage chapter: prices 10 TB in Standard with one flat price and 1,000 GB to a TB;"
        " larger amounts need the tiers.",
    ),
    Exercise(
        id="s3-ia-minimum-size",
        topic="s3",
        lesson=_LESSON,
        question="An application writes 100 million thumbnails of 16 KB straight into STANDARD_IA"
        " because a GB is cheaper there. What does a month of storing them there cost?",
        unit="USD a month",
        kind="break it",
        difficulty="intermediate",
        answer=lambda prices: cost_usd(prices, _IN_IA),
        look="How many KB is each object charged for?",
        concept="Infrequent-access classes charge every object as at least 128 KB.",
        formula="objects x 128 KB, as GB, x price of a GB-month in STANDARD_IA",
        working=_minimum_working,
        why="Small objects make the cheap class the dear one. The lever is fewer, larger objects,"
        " or Standard, which charges what they hold.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(
                    prices,
                    s3.Bucket(
                        name="thumbnails",
                        storage_class="STANDARD_IA",
                        storage_gb=_TINY["storage_gb"],
                    ),
                ),
                "Charged by what they hold, which is what one expects. Each counts as 128 KB.",
            ),
            Mistake(
                lambda prices: _storage_usd(prices, "STANDARD", **_TINY),
                "That is the same data in Standard, and the better choice.",
            ),
        ),
        source="Storage-class chapter: names the wrong class as a pitfall, without the rule"
        " of 128 KB (https://aws.amazon.com/s3/storage-classes/).",
    ),
    Exercise(
        id="s3-instant-reads",
        topic="s3",
        lesson=_LESSON,
        question="Up to which share of its data read each month is GLACIER_IR (Instant Retrieval)"
        " no dearer than STANDARD? Large objects; leave requests aside. (0.5 for a half.)",
        unit="share of the data a month",
        kind="find the break-even",
        difficulty="advanced",
        answer=_instant_share,
        look="What does each GB save by lying there, and what does reading it cost?",
        concept="Storage is cheap in this class, but every GB that is read is charged for"
        " retrieval. In Standard, retrieval is free.",
        formula="(Standard GB-month - Instant GB-month) / price of a retrieved GB",
        working=_reads_working,
        why="A class is chosen by how often its data is read, not by how old it is: data that is"
        " read almost once a month belongs in Standard, however old.",
        mistakes=(
            Mistake(
                _share_read("STANDARD_IA"),
                "That is STANDARD_IA, which may be read about once a month.",
            ),
            Mistake(
                lambda prices: (
                    _storage_usd(prices, "GLACIER_IR", storage_gb=1)
                    / _storage_usd(prices, "STANDARD", storage_gb=1)
                ),
                "That is the ratio of the two storage prices; what reading costs is missing.",
            ),
        ),
        source="Storage-class chapter: seven classes trade storage price for retrieval price;"
        " no break-even.",
    ),
)
