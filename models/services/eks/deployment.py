"""Pods of one kind, as a simulation runs them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from models.distributions import Duration, Fixed, Number
from models.errors import InvalidInputError
from models.resource import Name, Settings
from models.scaling.packing import Item

Replicas = Annotated[int, Field(ge=0, le=10_000, strict=True)]
Amount = Annotated[Number, Field(gt=0, le=1_000)]


class Deployment(Settings):
    """Pods of one kind behind one Service.

    Documented: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
    """

    name: Name = "web"
    """Names it in the activity log."""
    replicas: Replicas = 1
    """Pods at the start."""
    cpu_request: Amount = 0.5
    """CPU set aside for a pod: the scheduler counts it, and utilization is a percentage of it.
    [vCPU]"""
    cpu_limit: Amount | None = None
    """Most CPU a pod can use; as much as it requests unless given. Above the request, utilization
    can exceed 100 percent. [vCPU]"""
    memory_request_gib: Amount = 0.5
    """Memory set aside for a pod. [GiB]"""
    start: Duration = Fixed(seconds=10)
    """From the pod being on a node to it being Ready: pulling the image, starting, the first
    readiness probe. [s]"""

    @model_validator(mode="after")
    def _limit_above_request(self) -> Self:
        if self.cpu_limit is not None and self.cpu_limit < self.cpu_request:
            raise InvalidInputError(
                f"cpu_limit ({self.cpu_limit:g}) must be at least cpu_request"
                f" ({self.cpu_request:g}) [vCPU]"
            )
        return self

    @property
    def pod(self) -> Item:
        """What one pod asks for. [vCPU, GiB]"""
        return Item(self.cpu_request, self.memory_request_gib)

    @property
    def most_cpu(self) -> float:
        """Most CPU a pod can use. [vCPU]"""
        return self.cpu_request if self.cpu_limit is None else self.cpu_limit
