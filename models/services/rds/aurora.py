"""Aurora: a cluster of instances over one storage that grows and shrinks by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import model_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.services.rds import meters, rules
from models.services.rds.classes import refuse_unoffered
from models.services.rds.instances import DBInstanceClass
from models.services.rds.limits import max_connections_of_class, max_connections_serverless
from models.services.rds.serverless import ServerlessV2ScalingConfiguration
from models.units import BillingPeriod


class DBCluster(Resource):
    """An Aurora cluster: its instances, or serverless capacity, over one storage."""

    engine: Literal["aurora-mysql", "aurora-postgresql"]
    """Database engine, as AWS spells it."""
    storage_type: Literal["aurora", "aurora-iopt1"] = "aurora"
    """``aurora`` is the Standard configuration, ``aurora-iopt1`` the I/O-Optimized one: no charge
    for I/O requests, dearer instances and storage."""
    db_instance_class: DBInstanceClass | None = None
    """Class of its instances, e.g. ``db.r6g.large``; none where all capacity is serverless."""
    instances: Count = 1
    """Instances of that class, writer and readers together."""
    hours: Amount | None = None
    """Hours it exists, in one stretch; the whole billing period unless given. [h]"""
    serverless_v2_scaling_configuration: ServerlessV2ScalingConfiguration | None = None
    """Range in which its serverless instances scale; it has none unless given."""
    serverless_acu_hours: Amount = 0
    """Capacity of its serverless instances in the period: ACUs x hours. [ACU-h]"""
    storage_gb: Amount = 0
    """Storage used, counted once for the cluster. [GB]"""
    io_requests: Amount = 0
    """Requests to storage in the period."""
    backup_storage_gb: Amount = 0
    """Backups and snapshots; as much as the cluster's storage is free. [GB]"""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.db_instance_class:
            refuse_unoffered(self.engine, self.db_instance_class)
        return self

    @property
    def max_connections(self) -> float:
        """Connections that one of its instances takes by default, a serverless one where it has
        no class.

        Raises
        ------
        InvalidInputError
            Where it has neither a class nor a range of serverless capacity.
        """
        if self.db_instance_class:
            return max_connections_of_class(self.engine, self.db_instance_class)
        scaling = self.serverless_v2_scaling_configuration
        if scaling is None:
            raise InvalidInputError(
                f"{self.name}: give db_instance_class or serverless_v2_scaling_configuration"
            )
        return float(
            max_connections_serverless(
                self.engine, scaling.min_capacity_acu, scaling.max_capacity_acu
            )
        )

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield instance hours, serverless capacity, storage, I/O requests and backups."""
        hours = hours_within(self.hours, period, self.name)
        months = hours / period.hours
        optimized = self.storage_type == "aurora-iopt1"
        yield from self._capacity(hours, optimized)
        if optimized:
            yield meters.AURORA_IO_OPTIMIZED_STORAGE, self.storage_gb * months
        else:
            yield meters.AURORA_STORAGE, self.storage_gb * months
            yield meters.AURORA_IO, self.io_requests
        charged_gb = rules.charged_backup_gb(self.backup_storage_gb, self.storage_gb)
        yield meters.AURORA_BACKUP, charged_gb * months

    def _capacity(self, hours: Quantity, optimized: bool) -> Iterator[tuple[Meter, Quantity]]:
        if self.db_instance_class:
            usage = "InstanceUsageIOOptimized" if optimized else "InstanceUsage"
            meter = meters.instance_usage(self.engine, self.db_instance_class, usage)
            yield meter, self.instances * rules.instance_hours(hours)
        yield (
            meters.AURORA_SERVERLESS_IO_OPTIMIZED if optimized else meters.AURORA_SERVERLESS,
            self.serverless_acu_hours,
        )
