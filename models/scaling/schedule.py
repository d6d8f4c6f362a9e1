"""Scheduled actions: sizes that change at a given time, once or again and again."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError, did_you_mean
from models.resource import Name, Settings

_FIELDS = "minute hour day-of-month month day-of-week"
#: What other kinds of cron add: the last day (L) and the n-th weekday (#) of a month.
_NOT_CRONTAB = re.compile(r"#|(?<![A-Z])L")
Size = Annotated[int, Field(ge=0, strict=True)]


class ScheduledAction(Settings):
    """New sizes at a point in time or by the clock.

    Documented:
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
    """

    name: Name
    """Names it in the activity log."""
    recurrence: str | None = None
    """When, as five fields of cron: minute, hour, day of month, month, day of week. Either this or
    `at`."""
    at: datetime | None = None
    """When, once; with its time zone."""
    time_zone: str = "UTC"
    """IANA name of the zone of `recurrence`, which follows its daylight saving time."""
    min_size: Size | None = None
    """New minimum; unchanged unless given. [units]"""
    max_size: Size | None = None
    """New maximum; unchanged unless given. [units]"""
    desired_capacity: Size | None = None
    """New desired capacity; unchanged unless given. [units]"""

    @field_validator("recurrence")
    @classmethod
    def _recurrence_is_cron(cls, recurrence: str | None) -> str | None:
        from cronsim import CronSim, CronSimError

        if recurrence is None:
            return None
        if len(recurrence.split()) != len(_FIELDS.split()):
            raise ValueError(f"must have five fields: {_FIELDS}, such as '30 6 * * 2'")
        if foreign := _NOT_CRONTAB.search(recurrence.upper()):
            raise ValueError(f"must be a plain cron expression, without {foreign[0]!r}")
        try:
            CronSim(recurrence, datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            bad = str(error).removeprefix("Bad ")
            raise ValueError(
                f"must have five fields of cron ({_FIELDS}); {bad} cannot be read"
            ) from None
        return recurrence

    @field_validator("at", mode="before")
    @classmethod
    def _at_is_no_number(cls, at: object) -> object:
        if isinstance(at, int | float):
            raise ValueError("must be a date and time, such as 2026-11-20T08:00:00Z")
        return at

    @field_validator("at")
    @classmethod
    def _at_has_a_time_zone(cls, at: datetime | None) -> datetime | None:
        if at is not None and at.utcoffset() is None:
            raise ValueError("must have a time zone, such as 2026-11-20T08:00:00Z")
        return at

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, time_zone: str) -> str:
        try:
            zoneinfo.ZoneInfo(time_zone)
        except (LookupError, ValueError, OSError):
            nearest = did_you_mean(time_zone, zoneinfo.available_timezones())
            raise ValueError(
                f"must be a time zone of the IANA database, such as 'America/New_York'{nearest}"
            ) from None
        return time_zone

    @model_validator(mode="after")
    def _says_when_and_what(self) -> Self:
        if (self.recurrence is None) == (self.at is None):
            raise InvalidInputError(
                f"recurrence {self.recurrence!r} and at {self.at}: exactly one must be given"
            )
        given = [
            (name, size)
            for name in ("min_size", "desired_capacity", "max_size")
            if (size := getattr(self, name)) is not None
        ]
        if not given:
            raise InvalidInputError("min_size, max_size or desired_capacity must be given [units]")
        for (below, low), (above, high) in pairwise(given):
            if low > high:
                raise InvalidInputError(f"{below} {low} must be at most {above} ({high}) [units]")
        return self

    def occurrences(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """When the action runs from `start` until before `end`, in UTC.

        A time that daylight saving skips is put off to the first minute after the gap, one that
        comes twice counts once, unless minute or hour are left open. Assumed: as Debian's cron
        does it; AWS says that schedules follow daylight saving time.

        Raises
        ------
        InvalidInputError
            Where `start` or `end` has no time zone.

        Examples
        --------
        >>> action = ScheduledAction(name="open", recurrence="0 8 * * MON-FRI",
        ...                          time_zone="America/New_York", desired_capacity=10)
        >>> summer_ends = datetime(2026, 10, 30, tzinfo=UTC)
        >>> for at in action.occurrences(summer_ends, datetime(2026, 11, 3, tzinfo=UTC)):
        ...     at.isoformat()
        '2026-10-30T12:00:00+00:00'
        '2026-11-02T13:00:00+00:00'
        """
        if start.utcoffset() is None or end.utcoffset() is None:
            raise InvalidInputError(f"start {start} and end {end} must have a time zone")
        return self._occurrences(start.astimezone(UTC), end.astimezone(UTC))

    def _occurrences(self, start: datetime, end: datetime) -> Iterator[datetime]:
        from cronsim import CronSim

        if self.recurrence is None:
            if self.at is not None and start <= self.at < end:
                yield self.at.astimezone(UTC)
            return
        # CronSim begins after its start and drops parts of a second; what is too early is left out.
        before = (start - timedelta(seconds=1)).astimezone(zoneinfo.ZoneInfo(self.time_zone))
        for local in CronSim(self.recurrence, before):
            at = local.astimezone(UTC)
            if at >= end:
                return
            if at >= start:
                yield at
