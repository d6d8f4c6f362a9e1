"""The group: its sizes, its instances, and when they come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from models.distributions import Duration, LogNormal
from models.errors import InvalidInputError, UnknownNameError, did_you_mean
from models.metering import Meter, Quantity
from models.quotas import (
    boot_seconds,
    instance_type,
    instance_types,
    launch_seconds,
    range_of,
    value_of,
)
from models.resource import Resource, Settings
from models.scaling import Policy, ScheduledAction, TargetTrackingPolicy
from models.services.autoscaling.application import Application
from models.services.autoscaling.target_group import TargetGroup
from models.services.ec2 import Instance, Volume
from models.units import BillingPeriod

Size = Annotated[int, Field(ge=0, le=10_000, strict=True)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _first_twice(names: Iterable[str]) -> str | None:
    """The first name that occurs again, if any."""
    return next((name for name, count in Counter(names).items() if count > 1), None)


class LaunchTemplate(Settings):
    """What each instance of a group is."""

    instance_type: Annotated[str, Field(min_length=1)] = "m5.large"
    """AWS's name of the type."""
    monitoring: bool = True
    """Detailed monitoring: CPU utilization every minute in place of every five."""
    associate_public_ip_address: bool = False
    """Whether each has a public IPv4 address."""
    volume_gb: Annotated[int, Field(ge=1, le=65_536, strict=True)] = 8
    """Size of the gp3 root volume. [GB]"""

    @field_validator("instance_type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        try:
            instance_type(value)
        except UnknownNameError:
            near = did_you_mean(value, instance_types())
            raise ValueError(f"must be an instance type whose size is known{near}") from None
        return value


class AutoScalingGroup(Resource):
    """Instances of one kind behind a load balancer, as many as the policies ask for.

    Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-groups.html
    """

    simulated: ClassVar[bool] = True

    min_size: Size = 1
    """Fewest instances."""
    max_size: Size = 1
    """Most instances."""
    desired_capacity: Size | None = None
    """Instances at the start; `min_size` unless given."""
    launch_template: LaunchTemplate = LaunchTemplate()
    """What each instance is."""
    application: Application = Application()
    """What runs on it."""
    target_group: TargetGroup = TargetGroup()
    """How requests reach it."""
    health_check_type: Literal["EC2", "ELB"] = "EC2"
    """Whose verdict replaces an instance: only that of EC2, which does not see into the machine,
    or also that of the load balancer."""
    health_check_grace_period_seconds: Seconds = value_of(
        "autoscaling", "health_check_grace_period_seconds"
    )
    """After an instance comes into service, failed checks of the load balancer do not replace it
    for this long. The console fills in 300, the API 0. [s]"""
    default_cooldown_seconds: Seconds = value_of("autoscaling", "default_cooldown_seconds")
    """After an activity, simple scaling waits this long. [s]"""
    default_instance_warmup_seconds: Seconds | None = None
    """An instance in service counts in the group's metrics only after this long; where neither a
    policy nor the group says, the cooldown. [s]"""
    termination_policy: Literal[
        "Default", "OldestInstance", "NewestInstance", "ClosestToNextInstanceHour"
    ] = "Default"
    """Which instance leaves first, within the zone that has most of them."""
    availability_zones: Annotated[int, Field(ge=1, le=6, strict=True)] = 2
    """Zones the group spreads its instances over evenly."""
    subnet_addresses: Annotated[int, Field(ge=0, strict=True)] | None = None
    """Free addresses in the group's subnet of each zone; without limit unless given. A /24 has
    251, a /28 has 11."""
    vcpu_quota: Annotated[int, Field(ge=0, strict=True)] | None = None
    """The account's quota for running On-Demand vCPUs; without limit unless given."""
    launch: Duration = LogNormal(**launch_seconds()._asdict())
    """From the request to the instance running. Measured, few launches: see `models.quotas`. [s]"""
    os_boot: Duration = LogNormal(**boot_seconds()._asdict())
    """From running to the operating system being up. Measured, few launches. [s]"""
    launch_hook_seconds: Seconds = 0
    """Time a launch lifecycle hook holds an instance before it is registered. [s]"""
    terminate_hook_seconds: Seconds = 0
    """Time a terminate lifecycle hook holds an instance after it has drained. [s]"""
    policies: tuple[Policy, ...] = ()
    """What changes the desired capacity."""
    scheduled_actions: tuple[ScheduledAction, ...] = ()
    """What changes the sizes at a given time."""

    @field_validator("default_instance_warmup_seconds")
    @classmethod
    def _warmup_within_bounds(cls, value: float | None) -> float | None:
        least, most = range_of("autoscaling", "default_instance_warmup_seconds")
        if value is not None and not least <= value <= most:
            raise ValueError(f"must be from {least} to {most} [s]")
        return value

    @field_validator("launch_hook_seconds", "terminate_hook_seconds")
    @classmethod
    def _hooks_end(cls, value: float) -> float:
        most = value_of("autoscaling", "lifecycle_hook_wait_seconds_max")
        if value > most:
            raise ValueError(f"must be at most {most:,} [s]")
        return value

    @field_validator("policies")
    @classmethod
    def _policies_get_along(cls, value: tuple[Policy, ...]) -> tuple[Policy, ...]:
        most = int(value_of("autoscaling", "scaling_policies_per_group"))
        if len(value) > most:
            raise ValueError(f"must be at most {most} to a group")
        if twice := _first_twice(policy.name for policy in value):
            raise ValueError(f"must have different names; {twice!r} is given twice")
        tracked = (one.metric_name for one in value if isinstance(one, TargetTrackingPolicy))
        if twice := _first_twice(tracked):
            raise ValueError(f"that track a target must each have another metric than {twice!r}")
        return value

    @field_validator("scheduled_actions")
    @classmethod
    def _actions_get_along(cls, value: tuple[ScheduledAction, ...]) -> tuple[ScheduledAction, ...]:
        most = int(value_of("autoscaling", "scheduled_actions_per_group"))
        if len(value) > most:
            raise ValueError(f"must be at most {most} to a group")
        if twice := _first_twice(action.name for action in value):
            raise ValueError(f"must have different names; {twice!r} is given twice")
        return value

    @model_validator(mode="after")
    def _sizes_in_order(self) -> Self:
        if self.min_size > self.max_size:
            raise InvalidInputError(
                f"min_size ({self.min_size}) must be at most max_size ({self.max_size})"
            )
        if not self.min_size <= self.capacity <= self.max_size:
            raise InvalidInputError(
                f"desired_capacity ({self.capacity}) must be from min_size ({self.min_size})"
                f" to max_size ({self.max_size})"
            )
        return self

    @property
    def capacity(self) -> int:
        """Desired capacity at the start. [instances]"""
        return self.min_size if self.desired_capacity is None else self.desired_capacity

    @property
    def vcpus(self) -> int:
        """vCPUs of one instance."""
        return instance_type(self.launch_template.instance_type).vcpus

    def instances(self, count: Quantity, *, hours: Quantity | None, starts: Quantity) -> Instance:
        """So many of the group's instances, each running `hours` in `starts` runs. [h]"""
        template = self.launch_template
        return Instance(
            name=self.name, region=self.region, instance_type=template.instance_type,
            count=count, hours=hours, starts=starts, monitoring=template.monitoring,
            associate_public_ip_address=template.associate_public_ip_address,
        )  # fmt: skip

    def volumes(self, count: Quantity, *, hours: Quantity | None) -> Volume:
        """The root volumes of so many instances, each there for `hours`. [h]"""
        return Volume(
            name=self.name, region=self.region, count=count, hours=hours, volume_type="gp3",
            size_gb=self.launch_template.volume_gb,
        )  # fmt: skip

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield what the desired capacity costs where it never changes."""
        yield from self.instances(self.capacity, hours=None, starts=1).metered(period)
        yield from self.volumes(self.capacity, hours=None).metered(period)
