"""The service: how many tasks of which size run where, and how they come and go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from models.billed_time import billed_seconds, hours_within
from models.distributions import Duration, Fixed, Uniform
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import range_of, value_of
from models.resource import Amount, Count, Resource, Share
from models.scaling.packing import Strategy
from models.services.autoscaling import Application, TargetGroup
from models.services.ec2.addresses import ADDRESS_IN_USE, address_hours
from models.services.ecs.deployment import Deployment, DeploymentConfiguration
from models.services.ecs.fargate import minimum_seconds
from models.services.ecs.scalable import ScalableTarget
from models.services.ecs.task_definition import TaskDefinition
from models.units import SECONDS_PER_HOUR, BillingPeriod

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_PROVISIONING = range_of("ecs", "provisioning_seconds")


class Service(Resource):
    """Tasks of one kind, kept at a desired count.

    Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
    """

    simulated: ClassVar[bool] = True

    task_definition: TaskDefinition = TaskDefinition()
    """What each task is."""
    launch_type: Literal["FARGATE", "EC2"] = "FARGATE"
    """Where tasks run. On EC2 they cost nothing themselves: the instances of the
    `CapacityProvider` do."""
    desired_count: Count = 1
    """Tasks; in a simulation, at the start."""
    hours: Amount | None = None
    """Hours each task runs in the period, all its runs together; the whole period if not given.
    For `estimate` only. [h]"""
    starts: Count = 1
    """How often each task is started in the period; its hours are spread evenly over the starts.
    For `estimate` only."""
    fargate_spot_share: Share = 0.0
    """Share of the tasks on Fargate Spot, rounded down to whole tasks in a simulation. [share]"""
    assign_public_ip: bool = False
    """Whether each task on Fargate has a public IPv4 address of its own."""
    application: Application = Application()
    """What runs in a task. A program that dies ends its task, unless it has `restart_seconds`, as
    with a restart policy."""
    target_group: TargetGroup = TargetGroup()
    """How requests reach the tasks."""
    health_check_grace_period_seconds: Seconds = 0.0
    """After a task has started, failed checks of the load balancer do not replace it for this
    long. [s]"""
    deployment_configuration: DeploymentConfiguration = DeploymentConfiguration()
    """How many tasks stay and how many come at a time."""
    deployments: tuple[Deployment, ...] = ()
    """New versions that are rolled out."""
    scaling: ScalableTarget | None = None
    """What changes the desired count; nothing unless given."""
    availability_zones: Annotated[int, Field(ge=1, le=6, strict=True)] = 2
    """Zones over which tasks on Fargate are spread."""
    placement_strategies: tuple[Strategy, ...] = ("spread(zone)", "spread(host)")
    """Which container instance a task on EC2 goes to: see `models.scaling.packing.choose`. Unless
    given, the zone and then the instance with the fewest tasks of the service."""
    provisioning: Duration | None = None
    """From the launch until the image begins to be pulled. On Fargate 15 to 20 seconds, on EC2 2,
    unless given; assumed. [s]"""
    image_pull_mb_per_second: Positive = value_of("ecs", "image_pull_mb_per_second")
    """How fast an image is pulled and unpacked. Measured by one third party. On Fargate each task
    pulls it, on EC2 the first of its version on an instance. [MB/s]"""
    mean_hours_between_spot_interruptions: Positive | None = None
    """Mean time after which a task on Fargate Spot is interrupted, drawn anew for each from an
    exponential distribution; none is unless given. AWS publishes no rate. [h]"""
    spot_return_seconds: Seconds = 0.0
    """After an interruption, how long there is no capacity for Fargate Spot; tasks wait for it and
    do not turn to On-Demand. Assumed. [s]"""

    @model_validator(mode="after")
    def _fits_the_launch_type(self) -> Self:
        for definition in self.task_definitions:
            definition.refuse_launch_type(self.launch_type)
            windows = definition.operating_system_family != "LINUX"
            if np.any(self.fargate_spot_share) and (windows or self.launch_type == "EC2"):
                raise InvalidInputError(
                    "fargate_spot_share must be 0 on EC2 and for Windows, which Fargate Spot does"
                    " not run"
                )
        if self.launch_type == "EC2" and self.assign_public_ip:
            raise InvalidInputError("assign_public_ip must be off with launch_type 'EC2'")
        return self

    @model_validator(mode="after")
    def _versions_serve_alike(self) -> Self:
        for deployment in self.deployments:
            newer = deployment.application or self.application
            unlike = [
                name
                for name in (
                    "workers", "queue_length", "client_timeout_seconds", "notices_abandonment",
                    "cpu_percent_when_busy", "queries",
                )
                if getattr(newer, name) != getattr(self.application, name)
            ]  # fmt: skip
            if unlike:
                raise InvalidInputError(
                    f"the application of the deployment at {deployment.at_seconds:g} s must have"
                    f" the same {', '.join(unlike)} as that of the service"
                )
        return self

    @model_validator(mode="after")
    def _count_within_bounds(self) -> Self:
        scaling, count = self.scaling, np.asarray(self.desired_count)
        outside = scaling and (
            np.any(count < scaling.min_capacity) or np.any(count > scaling.max_capacity)
        )
        if scaling and outside:
            raise InvalidInputError(
                f"desired_count ({self.desired_count}) must be from min_capacity"
                f" ({scaling.min_capacity}) to max_capacity ({scaling.max_capacity})"
            )
        return self

    @property
    def task_definitions(self) -> tuple[TaskDefinition, ...]:
        """Those of all versions, in their order."""
        return (
            self.task_definition,
            *(one.task_definition for one in self.deployments if one.task_definition),
        )

    @property
    def provisioning_time(self) -> Duration:
        """`provisioning`, or what is known of the launch type. [s]"""
        if self.provisioning is not None:
            return self.provisioning
        if self.launch_type == "EC2":
            return Fixed(seconds=value_of("ecs", "ec2_provisioning_seconds"))
        low, high = _PROVISIONING
        return Uniform(low_seconds=low, high_seconds=high)

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield what tasks on Fargate are counted as; on EC2 nothing."""
        if self.launch_type == "EC2":
            return
        definition, hours = self.task_definition, hours_within(self.hours, period, self.name)
        least = minimum_seconds(definition.operating_system_family)
        seconds = billed_seconds(hours * SECONDS_PER_HOUR, self.starts, minimum_seconds=least)
        billed = self.desired_count * seconds / SECONDS_PER_HOUR
        yield from definition.metered(billed * (1 - self.fargate_spot_share))
        if np.any(self.fargate_spot_share):
            yield from definition.metered(billed * self.fargate_spot_share, spot=True)
        if self.assign_public_ip:
            yield ADDRESS_IN_USE, self.desired_count * address_hours(hours)
