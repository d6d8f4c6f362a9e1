"""The task definition: how large a task is and what its image brings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, field_validator

from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import refuse_outside, value_of
from models.resource import Settings
from models.scaling.packing import Item
from models.services.ecs.fargate import (
    EPHEMERAL_GB_HOURS,
    SIZES_SOURCE,
    WINDOWS_CPU_UNITS,
    gb_hours,
    refuse_size,
    task_meters,
    vcpu_hours,
)

Whole = Annotated[int, Field(ge=1, strict=True)]
OperatingSystem = Literal[
    "LINUX",
    "WINDOWS_SERVER_2019_CORE",
    "WINDOWS_SERVER_2019_FULL",
    "WINDOWS_SERVER_2022_CORE",
    "WINDOWS_SERVER_2022_FULL",
]


class TaskDefinition(Settings):
    """What each task of a service is: all its containers together.

    Documented: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    """

    cpu_units: Whole = 256
    """CPU of the task; 1,024 are one vCPU. [CPU units]"""
    memory_mib: Whole = 512
    """Memory of the task. [MiB]"""
    cpu_architecture: Literal["X86_64", "ARM64"] = "X86_64"
    """Processor, in AWS's words."""
    operating_system_family: OperatingSystem = "LINUX"
    """Operating system, in AWS's words."""
    ephemeral_storage_gib: Annotated[int, Field(strict=True)] = int(
        value_of("ecs", "ephemeral_storage_gib")
    )
    """Storage of a task on Fargate; 20 come with it. [GiB]"""
    image_size_mb: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] = 400.0
    """What is pulled from the registry before a task starts, compressed. [MB]"""
    stop_timeout_seconds: Annotated[int, Field(strict=True)] = int(
        value_of("ecs", "stop_timeout_seconds")
    )
    """From SIGTERM to SIGKILL. [s]"""
    stop_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """How long the program takes to end after SIGTERM; one that ignores it takes longer than
    `stop_timeout_seconds`, and is killed then. [s]"""

    @field_validator("ephemeral_storage_gib")
    @classmethod
    def _storage_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "ecs", "ephemeral_storage_gib")

    @field_validator("stop_timeout_seconds")
    @classmethod
    def _timeout_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "ecs", "stop_timeout_seconds")

    @property
    def item(self) -> Item:
        """What a task asks of a container instance. [CPU units, MiB]"""
        return Item(self.cpu_units, self.memory_mib)

    @property
    def last_seconds(self) -> float:
        """From SIGTERM until the task is gone. [s]"""
        return min(self.stop_seconds, self.stop_timeout_seconds)

    def refuse_launch_type(self, launch_type: str) -> None:
        """Refuse what that launch type cannot run.

        Raises
        ------
        InvalidInputError
            With what it can run, and AWS's page.
        """
        if launch_type == "EC2":
            refuse_outside(self.cpu_units, "ecs", "ec2_cpu_units")
            return
        refuse_size(self.cpu_units, self.memory_mib)
        if self.operating_system_family == "LINUX":
            return
        if self.cpu_units not in WINDOWS_CPU_UNITS or self.cpu_architecture != "X86_64":
            allowed = ", ".join(str(size) for size in WINDOWS_CPU_UNITS)
            raise InvalidInputError(
                f"cpu_units ({self.cpu_units}) must be one of {allowed}, and cpu_architecture"
                f" ({self.cpu_architecture!r}) 'X86_64', for Windows on Fargate ({SIZES_SOURCE})"
            )
        if self.ephemeral_storage_gib != value_of("ecs", "ephemeral_storage_gib"):
            raise InvalidInputError(
                f"ephemeral_storage_gib ({self.ephemeral_storage_gib}) must be left at 20 for"
                f" Windows on Fargate ({SIZES_SOURCE})"
            )

    def metered(self, hours: Quantity, *, spot: bool = False) -> Iterator[tuple[Meter, Quantity]]:
        """Yield what so many charged task-hours on Fargate are counted as."""
        by_vcpu, by_gb = task_meters(self.cpu_architecture, self.operating_system_family, spot=spot)
        for meter in by_vcpu:
            yield meter, vcpu_hours(self.cpu_units, hours)
        yield by_gb, gb_hours(self.memory_mib, hours)
        included = value_of("ecs", "ephemeral_storage_gib")
        yield EPHEMERAL_GB_HOURS, (self.ephemeral_storage_gib - included) * hours
