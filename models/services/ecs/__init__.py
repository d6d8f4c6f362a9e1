"""Amazon ECS: containers that run as tasks, on AWS Fargate or on instances of one's own.

Models:
    Tasks on Fargate by vCPU, memory and ephemeral storage, on Linux (x86 and Arm) and Windows, from
    the pull of the image on, with the sizes that there are; Fargate Spot; public addresses of tasks
    (`Service`, `TaskDefinition`). Container instances that tasks are packed on, scaled by a
    capacity provider (`CapacityProvider`). For a simulation, the starts of tasks, rolling
    deployments with a circuit breaker, replacement of unhealthy tasks, service auto scaling,
    Spot interruptions (`models.simulation.simulate_service`).

Leaves out:
    ECS Managed Instances and ECS Anywhere, whose prices are not held; daemon services and tasks
    outside of services; blue/green and external deployments, predictive scaling, memory as a
    metric; SOCI lazy loading (give a smaller `image_size_mb`); data transfer and the NAT gateways
    or endpoints that images are pulled through; Container Insights and logs. The price of memory on
    Fargate Spot is not held, because AWS changes it and lists none: a bill with Spot tasks is
    refused.

Pricing:
    https://aws.amazon.com/fargate/pricing/ - vCPU and memory that a task asks for, by the second
    from the pull of its image, a minute at least (Windows five); storage above 20 GB.
    https://aws.amazon.com/ecs/pricing/ - on EC2 the instances are charged, Amazon ECS is free.
"""

from __future__ import annotations

from models.services.ecs import fargate
from models.services.ecs.capacity_provider import CapacityProvider
from models.services.ecs.deployment import (
    Deployment,
    DeploymentConfiguration,
    circuit_breaker_failures,
    rolling_bounds,
)
from models.services.ecs.fargate import launch_times, pull_seconds, smallest_size
from models.services.ecs.scalable import ScalableTarget, service_tracking
from models.services.ecs.service import Service
from models.services.ecs.task_definition import TaskDefinition

__all__ = [
    "CapacityProvider",
    "Deployment",
    "DeploymentConfiguration",
    "ScalableTarget",
    "Service",
    "TaskDefinition",
    "circuit_breaker_failures",
    "fargate",
    "launch_times",
    "pull_seconds",
    "rolling_bounds",
    "service_tracking",
    "smallest_size",
]
