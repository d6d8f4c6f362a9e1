"""The HorizontalPodAutoscaler: ratios, tolerance, pods that do not report, windows and policies."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInputError
from models.scaling.horizontal_pod_autoscaler import (
    HorizontalPodAutoscaler,
    HPAScalingPolicy,
    HPAScalingRules,
    PodCountController,
    PodMetric,
    desired_replicas,
    recommended,
    replicas_for,
)

UP = HorizontalPodAutoscaler.model_fields["scale_up"].default
DOWN = HorizontalPodAutoscaler.model_fields["scale_down"].default


def autoscaler(**fields):
    return HorizontalPodAutoscaler(
        **{"max_replicas": 1000, "target_cpu_utilization_percent": 50, **fields}
    )


def followed(given_autoscaler, start, percents, *, step=15):
    """Pods after each reading, all of them ready and every 15 seconds another utilization."""
    controller, pods, found = PodCountController(given_autoscaler, start), start, []
    target = given_autoscaler.target_cpu_utilization_percent
    for tick, percent in enumerate(percents, start=1):
        pods = controller.read(tick * step, pods, [PodMetric(percent, target, ready=pods)])
        found.append(pods)
    return found


class TestRatio:
    @pytest.mark.parametrize(
        ("current", "metric", "target", "pods"),
        [
            (10, 90, 60, 15),  # 10 x 1.5
            (10, 64, 60, 10),  # the ratio 1.067 is within 0.1
            (10, 66, 60, 10),  # exactly 1.1
            (10, 66.1, 60, 12),  # 11.02, rounded up
            (10, 54, 60, 10),  # exactly 0.9
            (10, 53.9, 60, 9),  # 8.98, rounded up
            (3, 200, 100, 6),  # Kubernetes's example: 200m of 100m doubles
            (6, 50, 100, 3),  # and 50m halves
            (7, 0, 60, 0),
        ],
    )
    def test_pods_are_scaled_by_the_ratio_and_rounded_up(self, current, metric, target, pods):
        assert desired_replicas(current, metric, target) == pods

    def test_each_direction_has_its_own_tolerance(self):
        assert desired_replicas(10, 63, 60, tolerance_up=0.02) == 11
        assert desired_replicas(10, 57, 60, tolerance_up=0.02) == 10
        assert desired_replicas(20, 57, 60, tolerance_down=0.02) == 19

    @pytest.mark.parametrize("metric", [-1, math.nan, math.inf])
    def test_a_metric_that_is_none_is_refused(self, metric):
        with pytest.raises(InvalidInputError, match="must be a finite number of at least 0"):
            desired_replicas(3, metric, 60)

    def test_a_target_of_nothing_is_refused(self):
        with pytest.raises(InvalidInputError, match="target 0 above 0"):
            desired_replicas(3, 10, 0)


class TestPodsThatDoNotReport:
    def test_without_a_ready_pod_nothing_is_known(self):
        assert replicas_for(3, PodMetric(0, 60, ready=0, not_ready=3)) is None

    def test_pods_not_ready_count_as_idle_when_scaling_up(self):
        # 4 x 90 / 60 = 6 by the ready ones; with two idle ones 60 on average, the target.
        assert replicas_for(4, PodMetric(90, 60, ready=4)) == 6
        assert replicas_for(6, PodMetric(90, 60, ready=4, not_ready=2)) == 6
        # With one of them 72: 5 x 72 / 60 = 6.
        assert replicas_for(5, PodMetric(90, 60, ready=4, not_ready=1)) == 6

    def test_pods_not_ready_do_not_count_when_scaling_down(self):
        # Ceil(4 x 30 / 60), whatever is still starting.
        assert replicas_for(6, PodMetric(30, 60, ready=4, not_ready=2)) == 2

    def test_pods_without_a_datapoint_count_as_idle_when_scaling_up(self):
        # (4 x 120 + 2 x 0) / 6 = 80; 6 x 80 / 60 = 8 and not 4 x 120 / 60 + 2.
        assert replicas_for(6, PodMetric(120, 60, ready=4, missing=2)) == 8

    def test_pods_without_a_datapoint_count_as_on_target_when_scaling_down(self):
        # (4 x 15 + 2 x 60) / 6 = 30; 6 x 30 / 60 = 3 and not 4 x 15 / 60.
        assert replicas_for(6, PodMetric(15, 60, ready=4, missing=2)) == 3

    def test_what_would_turn_the_direction_changes_nothing(self):
        # 90 / 60 says up; with four idle ones 45 / 60 would say down.
        assert replicas_for(8, PodMetric(90, 60, ready=4, missing=4)) == 8

    def test_not_even_where_more_pods_report_than_there_should_be(self):
        assert replicas_for(3, PodMetric(90, 60, ready=4, missing=4)) == 3

    def test_pods_that_are_gone_do_not_turn_a_scale_up_into_fewer(self):
        # 2 x 100 / 60 = 4 would be fewer than the 6 there are, four of which report nothing at all.
        assert replicas_for(6, PodMetric(100, 60, ready=2, not_ready=1)) == 6

    def test_several_metrics_ask_for_the_most(self):
        assert recommended(5, [3, 8, 6]) == 8

    def test_an_unknown_metric_holds_back_a_scale_down_only(self):
        assert recommended(5, [3, None]) == 5
        assert recommended(5, [None, 8]) == 8
        assert recommended(5, [None]) == 5


class TestStabilization:
    def test_a_scale_down_waits_for_the_largest_recommendation_to_leave_the_window(self):
        # The start counts as a recommendation of 10 at 0 s: it leaves at 300 s.
        found = followed(autoscaler(), 10, [25] * 21)
        assert found[:19] == [10] * 19
        assert found[19] == 5  # at 300 s

    def test_a_shorter_lull_changes_nothing(self):
        found = followed(autoscaler(), 10, ([25] * 12 + [50]) * 4)
        assert set(found) == {10}

    def test_the_largest_of_the_window_holds(self):
        # Of 10 pods 25 % asks for 5, and 35 % at 60 s for 7; of 7 pods 35 % asks for 5.
        found = followed(autoscaler(), 10, [25] * 3 + [35] + [25] * 16 + [35] * 4)
        assert found[18:] == [10, 7, 7, 7, 7, 5]  # from 285 s to 360 s

    def test_a_scale_up_does_not_wait(self):
        assert followed(autoscaler(), 10, [60]) == [12]

    def test_a_window_for_scaling_up_takes_the_smallest(self):
        slow = autoscaler(scale_up=UP.replace(stabilization_window_seconds=60))
        # 10 at the start, then 20 again and again: at 60 s the 10 has left the window.
        controller = PodCountController(slow, 10)
        found = [controller.read(t, 10, [PodMetric(100, 50, ready=10)]) for t in (15, 30, 45, 60)]
        assert found == [10, 10, 10, 20]


class TestPolicies:
    def test_pods_are_doubled_or_four_are_added_whichever_is_more(self):
        # The ratio asks for twenty times as many.
        assert followed(autoscaler(), 1, [1000] * 5) == [5, 10, 20, 40, 80]

    def test_within_a_period_what_was_added_before_counts(self):
        controller = PodCountController(autoscaler(), 10)
        assert controller.read(15, 10, [PodMetric(1000, 50, ready=10)]) == 20
        assert controller.read(20, 20, [PodMetric(1000, 50, ready=20)]) == 20
        assert controller.read(30, 20, [PodMetric(1000, 50, ready=20)]) == 40

    def test_each_policy_looks_back_over_its_own_period(self):
        rules = UP.replace(
            policies=[
                HPAScalingPolicy(type="Percent", value=100, period_seconds=15),
                HPAScalingPolicy(type="Pods", value=4, period_seconds=60),
            ]
        )
        assert followed(autoscaler(scale_up=rules), 10, [1000] * 3) == [20, 40, 80]

    def test_a_removal_that_leaves_the_period_does_not_remove_again(self):
        """Four go at 15 s and eight come at 30 s: from 75 s on only the eight are in the period."""
        rules = UP.replace(policies=[HPAScalingPolicy(type="Pods", value=4, period_seconds=60)])
        given_autoscaler = autoscaler(
            scale_up=rules, scale_down=DOWN.replace(stabilization_window_seconds=0)
        )
        controller = PodCountController(given_autoscaler, 10)
        assert controller.read(15, 10, [PodMetric(30, 50, ready=10)]) == 6
        assert controller.read(30, 6, [PodMetric(200, 50, ready=6)]) == 14
        assert controller.read(76, 14, [PodMetric(200, 50, ready=14)]) == 14
        assert controller.read(91, 14, [PodMetric(200, 50, ready=14)]) == 18

    def test_by_default_all_but_the_fewest_may_go_at_once(self):
        at_once = autoscaler(
            min_replicas=2, scale_down=DOWN.replace(stabilization_window_seconds=0)
        )
        assert followed(at_once, 100, [1]) == [2]

    def test_the_example_of_kubernetes_for_scaling_down(self):
        """80 pods to 10, at most 4 pods or 10 % a minute: 8 go, then 8 of 72 (7.2 rounded up)."""
        slow = autoscaler(
            min_replicas=10,
            scale_down=HPAScalingRules(
                stabilization_window_seconds=0,
                policies=(
                    HPAScalingPolicy(type="Pods", value=4, period_seconds=60),
                    HPAScalingPolicy(type="Percent", value=10, period_seconds=60),
                ),
            ),
        )
        found = followed(slow, 80, [0.1] * 20, step=60)
        assert found[:3] == [72, 64, 57]
        below = [pods for pods in found if pods <= 40]
        assert {a - b for a, b in pairwise(below) if b > 10} == {4}
        assert found[-1] == 10

    def test_the_smallest_policy_may_be_chosen(self):
        rules = DOWN.replace(
            stabilization_window_seconds=0, select_policy="Min",
            policies=[
                HPAScalingPolicy(type="Percent", value=10, period_seconds=60),
                HPAScalingPolicy(type="Pods", value=5, period_seconds=60),
            ],
        )  # fmt: skip
        assert followed(autoscaler(scale_down=rules), 80, [1], step=60) == [75]

    def test_a_direction_may_be_switched_off(self):
        rules = DOWN.replace(stabilization_window_seconds=0, select_policy="Disabled")
        assert followed(autoscaler(scale_down=rules), 10, [1, 100]) == [10, 20]


class TestBounds:
    def test_pods_outside_the_bounds_are_brought_inside(self):
        bounded = autoscaler(min_replicas=5, max_replicas=8)
        assert followed(bounded, 2, [50]) == [5]
        assert followed(bounded, 20, [50]) == [8]

    def test_a_scale_up_stops_at_the_most(self):
        assert followed(autoscaler(max_replicas=12), 10, [100]) == [12]

    def test_no_pods_at_all_turn_it_off(self):
        assert followed(autoscaler(), 0, [100]) == [0]

    @given(
        percents=st.lists(st.floats(0, 1000), min_size=1, max_size=60),
        start=st.integers(1, 60),
        low=st.integers(1, 10),
        more=st.integers(0, 40),
    )
    def test_it_never_leaves_the_bounds(self, percents, start, low, more):
        bounded = autoscaler(min_replicas=low, max_replicas=low + more)
        assert all(low <= pods <= low + more for pods in followed(bounded, start, percents))

    @given(low=st.floats(0, 54.9), high=st.floats(45.1, 55), start=st.integers(2, 50))
    def test_input_that_flaps_faster_than_the_window_removes_nothing(self, low, high, start):
        """Every other reading is within the tolerance: its recommendation is the present count."""
        found = followed(autoscaler(), start, [low, high] * 30)
        assert set(found) == {start}

    @given(percents=st.lists(st.floats(0, 500), min_size=30, max_size=60))
    def test_nothing_is_removed_below_the_largest_need_of_the_last_five_minutes(self, percents):
        controller, pods, needs = PodCountController(autoscaler(), 10), 10, [(0, 10)]
        for tick, percent in enumerate(percents, start=1):
            metric = PodMetric(percent, 50, ready=pods)
            needs.append((15 * tick, replicas_for(pods, metric)))
            before, pods = pods, controller.read(15 * tick, pods, [metric])
            recent = [need for when, need in needs if when > 15 * tick - 300]
            assert pods >= min(before, max(recent))

    @given(percents=st.lists(st.floats(0, 2000), min_size=1, max_size=40), start=st.integers(1, 99))
    def test_no_step_up_exceeds_the_policies(self, percents, start):
        found = [start, *followed(autoscaler(max_replicas=10_000), start, percents)]
        assert all(b <= max(2 * a, a + 4) for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"min_replicas": 9, "max_replicas": 8}, r"min_replicas \(9\) must be at most .* \(8\)"),
        ({"min_replicas": 0}, "min_replicas"),
        ({"max_replicas": 1.5}, "max_replicas"),
        ({"target_cpu_utilization_percent": 0}, "target_cpu_utilization_percent"),
        ({"scale_down": {"policies": []}}, "policies"),
    ],
)
def test_what_kubernetes_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        autoscaler(**fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"stabilization_window_seconds": 3601}, r"from 0 to 3,600 \[s\]"),
        ({"stabilization_window_seconds": -1}, r"from 0 to 3,600 \[s\]"),
        ({"select_policy": "max"}, "select_policy.*'Max'"),
        ({"tolerance": -0.1}, "tolerance"),
    ],
)
def test_rules_that_kubernetes_would_refuse_are_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        DOWN.replace(**fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"period_seconds": 1801}, r"from 1 to 1,800 \[s\]"),
        ({"period_seconds": 0}, r"from 1 to 1,800 \[s\]"),
        ({"value": 0}, "value"),
        ({"type": "Nodes"}, "type.*'Pods'"),
    ],
)
def test_policies_that_kubernetes_would_refuse_are_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        HPAScalingPolicy(**{"type": "Pods", "value": 4, **fields})
