"""Each pattern expects what its words say."""

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import stats

from models.errors import InvalidInputError
from models.workload import (
    AtTimes,
    Bursty,
    BusinessHours,
    Constant,
    Diurnal,
    Ramp,
    Spike,
    Step,
    Weekly,
)

HOUR = 3600.0
DAY = 24 * HOUR
WEEK = 7 * DAY


def test_a_wave_is_highest_at_its_peak_hour_and_lowest_half_a_day_away():
    day = Diurnal(low_per_second=20, high_per_second=200, peak_hour=15, duration_seconds=2 * DAY)
    minutes = day.rates(np.arange(0, 2 * DAY + 1, 60))
    assert np.argmax(minutes[:1440]) in (15 * 60 - 1, 15 * 60)
    assert np.argmin(minutes[:1440]) in (3 * 60 - 1, 3 * 60)
    assert minutes.max() == pytest.approx(200, abs=0.01)
    assert minutes.min() == pytest.approx(20, abs=0.01)
    assert minutes[1440:] == pytest.approx(minutes[:1440])
    assert day.expected_requests == pytest.approx(110 * 2 * DAY)
    # Half way between peak and trough, the rate is half way too.
    assert day.rates([9 * HOUR - 1, 9 * HOUR + 1]) == pytest.approx([110])


def test_a_weekend_is_a_factor_on_the_whole_day():
    week = Weekly(
        low_per_second=1, high_per_second=3, weekend_factor=0.25, duration_seconds=2 * WEEK
    )
    days = week.rates(np.arange(15) * DAY)
    assert days == pytest.approx([2, 2, 2, 2, 2, 0.5, 0.5] * 2)


def test_business_hours_are_paid_by_the_clock():
    trace = BusinessHours(
        in_hours_per_second=10, outside_per_second=1, weekend_per_second=0.5, opens_hour=8.5,
        closes_hour=18, duration_seconds=WEEK,
    )  # fmt: skip
    half_hours = trace.rates(np.arange(0, WEEK + 1, HOUR / 2)).reshape(7, 48)
    working = [1] * 17 + [10] * 19 + [1] * 12
    assert half_hours == pytest.approx(np.array([working] * 5 + [[0.5] * 48] * 2))


def test_weekends_are_like_other_days_unless_given():
    trace = BusinessHours(in_hours_per_second=10, outside_per_second=0, duration_seconds=WEEK)
    assert trace.expected_requests == pytest.approx(7 * 8 * HOUR * 10)


def test_open_day_and_night_is_a_constant():
    always = BusinessHours(
        in_hours_per_second=4, outside_per_second=0, opens_hour=0, closes_hour=24,
        duration_seconds=2 * DAY,
    )  # fmt: skip
    assert always.rates(np.arange(0, 2 * DAY + 1, HOUR)) == pytest.approx(4)


@pytest.mark.parametrize("seconds", [0, 12, 7 * HOUR + 59, 5 * DAY + 20 * HOUR])
@pytest.mark.parametrize(
    "make",
    [
        lambda **fields: Diurnal(low_per_second=1, high_per_second=9, **fields),
        lambda **fields: Weekly(low_per_second=1, high_per_second=9, **fields),
        lambda **fields: BusinessHours(
            in_hours_per_second=9, outside_per_second=1, weekend_per_second=0.1, **fields
        ),
    ],
    ids=["diurnal", "weekly", "business hours"],
)
def test_a_trace_that_starts_later_has_the_rates_of_the_clock(make, seconds):
    start = datetime.fromtimestamp(datetime(2026, 6, 1, tzinfo=UTC).timestamp() + seconds, UTC)
    early, late = make(duration_seconds=2 * WEEK), make(duration_seconds=WEEK, start=start)
    edges = np.arange(0, WEEK + 1, 600)
    assert late.rates(edges) == pytest.approx(early.rates(edges + seconds), rel=1e-6, abs=1e-9)


def test_a_start_in_another_time_zone_is_an_instant_in_utc():
    trace = Constant(rate_per_second=1, duration_seconds=1, start="2026-06-01T02:00:00+02:00")
    assert trace.start == datetime(2026, 6, 1, tzinfo=UTC)
    assert trace.start.tzinfo == UTC


def test_a_ramp_rises_evenly():
    trace = Ramp(from_per_second=10, to_per_second=30, duration_seconds=1000)
    assert trace.rates([0, 250, 500, 750, 1000]) == pytest.approx([12.5, 17.5, 22.5, 27.5])


def test_a_long_slope_is_drawn_in_steps_of_a_minute():
    trace = Ramp(from_per_second=10, to_per_second=30, duration_seconds=DAY)
    assert trace.changes(100, 400).tolist() == [120, 180, 240, 300, 360]
    assert len(trace.changes(0, DAY)) == 1439


def test_a_wave_changes_at_whole_minutes_of_the_clock_and_so_at_midnight():
    start = datetime(2026, 6, 5, 23, 58, 12, tzinfo=UTC)
    trace = Weekly(low_per_second=1, high_per_second=2, duration_seconds=300, start=start)
    assert trace.changes(0, 300).tolist() == [48, 108, 168, 228, 288]


def test_a_spike_rises_holds_and_falls():
    trace = Spike(
        base_per_second=10, peak_per_second=110, at_seconds=100, rise_seconds=20, hold_seconds=50,
        fall_seconds=40, duration_seconds=300,
    )  # fmt: skip
    edges = [0, 100, 110, 120, 170, 190, 210, 300]
    assert trace.rates(edges) == pytest.approx([10, 35, 85, 110, 85, 35, 10])


def test_a_spike_may_fill_the_trace_and_rise_at_once():
    trace = Spike(
        base_per_second=0, peak_per_second=5, at_seconds=0, hold_seconds=9, duration_seconds=9
    )
    assert trace.rates([0, 3, 9]).tolist() == [5, 5]


@pytest.mark.parametrize("at", [0, 30, 60])
def test_a_step_may_be_at_either_end(at):
    trace = Step(from_per_second=1, to_per_second=3, at_seconds=at, duration_seconds=60)
    assert trace.expected_requests == at + 3 * (60 - at)


def test_a_steep_slope_is_drawn_in_steps_of_a_sixtieth():
    trace = Spike(
        base_per_second=0, peak_per_second=1, at_seconds=30, rise_seconds=60, hold_seconds=9,
        duration_seconds=3600,
    )  # fmt: skip
    assert trace.changes(0, 3600).tolist() == [*range(30, 91), 99]


def test_calms_and_bursts_last_as_long_as_they_should():
    trace = Bursty(
        calm_per_second=1, burst_per_second=5, mean_calm_seconds=300, mean_burst_seconds=60,
        duration_seconds=1e6, seed=3,
    )  # fmt: skip
    lengths = np.diff(trace.changes(-1, 1e6))
    for found, mean in ((lengths[::2], 300), (lengths[1::2], 60)):
        assert len(found) > 2000
        assert stats.kstest(found, stats.expon(scale=mean).cdf).pvalue > 0.001
    edges = np.append(trace.changes(-1, 1e6), 1e6)
    assert trace.rates(edges) == pytest.approx(np.resize([1, 5], len(edges) - 1))


def test_bursts_come_when_they_come_whatever_is_asked_then():
    fields = {"mean_calm_seconds": 300, "mean_burst_seconds": 60, "duration_seconds": 1e5}
    one, more = (Bursty(calm_per_second=rate, burst_per_second=9, **fields) for rate in (1, 2))
    other = one.replace(seed=1)
    assert np.array_equal(one.changes(0, 1e5), more.changes(0, 1e5))
    assert not np.array_equal(one.changes(0, 1e4), other.changes(0, 1e4))


def test_more_customers_have_the_same_habits():
    spike = Spike(
        base_per_second=1, peak_per_second=4, at_seconds=9, hold_seconds=3, duration_seconds=20
    )
    hours = BusinessHours(in_hours_per_second=1, outside_per_second=0, duration_seconds=DAY)
    for trace in (spike, hours):
        edges = np.linspace(0, trace.duration_seconds, 50)
        assert trace.scaled(2.5).rates(edges) == pytest.approx(2.5 * trace.rates(edges))
    with pytest.raises(InvalidInputError, match="no rates to scale"):
        AtTimes(times=[1], duration_seconds=2).scaled(2)
