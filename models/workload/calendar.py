"""Traffic that follows the clock and the day of the week, both of UTC."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from models.distributions import Number
from models.errors import InvalidInputError
from models.units import HOURS_PER_DAY, SECONDS_PER_HOUR
from models.workload.patterns import grid
from models.workload.trace import DAY_SECONDS, STEP_SECONDS, Rate, Times, Trace

WEEK_DAYS = 7
#: Days of the week from here on are the weekend (0 is Monday).
SATURDAY = 5

HourOfDay = Annotated[Number, Field(ge=0, le=HOURS_PER_DAY)]
Factor = Annotated[Number, Field(ge=0, le=1000)]


class _ByDay(Trace):
    """A rate that depends on the hour, and on whether it is a weekend."""

    def until(self, past: Times, *, weekend: bool) -> Times:
        """Requests expected from midnight until so many seconds into the day."""
        raise TypeError(f"{type(self).__name__} has no daily pattern")

    def cumulative(self, seconds: Times) -> Times:
        """Requests expected until each of these instants."""
        since_monday = self._since_monday
        before = self._from_monday(np.array([since_monday]))
        return self._from_monday(np.asarray(seconds) + since_monday) - before

    def _from_monday(self, seconds: Times) -> Times:
        """Requests expected since midnight of the Monday before the start."""
        full_day = np.array([DAY_SECONDS])
        totals = [
            float(self.until(full_day, weekend=day >= SATURDAY)[0]) for day in range(WEEK_DAYS)
        ]
        days_before = np.append(0.0, np.cumsum(totals))
        day = np.floor(seconds / DAY_SECONDS).astype(np.int64)
        week, weekday = np.divmod(day, WEEK_DAYS)
        past = seconds - day * DAY_SECONDS
        today = np.where(
            weekday >= SATURDAY, self.until(past, weekend=True), self.until(past, weekend=False)
        )
        expected: Times = week * days_before[-1] + days_before[weekday] + today
        return expected

    @cached_property
    def _since_monday(self) -> float:
        """Time between the Monday before and the start. [s]"""
        midnight = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        monday = midnight - timedelta(days=self.start.weekday())
        return (self.start - monday).total_seconds()


class _Wave(_ByDay):
    """A rate that swings between day and night as a cosine."""

    low_per_second: Rate
    """Half a day from the peak, on a working day. [1/s]"""
    high_per_second: Rate
    """At the peak of a working day. [1/s]"""
    peak_hour: HourOfDay = 14
    """Hour of the peak, UTC. [h]"""

    def _refuse_contradictions(self) -> None:
        if self.low_per_second > self.high_per_second:
            raise InvalidInputError(
                f"low_per_second ({self.low_per_second}) must be at most high_per_second"
                f" ({self.high_per_second}) [1/s]"
            )

    def changes(self, start: float, end: float) -> Times:
        """Whole minutes of the clock. [s]"""
        return grid(start, end, STEP_SECONDS, offset=-self._since_monday)

    def until(self, past: Times, *, weekend: bool) -> Times:
        """Requests expected from midnight until so many seconds into the day."""
        middle = (self.low_per_second + self.high_per_second) / 2
        swing = (self.high_per_second - self.low_per_second) / 2
        turn = 2 * np.pi / DAY_SECONDS
        peak = self.peak_hour * SECONDS_PER_HOUR
        swung = np.sin(turn * (past - peak)) + np.sin(turn * peak)
        expected: Times = middle * past + swing / turn * swung
        return expected


class Diurnal(_Wave):
    """Day and night as a wave, the same every day.

    >>> day = Diurnal(low_per_second=20, high_per_second=200, duration_seconds=86400)
    >>> round(day.expected_requests), day.rates([50390, 50410]).round(3).tolist()
    (9504000, [200.0])
    """

    pattern: Literal["diurnal"] = "diurnal"
    """Name of the pattern."""


class Weekly(_Wave):
    """A daily wave that is lower, or higher, at weekends.

    >>> week = Weekly(low_per_second=20, high_per_second=200, duration_seconds=7 * 86400)
    >>> round(week.expected_requests / 9504000, 9)
    6.0
    """

    pattern: Literal["weekly"] = "weekly"
    """Name of the pattern."""
    weekend_factor: Factor = 0.5
    """Traffic of Saturday and Sunday as a share of a working day's."""

    def until(self, past: Times, *, weekend: bool) -> Times:
        """Requests expected from midnight until so many seconds into the day."""
        expected = super().until(past, weekend=weekend)
        return expected * self.weekend_factor if weekend else expected


class BusinessHours(_ByDay):
    """One rate in business hours, another outside, and perhaps another at weekends.

    >>> day = BusinessHours(in_hours_per_second=10, outside_per_second=1, duration_seconds=86400)
    >>> day.expected_requests == (8 * 10 + 16 * 1) * 3600
    True
    """

    pattern: Literal["business_hours"] = "business_hours"
    """Name of the pattern."""
    in_hours_per_second: Rate
    """From `opens_hour` to `closes_hour`. [1/s]"""
    outside_per_second: Rate
    """At other times. [1/s]"""
    opens_hour: HourOfDay = 9
    """UTC. [h]"""
    closes_hour: HourOfDay = 17
    """UTC. [h]"""
    weekend_per_second: Rate | None = None
    """All Saturday and Sunday; like other days unless given. [1/s]"""

    def _refuse_contradictions(self) -> None:
        if self.opens_hour >= self.closes_hour:
            raise InvalidInputError(
                f"opens_hour ({self.opens_hour}) must be before closes_hour ({self.closes_hour})"
            )

    def changes(self, start: float, end: float) -> Times:
        """When it opens, closes, and at midnight. [s]"""
        hours = (0.0, self.opens_hour, self.closes_hour)
        offsets = (hour * SECONDS_PER_HOUR - self._since_monday for hour in hours)
        return np.unique(
            np.concatenate([grid(start, end, DAY_SECONDS, offset=offset) for offset in offsets])
        )

    def until(self, past: Times, *, weekend: bool) -> Times:
        """Requests expected from midnight until so many seconds into the day."""
        if weekend and self.weekend_per_second is not None:
            return past * self.weekend_per_second
        opens, closes = self.opens_hour * SECONDS_PER_HOUR, self.closes_hour * SECONDS_PER_HOUR
        inside = np.clip(past, opens, closes) - opens
        return self.in_hours_per_second * inside + self.outside_per_second * (past - inside)
