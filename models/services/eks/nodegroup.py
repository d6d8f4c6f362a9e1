"""A managed node group: EC2 instances of one type that pods are put on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from models.distributions import Duration, LogNormal
from models.errors import InvalidInputError, UnknownNameError, did_you_mean
from models.metering import Meter, Quantity
from models.quotas import instance_types, launch_seconds, value_of
from models.resource import Amount, Count, Resource
from models.scaling.packing import HostSize, Item, items_per_host, pack
from models.services.ec2 import Instance, Volume
from models.services.eks.rules import (
    allocatable,
    eni_max_pods,
    managed_max_pods,
    network_limits,
)
from models.units import BillingPeriod

#: Families without the Nitro System, which prefix delegation needs. Documented:
#: https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses-procedure.html
NOT_NITRO = ("t2",)

Size = Annotated[int, Field(ge=0, le=10_000, strict=True)]
Pods = Annotated[int, Field(ge=1, le=10_000, strict=True)]


class Nodegroup(Resource):
    """Nodes of one instance type, charged as the EC2 instances they are.

    Documented: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
    """

    simulated: ClassVar[bool] = True

    instance_type: str = "m5.large"
    """AWS's name of the type."""
    desired_size: Count = 1
    """Nodes; in a simulation those at the start."""
    min_size: Size = 0
    """Fewest nodes that an autoscaler leaves."""
    max_size: Size | None = None
    """Most nodes that an autoscaler goes to; `desired_size` unless given."""
    hours: Amount | None = None
    """Hours each node runs in the period; the whole period if not given. [h]"""
    disk_size_gb: Annotated[int, Field(ge=1, le=65_536, strict=True)] = int(
        value_of("eks", "disk_size_gb")
    )
    """Root volume of each node. That it is gp3 is assumed. [GB]"""
    associate_public_ip_address: bool = False
    """Whether each has a public IPv4 address."""
    prefix_delegation: bool = False
    """Whether the network plug-in gives interfaces prefixes of sixteen addresses."""
    max_pods: Pods | None = None
    """Most pods of a node; what its interfaces allow and EKS accepts unless given."""
    daemonset_pods: Size = int(value_of("eks", "host_network_pods"))
    """Pods that run on every node beside the application's; VPC CNI and kube-proxy."""
    daemonset_cpu: Annotated[float, Field(ge=0, allow_inf_nan=False)] = value_of(
        "eks", "daemonset_cpu"
    )
    """CPU these request together on a node. [vCPU]"""
    daemonset_memory_gib: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    """Memory these request together on a node. [GiB]"""
    launch: Duration = LogNormal(**launch_seconds()._asdict())
    """From the request for a node to the instance running, from when on it is charged. Measured,
    few launches: see `models.quotas`. [s]"""

    @field_validator("instance_type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        try:
            network_limits(value)
        except UnknownNameError:
            near = did_you_mean(value, instance_types())
            raise ValueError(f"must be an instance type whose size is known{near}") from None
        return value

    @model_validator(mode="after")
    def _sizes_in_order(self) -> Self:
        desired = np.asarray(self.desired_size)
        if np.any(desired < self.min_size):
            raise InvalidInputError(
                f"desired_size ({np.min(desired):g}) must be at least min_size ({self.min_size})"
            )
        if self.max_size is not None and np.any(desired > self.max_size):
            raise InvalidInputError(
                f"desired_size ({np.max(desired):g}) must be at most max_size ({self.max_size})"
            )
        return self

    @model_validator(mode="after")
    def _pods_fit(self) -> Self:
        if self.prefix_delegation and self.instance_type.partition(".")[0] in NOT_NITRO:
            raise InvalidInputError(
                f"prefix_delegation must be off: {self.instance_type} is not built on Nitro"
                " (https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses-procedure.html)"
            )
        allowed = self._pods_allowed
        if self.max_pods is not None and self.max_pods > allowed:
            raise InvalidInputError(
                f"max_pods ({self.max_pods}) must be at most {allowed} on {self.instance_type}"
                " (https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html)"
            )
        if self.daemonset_pods >= self.max_pods_per_node:
            raise InvalidInputError(
                f"daemonset_pods ({self.daemonset_pods}) must leave room for others of the"
                f" {self.max_pods_per_node} pods of a node"
            )
        return self

    @property
    def max_pods_per_node(self) -> int:
        """Most pods of a node, those that run on every node among them."""
        return self._pods_allowed if self.max_pods is None else self.max_pods

    @property
    def _pods_allowed(self) -> int:
        limits = network_limits(self.instance_type)
        by_address = eni_max_pods(limits, prefix_delegation=self.prefix_delegation)
        return managed_max_pods(by_address, instance_types()[self.instance_type].vcpus)

    @property
    def daemonsets(self) -> Item:
        """What runs on every node asks for together. [vCPU, GiB]"""
        return Item(self.daemonset_cpu, self.daemonset_memory_gib)

    @property
    def room(self) -> HostSize:
        """What an empty node has for the pods of applications. [vCPU, GiB, pods]"""
        node = allocatable(self.instance_type, self.max_pods_per_node)
        return HostSize(
            cpu=node.cpu, memory=node.memory,
            most_items=self.max_pods_per_node - self.daemonset_pods,
            reserved_cpu=node.reserved_cpu + self.daemonset_cpu,
            reserved_memory=node.reserved_memory + self.daemonset_memory_gib,
        )  # fmt: skip

    def pods_per_node(self, pod: Item) -> int:
        """How many pods like `pod` an empty node takes. [vCPU, GiB]

        Raises
        ------
        InvalidInputError
            Where not even one fits.
        """
        return items_per_host(pod, self.room)

    def nodes_needed(self, pods: Iterable[Item]) -> int:
        """Nodes that these pods fill, the largest put first, each where least is left.

        Raises
        ------
        InvalidInputError
            Where a pod does not fit on an empty node.

        Examples
        --------
        >>> Nodegroup(name="nodes", instance_type="m5.large").nodes_needed([Item(0.5, 1)] * 10)
        4
        """
        return len(pack(sorted(pods, reverse=True), self.room))

    def instances(self, count: Quantity, *, hours: Quantity | None, starts: Quantity) -> Instance:
        """So many of the nodes, each running `hours` in `starts` runs. [h]"""
        return Instance(
            name=self.name, region=self.region, instance_type=self.instance_type, count=count,
            hours=hours, starts=starts,
            associate_public_ip_address=self.associate_public_ip_address,
        )  # fmt: skip

    def volumes(self, count: Quantity, *, hours: Quantity | None) -> Volume:
        """The root volumes of so many nodes, each there for `hours`. [h]"""
        return Volume(
            name=self.name, region=self.region, count=count, hours=hours, volume_type="gp3",
            size_gb=self.disk_size_gb,
        )  # fmt: skip

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield what the nodes and their volumes cost."""
        yield from self.instances(self.desired_size, hours=self.hours, starts=1).metered(period)
        yield from self.volumes(self.desired_size, hours=self.hours).metered(period)
