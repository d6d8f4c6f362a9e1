"""Cold starts, bursts and retries against worked figures, brute force and small simulations."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from models import theory
from models.errors import InvalidInputError

#: Rate [1/s], work [s], timeout [s]; exact chain, slow expiry, newest first.
TABLE = [
    (0.002, 0.2, 300, 0.62508, 0.62503, 0.54899),
    (0.01, 1, 300, 0.25362, 0.25275, 0.05891),
    (0.5, 1, 60, 0.06670, 0.06583, 0.01550),
    (2, 1, 60, 0.03051, 0.03002, 0.00483),
    (10, 0.5, 60, 0.01048, 0.01027, 0.00107),
    (5, 2, 60, 0.02224, 0.02192, 0.00244),
    (5, 10, 10, 0.09861, 0.10648, 0.01820),
]
CASES = [row[:3] for row in TABLE]


class TestOneEnvironment:
    @pytest.mark.parametrize(
        ("gap", "timeout", "fixed", "exponential"),
        [
            (300, 300, 0.3679, 0.5),
            (600, 300, 0.6065, 0.6667),
            (120, 360, 0.0498, 0.25),
            (60, 600, 4.54e-5, 0.0909),
        ],
    )
    def test_the_worked_shares_come_out(self, gap, timeout, fixed, exponential):
        found = theory.single_environment_cold_share(1 / gap, timeout)
        assert found == pytest.approx(fixed, rel=1e-3)
        found = theory.single_environment_cold_share_exponential(1 / gap, timeout)
        assert found == pytest.approx(exponential, abs=5e-5)

    def test_a_uniform_timeout_is_the_mean_over_its_values(self):
        found = theory.single_environment_cold_share(1 / 300, (300, 420))
        assert found == pytest.approx(0.3032, abs=5e-5)
        middles = 300 + (np.arange(100_000) + 0.5) * 120 / 100_000
        each = theory.single_environment_cold_share(1 / 300, middles)
        assert found == pytest.approx(each.mean(), rel=1e-9)

    def test_a_pair_without_spread_is_its_one_value(self):
        pair = theory.single_environment_cold_share(np.array([0.0, 0.01]), (60, 60))
        assert pair == pytest.approx(
            theory.single_environment_cold_share(np.array([0.0, 0.01]), 60)
        )

    @pytest.mark.parametrize(("cv", "cold"), [(1, 0.3386), (2, 0.2629)])
    def test_gaps_of_a_lognormal_start_cold_as_worked_out(self, cv, cold):
        sigma = math.sqrt(math.log(1 + cv**2))
        law = stats.lognorm(sigma, scale=300 * math.exp(-(sigma**2) / 2))
        gaps = law.ppf((np.arange(100_000) + 0.5) / 100_000)
        assert theory.cold_share_of_gaps(gaps, 300) == pytest.approx(cold, abs=6e-5)

    def test_pings_keep_it_warm_only_within_the_timeout(self):
        assert theory.cold_share_of_gaps(np.full(9, 300.0), 360) == 0
        assert theory.cold_share_of_gaps(np.full(9, 400.0), 360) == 1

    @pytest.mark.parametrize("timeout", [360, (300, 420)])
    def test_exponential_gaps_agree_with_the_closed_form(self, timeout):
        gaps = stats.expon(scale=300).ppf((np.arange(100_000) + 0.5) / 100_000)
        assert theory.cold_share_of_gaps(gaps, timeout) == pytest.approx(
            theory.single_environment_cold_share(1 / 300, timeout), abs=1e-5
        )


class TestManyEnvironments:
    @pytest.mark.parametrize(("rate", "work", "timeout", "chain", "slow", "newest"), TABLE)
    def test_the_worked_table_comes_out(self, rate, work, timeout, chain, slow, newest):
        # The first chain is 0.625075, which the table rounds up.
        exact = theory.cold_share_exponential_idle(rate, work, timeout)
        assert exact == pytest.approx(chain, abs=6e-6)
        assert theory.cold_share_slow_expiry(rate, work, timeout) == pytest.approx(slow, abs=5e-6)
        found = theory.cold_share_newest_first(rate, work, timeout)
        assert found == pytest.approx(newest, abs=5e-6)

    @pytest.mark.parametrize(("rate", "work", "timeout"), [*CASES[:4], (3.0, 1.0, 0.5)])
    def test_the_chain_is_what_its_balance_equations_say(self, rate, work, timeout):
        found = theory.cold_share_exponential_idle(rate, work, timeout)
        assert found == pytest.approx(_balanced_chain(rate, work, timeout), rel=1e-7)

    @pytest.mark.parametrize("timeout", [1, 60, 600])
    def test_hardly_any_load_is_one_environment(self, timeout):
        alone = theory.single_environment_cold_share_exponential(0.01, timeout)
        for cold_share in (theory.cold_share_exponential_idle, theory.cold_share_slow_expiry):
            assert cold_share(0.01, 1e-6, timeout) == pytest.approx(alone, rel=1e-4)
        fixed = theory.single_environment_cold_share(0.01, timeout)
        assert theory.cold_share_newest_first(0.01, 1e-6, timeout) == pytest.approx(fixed, rel=1e-4)

    def test_fast_expiry_is_a_queue_whose_waiting_lose_patience(self):
        # Idle ones come at the rate of arrivals, and wait for a request with little patience.
        rate, timeout = 50.0, 0.02
        steps = np.cumprod(rate / (rate + np.arange(1, 200) / timeout))
        expected = 1 / (1 + steps.sum())
        found = theory.cold_share_exponential_idle(rate, 2.0, timeout)
        assert found == pytest.approx(expected, rel=0.01)

    @pytest.mark.parametrize("load", [0.01, 0.5, 2, 10, 50])
    def test_slow_expiry_is_too_low_as_far_as_it_says(self, load):
        gaps = [
            theory.cold_share_exponential_idle(load, 1, timeout)
            / theory.cold_share_slow_expiry(load, 1, timeout)
            for timeout in (60, 600, 6e3, 6e4)
        ]
        assert 1 < min(gaps) < max(gaps) < 1.03
        assert gaps[1:] == sorted(gaps[1:], reverse=True)

    def test_expiry_as_fast_as_the_work_breaks_it_as_far_as_it_says(self):
        exact = theory.cold_share_exponential_idle(50, 1, 1)
        assert 1.07 < theory.cold_share_slow_expiry(50, 1, 1) / exact < 1.085

    @pytest.mark.parametrize("fixed", [True, False])
    def test_a_simulation_of_exponential_timeouts_agrees(self, fixed):
        """The law of the work hardly matters; which environment is used next does not at all."""
        cold = _simulated(2.0, 60.0, fixed_work=fixed, fixed_timeout=False, requests=150_000)
        expected = theory.cold_share_exponential_idle(2, 1, 60)
        assert cold == pytest.approx(expected, abs=5 * math.sqrt(expected / 150_000))

    def test_newest_first_is_too_low_as_far_as_it_says(self):
        cold = _simulated(2.0, 60.0, fixed_work=False, fixed_timeout=True, requests=150_000)
        assert 0.5 < theory.cold_share_newest_first(2, 1, 60) / cold < 0.75

    def test_thousands_of_environments_are_summed_and_not_solved(self):
        assert 0 < theory.cold_share_newest_first(200, 10, 300) < 1e-4
        assert 0 < theory.cold_share_slow_expiry(200, 10, 300) < 0.01
        with pytest.raises(InvalidInputError, match=r"2000.0 must be at most 200; .*slow_expiry"):
            theory.cold_share_exponential_idle(200, 10, 300)


def _balanced_chain(rate, work, timeout, most=18):
    """Share of time with no idle environment, from the dense equations."""
    states = [(b, i) for b, i in product(range(most + 1), repeat=2) if b + i <= most]
    place = {state: number for number, state in enumerate(states)}
    generator = np.zeros((len(states), len(states)))
    for (busy, idle), here in place.items():
        for there, flow in (
            ((busy + 1, max(idle - 1, 0)), rate),
            ((busy - 1, idle + 1), busy / work),
            ((busy, idle - 1), idle / timeout),
        ):
            if flow and there in place:
                generator[here, place[there]] += flow
    np.fill_diagonal(generator, generator.diagonal() - generator.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(len(states))])
    shares = np.linalg.lstsq(equations, np.append(np.zeros(len(states)), 1.0), rcond=None)[0]
    return sum(shares[place[state]] for state in states if state[1] == 0)


def _simulated(rate, timeout, *, fixed_work, fixed_timeout, requests):
    """Share of cold starts, the first environment that is idle being used; mean work 1 s."""
    rng = np.random.default_rng(7)
    arrivals = np.cumsum(rng.exponential(1 / rate, requests))
    works = np.ones(requests) if fixed_work else rng.exponential(1.0, requests)
    patience = np.full(requests, timeout) if fixed_timeout else rng.exponential(timeout, requests)
    free, gone, cold = [], [], 0
    for now, work, idles in zip(arrivals.tolist(), works.tolist(), patience.tolist(), strict=True):
        used = None
        for place, (since, until) in enumerate(zip(free, gone, strict=True)):
            if since <= now < until:
                used = place
                break
        if used is None:
            cold += 1
            used = next((place for place, until in enumerate(gone) if until <= now), len(free))
            if used == len(free):
                free.append(0.0)
                gone.append(0.0)
        free[used], gone[used] = now + work, now + work + idles
    return cold / requests


class TestLimits:
    def test_concurrency_and_throttling_are_what_theory_has_already(self):
        assert theory.little_length(200, 0.35) == pytest.approx(70)
        assert theory.erlang_b(1000, 950) == pytest.approx(0.003649, abs=5e-7)

    def test_provisioned_concurrency_pays_from_three_fifths_on(self):
        # Per GB-second in us-east-1, x86: on demand, provisioned, and its duration.
        prices = 0.0000166667, 0.0000041667, 0.0000097222
        even = theory.provisioned_break_even_utilization(*prices)
        assert even == pytest.approx(0.6, abs=1e-4)
        on_demand, ready, working = prices
        assert ready + even * working == pytest.approx(even * on_demand)

    def test_environments_come_in_a_burst_and_then_by_the_second(self):
        assert theory.seconds_to_reach(5000) == 40
        assert theory.seconds_to_reach(np.array([0, 1000, 1001])).tolist() == [0, 0, 0.01]

    @pytest.mark.parametrize(
        ("wanted", "burst", "per_second", "seconds"),
        [(1250, 5, 300 / 60, 4.15 * 60), (1000, 5, 1, 16.583 * 60), (1000, 100, 20, 45)],
        ids=["SQS pollers", "SQS pollers before", "Fargate tasks"],
    )
    def test_other_launches_are_the_same_bucket(self, wanted, burst, per_second, seconds):
        found = theory.seconds_to_reach(wanted, burst, per_second)
        assert found == pytest.approx(seconds, rel=1e-4)

    def test_a_full_bucket_lasts_as_worked_out_and_for_ever_below_its_rate(self):
        assert theory.token_bucket_full_service_seconds(12_000, 10_000, 5_000) == 2.5
        loads = np.array([10_000, 10_001, 15_000.0])
        found = theory.token_bucket_full_service_seconds(loads, 10_000, 5_000)
        assert found.tolist() == [math.inf, 5_000, 1]

    @pytest.mark.parametrize(
        ("rate", "window", "size"), [(5, 1, 5.946), (20, 1, 9.9968), (2, 5, 9.207)]
    )
    def test_batches_have_the_worked_mean_size(self, rate, window, size):
        assert theory.expected_batch_size(rate, window, 10) == pytest.approx(size, abs=5e-4)

    def test_a_batch_is_the_mean_over_all_that_may_come(self):
        come = np.arange(200)
        chances = stats.poisson(7.5).pmf(come)
        for batch_size in (1, 2, 8, 300):
            mean = (chances * np.minimum(1 + come, batch_size)).sum()
            assert theory.expected_batch_size(3, 2.5, batch_size) == pytest.approx(mean)
        found = theory.expected_batch_size(np.array([[0.0], [3.0]]), np.array([1.0, 2.5]), 8)
        assert found.shape == (2, 2)
        assert found[0].tolist() == [1, 1]


class TestRetries:
    @pytest.mark.parametrize(
        ("load", "attempts", "rejected", "sent", "failed"),
        [
            (1200, 1, 0.1667, 1200, 0.1667),
            (1200, 2, 0.408, 1690, 0.1667),
            (1200, 3, 0.550, 2224, 0.1667),
            (1200, 4, 0.639, 2770, 0.1667),
            (1500, 3, 0.693, 3261, 0.333),
        ],
    )
    def test_a_limit_without_waste_gives_the_worked_figures(
        self, load, attempts, rejected, sent, failed
    ):
        found = theory.retry_amplification(load, 1000, attempts)
        assert found.rejected_share == pytest.approx(rejected, abs=5e-4)
        assert found.attempts_per_second == pytest.approx(sent, abs=0.75)
        assert found.failed_share == pytest.approx(failed, abs=5e-4)

    def test_amplification_is_as_worked_out(self):
        found = theory.retry_amplification(1200, 1000, 3)
        assert found.attempts_per_second / 1200 == pytest.approx(1.85, abs=5e-3)

    def test_below_capacity_nobody_retries(self):
        assert theory.retry_amplification(1000, 1000, 5) == (1000, 0, 0)

    @pytest.mark.parametrize(("load", "attempts"), list(product((1001, 1200, 5000), (1, 2, 4))))
    def test_overload_without_waste_has_the_same_one_point(self, load, attempts):
        (point,) = theory.metastable_points(load, 1000, attempts, exponent=0)
        assert point == pytest.approx(theory.retry_amplification(load, 1000, attempts), rel=1e-9)

    def test_the_threshold_is_the_worked_one(self):
        assert theory.metastable_threshold(1000, 4) == pytest.approx(719.4, abs=0.05)

    @pytest.mark.parametrize(
        ("attempts", "exponent"), [(2, 1), (3, 0.2), (4, 1), (4, 5), (10, 0.01), (50, 2)]
    )
    def test_the_threshold_is_the_least_load_that_overload_sustains(self, attempts, exponent):
        sent = 1000 * np.exp(np.linspace(0, np.log(attempts) + 3, 400_001))
        rejected = 1 - (1000 / sent) ** (1 + exponent)
        loads = sent / sum(rejected**tries for tries in range(attempts))
        found = theory.metastable_threshold(1000, attempts, exponent)
        assert found == pytest.approx(loads.min(), rel=1e-8)

    @pytest.mark.parametrize(("attempts", "exponent"), [(1, 1), (4, 0)])
    def test_without_retries_or_without_waste_nothing_is_metastable(self, attempts, exponent):
        assert theory.metastable_threshold(1000, attempts, exponent) == pytest.approx(1000)
        assert theory.metastable_points(1000, 1000, attempts, exponent) == ((1000, 0, 0),)

    @pytest.mark.parametrize(
        ("load", "unstable", "stuck", "served"),
        [(750, 1432, 2177, 0.61), (800, 1279, 2521, 0.50), (900, 1113, 3065, 0.36)],
    )
    def test_three_points_as_worked_out(self, load, unstable, stuck, served):
        points = theory.metastable_points(load, 1000, 4)
        sent = [point.attempts_per_second for point in points]
        assert sent == pytest.approx([load, unstable, stuck], abs=0.6)
        assert 1 - points[-1].failed_share == pytest.approx(served, abs=0.005)

    @pytest.mark.parametrize(
        ("load", "exponent", "count"),
        [(1, 1, 1), (719, 1, 1), (720, 1, 3), (999, 1, 3), (1000, 1, 2), (1001, 1, 1),
         (990, 0.1, 3), (1e5, 3, 1)],
    )  # fmt: skip
    def test_every_point_reproduces_itself_and_none_is_missed(self, load, exponent, count):
        points = theory.metastable_points(load, 1000, 4, exponent)
        assert len(points) == count
        for sent, rejected, failed in points:
            assert load * sum(rejected**tries for tries in range(4)) == pytest.approx(sent)
            assert failed == pytest.approx(rejected**4)
            goodput = 1000 * (1000 / max(sent, 1000)) ** exponent
            assert min(sent, goodput) == pytest.approx(sent * (1 - rejected))
        sent = np.linspace(1000.001, 4.5 * load + 1000, 400_001)
        rejected = 1 - (1000 / sent) ** (1 + exponent)
        excess = load * sum(rejected**tries for tries in range(4)) - sent
        crossings = int((np.diff(np.sign(excess)) != 0).sum())
        assert crossings == sum(point.rejected_share > 0 for point in points)

    def test_a_spike_beyond_the_unstable_point_stays_stuck(self):
        healthy, unstable, stuck = theory.metastable_points(750, 1000, 4)
        for start, end in ((0.99, healthy), (1.01, stuck)):
            sent = start * unstable.attempts_per_second
            for _ in range(2000):
                rejected = 1 - min(1.0, (1000 / sent) ** 2)
                sent += 0.1 * (750 * sum(rejected**tries for tries in range(4)) - sent)
            assert sent == pytest.approx(end.attempts_per_second)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.single_environment_cold_share(-1, 300), "rate_per_second -1 must be"),
        (lambda: theory.single_environment_cold_share(1, math.nan), "idle_timeout_seconds nan"),
        (lambda: theory.single_environment_cold_share(1, (420, 300)), r"\(420, 300\) .* order"),
        (lambda: theory.single_environment_cold_share(1, (1, 2, 3)), "pair of least and most"),
        (lambda: theory.single_environment_cold_share_exponential(1, -1), "mean_idle_timeout"),
        (lambda: theory.cold_share_of_gaps(np.array([]), 300), "at least one gap"),
        (lambda: theory.cold_share_of_gaps(np.array([-1.0]), 300), "gap_seconds"),
        (lambda: theory.cold_share_exponential_idle(0, 1, 60), "rate_per_second 0 .* above 0"),
        (lambda: theory.cold_share_slow_expiry(1, 0, 60), "work_seconds 0 .* above 0"),
        (lambda: theory.cold_share_slow_expiry(1, 1, 0), "mean_idle_timeout_seconds 0"),
        (lambda: theory.cold_share_slow_expiry(1e4, 1, 60), "at most 2000"),
        (lambda: theory.cold_share_newest_first(1, 1, 0), " must be a finite number above 0"),
        (lambda: theory.provisioned_break_even_utilization(1, 1, 1), "must be above provisioned"),
        (lambda: theory.seconds_to_reach(10, per_second=0), "per_second 0 .* above 0"),
        (lambda: theory.token_bucket_full_service_seconds(-1, 1, 1), "load_per_second -1"),
        (lambda: theory.expected_batch_size(1, 1, 0), "batch_size 0 must be a whole number"),
        (lambda: theory.retry_amplification(1, 0, 3), "capacity_per_second 0"),
        (lambda: theory.retry_amplification(1, 1, 1.5), "attempts 1.5 must be a whole number"),
        (lambda: theory.metastable_points(-1, 1, 3), "load_per_second -1"),
        (lambda: theory.metastable_threshold(1, 3, -0.5), "exponent -0.5"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, message):
    with pytest.raises(InvalidInputError, match=message):
        call()
