"""Traces draw what they promise: a Poisson process, in chunks, always the same."""

import tracemalloc
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.distributions import Exponential, Fixed, LogNormal
from models.workload import (
    AtTimes,
    Bursty,
    BusinessHours,
    Constant,
    Counts,
    Diurnal,
    Ramp,
    Spike,
    Step,
    Weekly,
)

#: Probability that a right trace would look wrong, had the seed not been fixed.
UNLIKELY = 0.001
DAY = 86_400.0
#: A Friday evening, not on a whole minute.
FRIDAY = datetime(2026, 6, 5, 17, 30, 12, tzinfo=UTC)


def poisson_traces(scale=1.0, seed=0, **fields):
    """One trace of each pattern that draws a Poisson process; a few days of `scale` a second."""
    fields = {"seed": seed, "work": Fixed(seconds=0.1), **fields}
    low, high = 0.1 * scale, scale
    return [
        Constant(rate_per_second=high, duration_seconds=1.7 * DAY, **fields),
        Ramp(from_per_second=low, to_per_second=high, duration_seconds=2 * DAY, **fields),
        Step(from_per_second=high, to_per_second=low, at_seconds=5e4, duration_seconds=1.1 * DAY,
             **fields),
        Spike(base_per_second=low, peak_per_second=20 * high, at_seconds=8e4, rise_seconds=90,
              hold_seconds=600, fall_seconds=9000, duration_seconds=1.5 * DAY, **fields),
        Diurnal(low_per_second=low, high_per_second=high, duration_seconds=2 * DAY, **fields),
        Weekly(low_per_second=0, high_per_second=high, weekend_factor=0.3,
               duration_seconds=3 * DAY, **{"start": FRIDAY, **fields}),
        BusinessHours(in_hours_per_second=high, outside_per_second=0, weekend_per_second=low,
                      duration_seconds=3 * DAY, **{"start": FRIDAY, **fields}),
        Bursty(calm_per_second=low, burst_per_second=high, mean_calm_seconds=900,
               mean_burst_seconds=300, duration_seconds=2 * DAY, **fields),
    ]  # fmt: skip


def known_traces(seed=0, **fields):
    """Traces whose requests are given, some at one instant and some days apart."""
    rng = np.random.default_rng(5)
    times = np.sort(np.round(rng.uniform(0, 2.5 * DAY, 60_000), -1))
    times = np.append(times, np.full(30_000, 2.6 * DAY))
    fields = {"seed": seed, **fields}
    return [
        AtTimes(times=times, duration_seconds=4 * DAY, **fields),
        Counts(interval_seconds=60, requests=rng.integers(0, 80, 2000), duration_seconds=120_000,
               **fields),
        Counts(interval_seconds=1.5 * DAY, requests=[70_000, 0, 5], duration_seconds=4.5 * DAY,
               **fields),
    ]  # fmt: skip


def every_trace(**fields):
    return [*poisson_traces(**fields), *known_traces(**fields)]


def arrivals(trace):
    return np.concatenate([chunk.arrivals for chunk in trace.chunks()])


by_pattern = pytest.mark.parametrize("place", range(8))
by_trace = pytest.mark.parametrize("place", range(11))


def well_formed(trace):
    """Whether chunks follow each other, cover the trace, and hold what lies in them, in order."""
    chunks = list(trace.chunks())
    assert chunks[0].start_seconds == 0
    assert chunks[-1].end_seconds == trace.duration_seconds
    assert all(one.end_seconds == two.start_seconds for one, two in pairwise(chunks))
    for chunk in chunks:
        assert 0 < chunk.end_seconds - chunk.start_seconds <= DAY
        assert np.all(np.diff(chunk.arrivals) >= 0)
        assert np.all(chunk.arrivals >= chunk.start_seconds)
        assert np.all(chunk.arrivals < chunk.end_seconds)
        assert len(chunk.work) == len(chunk.arrivals)
        assert len(chunk.clients) == (len(chunk.arrivals) if trace.clients else 0)
        assert (chunk.arrivals.dtype, chunk.work.dtype) == (np.float64, np.float64)
        assert chunk.clients.dtype == np.int32
        for column in chunk[2:]:
            assert column.flags.writeable
            assert column.flags.c_contiguous
    return chunks


@settings(max_examples=60, deadline=None)
@given(
    place=st.integers(0, 10),
    scale=st.floats(0.001, 3),
    seed=st.integers(0, 2**32 - 1),
    clients=st.integers(0, 3),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_chunks_follow_each_other_and_hold_what_lies_in_them(place, scale, seed, clients, start):
    fields = {"seed": seed, "clients": clients, "start": start}
    traces = [*poisson_traces(scale, **fields), *known_traces(**fields)]
    well_formed(traces[place])


@by_trace
def test_asking_twice_gives_exactly_the_same_requests(place):
    work = LogNormal.of_mean(0.1, cv=1)
    first, second = (every_trace(clients=50, work=work)[place] for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    for one, again, other in zip(first.chunks(), first.chunks(), second.chunks(), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_what_a_caller_does_to_a_chunk_does_not_change_the_trace():
    for trace in (
        *known_traces(work=Exponential(mean_seconds=1)),
        AtTimes(times=[1, 2], work_seconds=[3, 4], duration_seconds=9),
    ):
        chunk = next(trace.chunks())
        kept = [column.copy() for column in chunk[2:4]]
        for column in chunk[2:]:
            column[:] = -1
        again = next(trace.chunks())
        assert all(np.array_equal(one, two) for one, two in zip(again[2:4], kept, strict=True))


@by_pattern
def test_another_seed_gives_other_requests(place):
    one, other = (arrivals(poisson_traces(seed=seed)[place]) for seed in (0, 1))
    assert len(np.intersect1d(one, other)) == 0


def test_a_chunk_is_drawn_from_its_own_generator_as_documented():
    trace = Constant(
        rate_per_second=1, duration_seconds=2 * DAY, seed=7, clients=9, work=LogNormal.of_mean(1, 1)
    )
    chunk = list(trace.chunks())[6]
    rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence([7, 6])))
    count = rng.poisson(DAY / 5)
    sums = np.cumsum(rng.standard_exponential(count + 1))
    length = chunk.end_seconds - chunk.start_seconds
    assert length == pytest.approx(DAY / 5)
    assert chunk.arrivals == pytest.approx(chunk.start_seconds + length * sums[:-1] / sums[-1])
    assert np.array_equal(chunk.work, trace.work.draw(rng, count))
    assert np.array_equal(chunk.clients, rng.integers(0, 9, count))


@pytest.mark.parametrize("trace", [t for t in poisson_traces(30) if t.expected_requests > 2e6])
def test_chunks_of_busy_days_aim_at_ten_to_twenty_thousand_requests(trace):
    sizes = [len(chunk.arrivals) for chunk in trace.chunks()]
    inner = np.array([size for size in sizes if size > 1000])
    assert len(inner) > 100
    assert inner.min() > 9_000
    assert inner.max() < 21_000
    assert len(inner) >= len(sizes) - 3


@by_pattern
def test_the_number_of_requests_is_near_the_expected_number(place):
    trace = poisson_traces(seed=3)[place]
    low, high = stats.poisson.interval(1 - UNLIKELY, trace.expected_requests)
    assert low <= len(arrivals(trace)) <= high


@by_pattern
@pytest.mark.parametrize("scale", [0.05, 3])
def test_gaps_are_exponential_once_time_runs_as_fast_as_requests_are_expected(place, scale):
    # The time-rescaling theorem: any Poisson process becomes the one of rate 1.
    trace = poisson_traces(scale, seed=11)[place]
    expected = trace.cumulative(arrivals(trace))
    gaps = np.diff(expected, prepend=0)
    assert stats.kstest(gaps, "expon").pvalue > UNLIKELY
    neighbors = stats.spearmanr(gaps[1:], gaps[:-1])
    assert neighbors.pvalue > UNLIKELY


@by_pattern
def test_counts_of_equal_expectation_scatter_as_poisson_counts_do(place):
    trace = poisson_traces(3, seed=13)[place]
    expected = trace.cumulative(arrivals(trace))
    edges = np.arange(0, trace.expected_requests, 50)
    counts = np.histogram(expected, edges)[0]
    low, high = stats.chi2.interval(1 - UNLIKELY, len(counts))
    assert low <= np.sum((counts - 50) ** 2) / 50 <= high


@by_trace
def test_mean_rates_add_up_to_the_expected_requests(place):
    trace = every_trace()[place]
    edges = np.unique(np.append(np.linspace(0, trace.duration_seconds, 1234), [1e-3, 12_345.6]))
    rates = trace.rates(edges)
    assert np.all(rates >= 0)
    assert rates @ np.diff(edges) == pytest.approx(trace.expected_requests, rel=1e-9)


@by_trace
def test_nobody_asks_after_the_end(place):
    trace = every_trace()[place]
    end = trace.duration_seconds
    assert trace.rates([end, end + 1, end + 2]).tolist() == [0, 0]
    half, whole = trace.rates([end - 10, end + 10]), trace.rates([end - 10, end])
    assert half == pytest.approx(whole / 2)


def test_no_time_between_two_edges_has_no_rate():
    assert Constant(rate_per_second=3, duration_seconds=9).rates([2, 2, 4]).tolist() == [0, 3]


@pytest.mark.parametrize(
    "trace",
    [
        Constant(rate_per_second=1, duration_seconds=365 * DAY),
        Diurnal(low_per_second=500, high_per_second=1500, duration_seconds=DAY),
        Weekly(low_per_second=0.5, high_per_second=1.5, duration_seconds=365 * DAY),
        Ramp(from_per_second=1, to_per_second=2, duration_seconds=365 * DAY),
        Constant(rate_per_second=100, duration_seconds=1e9),
    ],
    ids=repr,
)
def test_a_long_trace_costs_nothing_up_front(trace):
    fresh = trace.replace(seed=1)
    tracemalloc.start()
    next(fresh.chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A chunk itself takes about a megabyte; the grid of a year would take four and more.
    assert peak < 2e6


def test_work_follows_its_distribution_whenever_it_is_asked_for():
    work = LogNormal.of_mean(0.1, cv=0.5)
    chunks = list(Constant(rate_per_second=1, duration_seconds=DAY, work=work).chunks())
    drawn = np.concatenate([chunk.work for chunk in chunks])
    theory = stats.lognorm(s=work.sigma, scale=work.median_seconds)
    assert stats.kstest(drawn, theory.cdf).pvalue > UNLIKELY
    gaps = np.diff(np.concatenate([chunk.arrivals for chunk in chunks]))
    assert stats.spearmanr(gaps, drawn[1:]).pvalue > UNLIKELY


def test_each_client_is_equally_likely_to_ask():
    trace = Constant(rate_per_second=1, duration_seconds=DAY, clients=20)
    who = np.concatenate([chunk.clients for chunk in trace.chunks()])
    assert stats.chisquare(np.bincount(who, minlength=20)).pvalue > UNLIKELY
    assert len(np.bincount(who)) == 20


@pytest.mark.parametrize("trace", known_traces()[1:], ids=["minutes", "days"])
def test_counts_are_replayed_exactly_and_spread_evenly(trace):
    found = arrivals(trace)
    edges = np.arange(len(trace.requests) + 1) * trace.interval_seconds
    assert np.histogram(found, edges)[0].tolist() == trace.requests.tolist()
    within = found % trace.interval_seconds / trace.interval_seconds
    assert stats.kstest(within, "uniform").pvalue > UNLIKELY


@settings(max_examples=60, deadline=None)
@given(
    requests=st.lists(st.integers(0, 30_000), min_size=1, max_size=40).filter(any),
    interval=st.sampled_from([0.5, 60, 3600, 100_000]),
)
def test_any_counts_are_replayed_exactly(requests, interval):
    trace = Counts(
        interval_seconds=interval, requests=requests, duration_seconds=interval * len(requests)
    )
    chunks = well_formed(trace)
    edges = np.arange(len(requests) + 1) * interval
    counts = np.histogram(np.concatenate([chunk.arrivals for chunk in chunks]), edges)[0]
    assert counts.tolist() == requests
    assert max(len(chunk.arrivals) for chunk in chunks) <= 20_700


def test_given_times_come_back_exactly_with_their_work():
    times = np.sort(np.random.default_rng(1).uniform(0, 1e5, 70_000))
    trace = AtTimes(times=times, work_seconds=times / 2, duration_seconds=1e5)
    assert np.array_equal(arrivals(trace), times)
    work = np.concatenate([chunk.work for chunk in trace.chunks()])
    assert np.array_equal(work, times / 2)
    assert trace.expected_requests == 70_000
