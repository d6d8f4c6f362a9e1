"""A service of Amazon ECS: tasks start, fail, stop and are charged as AWS documents.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/throttling.html,
https://aws.amazon.com/fargate/pricing/
"""

import numpy as np
import pytest

from models.distributions import Fixed
from models.scaling import ScheduledAction, TargetTrackingPolicy
from models.services.autoscaling import Application, Crash, HealthCheck, TargetGroup
from models.services.ecs import (
    DeploymentConfiguration,
    ScalableTarget,
    Service,
    TaskDefinition,
)
from models.simulation import simulate_service
from models.workload import Constant

QUIET = Constant(rate_per_second=2, duration_seconds=3600, work=Fixed(seconds=0.05))
WEB = Service(
    name="web", desired_count=3, provisioning=Fixed(seconds=17),
    task_definition=TaskDefinition(cpu_units=1024, memory_mib=2048, image_size_mb=400),
    application=Application(workers=2, boot=Fixed(seconds=5)),
    target_group=TargetGroup(
        health_check=HealthCheck(interval_seconds=5, timeout_seconds=2),
        deregistration_delay_seconds=20,
    ),
)  # fmt: skip


def at(minute, **sizes):
    return ScheduledAction(name=f"at {minute}", recurrence=f"{minute} 0 * * *", **sizes)


def scheduled(*actions, least=1, most=1000):
    return ScalableTarget(min_capacity=least, max_capacity=most, scheduled_actions=actions)


def started(run):
    """Tasks that were started in the run."""
    log = run.task_log
    return log[log.running_seconds > 0]


def hours(run, usage_type="Fargate-vCPU-Hours:perCPU"):
    metered = run.metered_hourly()
    return sum(
        hourly.sum() for key, hourly in metered.items() if key.meter.usage_type == usage_type
    )


# --- starting ---------------------------------------------------------------------------------


def test_the_tasks_are_there_and_warm_when_time_begins():
    run = simulate_service(WEB, QUIET)
    assert run.activities == ()
    assert run.column("healthy")[0] == 3
    assert run.outcomes["ok"] >= run.requests - 1


def test_a_task_runs_after_its_network_and_its_image_and_serves_after_its_boot_and_a_check():
    run = simulate_service(WEB.replace(scaling=scheduled(at(10, min_size=4))), QUIET)
    (task,) = started(run).itertuples()
    assert (task.created_seconds, task.pull_seconds, task.running_seconds) == (600, 617, 657)
    assert run.column("in_service")[[9, 10]].tolist() == [3, 4]
    # Ready at 662 s; a check that passes comes within five more.
    assert run.column("healthy")[[10, 11]].tolist() == [3, 4]
    assert run.activities[0].description.startswith("(service web) has started 1 tasks: (task ")
    assert run.activities[0].cause == "A scheduled action set capacity 4 to 1000."


def test_the_measured_start_of_an_image_of_413_mb():
    """Ten starts on Fargate took 53 to 62 s, 57 on average (elasticscale.com, 2024)."""
    service = WEB.replace(
        provisioning=None, task_definition=WEB.task_definition.replace(image_size_mb=413),
        scaling=scheduled(at(10, min_size=53)),
    )  # fmt: skip
    starts = simulate_service(service, QUIET).start_seconds
    assert len(starts) == 50
    assert 53 <= starts.min() < starts.max() <= 62
    assert starts.mean() == pytest.approx(58.8, abs=0.6)


def test_launches_are_throttled_after_a_hundred():
    service = WEB.replace(
        provisioning=Fixed(seconds=0), scaling=scheduled(at(10, min_size=303)),
        task_definition=WEB.task_definition.replace(image_size_mb=0),
    )  # fmt: skip
    running = np.sort(started(simulate_service(service, QUIET)).running_seconds)
    expected = 600 + np.maximum(np.arange(300) - 99, 0) / 20
    assert running == pytest.approx(expected)


def test_new_tasks_on_fargate_go_to_the_zone_that_has_fewest():
    service = WEB.replace(availability_zones=3, scaling=scheduled(at(10, min_size=8)))
    zones = simulate_service(service, QUIET).task_log.zone.tolist()
    assert sorted(zones.count(zone) for zone in range(3)) == [2, 3, 3]


# --- stopping and what is charged -------------------------------------------------------------


def test_a_task_is_charged_from_the_pull_of_its_image_until_it_is_gone():
    service = WEB.replace(scaling=scheduled(at(10, min_size=4), at(20, min_size=1, max_size=3)))
    run = simulate_service(service, QUIET)
    log = run.task_log
    (gone,) = log[log.stopped_seconds < np.inf].itertuples()
    (new,) = started(run).itertuples()
    assert 1200 <= gone.stopped_seconds <= 1206  # drained within a look
    charged = np.ceil(gone.stopped_seconds) + 2 * 3600 + (3600 - new.pull_seconds)
    assert run.task_hours == pytest.approx(charged / 3600)
    assert hours(run) == pytest.approx(charged / 3600)
    assert hours(run, "Fargate-GB-Hours") == pytest.approx(2 * charged / 3600)


def test_a_task_that_is_stopped_while_it_pulls_is_charged_for_a_minute():
    """Asked for at 120 s, pulled from 137 on, given up at 180."""
    service = WEB.replace(
        desired_count=1, scaling=ScalableTarget(min_capacity=1, max_capacity=9, policies=[DEPTH],
                                                scale_in_cooldown_seconds=0),
        task_definition=WEB.task_definition.replace(image_size_mb=4000),
    )  # fmt: skip
    run = simulate_service(
        service, QUIET, metrics={"Depth": lambda seen: 100.0 if seen.group.clock.now < 120 else 1.0}
    )
    log = run.task_log
    (gone,) = log[log.stopped_seconds < np.inf].itertuples()
    assert gone.running_seconds == np.inf
    assert (gone.pull_seconds, gone.stopped_seconds) == (137, 180)
    assert run.task_hours == pytest.approx(1 + 60 / 3600)
    assert [one.status for one in run.activities] == ["Cancelled", "Successful"]


DEPTH = TargetTrackingPolicy(
    name="depth", custom_metric="Depth", target_value=50, scale_out_periods=1, scale_in_periods=1,
    scale_in_ratio=0.9,
)  # fmt: skip


@pytest.mark.parametrize(("takes", "timeout", "lasts"), [(0, 30, 0), (12, 30, 12), (999, 90, 90)])
def test_a_program_has_the_stop_timeout_to_end(takes, timeout, lasts):
    definition = WEB.task_definition.replace(stop_seconds=takes, stop_timeout_seconds=timeout)
    service = WEB.replace(
        task_definition=definition, scaling=scheduled(at(10, max_size=2)),
        target_group=WEB.target_group.replace(deregistration_delay_seconds=0),
    )  # fmt: skip
    log = simulate_service(service, QUIET).task_log
    assert log.stopped_seconds.min() == 600 + lasts


def test_what_a_stopping_task_has_in_hand_is_cut_at_the_end_of_the_delay():
    long_work = Constant(rate_per_second=0.5, duration_seconds=1800, work=Fixed(seconds=15))
    service = WEB.replace(
        desired_count=9, application=WEB.application.replace(workers=10, boot=Fixed(seconds=1)),
        scaling=scheduled(at(10, max_size=1)),
    )  # fmt: skip
    kept, cut = (
        simulate_service(
            service.replace(
                target_group=WEB.target_group.replace(deregistration_delay_seconds=delay)
            ),
            long_work,
        )
        for delay in (20, 5)
    )
    assert kept.outcomes["failed"] == 0
    assert cut.outcomes["failed"] > 0


# --- failing ----------------------------------------------------------------------------------


def test_a_program_that_dies_ends_its_task_which_is_replaced_at_once():
    application = WEB.application.replace(crashes=[Crash(at_seconds=600)])
    run = simulate_service(WEB.replace(application=application), QUIET)
    log = run.task_log
    (gone,) = log[log.stopped_seconds < np.inf].itertuples()
    (new,) = started(run).itertuples()
    assert gone.stopped_seconds == new.created_seconds == 600
    assert run.activities[0].cause == "Essential container in task exited."
    assert run.column("healthy")[-1] == 3


def test_a_restart_policy_keeps_the_task():
    """Down for 300 s, in which a check every minute cannot fail ten times."""
    application = WEB.application.replace(crashes=[Crash(at_seconds=600)], restart_seconds=300)
    patient = TargetGroup(
        health_check=HealthCheck(interval_seconds=60, unhealthy_threshold_count=10)
    )
    run = simulate_service(WEB.replace(application=application, target_group=patient), QUIET)
    assert run.activities == ()
    # A third of two requests a second for 300 s, and none of them later.
    assert run.outcomes["failed"] == pytest.approx(200, rel=0.2)
    assert run.column("failed")[16:].sum() == 0


def hanging(**configuration):
    """One program hangs: its checks fail while its container goes on."""
    application = WEB.application.replace(crashes=[Crash(at_seconds=600)], restart_seconds=1e6)
    settings = DeploymentConfiguration(**configuration)
    service = WEB.replace(application=application, deployment_configuration=settings)
    log = simulate_service(service, QUIET).task_log
    (gone,) = log[log.stopped_seconds < np.inf].itertuples()
    (new,) = log[log.created_seconds > 0].itertuples()
    return gone, new


def test_an_unhealthy_task_is_replaced_before_it_is_stopped_where_the_bound_allows():
    gone, new = hanging()
    # Two checks five seconds apart fail: unhealthy within ten seconds.
    assert 605 <= new.created_seconds <= 610
    assert gone.stopped_seconds > new.running_seconds


def test_an_unhealthy_task_is_stopped_first_where_the_bound_does_not():
    gone, new = hanging(minimum_healthy_percent=50, maximum_percent=100)
    assert gone.stopped_seconds == new.created_seconds
    assert 605 <= new.created_seconds <= 610


def test_a_grace_period_shorter_than_the_start_of_the_program_starts_tasks_without_end():
    slow = WEB.application.replace(boot=Fixed(seconds=120), crashes=[Crash(at_seconds=60)])
    endless, patient = (
        simulate_service(
            WEB.replace(application=slow, health_check_grace_period_seconds=grace), QUIET
        )
        for grace in (30, 150)
    )
    assert len(started(endless)) > 20
    assert endless.column("healthy")[5:].max() == 2
    assert len(started(patient)) == 1
    assert patient.column("healthy")[-1] == 3
