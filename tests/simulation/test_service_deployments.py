"""Rolling deployments and service auto scaling, as AWS documents them.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html,
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.distributions import Fixed
from models.scaling import (
    Alarm,
    ScheduledAction,
    StepAdjustment,
    StepScalingPolicy,
    TargetTrackingPolicy,
)
from models.services.autoscaling import Application, HealthCheck, TargetGroup
from models.services.ecs import (
    Deployment,
    DeploymentConfiguration,
    ScalableTarget,
    Service,
    TaskDefinition,
    rolling_bounds,
)
from models.simulation import simulate_service
from models.simulation.clock import Clock
from models.simulation.service.controller import ServiceController
from models.simulation.service.scaling import Cooldowns
from models.workload import Constant

QUIET = Constant(rate_per_second=1, duration_seconds=3600, work=Fixed(seconds=0.05))
WEB = Service(
    name="web", desired_count=4, provisioning=Fixed(seconds=17),
    task_definition=TaskDefinition(image_size_mb=400),
    application=Application(workers=2, boot=Fixed(seconds=5)),
    target_group=TargetGroup(
        health_check=HealthCheck(interval_seconds=5, timeout_seconds=2),
        deregistration_delay_seconds=0,
    ),
    deployments=[Deployment(at_seconds=600)],
)  # fmt: skip
#: From asking for a task until the load balancer sends to it, at the latest: 62 s and a check.
READY = 62 + 5


def rolling(minimum, maximum, **fields):
    configuration = DeploymentConfiguration(
        minimum_healthy_percent=minimum, maximum_percent=maximum,
        **{name: fields.pop(name) for name in list(fields) if name.startswith("deployment_circ")},
    )  # fmt: skip
    return WEB.replace(deployment_configuration=configuration, **fields)


def starts(run):
    """When tasks of later versions were asked for, and how many each time."""
    log = run.task_log
    times, counts = np.unique(log[log.version > 0].created_seconds, return_counts=True)
    return [(float(time), int(count)) for time, count in zip(times, counts, strict=True)]


# --- the bounds -------------------------------------------------------------------------------


def test_by_default_all_new_tasks_start_at_once_and_replace_the_old_ones_one_by_one():
    run = simulate_service(WEB, QUIET)
    log = run.task_log
    assert starts(run) == [(600, 4)]
    old, new = log[log.version == 0], log[log.version == 1]
    assert old.stopped_seconds.min() > new.running_seconds.max()
    assert old.stopped_seconds.max() <= 600 + READY
    assert run.rollouts[0].end_seconds == old.stopped_seconds.max()
    assert run.activities[-1].description == "(service web) has reached a steady state."
    assert run.error_share == 0


def test_half_of_the_tasks_leave_first_where_no_more_than_all_may_run():
    run = simulate_service(rolling(50, 100), QUIET)
    first, *rest = starts(run)
    assert first == (600, 2)
    assert sum(count for _, count in rest) == 2
    assert all(600 + 62 <= time <= 600 + READY for time, _ in rest)
    assert run.column("in_service")[9:13].min() == 2
    assert 600 + 2 * 62 <= run.rollouts[0].end_seconds <= 600 + 2 * READY


def test_a_deployment_that_may_neither_start_nor_stop_anything_never_ends():
    """One task, 100 % and 150 %: at least one healthy, and at most one."""
    run = simulate_service(rolling(100, 150, desired_count=1), QUIET)
    assert starts(run) == []
    assert run.rollouts[0].status == "IN_PROGRESS"
    assert run.rollouts[0].end_seconds == np.inf


def test_a_deployment_replaces_one_that_still_goes_on():
    twice = [Deployment(at_seconds=600), Deployment(at_seconds=620)]
    run = simulate_service(WEB.replace(deployments=twice), QUIET)
    assert [one.status for one in run.rollouts] == ["REPLACED", "COMPLETED"]
    log = run.task_log
    assert log[log.stopped_seconds == np.inf].version.tolist() == [2] * 4


class Watched(ServiceController):
    """Notes, at each start and stop, the tasks that stay and those that are healthy."""

    seen: ClassVar[list] = []

    def _start(self, cause):
        super()._start(cause)
        self.seen.append(("start", self.desired, len(self._staying()), 0))

    def _stop(self, task, cause, **fields):
        counted = task.healthy and self.deploying
        super()._stop(task, cause, **fields)
        healthy = sum(one.healthy for one in self._staying())
        self.seen.append(("stop" if counted else "", self.desired, len(self._staying()), healthy))


@settings(max_examples=25, deadline=None)
@given(
    desired=st.integers(1, 9), minimum=st.integers(0, 100), maximum=st.integers(100, 300),
    boots=st.sampled_from([5, 1e6]), seed=st.integers(0, 100),
)  # fmt: skip
def test_the_bounds_hold_at_every_start_and_stop(desired, minimum, maximum, boots, seed):
    """Also where the tasks of the new version never become healthy."""
    application = WEB.application.replace(boot=Fixed(seconds=boots))
    service = rolling(
        minimum, maximum, desired_count=desired,
        deployments=[Deployment(at_seconds=60, application=application)],
    )  # fmt: skip
    Watched.seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.simulation.service.simulate.ServiceController", Watched)
        run = simulate_service(service, QUIET.replace(duration_seconds=900), seed=seed)
    least, most = rolling_bounds(desired, minimum, maximum)
    for what, _, staying, healthy in Watched.seen:
        assert what != "start" or staying <= most
        assert what != "stop" or healthy >= least
    moves = most > desired or least < desired
    assert bool(Watched.seen) is moves
    if boots == 5 and moves:  # nine tasks one by one take nine times READY
        assert run.rollouts[0].status == "COMPLETED"


def test_a_version_with_another_image_and_size_is_charged_as_such():
    larger = TaskDefinition(cpu_units=512, memory_mib=1024, image_size_mb=1000)
    service = WEB.replace(deployments=[Deployment(at_seconds=600, task_definition=larger)])
    run = simulate_service(service, QUIET)
    log = run.task_log
    new = log[log.version == 1]
    assert (new.running_seconds - new.pull_seconds).tolist() == [100] * 4
    metered = {key.meter.usage_type: hourly.sum() for key, hourly in run.metered_hourly().items()}
    old = np.ceil(log[log.version == 0].stopped_seconds).sum() / 3600
    later = (3600 - new.pull_seconds).sum() / 3600
    assert metered["Fargate-vCPU-Hours:perCPU"] == pytest.approx(0.25 * old + 0.5 * later)
    assert metered["Fargate-GB-Hours"] == pytest.approx(0.5 * old + 1.0 * later)


# --- versions that fail -----------------------------------------------------------------------

BROKEN = Deployment(at_seconds=600, application=WEB.application.replace(boot=Fixed(seconds=1e6)))


def test_a_version_that_never_answers_is_tried_for_ever_and_the_old_one_goes_on():
    run = simulate_service(WEB.replace(deployments=[BROKEN]), QUIET)
    assert run.rollouts[0].status == "IN_PROGRESS"
    assert run.rollouts[0].failed_tasks > 50
    assert run.column("healthy").min() == 4
    assert run.outcomes["ok"] >= run.requests - 1


def test_a_circuit_breaker_rolls_back_after_three_failed_tasks():
    service = rolling(100, 200, deployment_circuit_breaker=True, deployments=[BROKEN])
    run = simulate_service(service, QUIET)
    failed, back = run.rollouts
    assert (failed.status, failed.failed_tasks, failed.rolls_back) == ("FAILED", 3, False)
    assert (back.status, back.rolls_back) == ("COMPLETED", True)
    # Running at 657 s, and two checks five seconds apart fail.
    assert 660 <= failed.end_seconds == back.start_seconds <= 667
    assert run.column("healthy").min() == 4
    log = run.task_log
    assert log[log.stopped_seconds == np.inf].version.tolist() == [2] * 4


def test_a_version_whose_program_dies_at_its_start_trips_the_breaker_too():
    dies = WEB.application.replace(boot=Fixed(seconds=1), mean_seconds_between_crashes=0.001)
    service = rolling(
        100, 200, deployment_circuit_breaker=True,
        deployments=[Deployment(at_seconds=600, application=dies)],
    )  # fmt: skip
    run = simulate_service(service, QUIET)
    assert [one.status for one in run.rollouts] == ["FAILED", "COMPLETED"]
    assert run.rollouts[0].failed_tasks == 3


# --- service auto scaling ---------------------------------------------------------------------


def depth(**fields):
    return TargetTrackingPolicy(
        name="depth", custom_metric="Depth", target_value=50, scale_out_periods=1,
        scale_in_periods=1, scale_in_ratio=0.9, **fields,
    )  # fmt: skip


def changes(run):
    """(second, desired count) of each change, to the minute."""
    desired = run.column("desired")
    return [
        (60 * (int(row) + 1), int(desired[row + 1])) for row in np.flatnonzero(np.diff(desired))
    ]


def scaled(policy, by_minute, otherwise, **fields):
    deployments = fields.pop("deployments", [])
    target = ScalableTarget(min_capacity=1, max_capacity=100, policies=[policy], **fields)
    service = WEB.replace(scaling=target, deployments=deployments)
    metrics = {"Depth": lambda seen: by_minute.get(int(seen.group.clock.now // 60) - 1, otherwise)}
    return simulate_service(service, QUIET, metrics=metrics)


def test_while_the_cooldown_lasts_the_same_need_adds_nothing():
    """Twice the target throughout: from 4 to 8 at once, again after each 300 seconds."""
    run = scaled(depth(), {}, 100)
    # The first datapoint ends at 60 s and is delivered a minute later.
    assert changes(run)[:3] == [(120, 8), (420, 16), (720, 32)]


def test_a_larger_need_adds_the_difference_at_once():
    """Twice the target, then three times it: what was added does not count as having the load."""
    run = scaled(depth(), {3: 150}, 100)
    assert changes(run)[:2] == [(120, 8), (300, 12)]


def test_without_a_cooldown_every_minute_adds():
    """But from the tasks that run, and these have not started yet."""
    run = scaled(depth(), {}, 100, scale_out_cooldown_seconds=0)
    # 4 running until 177 s, 8 from then on: seen at 180 s, delivered at 240.
    assert changes(run)[:2] == [(120, 8), (240, 16)]


def test_scaling_in_waits_for_its_own_cooldown():
    run = scaled(depth(scale_in_max_share=0.25), {}, 10)
    assert changes(run) == [(120, 3), (420, 2), (720, 1)]


def test_scaling_out_ends_the_cooldown_of_scaling_in():
    clock = Clock()
    cooldowns = Cooldowns(clock, out_seconds=300, in_seconds=300)
    cooldowns.note(4, 3)
    assert not cooldowns.over_inwards
    cooldowns.note(3, 5)
    assert cooldowns.over_inwards
    cooldowns.note(5, 6)
    assert cooldowns.added == 3
    clock.run_to(300.0)
    assert cooldowns.added == 0


def test_a_step_in_a_cooldown_adds_what_it_exceeds_the_first_by():
    """AWS's own words: two were added, then a step that adds three adds one."""
    busy = Alarm(
        metric_name="Depth", threshold=50, evaluation_periods=1,
        comparison_operator="GreaterThanThreshold",
    )  # fmt: skip
    policy = StepScalingPolicy(
        name="out", alarm=busy,
        step_adjustments=[
            StepAdjustment(lower_bound=0, upper_bound=10, scaling_adjustment=2),
            StepAdjustment(lower_bound=10, scaling_adjustment=3),
        ],
    )  # fmt: skip
    run = scaled(policy, {5: 55, 6: 65, 7: 55}, 40)
    assert changes(run) == [(420, 6), (480, 7)]


def test_nothing_is_removed_while_a_deployment_goes_on_and_more_may_be_added():
    """A deployment that never ends keeps four tasks; without it they go."""
    stuck = Deployment(at_seconds=60, application=BROKEN.application)
    assert scaled(depth(), {}, 10).column("desired")[-1] == 1
    assert scaled(depth(), {}, 10, deployments=[stuck]).column("desired").min() == 4
    assert changes(scaled(depth(), {}, 100, deployments=[stuck]))[0] == (120, 8)


def test_a_schedule_brings_the_count_within_its_bounds():
    actions = [
        ScheduledAction(name="up", recurrence="10 0 * * *", min_size=6),
        ScheduledAction(name="down", recurrence="20 0 * * *", min_size=1, max_size=2),
    ]
    target = ScalableTarget(min_capacity=1, max_capacity=10, scheduled_actions=actions)
    run = simulate_service(WEB.replace(scaling=target, deployments=[]), QUIET)
    # At 600 and at 1,200 s: a row holds the sizes at its end.
    assert run.column("desired")[[8, 9, 18, 19]].tolist() == [4, 6, 6, 2]
