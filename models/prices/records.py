"""What a price list holds: prices with their tiers, free allowances, credits, regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from models.metering import Meter, Quantity

#: Region of a price that holds everywhere.
GLOBAL = "global"

CONFIDENCES = ("high", "medium", "low")
FREE_TIER_PLANS = ("none", "always-free", "legacy-12-months", "credits-2025")


@dataclass(frozen=True)
class Tier:
    """One step of a graduated price: it prices only the quantity between its bounds."""

    start: float
    end: float
    price_usd: float


@dataclass(frozen=True)
class Price:
    """List price of one usage type in one region.

    Parameters
    ----------
    service_code, usage_type, operation, region : str
        What it prices, in AWS's names; the region prefix is left off the usage type.
    unit : str
        AWS's pricing unit; `Tier.price_usd` is per one of it.
    tiers : tuple of Tier
        Ascending from 0, without gaps.
    effective_date : str
        ISO date for which the figure is vouched.
    source : str
        Where the figure was read.
    confidence : str
        ``high``, ``medium`` or ``low``.
    """

    service_code: str
    usage_type: str
    operation: str
    region: str
    unit: str
    tiers: tuple[Tier, ...]
    effective_date: str
    source: str
    confidence: str

    def split(self, quantity: Quantity) -> Iterator[tuple[Tier, Quantity]]:
        """Yield each tier with the part of `quantity` that falls in it.

        >>> import math
        >>> price = Price("S", "U", "", "r", "GB", (Tier(0, 10, 0.09), Tier(10, math.inf, 0.08)),
        ...               "2026-01-01", "doc", "high")
        >>> [(tier.price_usd, float(part)) for tier, part in price.split(12)]
        [(0.09, 10.0), (0.08, 2.0)]
        """
        for tier in self.tiers:
            yield tier, np.clip(quantity, tier.start, tier.end) - tier.start

    def cost_usd(self, quantity: Quantity) -> Quantity:
        """Cost of `quantity` on its own: every tier's part at that tier's price. [USD]"""
        return sum((part * tier.price_usd for tier, part in self.split(quantity)), start=0.0)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the catalogue knows it by."""
        return (self.service_code, self.usage_type, self.operation, self.region)


@dataclass(frozen=True)
class Allowance:
    """A monthly free allowance: so much of these usage types costs nothing."""

    plan: str
    name: str
    service_code: str
    usage_types: tuple[str, ...]
    operations: tuple[str, ...]
    scope: str
    quantity: float
    unit: str
    effective_date: str
    source: str
    confidence: str

    def covers(self, meter: Meter) -> bool:
        """Whether usage of `meter` draws on this allowance."""
        return (
            self.service_code in ("*", meter.service_code)
            and meter.operation in (self.operations or (meter.operation,))
            and any(fnmatchcase(meter.usage_type, pattern) for pattern in self.usage_types)
        )


@dataclass(frozen=True)
class Credit:
    """Promotional dollars that pay a bill down until they are spent.

    `granted` is ``at-sign-up``, or ``earned`` where it has to be worked for.
    """

    name: str
    amount_usd: float
    granted: str
    valid_months: int
    effective_date: str
    source: str


@dataclass(frozen=True)
class Region:
    """An AWS region, its name on the console and its prefix on usage types."""

    code: str
    name: str
    usage_type_prefix: str
