"""An architecture from resources spelled out: which of them serve, and which are just there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from models.architecture.design import Architecture
from models.architecture.edge import Static
from models.architecture.fleet import Fleet, Tasks
from models.architecture.functions import Functions
from models.architecture.tiers import Tier
from models.errors import InvalidInputError
from models.resource import Resource
from models.services.apigateway import HttpApi, RestApi
from models.services.autoscaling import AutoScalingGroup
from models.services.ecs import CapacityProvider, Service
from models.services.elbv2 import ApplicationLoadBalancer
from models.services.lambda_ import Function, Invocation
from models.services.rds import DBCluster, DBInstance
from models.simulation import Database

Kind = TypeVar("Kind", bound=Resource)
SERVING = (AutoScalingGroup, Service, Function)


def assembled(name: str, resources: Sequence[Resource]) -> Architecture:
    """An architecture whose one serving resource is found among these; the others stand.

    An Auto Scaling group or an ECS service is served through the load balancer among them, and
    asks the database among them if its application has `queries`; a function, through the API or
    the load balancer. Without any of the three, nothing is simulated, and the bill is that of the
    resources.

    Raises
    ------
    InvalidInputError
        Where more than one resource serves, or what it needs is missing or ambiguous.
    """
    serving = [one for one in resources if isinstance(one, SERVING)]
    if len(serving) > 1:
        names = ", ".join(one.name for one in serving)
        raise InvalidInputError(f"{names} all serve requests; one of them can, in one architecture")
    tier = _tier(serving[0], resources) if serving else Static("files")
    held = {one.name for one in tier.resources}
    return Architecture(
        name=name,
        summary="Resources spelled out in a scenario.",
        tiers=(tier,),
        standing=tuple(one for one in resources if one.name not in held),
    )


def _tier(serving: Resource, resources: Sequence[Resource]) -> Tier:
    balancer = _only(resources, ApplicationLoadBalancer)
    if isinstance(serving, Function):
        apis = [_only(resources, RestApi), _only(resources, HttpApi)]
        api = next((one for one in apis if one is not None), None)
        if all(apis) or (api and balancer):
            raise InvalidInputError(f"{serving.name}: must have one API or load balancer in front")
        return Functions(Invocation(function=serving, api=api), load_balancer=balancer)
    if balancer is None:
        raise InvalidInputError(f"{serving.name}: needs an elbv2.ApplicationLoadBalancer in front")
    if isinstance(serving, AutoScalingGroup):
        database = _database(resources) if serving.application.queries else None
        return Fleet(load_balancer=balancer, group=serving, database=database)
    assert isinstance(serving, Service)
    return Tasks(
        load_balancer=balancer, service=serving,
        database=_database(resources) if serving.application.queries else None,
        capacity_provider=_only(resources, CapacityProvider),
    )  # fmt: skip


def _database(resources: Sequence[Resource]) -> Database | None:
    found = _only(resources, DBInstance) or _only(resources, DBCluster)
    return Database.of(found) if found else None


def _only(resources: Sequence[Resource], kind: type[Kind]) -> Kind | None:
    found = [one for one in resources if isinstance(one, kind)]
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise InvalidInputError(f"{names} are several {kind.__name__}; one of them can be used")
    return found[0] if found else None
