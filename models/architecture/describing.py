"""What a resource is called in a table or a picture, and the one line of it that matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from models.resource import Resource
from models.services import (
    autoscaling,
    cloudfront,
    dynamodb,
    ec2,
    ecs,
    eks,
    elasticache,
    elbv2,
    lambda_,
    rds,
    resource_types,
    s3,
    sqs,
    stepfunctions,
)
from models.services.ecs.fargate import CPU_UNITS_PER_VCPU
from models.units import quantity_text


@cache
def _names() -> Mapping[type[Resource], str]:
    return {kind: name for name, kind in resource_types().items()}


def type_of(resource: Resource) -> str:
    """The name of its type in a scenario file, such as ``ec2.NatGateway``."""
    return _names()[type(resource)]


def configuration_of(resource: Resource) -> str:
    """The one line of its configuration that matters; empty where none does.

    >>> configuration_of(ec2.NatGateway(name="nat", count=2))
    '2 x zonal'
    """
    line = _LINES.get(type(resource))
    return line(resource) if line else ""


def _sizes(least: Any, most: Any) -> str:
    return f"{least:g}" if least == most else f"{least:g}-{most:g}"


def _group(group: Any) -> str:
    return f"{_sizes(group.min_size, group.max_size)} x {group.launch_template.instance_type}"


def _service(service: Any) -> str:
    scaling, count = service.scaling, service.desired_count
    sizes = _sizes(scaling.min_capacity, scaling.max_capacity) if scaling else f"{count:g}"
    return f"{sizes} x {service.task_definition.cpu_units / CPU_UNITS_PER_VCPU:g} vCPU"


def _nodegroup(group: Any) -> str:
    least = max(group.min_size, 0) if group.max_size is not None else group.desired_size
    most = group.desired_size if group.max_size is None else group.max_size
    return f"{_sizes(least, most)} x {group.instance_type}"


def _function(function: Any) -> str:
    kept = function.provisioned_concurrent_executions
    ready = f", {kept} ready" if kept else ""
    return f"{function.memory_size_mb:,} MB, {function.architecture}{ready}"


def _database(database: Any) -> str:
    zones = "Multi-AZ" if database.multi_az else "Single-AZ"
    return f"{database.db_instance_class}, {zones}"


def _cluster(cluster: Any) -> str:
    return f"{cluster.instances:g} x {cluster.db_instance_class or 'serverless'}"


def _nat(nat: Any) -> str:
    return f"{quantity_text(nat.count)} x {nat.availability_mode}"


def _endpoints(endpoint: Any) -> str:
    if endpoint.vpc_endpoint_type == "Gateway":
        return "gateway, free"
    return f"{endpoint.count:g} in {endpoint.availability_zones:g} zones"


def _queue(queue: Any) -> str:
    return "FIFO" if queue.fifo else "standard"


def _hit_ratio(distribution: Any) -> str:
    return f"{distribution.cache_hit_ratio:.0%} from the cache"


#: By type; what is not listed is told apart by its name alone.
_LINES: Mapping[type[Resource], Callable[[Any], str]] = {
    autoscaling.AutoScalingGroup: _group,
    cloudfront.Distribution: _hit_ratio,
    dynamodb.Table: lambda one: one.billing_mode.replace("_", " ").lower(),
    ec2.NatGateway: _nat,
    ec2.VPCEndpoint: _endpoints,
    ecs.CapacityProvider: _group,
    ecs.Service: _service,
    eks.Nodegroup: _nodegroup,
    elasticache.ReplicationGroup: lambda one: f"{one.nodes:g} x {one.cache_node_type}",
    elbv2.ApplicationLoadBalancer: lambda one: f"{one.public_ipv4_addresses:g} zones",
    lambda_.Function: _function,
    rds.DBCluster: _cluster,
    rds.DBInstance: _database,
    rds.DBProxy: lambda one: f"for {one.vcpus:g} vCPUs",
    s3.Bucket: lambda one: one.storage_class,
    sqs.Queue: _queue,
    stepfunctions.StateMachine: lambda one: one.state_machine_type.capitalize(),
}
