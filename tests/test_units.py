"""Months have their own hours, and money is rounded only to be read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInputError
from models.units import TYPICAL, BillingPeriod, quantity_text, unit_price_text, usd

months = st.builds("{:04d}-{:02d}".format, st.integers(2000, 2099), st.integers(1, 12))


@pytest.mark.parametrize(
    ("name", "hours"),
    [("2026-11", 720), ("2026-12", 744), ("2026-02", 672), ("2028-02", 696), ("typical", 730)],
)
def test_a_month_has_its_own_hours(name, hours):
    assert BillingPeriod.of(name).hours == hours


def test_the_typical_month_is_a_twelfth_of_a_year():
    assert TYPICAL.hours * 12 == 365 * 24


def test_a_calendar_month_starts_and_ends_at_midnight_utc():
    december = BillingPeriod.of("2026-12")
    assert december.start == datetime(2026, 12, 1, tzinfo=UTC)
    assert december.end == datetime(2027, 1, 1, tzinfo=UTC)


@given(months)
def test_a_month_lasts_from_its_start_to_its_end(name):
    period = BillingPeriod.of(name)
    assert (period.end - period.start).total_seconds() / 3600 == period.hours
    assert period.days * 24 == period.hours


@pytest.mark.parametrize("end", ["start", "end"])
def test_the_typical_month_has_no_dates(end):
    with pytest.raises(InvalidInputError, match="has no dates; name a calendar month such as"):
        getattr(TYPICAL, end)


@pytest.mark.parametrize(
    "name",
    [
        "", "2026-13", "2026-00", "2026-1", "1999-12", "November", "2026-11-01", "Typical", 202611,
        None, "2026-11\n", "20٢٦-11",
    ],
)  # fmt: skip
def test_any_other_name_of_a_month_is_refused(name):
    with pytest.raises(InvalidInputError, match=r"must be 'typical' \(730 hours\) or a month as"):
        BillingPeriod.of(name)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.005, "$0.0050"), (0.01, "$0.01"), (-0.00042, "-$0.00042"), (1e6, "$1,000,000.00"),
        (1e-17, "$0.00"), (-1e-17, "$0.00"), (2e-7, "$0.00000020"), (-0.0, "$0.00"),
    ],
)  # fmt: skip
def test_an_amount_has_as_many_places_as_it_needs(amount, text):
    assert usd(amount) == text


def test_an_amount_can_be_given_in_whole_dollars():
    assert usd(1234.56, places=0) == "$1,235"


@pytest.mark.parametrize(
    ("quantity", "text"),
    [(0, "0"), (0.1 + 0.2, "0.3"), (0.9999999, "1"), (1e-7, "0.0000001"), (1e9, "1,000,000,000")],
)  # fmt: skip
def test_a_quantity_is_never_in_scientific_form(quantity, text):
    assert quantity_text(quantity) == text


@given(st.floats(1e-12, 1e12))
def test_texts_of_numbers_have_no_exponent(number):
    for text in (usd(number), quantity_text(number), unit_price_text(number)):
        assert "e" not in text.lower()


@given(st.floats(1e-9, 1.0, exclude_max=True))
def test_a_small_quantity_keeps_six_digits(quantity):
    assert float(quantity_text(quantity)) == pytest.approx(quantity, rel=1e-5)
