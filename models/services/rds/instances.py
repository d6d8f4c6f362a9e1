"""Database instances with their storage and backups, snapshots kept after them, proxies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import quota, range_of, value_of
from models.resource import Amount, Count, Resource
from models.services.rds import meters, rules
from models.services.rds.classes import refuse_unoffered
from models.services.rds.connections import ConnectionPoolConfiguration
from models.services.rds.limits import max_connections_of_class
from models.units import BillingPeriod

_CLASS = r"^db\.[a-z0-9-]+\.[a-z0-9-]+$"
_VERSION = r"^(MySQL|PostgreSQL)[0-9]+(\.[0-9]+)?$"


def _class(value: str) -> str:
    if not re.fullmatch(_CLASS, value):
        raise ValueError("must be a DB instance class such as db.t3.medium")
    return value


def _version(value: str) -> str:
    if not re.fullmatch(_VERSION, value):
        raise ValueError("must be an engine and major version such as PostgreSQL12 or MySQL8.0")
    return value


DBInstanceClass = Annotated[
    str, AfterValidator(_class), Field(json_schema_extra={"pattern": _CLASS})
]
EngineVersion = Annotated[
    str, AfterValidator(_version), Field(json_schema_extra={"pattern": _VERSION})
]


class DBInstance(Resource):
    """A database instance with its storage and its backups."""

    engine: Literal["postgres", "mysql", "mariadb"]
    """Database engine, as AWS spells it."""
    db_instance_class: DBInstanceClass
    """Instance class, e.g. ``db.t3.medium``."""
    multi_az: bool = False
    """Whether a standby waits in a second zone: instance, storage and IOPS cost double."""
    hours: Amount | None = None
    """Hours it exists, stopped or not, in one stretch; the whole period unless given. [h]"""
    stopped_hours: Amount = 0
    """Hours of those for which it is meant to be stopped. [h]"""
    stops: Count = 1
    """Times it is stopped: AWS starts it again, and charges for it, after 168 hours."""
    storage_type: Literal["gp2", "gp3", "io1"] = "gp3"
    """Kind of storage."""
    allocated_storage_gb: Amount
    """Storage provisioned, used or not. [GiB]"""
    iops: Amount | None = None
    """IOPS provisioned: always for io1, for gp3 only above those that are included."""
    backup_storage_gb: Amount = 0
    """Automated backups and manual snapshots while it exists. [GB]"""
    free_backup_storage_gb: Amount | None = None
    """Backups that are free: as much as its own storage unless given. The allowance is that of
    the whole region, so add what other instances leave unused. [GB]"""
    extended_support: EngineVersion | None = None
    """Version past its end of standard support, e.g. ``PostgreSQL12``; none unless given."""
    extended_support_year: Literal[1, 2, 3] = 1
    """Year of Extended Support; the third costs double."""
    vcpus: Count | None = None
    """vCPUs of the class, needed where there is Extended Support."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        refuse_unoffered(self.engine, self.db_instance_class)
        self._check_storage()
        if self.storage_type == "io1" and self.iops is None:
            raise InvalidInputError("iops must be given with storage_type 'io1': none is included")
        if self.storage_type == "gp2" and self.iops is not None:
            raise InvalidInputError("iops must not be given with storage_type 'gp2': size decides")
        if self.extended_support and self.vcpus is None:
            raise InvalidInputError("vcpus must be given with extended_support, charged by vCPU")
        if self.storage_type == "gp3" and self.iops is not None:
            self._check_gp3_iops(np.asarray(self.iops))
        if self.storage_type == "io1":
            self._check_io1_iops(np.asarray(self.iops))
        return self

    def _check_storage(self) -> None:
        sizes = np.asarray(self.allocated_storage_gb)
        name = f"{self.storage_type}_allocated_storage_gb"
        least, most = range_of("rds", name)
        if np.any((sizes < least) | (sizes > most)):
            wrong = sizes[(sizes < least) | (sizes > most)].flat[0]
            raise InvalidInputError(
                f"allocated_storage_gb {wrong:g} must be from {least:,} to {most:,} [GiB] for"
                f" {self.storage_type} ({quota('rds', f'{name}_max').source})"
            )

    def _check_io1_iops(self, iops: Quantity) -> None:
        sizes = np.asarray(self.allocated_storage_gb)
        stated = quota("rds", "io1_iops_max")
        least, most = range_of("rds", "io1_iops")
        low, high = range_of("rds", "io1_iops_per_gb")
        if np.any((iops < least) | (iops > most)):
            raise InvalidInputError(
                f"iops must be from {least:,} to {most:,} for io1 ({stated.source})"
            )
        if np.any((iops < low * sizes) | (iops > high * sizes)):
            raise InvalidInputError(
                f"iops must be {low:g} to {high:g} times allocated_storage_gb for io1"
                f" ({stated.source})"
            )

    def _check_gp3_iops(self, iops: Quantity) -> None:
        included = rules.gp3_included_iops(self.allocated_storage_gb)
        if np.any(iops < included):
            raise InvalidInputError(
                f"iops {np.min(iops):g} must be at least the {np.max(included):g} gp3 includes"
            )
        sizes = np.asarray(self.allocated_storage_gb)
        most = quota("rds", "gp3_iops_max")
        ratio = value_of("rds", "gp3_iops_per_gb_max")
        if np.any(iops > np.minimum(most.value, ratio * sizes)):
            raise InvalidInputError(
                f"iops {np.max(iops):g} must be at most {most.value:,} and {ratio} times"
                f" allocated_storage_gb for gp3 ({most.source})"
            )
        small = sizes < rules.GP3_STRIPED_FROM_GB
        if np.any(small & (iops > included)):
            raise InvalidInputError(
                f"iops {np.max(iops):g} need allocated_storage_gb of at least"
                f" {rules.GP3_STRIPED_FROM_GB}; smaller gp3 storage has {np.min(included):g}"
            )

    @property
    def max_connections(self) -> float:
        """Connections that it takes by default."""
        return max_connections_of_class(self.engine, self.db_instance_class)

    def running_hours(self, period: BillingPeriod) -> Quantity:
        """Instance hours charged in `period`. [h]"""
        exists = hours_within(self.hours, period, self.name)
        if np.any(np.asarray(self.stopped_hours) > exists):
            raise InvalidInputError(
                f"{self.name}: stopped_hours {np.max(self.stopped_hours):g} must not exceed the"
                f" {np.max(exists):g} hours it exists"
            )
        return rules.instance_hours(exists - rules.stopped_hours(self.stopped_hours, self.stops))

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield instance hours, storage, IOPS, backups and Extended Support."""
        months = hours_within(self.hours, period, self.name) / period.hours
        running = self.running_hours(period)
        usage = "Multi-AZUsage" if self.multi_az else "InstanceUsage"
        kind = (self.storage_type, self.multi_az)
        yield meters.instance_usage(self.engine, self.db_instance_class, usage), running
        yield meters.STORAGE[kind], self.allocated_storage_gb * months
        if self.iops is not None:
            yield meters.IOPS[kind], self._charged_iops() * months
        yield meters.BACKUP, self._charged_backup_gb() * months
        if self.extended_support and self.vcpus is not None:
            years = "Yr3" if self.extended_support_year == 3 else "Yr1-Yr2"
            copies = 2 if self.multi_az else 1
            meter = meters.extended_support(self.extended_support, years)
            yield meter, running * self.vcpus * copies

    def _charged_iops(self) -> Quantity:
        iops = 0.0 if self.iops is None else self.iops
        if self.storage_type == "gp3":
            return iops - rules.gp3_included_iops(self.allocated_storage_gb)
        return iops

    def _charged_backup_gb(self) -> Quantity:
        free = self.free_backup_storage_gb
        return rules.charged_backup_gb(
            self.backup_storage_gb, self.allocated_storage_gb if free is None else free
        )


class DBSnapshot(Resource):
    """Snapshots kept after their instance is gone: no allowance of its own covers them."""

    storage_gb: Amount
    """Size of the snapshots. [GB]"""
    hours: Amount | None = None
    """Hours they exist; the whole billing period unless given. [h]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield backup storage."""
        hours = hours_within(self.hours, period, self.name)
        yield meters.BACKUP, self.storage_gb * hours / period.hours


class DBProxy(Resource):
    """A pool of connections in front of a database."""

    vcpus: Count
    """vCPUs of the instances behind it; two are charged at least."""
    hours: Amount | None = None
    """Hours it exists; the whole billing period unless given. [h]"""
    connection_pool_configuration: ConnectionPoolConfiguration = ConnectionPoolConfiguration()
    """Its pool of connections to the database."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield vCPU-hours."""
        hours = hours_within(self.hours, period, self.name)
        yield meters.PROXY, np.maximum(self.vcpus, 2) * hours
