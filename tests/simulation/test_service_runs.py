"""Runs of a service of Amazon ECS: Spot, the engines, what is charged, and what is refused.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
"""

import numpy as np
import pytest

from models import simulation
from models.distributions import Fixed, LogNormal
from models.errors import InvalidInputError, UnknownNameError
from models.scaling import TargetTrackingPolicy
from models.services.autoscaling import Application, Crash, HealthCheck, TargetGroup
from models.services.ecs import (
    CapacityProvider,
    Deployment,
    ScalableTarget,
    Service,
    TaskDefinition,
    service_tracking,
)
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation import simulate_service
from models.units import BillingPeriod
from models.workload import ClosedLoop, Constant, Spike

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


def hours(run, usage_type="Fargate-vCPU-Hours:perCPU"):
    metered = run.metered_hourly()
    return sum(
        hourly.sum() for key, hourly in metered.items() if key.meter.usage_type == usage_type
    )


# --- Fargate Spot -----------------------------------------------------------------------------

SPOT = WEB.replace(
    desired_count=20, fargate_spot_share=0.5, mean_hours_between_spot_interruptions=1,
)  # fmt: skip


def test_spot_tasks_are_interrupted_at_their_rate_and_replaced_by_spot_tasks():
    run = simulate_service(SPOT, QUIET.replace(duration_seconds=36_000))
    log = run.task_log
    gone = log[log.stopped_seconds < np.inf]
    # Ten tasks for ten hours with one interruption an hour: 100, give or take three times ten.
    assert 70 <= len(gone) <= 130
    assert gone.spot.all()
    assert "Your Spot Task was interrupted." in {one.cause for one in run.activities}
    alive = log[log.stopped_seconds == np.inf]
    assert alive.spot.tolist().count(True) == 10
    spot, usual = (
        hours(run, f"{prefix}Fargate-vCPU-Hours:perCPU") for prefix in ("SpotUsage-", "")
    )
    assert usual == 100
    assert 95 < spot <= 100


@pytest.mark.parametrize(
    ("timeout", "failing"), [(30, True), (120, False)]
)  # fmt: skip
def test_an_interrupted_task_is_gone_within_its_stop_timeout(timeout, failing):
    """Requests of a minute in hand are lost where the program is killed after half a minute."""
    service = SPOT.replace(
        fargate_spot_share=1.0, application=Application(workers=10, boot=Fixed(seconds=1)),
        task_definition=WEB.task_definition.replace(stop_timeout_seconds=timeout),
        target_group=WEB.target_group.replace(deregistration_delay_seconds=300,
                                              idle_timeout_seconds=100),
    )  # fmt: skip
    trace = Constant(rate_per_second=1, duration_seconds=7200, work=Fixed(seconds=60))
    assert (simulate_service(service, trace).outcomes["failed"] > 0) is failing


def test_without_spot_capacity_tasks_wait_and_do_not_turn_to_on_demand():
    service = SPOT.replace(
        fargate_spot_share=1.0, desired_count=2, spot_return_seconds=1e6,
        mean_hours_between_spot_interruptions=0.2,
    )  # fmt: skip
    run = simulate_service(service, QUIET)
    assert run.column("in_service")[-1] == 0
    assert run.column("pending")[-1] == 2
    assert run.outcomes["no_target"] > 0


# --- engines, accounts, bad input -------------------------------------------------------------

EVENING = Spike(
    duration_seconds=3600, base_per_second=8, peak_per_second=40, at_seconds=600, rise_seconds=120,
    hold_seconds=900, fall_seconds=120, work=LogNormal.of_mean(0.2, cv=0.5),
)  # fmt: skip
BUSY = WEB.replace(
    application=Application(
        workers=2, queue_length=20, client_timeout_seconds=5, boot=Fixed(seconds=5),
        crashes=[Crash(at_seconds=700)], mean_seconds_between_crashes=3000,
    ),
    scaling=ScalableTarget(min_capacity=2, max_capacity=12, policies=[service_tracking(50)],
                           scale_out_cooldown_seconds=60),
    deployments=[Deployment(at_seconds=2000)], fargate_spot_share=0.4,
    mean_hours_between_spot_interruptions=0.5,
)  # fmt: skip
ON_EC2 = BUSY.replace(launch_type="EC2", fargate_spot_share=0.0, provisioning=None)


@pytest.mark.parametrize("service", [BUSY, ON_EC2], ids=["Fargate", "EC2"])
@pytest.mark.parametrize("seed", range(3))
def test_the_scheduler_decides_the_same_on_kernel_and_twin(service, seed):
    provider = CapacityProvider(name="hosts") if service.launch_type == "EC2" else None
    compiled, readable = (
        simulate_service(
            service, EVENING.replace(seed=seed), seed=seed, engine=engine, keep_records=True,
            capacity_provider=provider,
        )
        for engine in ("compiled", "readable")
    )  # fmt: skip
    assert str(compiled.activities) == str(readable.activities)
    assert compiled.alarm_history == readable.alarm_history
    assert compiled.rollouts == readable.rollouts
    assert compiled.task_log.equals(readable.task_log)
    assert compiled.outcomes == readable.outcomes
    for field in ("slot", "outcome", "finish"):
        assert np.array_equal(compiled.records[field], readable.records[field])
    assert compiled.task_hours == readable.task_hours
    # The case is about something: it scaled, crashed and deployed, and every request ended once.
    assert compiled.outcomes["failed"] > 0
    assert compiled.column("desired").max() > 4
    assert compiled.rollouts[0].status == "COMPLETED"
    arrivals = sum(len(chunk.arrivals) for chunk in EVENING.replace(seed=seed).chunks())
    assert sum(compiled.outcomes.values()) == arrivals == len(compiled.records)


def test_under_steady_load_the_run_is_charged_as_the_estimate():
    month = BillingPeriod("two days", 48)
    steady = QUIET.replace(duration_seconds=48 * 3600)
    balancer = ApplicationLoadBalancer(name="balancer")
    run = simulate_service(WEB, steady, load_balancer=balancer)
    used, expected = run.usage(month), WEB.estimate(month)
    for key in expected:
        assert used.total(key) == pytest.approx(expected.total(key), rel=1e-12)
    by_type = {key.meter.usage_type: used.total(key) for key in used if key.resource == "balancer"}
    assert by_type["LoadBalancerUsage"] == 48


def test_a_month_like_the_run_is_the_run_scaled():
    run = simulate_service(WEB, QUIET)
    (key,) = (key for key in WEB.estimate() if "vCPU" in key.meter.usage_type)
    assert run.usage().total(key) == pytest.approx(3 * 730)


def test_a_stream_and_a_closed_loop_are_served_too():
    stream = simulate_service(WEB, QUIET, engine="fluid")
    assert stream.requests == pytest.approx(7200)
    assert stream.task_hours == 3
    loop = ClosedLoop(connections=4, requests=500, work=Fixed(seconds=0.1))
    assert simulate_service(WEB, loop).outcomes["ok"] == 500


def test_a_run_says_what_happened():
    run = simulate_service(WEB.replace(deployments=[Deployment(at_seconds=600)]), QUIET)
    assert repr(run).startswith("ServiceRun(1 h, ")
    assert "<th style='text-align:left'>Deployment 1</th><td>COMPLETED</td>" in run._repr_html_()
    assert run.summary()["most_tasks"] == 6
    assert run.summary()["deployments"] == 1
    assert run.instance_hours == 0


def test_a_policy_of_an_unknown_metric_is_refused():
    depth = TargetTrackingPolicy(name="depth", custom_metric="Depth", target_value=50)
    scaling = ScalableTarget(min_capacity=1, max_capacity=5, policies=[depth])
    with pytest.raises(UnknownNameError, match="metric 'Depth' is not one that the simulation has"):
        simulate_service(WEB.replace(scaling=scaling), QUIET)


@pytest.mark.parametrize(
    ("service", "provider", "said"),
    [
        (WEB.replace(desired_count=np.array([1, 2])), None, "desired_count must be one number"),
        (WEB.replace(launch_type="EC2"), None, "service 'web' on EC2 needs a capacity_provider"),
        (WEB, CapacityProvider(name="hosts"), "only then, not with 'FARGATE'"),
        (
            WEB.replace(launch_type="EC2", task_definition=TaskDefinition(memory_mib=8192)),
            CapacityProvider(name="hosts"),
            "memory 8192 does not fit on a host that has cpu 2048 and memory 7936",
        ),
    ],
)
def test_what_cannot_be_simulated_is_refused(service, provider, said):
    with pytest.raises(InvalidInputError, match=said):
        simulate_service(service, QUIET, capacity_provider=provider)


def test_the_names_are_public():
    assert {"simulate_service", "ServiceRun", "Rollout"} <= set(simulation.__all__)
