"""`simulate_service`: a service of Amazon ECS and a trace in; what happened, out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.errors import InvalidInputError
from models.scaling.packing import items_per_host
from models.services.ecs import CapacityProvider, Service
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation.assumptions import Assumptions
from models.simulation.database.tier import Database
from models.simulation.metrics import CustomMetric
from models.simulation.scaling import DynamicScaling
from models.simulation.schedule import follow_schedule
from models.simulation.service.controller import ServiceController
from models.simulation.service.hosts import ContainerInstances
from models.simulation.service.run import ServiceRun
from models.simulation.service.scaling import ServiceScaling
from models.simulation.stage import Stage
from models.simulation.streams import stream
from models.workload import ClosedLoop, Trace


def simulate_service(
    service: Service,
    trace: Trace | ClosedLoop,
    *,
    capacity_provider: CapacityProvider | None = None,
    load_balancer: ApplicationLoadBalancer | None = None,
    database: Database | None = None,
    seed: int = 0,
    engine: str = "compiled",
    keep_records: bool = False,
    assumptions: Assumptions | None = None,
    metrics: Mapping[str, CustomMetric] | None = None,
) -> ServiceRun:
    """Run a trace through a service of Amazon ECS behind an Application Load Balancer.

    Parameters
    ----------
    service : Service
    trace : Trace or ClosedLoop
        As for `simulate`.
    capacity_provider : CapacityProvider, optional
        The instances of a service on EC2, which has them to itself.
    load_balancer : ApplicationLoadBalancer, optional
        What is metered for it; its `connections` say how clients use it.
    database : Database, optional
        What the tasks ask, as their `application.queries` say.
    seed : int
        Of the control plane: start times, phases of health checks, interruptions.
    engine, keep_records, assumptions, metrics
        As for `simulate`. Metrics of your own see the service's controller as their group.

    Returns
    -------
    ServiceRun

    Raises
    ------
    InvalidInputError
        Where the service is a sweep, a service on EC2 has no capacity provider or one on Fargate
        has, a task does not fit on an empty instance, or the engine cannot serve the trace.
    UnknownNameError
        Where a policy follows a metric that nothing reports.
    """
    _refuse(service, capacity_provider)
    assumed = assumptions or Assumptions()
    stage = Stage(
        [service], trace, engine,
        database=database, seed=seed, keep_records=keep_records, assumptions=assumed,
    )  # fmt: skip
    hosts = None
    if capacity_provider is not None:
        hosts = ContainerInstances(
            stage.clock, capacity_provider, strategies=service.placement_strategies,
            log=stage.log, rng=stream(seed, capacity_provider.name, "instances"),
        )  # fmt: skip
    controller = ServiceController(
        stage.clock, service, hosts, balancer=stage.balancer, targets=stage.targets,
        slots=stage.slots, log=stage.log, rng=stream(seed, service.name),
    )  # fmt: skip
    scaling: list[DynamicScaling] = [ServiceScaling(controller, stage.log, assumed, metrics or {})]
    if hosts is not None:
        scaling.append(DynamicScaling(hosts, stage.log, assumed, hosts.metrics()))
    follow_schedule(controller, stage.log, trace)
    played = stage.play([controller], scaling)
    return ServiceRun(
        service=service,
        capacity_provider=capacity_provider,
        load_balancer=load_balancer or ApplicationLoadBalancer(name="load balancer"),
        rollouts=tuple(controller.rollouts),
        _tasks=(*controller.retired, *controller.instances),
        _hosts=(*hosts.retired, *hosts.instances) if hosts is not None else (),
        **played,
    )


def _refuse(service: Service, provider: CapacityProvider | None) -> None:
    """Refuse what cannot be simulated."""
    for name in ("desired_count", "fargate_spot_share"):
        value: Any = getattr(service, name)
        if not isinstance(value, int | float):
            raise InvalidInputError(f"{name} must be one number to be simulated, not {len(value)}")
    if (service.launch_type == "EC2") != (provider is not None):
        raise InvalidInputError(
            f"capacity_provider must be given with launch_type 'EC2' and only then, not with"
            f" {service.launch_type!r}"
            if provider is not None
            else f"service {service.name!r} on EC2 needs a capacity_provider"
        )
    if provider is not None:
        for definition in service.task_definitions:
            items_per_host(definition.item, provider.host_size)
