"""What AWS does not document of DynamoDB, and quotas that it raises on request."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.quotas import value_of
from models.resource import Settings

NotNegative = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]


class TableAssumptions(Settings):
    """Delays, quotas and the first second of a table."""

    isolation_seconds: NotNegative = value_of("dynamodb", "isolation_seconds")
    """For how long a partition must throttle, minute after minute, until it is split in two.
    Assumed: AWS says that busy items are isolated and not when. [s]"""
    update_seconds: NotNegative = value_of("dynamodb", "update_seconds")
    """From asking for more capacity than the table ever had until it serves. Less capacity, and
    capacity that it had before, come at once: the latter is documented. Assumed. [s]"""
    metric_delivery_seconds: NotNegative = value_of("cloudwatch", "metric_delivery_delay_seconds")
    """From the end of a minute until alarms can read its datapoint. AWS says that alarms may lag a
    few minutes. Assumed. [s]"""
    initial_burst_seconds: Annotated[float, Field(ge=0, le=300)] = 0.0
    """Seconds of unused capacity that are kept at the start: none of a new table. [s]"""
    initial_partitions: Annotated[int, Field(ge=1, le=100_000, strict=True)] | None = None
    """Partitions at the start; by `models.services.dynamodb.partitions` unless given."""
    table_units_per_second: Positive = float(value_of("dynamodb", "capacity_units_max"))
    """Units that a table may serve on demand, reads and writes each. Documented; AWS raises it on
    request. [1/s]"""
