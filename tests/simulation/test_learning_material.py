"""Figures that courses print about Auto Scaling, run through the simulator."""

import numpy as np
import pytest

from models import simulate, theory
from models.distributions import Fixed
from models.scaling import Alarm, ScheduledAction, SimpleScalingPolicy
from models.services.autoscaling import Application, AutoScalingGroup
from models.workload import BusinessHours, Constant

DAY = 86_400
#: An instance that serves 100 requests a second, each 0.1 s of one of ten workers.
HUNDRED_A_SECOND = Application(workers=10, queue_length=50, boot=Fixed(seconds=20))
WORK = Fixed(seconds=0.1)


def group(**fields):
    return AutoScalingGroup(name="web", application=HUNDRED_A_SECOND, **fields)


def test_500_requests_a_second_need_5_instances_of_100_each():
    assert theory.instances_for(500, 100) == 5
    errors = {}
    for count in (4, 5):
        trace = Constant(rate_per_second=490, duration_seconds=600, work=WORK)
        run = simulate(group(min_size=count, max_size=count), trace)
        errors[count] = run.error_share
    assert errors[4] > 0.1
    assert errors[5] == 0


def test_a_fleet_that_follows_office_hours_costs_108_dollars_and_not_180():
    """5 instances at 0.05 dollars an hour: all day, or for 8 hours a day with 2 at other times."""
    always = group(min_size=5, max_size=5)
    follows = group(
        min_size=2, max_size=5, desired_capacity=2,
        scheduled_actions=[
            ScheduledAction(name="open", recurrence="0 9 * * *", desired_capacity=5),
            ScheduledAction(name="close", recurrence="0 17 * * *", desired_capacity=2),
        ],
    )  # fmt: skip
    day = BusinessHours(
        duration_seconds=DAY, in_hours_per_second=20, outside_per_second=5, work=WORK
    )
    month_usd = [simulate(one, day).instance_hours * 30 * 0.05 for one in (always, follows)]
    assert month_usd[0] == pytest.approx(180, rel=1e-9)
    # Launching is not charged, draining is: seconds a day.
    assert month_usd[1] == pytest.approx(108, rel=0.002)


def steps_between(high, low, load, adjustment=1, start=3, cooldown=300):
    """Changes of capacity in six hours at a constant load [percent of one instance]."""

    def policy(name, operator, threshold, change):
        alarm = Alarm(
            metric_name="CPUUtilization", threshold=threshold, evaluation_periods=2,
            comparison_operator=operator,
        )  # fmt: skip
        return SimpleScalingPolicy(
            name=name, alarm=alarm, scaling_adjustment=change, cooldown_seconds=cooldown
        )

    fleet = group(
        min_size=1, max_size=10, desired_capacity=start, default_instance_warmup_seconds=60,
        policies=[
            policy("out", "GreaterThanThreshold", high, adjustment),
            policy("in", "LessThanThreshold", low, -adjustment),
        ],
    )  # fmt: skip
    trace = Constant(rate_per_second=load, duration_seconds=6 * 3600, work=WORK)
    desired = simulate(fleet, trace, engine="fluid").column("desired")
    return int(np.count_nonzero(np.diff(desired)))


@pytest.mark.parametrize("load", [112, 190, 225, 260])
def test_70_and_30_with_one_instance_at_a_time_settle_at_any_load(load):
    assert not any(theory.flaps(70, 30, capacity) for capacity in range(1, 11))
    assert steps_between(70, 30, load) <= 3


def test_70_and_60_with_one_instance_at_a_time_flap():
    assert theory.flaps(70, 60, 3)
    assert steps_between(70, 60, 225) > 20


def test_two_at_a_time_flap_between_one_and_three_at_80_percent():
    assert steps_between(70, 30, 80, adjustment=2, start=1) > 20
    assert steps_between(70, 30, 95, adjustment=2, start=1) <= 2


def test_a_cooldown_shorter_than_boot_and_metrics_overshoots_where_no_threshold_flaps():
    """The alarm still stands on old datapoints when the cooldown ends: 1, 3, 5 and back again."""
    assert steps_between(70, 30, 95, adjustment=2, start=1, cooldown=60) > 20


def test_the_example_of_75_percent_on_3_and_28_percent_on_4_cannot_happen():
    """28 percent on 4 instances is 37 percent on 3: no reason to come back."""
    assert 4 * 28 / 3 < 70
    assert steps_between(70, 30, 4 * 28, start=4) <= 2


def test_two_hundred_requests_a_second_on_two_hundred_connections_cannot_be_beaten():
    """`hey -n 10000 -c 100`, 45.3 s: 220.65 a second is what 100 connections get at 0.4532 s."""
    assert theory.little_length(10_000 / 45.3216, 0.4532) == pytest.approx(100, rel=0.001)
