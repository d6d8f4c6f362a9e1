"""Units that carry meaning on an AWS bill: the month, the GB, and how money is written."""

from __future__ import annotations

import calendar
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from models.errors import InvalidInputError

#: AWS bills 1 TB as 1,024 GB and 1 GB as 1,024 MB (https://aws.amazon.com/s3/faqs/, "How will
#: I be charged"). Documented.
GB_PER_TB = 1024
MB_PER_GB = 1024
KB_PER_GB = 1024**2
BYTES_PER_GB = 1024**3

HOURS_PER_DAY = 24
MINUTES_PER_HOUR = 60
SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600

#: AWS's calculator and pricing pages count 730 hours to a month that is no month in particular
#: (365 x 24 / 12). Documented: https://aws.amazon.com/calculator/ ("730 hours in a month").
TYPICAL_MONTH_HOURS = 730


_CALENDAR_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class BillingPeriod:
    """The month that a bill is for: a calendar month, or the typical one of 730 hours.

    Parameters
    ----------
    name : str
        ``"typical"`` or a calendar month as ``"2026-11"``.
    hours : float
        Hours in the period. [h]

    Examples
    --------
    >>> BillingPeriod.of("2026-11").hours, BillingPeriod.of("typical").hours
    (720, 730)
    """

    name: str
    hours: int

    @classmethod
    def of(cls, name: str) -> BillingPeriod:
        """Build the period from its name.

        Raises
        ------
        InvalidInputError
            Where `name` is neither ``typical`` nor a month as ``YYYY-MM``.
        """
        if name == "typical":
            return TYPICAL
        found = _CALENDAR_MONTH.fullmatch(name) if isinstance(name, str) else None
        if not found:
            raise InvalidInputError(
                f"billing_period {name!r} must be 'typical' (730 hours) or a month as 'YYYY-MM'"
            )
        days = calendar.monthrange(int(found[1]), int(found[2]))[1]
        return cls(name, days * HOURS_PER_DAY)

    @property
    def days(self) -> float:
        """Days in the period. [d]"""
        return self.hours / HOURS_PER_DAY

    @property
    def is_calendar_month(self) -> bool:
        """Whether the period has dates, as an invoice and FOCUS need."""
        return _CALENDAR_MONTH.fullmatch(self.name) is not None

    @property
    def start(self) -> datetime:
        """First instant of the calendar month, UTC.

        Raises
        ------
        InvalidInputError
            For the typical month, which has no dates.
        """
        if not self.is_calendar_month:
            raise InvalidInputError(
                f"billing_period {self.name!r} has no dates;"
                " name a calendar month such as '2026-11'"
            )
        year, month = self.name.split("-")
        return datetime(int(year), int(month), 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """First instant after the calendar month, UTC."""
        start = self.start
        year, month = divmod(start.year * 12 + start.month, 12)
        return datetime(year, month + 1, 1, tzinfo=UTC)

    def __str__(self) -> str:
        """The name and the hours, as a report shows them."""
        name = "typical month" if self.name == "typical" else self.name
        return f"{name} ({self.hours} hours)"


TYPICAL = BillingPeriod("typical", TYPICAL_MONTH_HOURS)


#: Below this an amount is what rounding left over: a hundredth of AWS's smallest unit price.
_NOISE_USD = 1e-10


def usd(amount: float, *, places: int = 2) -> str:
    """Dollars as a person reads them, rounded for display only.

    >>> usd(1234.5), usd(-3), usd(0.00042), usd(0)
    ('$1,234.50', '-$3.00', '$0.00042', '$0.00')

    What floats leave over where a credit pays a bill whole is shown as nothing:

    >>> usd(-6.9e-16)
    '$0.00'
    """
    magnitude = abs(amount) if abs(amount) >= _NOISE_USD else 0.0
    if 0 < magnitude < 10**-places:
        places = -math.floor(math.log10(magnitude)) + 1
    sign = "-" if amount < 0 < magnitude else ""
    return f"{sign}${magnitude:,.{places}f}"


def quantity_text(quantity: float) -> str:
    """A quantity with as many digits as a reader needs.

    >>> quantity_text(1460), quantity_text(0.0318), quantity_text(1234567.891)
    ('1,460', '0.0318', '1,234,567.89')
    >>> quantity_text(0.00001)
    '0.00001'
    """
    if quantity == round(quantity):
        return f"{quantity:,.0f}"
    if abs(quantity) >= 1:
        return f"{quantity:,.2f}"
    # Six significant digits, and never in scientific form.
    places = 5 - math.floor(math.log10(abs(quantity)))
    return f"{quantity:.{places}f}".rstrip("0").rstrip(".")


def unit_price_text(price_usd: float) -> str:
    """A unit price in full, never in scientific form.

    >>> unit_price_text(0.0000002), unit_price_text(0.09)
    ('$0.0000002', '$0.09')
    """
    return f"${price_usd:.12f}".rstrip("0").rstrip(".")
