"""What several architectures have in common: the share of a processor, networks, what follows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from models.architecture import Traffic
from models.architectures.checked import Processor
from models.resource import Resource
from models.scaling import TargetTrackingPolicy
from models.services.autoscaling import Application, Queries
from models.services.cloudfront import Distribution
from models.services.dynamodb import Table
from models.services.ec2 import DataTransfer, NatGateway
from models.services.ecs import ScalableTarget, TaskDefinition, service_tracking
from models.services.ecs.fargate import CPU_UNITS_PER_VCPU
from models.services.elbv2 import ApplicationLoadBalancer, Connections
from models.services.logs import LogGroup
from models.units import KB_PER_GB, MB_PER_GB

RETENTION_DAYS = 30
#: How long a client waits for a server. [s]
CLIENT_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Answers:
    """What follows the requests of whatever answers: logs, answers to the internet, NAT for logs.

    Parameters
    ----------
    region : str
    response_kb, log_kb : float
        [KB]
    nat_gateways : int
        Through which the logs leave private subnets; 0 where nothing stands in one.
    """

    region: str
    response_kb: float
    log_kb: float
    nat_gateways: int

    def __call__(self, traffic: Traffic) -> Iterator[Resource]:
        """The resources for so many requests."""
        yield logs(self.region, traffic, self.log_kb)
        yield egress(self.region, traffic, self.response_kb)
        yield from nat(self.region, self.nat_gateways, gb(traffic, self.log_kb))


def slowdown(vcpus: float, cpu_share: float) -> float:
    """How much longer a request takes on a part of a processor that it has to itself.

    The trace says how long one holds a worker where it has a vCPU to itself whenever it computes,
    which is `cpu_share` of the time; the rest of it waits. On part of a vCPU computing takes longer
    and waiting does not. One processor at a time is assumed, so that more vCPUs do not help.

    >>> slowdown(2, 0.25), slowdown(0.25, 0.25)
    (1.0, 1.75)
    """
    return 1 - cpu_share + cpu_share * max(1.0, 1 / vcpus)


def workers(vcpus: float, cpu_share: float) -> int:
    """Requests at a time that keep so many vCPUs busy, if each computes for `cpu_share`.

    >>> workers(2, 0.25), workers(0.5, 0.25)
    (8, 3)
    """
    return math.ceil(vcpus * slowdown(vcpus, cpu_share) / cpu_share - 1e-9)


def shared_slowdown(vcpus: float, cpu_share: float) -> float:
    """How much longer a request takes where `workers` share the processors.

    As if all of them were busy: so that together they do exactly what the processors can, and a
    request that is alone takes somewhat longer here than it would.

    >>> shared_slowdown(2, 0.25), shared_slowdown(0.5, 0.25)
    (1.0, 1.5)
    """
    return workers(vcpus, cpu_share) * cpu_share / vcpus


def application(vcpus: float, cpu_share: float, queries: Queries | None = None) -> Application:
    """A program that keeps so many vCPUs busy."""
    return Application(
        workers=workers(vcpus, cpu_share), client_timeout_seconds=CLIENT_TIMEOUT_SECONDS,
        queries=queries,
    )  # fmt: skip


def cpu_tracking(target_percent: float) -> tuple[TargetTrackingPolicy, ...]:
    """The policy of an Auto Scaling group that keeps its CPU at a target."""
    return (
        TargetTrackingPolicy(
            name="cpu", predefined_metric="ASGAverageCPUUtilization", target_value=target_percent
        ),
    )


def task(vcpu: float, memory_gb: float, processor: Processor) -> TaskDefinition:
    """A task of ECS of so many vCPUs and GB."""
    return TaskDefinition(
        cpu_units=int(vcpu * CPU_UNITS_PER_VCPU), memory_mib=int(memory_gb * MB_PER_GB),
        cpu_architecture="ARM64" if processor == "arm64" else "X86_64",
    )  # fmt: skip


def task_scaling(least: int, most: int, cpu_target_percent: float) -> ScalableTarget:
    """How a service of ECS keeps its CPU at a target."""
    return ScalableTarget(
        min_capacity=least, max_capacity=most, policies=(service_tracking(cpu_target_percent),)
    )


def balancer(
    region: str, request_kb: float, response_kb: float, zones: int = 2, name: str = "alb"
) -> ApplicationLoadBalancer:
    """A public load balancer in so many zones."""
    return ApplicationLoadBalancer(
        name=name, region=region, public_ipv4_addresses=zones,
        connections=Connections(request_kb=request_kb, response_kb=response_kb),
    )  # fmt: skip


def nat(region: str, gateways: int, processed_gb: float, zones: int = 2) -> Iterator[Resource]:
    """NAT gateways for what has no public address, if there are any.

    What goes to S3 and DynamoDB does not pass them: gateway endpoints are free. Logs do. [GB]
    """
    if gateways:
        yield NatGateway(
            name="nat", region=region, count=gateways, availability_zones=zones,
            processed_gb=processed_gb,
        )  # fmt: skip


def gb(traffic: Traffic, kb_per_request: float) -> float:
    """What so many KB a request come to. [GB]"""
    return traffic.requests * kb_per_request / KB_PER_GB


def logs(region: str, traffic: Traffic, log_kb: float, name: str = "logs") -> LogGroup:
    """Logs of so many KB a request, kept for thirty days."""
    return LogGroup(
        name=name, region=region, ingested_gb=gb(traffic, log_kb), retention_in_days=RETENTION_DAYS
    )


def egress(region: str, traffic: Traffic, response_kb: float) -> DataTransfer:
    """Answers on their way to the internet."""
    return DataTransfer(name="egress", region=region, internet_egress_gb=gb(traffic, response_kb))


def distribution(
    region: str, traffic: Traffic, response_kb: float, hit_ratio: float
) -> Distribution:
    """A distribution that passes on what is not in its caches. From AWS to it is free."""
    return Distribution(
        name="cdn", region=region, requests=traffic.requests, cache_hit_ratio=hit_ratio,
        transfer_out_gb=gb(traffic, response_kb),
    )  # fmt: skip


def table(
    region: str, traffic: Traffic, reads: float, writes: float, storage_gb: float = 10
) -> Table:
    """An on-demand table that each request reads and writes so often."""
    return Table(
        name="table", region=region, eventual_reads=traffic.requests * reads,
        writes=traffic.requests * writes, storage_gb=storage_gb,
    )  # fmt: skip
