"""A platform for containers: several services behind one load balancer, on one cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.architecture import Architecture, Branch, Parallel, Pods, Tasks, Tier
from models.architectures import parts
from models.architectures.checked import (
    Amount,
    Count,
    Number,
    Percent,
    Positive,
    PositiveShare,
    Processor,
    checked,
)
from models.resource import Resource
from models.scaling.horizontal_pod_autoscaler import HorizontalPodAutoscaler
from models.scaling.node_autoscaler import ClusterAutoscaler, Karpenter
from models.services.autoscaling import LaunchTemplate
from models.services.ecr import Repository
from models.services.ecs import CapacityProvider, Service
from models.services.eks import Cluster, Deployment, Nodegroup
from models.services.elbv2 import ApplicationLoadBalancer

NodeAutoscaler = Literal["karpenter", "cluster-autoscaler"]


@dataclass(frozen=True)
class Size:
    """What the tasks, or the pods, of every service are.

    Parameters
    ----------
    region : str
    vcpu, memory_gb : float
        Of each task. [vCPU], [GB]
    architecture : str
    least, most : int
        Tasks of each service.
    cpu_target_percent : float
        [%]
    cpu_share : float
        [share]
    """

    region: str
    vcpu: float
    memory_gb: float
    architecture: Processor
    least: int
    most: int
    cpu_target_percent: float
    cpu_share: float

    @property
    def slowdown(self) -> float:
        """How much longer a request takes here."""
        return parts.shared_slowdown(self.vcpu, self.cpu_share)

    def service(
        self, name: str, launch_type: Literal["FARGATE", "EC2"], services: int = 1,
        *, public: bool = False,
    ) -> Service:  # fmt: skip
        """A service of ECS, or so many of them together."""
        fargate = launch_type == "FARGATE"
        return Service(
            name=name, region=self.region, launch_type=launch_type,
            desired_count=self.least * services, assign_public_ip=fargate and public,
            task_definition=parts.task(self.vcpu, self.memory_gb, self.architecture),
            application=parts.application(self.vcpu, self.cpu_share),
            scaling=parts.task_scaling(
                self.least * services, self.most * services, self.cpu_target_percent
            ),
        )  # fmt: skip


@checked
def container_platform(
    *, region: str = "us-east-1", compute: Literal["fargate", "ec2", "eks"] = "fargate",
    services: Number = 3, vcpu: Positive = 0.25, memory_gb: Positive = 0.5,
    architecture: Processor = "arm64", min_tasks: Number = 2,
    max_tasks: Number = 10, instance_type: str = "t4g.medium", min_nodes: Number = 2,
    max_nodes: Number = 10, node_autoscaler: NodeAutoscaler = "karpenter",
    cpu_target_percent: Percent = 60, cpu_share: PositiveShare = 0.25, request_kb: Amount = 2,
    response_kb: Amount = 10, log_kb: Amount = 1, image_gb: Amount = 0.4, nat_gateways: Count = 2,
) -> Architecture:  # fmt: skip
    """Services that are alike, each with a share of the requests, behind one load balancer.

    On Fargate each service scales by itself. On instances (``ec2``: ECS with a capacity provider,
    ``eks``: Kubernetes) the tasks of all services are one pool and share the nodes; that each
    scales by itself is left out there. Counts of tasks are of each service.
    """
    size = Size(
        region, vcpu, memory_gb, architecture, min_tasks, max_tasks, cpu_target_percent, cpu_share
    )
    alb = parts.balancer(region, request_kb, response_kb)
    standing: list[Resource] = [
        Repository(name="images", region=region, storage_gb=services * image_gb)
    ]
    links = [("images", "nat")] if nat_gateways else []
    tier: Tier
    if compute == "fargate":
        names = [f"service-{number + 1}" for number in range(services)]
        tier, worker = _on_fargate(size, alb, names, public=not nat_gateways), names[0]
        links += [("alb", name) for name in names[1:]]
    elif compute == "ec2":
        hosts = CapacityProvider(
            name="hosts", region=region, min_size=min_nodes, max_size=max_nodes,
            launch_template=LaunchTemplate(
                instance_type=instance_type, associate_public_ip_address=not nat_gateways
            ),
        )  # fmt: skip
        tier, worker = _on_ec2(size, alb, services, hosts), "tasks"
        links.append(("tasks", "hosts"))
    else:
        group = Nodegroup(
            name="nodes", region=region, instance_type=instance_type, desired_size=min_nodes,
            min_size=min_nodes, max_size=max_nodes,
            associate_public_ip_address=not nat_gateways,
        )  # fmt: skip
        tier = _on_eks(size, alb, services, group, node_autoscaler)
        worker = "nodes"
        standing.append(Cluster(name="cluster", region=region))
        links.append(("nodes", "cluster"))
    links += [(worker, "nat"), ("nat", "logs")] if nat_gateways else [(worker, "logs")]
    return Architecture(
        name="container-platform",
        summary=f"{services} services in containers on {_CALLED[compute]}, behind one balancer.",
        tiers=(tier,),
        standing=tuple(standing),
        following=parts.Answers(region, response_kb, log_kb, nat_gateways),
        path=("alb", worker),
        links=tuple(links),
        left_out=(
            "Databases, deployments, calls between services, image pulls through NAT, Container"
            " Insights, Spot. Latency on EKS is approximate: see the tier `Pods`."
        ),
    )


_CALLED = {"fargate": "Fargate", "ec2": "ECS with EC2", "eks": "EKS"}


def _on_fargate(
    size: Size, alb: ApplicationLoadBalancer, names: list[str], *, public: bool
) -> Tier:
    each = [
        Tasks(
            load_balancer=alb, service=size.service(name, "FARGATE", public=public),
            slowdown=size.slowdown,
        )
        for name in names
    ]  # fmt: skip
    branches = tuple(Branch(one, 1 / len(each)) for one in each)
    return Parallel("services", branches, load_balancer=alb)


def _on_ec2(
    size: Size, alb: ApplicationLoadBalancer, services: int, hosts: CapacityProvider
) -> Tier:
    return Tasks(
        load_balancer=alb, service=size.service("tasks", "EC2", services), slowdown=size.slowdown,
        capacity_provider=hosts,
    )  # fmt: skip


def _on_eks(
    size: Size, alb: ApplicationLoadBalancer, services: int, nodes: Nodegroup,
    node_autoscaler: NodeAutoscaler,
) -> Tier:  # fmt: skip
    return Pods(
        load_balancer=alb,
        deployment=Deployment(
            name="pods", replicas=size.least * services, cpu_request=size.vcpu,
            memory_request_gib=size.memory_gb,
        ),
        nodegroup=nodes,
        autoscaler=HorizontalPodAutoscaler(
            min_replicas=size.least * services, max_replicas=size.most * services,
            target_cpu_utilization_percent=round(size.cpu_target_percent),
        ),
        node_autoscaler=Karpenter() if node_autoscaler == "karpenter" else ClusterAutoscaler(),
        workers=parts.workers(size.vcpu, size.cpu_share), cpu_share=size.cpu_share,
        slowdown=size.slowdown,
    )  # fmt: skip
