"""Where rounding and ties could put a request outside its chunk, or break one."""

import numpy as np
import pytest

from models.workload import AtTimes, Constant, Counts, Trace


class LastGapIsNothing:
    """A generator whose exponentials end with 0, so that the last arrival falls on the very end."""

    def standard_exponential(self, size):
        return np.append(np.ones(size - 1), 0.0)

    def poisson(self, mean):
        return 3

    def integers(self, low, high, size, dtype):
        return np.zeros(size, dtype)


class Staircase(Trace):
    """A rate that changes inside, and expectations that fall by rounding."""

    def cumulative(self, seconds):
        fallen = 1e-12 * np.ceil(np.asarray(seconds) / 86_420)
        return np.where(seconds > 40, 20 - fallen, np.minimum(seconds / 2, 20.0))

    def changes(self, start, end):
        return np.array([at for at in (40.0, 50.0) if start < at < end])


TRACES = [
    Constant(rate_per_second=1, duration_seconds=60),
    Staircase(duration_seconds=60),
    Counts(interval_seconds=60, requests=[3], duration_seconds=60),
]


@pytest.mark.parametrize("trace", TRACES, ids=["constant", "changing", "counts"])
def test_an_arrival_that_rounds_to_the_end_stays_inside(trace, monkeypatch):
    monkeypatch.setattr(type(trace), "_generator", lambda *_: LastGapIsNothing())
    (chunk,) = trace.chunks()
    assert len(chunk.arrivals) == 3
    assert np.all(np.diff(chunk.arrivals) >= 0)
    assert 39 < chunk.arrivals[-1] < 60


def test_expectations_that_fall_by_rounding_are_drawn_all_the_same():
    (chunk,) = Staircase(duration_seconds=60).chunks()
    assert chunk.arrivals.max() <= 40
    # All of the second day's expectation is what rounding left below zero.
    one, two = Staircase(duration_seconds=86_460).chunks()
    assert len(one.arrivals) > 0
    assert len(two.arrivals) == 0


@pytest.mark.parametrize("at", [0.0, 5.0, 86_400.0, 90_000.0])
def test_requests_at_one_instant_are_never_parted(at):
    times = np.sort(np.concatenate((np.full(50_000, at), np.linspace(1, 86_399, 30_000))))
    chunks = list(AtTimes(times=times, duration_seconds=172_800).chunks())
    assert np.array_equal(np.concatenate([chunk.arrivals for chunk in chunks]), times)
    assert all(chunk.start_seconds < chunk.end_seconds for chunk in chunks)
    assert sum(at in chunk.arrivals for chunk in chunks) == 1
    for chunk in chunks:
        inside = (chunk.arrivals >= chunk.start_seconds) & (chunk.arrivals < chunk.end_seconds)
        assert inside.all()


def test_the_last_sliver_of_a_day_is_a_chunk_of_its_own():
    duration = np.nextafter(86_400.0, 1e6)
    chunks = list(Constant(rate_per_second=1, duration_seconds=duration).chunks())
    assert chunks[-1].end_seconds == duration
    assert chunks[-1].start_seconds == 86_400


def test_a_pattern_that_says_nothing_about_its_requests_is_a_mistake():
    with pytest.raises(TypeError, match="Trace does not say how many requests"):
        Trace(duration_seconds=1)
