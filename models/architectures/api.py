"""API backends: the same requests answered by instances, by containers, or by functions.

Each request waits for most of its time and computes for `cpu_share` of it; it reads and writes an
on-demand DynamoDB table and writes a line of log. All of them are built alike otherwise, so that
what differs is the compute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.architecture import Architecture, Fleet, Functions, Tasks, Traffic
from models.architectures import parts
from models.architectures.checked import (
    Amount,
    Count,
    Number,
    Percent,
    Positive,
    PositiveShare,
    Processor,
    Share,
    checked,
)
from models.quotas import instance_type as size_of
from models.resource import Resource
from models.services.apigateway import HttpApi, RestApi
from models.services.autoscaling import AutoScalingGroup, LaunchTemplate
from models.services.ecs import Service
from models.services.lambda_ import Function, Invocation
from models.services.lambda_.rules import vcpus

LEFT_OUT = (
    "Deployments, build pipelines, certificates, DNS and a firewall; the time that the table"
    " takes is part of a request's own. A vCPU counts the same wherever it is."
)


@dataclass(frozen=True)
class Following:
    """What follows the requests of an API: logs, table, answers to the internet, NAT for the logs.

    Parameters
    ----------
    region : str
    response_kb, log_kb : float
        [KB]
    reads_per_request, writes_per_request : float
    nat_gateways : int
        Through which the logs leave private subnets.
    """

    region: str
    response_kb: float
    log_kb: float
    reads_per_request: float
    writes_per_request: float
    nat_gateways: int = 0

    def __call__(self, traffic: Traffic) -> Iterator[Resource]:
        """The resources for so many requests."""
        yield parts.table(self.region, traffic, self.reads_per_request, self.writes_per_request)
        answers = parts.Answers(self.region, self.response_kb, self.log_kb, self.nat_gateways)
        yield from answers(traffic)


@checked
def api_on_ec2(
    *, region: str = "us-east-1", instance_type: str = "m7g.medium", min_size: Count = 2,
    max_size: Number = 20, cpu_target_percent: Percent = 60, cpu_share: PositiveShare = 0.25,
    request_kb: Amount = 2, response_kb: Amount = 10, log_kb: Amount = 1,
    reads_per_request: Amount = 2, writes_per_request: Amount = 0.2, nat_gateways: Count = 2,
) -> Architecture:  # fmt: skip
    """Instances of an Auto Scaling group behind a load balancer.

    They stand in private subnets; without a NAT gateway each has a public address instead.
    """
    size = size_of(instance_type)
    group = AutoScalingGroup(
        name="instances", region=region, min_size=min_size, max_size=max_size,
        launch_template=LaunchTemplate(
            instance_type=instance_type, associate_public_ip_address=not nat_gateways
        ),
        application=parts.application(size.vcpus, cpu_share),
        policies=parts.cpu_tracking(cpu_target_percent),
    )  # fmt: skip
    return Architecture(
        name="api-on-ec2",
        summary="An API on instances of an Auto Scaling group behind a load balancer.",
        tiers=(
            Fleet(
                load_balancer=parts.balancer(region, request_kb, response_kb), group=group,
                slowdown=parts.shared_slowdown(size.vcpus, cpu_share),
            ),
        ),
        following=Following(
            region, response_kb, log_kb, reads_per_request, writes_per_request, nat_gateways
        ),
        path=("alb", "instances", "table"),
        links=_links("instances", nat_gateways),
        left_out=LEFT_OUT,
    )  # fmt: skip


@checked
def api_on_fargate(
    *, region: str = "us-east-1", vcpu: Positive = 0.5, memory_gb: Positive = 1,
    architecture: Processor = "arm64", min_tasks: Count = 2,
    max_tasks: Number = 40, cpu_target_percent: Percent = 60, cpu_share: PositiveShare = 0.25,
    spot_share: Share = 0, request_kb: Amount = 2, response_kb: Amount = 10, log_kb: Amount = 1,
    reads_per_request: Amount = 2, writes_per_request: Amount = 0.2, nat_gateways: Count = 2,
) -> Architecture:  # fmt: skip
    """Tasks of an ECS service on Fargate behind a load balancer.

    They stand in private subnets; without a NAT gateway each has a public address instead.
    With a `spot_share` it can be simulated, not priced: not all prices of Fargate Spot are held.
    """
    service = Service(
        name="tasks", region=region, desired_count=min_tasks, fargate_spot_share=spot_share,
        task_definition=parts.task(vcpu, memory_gb, architecture),
        assign_public_ip=not nat_gateways,
        application=parts.application(vcpu, cpu_share),
        scaling=parts.task_scaling(min_tasks, max_tasks, cpu_target_percent),
    )  # fmt: skip
    return Architecture(
        name="api-on-fargate",
        summary="An API in containers on Fargate behind a load balancer.",
        tiers=(
            Tasks(
                load_balancer=parts.balancer(region, request_kb, response_kb), service=service,
                slowdown=parts.shared_slowdown(vcpu, cpu_share),
            ),
        ),
        following=Following(
            region, response_kb, log_kb, reads_per_request, writes_per_request, nat_gateways
        ),
        path=("alb", "tasks", "table"),
        links=_links("tasks", nat_gateways),
        left_out=LEFT_OUT,
    )  # fmt: skip


def _links(worker: str, nat_gateways: int) -> tuple[tuple[str, str], ...]:
    way = (("nat", "logs"),) if nat_gateways else ((worker, "logs"),)
    return ((worker, "nat"), *way) if nat_gateways else way


@checked
def api_on_lambda(
    *, region: str = "us-east-1",
    front: Literal["http-api", "rest-api", "alb", "function-url"] = "http-api",
    memory_size_mb: Number = 512, architecture: Processor = "arm64",
    runtime: str = "python3.13", provisioned_concurrent_executions: Count = 0,
    timeout_seconds: Number = 29, cpu_share: PositiveShare = 0.25, request_kb: Amount = 2,
    response_kb: Amount = 10, log_kb: Amount = 1, reads_per_request: Amount = 2,
    writes_per_request: Amount = 0.2,
) -> Architecture:  # fmt: skip
    """A function behind an HTTP API, a REST API, a load balancer, or its own URL."""
    apis: dict[str, HttpApi | RestApi] = {
        "http-api": HttpApi(name="api", region=region, request_kb=request_kb),
        "rest-api": RestApi(name="api", region=region),
    }
    function = Function(
        name="function", region=region, memory_size_mb=memory_size_mb, architecture=architecture,
        runtime=runtime, timeout_seconds=timeout_seconds,
        provisioned_concurrent_executions=provisioned_concurrent_executions,
    )  # fmt: skip
    balancer = parts.balancer(region, request_kb, response_kb) if front == "alb" else None
    entrance = {"alb": ("alb",), "function-url": ()}.get(front, ("api",))
    return Architecture(
        name="api-on-lambda",
        summary=f"An API on Lambda behind {FRONTS[front]}.",
        tiers=(
            Functions(
                Invocation(function=function, api=apis.get(front)), load_balancer=balancer,
                slowdown=parts.slowdown(float(vcpus(memory_size_mb)), cpu_share),
            ),
        ),
        following=Following(region, response_kb, log_kb, reads_per_request, writes_per_request),
        path=(*entrance, "function", "table"),
        links=(("function", "logs"),),
        left_out=LEFT_OUT,
    )  # fmt: skip


FRONTS = {
    "http-api": "an HTTP API", "rest-api": "a REST API", "alb": "a load balancer",
    "function-url": "its own URL",
}  # fmt: skip
