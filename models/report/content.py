"""What a report says, computed once from the bill and written out by every format."""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from models.billing import Bill, LineItem, bill
from models.naming import region_names, service_name
from models.prices import CONFIDENCES, FREE_TIER_PLANS, Catalogue, Price
from models.report.changes import SAME_USD, Change, Setting, changed_lines, changed_settings
from models.report.rows import (
    Free,
    Large,
    Plan,
    Section,
    charged_usd,
    free_parts,
    is_credit,
    large,
    sections,
    what,
)
from models.scenario import Scenario
from models.services import modules
from models.tables import price_dates
from models.units import usd

#: A report warns when a price it uses is older than this. Ours.
STALE_DAYS = 180
LARGEST = 5
MONTHS_PER_YEAR = 12

PLAN_MEANINGS = {
    "none": "nothing is free",
    "always-free": "what AWS gives every account each month",
    "legacy-12-months": "always-free, and twelve-month offers of accounts opened before 2025-07-15",
    "credits-2025": "always-free, and the sign-up credit of accounts opened since 2025-07-15",
}

#: Products whose name is an ordinary word with a capital letter.
_PRODUCTS = frozenset({"Aurora", "Express", "Lambda"})


@dataclass(frozen=True)
class Content:
    """Everything a report says about one scenario.

    Parameters
    ----------
    scenario : Scenario
    catalogue : Catalogue or None
        Prices; None for those that ship with the project.
    today : date
        The day the report is written, by which prices are old or not.
    baseline : Scenario, optional
        The scenario before the settings that were changed.
    """

    scenario: Scenario
    catalogue: Catalogue | None
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

    @cached_property
    def charged_usd(self) -> float:
        """What the month costs before credits, of which every share is a share. [USD]"""
        return charged_usd(self.bill)

    @cached_property
    def credited_usd(self) -> float:
        """What credits pay. [USD]"""
        return self.charged_usd - self.total_usd

    @property
    def saving_usd(self) -> float:
        """What the change saves in a month; negative where it costs more. [USD]"""
        return float(self.before.total_usd) - self.total_usd if self.before else 0.0

    @property
    def saving_per_year_usd(self) -> float:
        """Twelve such months before credits, which are paid once and not each month. [USD]"""
        saving = charged_usd(self.before) - self.charged_usd if self.before else 0.0
        return saving * MONTHS_PER_YEAR

    @property
    def credit_note(self) -> str:
        """That the year leaves credits out; empty where that makes no difference."""
        apart = abs(self.saving_usd * MONTHS_PER_YEAR - self.saving_per_year_usd)
        return "The year leaves credits out: they are paid once." if apart > SAME_USD else ""

    @property
    def region_name(self) -> str:
        return region_names()[self.scenario.region]

    @cached_property
    def finding(self) -> str:
        """The one thing to take away."""
        if self.charged_usd <= SAME_USD:
            return "This month costs nothing under this plan."
        name, cost = next(iter(self.charges_by("resource").items()))
        line = max(self._lines_of(name), key=lambda line: float(line.cost_usd))
        text = f"{self._share(cost)} goes to {name}: {usd(cost)}"
        if cost - float(line.cost_usd) > SAME_USD:
            text += f", of which {usd(float(line.cost_usd))} is for {_in_a_sentence(what(line))}"
        else:
            text += f" for {_in_a_sentence(what(line))}"
        if self.total_usd <= SAME_USD:
            text += f". Credits pay for all of the {usd(self.charged_usd)}"
        return f"{text}."

    def _lines_of(self, resource: str) -> list[LineItem]:
        return [
            line for line in self.bill.lines if line.resource == resource and not is_credit(line)
        ]

    def charges_by(self, field: str) -> dict[str, float]:
        """Cost grouped by a field of the lines, largest first; credits left out. [USD]"""
        groups: dict[str, list[float]] = {}
        for line in self.bill.lines:
            if not is_credit(line):
                groups.setdefault(getattr(line, field), []).append(float(line.cost_usd))
        totals = {name: math.fsum(costs) for name, costs in groups.items()}
        return dict(sorted(totals.items(), key=lambda item: -item[1]))

    def share_title(self, field: str) -> str:
        """What a figure of the costs by a field shows, in a sentence."""
        if self.charged_usd <= SAME_USD:
            return "Nothing is charged"
        name, cost = next(iter(self.charges_by(field).items()))
        named = service_name(name) if field == "service_code" else name
        return f"{self._share(cost)} goes to {named}"

    def _share(self, cost_usd: float) -> str:
        whole = "the charges before credits" if self.credited_usd > SAME_USD else "this bill"
        return f"{cost_usd / self.charged_usd:.0%} of {whole}"

    @property
    def difference_title(self) -> str:
        """What the figure of the difference shows, in a sentence."""
        if abs(self.saving_usd) <= SAME_USD:
            return "The change neither saves nor costs anything"
        verb = "saves" if self.saving_usd > 0 else "adds"
        return f"The change {verb} {usd(abs(self.saving_usd))} a month"

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The invoice: services by cost, each with its lines."""
        return sections(self.bill, home=self.scenario.region)

    @cached_property
    def largest(self) -> tuple[Large, ...]:
        """The lines that cost most, dearest first."""
        found = (line for line in self.bill.largest(LARGEST) if float(line.cost_usd) > 0)
        return tuple(large(line, self.charged_usd) for line in found)

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """What the same usage costs under each free-tier plan."""
        totals = {
            plan: float(bill(self.bill.usage, self.catalogue, free_tier=plan).total_usd)
            for plan in FREE_TIER_PLANS
        }
        chosen = self.scenario.free_tier
        return tuple(
            Plan(plan, PLAN_MEANINGS[plan], total, totals["none"] - total, plan == chosen)
            for plan, total in totals.items()
        )

    @cached_property
    def free(self) -> tuple[Free, ...]:
        """What the chosen plan paid for."""
        return tuple(free_parts(self.bill))

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the change did, line by line, the largest saving first."""
        return changed_lines(self.before, self.bill) if self.before else ()

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """What was changed."""
        return changed_settings(self.baseline, self.scenario) if self.baseline else ()

    @cached_property
    def prices(self) -> tuple[Price, ...]:
        """Every list price the bill uses."""
        found = {line.price.key: line.price for line in self.bill.lines if line.price}
        return tuple(found[key] for key in sorted(found))

    @property
    def price_dates(self) -> str:
        """Oldest and newest effective date of the prices used."""
        return price_dates(self.prices) if self.prices else "none used"

    @property
    def lowest_confidence(self) -> str:
        found = (price.confidence for price in self.prices)
        return max(found, key=CONFIDENCES.index, default="none used")

    @cached_property
    def stale(self) -> tuple[Price, ...]:
        """Prices older than `STALE_DAYS`."""
        return tuple(
            price
            for price in self.prices
            if (self.today - date.fromisoformat(price.effective_date)).days > STALE_DAYS
        )

    @property
    def stale_warning(self) -> str:
        """That some prices are old; empty where none is."""
        if not self.stale:
            return ""
        return (
            f"{len(self.stale)} of the {len(self.prices)} prices used are older than"
            f" {STALE_DAYS} days"
        )

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """The scenario's own assumptions and those of every bill here."""
        return (
            *self.scenario.assumptions,
            f"A month of {self.scenario.period.hours} hours: {self.scenario.billing_period}.",
            f"Region {self.region_name}, {self.scenario.region}, for every resource that does not"
            " name its own.",
            "AWS list prices, On-Demand: no tax, no support plan, no discount, no commitment.",
            "One account that buys nothing else: tiers and free allowances are all its own.",
            "How AWS shares a free allowance between resources is not documented; here each gets"
            " its share of the usage.",
        )

    @cached_property
    def left_out(self) -> dict[str, str]:
        """What the modules of the services used say they leave out."""
        # A resource class of the reader's own, made in a notebook, is in no module of ours.
        homes = {type(one).__module__ for one in self.scenario.resources.values()}
        return {
            name: text
            for name, module in modules().items()
            if any(f"{home}.".startswith(f"{module.__name__}.") for home in homes)
            and (text := _leaves_out(inspect.getdoc(module) or ""))
        }

    @property
    def why_no_focus(self) -> str:
        """Why there are no FOCUS files; empty where there are."""
        if self.scenario.period.is_calendar_month:
            return ""
        return (
            "There is no FOCUS table beside this report: FOCUS rows carry dates, and the typical"
            " month has none. Name a calendar month in the scenario, or add:"
            f" --set billing_period={self.today:%Y-%m}."
        )


def _in_a_sentence(name: str) -> str:
    """A name within a sentence: small first letter, unless it is the name of something.

    >>> _in_a_sentence("Snapshot storage"), _in_a_sentence("Lambda duration")
    ('snapshot storage', 'Lambda duration')
    >>> _in_a_sentence("NAT gateway hours"), _in_a_sentence("Classic Load Balancer hours")
    ('NAT gateway hours', 'Classic Load Balancer hours')
    """
    first, second, *_ = [*name.split(" "), ""]
    proper = first != first.capitalize() or second.istitle() or first in _PRODUCTS
    return name if proper else name[0].lower() + name[1:]


def _leaves_out(doc: str) -> str:
    """The `Leaves out:` paragraph of a service module's docstring, on one line."""
    found = re.search(r"Leaves out:(.*?)(?:\n[A-Z][a-z ]+:|\Z)", doc, re.DOTALL)
    text = " ".join(found[1].replace("`", "").split()) if found else ""
    return text[:1].upper() + text[1:]
