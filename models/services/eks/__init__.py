"""Amazon EKS: a Kubernetes control plane, and the EC2 instances that pods run on.

Models: cluster hours in standard and in extended support (`Cluster`); managed node groups, charged
    as the EC2 instances and EBS volumes they are (`Nodegroup`); how many pods a node takes by the
    addresses of its network interfaces and by the CPU and memory that are left for pods, and how
    many nodes some pods need; pods for a simulation (`Deployment`).
Leaves out: EKS Auto Mode, Fargate pods, Provisioned Control Plane, EKS Capabilities, hybrid nodes
    and Outposts, whose prices are not held; Spot nodes, several instance types in one group,
    Windows. What the kernel keeps of an instance's memory. Load balancers, data transfer between
    zones, logs of the control plane and Container Insights: describe the first two with `elbv2`
    and `ec2`.
Pricing: https://aws.amazon.com/eks/pricing/ (a cluster hour, and another charge on top while its
    Kubernetes version is in extended support; nodes as Amazon EC2). That a part of an hour is
    charged as its part is assumed.
"""

from __future__ import annotations

from models.services.eks import cluster, nodegroup, rules
from models.services.eks.cluster import Cluster
from models.services.eks.deployment import Deployment
from models.services.eks.nodegroup import Nodegroup
from models.services.eks.rules import (
    allocatable,
    eni_max_pods,
    kube_reserved_cpu,
    kube_reserved_memory_mib,
    managed_max_pods,
    network_limits,
)

__all__ = [
    "Cluster",
    "Deployment",
    "Nodegroup",
    "allocatable",
    "cluster",
    "eni_max_pods",
    "kube_reserved_cpu",
    "kube_reserved_memory_mib",
    "managed_max_pods",
    "network_limits",
    "nodegroup",
    "rules",
]
