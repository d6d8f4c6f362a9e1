"""Parts of a report, ready to be read: invoice rows, the largest lines, plans, what was free."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.billing import CREDIT, Bill, LineItem
from models.naming import service_name
from models.prices import Price, Tier
from models.units import quantity_text, unit_price_text, usd


@dataclass(frozen=True)
class Row:
    """A line of the invoice.

    `region` is empty where it is the scenario's; `unsure` marks a price of low confidence.
    """

    description: str
    resource: str
    region: str
    usage: str
    unit_price: str
    cost_usd: float
    unsure: bool


@dataclass(frozen=True)
class Section:
    """One service of the invoice."""

    name: str
    subtotal_usd: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Large:
    """One of the largest lines, with why it costs that and what would lower it."""

    title: str
    cost_usd: float
    share: float
    why: str
    explanation: str
    lever: str


@dataclass(frozen=True)
class Plan:
    """The same usage under one free-tier plan, and what that takes off."""

    name: str
    meaning: str
    total_usd: float
    takes_off_usd: float
    chosen: bool


@dataclass(frozen=True)
class Free:
    """Something the free tier paid for: how much of how much, and who says so."""

    name: str
    used: str
    of: str
    source: str


def sections(bill: Bill, *, home: str) -> tuple[Section, ...]:
    """The invoice: services by cost, each with its lines."""
    return tuple(
        Section(
            service_name(code),
            float(cost),
            tuple(_row(line, home) for line in bill.lines if line.service_code == code),
        )
        for code, cost in bill.by("service_code").items()
    )


def _row(line: LineItem, home: str) -> Row:
    return Row(
        description=line.description,
        resource=line.resource,
        region="" if line.region == home else line.region,
        usage=f"{quantity_text(float(line.quantity))} {line.unit}",
        # Dollars have no unit price.
        unit_price="" if is_credit(line) else unit_price_text(line.unit_price_usd),
        cost_usd=float(line.cost_usd),
        unsure=line.price is not None and line.price.confidence == "low",
    )


def large(line: LineItem, charged_usd: float) -> Large:
    """A line with its share of all that was charged, and its reasons."""
    cost = float(line.cost_usd)
    return Large(
        title=f"{line.resource}: {what(line)}",
        cost_usd=cost,
        share=cost / charged_usd,
        why=line.meter.rule,
        explanation=(
            f"{quantity_text(float(line.quantity))} {line.unit} x"
            f" {unit_price_text(line.unit_price_usd)} = {usd(cost)}"
        ),
        lever=line.meter.lever,
    )


def what(line: LineItem) -> str:
    """What a line is about, as a learner calls it."""
    return line.meter.name or line.usage_type


def is_credit(line: LineItem) -> bool:
    return line.charge_category == CREDIT


def charged_usd(bill: Bill) -> float:
    """What a bill comes to before credits. [USD]"""
    return math.fsum(float(line.cost_usd) for line in bill.lines if not is_credit(line))


def free_parts(bill: Bill) -> Iterator[Free]:
    """What allowances and credits covered, each once for all resources and usage types."""
    used: dict[tuple[str, str, str, str], float] = {}
    for line in bill.lines:
        if line.allowance:
            of = f"{quantity_text(line.allowance.quantity)} {line.allowance.unit} a month"
            key = (line.allowance.name, line.unit, of, line.allowance.source)
        elif is_credit(line):
            key = (what(line), line.unit, "", line.meter.rule)
        else:
            continue
        used[key] = used.get(key, 0.0) + float(line.quantity)
    for (name, unit, of, source), quantity in used.items():
        yield Free(name, f"{quantity_text(quantity)} {unit}", of, source)


def tier_rows(prices: Iterable[Price]) -> Iterator[tuple[Price, str, Tier]]:
    """Each tier of each price as (price, from when, tier)."""
    for price in prices:
        for tier in price.tiers:
            start = "" if len(price.tiers) == 1 else f"from {quantity_text(tier.start)}"
            yield price, start, tier
