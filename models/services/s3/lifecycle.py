"""Lifecycle rules at work: daily cohorts of objects age, move, and expire.

Objects written on one day form a cohort. AWS acts at creation plus the days of the rule, rounded
up to the next midnight UTC; with objects written evenly through a day, a cohort spends half of
its first day and then N whole days in a class that it leaves after N days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.metering import Meter, Quantity, Usage
from models.resource import Amount, Count, Resource, Settings
from models.services.s3 import requests
from models.services.s3.rules import archive_overhead_gb, days_left, objects_of, padding_gb
from models.services.s3.storage_classes import (
    MINIMUM_BILLABLE_KB,
    TIERING_ARCHIVE_INSTANT,
    TIERING_ARCHIVE_INSTANT_DAYS,
    TIERING_INFREQUENT,
    TIERING_INFREQUENT_DAYS,
    TIERING_MONITORING,
    TRAITS,
    TRANSITIONS,
)
from models.units import TYPICAL, BillingPeriod

#: Objects written evenly through their first day are there for half of it on average.
FIRST_DAY = 0.5
#: Days an object must be in Standard before a rule may move it to an infrequent-access class.
#: Documented: https://docs.aws.amazon.com/AmazonS3/latest/userguide/
#: lifecycle-transition-general-considerations.html
DAYS_BEFORE_INFREQUENT = 30
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")

ONE_BYTE_KB = 1 / 1024
#: A century: beyond it a daily simulation has nothing more to say. Ours.
MAX_MONTHS = 1200
MAX_DAYS = 36_500

Series = NDArray[np.float64]


class Transition(Settings):
    """One step of a lifecycle rule."""

    days: Count
    """Days after creation."""
    storage_class: Literal[
        "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER",
        "DEEP_ARCHIVE",
    ]  # fmt: skip
    """AWS's name of the class that objects move to."""


@dataclass(frozen=True)
class Stay:
    """A cohort's time in one class: from the midnight after day `start` to that after `end`.

    The first stay begins with the object (`start` is None); one that nothing ends has `end` None.
    """

    storage_class: str
    start: int | None
    end: int | None

    def presence(self, days: int) -> Series:
        """Share of each day of its age, 0 to `days` - 1, that a cohort spends in the class."""
        share = np.zeros(days)
        share[
            0 if self.start is None else self.start + 1 : None if self.end is None else self.end + 1
        ] = 1.0
        if self.start is None and days:
            share[0] = FIRST_DAY
        return share

    @property
    def days(self) -> float:
        """Average days a cohort spends in the class; infinite where nothing ends it. [d]"""
        if self.end is None:
            return np.inf
        return self.end + FIRST_DAY if self.start is None else float(self.end - self.start)


def stays(transitions: Iterable[Transition], expiration_days: int | None) -> tuple[Stay, ...]:
    """A cohort's way through the classes.

    >>> [stay.days for stay in stays([Transition(days=30, storage_class="STANDARD_IA")], 90)]
    [30.5, 60.0]
    """
    steps = [("STANDARD", None), *((one.storage_class, int(one.days)) for one in transitions)]
    ends = [start for _, start in steps[1:]] + [expiration_days]
    return tuple(
        Stay(storage_class, start, end)
        for (storage_class, start), end in zip(steps, ends, strict=True)
    )


def steady_state_gb(gb_per_day: Quantity, days_in_class: Quantity) -> Quantity:
    """GB in a class once as much leaves as arrives: Little's law, L = lambda x W. [GB]

    >>> steady_state_gb(100, days_in_class=30.5)
    3050.0
    """
    return gb_per_day * days_in_class


@dataclass
class _Ledger:
    """What each day adds to each meter: quantities by day, GB-days for storage."""

    days: int
    series: dict[Meter, Series] = field(default_factory=dict)

    def add(self, meter: Meter, daily: Series | float) -> None:
        self.series[meter] = self.series.get(meter, np.zeros(self.days)) + daily

    def between(self, first: float, last: float) -> Iterator[tuple[Meter, float]]:
        """Sums from day `first` to day `last`, which need not be whole."""
        ticks = np.arange(self.days + 1)
        for meter, daily in self.series.items():
            running = np.concatenate(([0.0], np.cumsum(daily)))
            yield meter, float(np.interp(last, ticks, running) - np.interp(first, ticks, running))


class LifecycleBucket(Resource):
    """A bucket that is written to every day, with rules that move and expire what gets old."""

    simulated: ClassVar[bool] = True

    ingest_gb_per_day: Amount = 0
    """Written every day, evenly through the day. [GB/d]"""
    initial_gb: Amount = 0
    """There on the first day, as if written at its midnight, and subject to the rules. [GB]"""
    object_kb: Amount
    """Size of every object. [KB]"""
    transitions: list[Transition] = Field(default_factory=list)
    """Where objects move, and when, in order."""
    expiration_days: Count | None = None
    """Days after creation when objects are deleted; never if not given. [d]"""
    transition_default_minimum_object_size: Literal[
        "all_storage_classes_128K", "varies_by_storage_class", "none"
    ] = "all_storage_classes_128K"
    """Which small objects stay in Standard: below 128 KB all (AWS's default since 2024-09), all
    but those bound for GLACIER and DEEP_ARCHIVE, or none (the rule has a size filter)."""
    overwritten_gb_per_day: Amount = 0
    """Replaced every day; the old versions stay in Standard. [GB/d]"""
    noncurrent_expiration_days: Count | None = None
    """Days after which old versions are deleted; never if not given. [d]"""
    incomplete_gb_per_day: Amount = 0
    """Left behind every day by multipart uploads that were not finished. [GB/d]"""
    abort_incomplete_days: Count | None = None
    """Days after which these are removed; never if not given. [d]"""
    month: Count | None = None
    """Which month since the first day is billed, from 1; if not given, a month of the steady
    state, which there is only where everything expires."""

    @field_validator("ingest_gb_per_day", "initial_gb", "object_kb", "expiration_days", "month")
    @classmethod
    def _one_number(cls, value: Any) -> Any:
        if np.ndim(value):
            raise ValueError("must be one number; sweep by making one bucket for each")
        return value

    @field_validator("object_kb")
    @classmethod
    def _holds_a_byte(cls, value: Any) -> Any:
        if value < ONE_BYTE_KB:
            raise ValueError("must be at least a byte, 1/1024 KB")
        return value

    @field_validator("month")
    @classmethod
    def _within_a_century(cls, value: Any) -> Any:
        if value is not None and not 1 <= value <= MAX_MONTHS:
            raise ValueError(f"must be from 1 to {MAX_MONTHS}")
        return value

    @field_validator("expiration_days", "noncurrent_expiration_days", "abort_incomplete_days")
    @classmethod
    def _at_least_a_day(cls, value: Any) -> Any:
        if value is not None and not 1 <= value <= MAX_DAYS:
            raise ValueError(f"must be from 1 to {MAX_DAYS:,} days")
        return value

    @model_validator(mode="after")
    def _rules_are_possible(self) -> Self:
        before, age = "STANDARD", 0
        for one in self.transitions:
            if one.storage_class not in TRANSITIONS[before]:
                allowed = ", ".join(TRANSITIONS[before]) or "nothing"
                raise InvalidInputError(
                    f"transitions: {before} cannot move to {one.storage_class}, only to {allowed}"
                )
            least = 0 if before == "STANDARD" else age + 1
            if one.storage_class in _INFREQUENT:
                least = max(least, DAYS_BEFORE_INFREQUENT)
            if one.days < least:
                raise InvalidInputError(
                    f"transitions: {one.storage_class} after {one.days} days must be after at"
                    f" least {least}"
                )
            before, age = one.storage_class, int(one.days)
        if self.expiration_days is not None and self.expiration_days <= age:
            raise InvalidInputError(
                f"expiration_days {self.expiration_days} must be above the last transition's {age}"
            )
        if self.month is None and not self._settles():
            raise InvalidInputError(
                "month must be given where something never expires: there is no steady state"
            )
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield one month: the one that `month` names, or one of the steady state."""
        if self.month is None:
            first = float(self._settled_days())
        else:
            first = (float(self.month) - 1) * period.days
        yield from self._month(first, period)

    def monthly_usage(self, months: int, period: BillingPeriod = TYPICAL) -> list[Usage]:
        """Usage of each of the first `months` months, all as long as `period`."""
        ledger = self._simulated(int(np.ceil(months * period.days)))
        return [self._usage(ledger, number * period.days, period) for number in range(months)]

    def stays(self) -> tuple[Stay, ...]:
        """The way of an object through the classes, with the rules that apply to its size."""
        rules = self.transitions if self.object_kb >= MINIMUM_BILLABLE_KB else self._for_small()
        end = None if self.expiration_days is None else int(self.expiration_days)
        return stays(rules, end)

    def _for_small(self) -> list[Transition]:
        allowed: tuple[str, ...] = tuple(TRANSITIONS["STANDARD"])
        if self.transition_default_minimum_object_size == "all_storage_classes_128K":
            allowed = ()
        elif self.transition_default_minimum_object_size == "varies_by_storage_class":
            allowed = ("GLACIER", "DEEP_ARCHIVE")
        return [one for one in self.transitions if one.storage_class in allowed]

    def _settles(self) -> bool:
        endless = (
            (self.ingest_gb_per_day, self.expiration_days),
            (self.overwritten_gb_per_day, self.noncurrent_expiration_days),
            (self.incomplete_gb_per_day, self.abort_incomplete_days),
        )
        return all(days is not None or not rate for rate, days in endless)

    def _settled_days(self) -> int:
        ends = (self.expiration_days, self.noncurrent_expiration_days, self.abort_incomplete_days)
        minimum = max(TRAITS[stay.storage_class].minimum_days for stay in self.stays())
        return int(max((end or 0) for end in ends)) + minimum + 2

    def _month(self, first: float, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        ledger = self._simulated(int(np.ceil(first + period.days)))
        yield from _monthly(ledger, first, period)

    def _usage(self, ledger: _Ledger, first: float, period: BillingPeriod) -> Usage:
        return Usage.of_resource(
            self.name, self.region, _monthly(ledger, first, period), period=period
        )

    def _simulated(self, days: int) -> _Ledger:
        """Follow every cohort through `days` days."""
        ledger = _Ledger(days)
        written = np.full(days, float(np.asarray(self.ingest_gb_per_day)))
        objects = objects_of(written, self.object_kb)
        ledger.add(requests.WRITES["STANDARD"], objects)
        for stay in self.stays():
            self._follow(ledger, stay, stay.presence(days), written)
            initial = stay.presence(days)
            initial[:1] = np.minimum(initial[:1] / FIRST_DAY, 1.0)  # there from midnight
            self._follow_initial(ledger, stay, initial)
        self._add_versions(ledger, self.overwritten_gb_per_day, self.noncurrent_expiration_days)
        self._add_versions(ledger, self.incomplete_gb_per_day, self.abort_incomplete_days)
        return ledger

    def _follow(self, ledger: _Ledger, stay: Stay, presence: Series, written: Series) -> None:
        """A constant stream: what is in the class on a day is the sum over all younger ages."""
        self._store(ledger, stay, written * np.cumsum(presence), presence, np.cumsum)
        entered = _from_day(written, stay.start)
        left = _from_day(written, stay.end)
        self._cross(ledger, stay, entered, left)

    def _follow_initial(self, ledger: _Ledger, stay: Stay, presence: Series) -> None:
        if not self.initial_gb:
            return
        day_one = np.zeros(ledger.days)
        day_one[:1] = self.initial_gb
        gb = float(np.asarray(self.initial_gb))
        self._store(ledger, stay, gb * presence, presence, lambda ages: ages)
        self._cross(ledger, stay, _moved(day_one, stay.start), _moved(day_one, stay.end))

    def _store(
        self, ledger: _Ledger, stay: Stay, gb: Series, presence: Series, gather: Any
    ) -> None:
        traits = TRAITS[stay.storage_class]
        objects = objects_of(gb, self.object_kb)
        if stay.storage_class == "INTELLIGENT_TIERING":
            self._store_tiered(ledger, stay, gb, presence, gather)
            return
        ledger.add(traits.storage, gb)
        if traits.padding:
            ledger.add(traits.padding, np.asarray(padding_gb(gb, objects)))
        if traits.archived:
            standard_gb, archive_gb = archive_overhead_gb(objects)
            ledger.add(TRAITS["STANDARD"].storage, np.asarray(standard_gb))
            ledger.add(traits.storage, np.asarray(archive_gb))

    def _store_tiered(
        self, ledger: _Ledger, stay: Stay, gb: Series, presence: Series, gather: Any
    ) -> None:
        """Objects that nobody reads sink through the tiers of Intelligent-Tiering."""
        monitored = self.object_kb >= MINIMUM_BILLABLE_KB
        total = gather(presence)
        scale = np.divide(gb, total, out=np.zeros_like(gb), where=total > 0)
        age = np.arange(ledger.days) - (stay.start or 0)
        bounds: tuple[float, ...] = (0, np.inf)
        if monitored:
            bounds = (0, TIERING_INFREQUENT_DAYS, TIERING_ARCHIVE_INSTANT_DAYS, np.inf)
        frequent = TRAITS["INTELLIGENT_TIERING"].storage
        tiers = (frequent, TIERING_INFREQUENT, TIERING_ARCHIVE_INSTANT)
        for meter, (low, high) in zip(tiers, pairwise(bounds), strict=False):
            here = (age > low) & (age <= high)
            ledger.add(meter, scale * gather(presence * here))
        if monitored:
            ledger.add(TIERING_MONITORING, objects_of(gb, self.object_kb))

    def _cross(self, ledger: _Ledger, stay: Stay, entered: Series, left: Series) -> None:
        """Requests for what enters the class, and what leaving it too early costs."""
        traits = TRAITS[stay.storage_class]
        if stay.start is not None:
            meter = requests.TRANSITION_REQUESTS[stay.storage_class]
            ledger.add(meter, objects_of(entered, self.object_kb))
        if traits.early_delete and stay.end is not None:
            days = float(np.asarray(days_left(traits.minimum_days, stay.days)))
            ledger.add(traits.early_delete, left * days)

    def _add_versions(self, ledger: _Ledger, gb_per_day: Quantity, kept: Quantity | None) -> None:
        """Old versions and unfinished uploads: in Standard until they expire."""
        end = None if kept is None else int(np.asarray(kept))
        presence = Stay("STANDARD", None, end).presence(ledger.days)
        ledger.add(TRAITS["STANDARD"].storage, float(np.asarray(gb_per_day)) * np.cumsum(presence))


def _from_day(daily: Series, days: int | None) -> Series:
    """A constant stream as it arrives `days` after it was written, at the midnight after."""
    arrived = np.zeros_like(daily)
    if days is not None:
        arrived[days + 1 :] = daily[days + 1 :]
    return arrived


def _moved(daily: Series, days: int | None) -> Series:
    """What was written at midnight of day 0, as it arrives at the midnight after `days` days."""
    arrived = np.zeros_like(daily)
    if days is not None and days + 1 < len(daily):
        arrived[days + 1 :] = daily[: len(daily) - days - 1]
    return arrived


def _monthly(
    ledger: _Ledger, first: float, period: BillingPeriod
) -> Iterator[tuple[Meter, Quantity]]:
    """One month of a ledger: GB-days become GB-months, monitoring object-days object-months."""
    for meter, quantity in ledger.between(first, first + period.days):
        by_time = meter.unit in ("GB-Mo", "Objects")
        yield meter, quantity / period.days if by_time else quantity
