"""From usage to a bill: find the price, split by tier, multiply.

Every line is one resource's share of one tier, so that unit price x quantity = cost holds on
every row. Nothing is rounded until it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError, ModelError, UnknownPriceError
from models.metering import Meter, Quantity, Usage, UsageKey, hours_lasted
from models.prices import Allowance, Catalogue, Credit, Price, Tier
from models.units import BillingPeriod, quantity_text, unit_price_text, usd

#: FOCUS's words for the kind of a charge that occur here.
USAGE, CREDIT = "Usage", "Credit"


@dataclass(frozen=True)
class LineItem:
    """One priced quantity: a resource's share of one tier, of a free allowance, or a credit.

    Parameters
    ----------
    resource, region : str
    meter : Meter
        What was counted, with the rule it is counted by.
    quantity : float or array
        In the meter's unit; an array has one element for each sweep point.
    unit_price_usd : float
        [USD per unit]
    price : Price or None
        The list price behind it; None for a credit.
    tier : Tier or None
        The tier of that price; None for a free allowance or a credit.
    allowance : Allowance or None
        The free allowance that makes the quantity free.
    charge_category : str
        FOCUS's word: ``Usage`` or ``Credit``.
    """

    resource: str
    region: str
    meter: Meter
    quantity: Quantity
    unit_price_usd: float
    price: Price | None = None
    tier: Tier | None = None
    allowance: Allowance | None = None
    charge_category: str = USAGE

    @property
    def cost_usd(self) -> Quantity:
        """Quantity x unit price. [USD]"""
        return self.quantity * self.unit_price_usd

    @property
    def service_code(self) -> str:
        return self.meter.service_code

    @property
    def usage_type(self) -> str:
        return self.meter.usage_type

    @property
    def operation(self) -> str:
        return self.meter.operation

    @property
    def unit(self) -> str:
        return self.meter.unit

    @property
    def description(self) -> str:
        """What the line is, as an AWS bill words it: the price and the tier, then the thing."""
        what = self.meter.name or self.usage_type
        if self.charge_category == CREDIT:
            return what
        price = f"{unit_price_text(self.unit_price_usd)} per {self.unit}"
        if self.allowance:
            return f"$0 per {self.unit} - {what} (free tier: {self.allowance.name})"
        return f"{price} - {what}{_tier_text(self)}"


@dataclass(frozen=True, repr=False)
class Bill:
    """Line items of one billing period. Immutable; renders itself as an invoice.

    There is no ``scaled``: tiers make cost a curve, so scale usage and price it again.
    """

    lines: tuple[LineItem, ...]
    period: BillingPeriod
    free_tier: str
    usage: Usage

    @property
    def total_usd(self) -> Quantity:
        """Sum of all lines: a number, or one for each sweep point. [USD]"""
        return _sum(line.cost_usd for line in self.lines)

    def hourly_usd(
        self, metered: Mapping[UsageKey, NDArray[np.float64]], *, hours: float
    ) -> NDArray[np.float64]:
        """What each of the first `hours` of a period that is like them throughout costs. [USD]

        Parameters
        ----------
        metered : mapping of UsageKey to array
            Quantity of each of these hours, such as `Run.metered_hourly`. Each line falls on the
            hours as its quantity does, and a line that is not among them falls evenly.
        hours : float
            The last hour may be a part of one. [h]

        Returns
        -------
        array of shape (hours, rounded up)
            Adds up to the bill's total times the share of the period. [USD]
        """
        lasted = hours_lasted(hours)
        cost_usd = np.zeros(len(lasted))
        for line in self.lines:
            key = UsageKey(line.resource, line.region, line.meter)
            pattern = metered.get(key, lasted)[: len(lasted)]
            cost_usd += float(line.cost_usd) * hours / self.period.hours * pattern / pattern.sum()
        return cost_usd

    def by(self, field: str) -> dict[str, Quantity]:
        """Cost grouped by a field of the lines, largest first. [USD]

        Parameters
        ----------
        field : str
            ``resource``, ``region``, ``service_code``, ``usage_type``, ``operation``, ``unit``,
            ``charge_category`` or ``description``.
        """
        if field not in GROUPS:
            raise InvalidInputError(f"a bill groups by {', '.join(GROUPS)}; not by {field!r}")
        groups: dict[str, list[Quantity]] = {}
        for line in self.lines:
            groups.setdefault(getattr(line, field), []).append(line.cost_usd)
        totals = {name: _sum(costs) for name, costs in groups.items()}
        return dict(sorted(totals.items(), key=lambda item: -float(np.max(item[1]))))

    def largest(self, count: int = 5) -> tuple[LineItem, ...]:
        """The `count` lines that cost most."""
        return tuple(sorted(self.lines, key=lambda line: -float(np.max(line.cost_usd)))[:count])

    def explain(self, line: LineItem) -> str:
        """Where the figure of a line comes from: rule, quantity, tier, price, date, source."""
        parts = [f"{line.resource} in {line.region}: {line.description}"]
        if line.meter.rule:
            parts.append(f"Rule: {line.meter.rule}")
        parts += [
            f"{quantity_text(float(quantity))} {line.unit} x {unit_price_text(line.unit_price_usd)}"
            f" = {usd(float(quantity) * line.unit_price_usd)}"
            for quantity in np.ravel(line.quantity)
        ]
        if line.allowance:
            parts.append(
                f"Free: {quantity_text(line.allowance.quantity)} {line.allowance.unit} a month"
                f" ({line.allowance.plan}, {line.allowance.source})"
            )
        if line.price:
            parts.append(
                f"Price of {line.price.effective_date}, confidence {line.price.confidence},"
                f" source: {line.price.source}"
            )
        return "\n".join(parts)

    def to_frame(self) -> Any:
        """Lines as a pandas data frame, units in the column names."""
        from models.tables import bill_frame

        return bill_frame(self)

    def to_focus(self) -> Any:
        """The bill as a FinOps FOCUS 1.2 table. Needs a calendar month.

        Raises
        ------
        InvalidInputError
            For the typical month, which has no dates, and for a sweep.
        """
        from models.focus import focus_frame

        return focus_frame(self)

    def __repr__(self) -> str:
        total = self.total_usd
        amount = usd(float(total)) if np.ndim(total) == 0 else f"{np.size(total)} sweep points"
        return f"Bill({amount}, {len(self.lines)} lines, {self.period})"

    def _repr_html_(self) -> str:
        from models.tables import bill_html

        return bill_html(self)

    def __str__(self) -> str:
        from models.tables import bill_text

        return bill_text(self)


#: Fields a bill can be grouped by.
GROUPS = (
    "resource", "region", "service_code", "usage_type", "operation", "unit",
    "charge_category", "description",
)  # fmt: skip


def bill(usage: Usage, catalogue: Catalogue | None = None, *, free_tier: str = "none") -> Bill:
    """Price `usage` at list price.

    Tiers apply to everything in one tier pool together, as AWS applies them across an account;
    each resource then pays its share of every tier. Free allowances come off first, shared in
    the same way. (How AWS shares an allowance out between resources is not documented: pro rata
    is an assumption, and moves no total unless the resources' prices differ.)

    Parameters
    ----------
    usage : Usage
    catalogue : Catalogue, optional
        By default the one that ships with the project.
    free_tier : str
        ``none``, ``always-free``, ``legacy-12-months`` or ``credits-2025`` (the first month's
        bill: the sign-up credit is still whole; credits that must be earned are left out).

    Raises
    ------
    UnknownPriceError
        Naming every line that has no price, all at once.
    """
    catalogue = catalogue or Catalogue.load()
    priced = _priced(usage, catalogue)
    remaining = {key: usage.total(key) for key in priced}
    lines: list[LineItem] = []
    for allowance in catalogue.free_allowances(free_tier):
        lines += _free_lines(allowance, priced, remaining)
    pools: dict[tuple[str, ...], list[UsageKey]] = {}
    for key, price in priced.items():
        pools.setdefault(catalogue.pool(price), []).append(key)
    for members in pools.values():
        lines += _tier_lines(members, priced, remaining)
    lines.sort(key=_line_order)
    if free_tier == "credits-2025":
        lines += _credit_lines(lines, catalogue.credits)
    return Bill(tuple(lines), usage.period, free_tier, usage)


def _priced(usage: Usage, catalogue: Catalogue) -> dict[UsageKey, Price]:
    priced: dict[UsageKey, Price] = {}
    problems: list[str] = []
    for key in usage:
        meter = key.meter
        try:
            price = catalogue.find(
                meter.service_code, meter.usage_type, region=key.region, operation=meter.operation
            )
            if price.unit != meter.unit:
                raise UnknownPriceError(
                    f"{meter} is metered in {meter.unit} but priced in {price.unit}"
                )
            priced[key] = price
        except ModelError as error:
            problems.append(f"{key.resource}: {error}")
    if problems:
        raise UnknownPriceError(" | ".join(problems))
    return priced


def _free_lines(
    allowance: Allowance, priced: dict[UsageKey, Price], remaining: dict[UsageKey, Quantity]
) -> Iterator[LineItem]:
    groups: dict[str, list[UsageKey]] = {}
    for key in priced:
        if allowance.covers(key.meter):
            place = key.region if allowance.scope == "each-region" else ""
            groups.setdefault(place, []).append(key)
    for members in groups.values():
        pooled = _sum(remaining[key] for key in members)
        share = _ratio(np.minimum(pooled, allowance.quantity), pooled)
        for key in members:
            free = remaining[key] * share
            remaining[key] = np.maximum(remaining[key] - free, 0.0)
            if np.any(free):
                yield LineItem(
                    key.resource, key.region, key.meter, free, 0.0, priced[key], allowance=allowance
                )


def _tier_lines(
    members: list[UsageKey], priced: dict[UsageKey, Price], remaining: dict[UsageKey, Quantity]
) -> Iterator[LineItem]:
    pooled = _sum(remaining[key] for key in members)
    for key in members:
        price = priced[key]
        for tier, part in price.split(pooled):
            quantity = remaining[key] * _ratio(part, pooled)
            if np.any(quantity):
                yield LineItem(
                    key.resource, key.region, key.meter, quantity, tier.price_usd, price, tier
                )


def _credit_lines(lines: Iterable[LineItem], credits: tuple[Credit, ...]) -> Iterator[LineItem]:
    left = _sum(line.cost_usd for line in lines)
    for credit in (credit for credit in credits if credit.granted == "at-sign-up"):
        used = np.minimum(left, credit.amount_usd)
        left = left - used
        if np.any(used):
            yield LineItem(
                "account", "global", _credit_meter(credit), used, -1.0, charge_category=CREDIT
            )


def _credit_meter(credit: Credit) -> Meter:
    return Meter(
        "AWSCredit", "PromotionalCredit", "USD", name=credit.name,
        rule=f"Pays up to {usd(credit.amount_usd)} of the bill until it is spent; expires after"
        f" {credit.valid_months} months ({credit.source}).",
    )  # fmt: skip


def _ratio(part: Quantity, whole: Quantity) -> Quantity:
    """`part` / `whole`, and 0 where both are nothing."""
    whole = np.asarray(whole, dtype=np.float64)
    return np.asarray(np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0))


def _sum(values: Iterable[Quantity]) -> Quantity:
    found = list(values)
    if all(np.ndim(value) == 0 for value in found):
        return math.fsum(float(value) for value in found)
    return np.asarray(np.sum(np.broadcast_arrays(*found), axis=0), dtype=np.float64)


def _line_order(line: LineItem) -> tuple[Any, ...]:
    return (
        line.service_code, line.resource, line.region, line.usage_type, line.operation,
        line.allowance is None, line.tier.start if line.tier else 0.0,
        line.allowance.name if line.allowance else "",
    )  # fmt: skip


def _tier_text(line: LineItem) -> str:
    if not line.price or not line.tier or len(line.price.tiers) == 1:
        return ""
    start, end = line.tier.start, line.tier.end
    if start == 0:
        return f", first {quantity_text(end)} {line.unit}"
    if math.isinf(end):
        return f", over {quantity_text(start)} {line.unit}"
    return f", next {quantity_text(end - start)} {line.unit}"
