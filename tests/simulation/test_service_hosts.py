"""Tasks on EC2 find room on container instances, whose number follows the tasks.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
"""

from collections import Counter

import numpy as np
import pytest

from models.distributions import Fixed
from models.scaling import ScheduledAction
from models.scaling.packing import waste
from models.services.autoscaling import Application, Crash, HealthCheck, LaunchTemplate, TargetGroup
from models.services.ecs import CapacityProvider, ScalableTarget, Service, TaskDefinition
from models.simulation import Assumptions, simulate_service
from models.units import BillingPeriod
from models.workload import Constant

QUIET = Constant(rate_per_second=1, duration_seconds=3600, work=Fixed(seconds=0.05))
#: Three to an instance of 2 vCPU and 8 GB.
WEB = Service(
    name="web", launch_type="EC2", desired_count=6,
    task_definition=TaskDefinition(cpu_units=640, memory_mib=2048, image_size_mb=100),
    application=Application(workers=2, boot=Fixed(seconds=5)),
    target_group=TargetGroup(
        health_check=HealthCheck(interval_seconds=5, timeout_seconds=2),
        deregistration_delay_seconds=0,
    ),
)  # fmt: skip
HOSTS = CapacityProvider(
    name="hosts", max_size=20, launch=Fixed(seconds=20), os_boot=Fixed(seconds=5),
    agent_start=Fixed(seconds=15),
)  # fmt: skip


def at(minute, **sizes):
    return ScheduledAction(name=f"at {minute}", recurrence=f"{minute} 0 * * *", **sizes)


def run_of(service=WEB, provider=HOSTS, *actions, trace=QUIET, **fields):
    if actions:
        scaling = ScalableTarget(min_capacity=0, max_capacity=100, scheduled_actions=actions)
        service = service.replace(scaling=scaling)
    return simulate_service(service, trace, capacity_provider=provider, **fields)


def started(run):
    """Tasks that were started in the run and ran."""
    log = run.task_log
    return log[(log.running_seconds > 0) & (log.running_seconds < np.inf)]


def launched(run):
    """When container instances were asked for, and how many each time."""
    return dict(Counter(
        one.start_seconds for one in run.activities if one.group == "hosts" and one.change > 0
    ))  # fmt: skip


def removed(run):
    return dict(Counter(
        one.start_seconds for one in run.activities if one.group == "hosts" and one.change < 0
    ))  # fmt: skip


def on_hosts(run):
    """Tasks on each instance at the end."""
    return sorted(len(one.host.items) for one in run._hosts if one.terminated_seconds == np.inf)


# --- room -------------------------------------------------------------------------------------


def test_the_instances_of_the_start_are_those_the_tasks_need():
    assert on_hosts(run_of()) == [3, 3]
    assert on_hosts(run_of(provider=HOSTS.replace(target_capacity_percent=50))) == [1, 1, 2, 2]
    assert on_hosts(run_of(provider=HOSTS.replace(desired_capacity=4))) == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("strategies", "filled"),
    [(["spread(zone)", "spread(host)"], [2, 2, 2]), (["binpack(cpu)"], [0, 3, 3])],
)
def test_tasks_go_where_the_placement_strategy_says(strategies, filled):
    provider = HOSTS.replace(desired_capacity=3, availability_zones=3, managed_scaling=False)
    run = run_of(WEB.replace(placement_strategies=strategies), provider)
    assert on_hosts(run) == filled
    lost = waste([one.host for one in run._hosts])
    assert lost.cpu_share == pytest.approx(1 - 6 * 640 / (3 * 2048))
    assert lost.memory_share == pytest.approx(1 - 6 * 2048 / (3 * 7936))


def test_tasks_wait_where_there_is_no_room_and_nobody_makes_any():
    provider = HOSTS.replace(managed_scaling=False, desired_capacity=2)
    run = run_of(WEB, provider, at(10, min_size=8))
    assert run.column("in_service")[-1] == 6
    assert run.column("pending")[-1] == 2
    assert launched(run) == {}
    assert run.instance_hours == 2


def test_a_waiting_task_takes_the_room_of_one_that_left():
    provider = HOSTS.replace(managed_scaling=False, desired_capacity=2)
    crash = WEB.application.replace(crashes=[Crash(at_seconds=1200)])
    run = run_of(WEB.replace(application=crash), provider, at(10, min_size=8))
    # The oldest of those that wait comes first, the successor of the dead one last.
    new = started(run)
    assert new.created_seconds.tolist() == [600]
    assert new.running_seconds.tolist() == [1202]


def test_the_second_task_of_a_version_on_an_instance_finds_the_image_there():
    """A new instance at 660 s: 40 s, then 2 s and the pull of 10 s; one more task at 1,200 s."""
    run = run_of(WEB, HOSTS, at(10, min_size=7), at(20, min_size=8))
    seventh, eighth = started(run).itertuples()
    assert seventh.running_seconds == 660 + 40 + 2 + 10
    assert eighth.running_seconds == 1200 + 2


def test_an_instance_that_fails_takes_its_tasks_with_it_and_is_replaced():
    crash = WEB.application.replace(crashes=[Crash(at_seconds=600, kind="instance")])
    run = run_of(WEB.replace(application=crash))
    log = run.task_log
    assert (log.stopped_seconds == 600).sum() == 3
    assert (removed(run), launched(run)) == ({600: 1}, {600: 1})
    # 40 s until there is room, 2 s and the pull of 10 s.
    assert started(run).running_seconds.tolist() == [652] * 3
    assert run.column("healthy")[-1] == 6


# --- managed scaling --------------------------------------------------------------------------


def test_from_no_instance_at_all_two_are_launched_then_what_is_needed():
    """Twelve tasks need four instances, of which there are none at first."""
    service = WEB.replace(desired_count=12)
    run = run_of(service, HOSTS.replace(desired_capacity=0))
    # The metric of 60 s can be read at 120 s: 200 %; two are there at 160 s. That of 180 s says
    # four of two.
    assert launched(run) == {120: 2, 240: 2}
    assert run.column("in_service")[-1] == 12
    assert [change.after for change in run.alarm_history][:1] == ["ALARM"]


def test_more_instances_come_within_a_minute_and_its_delivery():
    run = run_of(WEB, HOSTS, at(10, min_size=15))
    # Fifteen tasks on two instances of three: five are needed.
    assert launched(run) == {660: 3}
    fast = run_of(WEB, HOSTS, at(10, min_size=15), assumptions=Assumptions(
        metric_delivery_seconds=0))  # fmt: skip
    assert launched(fast) == {600: 3}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ({"minimum_scaling_step_size": 5}, {660: 5}),
        ({"maximum_scaling_step_size": 2}, {660: 2, 720: 1}),
    ],
)
def test_steps_have_a_least_and_a_most(steps, expected):
    assert launched(run_of(WEB, HOSTS.replace(**steps), at(10, min_size=15))) == expected


def test_the_maximum_of_the_group_is_never_passed():
    run = run_of(WEB, HOSTS.replace(max_size=3), at(10, min_size=15))
    assert launched(run) == {660: 1}
    assert run.column("in_service")[-1] == 9


def test_a_target_below_a_hundred_keeps_some_spare():
    run = run_of(WEB, HOSTS.replace(target_capacity_percent=50), at(10, min_size=9))
    # Four at the start for the two that are needed; three are needed, so six.
    assert launched(run) == {660: 2}


def test_empty_instances_leave_after_fifteen_low_minutes_by_halves():
    """Thirty tasks on ten instances, three of them left on one: ten, five, two, one."""
    service = WEB.replace(desired_count=30, placement_strategies=["binpack(cpu)"])
    run = run_of(service, HOSTS, at(10, min_size=3, max_size=3))
    # Low at 600 s for the first time; the fifteenth datapoint is delivered a minute later.
    first = 600 + 14 * 60 + 60
    assert removed(run) == {first: 5, first + 60: 2, first + 120: 1, first + 180: 1}
    assert on_hosts(run) == [3]


def test_an_instance_that_holds_a_task_stays():
    """Spread over all instances, three tasks keep three of them although one would do."""
    service = WEB.replace(desired_count=9, placement_strategies=["spread(host)"])
    run = run_of(service, HOSTS, at(10, min_size=3, max_size=3))
    kept = on_hosts(run)
    assert sum(kept) == 3
    assert removed(run).keys() <= {1500}
    assert all(count > 0 for count in kept)


def test_nothing_leaves_while_an_instance_warms_up():
    warming = HOSTS.replace(instance_warmup_seconds=3000, max_size=5)
    actions = at(10, min_size=15), at(15, min_size=3, max_size=3)
    service = WEB.replace(placement_strategies=["binpack(cpu)"])
    assert removed(run_of(service, warming, *actions)) == {}
    assert removed(run_of(service, warming.replace(instance_warmup_seconds=300), *actions))


# --- what is charged --------------------------------------------------------------------------


def test_under_steady_load_the_run_is_charged_as_the_instances_of_the_estimate():
    days = BillingPeriod("two days", 48)
    steady = QUIET.replace(duration_seconds=48 * 3600, rate_per_second=0.1)
    used = run_of(trace=steady).usage(days)
    expected = HOSTS.replace(desired_capacity=2).estimate(days)
    assert {str(key.meter) for key in expected} == {
        "AmazonEC2 BoxUsage:m5.large RunInstances", "AmazonEC2 EBS:VolumeUsage.gp3",
        "AmazonCloudWatch CW:MetricMonitorUsage",
    }  # fmt: skip
    for key in expected:
        assert used.total(key) == pytest.approx(expected.total(key), rel=1e-12)
    assert not [key for key in used if key.meter.service_code == "AmazonECS"]


def test_instances_are_charged_from_running_until_they_are_gone():
    service = WEB.replace(placement_strategies=["binpack(cpu)"])
    provider = HOSTS.replace(launch_template=LaunchTemplate(instance_type="m5.large"))
    run = run_of(service, provider, at(10, min_size=9), at(20, min_size=6, max_size=6))
    ((asked, one),) = launched(run).items()
    ((gone, other),) = removed(run).items()
    assert (one, other) == (1, 1)
    assert run.instance_hours == pytest.approx(2 + (gone - asked - 20) / 3600)
    assert run.hosts_in_service(1200) == 3
    assert run.hosts_in_service(3599) == 2
