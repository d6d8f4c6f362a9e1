"""The group as a resource: what its constructor refuses, and what it costs where nothing moves."""

import pytest

from models.distributions import Fixed
from models.errors import InvalidInputError
from models.quotas import launch_seconds
from models.scaling import ScheduledAction, TargetTrackingPolicy
from models.services.autoscaling import (
    Application,
    AutoScalingGroup,
    Crash,
    HealthCheck,
    LaunchTemplate,
    TargetGroup,
)
from models.services.ec2 import Instance, Volume


def group(**fields):
    return AutoScalingGroup(**{"name": "web", "max_size": 10, **fields})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"min_size": 11}, r"min_size \(11\) must be at most max_size \(10\)"),
        ({"desired_capacity": 0}, r"desired_capacity \(0\) must be from min_size \(1\)"),
        ({"desired_capacity": 11}, r"desired_capacity \(11\) must be .* to max_size \(10\)"),
        ({"min_size": -1}, "min_size"),
        ({"min_size": 1.5}, "min_size"),
        ({"default_instance_warmup_seconds": 3601}, r"from 0 to 3600 \[s\]"),
        ({"launch_hook_seconds": 200_000}, r"at most 172,800 \[s\]"),
        ({"availability_zones": 0}, "availability_zones"),
        ({"health_check_type": "elb"}, "health_check_type"),
        ({"health_check_grace_period_seconds": float("nan")}, "grace_period_seconds"),
        ({"vcpu_quota": -1}, "vcpu_quota"),
        ({"launch": Fixed(seconds=20), "lauch": 3}, "lauch.*nearest: launch"),
    ],
)
def test_a_group_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        group(**fields)


def tracking(name, metric="a", target_value=50):
    return TargetTrackingPolicy(name=name, custom_metric=metric, target_value=target_value)


def action(name):
    return ScheduledAction(name=name, recurrence="0 9 * * *", desired_capacity=2)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"policies": [tracking("x", "a"), tracking("x", "b")]}, "names; 'x' is given twice"),
        ({"policies": [tracking("x"), tracking("y", target_value=60)]}, "another metric than 'a'"),
        ({"policies": [tracking(f"{n}", f"{n}") for n in range(51)]}, "at most 50 to a group"),
        ({"scheduled_actions": [action("x"), action("x")]}, "names; 'x' is given twice"),
        ({"scheduled_actions": [action(f"{n}") for n in range(126)]}, "at most 125 to a group"),
    ],
)
def test_policies_and_schedules_that_aws_would_refuse_are_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        group(**fields)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LaunchTemplate(instance_type="m5.lagre"), "m5.lagre.*nearest: m5.large"),
        (lambda: LaunchTemplate(volume_gb=0), "volume_gb"),
        (lambda: Application(workers=0), "workers.*greater than or equal to 1|workers.*at least 1"),
        (lambda: Application(queue_length=-1), "queue_length"),
        (lambda: Application(client_timeout_seconds=0), "client_timeout_seconds"),
        (lambda: Application(cpu_percent_when_busy=0), "cpu_percent_when_busy"),
        (lambda: Crash(at_seconds=-1), "at_seconds"),
        (lambda: Crash(at_seconds=1, kind="disk"), "kind"),
        (lambda: HealthCheck(interval_seconds=4), "interval_seconds.*from 5 to 300"),
        (lambda: HealthCheck(timeout_seconds=121), "timeout_seconds.*from 2 to 120"),
        (lambda: HealthCheck(interval_seconds=5, timeout_seconds=5), r"must be below.*\(5\)"),
        (lambda: HealthCheck(unhealthy_threshold_count=1), "from 2 to 10"),
        (lambda: TargetGroup(deregistration_delay_seconds=3601), "from 0 to 3600"),
        (lambda: TargetGroup(slow_start_duration_seconds=29), "0 or from 30 to 900"),
        (lambda: TargetGroup(stickiness_duration_seconds=700_000), "0 or from 1 to 604800"),
        (lambda: TargetGroup(weight=1000), "from 0 to 999"),
        (lambda: TargetGroup(algorithm="random"), "algorithm"),
    ],
)
def test_parts_that_aws_would_refuse_are_refused(make, said):
    with pytest.raises(InvalidInputError, match=said):
        make()


def test_the_desired_capacity_is_estimated_for_the_whole_month():
    usage = group(min_size=3).estimate()
    parts = (
        Instance(name="web", instance_type="m5.large", count=3, monitoring=True).estimate()
        + Volume(name="web", volume_type="gp3", size_gb=8, count=3).estimate()
    )
    assert {key: usage.total(key) for key in usage} == {key: parts.total(key) for key in parts}


def test_a_group_of_none_costs_nothing():
    assert not list(group(min_size=0).estimate())


def test_launches_are_drawn_as_measured():
    drawn = group().launch
    assert drawn.mean_seconds == pytest.approx(
        drawn.replace(**launch_seconds()._asdict()).mean_seconds
    )
    assert 5 < drawn.mean_seconds < 60
