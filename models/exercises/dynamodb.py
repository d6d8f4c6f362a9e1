"""DynamoDB: units of an item, which mode is cheaper, bursts, and keys that are too hot."""

from __future__ import annotations

from collections.abc import Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.quotas import value_of
from models.services import dynamodb
from models.units import SECONDS_PER_HOUR, TYPICAL

_LESSON = "20_dynamodb_capacity"

#: Images a minute, each written as one item, and the capacity of the table.
_IMAGES_PER_MINUTE, _IMAGE_UNITS = 200, 50
#: An item, how often one is written in a month, and the indexes that show all of it.
_ITEM_KB, _WRITTEN, _INDEXES = 3.2, 10_000_000, 3
#: An office: writes a second while it is open, and how long that is in a month.
_OFFICE_RATE, _OFFICE_HOURS, _OFFICE_DAYS = 400, 8, 22
#: A table that was idle for an hour, and the load that comes then.
_CAPACITY, _SPIKE, _IDLE_SECONDS = 300, 500, 3600
#: Writes a second, and the share of them that one key gets.
_LOAD, _HOT_SHARE = 6000, 0.35


def _largest_image_kb(prices: Catalogue) -> float:
    """Largest item, in whole KB, that the capacity takes at that rate. [KB]"""
    per_second = _IMAGES_PER_MINUTE / 60
    sizes = range(1, int(value_of("dynamodb", "item_kb_max")) + 1)
    return max(kb for kb in sizes if per_second * dynamodb.write_units(kb) <= _IMAGE_UNITS)


def _image_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"200 a minute are {_IMAGES_PER_MINUTE / 60:.2f} a second."
    yield f"Each may take 50 / {_IMAGES_PER_MINUTE / 60:.2f} = 15 units, and a unit writes 1 KB."


def _indexed(indexes: int = _INDEXES) -> dynamodb.Table:
    return dynamodb.Table(
        name="orders", item_size_kb=_ITEM_KB, writes=_WRITTEN,
        global_secondary_indexes=tuple(
            dynamodb.GlobalSecondaryIndex(index_name=f"index {number + 1}")
            for number in range(indexes)
        ),
    )  # fmt: skip


def _indexes_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"An item of 3.2 KB takes {dynamodb.write_units(_ITEM_KB):.0f} units in the table."
    yield "It takes as many again in each of the three indexes:"
    yield priced(prices, _indexed())


def _office(provisioned: bool, days: int = _OFFICE_DAYS) -> dynamodb.Table:
    """The table of the office, with capacity all month or on demand."""
    if provisioned:
        return dynamodb.Table(
            name="office", billing_mode="PROVISIONED", read_capacity_units=1,
            write_capacity_units=_OFFICE_RATE,
        )  # fmt: skip
    return dynamodb.Table(
        name="office", writes=_OFFICE_RATE * days * _OFFICE_HOURS * SECONDS_PER_HOUR
    )


def _office_saved(prices: Catalogue, days: int = _OFFICE_DAYS) -> float:
    """What on-demand costs less than capacity for the peak all month. [USD]"""
    on_demand = _office(provisioned=False, days=days)
    return cost_usd(prices, _office(provisioned=True)) - cost_usd(prices, on_demand)


def _office_working(prices: Catalogue) -> Iterator[str | Bill]:
    used = _OFFICE_DAYS * _OFFICE_HOURS / TYPICAL.hours
    yield f"The capacity would be used for 176 of 730 hours, {used:.1%} of the time."
    yield "On demand:"
    yield priced(prices, _office(provisioned=False))
    yield "With 400 write units and one read unit all month:"
    yield priced(prices, _office(provisioned=True))


def _burst(prices: Catalogue) -> float:
    return dynamodb.burst_seconds(_SPIKE, _CAPACITY, _IDLE_SECONDS)


def _burst_working(prices: Catalogue) -> Iterator[str | Bill]:
    kept = value_of("dynamodb", "burst_seconds")
    yield f"Kept are the last {kept} seconds: {kept} x 300 = {kept * _CAPACITY:,} units."
    yield "The table still gets 300 a second, so the spike takes 500 - 300 = 200 of them a second."
    yield f"{kept * _CAPACITY:,} / 200 = {_burst(prices):.0f} seconds."


def _hot_percent(prices: Catalogue) -> float:
    """Share of all writes that is throttled when the hot key has a partition of its own."""
    over = _LOAD * _HOT_SHARE - value_of("dynamodb", "partition_write_units")
    return 100 * max(over, 0.0) / _LOAD


def _hot_working(prices: Catalogue) -> Iterator[str | Bill]:
    asked = _LOAD * _HOT_SHARE
    yield f"The key gets 6,000 x 0.35 = {asked:,.0f} writes a second."
    yield f"Its partition serves 1,000; {asked - 1000:,.0f} a second are throttled."
    yield f"{asked - 1000:,.0f} / 6,000 = {_hot_percent(prices):.1f} percent."


EXERCISES = (
    Exercise(
        id="dynamodb-images",
        topic="dynamodb",
        lesson=_LESSON,
        question="A pipeline makes 200 images a minute and writes one item about each to a table"
        " with 50 write capacity units. Up to which size of an item, in whole KB, is nothing"
        " throttled?",
        unit="KB",
        kind="check a claim",
        difficulty="basic",
        answer=_largest_image_kb,
        look="In which unit of time is capacity given, and in which the images?",
        concept="A write capacity unit is one write a second of up to 1 KB. A larger item takes a"
        " unit for each KB or part of it.",
        formula="capacity / (images a minute / 60) = units for each item",
        working=_image_working,
        why="A table with 50 units takes 3,000 small items a minute. Before you call a table too"
        " small, bring both figures to the second.",
        mistakes=(
            Mistake(
                lambda prices: _IMAGE_UNITS / _IMAGES_PER_MINUTE,
                "Those are 200 images a second. They come in a minute.",
            ),
            Mistake(
                lambda prices: 4 * _largest_image_kb(prices),
                "4 KB are what a read unit covers. A write unit covers 1 KB.",
            ),
            Mistake(
                lambda prices: _IMAGE_UNITS,
                "That is one item a second. More than three come in each second.",
            ),
        ),
        source="The learning material says that 200 images a minute against 50 write units will"
        " throttle. They do not, unless items are larger than the answer.",
    ),
    Exercise(
        id="dynamodb-indexes",
        topic="dynamodb",
        lesson=_LESSON,
        question="A table on demand in us-east-1 has items of 3.2 KB and three global secondary"
        " indexes that project everything. What do 10 million new items cost in a month, storage"
        " apart?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=lambda prices: cost_usd(prices, _indexed()),
        look="How many copies of an item are written?",
        concept="Every index is a table of its own that must be written too. Sizes are rounded up"
        " to whole KB for each of them.",
        formula="writes x (1 + indexes) x item size rounded up to KB x price of a write unit",
        working=_indexes_working,
        why="What an index projects is charged at every write, whoever reads it. Project keys only,"
        " and it takes one unit.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _indexed(indexes=0)),
                "That is the table alone. Each index is written as well.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _indexed()) * _ITEM_KB / 4,
                "Sizes are rounded up: 3.2 KB take four units.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _indexed(indexes=2)),
                "Those are three copies: the table's own item makes a fourth.",
            ),
        ),
        source="The learning material asks for the write cost with three indexes; up to four times"
        " is right where all of them show what is written.",
    ),
    Exercise(
        id="dynamodb-office",
        topic="dynamodb",
        lesson=_LESSON,
        question="An office writes 400 small items a second for eight hours on 22 days a month, and"
        " nothing else. How much less does on-demand cost than 400 write units and one read unit"
        " all month of 730 hours, in us-east-1?",
        unit="USD a month",
        kind="change something",
        difficulty="intermediate",
        answer=_office_saved,
        look="For how many of the 730 hours is the capacity used?",
        concept="Capacity is charged for every hour, requests only when they come. On-demand is"
        " cheaper where less than about 29 percent of the capacity is used.",
        formula="400 x 730 x price of a unit-hour - 400 x 3,600 x 8 x 22 x price of a request unit",
        working=_office_working,
        why="Steady is not the same as well used. This load is as steady as can be while it is"
        " there, and capacity all month still costs more.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _office(provisioned=False)),
                "That is what on-demand costs, not what it saves.",
            ),
            Mistake(
                lambda prices: _office_saved(prices, days=30),
                "That is with thirty working days. Then capacity is cheaper.",
            ),
            Mistake(
                lambda prices: _office_saved(prices, days=20),
                "That is with twenty working days; there are 22.",
            ),
        ),
        source="The learning material recommends provisioned capacity for steady loads without a"
        " figure. What counts is the share of the hours that is used.",
    ),
    Exercise(
        id="dynamodb-burst",
        topic="dynamodb",
        lesson=_LESSON,
        question="A table with 300 write units was idle for an hour. Now 500 small items a second"
        " come. After how many seconds is the first one throttled?",
        unit="seconds",
        kind="break it",
        difficulty="intermediate",
        answer=_burst,
        look="How much is kept of an hour in which nothing was used?",
        concept="Up to five minutes of unused capacity are kept. While they are used up, the"
        " capacity of each second comes on top.",
        formula="300 s x capacity / (load - capacity)",
        working=_burst_working,
        why="Auto scaling needs about four minutes. How far above its capacity a table may be hit"
        " until then is a question of simple arithmetic.",
        mistakes=(
            Mistake(
                lambda prices: value_of("dynamodb", "burst_seconds") * _CAPACITY / _SPIKE,
                "Each second still brings 300 units. Only what is above them uses up the rest.",
            ),
            Mistake(
                lambda prices: value_of("dynamodb", "burst_seconds"),
                "That is what is kept. How long it lasts depends on the load.",
            ),
            Mistake(
                lambda prices: _IDLE_SECONDS * _CAPACITY / (_SPIKE - _CAPACITY),
                "Of the idle hour only the last five minutes are kept.",
            ),
        ),
        source="Ours, after AWS's page on burst capacity: up to 300 seconds of unused capacity are"
        " retained.",
    ),
    Exercise(
        id="dynamodb-hot-key",
        topic="dynamodb",
        lesson=_LESSON,
        question="A table could serve 10,000 writes a second and gets 6,000 of small items. One"
        " partition key gets 35 percent of them, and AWS has already put it on a partition of its"
        " own. Which percentage of all writes is throttled?",
        unit="percent",
        kind="break it",
        difficulty="advanced",
        answer=_hot_percent,
        look="How many writes a second does that key get, and how many may it get?",
        concept="A partition serves 1,000 write units a second, whatever the table has. A key is"
        " never on more than one of them at a time.",
        formula="(load x share - 1,000) / load",
        working=_hot_working,
        why="Neither capacity nor on-demand nor warm throughput helps here. The key does: spread"
        " over three suffixes, nothing is throttled.",
        mistakes=(
            Mistake(
                lambda prices: 0.0,
                "The table has capacity to spare. The partition of that key has not.",
            ),
            Mistake(
                lambda prices: 100 * _HOT_SHARE,
                "Not everything that asks for the key is throttled: 1,000 a second are served.",
            ),
            Mistake(
                lambda prices: _hot_percent(prices) / _HOT_SHARE,
                "That is the share of the hot key's own writes. Asked is that of all writes.",
            ),
        ),
        source="The learning material asks what happens to a hot key with 5,000 writes a second and"
        " has it right: 1,000 a second are served however much the table has.",
    ),
)
