"""A table: its capacity, its requests, what it stores and how that is kept safe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import field_validator, model_validator

from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import quota, value_of
from models.resource import Amount, Count, Resource
from models.services.dynamodb import meters, rules
from models.services.dynamodb.index import GlobalSecondaryIndex
from models.services.dynamodb.limits import refuse_large_item, refuse_wrong_capacity
from models.services.dynamodb.scalable import ScalableTarget
from models.units import BillingPeriod

PROVISIONED, ON_DEMAND = "PROVISIONED", "PAY_PER_REQUEST"
#: Fields that only one of the billing modes has.
_PROVISIONED_ONLY = ("read_scaling", "write_scaling")
_ON_DEMAND_ONLY = ("max_read_request_units", "max_write_request_units")

#: How many requests of a kind, and the units of each.
_Requests = tuple[Quantity, Quantity]


class Table(Resource):
    """A table with its indexes; of a global table, the replica in one Region.

    Documented:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-mode.html
    """

    simulated: ClassVar[bool] = True

    billing_mode: Literal["PROVISIONED", "PAY_PER_REQUEST"] = "PAY_PER_REQUEST"
    """Whether capacity is charged by the hour or each request by itself (on-demand)."""
    table_class: Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"] = "STANDARD"
    """The second has cheaper storage and dearer requests."""
    read_capacity_units: Count | None = None
    """Provisioned reads; where there is auto scaling, what it starts from. [units]"""
    write_capacity_units: Count | None = None
    """Provisioned writes; where there is auto scaling, what it starts from. [units]"""
    read_scaling: ScalableTarget | None = None
    """Auto scaling of read capacity, in a simulation; `estimate` has it constant."""
    write_scaling: ScalableTarget | None = None
    """Auto scaling of write capacity, in a simulation; `estimate` has it constant."""
    max_read_request_units: Count | None = None
    """Most read units a second that are served on demand; no maximum unless given. [1/s]"""
    max_write_request_units: Count | None = None
    """Most write units a second that are served on demand; no maximum unless given. [1/s]"""
    warm_read_units_per_second: Count | None = None
    """Warm throughput: reads that the table can serve at once, where that is more than AWS gives
    a new table. Warming a table has a charge of its own, which is left out. [1/s]"""
    warm_write_units_per_second: Count | None = None
    """Warm throughput of writes. [1/s]"""
    item_size_kb: Amount = 1
    """An item on average: names and values of its attributes. [KB]"""
    items: Amount = 0
    """Items in the table."""
    storage_gb: Amount | None = None
    """Its size with the overhead of 100 bytes an item; that of `items` unless given. [GB]"""
    eventual_reads: Amount = 0
    """Eventually consistent reads of one item in the period."""
    strong_reads: Amount = 0
    """Strongly consistent reads of one item in the period."""
    transactional_reads: Amount = 0
    """Items read in transactions in the period."""
    queries: Amount = 0
    """Queries, or pages of scans, in the period."""
    query_items: Amount = 10
    """Items that a query reads on average, before any filter."""
    strong_queries: bool = False
    """Whether queries are strongly consistent."""
    writes: Amount = 0
    """Items put, updated or deleted in the period."""
    transactional_writes: Amount = 0
    """Items written in transactions in the period."""
    global_secondary_indexes: tuple[GlobalSecondaryIndex, ...] = ()
    """Its global secondary indexes."""
    global_table: bool = False
    """Whether it is a replica of a global table. Then every write is charged here as replicated,
    whichever Region it was made in; describe each Region's replica as a table."""
    stream_read_requests: Amount = 0
    """GetRecords calls on its stream in the period, without those of Lambda, which are free."""
    kinesis_records: Amount = 0
    """Changes of one item each that are sent to a Kinesis data stream in the period."""
    backup_storage_gb: Amount = 0
    """On-demand backups that are kept. [GB]"""
    point_in_time_recovery: bool = False
    """Whether it can be restored to any second of the window."""
    point_in_time_recovery_gb: Amount | None = None
    """Size that is charged for that; the table's own, without indexes, unless given. [GB]"""
    restored_gb: Amount = 0
    """Restored from backups in the period. [GB]"""
    exported_gb: Amount = 0
    """Exported to S3 in the period. [GB]"""
    imported_gb: Amount = 0
    """Imported from S3 in the period, uncompressed. [GB]"""

    @field_validator("item_size_kb")
    @classmethod
    def _item_fits(cls, value: Quantity) -> Quantity:
        return refuse_large_item(value)

    @field_validator("read_capacity_units", "write_capacity_units", *_ON_DEMAND_ONLY)
    @classmethod
    def _capacity_within_bounds(cls, value: Quantity | None) -> Quantity | None:
        return None if value is None else refuse_wrong_capacity(value)

    @model_validator(mode="after")
    def _fits_its_mode(self) -> Self:
        provisioned = self.billing_mode == PROVISIONED
        _check_capacity(self, provisioned=provisioned)
        for index in self.global_secondary_indexes:
            _check_capacity(index, provisioned=provisioned)
        wrong = _ON_DEMAND_ONLY if self.billing_mode == PROVISIONED else _PROVISIONED_ONLY
        for name in wrong:
            if getattr(self, name) is not None:
                raise InvalidInputError(
                    f"{name} must not be given with billing_mode {self.billing_mode!r}"
                )
        return self

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        most = int(value_of("dynamodb", "global_secondary_indexes_max"))
        if len(self.global_secondary_indexes) > most:
            page = quota("dynamodb", "global_secondary_indexes_max").source
            raise InvalidInputError(
                f"global_secondary_indexes ({len(self.global_secondary_indexes)}) must be at most"
                f" {most} ({page})"
            )
        if self.global_table and self.table_class != "STANDARD":
            raise InvalidInputError(
                f"global_table has no price here with table_class {self.table_class!r}"
            )
        for capacity, scaling in (
            ("read_capacity_units", self.read_scaling),
            ("write_capacity_units", self.write_scaling),
        ):
            _check_start(capacity, getattr(self, capacity), scaling)
        return self

    @property
    def read_units(self) -> Quantity:
        """Units of the reads of the period, without those of indexes."""
        return sum(count * units for count, units in self._reads())

    @property
    def write_units(self) -> Quantity:
        """Units of the writes of the period, without those of indexes."""
        return sum(count * units for count, units in self._writes())

    @property
    def units_per_read(self) -> Quantity:
        """Units of a read, on average over those of the period; without any, of an eventual one."""
        return _mean(self._reads())

    @property
    def units_per_write(self) -> Quantity:
        """Units of a write, on average over those of the period; without any, of a plain one."""
        return _mean(self._writes())

    @property
    def stored_gb(self) -> Quantity:
        """Size of the table without indexes, with overhead. [GB]"""
        if self.storage_gb is not None:
            return self.storage_gb
        return rules.stored_gb(self.items, self.item_size_kb)

    def _reads(self) -> tuple[_Requests, ...]:
        size = self.item_size_kb
        return (
            (self.eventual_reads, rules.read_units(size, "eventual")),
            (self.strong_reads, rules.read_units(size, "strong")),
            (self.transactional_reads, rules.read_units(size, "transactional")),
            (self.queries, rules.query_units(self.query_items, size, strong=self.strong_queries)),
        )

    def _writes(self) -> tuple[_Requests, ...]:
        size = self.item_size_kb
        return (
            (self.writes, rules.write_units(size)),
            (self.transactional_writes, rules.write_units(size, transactional=True)),
        )

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield capacity or requests, and what is charged besides."""
        yield from self._capacity(period) if self.billing_mode == PROVISIONED else self._requests()
        yield from self.beside_requests(period)

    def _capacity(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        assert self.read_capacity_units is not None
        assert self.write_capacity_units is not None
        yield meters.READ_CAPACITY[self.table_class], self.read_capacity_units * period.hours
        yield self.write_meter, self.write_capacity_units * period.hours

    def _requests(self) -> Iterator[tuple[Meter, Quantity]]:
        size = self.item_size_kb
        written = self.writes + self.transactional_writes
        yield meters.READ_REQUESTS[self.table_class], self.read_units
        yield self.write_meter, self.write_units
        for index in self.global_secondary_indexes:
            units = written * index.units_per_write(size)
            yield meters.WRITE_REQUESTS[self.table_class], units

    @property
    def write_meter(self) -> Meter:
        """What counts its own writes; those of indexes are never counted as replicated."""
        provisioned = self.billing_mode == PROVISIONED
        if self.global_table and provisioned:
            return meters.REPLICATED_WRITE_CAPACITY
        if self.global_table:
            return meters.REPLICATED_WRITE_REQUESTS
        return (meters.WRITE_CAPACITY if provisioned else meters.WRITE_REQUESTS)[self.table_class]

    def beside_requests(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield what does not depend on requests to the table: indexes, storage, copies."""
        yield from self._indexes(period)
        yield meters.STORAGE[self.table_class], self.stored_gb
        if self.point_in_time_recovery:
            covered = self.point_in_time_recovery_gb
            yield meters.RECOVERY, self.stored_gb if covered is None else covered
        yield meters.BACKUP, self.backup_storage_gb
        yield meters.RESTORED, self.restored_gb
        yield meters.EXPORTED, self.exported_gb
        yield meters.IMPORTED, self.imported_gb
        yield meters.STREAM_READS, self.stream_read_requests
        changes = self.kinesis_records * rules.write_units(self.item_size_kb)
        yield meters.CHANGE_RECORDS, changes

    def _indexes(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        kind = self.table_class
        for index in self.global_secondary_indexes:
            yield meters.STORAGE[kind], index.stored_gb(self.items, self.item_size_kb)
            if self.billing_mode == ON_DEMAND:
                yield meters.READ_REQUESTS[kind], index.read_units(self.item_size_kb)
                continue
            assert index.read_capacity_units is not None
            assert index.write_capacity_units is not None
            yield meters.READ_CAPACITY[kind], index.read_capacity_units * period.hours
            yield meters.WRITE_CAPACITY[kind], index.write_capacity_units * period.hours


def _mean(requests: tuple[_Requests, ...]) -> Quantity:
    """Units of one of these requests, on average; of the first kind where there are none."""
    counted = np.asarray(sum(count for count, _ in requests), dtype=np.float64)
    units = np.asarray(sum(count * each for count, each in requests))
    first = np.broadcast_to(requests[0][1], units.shape).astype(np.float64)
    mean: Quantity = np.divide(units, counted, out=first, where=counted > 0)
    return mean


def _check_capacity(one: Table | GlobalSecondaryIndex, *, provisioned: bool) -> None:
    """Refuse a table or an index whose capacity does not go with the billing mode."""
    name = f"{one.index_name}: " if isinstance(one, GlobalSecondaryIndex) else ""
    for capacity in ("read_capacity_units", "write_capacity_units"):
        given = getattr(one, capacity) is not None
        if given != provisioned:
            must = "must" if provisioned else "must not"
            mode = PROVISIONED if provisioned else ON_DEMAND
            raise InvalidInputError(f"{name}{capacity} {must} be given with billing_mode {mode!r}")


def _check_start(name: str, units: Quantity | None, scaling: ScalableTarget | None) -> None:
    """Refuse capacity outside the bounds of its own auto scaling."""
    if scaling is None or units is None:
        return
    least, most = scaling.min_capacity, scaling.max_capacity
    if np.any((np.asarray(units) < least) | (np.asarray(units) > most)):
        raise InvalidInputError(
            f"{name} ({units}) must be within its auto scaling's {least} to {most}"
        )
