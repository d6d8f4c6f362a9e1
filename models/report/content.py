"""What a report says, computed once from the bill and written out by every format."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from models.billing import Bill, LineItem, bill
from models.naming import region_names, service_name
from models.prices import CONFIDENCES, FREE_TIER_PLANS, Catalogue, Price
from models.scenario import Scenario
from models.services import modules
from models.units import quantity_text, unit_price_text, usd

#: A report warns when a price it uses is older than this. Ours.
STALE_DAYS = 180
LARGEST = 5
MONTHS_PER_YEAR = 12
#: What differs by less than this is the same but for rounding of floats.
SAME_USD = 1e-9

PLAN_MEANINGS = {
    "none": "nothing is free",
    "always-free": "what AWS gives every account each month",
    "legacy-12-months": "always-free, and twelve-month offers of accounts opened before 2025-07-15",
    "credits-2025": "always-free, and the sign-up credit of accounts opened since 2025-07-15",
}


@dataclass(frozen=True)
class Row:
    """A line of the invoice, ready to be read."""

    description: str
    resource: str
    region: str
    usage: str
    unit_price: str
    cost_usd: float


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
    """The same usage under one free-tier plan."""

    name: str
    meaning: str
    total_usd: float
    chosen: bool


@dataclass(frozen=True)
class Change:
    """What a resource's line cost before and costs now."""

    name: str
    before_usd: float
    after_usd: float

    @property
    def change_usd(self) -> float:
        """Positive where it costs more now. [USD]"""
        return self.after_usd - self.before_usd


@dataclass(frozen=True)
class Content:
    """Everything a report says about one scenario.

    Parameters
    ----------
    scenario : Scenario
    catalogue : Catalogue
    today : date
        The day the report is written, by which prices are old or not.
    baseline : Scenario, optional
        The scenario before the settings that were changed.
    """

    scenario: Scenario
    catalogue: Catalogue
    today: date
    baseline: Scenario | None = None

    @cached_property
    def bill(self) -> Bill:
        return self.scenario.bill(self.catalogue)

    @cached_property
    def before(self) -> Bill | None:
        return self.baseline.bill(self.catalogue) if self.baseline else None

    @property
    def total_usd(self) -> float:
        return float(self.bill.total_usd)

    @property
    def saving_usd(self) -> float:
        """What the change saves in a month; negative where it costs more. [USD]"""
        return float(self.before.total_usd) - self.total_usd if self.before else 0.0

    @property
    def saving_per_year_usd(self) -> float:
        return self.saving_usd * MONTHS_PER_YEAR

    @property
    def place(self) -> str:
        name = region_names()[self.scenario.region]
        return f"{name}, {self.scenario.region}"

    @cached_property
    def finding(self) -> str:
        """The one thing to take away."""
        if self.total_usd <= 0 or not self.bill.lines:
            return "This month costs nothing under this plan."
        line = self.bill.largest(1)[0]
        share = float(line.cost_usd) / self.total_usd
        what = line.meter.name or line.usage_type
        return (
            f"The largest line is {_in_a_sentence(what)} ({line.resource}):"
            f" {usd(float(line.cost_usd))}, {share:.0%} of the bill."
        )

    def share_title(self, field: str) -> str:
        """What a figure of the costs by a field shows, in a sentence."""
        costs = {name: float(cost) for name, cost in self.bill.by(field).items()}
        if self.total_usd <= 0:
            return "Nothing is charged"
        name, cost = next(iter(costs.items()))
        what = service_name(name) if field == "service_code" else name
        return f"{what} makes up {cost / self.total_usd:.0%} of the month"

    @property
    def difference_title(self) -> str:
        """What the figure of the difference shows, in a sentence."""
        verb = "saves" if self.saving_usd >= 0 else "adds"
        return f"The change {verb} {usd(abs(self.saving_usd))} a month"

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The invoice: services by cost, each with its lines."""
        return tuple(
            Section(
                service_name(code),
                float(cost),
                tuple(_row(line) for line in self.bill.lines if line.service_code == code),
            )
            for code, cost in self.bill.by("service_code").items()
        )

    @cached_property
    def largest(self) -> tuple[Large, ...]:
        """The lines that cost most, dearest first."""
        found = (line for line in self.bill.largest(LARGEST) if float(line.cost_usd) > 0)
        return tuple(self._large(line) for line in found)

    def _large(self, line: LineItem) -> Large:
        cost = float(line.cost_usd)
        return Large(
            title=f"{line.resource}: {line.meter.name or line.usage_type}",
            cost_usd=cost,
            share=cost / self.total_usd if self.total_usd > 0 else 0.0,
            why=line.meter.rule,
            explanation=(
                f"{quantity_text(float(line.quantity))} {line.unit} x"
                f" {unit_price_text(line.unit_price_usd)} = {usd(cost)}"
            ),
            lever=line.meter.lever,
        )

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """What the same usage costs under each free-tier plan."""
        return tuple(
            Plan(
                plan,
                PLAN_MEANINGS[plan],
                float(bill(self.bill.usage, self.catalogue, free_tier=plan).total_usd),
                plan == self.scenario.free_tier,
            )
            for plan in FREE_TIER_PLANS
        )

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the change did, line by line, the largest saving first."""
        if not self.before:
            return ()
        before, after = _costs(self.before), _costs(self.bill)
        changes = (
            Change(name, before.get(name, 0.0), after.get(name, 0.0))
            for name in dict.fromkeys((*before, *after))
        )
        moved = [change for change in changes if abs(change.change_usd) > SAME_USD]
        return tuple(sorted(moved, key=lambda change: change.change_usd))

    @cached_property
    def prices(self) -> tuple[Price, ...]:
        """Every list price the bill uses."""
        found = {line.price.key: line.price for line in self.bill.lines if line.price}
        return tuple(found[key] for key in sorted(found))

    @property
    def price_dates(self) -> tuple[str, str]:
        """Oldest and newest effective date of the prices used."""
        dates = sorted(price.effective_date for price in self.prices) or ["-"]
        return dates[0], dates[-1]

    @property
    def lowest_confidence(self) -> str:
        return max((price.confidence for price in self.prices), key=CONFIDENCES.index, default="-")

    @cached_property
    def stale(self) -> tuple[Price, ...]:
        """Prices older than `STALE_DAYS`."""
        return tuple(
            price
            for price in self.prices
            if (self.today - date.fromisoformat(price.effective_date)).days > STALE_DAYS
        )

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """The scenario's own assumptions and those of every bill here."""
        return (
            *self.scenario.assumptions,
            f"A month of {self.scenario.period.hours} hours: {self.scenario.billing_period}.",
            "AWS list prices, On-Demand: no tax, no support plan, no discount, no commitment.",
            "One account that buys nothing else: tiers and free allowances are all its own.",
            "How AWS shares a free allowance between resources is not documented; here each gets"
            " its share of the usage.",
        )

    @cached_property
    def left_out(self) -> dict[str, str]:
        """What the modules of the services used say they leave out."""
        kinds = {type(one).__module__.split(".")[2] for one in self.scenario.resources.values()}
        return {
            name: text
            for name, module in modules().items()
            if name in kinds and (text := _leaves_out(inspect.getdoc(module) or ""))
        }

    @property
    def why_no_focus(self) -> str:
        """Why there are no FOCUS files; empty where there are."""
        if self.scenario.period.is_calendar_month:
            return ""
        return (
            "FOCUS rows carry dates, and the typical month has none. Name a calendar month in the"
            " scenario, or add: --set billing_period=2026-11."
        )


def _in_a_sentence(name: str) -> str:
    """A name within a sentence: small first letter, unless it is an abbreviation or a type."""
    return name[0].lower() + name[1:] if name[:2].istitle() and name[1:2].islower() else name


def _row(line: LineItem) -> Row:
    return Row(
        description=line.description,
        resource=line.resource,
        region=line.region,
        usage=f"{quantity_text(float(line.quantity))} {line.unit}",
        unit_price=unit_price_text(line.unit_price_usd),
        cost_usd=float(line.cost_usd),
    )


def _costs(made: Bill) -> dict[str, float]:
    """Cost by resource and what was counted, tiers and allowances together. [USD]"""
    costs: dict[str, float] = {}
    for line in made.lines:
        name = f"{line.resource}: {line.meter.name or line.usage_type}"
        costs[name] = costs.get(name, 0.0) + float(line.cost_usd)
    return costs


def _leaves_out(doc: str) -> str:
    """The `Leaves out:` paragraph of a service module's docstring, on one line."""
    found = re.search(r"Leaves out:(.*?)(?:\n[A-Z][a-z ]+:|\Z)", doc, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def tier_rows(prices: Iterable[Price]) -> Iterator[tuple[Price, str, str]]:
    """Each tier of each price as (price, from when, unit price)."""
    for price in prices:
        for tier in price.tiers:
            start = "" if len(price.tiers) == 1 else f"from {quantity_text(tier.start)}"
            yield price, start, unit_price_text(tier.price_usd)
