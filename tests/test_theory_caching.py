"""Hit ratios: closed forms by hand, Che's approximation against caches simulated item by item."""

import math

import numpy as np
import pytest

from models import theory
from models.errors import InvalidInputError
from models.simulation.caching import simulate_lru


def exact_lru_of_three(popularity, capacity):
    """Hit ratio of LRU over three items, from all orders of last use (King 1971).

    The order of last use begins with item i with p_i, then j with p_j / (1 - p_i); a request hits
    where its item stands among the first `capacity`.
    """
    total = 0.0
    for first in range(3):
        for second in set(range(3)) - {first}:
            weight = popularity[first] * popularity[second] / (1 - popularity[first])
            order = [first, second, 3 - first - second]
            total += weight * sum(popularity[item] for item in order[:capacity])
    return total


@pytest.mark.parametrize("exponent", [0.0, 0.7, 1.0, 1.3])
def test_zipf_falls_by_the_power_of_the_rank_and_sums_to_one(exponent):
    found = theory.zipf_popularity(1000, exponent)
    assert found.sum() == pytest.approx(1)
    assert found[0] / found[9] == pytest.approx(10**exponent)


def test_zipf_by_hand():
    assert theory.zipf_popularity(4) == pytest.approx(np.array([12, 6, 4, 3]) / 25)


def test_the_ideal_cache_holds_the_most_popular_whatever_their_order():
    popularity = np.array([0.1, 0.5, 0.15, 0.25])
    assert [theory.ideal_hit_ratio(popularity, held) for held in range(6)] == pytest.approx(
        [0, 0.5, 0.75, 0.9, 1, 1]
    )


@pytest.mark.parametrize("exponent", [0.0, 0.8, 1.2])
@pytest.mark.parametrize("capacity", [1, 5, 50, 400])
def test_ches_approximation_agrees_with_a_cache_that_really_evicts(capacity, exponent):
    popularity = theory.zipf_popularity(500, exponent)
    hits = simulate_lru(popularity, capacity, 150_000)[20_000:].mean()
    assert theory.lru_hit_ratio(popularity, capacity) == pytest.approx(hits, abs=0.006)


@pytest.mark.parametrize("capacity", [1, 2])
def test_the_simulation_agrees_with_an_exact_formula(capacity):
    popularity = np.array([0.6, 0.3, 0.1])
    hits = simulate_lru(popularity, capacity, 200_000)[100:].mean()
    assert hits == pytest.approx(exact_lru_of_three(popularity, capacity), abs=0.004)


def test_with_equal_items_lru_does_as_well_as_any_other():
    popularity = theory.zipf_popularity(200, 0)
    assert theory.lru_hit_ratio(popularity, 50) == pytest.approx(0.25, abs=1e-9)
    assert theory.ideal_hit_ratio(popularity, 50) == pytest.approx(0.25)


def test_lru_never_beats_the_ideal_and_grows_with_the_cache():
    popularity = theory.zipf_popularity(300, 0.9)
    lru = [theory.lru_hit_ratio(popularity, held) for held in range(0, 301, 20)]
    ideal = [theory.ideal_hit_ratio(popularity, held) for held in range(0, 301, 20)]
    assert np.all(np.diff(lru) > 0)
    assert np.all(np.array(lru) <= np.array(ideal) + 1e-12)
    assert (lru[0], lru[-1]) == (0, 1)


def test_what_nobody_asks_for_takes_no_place():
    padded = np.concatenate((theory.zipf_popularity(10), np.zeros(90)))
    assert theory.lru_hit_ratio(padded, 10) == 1
    assert theory.lru_hit_ratio(padded, 4) == theory.lru_hit_ratio(theory.zipf_popularity(10), 4)


def test_in_the_characteristic_time_as_many_different_items_are_asked_for_as_fit():
    popularity = theory.zipf_popularity(1000, 0.8)
    requests = theory.characteristic_requests(popularity, 100)
    draws = np.random.default_rng(3).choice(1000, (400, round(requests)), p=popularity)
    assert np.mean([len(set(row)) for row in draws.tolist()]) == pytest.approx(100, abs=1)
    assert theory.characteristic_requests(popularity, 1000) == math.inf


def test_an_empty_cache_fills_as_theory_says():
    popularity = theory.zipf_popularity(2000, 0.9)
    runs = [simulate_lru(popularity, 200, 6000, seed=seed) for seed in range(60)]
    measured = np.mean(runs, axis=0)
    for start in (0, 100, 250, 1000, 5000):
        numbers = np.arange(start, start + 100)
        expected = theory.filling_hit_ratio(popularity, 200, numbers).mean()
        assert measured[start : start + 100].mean() == pytest.approx(expected, abs=0.015)


def test_a_lost_cache_is_as_cold_as_a_new_one():
    popularity = theory.zipf_popularity(100)
    hits = simulate_lru(popularity, 100, 20_000, lost_at=[10_000])
    assert hits[9_000:10_000].all()
    assert not hits[10_000]
    misses_to_fill = (~hits[10_000:]).sum()
    assert misses_to_fill == (~hits[:10_000]).sum() == 100  # each item is fetched once


def test_a_time_to_live_gives_one_miss_and_then_rate_times_ttl_hits():
    rng = np.random.default_rng(5)
    arrivals = np.cumsum(rng.exponential(1 / 3, 100_000))
    expires, hits = -1.0, 0
    for at in arrivals:
        if at < expires:
            hits += 1
        else:
            expires = at + 2.0
    assert theory.ttl_hit_ratio(3, 2) == pytest.approx(6 / 7)
    assert hits / 100_000 == pytest.approx(6 / 7, abs=0.005)
    assert theory.ttl_hit_ratio(np.array([0.0, 1.0]), 1).tolist() == [0, 0.5]


def test_without_its_cache_a_database_gets_everything():
    assert theory.stampede_factor(np.array([0, 0.5, 0.9])) == pytest.approx([1, 2, 10])
    assert theory.stampede_factor(1) == math.inf


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: theory.zipf_popularity(0), "items 0 must be a whole number of at least 1"),
        (lambda: theory.zipf_popularity(10_000_001), "at most 10,000,000"),
        (lambda: theory.zipf_popularity(10, -1), "exponent"),
        (lambda: theory.lru_hit_ratio([0.5, 0.6], 1), "sum to 1"),
        (lambda: theory.lru_hit_ratio([1.5, -0.5], 1), "sum to 1"),
        (lambda: theory.lru_hit_ratio([], 1), "sum to 1"),
        (lambda: theory.ideal_hit_ratio([math.nan], 1), "sum to 1"),
        (lambda: theory.lru_hit_ratio([1.0], -1), "capacity -1"),
        (lambda: theory.stampede_factor(1.1), "hit_ratio"),
        (lambda: theory.ttl_hit_ratio(-1, 1), "requests_per_second"),
        (lambda: theory.filling_hit_ratio([1.0], 1, -1), "requests -1"),
        (lambda: simulate_lru(np.array([1.0]), 0, 5), "capacity 0"),
        (lambda: simulate_lru(np.array([1.0]), 1, 0), "requests 0"),
    ],
)
def test_what_makes_no_sense_is_refused(call, said):
    with pytest.raises(InvalidInputError, match=said):
        call()
