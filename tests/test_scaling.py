"""Scaling policies: AWS's worked examples, its rounding, who wins, and what it refuses."""

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from models.errors import InvalidInputError
from models.quotas import value_of
from models.resource import Settings
from models.scaling import (
    Alarm,
    Policy,
    Proposal,
    ScheduledAction,
    SimpleScalingPolicy,
    StepAdjustment,
    StepScalingPolicy,
    TargetTrackingPolicy,
    adjusted,
    clipped,
    decide,
    needed_capacity,
    percent_change,
    step_capacity,
    step_for,
)


def alarm(threshold=50, comparison_operator="GreaterThanOrEqualToThreshold"):
    return Alarm(
        metric_name="CPUUtilization",
        evaluation_periods=2,
        threshold=threshold,
        comparison_operator=comparison_operator,
    )


def steps(*bounds_and_amounts):
    return [
        StepAdjustment(lower_bound=lower, upper_bound=upper, scaling_adjustment=amount)
        for lower, upper, amount in bounds_and_amounts
    ]


def step_policy(*bounds_and_amounts, watched=None, **fields):
    return StepScalingPolicy(
        **{"name": "steps", "alarm": watched or alarm(), **fields},
        step_adjustments=steps(*bounds_and_amounts),
    )


def percent_policy(*bounds_and_amounts, **fields):
    return step_policy(*bounds_and_amounts, adjustment_type="PercentChangeInCapacity", **fields)


def tracking(target_value=50, **fields):
    metric = {} if "custom_metric" in fields else {"predefined_metric": "ASGAverageCPUUtilization"}
    return TargetTrackingPolicy(**{"name": "cpu", **metric, **fields}, target_value=target_value)


# The example of https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html.
OUT = percent_policy((0, 10, 0), (10, 20, 10), (20, None, 30), name="out")
IN = percent_policy(
    (-10, 0, 0), (-20, -10, -10), (None, -20, -30),
    name="in", watched=alarm(comparison_operator="LessThanOrEqualToThreshold"),
)  # fmt: skip


def test_step_scaling_in_the_example_of_aws():
    assert OUT.proposal(60, 10) == 11
    assert OUT.proposal(70, 11) == 14
    assert IN.proposal(40, 14) == 13
    assert IN.proposal(30, 13) == 10


@pytest.mark.parametrize("metric", [40.1, 45, 50, 55, 59.9])
def test_nothing_changes_between_40_and_60_in_the_example_of_aws(metric):
    assert OUT.proposal(metric, 10) is None
    assert IN.proposal(metric, 10) is None


def test_25_percent_of_4_with_a_minimum_of_2_adds_2():
    policy = percent_policy((0, None, 25), min_adjustment_magnitude=2)
    assert policy.proposal(50, 4) == 6


# The example of the same page, "Instance warmup": 10 percent from 60, 30 percent from 70.
WARMING = percent_policy((0, 10, 10), (10, None, 30), watched=alarm(60))


def test_a_breach_in_the_same_step_adds_nothing_while_the_first_warms_up():
    assert WARMING.proposal(60, 10) == 11
    assert WARMING.proposal(62, 11, warming=1) is None


def test_a_breach_in_a_larger_step_adds_the_difference_while_the_first_warms_up():
    assert WARMING.proposal(70, 11, warming=1) == 13


def test_once_warm_the_same_step_counts_from_the_new_capacity():
    assert WARMING.proposal(62, 11) == 12


def test_nothing_is_removed_while_capacity_warms_up():
    assert IN.proposal(30, 10) == 7
    assert IN.proposal(30, 10, warming=1) is None


def test_the_same_step_removes_nothing_more_while_an_instance_is_terminating():
    policy = step_policy((None, 0, -1), watched=alarm(40, "LessThanThreshold"))
    assert policy.proposal(30, 10) == 9
    assert policy.proposal(30, 9, terminating=1) is None


def test_an_exact_capacity_acts_in_both_directions():
    policy = step_policy((0, 10, 2), (10, None, 8), adjustment_type="ExactCapacity")
    assert policy.proposal(65, 5) == 8
    assert policy.proposal(55, 5) == 2
    assert policy.proposal(55, 2) is None
    assert policy.proposal(55, 5, warming=1) is None


@pytest.mark.parametrize(
    ("metric", "amount"), [(50, 1), (59.999, 1), (60, 2), (69.999, 2), (70, 3), (1e9, 3)]
)
def test_above_the_threshold_the_lower_bound_belongs_to_the_step(metric, amount):
    policy = step_policy((20, None, 3), (0, 10, 1), (10, 20, 2))
    assert step_for(policy, metric) == amount


@pytest.mark.parametrize(
    ("metric", "amount"), [(50, -1), (40.001, -1), (40, -2), (30.001, -2), (30, -3), (0, -3)]
)
def test_below_the_threshold_the_upper_bound_belongs_to_the_step(metric, amount):
    below = alarm(50, "LessThanThreshold")
    policy = step_policy((-10, 0, -1), (-20, -10, -2), (None, -20, -3), watched=below)
    assert step_for(policy, metric) == amount


def test_a_metric_that_no_step_covers_changes_nothing():
    policy = step_policy((5, None, 1))
    assert step_for(policy, 54) is None
    assert policy.proposal(54, 10) is None


@pytest.mark.parametrize(
    ("exact", "whole"), [(12.7, 12), (0.67, 1), (-0.58, -1), (-6.67, -6), (1, 1), (-1, -1), (0, 0)]
)
def test_the_rounding_examples_of_aws(exact, whole):
    assert percent_change(round(abs(exact) * 100), 1 if exact > 0 else -1) == whole


def slow_percent_change(capacity, percent, minimum):
    """AWS's four sentences, one after the other, in exact fractions."""
    change = Fraction(capacity * percent, 100)
    if change > 1:
        change = Fraction(math.floor(change))
    elif 0 < change < 1:
        change = Fraction(1)
    elif -1 < change < 0:
        change = Fraction(-1)
    elif change < -1:
        change = Fraction(math.ceil(change))
    if change > 0:
        return max(int(change), minimum or 1)
    return min(int(change), -(minimum or 1)) if change < 0 else 0


sizes = st.integers(0, 10_000)


@given(
    capacity=sizes,
    percent=st.integers(-500, 500),
    minimum=st.none() | st.integers(1, 50),
)
def test_percentages_are_rounded_as_aws_says(capacity, percent, minimum):
    expected = slow_percent_change(capacity, percent, minimum)
    assert percent_change(capacity, percent, minimum) == expected
    after = adjusted(capacity, "PercentChangeInCapacity", percent, minimum)
    assert after == max(0, capacity + expected)


@given(capacity=sizes, low=sizes, extra=sizes)
def test_clipping_keeps_what_fits_and_moves_the_rest_to_the_nearest_bound(capacity, low, extra):
    found = clipped(capacity, low, low + extra)
    assert low <= found <= low + extra
    assert (found == capacity) == (low <= capacity <= low + extra)


@pytest.mark.parametrize(
    ("contributing", "metric", "target", "need"),
    [(4, 75, 50, 6), (10, 30, 50, 6), (1, 75, 50, 2), (3, 50, 50, 3), (3, 50.01, 50, 4),
     (5, 0, 50, 0), (0, 80, 50, 0), (3, 0.1, 0.3, 1), (7, 0.7, 0.1, 49)],
)  # fmt: skip
def test_capacity_in_proportion_to_the_metric(contributing, metric, target, need):
    assert needed_capacity(contributing, metric, target) == need


@given(units=st.integers(1, 5000), need=st.integers(1, 5000), target=st.floats(1e-3, 1e6))
def test_an_exact_multiple_of_the_target_never_adds_a_unit_for_float_noise(units, need, target):
    assert needed_capacity(units, target * need / units, target) == need


@given(
    units=st.integers(1, 5000),
    metric=st.just(0.0) | st.floats(1e-6, 1e4),
    target=st.floats(0.1, 1e4),
)
def test_the_needed_capacity_is_the_least_that_keeps_the_metric_at_its_target(
    units, metric, target
):
    need, load = needed_capacity(units, metric, target), Fraction(units) * Fraction(metric)
    assert load <= Fraction(target) * need * (1 + Fraction(1, 10**8))
    assert need == 0 or load > Fraction(target) * (need - 1)


@pytest.mark.parametrize(("metric", "target"), [(-1, 50), (math.nan, 50), (math.inf, 50), (5, 0)])
def test_no_capacity_follows_from_a_metric_or_target_that_is_none(metric, target):
    with pytest.raises(InvalidInputError, match=r"at least 0, and target .* above 0"):
        needed_capacity(3, metric, target)


def test_target_tracking_adds_what_the_load_needs_once():
    assert tracking().proposal(4, 4, 75, "out") == 6
    assert tracking().proposal(6, 4, 75, "out") is None  # two warm up, four still read 75
    assert tracking().proposal(6, 4, 95, "out") == 8  # but more load adds more


def test_target_tracking_rounds_up_what_it_adds():
    # AWS: where 1.5 instances would do, two are added.
    assert tracking().proposal(3, 3, 75, "out") == 5


def test_target_tracking_removes_what_the_load_does_not_need():
    assert tracking().proposal(10, 10, 30, "in") == 6


def test_target_tracking_removes_nothing_that_would_put_the_rest_above_the_target():
    # AWS: where removing half an instance would, none is removed. 3 x 34 / 50 = 2.04.
    assert tracking().proposal(3, 3, 34, "in") is None
    assert tracking().proposal(3, 3, 33, "in") == 2


def test_target_tracking_scales_in_to_zero_without_load():
    assert tracking().proposal(3, 3, 0, "in") == 0


def test_terminating_units_that_still_count_in_the_metric_are_not_removed_twice():
    assert tracking().proposal(6, 10, 30, "in") is None


def test_a_share_limits_what_is_removed_at_a_time_but_not_what_is_added():
    gradual = tracking(scale_in_max_share=0.1)
    assert gradual.proposal(20, 20, 10, "in") == 18
    assert gradual.proposal(5, 5, 10, "in") == 4  # at least one
    assert gradual.proposal(20, 20, 33, "in") == 18
    assert gradual.proposal(20, 20, 48, "in") is None
    assert gradual.proposal(20, 20, 100, "out") == 40


def test_without_scale_in_there_is_no_low_alarm_and_no_proposal():
    policy = tracking(disable_scale_in=True)
    assert policy.alarms("web").low is None
    assert policy.proposal(10, 10, 5, "in") is None
    assert policy.proposal(10, 10, 75, "out") == 15


@given(
    desired=st.integers(1, 500),
    warming=st.integers(0, 100),
    metric=st.floats(0, 200),
    target=st.floats(1, 100),
    share=st.none() | st.floats(0.01, 1),
)
def test_target_tracking_never_moves_against_its_direction(desired, warming, metric, target, share):
    policy = tracking(target, scale_in_max_share=share)
    contributing = max(desired - warming, 0)
    more = policy.proposal(desired, contributing, metric, "out")
    less = policy.proposal(desired, contributing, metric, "in")
    assert more is None or more > desired
    assert less is None or 0 <= less < desired
    assert more is None or less is None


@pytest.mark.parametrize(
    ("target", "low"), [(75, 52.5), (50, 35), (40, 28), (30, 21), (20, 14), (3, 2.1)]
)
def test_the_low_alarm_is_at_70_percent_of_the_target_as_in_public_records(target, low):
    assert tracking(target).alarms("web").low.threshold == low


@pytest.mark.parametrize(("target", "low"), [(30, 27), (50, 45), (75, 67.5), (70, 63)])
def test_90_percent_gives_the_low_alarms_of_application_auto_scaling(target, low):
    assert tracking(target, scale_in_ratio=0.9).alarms("service/a/b").low.threshold == low


def test_the_alarms_of_target_tracking():
    high, low = tracking().alarms("web")
    assert (high.comparison_operator, high.threshold) == ("GreaterThanThreshold", 50)
    assert (low.comparison_operator, low.threshold) == ("LessThanThreshold", 35)
    assert (high.evaluation_periods, low.evaluation_periods) == (3, 15)
    assert (high.datapoints_needed, low.datapoints_needed) == (3, 15)
    assert {watched.period_seconds for watched in (high, low)} == {60}
    assert {watched.treat_missing_data for watched in (high, low)} == {"missing"}
    assert high.alarm_name.startswith("TargetTracking-web-AlarmHigh-")
    assert low.alarm_name.startswith("TargetTracking-web-AlarmLow-")


def test_alarm_names_are_the_same_in_every_run_and_differ_between_policies_and_groups():
    names = [policy.alarms(group).high.alarm_name for group in ("web", "x" * 128)
             for policy in (tracking(), tracking(name="other"))]  # fmt: skip
    assert len(set(names)) == 4
    assert names[0] == tracking(60).alarms("web").high.alarm_name


@pytest.mark.parametrize(
    ("predefined", "metric", "statistic"),
    [
        ("ASGAverageCPUUtilization", "CPUUtilization", "Average"),
        ("ALBRequestCountPerTarget", "RequestCountPerTarget", "Sum"),
        ("ASGAverageNetworkIn", "NetworkIn", "Average"),
    ],
)
def test_a_predefined_metric_knows_its_name_and_statistic(predefined, metric, statistic):
    policy = TargetTrackingPolicy(name="a", predefined_metric=predefined, target_value=1000)
    assert policy.metric_name == metric
    assert {(watched.metric_name, watched.statistic) for watched in policy.alarms("web")} == {
        (metric, statistic)
    }


def test_a_custom_metric_can_have_ten_second_periods():
    policy = tracking(custom_metric="QueuePerInstance", statistic="Maximum", period_seconds=10)
    high, low = policy.alarms("web")
    assert (high.metric_name, high.statistic) == ("QueuePerInstance", "Maximum")
    assert low.window_seconds == 150


def test_the_defaults_are_those_of_the_quotas():
    def of(name):
        return value_of("autoscaling", f"target_tracking_{name}")

    policy = tracking()
    assert policy.period_seconds == of("period_seconds")
    assert (
        policy.scale_out_periods == of("high_evaluation_periods") == of("high_datapoints_to_alarm")
    )
    assert policy.scale_in_periods == of("low_evaluation_periods") == of("low_datapoints_to_alarm")
    assert policy.scale_in_ratio == of("low_ratio")


def proposals(**capacities):
    return [Proposal(policy, capacity) for policy, capacity in capacities.items()]


def test_the_largest_capacity_wins_when_scaling_out():
    assert decide(1, proposals(cpu=2, queue=3)) == ("queue", 3)


def test_the_largest_capacity_wins_when_scaling_in():
    # AWS: of eight, three fewer against 25 percent fewer: two are removed.
    assert decide(8, proposals(three=5, quarter=6)) == ("quarter", 6)


def test_one_that_adds_wins_over_any_that_remove():
    assert decide(8, proposals(cpu=2, requests=9), tracking=["cpu", "requests"]) == ("requests", 9)


def test_target_tracking_scales_in_only_where_all_of_them_ask_for_it():
    assert decide(8, proposals(cpu=5, requests=6), tracking=["cpu", "requests"]) == ("requests", 6)
    assert decide(8, proposals(cpu=5), tracking=["cpu", "requests"]) == (None, 8)
    assert decide(8, proposals(cpu=5, requests=8), tracking=["cpu", "requests"]) == (None, 8)


def test_a_policy_with_scale_in_disabled_does_not_hold_the_others_back():
    assert decide(8, proposals(cpu=5), tracking=["cpu"]) == ("cpu", 5)


def test_target_tracking_does_not_hold_back_a_step_policy_that_removes():
    assert decide(8, proposals(steps=7), tracking=["cpu"]) == ("steps", 7)
    assert decide(8, proposals(steps=4, cpu=7), tracking=["cpu", "requests"]) == ("steps", 4)


def test_of_equal_proposals_the_first_counts_and_none_leaves_all_as_it_is():
    assert decide(2, proposals(a=5, b=5)) == ("a", 5)
    assert decide(2, []) == (None, 2)


@given(
    desired=sizes,
    asked=st.lists(st.tuples(st.sampled_from("abcdef"), sizes), unique_by=lambda pair: pair[0]),
    tracked=st.sets(st.sampled_from("abcdef")),
)
def test_what_is_decided_was_proposed_and_nothing_proposed_beats_it(desired, asked, tracked):
    made = [Proposal(*pair) for pair in asked]
    decided = decide(desired, made, tracking=tracked)
    if decided.policy is None:
        assert decided.capacity == desired
        assert all(proposal.capacity <= desired for proposal in made)
        return
    assert decided in made
    outward = any(proposal.capacity > desired for proposal in made)
    assert (decided.capacity > desired) == outward
    held = {
        proposal.policy
        for proposal in made
        if not outward
        and proposal.policy in tracked
        and not tracked <= {other.policy for other in made if other.capacity < desired}
    }
    rivals = [proposal for proposal in made if proposal.policy not in held]
    assert all(p.capacity <= decided.capacity or p.capacity == desired for p in rivals)


@st.composite
def step_policies(draw):
    """Any policy whose steps cover everything from one bound on, in a random order."""
    bounds = sorted(draw(st.sets(st.integers(-50, 50), min_size=1, max_size=19)))
    edges = [None, *bounds, None]
    drop = draw(st.sampled_from(["none", "first", "last"]))
    if drop == "first" and bounds[0] >= 0:
        edges = edges[1:]
    if drop == "last" and bounds[-1] <= 0:
        edges = edges[:-1]
    kind = draw(st.sampled_from(["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"]))
    amounts = st.integers(0 if kind == "ExactCapacity" else -200, 200)
    made = [(lower, upper, draw(amounts)) for lower, upper in pairwise(edges)]
    return step_policy(
        *draw(st.permutations(made)),
        adjustment_type=kind,
        watched=alarm(50, draw(st.sampled_from(["GreaterThanThreshold", "LessThanThreshold"]))),
        min_adjustment_magnitude=draw(st.none() | st.integers(1, 9)) if "Perc" in kind else None,
    )


situations = st.fixed_dictionaries(
    {"desired": st.integers(50, 300), "warming": st.integers(0, 50),
     "terminating": st.integers(0, 50)}
)  # fmt: skip
metrics = st.integers(-60, 160)


@given(policy=step_policies(), metric=metrics, now=situations, low=sizes, extra=sizes)
def test_what_any_step_policy_leads_to_is_within_the_bounds(policy, metric, now, low, extra):
    asked = step_capacity(policy, metric, **now)
    if asked is not None:
        assert low <= clipped(asked, low, low + extra) <= low + extra


@given(policy=step_policies(), metric=metrics, now=situations)
def test_warming_up_and_terminating_hold_a_step_policy_back_and_never_urge_it_on(
    policy, metric, now
):
    asked = step_capacity(policy, metric, **now)
    alone = step_capacity(policy, metric, now["desired"])
    if asked is None:
        return
    if asked > now["desired"]:
        assert asked <= alone
    else:
        assert now["warming"] == 0
        assert alone <= asked < now["desired"]


@given(policy=step_policies(), metric=st.floats(-60, 160))
def test_every_metric_falls_in_at_most_one_step_and_in_one_where_they_have_no_end(policy, metric):
    covered = any(step.lower == -math.inf for step in policy.step_adjustments) and any(
        step.upper == math.inf for step in policy.step_adjustments
    )
    assert (step_for(policy, metric) is not None) or not covered


def test_twenty_steps_are_allowed_and_one_more_is_not():
    def ladder(count):
        inner = [(step, step + 1, 1) for step in range(count - 1)]
        return step_policy(*inner, (count - 1, None, 1))

    assert len(ladder(20).step_adjustments) == value_of(
        "autoscaling", "step_adjustments_per_policy"
    )
    with pytest.raises(InvalidInputError, match="has 21 steps, must have 1 to 20"):
        ladder(21)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ([], "has 0 steps, must have 1 to 20"),
        ([(0, 10, 1), (5, None, 2)], r"\(0 to 10: \+1\) and \(5 to inf: \+2\) overlap"),
        ([(0, 10, 1), (12, None, 2)], r"\(0 to 10: \+1\) and \(12 to inf: \+2\) leave a gap"),
        ([(0, None, 1), (0, None, 2)], "overlap"),
        ([(None, -5, -1), (None, 0, -2)], "overlap"),
        ([(0, 10, 1)], "end at 10: with a positive upper bound, one step must have none"),
        ([(-10, 0, -1)], "begin at -10: with a negative lower bound, one step must have none"),
        ([(10, 10, 1)], r"lower_bound 10 must be below upper_bound 10 \[unit"),
        ([(None, None, 1)], r"lower_bound or upper_bound must be given"),
        ([(0, None, 1.5)], r"scaling_adjustment: 1.5 must be a valid integer"),
    ],
)  # fmt: skip
def test_step_adjustments_that_aws_refuses(bounds, message):
    with pytest.raises(InvalidInputError, match=message):
        step_policy(*bounds)


def test_a_minimum_magnitude_goes_with_percentages_only():
    with pytest.raises(
        InvalidInputError, match="min_adjustment_magnitude 2 must not be given with"
    ):
        step_policy((0, None, 1), min_adjustment_magnitude=2)


@pytest.mark.parametrize("made", [
    lambda: step_policy((0, None, -1), adjustment_type="ExactCapacity"),
    lambda: SimpleScalingPolicy(name="x", alarm=alarm(), adjustment_type="ExactCapacity",
                                scaling_adjustment=-1),
])  # fmt: skip
def test_an_exact_capacity_is_not_negative(made):
    with pytest.raises(
        InvalidInputError, match=r"scaling_adjustment -1 must be at least 0 \[units"
    ):
        made()


def test_a_simple_policy_adjusts_the_desired_capacity():
    policy = SimpleScalingPolicy(
        name="out", alarm=alarm(), adjustment_type="PercentChangeInCapacity", scaling_adjustment=30
    )
    assert policy.proposal(10) == 13
    assert policy.cooldown_seconds is None
    assert policy.replace(scaling_adjustment=0).proposal(10) is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"target_value": 0}, r"target_value: 0 must be greater than 0"),
        ({"target_value": -5}, r"target_value: -5 must be greater than 0"),
        ({"target_value": math.inf}, r"target_value: inf must be a finite number"),
        ({"predefined_metric": "CPU"}, r"predefined_metric: 'CPU' must be one of 'ASGAverageCPU"),
        ({"predefined_metric": "ASGAverageCPUUtilisation"}, "nearest: ASGAverageCPUUtilization"),
        ({"predefined_metric": None}, "custom_metric None: exactly one must be given; predefined"),
        ({"custom_metric": "Queue", "predefined_metric": "ASGAverageCPUUtilization"},
         "and custom_metric 'Queue': exactly one must be given"),
        ({"period_seconds": 20}, r"period_seconds: 20 must be 10, 30, 60 or 300 \[s\]"),
        ({"period_seconds": 10}, r"period_seconds 10 must be 60 or 300 \[s\] with a predefined"),
        ({"scale_out_periods": 0}, "scale_out_periods: 0 must be greater than or equal to 1"),
        ({"scale_in_periods": 2000}, r"2000 x 60 = 120000 s must be at most 86,400 s|120,000"),
        ({"scale_in_ratio": 1.1}, "scale_in_ratio: 1.1 must be less than or equal to 1"),
        ({"scale_in_max_share": 0}, "scale_in_max_share: 0 must be greater than 0"),
        ({"estimated_instance_warmup_seconds": -1}, "warmup_seconds: -1 must be greater than or"),
    ],
)  # fmt: skip
def test_what_a_target_tracking_policy_cannot_be(fields, message):
    made = {"name": "cpu", "predefined_metric": "ASGAverageCPUUtilization", "target_value": 50}
    with pytest.raises(InvalidInputError, match=message):
        TargetTrackingPolicy(**{**made, **fields})


class Holder(Settings):
    """Something that has policies."""

    policies: tuple[Policy, ...]


def test_the_kind_of_a_policy_is_written_only_in_files():
    held = Holder(policies=[tracking(), OUT])
    assert [policy.policy_type for policy in held.policies] == [
        "TargetTrackingScaling", "StepScaling",
    ]  # fmt: skip
    watched = {"metric_name": "m", "evaluation_periods": 1, "threshold": 5,
               "comparison_operator": "LessThanThreshold"}  # fmt: skip
    read = Holder(policies=[{"policy_type": "SimpleScaling", "name": "in", "alarm": watched,
                             "scaling_adjustment": -1}])  # fmt: skip
    assert read.policies[0].proposal(3) == 2


@pytest.mark.parametrize("given_type", [{}, {"policy_type": "Stepscaling"}])
def test_a_policy_of_a_file_must_say_which_kind_it_is(given_type):
    with pytest.raises(InvalidInputError, match=r"policies.0: .* must have as policy_type one of"):
        Holder(policies=[{"name": "x", **given_type}])
    with pytest.raises(InvalidInputError, match=r"policies.0: 5 must have as policy_type one of"):
        Holder(policies=[5])


@given(policy=step_policies())
def test_a_policy_survives_being_written_to_json_and_read_back(policy):
    adapter = TypeAdapter(Policy)
    assert adapter.validate_json(adapter.dump_json(policy)) == policy


def action(**fields):
    return ScheduledAction(**{"name": "morning", "desired_capacity": 10, **fields})


def test_every_tuesday_at_half_past_six():
    found = list(
        action(recurrence="30 6 * * 2").occurrences(
            datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
        )
    )
    assert found == [datetime(2026, 11, day, 6, 30, tzinfo=UTC) for day in (3, 10, 17)]


def test_eight_in_new_york_is_an_hour_later_in_utc_once_summer_ends():
    local = action(recurrence="0 8 * * *", time_zone="America/New_York")
    found = list(
        local.occurrences(datetime(2026, 10, 31, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
    )
    assert [at.hour for at in found] == [12, 13]


def test_a_time_that_summer_time_skips_is_put_off_to_after_the_gap():
    skipped = action(recurrence="30 2 * * *", time_zone="America/New_York")
    night = datetime(2026, 3, 8, tzinfo=UTC)
    assert list(skipped.occurrences(night, night + timedelta(days=1))) == [
        datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    ]


def test_a_time_that_comes_twice_counts_once():
    twice = action(recurrence="30 1 * * *", time_zone="America/New_York")
    night = datetime(2026, 11, 1, tzinfo=UTC)
    assert list(twice.occurrences(night, night + timedelta(days=1))) == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    ]


def test_the_start_belongs_to_the_time_asked_for_and_the_end_does_not():
    hourly = action(recurrence="0 * * * *")
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert list(hourly.occurrences(noon, noon + timedelta(hours=2))) == [
        noon, noon + timedelta(hours=1),
    ]  # fmt: skip
    assert list(hourly.occurrences(noon, noon)) == []
    just_after = noon + timedelta(microseconds=1)
    assert list(hourly.occurrences(just_after, noon + timedelta(hours=1))) == []


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    cut=st.integers(0, 72 * 60),
    zone=st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]),
    recurrence=st.sampled_from(["30 2 * * *", "*/15 * * * *", "5 1,2,3 * * *", "0 */2 * * *"]),
)
def test_two_stretches_of_time_have_together_what_they_have_as_one(start, cut, zone, recurrence):
    repeated = action(recurrence=recurrence, time_zone=zone)
    middle, end = start + timedelta(minutes=cut), start + timedelta(days=3)
    parts = [*repeated.occurrences(start, middle), *repeated.occurrences(middle, end)]
    whole = list(repeated.occurrences(start, end))
    assert parts == whole == sorted(set(whole))
    assert all(start <= at < end for at in whole)


def test_an_action_that_runs_once():
    once = action(at="2026-11-20T09:00:00+01:00")
    eight = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert list(once.occurrences(eight, eight + timedelta(days=9))) == [eight]
    assert list(once.occurrences(eight - timedelta(days=9), eight)) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"recurrence": "0 8 * *"}, "recurrence: '0 8 [*] [*]' must have five fields: minute hour"),
        ({"recurrence": "0 0 8 * * *"}, "must have five fields"),
        ({"recurrence": "60 8 * * *"}, "must have five fields of cron .*; minute cannot be read"),
        ({"recurrence": "0 25 * * *"}, "hour cannot be read"),
        ({"recurrence": "0 8 31 2 *"}, "day-of-month cannot be read"),
        ({"recurrence": "0 8 * * MON#2"}, "must be a plain cron expression, without '#'"),
        ({"recurrence": "0 8 L * *"}, "must be a plain cron expression, without 'L'"),
        ({"recurrence": "@daily"}, "must have five fields"),
        ({"recurrence": "0 8 * * *", "time_zone": "America/NewYork"}, "nearest: America/New_York"),
        ({"recurrence": "0 8 * * *", "time_zone": ""}, "time_zone: '' must be a time zone of the"),
        ({"recurrence": "0 8 * * *", "time_zone": "../etc"}, "must be a time zone of the IANA"),
        ({"recurrence": "0 8 * * *", "time_zone": "America"}, "must be a time zone of the IANA"),
        ({"at": "2026-11-20T08:00:00"}, "at: .* must have a time zone, such as"),
        ({"at": 5}, "at: 5 must be a date and time"),
        ({}, "recurrence None and at None: exactly one must be given"),
        ({"recurrence": "0 8 * * *", "at": "2026-11-20T08:00:00Z"}, "exactly one must be given"),
        ({"recurrence": "0 8 * * *", "desired_capacity": None}, "min_size, max_size or desired_"),
        ({"recurrence": "0 8 * * *", "max_size": 9}, "city 10 must be at most max_size"),
        ({"recurrence": "0 8 * * *", "min_size": 11}, "min_size 11 must be at most desired_capac"),
        ({"recurrence": "0 8 * * *", "min_size": -1}, "min_size: -1 must be greater than or equal"),
    ],
)  # fmt: skip
def test_what_a_scheduled_action_cannot_be(fields, message):
    with pytest.raises(InvalidInputError, match=message):
        action(**fields)


def test_occurrences_need_to_know_the_time_zone_of_the_stretch():
    with pytest.raises(InvalidInputError, match="must have a time zone"):
        action(recurrence="0 8 * * *").occurrences(datetime(2026, 1, 1), datetime(2026, 1, 2))


def test_months_and_weekdays_have_names():
    weekday = action(recurrence="0 8 * JUL MON-FRI")
    first = datetime(2026, 7, 1, tzinfo=UTC)
    assert len(list(weekday.occurrences(first, first + timedelta(days=7)))) == 5
