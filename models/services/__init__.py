"""What AWS counts: one module (or package) per service, named as its boto3 client.

Every module holds resource classes (CloudFormation nouns) that yield meters, and the pure
billing rules behind them. No module here knows a price.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from models.errors import UnknownNameError, did_you_mean
from models.resource import Resource


@cache
def modules() -> dict[str, ModuleType]:
    """Every service module by its boto3 client, e.g. ``"ec2"``, or ``"lambda"`` for `lambda_`."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return {name.rstrip("_"): importlib.import_module(f"{__name__}.{name}") for name in names}


@cache
def resource_types() -> dict[str, type[Resource]]:
    """Every resource class by the name a scenario calls it, e.g. ``"ec2.NatGateway"``."""
    return {
        f"{name}.{public}": kind
        for name, module in modules().items()
        for public in module.__all__
        if isinstance(kind := getattr(module, public), type) and issubclass(kind, Resource)
    }


def resource_type(name: str) -> type[Resource]:
    """The resource class called `name`.

    Raises
    ------
    UnknownNameError
        Naming the nearest types.
    """
    known = resource_types()
    if name not in known:
        hint = did_you_mean(name, known) or f"; known: {', '.join(sorted(known))}"
        raise UnknownNameError(f"type {name!r} is not a resource type{hint}")
    return known[name]
