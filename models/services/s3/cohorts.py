"""Cohorts of objects: what a GB written on one day adds to each meter as it ages.

Objects written on one day form a cohort. AWS acts at creation plus the days of the rule, rounded
up to the next midnight UTC; with objects written evenly through a day, a cohort spends half of
its first day and then N whole days in a class that it leaves after N days. A stream of cohorts,
one a day, is the sum over all ages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.metering import Meter, Quantity
from models.services.s3 import requests
from models.services.s3.intelligent_tiering import Tiering, tier_shares
from models.services.s3.rules import archive_overhead_gb, days_left, objects_of, padding_gb
from models.services.s3.storage_classes import (
    MINIMUM_BILLABLE_KB,
    OPT_IN_TIER_METERS,
    TIERING_MONITORING,
    TRAITS,
)
from models.units import BillingPeriod

#: Objects written evenly through their first day are there for half of it on average.
FIRST_DAY = 0.5
#: Those written just after midnight are there for all of it.
WHOLE_DAY = 1.0

Series = NDArray[np.float64]


@dataclass(frozen=True)
class Stay:
    """A cohort's time in one class: from the midnight after day `start` to that after `end`.

    The first stay begins with the object (`start` is None); one that nothing ends has `end` None.
    """

    storage_class: str
    start: int | None
    end: int | None

    def presence(self, days: int, first_day: float = FIRST_DAY) -> Series:
        """Share of each day of its age, 0 to `days` - 1, that a cohort spends in the class."""
        share = np.zeros(days)
        first = 0 if self.start is None else self.start + 1
        share[first : None if self.end is None else self.end + 1] = 1.0
        if self.start is None and days:
            share[0] = first_day
        return share

    @property
    def days(self) -> float:
        """Average days a cohort spends in the class; infinite where nothing ends it. [d]"""
        return self.days_from(FIRST_DAY)

    def days_from(self, first_day: float) -> float:
        """Days in the class, of objects that are there for `first_day` of their first day. [d]"""
        if self.end is None:
            return float(np.inf)
        return self.end + first_day if self.start is None else float(self.end - self.start)


@dataclass(kw_only=True)
class Daily:
    """What each of so many days adds to each meter: a sum of factors x amounts by day.

    Only factors have sweep points, so that no array has both points and days.
    """

    days: int
    terms: list[tuple[Meter, Quantity, Series]] = field(default_factory=list)

    def add(self, meter: Meter, factor: Quantity, by_day: Series) -> None:
        """Add `factor` x `by_day` to a meter."""
        self.terms.append((meter, factor, by_day))

    def totals(self, share_of_day: Series) -> dict[Meter, Quantity]:
        """Sum over the days, of which each counts by its share."""
        found: dict[Meter, Quantity] = {}
        for meter, factor, by_day in self.terms:
            found[meter] = found.get(meter, 0.0) + factor * float(by_day @ share_of_day)
        return found


@dataclass(kw_only=True)
class Ages(Daily):
    """What one GB of objects adds to each meter on each day of its age (GB-days for storage).

    Parameters
    ----------
    object_kb : float or array
        Size of the objects; an array has one element for each sweep point. [KB]
    days : int
        How many days of age are followed.
    """

    object_kb: Quantity

    @property
    def objects(self) -> Quantity:
        """Objects in a GB."""
        return objects_of(1.0, self.object_kb)

    def stored(self, stay: Stay, first_day: float) -> None:
        """Add GB-days in a class, with what small and archived objects add."""
        traits, presence = TRAITS[stay.storage_class], stay.presence(self.days, first_day)
        self.add(traits.storage, 1.0, presence)
        if traits.padding:
            self.add(traits.padding, padding_gb(1.0, self.objects), presence)
        if traits.archived:
            self._archived(traits.storage, 1.0, presence)

    def tiered(
        self, stay: Stay, first_day: float, read_share: Quantity, tierings: Iterable[Tiering]
    ) -> None:
        """Add GB-days in the tiers of Intelligent-Tiering, and monitoring."""
        presence = stay.presence(self.days, first_day)
        monitored = np.asarray(self.object_kb >= MINIMUM_BILLABLE_KB, dtype=np.float64)
        self.add(TRAITS["INTELLIGENT_TIERING"].storage, 1.0 - monitored, presence)
        days_in_class = np.maximum(np.arange(self.days) - 1.0 - (stay.start or 0), 0.0)
        for meter, share, on_days in tier_shares(days_in_class, read_share, tierings):
            self.add(meter, monitored * share, presence * on_days)
            if meter in OPT_IN_TIER_METERS:
                self._archived(meter, monitored * share, presence * on_days)
        self.add(TIERING_MONITORING, self.objects * monitored, presence)

    def _archived(self, meter: Meter, share: Quantity, presence: Series) -> None:
        standard_gb, archive_gb = archive_overhead_gb(share * self.objects)
        self.add(TRAITS["STANDARD"].storage, standard_gb, presence)
        self.add(meter, archive_gb, presence)

    def crossed(self, stay: Stay, first_day: float) -> None:
        """Add requests for coming into a class, and what leaving it too early costs."""
        traits = TRAITS[stay.storage_class]
        if stay.start is not None:
            meter = requests.TRANSITION_REQUESTS[stay.storage_class]
            self.add(meter, self.objects, self._on_day(stay.start + 1))
        if traits.early_delete and stay.end is not None:
            days = days_left(traits.minimum_days, stay.days_from(first_day))
            charged_gb = 1.0 + (padding_gb(1.0, self.objects) if traits.padding else 0.0)
            self.add(traits.early_delete, days * charged_gb, self._on_day(stay.end + 1))

    def written(self, storage_class: str) -> None:
        """Add one PUT for each object."""
        self.add(requests.WRITES[storage_class], self.objects, self._on_day(0))

    def _on_day(self, age: int) -> Series:
        day = np.zeros(self.days)
        day[age : age + 1] = 1.0
        return day


class Ledger(Daily):
    """What each day of the bucket adds to each meter, from day 0 on."""

    def stream(self, rate: Quantity, ages: Ages) -> None:
        """Add a GB-stream of `rate` a day: on any day, all younger ages are there at once."""
        for meter, factor, by_age in ages.terms:
            self.add(meter, rate * factor, np.cumsum(by_age))

    def once(self, amount_gb: Quantity, ages: Ages) -> None:
        """Add what is there on day 0 and never again."""
        for meter, factor, by_age in ages.terms:
            self.add(meter, amount_gb * factor, by_age)

    def month(self, first: float, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Quantities of the month that begins on day `first`, which need not be whole."""
        day = np.arange(self.days)
        before, over = (np.clip(end - day, 0.0, 1.0) for end in (first, first + period.days))
        for meter, used in self.totals(over - before).items():
            yield meter, used / period.days if counts_time(meter) else used


def settled_month(
    flows: Iterable[tuple[Quantity, Ages]], period: BillingPeriod
) -> Iterator[tuple[Meter, Quantity]]:
    """Quantities of a month of the steady state, by Little's law: rate x what a GB adds in all."""
    for rate, ages in flows:
        for meter, total in ages.totals(np.ones(ages.days)).items():
            per_day = rate * total
            yield meter, per_day if counts_time(meter) else per_day * period.days


def steady_state_gb(gb_per_day: Quantity, days_in_class: Quantity) -> Quantity:
    """GB in a class once as much leaves as arrives: Little's law, L = lambda x W. [GB]

    >>> steady_state_gb(100, days_in_class=30.5)
    3050.0
    """
    return gb_per_day * days_in_class


def counts_time(meter: Meter) -> bool:
    """Whether a meter counts stock over time (GB-months, monitored objects), and not events."""
    return meter.unit in ("GB-Mo", "Objects")
