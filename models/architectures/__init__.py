"""The named architectures: functions with keyword arguments, so that a what-if is an argument.

A new architecture is one more function in a module of this package, listed below.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from models.architecture import Architecture
from models.architecture.describing import type_of
from models.architectures.api import api_on_ec2, api_on_fargate, api_on_lambda
from models.architectures.checked import named, types_of
from models.architectures.containers import container_platform
from models.architectures.networks import production_vpc
from models.architectures.pipeline import serverless_pipeline
from models.architectures.queues import queue_workers
from models.architectures.saas import saas_platform
from models.architectures.sites import image_processing, static_site
from models.architectures.web import three_tier_web
from models.errors import UnknownNameError, did_you_mean

#: Every named architecture by the name that a scenario file calls it.
ARCHITECTURES: Mapping[str, Callable[..., Architecture]] = MappingProxyType(
    {
        named(make): make
        for make in (
            production_vpc, serverless_pipeline, three_tier_web, container_platform, saas_platform,
            api_on_ec2, api_on_fargate, api_on_lambda, queue_workers, static_site,
            image_processing,
        )
    }
)  # fmt: skip

__all__ = [
    "ARCHITECTURES", "api_on_ec2", "api_on_fargate", "api_on_lambda", "arguments", "build",
    "container_platform", "image_processing", "listed", "production_vpc", "queue_workers",
    "saas_platform", "serverless_pipeline", "static_site", "three_tier_web",
]  # fmt: skip


def build(name: str, /, **given: Any) -> Architecture:
    """The architecture of that name, with some arguments other than by default.

    Raises
    ------
    UnknownNameError
        Naming the nearest architecture, or argument.
    InvalidInputError
        Where an argument has a type or a value that is not allowed.

    Examples
    --------
    >>> build("api-on-lambda", memory_size_mb=256).name
    'api-on-lambda'
    """
    known = arguments(name)
    for argument in given:
        if argument not in known:
            hint = did_you_mean(argument, known) or f"; there are {', '.join(known)}"
            raise UnknownNameError(f"{name}: there is no argument {argument!r}{hint}")
    return ARCHITECTURES[name](**given)


def arguments(name: str) -> dict[str, Any]:
    """Arguments of an architecture, with their defaults.

    Raises
    ------
    UnknownNameError
        Naming the nearest architecture.
    """
    if name not in ARCHITECTURES:
        hint = did_you_mean(name, ARCHITECTURES) or f"; known: {', '.join(ARCHITECTURES)}"
        raise UnknownNameError(f"architecture {name!r} is not known{hint}")
    parameters = inspect.signature(ARCHITECTURES[name]).parameters
    return {argument: one.default for argument, one in parameters.items()}


def listed() -> list[dict[str, Any]]:
    """Every named architecture as plain data, as it is by default.

    Returns
    -------
    list of dict
        ``id``, ``summary``, ``description``, ``left_out``; ``arguments``, each with ``name``,
        ``default`` and ``type`` in words; ``resources``, each with ``name`` and ``type``.

    Examples
    --------
    >>> listed()[0]["id"], listed()[0]["arguments"][1]
    ('production-vpc', {'name': 'availability_zones', 'default': 2, 'type': '2 or 3'})
    """
    return [_entry(name, make) for name, make in ARCHITECTURES.items()]


def _entry(name: str, make: Callable[..., Architecture]) -> dict[str, Any]:
    made, types = make(), types_of(make)
    return {
        "id": name,
        "summary": made.summary,
        "description": inspect.getdoc(make),
        "arguments": [
            {"name": argument, "default": default, "type": types[argument]}
            for argument, default in arguments(name).items()
        ],
        "resources": [{"name": one.name, "type": type_of(one)} for one in made.resources],
        "left_out": made.left_out,
    }
