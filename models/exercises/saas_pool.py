"""Software for many tenants who share a pool: whom the bill is charged to, who is in whose way."""

from __future__ import annotations

from collections.abc import Iterator

from models.architectures import build
from models.billing import Bill
from models.comparison import Pricing
from models.distributions import Fixed
from models.exercises.exercise import Exercise, Mistake
from models.prices import Catalogue
from models.units import SECONDS_PER_HOUR, TYPICAL
from models.workload import Constant

_LESSON = "25_the_bill_of_a_saas_platform"

#: Tenants, and what each of them pays a month. [USD]
_TENANTS, _PRICE_USD = 100, 49
#: Requests a month of all of them, and of the one that asks most.
_REQUESTS, _BIG_REQUESTS = 20e6, 6e6
#: Requests a second of all tenants at noon, and the tasks that the pool may grow to.
_NOON_PER_SECOND, _MOST_TASKS = 10, 20


def _traffic(per_second: float) -> Constant:
    return Constant(
        rate_per_second=per_second, duration_seconds=SECONDS_PER_HOUR, work=Fixed(seconds=0.05)
    )


def _platform_bill(prices: Catalogue, requests: float = _REQUESTS) -> Bill:
    """The pooled platform with so many requests a month."""
    platform = build("saas-platform", tenants=_TENANTS)
    trace = _traffic(requests / TYPICAL.hours / SECONDS_PER_HOUR)
    return Pricing(catalogue=prices).bill(platform.estimate(trace, TYPICAL))


def _platform_usd(prices: Catalogue, requests: float = _REQUESTS) -> float:
    return float(_platform_bill(prices, requests).total_usd)


def _caused(prices: Catalogue) -> float:
    return _platform_usd(prices) - _platform_usd(prices, _REQUESTS - _BIG_REQUESTS)


def _caused_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "With all 20 million requests:"
    yield _platform_bill(prices)
    yield "With the 14 million of the others:"
    yield _platform_bill(prices, _REQUESTS - _BIG_REQUESTS)


def _margin_percent(prices: Catalogue) -> float:
    return 100 * (1 - _platform_usd(prices) / _TENANTS / _PRICE_USD)


def _idle_usd(prices: Catalogue) -> float:
    """What staging and dev cost. [USD]"""
    resources = _platform_bill(prices).by("resource").items()
    return float(sum(usd for name, usd in resources if name.startswith(("staging-", "dev-"))))


def _margin_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield _platform_bill(prices)
    each = _platform_usd(prices) / _TENANTS
    yield f"Over 100 tenants, {each:.4f} of the {_PRICE_USD} dollars that each of them pays."


def _most_per_second(**changed: float) -> float:
    """Requests a second that the pool answers at its largest. [1/s]"""
    platform = build("saas-platform", **changed)
    return platform.capacity_per_second(_traffic(_NOON_PER_SECOND))


def _room(prices: Catalogue) -> float:
    return _most_per_second() - _NOON_PER_SECOND


def _tasks_per_second(tasks: int) -> float:
    """What so many tasks would answer if the database had no limit. [1/s]"""
    large = build("saas-platform", max_tasks=tasks, db_instance_class="db.m7g.16xlarge")
    return large.capacity_per_second(_traffic(_NOON_PER_SECOND))


def _room_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"Twenty tasks would answer {_tasks_per_second(_MOST_TASKS):,.0f} requests a second."
    yield f"Two vCPUs / 0.01 s: the database answers {_most_per_second():,.0f}, which is less."
    yield f"The tenants take {_NOON_PER_SECOND} of these, so {_room(prices):,.0f} are left."


EXERCISES = (
    Exercise(
        id="saas-margin",
        topic="saas",
        lesson=_LESSON,
        question='The pooled platform as build("saas-platform") makes it, in us-east-1, has 100'
        " tenants who make 20 million requests a month, evenly, of 50 ms each. Each tenant pays 49"
        " dollars a month. What is the margin over the AWS bill of all three environments?",
        unit="percent",
        kind="read a number",
        difficulty="basic",
        answer=_margin_percent,
        look="What does the platform cost for each tenant?",
        concept="A margin is what is left of the price, as a share of the price.",
        formula="1 - bill / 100 tenants / price",
        working=_margin_working,
        why="In a pool the AWS bill is a small part of such a price. What is left still has to pay"
        " everybody who builds, sells and supports it.",
        mistakes=(
            Mistake(
                lambda prices: 100 * (_PRICE_USD * _TENANTS / _platform_usd(prices) - 1),
                "That is a markup: the profit as a share of the cost. A margin is a share of the"
                " price.",
            ),
            Mistake(
                lambda prices: (
                    100 * (1 - (_platform_usd(prices) - _idle_usd(prices)) / _TENANTS / _PRICE_USD)
                ),
                "That is for production alone. Staging and dev are on the same bill.",
            ),
            Mistake(
                lambda prices: 100 - _margin_percent(prices),
                "That is the share of the price that goes to AWS.",
            ),
        ),
        source="Ours. Commonly only production counts for a gross margin, and environments in which"
        " nobody is served count as development.",
    ),
    Exercise(
        id="saas-big-tenant",
        topic="saas",
        lesson=_LESSON,
        question='The pooled platform as build("saas-platform") makes it, in us-east-1, answers 20'
        " million requests a month, evenly, of 50 ms each. One of its 100 tenants makes 6 million"
        " of them. By how much is the bill lower without these requests?",
        unit="USD a month",
        kind="change something",
        difficulty="intermediate",
        answer=_caused,
        look="Which lines of the bill would change at all?",
        concept="What somebody causes is the bill with them minus the bill without them. What"
        " stands for all of them is no part of that.",
        formula="bill with 20 million requests - bill with 14 million",
        working=_caused_working,
        why="Shared out by requests, the tenant bears 30 percent of everything. Shared out evenly,"
        " one percent. What it causes lies between the two: most of a pool's bill is caused by"
        " nobody in particular, and who bears it is a decision.",
        mistakes=(
            Mistake(
                lambda prices: _platform_usd(prices) * _BIG_REQUESTS / _REQUESTS,
                "That is its part by requests. Most of the bill would stay without it.",
            ),
            Mistake(
                lambda prices: _platform_usd(prices) / _TENANTS,
                "That is an even part, as if it asked no more than the others.",
            ),
        ),
        source="Ours, after the FinOps Foundation's capability of allocation: how shared costs are"
        " split is agreed on, as no meter knows the tenant.",
    ),
    Exercise(
        id="saas-noisy-tenant",
        topic="saas",
        lesson=_LESSON,
        question='The pool of build("saas-platform") may grow to 20 tasks. Every request takes 50'
        " ms and asks the database, which has two vCPUs, for 10 ms. At noon all tenants together"
        " make 10 requests a second. How many a second can one of them add, once the tasks have"
        " followed, until the pool is full for everybody?",
        unit="requests a second",
        kind="break it",
        difficulty="advanced",
        answer=_room,
        look="Two things can be full: tasks, and what they all share.",
        concept="More tasks do not help where the database has no more processors. It finishes as"
        " many statements a second as processors x 1 / time of a statement.",
        formula="the smaller of what tasks and database can answer - what all others ask for",
        working=_room_working,
        why="A pool has one database, so that is what a noisy tenant takes from the others."
        " Autoscaling of tasks ends there.",
        mistakes=(
            Mistake(
                lambda prices: _tasks_per_second(_MOST_TASKS) - _NOON_PER_SECOND,
                "That is what twenty tasks leave. The database is full before.",
            ),
            Mistake(
                lambda prices: _most_per_second(),
                "That is what the pool answers altogether. The others ask, too.",
            ),
            Mistake(
                lambda prices: _most_per_second(max_tasks=2) - _NOON_PER_SECOND,
                "That is what two tasks leave, before others have joined them.",
            ),
        ),
        source="Ours, for the learning material's question of how to isolate 100 customers, whose"
        " answer has no numbers.",
    ),
)
