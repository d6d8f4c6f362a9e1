"""What AWS does not say about serverless capacity: every figure here is a parameter."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from models.quotas import value_of
from models.resource import Settings
from models.services.rds import ServerlessV2ScalingConfiguration

Positive = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Part = Annotated[float, Field(gt=0, le=1)]


class CapacityAssumptions(Settings):
    """How fast capacity follows the load. All are assumed; sweep them to see what they do.

    AWS says that capacity is measured each second, moves in steps of 0.5 ACU, and rises faster
    from a larger capacity
    (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.how-it-works.html).
    """

    target_utilisation: Part = 0.8
    """Use at which capacity is just enough: above it, it grows. [share]"""
    averaging_seconds: Annotated[float, Field(ge=1, le=86_400, allow_inf_nan=False)] = 10.0
    """Time over which use is averaged, the latest seconds counting most. [s]"""
    tolerated_queue_seconds: NotNegative = 1.0
    """Work left over that it does not take for a lack of capacity, in time of the whole
    instance; above it, it grows whatever the average says. [s]"""
    rise_acu_per_second: NotNegative = 0.5
    """Growth, at least: whole steps as they add up. [ACU/s]"""
    rise_share_per_second: NotNegative = 0.075
    """Growth as a part of the capacity, where that is more. [1/s]"""
    fall_wait_seconds: NotNegative = 90.0
    """How long less must have been enough before a step down, each time. [s]"""
    fall_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Step down as a part of the capacity, where that is more than 0.5 ACU. [share]"""
    resume_acu: Positive = 0.5
    """Capacity with which it resumes: AWS says that it may be lower than before the pause. [ACU]"""


def settled_acu(
    demand_acu: float,
    scaling: ServerlessV2ScalingConfiguration,
    assumptions: CapacityAssumptions | None = None,
) -> float:
    """Capacity at which an instance stays under an even load that never stops. [ACU]

    Parameters
    ----------
    demand_acu : float
        Work that arrives each second. [ACU-s/s]
    scaling : ServerlessV2ScalingConfiguration
    assumptions : CapacityAssumptions, optional

    Examples
    --------
    >>> settled_acu(2.1, ServerlessV2ScalingConfiguration(min_capacity_acu=0, max_capacity_acu=8))
    3.0
    """
    step = value_of("rds", "capacity_step_acu")
    target = (assumptions or CapacityAssumptions()).target_utilisation
    needed = math.ceil(demand_acu / target / step) * step
    return float(min(max(needed, scaling.min_capacity_acu, step), scaling.max_capacity_acu))
