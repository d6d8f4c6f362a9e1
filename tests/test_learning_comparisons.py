"""Two comparisons of the learning material, recomputed: an API of 50 million requests, a long job.

What it prints comes out to the cent where it is right. Where it is wrong, the tests say what is.
"""

from __future__ import annotations

import pytest

from models.architecture import simulate_architecture
from models.architectures import build
from models.billing import bill
from models.distributions import LogNormal
from models.services.apigateway import HttpApi
from models.services.ec2 import NatGateway
from models.services.ecs import Service, TaskDefinition, pull_seconds
from models.services.elbv2 import ApplicationLoadBalancer
from models.services.lambda_ import Function, vcpus
from models.units import TYPICAL
from models.workload import Constant, Diurnal

#: Of the API: requests a month, and how many that are a second.
REQUESTS = 50_000_000
PER_SECOND = REQUESTS / (730 * 3600)
#: Of the job: minutes, and runs in a month of thirty days.
MINUTES, RUNS = 12, 100 * 30

function = Function(name="function", memory_size_mb=512, duration_ms=200, requests=REQUESTS)
api = HttpApi(name="api", requests=REQUESTS)
half = TaskDefinition(cpu_units=512, memory_mib=1024)
two_tasks = Service(name="tasks", task_definition=half, desired_count=2)
job_task = Service(
    name="job", task_definition=TaskDefinition(cpu_units=1024, memory_mib=2048),
    hours=RUNS * MINUTES / 60, starts=RUNS,
)  # fmt: skip


def usd(*resources):
    """Cost of a typical month. [USD]"""
    return float(sum(bill(one.estimate(TYPICAL)).total_usd for one in resources))


def line_usd(resource, usage_type):
    """What one line of the bill of a typical month comes to. [USD]"""
    return float(bill(resource.estimate(TYPICAL)).by("usage_type")[usage_type])


def work(cpu_share):
    """What takes 200 ms on a function of 512 MB, on a vCPU of its own."""
    slower = 1 - cpu_share + cpu_share / float(vcpus(512))
    return LogNormal.of_mean(0.2 / slower, cv=0.5)


def steady(cpu_share):
    return Constant(rate_per_second=PER_SECOND, duration_seconds=7200, work=work(cpu_share))


def with_peak(cpu_share):
    """A day with the same mean, and a peak of twice that."""
    return Diurnal(
        low_per_second=0, high_per_second=2 * PER_SECOND, duration_seconds=86_400,
        work=work(cpu_share),
    )  # fmt: skip


def fleet(tasks, cpu_share, nat_gateways=2):
    return build(
        "api-on-fargate", architecture="x86_64", cpu_share=cpu_share, min_tasks=tasks,
        max_tasks=tasks, nat_gateways=nat_gateways,
    )  # fmt: skip


def serving_usd(architecture):
    """What serves and carries the requests; not what is the same on either side. [USD]"""
    lines = bill(architecture.estimate(steady(1), TYPICAL)).by("resource")
    return float(sum(lines.get(name, 0) for name in ("tasks", "alb", "nat", "function", "api")))


# --- 143 against 61 dollars: what is right ----------------------------------------------------


def test_its_function_is_right_to_the_cent():
    assert line_usd(function, "Lambda-GB-Second") == pytest.approx(83.33, abs=0.005)
    assert line_usd(function, "Request") == pytest.approx(10.00, abs=0.005)
    assert usd(api) == pytest.approx(50.00, abs=0.005)
    assert round(usd(function, api)) == 143


def test_its_tasks_are_right_to_the_cent():
    assert line_usd(two_tasks, "Fargate-vCPU-Hours:perCPU") == pytest.approx(29.55, abs=0.005)
    assert line_usd(two_tasks, "Fargate-GB-Hours") == pytest.approx(6.49, abs=0.005)


def test_with_its_25_dollars_for_the_load_balancer_it_is_61_and_57_percent_less():
    taught = usd(two_tasks) + 25
    assert round(taught) == 61
    assert 1 - taught / usd(function, api) == pytest.approx(0.57, abs=0.005)


def test_its_hours_of_the_load_balancer_are_those_of_a_month_of_720_hours():
    by_month = ApplicationLoadBalancer(name="alb", hours=720)
    assert line_usd(by_month, "LoadBalancerUsage") == pytest.approx(16.20, abs=0.005)
    typical = ApplicationLoadBalancer(name="alb")
    assert line_usd(typical, "LoadBalancerUsage") == pytest.approx(16.43, abs=0.005)


# --- 143 against 61 dollars: what is wrong ----------------------------------------------------


def test_the_same_work_takes_the_function_200_ms_in_the_architecture_too():
    on_lambda = build("api-on-lambda", architecture="x86_64", cpu_share=1)
    lines = bill(on_lambda.estimate(steady(1), TYPICAL)).by("resource")
    assert lines["function"] == pytest.approx(93.33, abs=0.005)
    assert lines["api"] == pytest.approx(50.00, abs=0.005)


def test_the_fleet_cannot_serve_the_average_if_requests_compute():
    # 200 ms of 512 / 1,769 vCPU are 0.0579 vCPU-seconds; two halves of a vCPU do 17.28 of these.
    assert fleet(2, 1).capacity_per_second(steady(1)) == pytest.approx(1769 / 512 / 0.2, rel=1e-6)
    assert fleet(2, 1).headroom(steady(1)) == pytest.approx(17.2754 / 19.0259, abs=1e-4)
    assert "19.03 requests a second, and 2 tasks can answer 17.28" in "".join(
        fleet(2, 1).obstacles(steady(1))
    )


def test_simulated_the_fleet_turns_away_what_it_has_no_capacity_for():
    run = simulate_architecture(fleet(2, 1), steady(1))
    assert run.error_share == pytest.approx(1 - 17.2754 / 19.0259, abs=0.02)
    assert run.latency_seconds(0.5) > 5


def test_if_requests_mostly_wait_it_serves_the_average_and_not_the_peak_of_a_day():
    assert fleet(2, 0.25).headroom(steady(0.25)) > 1
    assert fleet(2, 0.25).headroom(with_peak(0.25)) < 1
    assert fleet(2, 0.25).obstacles(with_peak(0.25))


def test_four_tasks_serve_the_average_and_nat_decides_whether_they_are_cheaper():
    assert not fleet(4, 1).obstacles(steady(1))
    on_lambda = serving_usd(build("api-on-lambda", architecture="x86_64", cpu_share=1))
    assert serving_usd(fleet(4, 1)) > on_lambda > serving_usd(fleet(4, 1, nat_gateways=0))


def test_two_idle_nat_gateways_and_two_addresses_take_up_the_savings():
    nat = NatGateway(name="nat", count=2, availability_zones=2)
    alb = ApplicationLoadBalancer(name="alb", public_ipv4_addresses=2)
    assert usd(nat) == pytest.approx(2 * 730 * (0.045 + 0.005))
    left = usd(function, api) - (
        usd(two_tasks) + 25 + usd(nat) + line_usd(alb, "PublicIPv4:InUseAddress")
    )
    assert 0 < left < 3


# --- a job of twelve minutes ------------------------------------------------------------------


def job_function(seconds=60 * MINUTES):
    return Function(
        name="job", memory_size_mb=2048, timeout_seconds=900, duration_ms=1000 * seconds,
        requests=RUNS,
    )  # fmt: skip


def test_its_72_dollars_on_lambda_are_right():
    assert usd(job_function()) == pytest.approx(72.00, abs=0.005)


def test_its_5_40_dollars_on_fargate_are_not():
    # 600 hours of 0.04048 + 2 x 0.004445 dollars.
    assert usd(job_task) == pytest.approx(29.62, abs=0.005)
    assert usd(job_function()) / usd(job_task) == pytest.approx(2.43, abs=0.005)  # not 13
    bought = MINUTES * 5.40 / usd(job_task)
    assert bought == pytest.approx(2.19, abs=0.005)  # minutes of each job


def test_what_it_prints_is_close_to_the_memory_alone():
    assert line_usd(job_task, "Fargate-GB-Hours") == pytest.approx(5.33, abs=0.005)


def test_the_pull_of_the_image_is_charged_and_sets_from_which_run_time_a_task_pays():
    pull = float(pull_seconds(400))

    def saved(seconds):
        task = job_task.replace(hours=RUNS * (pull + seconds) / 3600)
        return usd(job_function(seconds)) - usd(task)

    assert saved(25) < 0 < saved(60)
    assert saved(60 * MINUTES) == pytest.approx(72.00 - 29.62 * (720 + 40) / 720, abs=0.01)
