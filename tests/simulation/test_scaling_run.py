"""Alarms and policies at work on a group: when they act, and when they must not.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html,
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
"""

import numpy as np
import pytest

from models import simulate
from models.distributions import Fixed
from models.errors import UnknownNameError
from models.scaling import (
    Alarm,
    ScheduledAction,
    SimpleScalingPolicy,
    StepAdjustment,
    StepScalingPolicy,
    TargetTrackingPolicy,
)
from models.services.autoscaling import Application, AutoScalingGroup, LaunchTemplate
from models.simulation import Assumptions
from models.workload import Constant, Counts, Step

WEB = AutoScalingGroup(
    name="web", min_size=1, max_size=20, desired_capacity=2, launch=Fixed(seconds=20),
    os_boot=Fixed(seconds=1), application=Application(workers=2, boot=Fixed(seconds=9)),
    default_instance_warmup_seconds=60,
)  # fmt: skip
CPU = TargetTrackingPolicy(
    name="cpu50", predefined_metric="ASGAverageCPUUtilization", target_value=50
)
QUIET = Constant(rate_per_second=1, duration_seconds=7200, work=Fixed(seconds=0.001))
#: From 4 percent of two instances to far more than they can serve, after ten minutes.
JUMP = Step(
    duration_seconds=3600, from_per_second=1, to_per_second=60, at_seconds=600,
    work=Fixed(seconds=0.1),
)  # fmt: skip


def alarm(threshold=50, comparison="GreaterThanOrEqualToThreshold", **fields):
    return Alarm(
        metric_name="Depth", threshold=threshold, comparison_operator=comparison,
        **{"evaluation_periods": 1, **fields},
    )  # fmt: skip


def by_minute(values, otherwise):
    """A metric of one's own that has these values in these minutes."""
    return {"Depth": lambda seen: values.get(int(seen.group.clock.now // 60) - 1, otherwise)}


def changes(run):
    """(second, desired capacity) of each change of the desired capacity, to the minute."""
    desired = run.column("desired")
    return [
        (60 * (int(row) + 1), int(desired[row + 1])) for row in np.flatnonzero(np.diff(desired))
    ]


def scaled(policies, metrics=None, trace=QUIET, **fields):
    return simulate(WEB.replace(policies=policies, **fields), trace, metrics=metrics)


# --- target tracking --------------------------------------------------------------------------


def test_a_jump_is_answered_after_three_datapoints_and_their_delivery():
    """High from 600 s: datapoints end at 660, 720 and 780 and can be read 60 s later."""
    run = scaled([CPU], trace=JUMP)
    first = run.activities[0]
    assert first.start_seconds == 780 + 60
    # CPU utilization cannot be seen above 100 percent: twice the target, so twice the capacity.
    assert "changing the desired capacity from 2 to 4" in first.cause
    assert f"alarm {CPU.alarms('web').high.alarm_name} in state ALARM" in first.cause


@pytest.mark.parametrize("delay", [0, 120])
def test_the_delivery_of_metrics_is_a_parameter(delay):
    assumptions = Assumptions(metric_delivery_seconds=delay)
    run = simulate(WEB.replace(policies=[CPU]), JUMP, assumptions=assumptions)
    assert run.activities[0].start_seconds == 780 + delay


def test_warming_instances_count_as_there_and_nothing_is_added_for_the_same_load():
    """Four are desired at 840 s; the alarm goes on, and more is added only when they are warm."""
    run = scaled([CPU], trace=JUMP)
    asked = sorted({one.start_seconds for one in run.activities if one.change > 0})
    warm = 840 + 20 + 60
    assert asked[1] > warm
    # 60 a second at 0.1 s are 6 busy workers: 3 instances, at 50 percent 6, at 35 at most 8.
    assert 6 <= run.column("desired")[-1] <= 8


def falls(low, **fields):
    """Desired capacity over two hours of a metric that falls from its target to `low`."""
    values = dict.fromkeys(range(60), 50)
    policy = TargetTrackingPolicy(name="depth", custom_metric="Depth", target_value=50, **fields)
    return changes(scaled([policy], by_minute(values, low), desired_capacity=10))


def test_scaling_in_takes_fifteen_datapoints_below_seventy_percent_of_the_target():
    # The first low datapoint ends at 61 minutes, the fifteenth at 75, and a minute of delivery.
    assert falls(30)[0] == (76 * 60, 6)
    assert falls(36) == []


def test_scaling_in_by_shares_is_more_gradual():
    assert falls(30, scale_in_max_share=0.1)[0] == (76 * 60, 9)


def test_a_policy_that_may_not_scale_in_never_does():
    assert falls(1, disable_scale_in=True) == []


def test_nothing_is_removed_while_an_instance_warms_up():
    """The same fall, but a schedule has just added one that warms up for ten minutes."""
    policy = TargetTrackingPolicy(
        name="depth", custom_metric="Depth", target_value=50, scale_in_ratio=0.9,
        estimated_instance_warmup_seconds=600,
    )  # fmt: skip
    eleven = ScheduledAction(name="more", recurrence="10 1 * * *", desired_capacity=11)
    values = dict.fromkeys(range(60), 50)
    run = scaled([policy], by_minute(values, 40), desired_capacity=10, scheduled_actions=[eleven])
    # Launched at 70 minutes, in service 20 s later, warm after ten minutes more.
    removed = [second for second, capacity in changes(run) if capacity < 11]
    assert removed[0] == 81 * 60


def tracking(name, value):
    return TargetTrackingPolicy(name=name, custom_metric=name, target_value=value)


def test_of_several_policies_the_largest_wins():
    metrics = {"a": lambda seen: 60.0, "b": lambda seen: 100.0}
    run = scaled([tracking("a", 50), tracking("b", 50)], metrics, desired_capacity=5)
    assert changes(run)[0] == (240, 10)
    assert "triggered policy b changing the desired capacity from 5 to 10" in (
        run.activities[0].cause
    )


@pytest.mark.parametrize(("second", "removes"), [(40.0, False), (20.0, True)])
def test_target_tracking_scales_in_only_where_all_its_policies_would(second, removes):
    metrics = {"a": lambda seen: 10.0, "b": lambda seen: second}
    run = scaled([tracking("a", 50), tracking("b", 50)], metrics, desired_capacity=10)
    assert bool(changes(run)) == removes
    if removes:  # to what the larger of the two needs: 10 x 20 / 50
        assert changes(run)[0] == (16 * 60, 4)


def test_requests_per_target_have_no_datapoint_without_requests_so_nothing_scales_in():
    """Traffic ends for good: CPU utilization goes to 0, the count of requests goes missing."""
    counts = [6000] * 20 + [0] * 100
    trace = Counts(
        requests=counts, interval_seconds=60, duration_seconds=7200, work=Fixed(seconds=0.01)
    )
    requests = TargetTrackingPolicy(
        name="requests", predefined_metric="ALBRequestCountPerTarget", target_value=1000
    )
    sizes = {
        policy.name: scaled([policy], trace=trace, desired_capacity=6).column("desired")[-1]
        for policy in (requests, CPU)
    }
    assert sizes["requests"] == 6
    assert sizes["cpu50"] == 1


def test_requests_per_target_are_those_of_the_healthy_targets():
    trace = Constant(rate_per_second=100, duration_seconds=3600, work=Fixed(seconds=0.001))
    policy = TargetTrackingPolicy(
        name="requests", predefined_metric="ALBRequestCountPerTarget", target_value=1000
    )
    run = scaled([policy], trace=trace)
    # 6,000 a minute at 1,000 each are six; noise of a Poisson minute may add one.
    assert run.column("desired")[-1] in (6, 7)


# --- step scaling -----------------------------------------------------------------------------

OUT = StepScalingPolicy(
    name="out", alarm=alarm(50), adjustment_type="PercentChangeInCapacity",
    step_adjustments=[
        StepAdjustment(lower_bound=0, upper_bound=10, scaling_adjustment=0),
        StepAdjustment(lower_bound=10, upper_bound=20, scaling_adjustment=10),
        StepAdjustment(lower_bound=20, scaling_adjustment=30),
    ],
)  # fmt: skip
IN = StepScalingPolicy(
    name="in", alarm=alarm(50, "LessThanOrEqualToThreshold"),
    adjustment_type="PercentChangeInCapacity",
    step_adjustments=[
        StepAdjustment(lower_bound=-10, upper_bound=0, scaling_adjustment=0),
        StepAdjustment(lower_bound=-20, upper_bound=-10, scaling_adjustment=-10),
        StepAdjustment(upper_bound=-20, scaling_adjustment=-30),
    ],
)  # fmt: skip


def test_the_step_scaling_example_of_aws_from_end_to_end():
    """60, 70, 40 and 30 percent, each for a minute: 10 to 11, 14, 13 and back to 10."""
    metrics = by_minute({5: 60, 20: 70, 40: 40, 60: 30}, otherwise=50)
    run = scaled([OUT, IN], metrics, desired_capacity=10, max_size=30)
    # A minute's datapoint ends with the minute and is delivered a minute later.
    assert changes(run) == [(7 * 60, 11), (22 * 60, 14), (42 * 60, 13), (62 * 60, 10)]


def test_an_alarm_that_stays_acts_again_every_minute_but_counts_what_warms_up():
    """Depth 62 for ten minutes: the same step adds nothing until the first is warm."""
    metrics = by_minute(dict.fromkeys(range(5, 15), 62), otherwise=50)
    run = scaled([OUT], metrics, desired_capacity=10, default_instance_warmup_seconds=200)
    # Asked for at 420 s, in service at 440, warm at 640: the next evaluation is at 660.
    assert changes(run) == [(420, 11), (660, 12), (900, 13)]


def test_a_larger_breach_while_warming_adds_the_difference():
    metrics = by_minute({5: 60, 6: 70}, otherwise=50)
    run = scaled([OUT], metrics, desired_capacity=10, default_instance_warmup_seconds=200)
    # 30 percent of the ten that were there, less the one that is coming.
    assert changes(run) == [(420, 11), (480, 13)]


def test_the_same_breach_removes_nothing_more_while_an_instance_terminates():
    metrics = by_minute(dict.fromkeys(range(5, 15), 40), otherwise=50)
    run = scaled([IN], metrics, desired_capacity=10, terminate_hook_seconds=200)
    # Asked for at 420 s and gone at 620.
    assert changes(run) == [(420, 9), (660, 8), (900, 7)]


# --- simple scaling ---------------------------------------------------------------------------


def simple(**fields):
    return SimpleScalingPolicy(name="plus", alarm=alarm(50), scaling_adjustment=1, **fields)


def test_simple_scaling_waits_for_the_activity_and_then_for_the_cooldown():
    metrics = by_minute({}, otherwise=60)
    run = scaled([simple(cooldown_seconds=100)], metrics, max_size=5)
    # At 120 s; in service at 140, so not before 240; then 260 and 380.
    assert changes(run) == [(120, 3), (240, 4), (360, 5)]


def test_simple_scaling_waits_for_an_activity_that_outlasts_the_cooldown():
    metrics = by_minute({}, otherwise=60)
    run = scaled([simple(cooldown_seconds=0)], metrics, max_size=4, launch=Fixed(seconds=150))
    # Asked for at 120 s, in service at 270.
    assert changes(run) == [(120, 3), (300, 4)]


def test_the_default_cooldown_is_the_groups():
    metrics = by_minute({}, otherwise=60)
    run = scaled([simple()], metrics, max_size=4, default_cooldown_seconds=300)
    # 120 + 20 + 300 = 440: the next whole minute is 480.
    assert changes(run) == [(120, 3), (480, 4)]


# --- metrics ----------------------------------------------------------------------------------


def test_without_detailed_monitoring_a_datapoint_takes_five_minutes():
    basic = LaunchTemplate(monitoring=False)
    run = scaled([CPU], trace=JUMP, launch_template=basic)
    # Datapoints end at 900, 1200 and 1500 s.
    assert run.activities[0].start_seconds == 1500 + 60


def test_alarms_of_ten_seconds_act_within_seconds():
    fast = alarm(50, period_seconds=10, evaluation_periods=3)
    policy = SimpleScalingPolicy(name="plus", alarm=fast, scaling_adjustment=1)
    run = scaled([policy], {"Depth": lambda seen: 60.0 if seen.group.clock.now > 600 else 40.0})
    assert run.activities[0].start_seconds == 630


def test_missing_datapoints_are_what_the_alarm_says():
    silent = {"Depth": lambda seen: None if seen.group.clock.now > 600 else 40.0}
    histories = {
        treat: scaled(
            [simple().replace(alarm=alarm(50, treat_missing_data=treat))], silent, max_size=3
        ).alarm_history
        for treat in ("missing", "ignore", "breaching", "notBreaching")
    }
    ends = {treat: history[-1].after for treat, history in histories.items()}
    assert ends == {
        "missing": "INSUFFICIENT_DATA", "ignore": "OK", "breaching": "ALARM", "notBreaching": "OK",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "near"), [("Dept", "Depth"), ("CPUUtilisation", "CPUUtilization")]
)
def test_a_metric_that_nothing_reports_is_refused_with_the_nearest(name, near):
    policy = simple().replace(alarm=alarm(50).replace(metric_name=name))
    with pytest.raises(UnknownNameError, match=f"metric '{name}' is not .*nearest: {near}"):
        scaled([policy], {"Depth": lambda seen: 1.0})


def test_response_time_and_server_errors_are_metrics_too():
    overload = Constant(rate_per_second=60, duration_seconds=1200, work=Fixed(seconds=0.1))
    for name, threshold in (("TargetResponseTime", 0.5), ("HTTPCode_Target_5XX_Count", 1)):
        policy = simple().replace(alarm=alarm(threshold).replace(metric_name=name))
        assert changes(scaled([policy], trace=overload))[0] == (120, 3)
