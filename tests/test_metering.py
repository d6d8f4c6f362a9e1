"""Usage adds and scales, whatever shape it comes in and whatever order it comes in."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInputError
from models.metering import Meter, Usage, UsageKey
from models.units import TYPICAL, BillingPeriod
from toy import AWAY, EGRESS, HOME, HOURS, MONTH, NAT, STORED, quantities, usages, use

KEY = UsageKey("web", HOME, NAT)
#: A total is a sum of at most a few hundred floats: this is rounding, nothing else.
ROUNDING = 1e-12


def hourly(values):
    return Usage(TYPICAL, {KEY: values})


def a_day_of_work():
    return np.where(np.arange(TYPICAL.hours) % 24 < 8, 1.0, 0.0)


def test_the_total_of_whole_period_usage_is_the_quantity_itself():
    assert use(NAT, 12.5).total(KEY) == 12.5


def test_whole_period_usage_falls_evenly_on_the_hours():
    by_hour = use(NAT, 7.3).hourly(KEY)
    assert by_hour.shape == (730,)
    assert by_hour == pytest.approx(np.full(730, 0.01), rel=ROUNDING)


def test_hourly_usage_keeps_its_hours():
    assert (hourly(a_day_of_work()).hourly(KEY) == a_day_of_work()).all()


def test_hourly_usage_totals_to_the_sum_of_its_hours():
    assert hourly(a_day_of_work()).total(KEY) == a_day_of_work().sum()


def test_whole_period_and_hourly_usage_add_up_by_the_hour():
    both = use(NAT, 730.0) + hourly(a_day_of_work())
    assert both.hourly(KEY) == pytest.approx(a_day_of_work() + 1.0, rel=ROUNDING)


def test_a_swept_quantity_adds_to_a_single_one():
    swept = Usage.of_resource("web", HOME, [(NAT, np.array([1.0, 2.0, 3.0]))])
    assert (swept + use(NAT, 10.0)).total(KEY).tolist() == [11.0, 12.0, 13.0]


def test_a_swept_quantity_adds_to_an_hourly_one():
    swept = Usage.of_resource("web", HOME, [(NAT, np.array([0.0, 730.0]))])
    both = swept + hourly(a_day_of_work())
    assert both[KEY].shape == (2, 730)
    assert both.total(KEY) == pytest.approx(
        np.array([0.0, 730.0]) + a_day_of_work().sum(), rel=ROUNDING
    )


def test_sweeps_of_two_axes_combine():
    rows = Usage.of_resource("web", HOME, [(NAT, np.array([[1.0], [2.0]]))])
    columns = Usage.of_resource("web", HOME, [(NAT, np.array([10.0, 20.0, 30.0]))])
    assert (rows + columns).total(KEY).tolist() == [[11, 21, 31], [12, 22, 32]]


def test_sweeps_that_do_not_fit_together_are_refused():
    three = Usage.of_resource("web", HOME, [(NAT, np.ones(3))])
    two = Usage.of_resource("web", HOME, [(NAT, np.ones(2))])
    with pytest.raises(InvalidInputError, match=r"shapes \(3,\), \(2,\), which do not fit"):
        three + two


def test_a_meter_yielded_twice_adds_up():
    usage = Usage.of_resource("web", HOME, [(NAT, 1.0), (EGRESS, 5.0), (NAT, 2.0)])
    assert usage.total(KEY) == 3.0


def test_a_meter_that_counts_nothing_is_left_out():
    usage = Usage.of_resource("web", HOME, [(NAT, 0.0), (EGRESS, np.array([0.0, 1.0]))])
    assert [key.meter for key in usage] == [EGRESS]


def test_meters_are_the_same_whatever_they_are_called():
    other = Meter("AmazonEC2", "NatGateway-Bytes", "GB", name="another name", rule="another rule")
    both = use(NAT, 1.0) + use(other, 2.0)
    assert len(both) == 1
    assert both.total(KEY) == 3.0


def test_usage_of_one_resource_or_service_can_be_taken_out():
    usage = use(NAT, 1.0) + use(NAT, 2.0, resource="db") + use(STORED, 3.0)
    assert {key.resource for key in usage.of(resource="db")} == {"db"}
    assert {key.meter for key in usage.of(service_code="AmazonS3")} == {STORED}
    assert len(usage.of(resource="db", service_code="AmazonS3")) == 0


def test_usage_of_two_billing_periods_is_not_added():
    with pytest.raises(InvalidInputError, match=r"2026-11 \(720 hours\).*typical month"):
        use(NAT, 1.0) + use(NAT, 1.0, period=MONTH)


def test_two_calendar_months_of_equal_length_are_not_added():
    december = BillingPeriod.of("2026-12")
    october = BillingPeriod.of("2026-10")
    with pytest.raises(InvalidInputError, match=r"2026-12.*2026-10"):
        use(NAT, 1.0, period=october) + use(NAT, 1.0, period=december)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, -np.inf])
def test_a_quantity_that_is_negative_or_not_finite_is_refused(bad):
    with pytest.raises(InvalidInputError, match=r"web: quantity of AmazonEC2 NatGateway-Bytes"):
        use(NAT, bad)


def test_one_bad_hour_is_enough_to_refuse_usage():
    hours = a_day_of_work()
    hours[100] = -0.001
    with pytest.raises(InvalidInputError, match="must be finite and not negative"):
        hourly(hours)


def test_a_negative_part_is_refused_even_where_the_sum_is_positive():
    with pytest.raises(InvalidInputError, match="not negative"):
        Usage.of_resource("web", HOME, [(NAT, 5.0), (NAT, -2.0)])


@pytest.mark.parametrize("hours", [2, 24, 729, 744])
def test_usage_of_another_number_of_hours_is_refused(hours):
    with pytest.raises(InvalidInputError, match=f"has {hours} hours"):
        hourly(np.ones(hours))


def test_usage_cannot_be_changed():
    usage = use(NAT, 1.0)
    with pytest.raises(ValueError, match="read-only"):
        usage[KEY][0] = 2.0


def test_usage_does_not_follow_the_array_it_was_made_from():
    hours = np.ones(TYPICAL.hours)
    usage = hourly(hours)
    hours[:] = 99.0
    assert usage.total(KEY) == 730.0


def test_the_table_of_a_sweep_numbers_its_points():
    swept = Usage.of_resource("web", HOME, [(NAT, np.array([1.0, 2.0]))])
    frame = swept.to_frame()
    assert frame["point"].tolist() == [0, 1]
    assert frame["quantity"].tolist() == [1.0, 2.0]
    assert "point" not in use(NAT, 1.0).to_frame()


def test_the_table_shows_names_escaped():
    assert "<script>" not in use(NAT, 1.0, resource="<script>alert(1)</script>")._repr_html_()


@given(usages(), usages())
def test_usage_adds(first, second):
    both = first + second
    for key in {*first, *second}:
        parts = [part.total(key) for part in (first, second) if key in part]
        assert both.total(key) == pytest.approx(sum(parts), rel=ROUNDING)


@given(usages(), usages())
def test_it_does_not_matter_which_of_two_comes_first(first, second):
    assert dict(first + second) == dict(second + first)


@given(st.lists(usages(max_size=4), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_many_does_not_matter_to_the_last_bit(parts, random):
    shuffled = random.sample(parts, len(parts))
    one, other = Usage.sum(parts), Usage.sum(shuffled)
    assert list(one) == list(other)
    assert all((one[key] == other[key]).all() for key in one)


def test_every_order_of_four_parts_gives_the_same_to_the_last_bit():
    # Added as they come, the sum depends on the order in its last bit.
    orders = itertools.permutations([0.1, 0.2, 0.3, 1e6])
    totals = {Usage.sum(use(NAT, part) for part in order).total(KEY) for order in orders}
    assert len(totals) == 1


def test_every_order_of_metering_gives_the_same_to_the_last_bit():
    orders = itertools.permutations([0.1, 0.2, 0.3, 1e6])
    usages_made = [
        Usage.of_resource("web", HOME, [(NAT, part) for part in order]) for order in orders
    ]
    assert len({usage.total(KEY) for usage in usages_made}) == 1


@given(usages(), st.floats(0, 1e3))
def test_usage_scales(usage, factor):
    scaled = usage.scaled(factor)
    assert all(scaled.total(key) == usage.total(key) * factor for key in usage)


@given(usages())
def test_twice_the_usage_is_the_usage_added_to_itself(usage):
    assert dict(usage.scaled(2)) == dict(usage + usage)


@given(st.lists(quantities, min_size=1, max_size=5))
def test_a_sweep_holds_what_each_point_alone_would(points):
    swept = Usage.of_resource("web", AWAY, [(HOURS, np.array(points))])
    key = UsageKey("web", AWAY, HOURS)
    alone = [Usage.of_resource("web", AWAY, [(HOURS, point)]) for point in points]
    totals = [usage.total(key) if key in usage else 0.0 for usage in alone]
    assert np.ravel(swept.total(key) if key in swept else np.zeros(len(points))).tolist() == totals


@given(quantities)
def test_spreading_over_the_hours_loses_nothing(quantity):
    usage = use(NAT, quantity)
    assert usage.hourly(KEY).sum() == pytest.approx(usage.total(KEY), rel=ROUNDING)
