"""Databases: provisioned or serverless, pauses, requests to storage, connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from models import theory
from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.quotas import value_of
from models.services.rds import (
    DBCluster,
    connections_needed,
    largest_fleet,
    max_connections_of_class,
)
from models.services.rds.classes import memory_gib
from models.units import SECONDS_PER_HOUR, TYPICAL

_LESSON = "19_which_database"
_PERCENT = 100
_ACU, _INSTANCES = 5, 2
_CLASS = "db.r6g.large"
_PER_HOUR = 2
_POOL = 50
_MILLION = 1e6
_ENGINE: Literal["aurora-postgresql"] = "aurora-postgresql"
_SERVERLESS = DBCluster(
    name="serverless", engine=_ENGINE, serverless_acu_hours=_ACU * _INSTANCES * TYPICAL.hours
)
_INSTANCE = DBCluster(name="instance", engine=_ENGINE, db_instance_class=_CLASS)
_STANDARD = DBCluster(
    name="standard", engine=_ENGINE, db_instance_class=_CLASS, instances=2, storage_gb=500
)
_OPTIMIZED = _STANDARD.replace(name="optimized", storage_type="aurora-iopt1")


def _even(prices: Catalogue) -> float:
    """Capacity that never changes, in two instances. [USD a month]"""
    return cost_usd(prices, _SERVERLESS)


def _even_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Two instances with 5 ACUs each for 730 hours are 2 x 5 x 730 = 7,300 ACU-hours:"
    yield priced(prices, _SERVERLESS)


def _as_large(hours: float = TYPICAL.hours) -> DBCluster:
    """Serverless capacity with the memory of the instance class, for so many hours."""
    acu = memory_gib(_CLASS) / value_of("rds", "acu_memory_gib")
    return DBCluster(name="as large", engine=_ENGINE, serverless_acu_hours=acu * hours)


def _use_percent(prices: Catalogue) -> float:
    """Average use at which both cost the same. [percent]"""
    return _PERCENT * cost_usd(prices, _INSTANCE) / cost_usd(prices, _as_large())


def _use_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "The instance, used or not:"
    yield priced(prices, _INSTANCE)
    yield "16 GiB are 8 ACUs. Serverless at that capacity all month:"
    yield priced(prices, _as_large())
    yield "Serverless is charged in proportion to the capacity in use, so divide."


def _io_excess(prices: Catalogue, millions: float) -> float:
    standard = _STANDARD.replace(io_requests=millions * _MILLION)
    return cost_usd(prices, standard) - cost_usd(prices, _OPTIMIZED)


def _io_millions(prices: Catalogue) -> float:
    """Requests to storage at which both configurations cost the same. [millions a month]"""
    return crossing(lambda millions: _io_excess(prices, millions), 0, 1e6)


def _io_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Standard, with the requests at the break-even:"
    yield priced(prices, _STANDARD.replace(io_requests=_io_millions(prices) * _MILLION))
    yield "I/O-Optimized, which charges for none:"
    yield priced(prices, _OPTIMIZED)


def _usd_per_million(prices: Catalogue) -> float:
    return cost_usd(prices, _STANDARD.replace(io_requests=_MILLION)) - cost_usd(prices, _STANDARD)


def _io_at_a_quarter(prices: Catalogue) -> float:
    """Requests that are a quarter of the bill. [millions a month]"""
    return cost_usd(prices, _STANDARD) / 3 / _usd_per_million(prices)


def _io_without_storage(prices: Catalogue) -> float:
    rest = [cost_usd(prices, one.replace(storage_gb=0)) for one in (_STANDARD, _OPTIMIZED)]
    million = cost_usd(prices, _STANDARD.replace(io_requests=_MILLION)) - cost_usd(
        prices, _STANDARD
    )
    return (rest[1] - rest[0]) / million


def _paused_percent(prices: Catalogue) -> float:
    seconds = value_of("rds", "auto_pause_seconds")
    return _PERCENT * float(
        theory.single_environment_cold_share(_PER_HOUR / SECONDS_PER_HOUR, seconds)
    )


def _paused_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "At any moment it is paused if nobody came in the last 300 seconds."
    yield "Two an hour are 2 x 300 / 3,600 = 0.1667 in 300 seconds, on average."
    yield f"At random moments none came with exp(-0.1667): {_paused_percent(prices):.2f} %."


def _fleet(prices: Catalogue) -> float:
    return float(largest_fleet(max_connections_of_class("aurora-mysql", _CLASS), _POOL))


def _fleet_working(prices: Catalogue) -> Iterator[str | Bill]:
    limit = max_connections_of_class("aurora-mysql", _CLASS)
    yield f"The class has 16 GiB, with which Aurora MySQL takes {limit:,.0f} connections."
    yield f"{limit:,.0f} / 50 = {_fleet(prices):.0f} instances open all of them."
    more = connections_needed(_fleet(prices) + 1, _POOL)
    yield f"One more would need {more:,.0f}: it cannot open its pool."


EXERCISES = (
    Exercise(
        id="databases-serverless-even",
        topic="databases",
        lesson=_LESSON,
        question="An Aurora Serverless v2 cluster in us-east-1 has a writer and a reader, and both"
        " stay at 5 ACUs for a whole typical month of 730 hours. What does the capacity cost"
        " (Standard configuration)?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_even,
        look="How many ACU-hours does a month have, for both together?",
        concept="Each instance is charged for its own capacity, second by second.",
        formula="instances x ACUs x 730 h x price of an ACU-hour",
        working=_even_working,
        why="A serverless cluster that is never idle is the dearest way to run Aurora. It pays"
        " where the capacity is low most of the time.",
        mistakes=(
            Mistake(
                lambda prices: _even(prices) / _INSTANCES,
                "That is one instance. The reader has a capacity of its own.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _STANDARD.replace(storage_gb=0)),
                "That is two instances of the class db.r6g.large.",
            ),
        ),
        source="The learning material gives the price of an ACU-hour and no month.",
    ),
    Exercise(
        id="databases-serverless-use",
        topic="databases",
        lesson=_LESSON,
        question="AWS compares an ACU to 2 GiB of a provisioned instance. A db.r6g.large (Aurora"
        " PostgreSQL, us-east-1) has 16 GiB. Up to which average use of that capacity is Aurora"
        " Serverless v2 the cheaper one, if it follows the load perfectly?",
        unit="percent",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_use_percent,
        look="What would serverless cost if it ran at the size of the instance all the time?",
        concept="The instance costs the same whatever it does. Serverless costs in proportion to"
        " its average capacity.",
        formula="100 x price of an instance-hour / (memory / 2 GiB x price of an ACU-hour)",
        working=_use_working,
        why="A load whose peak is less than about four times its mean is cheaper on an instance"
        " that is large enough for the peak. Only rare loads and short peaks are for serverless.",
        mistakes=(
            Mistake(
                lambda prices: _use_percent(prices) / 2,
                "That takes an ACU for 1 GiB. It is about 2 GiB.",
            ),
            Mistake(
                lambda prices: _PERCENT - _use_percent(prices),
                "That is the part of the capacity that is idle at the break-even.",
            ),
        ),
        source="The learning material asks for the break-even between provisioned and serverless"
        " Aurora and gives no answer.",
    ),
    Exercise(
        id="databases-io-optimized",
        topic="databases",
        lesson=_LESSON,
        question="An Aurora PostgreSQL cluster in us-east-1 has two db.r6g.large and 500 GB of"
        " storage. From how many million I/O requests a month on is the I/O-Optimized"
        " configuration the cheaper one?",
        unit="million requests a month",
        kind="find the break-even",
        difficulty="advanced",
        answer=_io_millions,
        look="Which lines of the bill become dearer, and which one goes away?",
        concept="I/O-Optimized has dearer instances and dearer storage, and no charge for"
        " requests. At the break-even the requests cost as much as the two increases.",
        formula="(dearer instances + dearer storage) / price of a million requests",
        working=_io_working,
        why="AWS's rule of thumb, a quarter of the bill, is for a cluster with little storage."
        " The more storage there is, the more I/O it takes.",
        mistakes=(
            Mistake(
                _io_at_a_quarter,
                "That is where I/O is a quarter of the Standard bill, AWS's rule of thumb.",
            ),
            Mistake(
                _io_without_storage,
                "That leaves out the storage, which becomes dearer too.",
            ),
        ),
        source="The learning material has 25 percent of the bill. That is AWS's rule of thumb, and"
        " too low here.",
    ),
    Exercise(
        id="databases-auto-pause",
        topic="databases",
        lesson=_LESSON,
        question="A tool asks its serverless Aurora database twice an hour on average, at random"
        " moments, and closes the connection at once. The minimum is 0 ACUs, the pause comes after"
        " the default of 300 seconds. Which share of the time is it paused? Leave out the seconds"
        " in which it resumes.",
        unit="percent",
        kind="change something",
        difficulty="intermediate",
        answer=_paused_percent,
        look="When is it paused? Look back from any moment.",
        concept="It is paused if nobody came within the last 300 seconds. For random moments that"
        " follows from the mean number in 300 seconds.",
        formula="100 x exp(-requests a second x 300)",
        working=_paused_working,
        why="Nearly all the time, and still most requests meet a paused database and wait some 15"
        " seconds. What saves most annoys most.",
        mistakes=(
            Mistake(
                lambda prices: _PERCENT - _paused_percent(prices),
                "That is the share of the time in which it is awake.",
            ),
            Mistake(
                lambda prices: (
                    _PERCENT
                    * (1 - _PER_HOUR * value_of("rds", "auto_pause_seconds") / SECONDS_PER_HOUR)
                ),
                "That is for requests at even distances. Where two come close together, their"
                " waiting times overlap.",
            ),
        ),
        source="The learning material asks what idle nights save and says to simulate it.",
    ),
    Exercise(
        id="databases-fleet",
        topic="databases",
        lesson=_LESSON,
        question="Each instance of a fleet opens a pool of 50 connections to an Aurora MySQL writer"
        " of the class db.r6g.large with default parameters. How large can the fleet become before"
        " connections are refused?",
        unit="instances",
        kind="break it",
        difficulty="basic",
        answer=_fleet,
        look="How many connections does the database take by default?",
        concept="The limit goes with the memory of the class; the fleet opens instances x pool.",
        formula="connections of the class / connections of a pool, in whole instances",
        working=_fleet_working,
        why="A fleet that scales out takes the database with it, whatever each instance does with"
        " its pool. Make the pool smaller, or put a proxy in between.",
        mistakes=(
            Mistake(
                lambda prices: float(
                    largest_fleet(max_connections_of_class("mysql", _CLASS), _POOL)
                ),
                "That is the limit of RDS for MySQL, which counts memory in another way.",
            ),
            Mistake(
                lambda prices: float(
                    largest_fleet(max_connections_of_class("aurora-mysql", "db.t3.large"), _POOL)
                ),
                "That is a T class, meant for tests: its limit is far lower.",
            ),
        ),
        source="The learning material has 20 instances with 50 connections against 150 to 500 of"
        " RDS. The limit is no range: it follows from engine and memory.",
    ),
)
