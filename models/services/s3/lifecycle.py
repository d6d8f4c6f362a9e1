"""Lifecycle rules at work: a bucket that is written to every day, billed by month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.metering import Meter, Quantity, Usage
from models.resource import Amount, Resource, Settings, Share
from models.services.s3.cohorts import FIRST_DAY, WHOLE_DAY, Ages, Ledger, Stay, settled_month
from models.services.s3.intelligent_tiering import Days, Tiering, check_tierings
from models.services.s3.storage_classes import MINIMUM_BILLABLE_KB, TRANSITIONS
from models.units import TYPICAL, BillingPeriod

#: Days an object must be in Standard before a rule may move it to an infrequent-access class.
#: Documented: https://docs.aws.amazon.com/AmazonS3/latest/userguide/
#: lifecycle-transition-general-considerations.html
DAYS_BEFORE_INFREQUENT = 30
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")

#: Classes that rules may still move objects below 128 KB to, by
#: `transition_default_minimum_object_size`. Documented: same page ("Minimum object size").
_SMALL_MAY_MOVE_TO: dict[str, tuple[str, ...]] = {
    "all_storage_classes_128K": (),
    "varies_by_storage_class": ("GLACIER", "DEEP_ARCHIVE"),
    "none": TRANSITIONS["STANDARD"],
}

#: Fields that may have one element for each sweep point.
_SWEPT = (
    "ingest_gb_per_day", "initial_gb", "object_kb", "overwritten_gb_per_day",
    "incomplete_gb_per_day", "read_share_per_30_days",
)  # fmt: skip

ONE_BYTE_KB = 1 / 1024
#: A century: beyond it a daily simulation has nothing more to say. Ours.
MAX_MONTHS = 1200
MAX_DAYS = 36_500


def _within_a_century(value: Any) -> Any:
    if not 0 <= value <= MAX_DAYS:
        raise ValueError(f"must be at most {MAX_DAYS:,} days")
    return value


def _a_day_or_more(value: Any) -> Any:
    if not 1 <= value <= MAX_DAYS:
        raise ValueError(f"must be from 1 to {MAX_DAYS:,} days")
    return value


def _month_number(value: Any) -> Any:
    if not 1 <= value <= MAX_MONTHS:
        raise ValueError(f"must be from 1 to {MAX_MONTHS}")
    return value


KeptDays = Annotated[Days, AfterValidator(_a_day_or_more)]


class Transition(Settings):
    """One step of a lifecycle rule."""

    days: Annotated[Days, AfterValidator(_within_a_century)]
    """Days after creation."""
    storage_class: Literal[
        "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER",
        "DEEP_ARCHIVE",
    ]  # fmt: skip
    """AWS's name of the class that objects move to."""


def stays(
    transitions: Iterable[Transition],
    expiration_days: int | None,
    *,
    storage_class: str = "STANDARD",
) -> tuple[Stay, ...]:
    """A cohort's way through the classes, from the one it is written to.

    >>> [stay.days for stay in stays([Transition(days=30, storage_class="STANDARD_IA")], 90)]
    [30.5, 60.0]
    """
    steps = [(storage_class, None), *((one.storage_class, int(one.days)) for one in transitions)]
    ends = [start for _, start in steps[1:]] + [expiration_days]
    return tuple(Stay(name, start, end) for (name, start), end in zip(steps, ends, strict=True))


class LifecycleBucket(Resource):
    """A bucket that is written to every day, with rules that move and expire what gets old."""

    simulated: ClassVar[bool] = True

    ingest_gb_per_day: Amount = 0
    """Written every day, evenly through the day. [GB/d]"""
    initial_gb: Amount = 0
    """There on the first day, as if written just after its midnight, and subject to the rules; a
    steady state has none of it left. [GB]"""
    object_kb: Amount
    """Size of every object. [KB]"""
    storage_class: Literal[
        "STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER",
        "DEEP_ARCHIVE",
    ] = "STANDARD"  # fmt: skip
    """AWS's name of the class that objects are written to."""
    transitions: list[Transition] = Field(default_factory=list)
    """Where objects move, and when, in order."""
    expiration_days: KeptDays | None = None
    """Days after creation when objects expire; never if not given. [d]"""
    transition_default_minimum_object_size: Literal[
        "all_storage_classes_128K", "varies_by_storage_class", "none"
    ] = "all_storage_classes_128K"
    """Which small objects stay where they are: below 128 KB all (AWS's default since 2024-09), all
    but those bound for GLACIER and DEEP_ARCHIVE, or none (the rule has a size filter)."""
    versioned: bool = False
    """Whether versions are kept: what expires then turns noncurrent and stays in its class until
    `noncurrent_expiration_days` more have passed."""
    overwritten_gb_per_day: Amount = 0
    """Written anew every day over objects that are there, beside the ingest; the old versions stay
    in the class that objects are written to. [GB/d]"""
    noncurrent_expiration_days: KeptDays | None = None
    """Days after which versions that are no longer current are deleted; never if not given. [d]"""
    incomplete_gb_per_day: Amount = 0
    """Left behind every day by multipart uploads that were not finished, in Standard. [GB/d]"""
    abort_incomplete_days: KeptDays | None = None
    """Days after which these are removed; never if not given. [d]"""
    read_share_per_30_days: Share = 0
    """Share of the objects in Intelligent-Tiering that somebody reads in any 30 days, drawn anew
    each time (Assumed); these are in the frequent tier."""
    tierings: list[Tiering] = Field(default_factory=list)
    """Opt-in archive tiers of Intelligent-Tiering."""
    month: Annotated[Days, AfterValidator(_month_number)] | None = None
    """Which month since the first day is billed, from 1; if not given, a month of the steady
    state, which there is only where everything expires."""

    @field_validator("object_kb")
    @classmethod
    def _holds_a_byte(cls, value: Any) -> Any:
        if np.any(np.asarray(value) < ONE_BYTE_KB):
            raise ValueError("must be at least a byte, 1/1024 KB")
        return value

    @model_validator(mode="after")
    def _sweeps_fit_together(self) -> Self:
        shapes = {name: np.shape(getattr(self, name)) for name in _SWEPT}
        try:
            np.broadcast_shapes(*shapes.values())
        except ValueError:
            points = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
            raise InvalidInputError(f"sweeps have points that do not fit: {points}") from None
        return self

    @model_validator(mode="after")
    def _rules_are_possible(self) -> Self:
        last = self._check_transitions()
        if self.expiration_days is not None and self.expiration_days <= last:
            raise InvalidInputError(
                f"expiration_days {self.expiration_days} must be above the last transition's {last}"
            )
        check_tierings(self.tierings)
        if self.month is None and not self._settles():
            raise InvalidInputError(
                "month must be given where something never expires: there is no steady state"
            )
        return self

    def _check_transitions(self) -> int:
        """Refuse a rule that AWS refuses, and give the day of the last transition."""
        before, age = str(self.storage_class), -1
        for one in self.transitions:
            if one.storage_class not in TRANSITIONS[before]:
                allowed = ", ".join(TRANSITIONS[before]) or "nothing"
                raise InvalidInputError(
                    f"transitions: {before} cannot move to {one.storage_class}, only to {allowed}"
                )
            least = age + 1
            if one.storage_class in _INFREQUENT:
                least = max(least, DAYS_BEFORE_INFREQUENT)
            if one.days < least:
                raise InvalidInputError(
                    f"transitions: {one.storage_class} after {one.days} days must be after at"
                    f" least {least}"
                )
            before, age = one.storage_class, int(one.days)
        return max(age, 0)

    def _settles(self) -> bool:
        endless = (
            (self.ingest_gb_per_day, self._end()),
            (self.overwritten_gb_per_day, self.noncurrent_expiration_days),
            (self.incomplete_gb_per_day, self.abort_incomplete_days),
        )
        return all(days is not None or not np.any(rate) for rate, days in endless)

    def _end(self) -> int | None:
        """Days after creation when the last of an object is deleted."""
        kept = self.noncurrent_expiration_days if self.versioned else 0
        if self.expiration_days is None or kept is None:
            return None
        return int(self.expiration_days) + int(kept)

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield one month: the one that `month` names, or one of the steady state."""
        if self.month is None:
            yield from settled_month(self._flows(self._longest() + 2), period)
        else:
            first = (int(self.month) - 1) * period.days
            yield from self._simulated(first + period.days).month(first, period)

    def monthly_usage(self, months: int, period: BillingPeriod = TYPICAL) -> list[Usage]:
        """Usage of each of the first `months` months, all as long as `period`.

        Raises
        ------
        InvalidInputError
            Where `months` is not a whole number from 1 to 1,200.
        """
        whole = isinstance(months, int) and not isinstance(months, bool)
        if not whole or not 1 <= months <= MAX_MONTHS:
            raise InvalidInputError(f"months {months!r} must be a whole number, 1 to {MAX_MONTHS}")
        ledger = self._simulated(months * period.days)
        return [
            Usage.of_resource(
                self.name, self.region, ledger.month(number * period.days, period), period=period
            )
            for number in range(months)
        ]

    def stays(self) -> tuple[Stay, ...]:
        """The way of an object through the classes, with the rules that apply to its size."""
        ways = [way for way, _ in self._ways()]
        if len(ways) > 1:
            raise InvalidInputError(
                "object_kb has sizes below and above 128 KB, which go different ways"
            )
        return ways[0]

    def _ways(self) -> Iterator[tuple[tuple[Stay, ...], Quantity]]:
        """Each way through the classes, with 1 for the sweep points that go it and 0 for others."""
        small = np.asarray(self.object_kb) < MINIMUM_BILLABLE_KB
        allowed = _SMALL_MAY_MOVE_TO[self.transition_default_minimum_object_size]
        of_small = [one for one in self.transitions if one.storage_class in allowed]
        for points, rules in ((~small, self.transitions), (small, of_small)):
            if np.any(points):
                way = stays(rules, self._end(), storage_class=self.storage_class)
                yield way, points.astype(np.float64)

    def _simulated(self, days: float) -> Ledger:
        """Follow every cohort from the first day on."""
        ledger = Ledger(days=int(np.ceil(days)))
        for rate, ages in self._flows(ledger.days):
            ledger.stream(rate, ages)
        for way, points in self._ways():
            ledger.once(self.initial_gb * points, self._ages(way, ledger.days, WHOLE_DAY))
        return ledger

    def _flows(self, days: int) -> Iterator[tuple[Quantity, Ages]]:
        """GB a day of each kind, with what a GB of it adds as it ages."""
        for way, points in self._ways():
            yield self.ingest_gb_per_day * points, self._written(way, days)
        old = Stay(self.storage_class, None, _whole(self.noncurrent_expiration_days))
        yield self.overwritten_gb_per_day, self._written((old,), days)
        unfinished = Stay("STANDARD", None, _whole(self.abort_incomplete_days))
        yield self.incomplete_gb_per_day, self._ages((unfinished,), days, FIRST_DAY)

    def _written(self, way: tuple[Stay, ...], days: int) -> Ages:
        ages = self._ages(way, days, FIRST_DAY)
        ages.written(self.storage_class)
        return ages

    def _ages(self, way: tuple[Stay, ...], days: int, first_day: float) -> Ages:
        ages = Ages(object_kb=self.object_kb, days=days)
        for stay in way:
            if stay.storage_class == "INTELLIGENT_TIERING":
                ages.tiered(stay, first_day, self.read_share_per_30_days, self.tierings)
            else:
                ages.stored(stay, first_day)
            ages.crossed(stay, first_day)
        return ages

    def _longest(self) -> int:
        ends = (self._end(), self.noncurrent_expiration_days, self.abort_incomplete_days)
        return max(int(end or 0) for end in ends)


def _whole(days: Quantity | None) -> int | None:
    return None if days is None else int(days)
