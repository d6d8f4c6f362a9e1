"""Aurora Serverless v2: between which capacities an instance scales, and when it pauses."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from models.distributions import Number
from models.errors import InvalidInputError
from models.quotas import quota, range_of, refuse_outside, value_of
from models.resource import Settings


class ServerlessV2ScalingConfiguration(Settings):
    """The range in which every serverless instance of a cluster scales, each for itself.

    Documented: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html
    """

    min_capacity_acu: Number
    """Never less, unless it pauses: with 0 it pauses by itself. [ACU]"""
    max_capacity_acu: Number
    """Never more. [ACU]"""
    seconds_until_auto_pause: Annotated[int, Field(strict=True)] | None = None
    """Time without a user connection after which it pauses, where the minimum is 0; 300 unless
    given. [s]"""

    @field_validator("min_capacity_acu", "max_capacity_acu")
    @classmethod
    def _in_steps(cls, value: float) -> float:
        step, (least, most) = value_of("rds", "capacity_step_acu"), range_of("rds", "capacity_acu")
        if not least <= value <= most or value % step:
            stated = quota("rds", "capacity_acu_max")
            raise ValueError(
                f"must be from {least:g} to {most:g} [ACU] in steps of {step:g} ({stated.source})"
            )
        return value

    @field_validator("seconds_until_auto_pause")
    @classmethod
    def _pause_within_bounds(cls, value: int | None) -> int | None:
        return None if value is None else refuse_outside(value, "rds", "auto_pause_seconds")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        least, most = self.min_capacity_acu, self.max_capacity_acu
        floor = quota("rds", "max_capacity_acu_min")
        if most < floor.value:
            raise InvalidInputError(
                f"max_capacity_acu {most:g} must be at least {floor.value:g} ({floor.source})"
            )
        if least > most:
            raise InvalidInputError(
                f"min_capacity_acu {least:g} must be at most max_capacity_acu ({most:g})"
                f" ({floor.source})"
            )
        if least and self.seconds_until_auto_pause is not None:
            raise InvalidInputError(
                f"seconds_until_auto_pause needs min_capacity_acu 0, not {least:g}: an instance"
                f" with a minimum never pauses ({quota('rds', 'resume_seconds').source})"
            )
        return self

    @property
    def pauses(self) -> bool:
        """Whether it pauses by itself."""
        return self.min_capacity_acu == 0

    @property
    def pause_after_seconds(self) -> float:
        """Time without a connection after which it pauses; infinite where it never does. [s]"""
        if not self.pauses:
            return float("inf")
        return float(self.seconds_until_auto_pause or value_of("rds", "auto_pause_seconds"))
