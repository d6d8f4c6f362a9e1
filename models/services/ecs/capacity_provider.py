"""Container instances: an Auto Scaling group whose size follows the tasks that need room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from models.distributions import Duration, Fixed, LogNormal
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import boot_seconds, instance_type, launch_seconds, refuse_outside, value_of
from models.resource import Resource
from models.scaling.packing import HostSize
from models.services.autoscaling import AutoScalingGroup, LaunchTemplate
from models.services.ecs.fargate import CPU_UNITS_PER_VCPU
from models.units import MB_PER_GB, BillingPeriod

Size = Annotated[int, Field(ge=0, le=10_000, strict=True)]
Whole = Annotated[int, Field(strict=True)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class CapacityProvider(Resource):
    """Instances for the tasks of services on EC2, as many as the tasks need.

    Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html
    """

    launch_template: LaunchTemplate = LaunchTemplate()
    """What each instance is."""
    min_size: Size = 0
    """Fewest instances; managed scaling never changes the bounds."""
    max_size: Size = 10
    """Most instances."""
    desired_capacity: Size | None = None
    """Instances at the start; unless given, `min_size` in an estimate, and in a simulation as many
    as the tasks need."""
    availability_zones: Annotated[int, Field(ge=1, le=6, strict=True)] = 2
    """Zones the instances are spread over evenly."""
    managed_scaling: bool = True
    """Whether Amazon ECS changes the number of instances."""
    target_capacity_percent: Whole = int(value_of("ecs", "target_capacity_percent"))
    """What `CapacityProviderReservation` is kept at; 90 keeps a tenth spare. [percent]"""
    minimum_scaling_step_size: Whole = int(value_of("ecs", "scaling_step_size_min"))
    """Fewest instances added at a time."""
    maximum_scaling_step_size: Whole = int(value_of("ecs", "scaling_step_size_max"))
    """Most instances added at a time."""
    instance_warmup_seconds: Whole = int(value_of("ecs", "instance_warmup_seconds"))
    """While instances warm up nothing is removed. [s]"""
    reserved_cpu_units: NotNegative = 0.0
    """What each instance keeps back from tasks. [CPU units]"""
    reserved_memory_mib: NotNegative = value_of("ecs", "reserved_memory_mib")
    """What operating system and agent of each instance keep back from tasks. Assumed. [MiB]"""
    most_tasks: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Most tasks on an instance, as its network interfaces allow with awsvpc; without limit unless
    given."""
    launch: Duration = LogNormal(**launch_seconds()._asdict())
    """From the request to the instance running. Measured, few launches. [s]"""
    os_boot: Duration = LogNormal(**boot_seconds()._asdict())
    """From running to the operating system being up. Measured, few launches. [s]"""
    agent_start: Duration = Fixed(seconds=value_of("ecs", "agent_start_seconds"))
    """From the operating system being up to tasks being placed. Assumed. [s]"""

    @field_validator(
        "target_capacity_percent", "minimum_scaling_step_size", "maximum_scaling_step_size",
        "instance_warmup_seconds",
    )  # fmt: skip
    @classmethod
    def _within_bounds(cls, value: int, info: ValidationInfo) -> int:
        name = str(info.field_name)
        return refuse_outside(value, "ecs", name.removeprefix("minimum_").removeprefix("maximum_"))

    @model_validator(mode="after")
    def _makes_a_group(self) -> Self:
        if self.minimum_scaling_step_size > self.maximum_scaling_step_size:
            raise InvalidInputError(
                f"minimum_scaling_step_size ({self.minimum_scaling_step_size}) must be at most"
                f" maximum_scaling_step_size ({self.maximum_scaling_step_size})"
            )
        _ = self.auto_scaling_group, self.host_size
        return self

    @property
    def auto_scaling_group(self) -> AutoScalingGroup:
        """The group that launches the instances, under the provider's name."""
        return AutoScalingGroup(
            name=self.name, region=self.region, launch_template=self.launch_template,
            min_size=self.min_size, max_size=self.max_size, desired_capacity=self.desired_capacity,
            availability_zones=self.availability_zones, launch=self.launch, os_boot=self.os_boot,
        )  # fmt: skip

    @property
    def host_size(self) -> HostSize:
        """What an instance has for tasks. [CPU units, MiB]"""
        bought = instance_type(self.launch_template.instance_type)
        return HostSize(
            cpu=bought.vcpus * CPU_UNITS_PER_VCPU, memory=bought.memory_gib * MB_PER_GB,
            most_items=self.most_tasks, reserved_cpu=self.reserved_cpu_units,
            reserved_memory=self.reserved_memory_mib,
        )  # fmt: skip

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield what the desired capacity costs where it never changes."""
        yield from self.auto_scaling_group.metered(period)
