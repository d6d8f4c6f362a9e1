"""Theory against published values, identities, and answers found by brute force."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from models import theory
from models.errors import InvalidInputError

LOADS = (0.05, 0.5, 0.9, 1.0, 1.7, 4.0, 7.9)


def balanced(up, down):
    """Steady state of a birth-death chain, from its balance equations as a linear system."""
    size = len(up) + 1
    generator = np.zeros((size, size))
    for state, (birth, death) in enumerate(zip(up, down, strict=True)):
        generator[state, state + 1], generator[state + 1, state] = birth, death
    np.fill_diagonal(generator, -generator.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(size)])
    return np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0), rcond=None)[0]


def queue(servers, places, load):
    """Shares of time of M/M/c/K with mean service 1, by solving the equations."""
    return balanced([load] * places, [min(n, servers) for n in range(1, places + 1)])


class TestErlang:
    @pytest.mark.parametrize(
        ("servers", "load", "blocked"),
        # Tables of traffic theory: loads at which 1 % and 2 % are blocked.
        [(1, 0.0101, 0.01), (5, 1.3608, 0.01), (10, 4.4612, 0.01), (10, 5.0840, 0.02),
         (20, 12.0306, 0.01), (100, 84.0642, 0.01)],
    )  # fmt: skip
    def test_erlang_b_gives_the_tabled_blocking(self, servers, load, blocked):
        assert theory.erlang_b(servers, load) == pytest.approx(blocked, abs=2e-5)

    @pytest.mark.parametrize(("servers", "load"), list(product((1, 2, 5, 30), LOADS)))
    def test_erlang_b_is_the_quotient_of_its_definition(self, servers, load):
        terms = [load**n / math.factorial(n) for n in range(servers + 1)]
        assert theory.erlang_b(servers, load) == pytest.approx(terms[-1] / sum(terms), rel=1e-12)

    def test_without_servers_everything_is_blocked(self):
        assert theory.erlang_b(0, 3.0) == 1.0

    def test_ten_servers_at_eighty_percent_wait_as_published(self):
        assert theory.erlang_c(10, 8) == pytest.approx(0.409180, abs=5e-7)
        assert theory.mmc_mean_wait_seconds(8, 1, 10) == pytest.approx(0.204590, abs=5e-7)

    @pytest.mark.parametrize("servers", [1, 2, 7, 60])
    def test_erlang_c_is_the_quotient_of_its_definition(self, servers):
        load = 0.83 * servers
        last = load**servers / math.factorial(servers) / (1 - 0.83)
        below = sum(load**n / math.factorial(n) for n in range(servers))
        assert theory.erlang_c(servers, load) == pytest.approx(last / (below + last), rel=1e-11)

    def test_one_server_makes_wait_whoever_finds_it_busy(self):
        assert theory.erlang_c(1, 0.7) == pytest.approx(0.7, rel=1e-14)

    def test_hundreds_of_servers_neither_overflow_nor_vanish(self):
        exact = _exact_erlang_c(1000, 990)
        assert theory.erlang_c(1000, 990) == pytest.approx(exact, rel=1e-10)
        assert 0 < theory.erlang_b(5000, 4000) < 1e-40

    def test_arrays_give_what_their_elements_give(self):
        loads = np.array([[0.0, 2.0], [5.0, 9.5]])
        found = theory.erlang_c(10, loads)
        assert found.shape == (2, 2)
        assert found.ravel().tolist() == [theory.erlang_c(10, float(load)) for load in loads.flat]


def _exact_erlang_c(servers, load):
    """From the definition, in fractions."""
    term, total = Fraction(1), Fraction(0)
    for n in range(servers):
        total += term
        term = term * load / (n + 1)
    last = term * servers / (servers - load)
    return float(last / (total + last))


class TestWaiting:
    def test_one_exponential_server_has_the_textbook_forms(self):
        rate, mean = 0.9, 0.8
        spare = 1 / mean - rate
        assert theory.mmc_mean_response_seconds(rate, mean) == pytest.approx(1 / spare)
        assert theory.mmc_mean_wait_seconds(rate, mean) == pytest.approx(rate * mean / spare)
        for time in (0.0, 0.3, 2.0, 30.0):
            assert theory.mmc_response_exceeds(time, rate, mean) == pytest.approx(
                math.exp(-spare * time), rel=1e-12
            )

    @pytest.mark.parametrize("servers", [1, 3, 10])
    def test_the_balance_equations_give_the_same_mean_wait(self, servers):
        load = 0.7 * servers
        shares = queue(servers, 150, load)
        waiting = sum(max(n - servers, 0) * share for n, share in enumerate(shares))
        found = theory.mmc_mean_wait_seconds(load, 1, servers)
        assert found == pytest.approx(waiting / load, rel=1e-8)
        assert theory.erlang_c(servers, load) == pytest.approx(shares[servers:].sum(), rel=1e-8)

    @pytest.mark.parametrize(("servers", "share"), [(1, 0.6), (4, 0.95), (200, 0.99)])
    def test_the_mean_is_the_area_under_the_tail(self, servers, share):
        rate = share * servers
        times = np.linspace(0, 60 / (servers - rate), 400_001)
        for tail, mean in (
            (theory.mmc_wait_exceeds, theory.mmc_mean_wait_seconds),
            (theory.mmc_response_exceeds, theory.mmc_mean_response_seconds),
        ):
            area = np.trapezoid(tail(times, rate, 1, servers), times)
            assert area == pytest.approx(mean(rate, 1, servers), rel=1e-4)

    @pytest.mark.parametrize("servers", [1, 2, 3, 17])
    @pytest.mark.parametrize("level", [0.01, 0.5, 0.9, 0.999])
    def test_quantiles_invert_the_tails(self, servers, level):
        rate = 0.75 * servers
        response = theory.mmc_response_quantile_seconds(level, rate, 1, servers)
        assert theory.mmc_response_exceeds(response, rate, 1, servers) == pytest.approx(1 - level)
        wait = theory.mmc_wait_quantile_seconds(level, rate, 1, servers)
        if wait > 0:
            assert theory.mmc_wait_exceeds(wait, rate, 1, servers) == pytest.approx(1 - level)
        else:
            assert level <= 1 - theory.erlang_c(servers, rate) + 1e-12

    def test_the_response_is_smooth_where_spare_rate_and_service_rate_meet(self):
        # Two servers at load 1: c mu - lambda = mu, the quotient of the formula is 0 / 0.
        exact = theory.erlang_c(2, 1.0)
        for time in (0.1, 1.0, 5.0):
            expected = math.exp(-time) * (1 + exact * time)
            assert theory.mmc_response_exceeds(time, 1.0, 1, 2) == pytest.approx(expected)
            beside = theory.mmc_response_exceeds(time, 1.0 + 1e-9, 1, 2)
            assert beside == pytest.approx(expected, rel=1e-7)

    def test_very_busy_servers_have_no_overflow_in_the_tail(self):
        found = theory.mmc_response_exceeds(np.array([0.0, 1e4, 1e7]), 9.9999, 1, 10)
        assert np.all(np.isfinite(found))
        assert found[0] == pytest.approx(1)
        assert found[1] == pytest.approx(math.exp(-1), rel=1e-3)

    def test_without_load_nobody_waits(self):
        assert theory.mmc_mean_wait_seconds(0, 1, 4) == 0
        assert theory.mmc_wait_quantile_seconds(0.999, 0, 1, 4) == 0
        assert theory.mmc_response_quantile_seconds(0.5, 0, 2, 4) == pytest.approx(2 * math.log(2))


class TestGeneralService:
    def test_constant_service_halves_the_wait(self):
        exponential = theory.mg1_mean_wait_seconds(0.8, 1)
        assert exponential == pytest.approx(theory.mmc_mean_wait_seconds(0.8, 1))
        assert theory.mg1_mean_wait_seconds(0.8, 1, 0) == pytest.approx(exponential / 2)

    def test_the_wait_is_rate_times_second_moment_over_twice_the_slack(self):
        # 90 % take 0.1 s and 10 % take 4.1 s.
        mean, second = 0.9 * 0.1 + 0.1 * 4.1, 0.9 * 0.1**2 + 0.1 * 4.1**2
        expected = 1.4 * second / (2 * (1 - 1.4 * mean))
        found = theory.mg1_mean_wait_seconds(1.4, mean, second / mean**2 - 1)
        assert found == pytest.approx(expected)

    def test_the_approximation_is_exact_where_exact_answers_exist(self):
        approximate = theory.mgc_mean_wait_seconds_approximate
        assert approximate(8, 1, 10) == theory.mmc_mean_wait_seconds(8, 1, 10)
        assert approximate(0.6, 1, squared_variation=3) == pytest.approx(
            theory.mg1_mean_wait_seconds(0.6, 1, 3)
        )

    def test_the_approximation_says_that_it_is_one(self):
        assert "**Approximate**" in theory.mgc_mean_wait_seconds_approximate.__doc__


class TestLoss:
    @pytest.mark.parametrize(("servers", "room"), list(product((1, 2, 5), (0, 1, 4, 20))))
    @pytest.mark.parametrize("load", LOADS)
    def test_the_balance_equations_give_the_same_shares(self, servers, room, load):
        places = servers + room
        expected = queue(servers, places, load)
        found = theory.mmck_probabilities(servers, places, load)
        assert found == pytest.approx(expected, abs=1e-10)
        assert found.sum() == pytest.approx(1, abs=1e-14)
        assert theory.mmck_loss(servers, places, load) == pytest.approx(expected[-1], abs=1e-10)

    @pytest.mark.parametrize("load", LOADS)
    def test_without_room_to_wait_the_loss_is_erlang_b(self, load):
        assert theory.mmck_loss(6, 6, load) == theory.erlang_b(6, load)

    @pytest.mark.parametrize("places", [1, 2, 10, 300])
    @pytest.mark.parametrize("load", [0.3, 0.999999, 1.0, 1.5])
    def test_one_server_loses_what_the_geometric_series_says(self, places, load):
        powers = load ** np.arange(places + 1)
        expected = powers[-1] / powers.sum()
        assert theory.mm1k_loss(places, load) == pytest.approx(expected, rel=1e-12)

    def test_an_overloaded_queue_loses_what_the_servers_cannot_do(self):
        assert theory.mmck_loss(4, 1000, 5) == pytest.approx(1 - 4 / 5, rel=1e-9)

    def test_hundreds_of_servers_stay_finite(self):
        shares = theory.mmck_probabilities(600, 900, 590)
        assert np.all(np.isfinite(shares))
        assert shares.sum() == pytest.approx(1)

    def test_ample_room_brings_back_the_wait_of_the_unlimited_queue(self):
        found = theory.mmck_mean_wait_seconds(3, 400, 2.4, 1)
        assert found == pytest.approx(theory.mmc_mean_wait_seconds(2.4, 1, 3), rel=1e-9)
        response = theory.mmck_mean_response_seconds(3, 400, 2.4, 1)
        assert response == pytest.approx(found + 1, rel=1e-9)


class TestLimits:
    def test_littles_law_turns_both_ways(self):
        assert theory.little_length(40, 0.3) == pytest.approx(12)
        assert theory.little_seconds(12, 40) == pytest.approx(0.3)

    def test_littles_law_holds_on_a_written_record(self):
        arrived, left = np.array([0.0, 1.0, 1.5, 6.0]), np.array([2.0, 1.2, 5.0, 8.0])
        instants = np.unique(np.concatenate([arrived, left]))
        present = [np.sum((arrived <= t) & (t < left)) for t in instants[:-1]]
        mean_present = np.sum(present * np.diff(instants)) / 8.0
        mean_stay = np.mean(left - arrived)
        assert theory.little_length(4 / 8.0, mean_stay) == pytest.approx(mean_present)

    def test_a_load_test_gets_no_more_than_clients_and_servers_allow(self):
        limit = theory.closed_loop_throughput_limit
        assert limit(100, 0.05, 4) == pytest.approx(80)
        assert limit(np.array([1, 4, 8]), 0.05, 4).tolist() == pytest.approx([20, 80, 80])
        assert limit(10, 0.05, 4, think_seconds=0.95) == pytest.approx(10)

    def test_the_limits_meet_at_the_saturation(self):
        clients = theory.closed_loop_saturation(0.2, 3, think_seconds=1)
        assert clients == pytest.approx(18)
        found = theory.closed_loop_throughput_limit(clients, 0.2, 3, think_seconds=1)
        assert found == pytest.approx(3 / 0.2) == pytest.approx(clients / 1.2)

    def test_the_exact_closed_loop_stays_below_the_limit(self):
        # Machine-repair chain: 12 clients that think 1 s, 3 servers of 0.2 s, both exponential.
        shares = balanced([12 - n for n in range(12)], [min(n, 3) / 0.2 for n in range(1, 13)])
        throughput = sum(share * min(n, 3) / 0.2 for n, share in enumerate(shares))
        limit = theory.closed_loop_throughput_limit(12, 0.2, 3, think_seconds=1)
        assert 0.9 * limit < throughput < limit
        response = theory.closed_loop_response_seconds(12, throughput, think_seconds=1)
        present = sum(n * share for n, share in enumerate(shares))
        assert response == pytest.approx(theory.little_seconds(present, throughput))


class TestServersFor:
    @pytest.mark.parametrize("load", [0.0, 0.3, 1.0, 7.5, 80.0])
    @pytest.mark.parametrize("share", [0.01, 0.2, 1.0])
    def test_one_server_fewer_would_break_the_bound(self, load, share):
        found = theory.servers_for(load, 1, waiting_share=share)
        assert theory.erlang_c(found, load) <= share
        fewer = found - 1
        assert fewer == 0 or load >= fewer or theory.erlang_c(fewer, load) > share

    def test_both_bounds_must_hold(self):
        by_wait = theory.servers_for(8, 1, mean_wait_seconds=0.01)
        by_share = theory.servers_for(8, 1, waiting_share=0.5)
        both = theory.servers_for(8, 1, mean_wait_seconds=0.01, waiting_share=0.5)
        assert both == by_wait > by_share
        assert theory.mmc_mean_wait_seconds(8, 1, both) <= 0.01
        assert theory.mmc_mean_wait_seconds(8, 1, both - 1) > 0.01


class TestFleet:
    def test_five_instances_serve_five_hundred_requests_a_second(self):
        assert theory.instances_for(500, 100) == 5
        assert theory.instances_for(501, 100) == 6
        assert theory.instances_for(0, 100) == 0

    def test_quotients_that_are_whole_are_not_rounded_up(self):
        # 2.1 / 0.3 is 7.000000000000001 in floating point.
        assert theory.instances_for(2.1, 0.3) == 7
        assert theory.instances_for(2.101, 0.3) == 8

    @pytest.mark.parametrize(("zones", "expected"), [(2, 10), (3, 8), (4, 7), (6, 6)])
    def test_the_loss_of_a_zone_is_survived(self, zones, expected):
        assert theory.instances_for(500, 100, zones=zones, survive_zone_loss=True) == expected

    @pytest.mark.parametrize("zones", [2, 3, 4, 5])
    def test_one_instance_fewer_would_not_survive(self, zones):
        for needed in range(1, 40):
            found = theory.instances_for(needed, 1, zones=zones, survive_zone_loss=True)
            left = [n - math.ceil(n / zones) for n in (found, found - 1)]
            assert left[0] >= needed > left[1]

    def test_availability_is_the_sum_over_every_combination(self):
        up, instances = 0.93, 6
        for needed in range(1, 7):
            expected = sum(
                math.prod(up if alive else 1 - up for alive in states)
                for states in product((True, False), repeat=instances)
                if sum(states) >= needed
            )
            found = theory.availability(up, instances, needed)
            assert found == pytest.approx(expected, rel=1e-12)

    def test_availability_of_thousands_does_not_overflow(self):
        assert theory.availability(0.5, 3000, 1500) == pytest.approx(0.5, abs=0.01)
        found = theory.availability(np.array([0.0, 0.9, 1.0]), 3, 2)
        assert found.tolist() == pytest.approx([0, 0.972, 1])


class TestDetection:
    @pytest.mark.parametrize(("interval", "threshold"), [(30, 3), (30, 2), (10, 5), (5, 10)])
    @pytest.mark.parametrize("timeout", [0, 4])
    def test_every_phase_of_the_crash_gives_the_uniform_distribution(
        self, interval, threshold, timeout
    ):
        delays = []
        for phase in (np.arange(20_000) + 0.5) / 20_000 * interval:
            crash = 100 * interval + phase
            check, failures = math.ceil(crash / interval) * interval, 1
            while failures < threshold:
                check += interval
                failures += 1
            delays.append(check + timeout - crash)
        least, mean, most = theory.detection_seconds(interval, threshold, timeout)
        assert min(delays) == pytest.approx(least, abs=interval / 10_000)
        assert max(delays) == pytest.approx(most, abs=interval / 10_000)
        assert np.mean(delays) == pytest.approx(mean, rel=1e-6)
        assert np.std(delays) == pytest.approx((most - least) / math.sqrt(12), rel=1e-6)

    def test_thirty_seconds_by_three_is_a_range_and_not_ninety(self):
        assert theory.detection_seconds(30, 3) == (60, 75, 90)
        assert theory.detection_seconds(30, 3, 5) == (65, 80, 95)


#: A chain in the manner of target tracking on one-minute metrics.
CHAIN = {
    "period_seconds": 60, "evaluation_periods": 3, "delivery_seconds": (60, 120),
    "evaluation_seconds": (0, 60), "launch_seconds": theory.Delay(19.0, 20.0, 22.0),
    "boot_seconds": 3, "health_check_interval_seconds": 10, "application_seconds": 60,
}  # fmt: skip


class TestReaction:
    def test_the_links_add_up(self):
        found = theory.target_tracking_reaction(**CHAIN)
        for column in ("least_seconds", "mean_seconds", "most_seconds"):
            total = getattr(found.total, column.removesuffix("_seconds"))
            assert total == pytest.approx(sum(getattr(link, column) for link in found.links))
        assert found.total == pytest.approx((322, 418, 515))

    def test_to_the_decision_takes_four_to_seven_minutes(self):
        found = theory.target_tracking_reaction(
            **{
                **CHAIN, "launch_seconds": 0, "boot_seconds": 0, "application_seconds": 0,
                "health_check_interval_seconds": 1e-9,
            }
        )  # fmt: skip
        assert found.total.least == pytest.approx(240)
        assert found.total.most == pytest.approx(420)

    def test_basic_monitoring_makes_it_five_times_slower_to_notice(self):
        slow = theory.target_tracking_reaction(**{**CHAIN, "period_seconds": 300})
        assert slow.links[1].mean_seconds == 900

    @pytest.mark.parametrize("seconds", [(5, 3), -1, (1, 2, 3, 4), (3, 1, 2), math.nan, "60"])
    def test_a_link_that_is_no_duration_is_refused(self, seconds):
        with pytest.raises(InvalidInputError, match="delivery"):
            theory.target_tracking_reaction(**{**CHAIN, "delivery_seconds": seconds})


def settles_or_cycles(load, size, *, high, low, step, least, most):
    """The sizes that a policy visits for ever, starting from `size`, by playing it."""
    visited = []
    while size not in visited:
        visited.append(size)
        if load > high * size:
            size = min(size + step, most)
        elif load < low * size:
            size = max(size - step, least)
    return tuple(sorted(set(visited[visited.index(size) :])))


class TestFlapping:
    def test_seventy_and_thirty_by_one_never_flaps(self):
        assert theory.flapping_loads(70, 30) == ()
        assert not any(theory.flaps(70, 30, capacity) for capacity in range(1, 10_000))

    def test_seventy_and_sixty_by_one_flaps_for_145_loads(self):
        found = theory.flapping_loads(70, 60)
        loads = theory.whole_loads(found)
        assert (len(loads), loads[0], loads[-1]) == (145, 71, 359)
        assert [(item.low_size, item.high_size) for item in found] == [
            (n, n + 1) for n in range(1, 6)
        ]

    def test_seventy_and_thirty_by_two_flaps_between_one_and_three(self):
        (found,) = theory.flapping_loads(70, 30, 2, min_size=1)
        assert (found.low_size, found.high_size) == (1, 3)
        assert list(found.whole_loads) == list(range(71, 90))
        assert theory.flapping_loads(70, 30, 2, min_size=2) == ()

    @pytest.mark.parametrize(
        ("high", "low", "step", "least", "most"),
        [(70, 30, 1, 1, 12), (70, 60, 1, 1, 12), (70, 60, 1, 3, 5), (70, 30, 2, 1, 12),
         (70, 30, 2, 1, 2), (70, 55, 3, 1, 11), (70, 55, 3, 2, 4), (80, 79, 2, 1, 9),
         (50, 45, 4, 1, 10), (70, 60, 1, 4, 4), (90, 20, 5, 1, 12), (65.5, 42.25, 2, 1, 12)],
    )  # fmt: skip
    def test_playing_the_policy_finds_the_same_loads(self, high, low, step, least, most):
        expected = {}
        for load in range(1, int(most * high) + 50):
            for size in range(least, most + 1):
                cycle = settles_or_cycles(
                    load, size, high=high, low=low, step=step, least=least, most=most
                )
                if len(cycle) > 1:
                    expected.setdefault(cycle, set()).add(load)
        found = theory.flapping_loads(high, low, step, min_size=least, max_size=most)
        loads = {(item.low_size, item.high_size): set(item.whole_loads) for item in found}
        assert {pair: held for pair, held in loads.items() if held} == expected

    def test_without_a_maximum_it_is_as_with_a_large_one(self):
        for high, low, step in ((70, 60, 1), (80, 79, 2), (50, 45, 4)):
            assert theory.flapping_loads(high, low, step) == theory.flapping_loads(
                high, low, step, max_size=100_000
            )

    @pytest.mark.parametrize("step", [1, 2, 5])
    def test_a_group_flaps_exactly_where_the_ratio_says(self, step):
        for capacity in range(1, 60):
            # 0.6 / 0.7 in whole numbers: 60 (n + k) > 70 n
            assert theory.flaps(70, 60, capacity, step) is (60 * (capacity + step) > 70 * capacity)


REFUSED = [
    (theory.erlang_c, (10, 10), "only grows"),
    (theory.erlang_b, (-1, 1), "servers -1 must be a whole number of at least 0"),
    (theory.erlang_b, (2.0, 1), "servers 2.0 must be a whole number"),
    (theory.erlang_b, (True, 1), "servers True"),
    (theory.erlang_b, (1, math.nan), "offered_load nan must be a finite number"),
    (theory.erlang_b, (1, "3"), "offered_load '3' must be"),
    (theory.erlang_b, (1, -0.1), "at least 0"),
    (theory.mmc_mean_wait_seconds, (10, 1, 10), "is 1; utilisation must be below 1"),
    (theory.mmc_mean_wait_seconds, (np.array([1, 12.0]), 1, 10), "is 1.2; utilisation"),
    (theory.mmc_mean_wait_seconds, (1, 0, 10), "service_seconds 0 must be a finite number above"),
    (theory.mmc_wait_quantile_seconds, (1.0, 1, 0.5), "level 1.0 must be a share"),
    (theory.mmc_response_quantile_seconds, (0.5, np.array([0.1, 0.2]), 1), "one number, not"),
    (theory.mmc_response_exceeds, (-1, 0.5, 1), "seconds -1"),
    (theory.mg1_mean_wait_seconds, (1, 1), "below 1"),
    (theory.mg1_mean_wait_seconds, (0.5, 1, -1), "squared_variation -1"),
    (theory.mgc_mean_wait_seconds_approximate, (3, 1, 2), "below 1"),
    (theory.mmck_loss, (3, 2, 1), "places 2 must be at least the 3 servers"),
    (theory.mm1k_loss, (0, 1), "places 0"),
    (theory.mmck_probabilities, (1, 2, math.inf), "offered_load inf"),
    (theory.servers_for, (8, 1), "needs mean_wait_seconds"),
    (theory.little_seconds, (3, 0), "rate_per_second 0 must be a finite number above 0"),
    (theory.instances_for, (500, 0), "capacity_per_second 0"),
    (theory.availability, (1.1, 2), "instance_availability 1.1 must be a share"),
    (theory.availability, (0.9, 2, 3), "needed 3 must be at most the 2 instances"),
    (theory.detection_seconds, (0, 3), "interval_seconds 0"),
    (theory.detection_seconds, (30, 0), "threshold 0"),
    (theory.detection_seconds, (30, 2, -1), "timeout_seconds -1"),
    (theory.flaps, (30, 70, 1), "low_percent 70 must be below high_percent 30"),
    (theory.flaps, (70, 70, 1), "must be below"),
    (theory.flaps, (70, 30, 0), "capacity 0"),
]


@pytest.mark.parametrize(
    ("function", "given", "said"), REFUSED, ids=[f"{f.__name__}{g}" for f, g, _ in REFUSED]
)
def test_what_has_no_answer_is_refused(function, given, said):
    with pytest.raises(InvalidInputError, match=said):
        function(*given)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: theory.instances_for(5, 1, survive_zone_loss=True), "zones 1 must be at least 2"),
        (lambda: theory.servers_for(8, 1, waiting_share=1.5), "waiting_share 1.5"),
        (lambda: theory.servers_for(8, 1, mean_wait_seconds=0), "mean_wait_seconds 0"),
        (lambda: theory.servers_for(1e9, 1, waiting_share=0.5), r"at most 1e\+06"),
        (lambda: theory.flapping_loads(70, 60, min_size=3, max_size=2), "max_size 2"),
        (
            lambda: theory.closed_loop_response_seconds(1, 10, think_seconds=1),
            "clients cannot send faster than they think",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(call, said):
    with pytest.raises(InvalidInputError, match=said):
        call()
