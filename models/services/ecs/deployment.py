"""How a new version of a service is rolled out, and when a rollout is given up."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from models.errors import InvalidInputError
from models.quotas import value_of
from models.resource import Settings
from models.services.autoscaling import Application
from models.services.ecs.task_definition import TaskDefinition

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Percent = Annotated[int, Field(ge=0, strict=True)]
MOST_PERCENT = 10_000


def rolling_bounds(
    desired: int, minimum_healthy_percent: int = 100, maximum_percent: int = 200
) -> tuple[int, int]:
    """Fewest healthy tasks and most running or starting tasks during a rolling update.

    Parameters
    ----------
    desired : int
        [tasks]
    minimum_healthy_percent, maximum_percent : int
        Of the desired count; the first is rounded up, the second down. [percent]

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html

    Examples
    --------
    >>> rolling_bounds(4), rolling_bounds(4, 50, 100), rolling_bounds(3, 50, 150)
    ((4, 8), (2, 4), (2, 4))
    """
    return -(-desired * minimum_healthy_percent // 100), desired * maximum_percent // 100


def circuit_breaker_failures(desired: int) -> int:
    """Failed tasks after which a deployment is given up: half the desired count, from 3 to 200.

    Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html.

    >>> [circuit_breaker_failures(desired) for desired in (1, 25, 10_000)]
    [3, 13, 200]
    """
    half = math.ceil(desired * value_of("ecs", "circuit_breaker_percent") / 100)
    least = int(value_of("ecs", "circuit_breaker_failures_min"))
    return max(least, min(half, int(value_of("ecs", "circuit_breaker_failures_max"))))


class DeploymentConfiguration(Settings):
    """How many tasks may be missing, and how many too many, while a service changes.

    Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html
    """

    minimum_healthy_percent: Annotated[int, Field(ge=0, le=100, strict=True)] = int(
        value_of("ecs", "minimum_healthy_percent")
    )
    """Healthy tasks that stay, of the desired count, rounded up. [percent]"""
    maximum_percent: Annotated[int, Field(ge=100, le=MOST_PERCENT, strict=True)] = int(
        value_of("ecs", "maximum_percent")
    )
    """Tasks that run or start at a time, of the desired count, rounded down. [percent]"""
    deployment_circuit_breaker: bool = False
    """Whether a deployment whose tasks keep failing is rolled back to the version before it."""

    def bounds(self, desired: int) -> tuple[int, int]:
        """Fewest healthy and most tasks with so many desired: see `rolling_bounds`."""
        return rolling_bounds(desired, self.minimum_healthy_percent, self.maximum_percent)


class Deployment(Settings):
    """A new version of a service at a given time."""

    at_seconds: Seconds
    """When, since the start of the trace. [s]"""
    task_definition: TaskDefinition | None = None
    """Of the new tasks; as before unless given."""
    application: Application | None = None
    """What runs in the new tasks; as before unless given. A version that never answers has a `boot`
    that takes for ever."""

    @model_validator(mode="after")
    def _plans_no_crash(self) -> Self:
        if self.application is not None and self.application.crashes:
            raise InvalidInputError(
                "application.crashes of a deployment must be empty: planned failures are those of"
                " the service's own application"
            )
        return self
