"""EBS snapshots: stored incrementally, archived in full, restored fast, copied in time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydantic import ValidationInfo, field_validator

from models.billed_time import hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.services.ec2.data_transfer import check_destination, inter_region_meter
from models.units import HOURS_PER_DAY, MINUTES_PER_HOUR, BillingPeriod

#: Documented: https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-archive-pricing.html
ARCHIVE_MINIMUM_HOURS = 90 * HOURS_PER_DAY

#: A time-based copy may be asked to take from 15 minutes to 48 hours, in steps of 15 minutes.
#: Documented: https://docs.aws.amazon.com/ebs/latest/userguide/time-based-copies.html
COPY_STEP_MINUTES = 15
COPY_MOST_MINUTES = 48 * MINUTES_PER_HOUR

SNAPSHOT_STORAGE = Meter(
    "AmazonEC2", "EBS:SnapshotUsage", "GB-Mo",
    name="Snapshot storage",
    rule="Only blocks that changed since the snapshot before are stored and charged; deleting a"
    " snapshot frees the blocks that no other snapshot needs.",
    lever="Keep fewer snapshots (Data Lifecycle Manager), archive those kept for compliance.",
)  # fmt: skip
ARCHIVE_STORAGE = Meter(
    "AmazonEC2", "EBS:SnapshotArchiveStorage", "GB-Mo",
    name="Snapshot archive storage",
    rule="An archived snapshot is a full copy of the blocks that were written, for at least 90"
    " days; deleting it earlier is charged for the hours that remain.",
    lever="Archive only what is kept for months and rarely read; delete nothing before 90 days.",
)  # fmt: skip
ARCHIVE_RETRIEVAL = Meter(
    "AmazonEC2", "EBS:SnapshotArchiveRetrieval", "GB",
    name="Snapshot archive retrieval",
    rule="Each GB restored from the archive is charged once; the copy in the standard tier is"
    " then charged as storage.",
    lever="Keep in the standard tier what is restored often.",
)  # fmt: skip
FAST_RESTORE = Meter(
    "AmazonEC2", "EBS:FastSnapshotRestore", "DSU-Hours",
    name="Fast snapshot restore",
    rule="Each snapshot and Availability Zone it is enabled in is charged per minute, at least"
    " one hour for each time it is enabled, used or not.",
    lever="Disable it when the volumes are created, and enable it in fewer zones.",
)  # fmt: skip
DIRECT_LIST = Meter(
    "AmazonEC2", "EBS:directAPI.snapshot.List", "Requests",
    name="EBS direct APIs: list",
    rule="Every ListSnapshotBlocks and ListChangedBlocks request is charged.",
    lever="Ask for more blocks in each request.",
)  # fmt: skip
DIRECT_GET = Meter(
    "AmazonEC2", "EBS:directAPI.snapshot.Get", "Blocks",
    name="EBS direct APIs: read",
    rule="Every block of 512 KiB that GetSnapshotBlock returns is charged.",
    lever="Read only the blocks that changed.",
)  # fmt: skip
DIRECT_PUT = Meter(
    "AmazonEC2", "EBS:directAPI.snapshot.Put", "Blocks",
    name="EBS direct APIs: write",
    rule="Every block of 512 KiB that PutSnapshotBlock writes is charged.",
    lever="Write only the blocks that changed.",
)  # fmt: skip


def incremental_storage_gb(
    written_gb: Quantity, changed_gb: Quantity, snapshots: Quantity
) -> Quantity:
    """GB stored for a chain of snapshots: the first in full, each later one what changed.

    Documented: https://aws.amazon.com/ebs/pricing/ (example 7). Every change is assumed to touch
    blocks that an older kept snapshot still needs. [GB]

    >>> float(incremental_storage_gb(100, 5, snapshots=7))
    130.0
    """
    return np.where(
        np.asarray(snapshots) > 0, written_gb + changed_gb * np.maximum(snapshots - 1, 0), 0.0
    )


def remaining_archive_hours(age_hours: Quantity) -> Quantity:
    """Hours still charged when an archived snapshot is deleted at `age_hours`. [h]

    Documented: https://aws.amazon.com/ebs/pricing/ (example 10) rounds the rest of the 90 days
    down to the hour; the EBS User Guide says "to the nearest hour" of the same charge. The
    pricing page decides here. AWS shows the charge on a line of its own
    (EBS:SnapshotArchiveEarlyDelete) at the price of archive storage; here it joins that storage.

    >>> float(remaining_archive_hours(70 * 24 + 11 + 5 / 60)), float(remaining_archive_hours(3000))
    (468.0, 0.0)
    """
    return np.floor(np.round(np.maximum(ARCHIVE_MINIMUM_HOURS - age_hours, 0.0), 6))


def fast_restore_hours(hours: Quantity, enablements: Quantity = 1) -> Quantity:
    """DSU-hours of one snapshot in one zone, enabled `enablements` times for `hours` in all.

    Documented: https://aws.amazon.com/ebs/pricing/ (example 8): per minute, one hour at least.
    Enablements of equal length are assumed. [DSU-h]

    >>> [float(fast_restore_hours(hours)) for hours in (0, 0.75, 2.5)]
    [0.0, 1.0, 2.5]
    """
    times = np.maximum(enablements, 1)
    minutes = np.ceil(np.round(hours / times * MINUTES_PER_HOUR, 6))
    return np.where(np.asarray(hours) > 0, times * np.maximum(minutes / MINUTES_PER_HOUR, 1.0), 0.0)


def copy_tier(completion_minutes: Quantity) -> Quantity:
    """Price tier of a time-based copy: 1 is the fastest; each doubling of the time is one more.

    The price list shows tier 1 to be under 30 minutes, 2 under 60, 3 under 120; that it goes on
    by doubling is assumed, and agrees with AWS's examples of 3 and 8 hours
    (https://aws.amazon.com/ebs/pricing/, example 11).

    >>> [int(copy_tier(minutes)) for minutes in (15, 30, 60, 180, 480)]
    [1, 2, 3, 4, 6]
    """
    return np.floor(np.log2(np.asarray(completion_minutes) / COPY_STEP_MINUTES)) + 1


def copy_meter(tier: int) -> Meter:
    """What counts the GB of time-based copies in one tier."""
    return Meter(
        "AmazonEC2", f"EBS:TimeBasedSnapshotCopy.tier{tier}", "GB",
        name=f"Time-based snapshot copy, tier {tier}",
        rule="Each GB copied is charged by how soon the copy must be complete.",
        lever="Allow the copy more time, or use a standard copy.",
    )  # fmt: skip


class Snapshot(Resource):
    """A chain of snapshots of one volume in the standard tier."""

    written_gb: Amount
    """Blocks written to the volume when the first snapshot was taken; empty blocks are not
    stored. [GB]"""
    changed_gb: Amount = 0
    """Blocks that changed between one snapshot and the next. [GB]"""
    retained: Count = 1
    """How many snapshots are kept."""
    hours: Amount | None = None
    """Hours they exist in the period; the whole period if not given. [h]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB-months in the standard tier."""
        months = hours_within(self.hours, period, self.name) / period.hours
        stored = incremental_storage_gb(self.written_gb, self.changed_gb, self.retained)
        yield SNAPSHOT_STORAGE, stored * months


class SnapshotArchive(Resource):
    """Snapshots in the archive tier: full copies, kept for at least 90 days."""

    storage_gb: Amount
    """Full size of the archived snapshots: all blocks ever written. [GB]"""
    hours: Amount | None = None
    """Hours they are in the archive in the period; the whole period if not given. [h]"""
    deleted_at_age_hours: Amount | None = None
    """If they are deleted (or restored for good) in the period: hours since they were archived.
    What is missing to 90 days is charged too. [h]"""
    retrieved_gb: Amount = 0
    """Restored from the archive in the period. [GB]"""
    restored_hours: Amount = 0
    """Hours for which the retrieved GB stay in the standard tier in the period. [h]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB-months in the archive, the rest of the 90 days, and what was restored."""
        hours = hours_within(self.hours, period, self.name)
        yield ARCHIVE_STORAGE, self.storage_gb * hours / period.hours
        if self.deleted_at_age_hours is not None:
            remaining = remaining_archive_hours(self.deleted_at_age_hours)
            yield ARCHIVE_STORAGE, self.storage_gb * remaining / period.hours
        yield ARCHIVE_RETRIEVAL, self.retrieved_gb
        restored_hours = hours_within(self.restored_hours, period, self.name)
        yield SNAPSHOT_STORAGE, self.retrieved_gb * restored_hours / period.hours


class FastSnapshotRestore(Resource):
    """Fast snapshot restore, enabled for some snapshots in some Availability Zones."""

    snapshots: Count = 1
    """Snapshots it is enabled for."""
    availability_zones: Count = 1
    """Zones it is enabled in."""
    hours: Amount | None = None
    """Hours it is enabled in the period for each snapshot and zone; all if not given. [h]"""
    enablements: Count = 1
    """How often it is enabled in the period; the hours are spread evenly, an hour at least each."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield DSU-hours."""
        hours = hours_within(self.hours, period, self.name)
        each = fast_restore_hours(hours, self.enablements)
        yield FAST_RESTORE, self.snapshots * self.availability_zones * each


class SnapshotDirectApi(Resource):
    """Requests of the EBS direct APIs, which backup software uses to read and write blocks."""

    list_requests: Count = 0
    """ListSnapshotBlocks and ListChangedBlocks requests in the period."""
    blocks_read: Count = 0
    """Blocks of 512 KiB read with GetSnapshotBlock in the period."""
    blocks_written: Count = 0
    """Blocks of 512 KiB written with PutSnapshotBlock in the period."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield requests and blocks."""
        yield DIRECT_LIST, self.list_requests
        yield DIRECT_GET, self.blocks_read
        yield DIRECT_PUT, self.blocks_written


class SnapshotCopy(Resource):
    """Snapshot copies: to another region, within a chosen time, or both."""

    copied_gb: Amount
    """Snapshot data copied in the period. [GB]"""
    completion_minutes: Count | None = None
    """Time in which the copy must be complete; none if not given, and then no charge for it.
    From 15 to 2,880 in steps of 15. [min]"""
    destination_region: str | None = None
    """Region it goes to, if another: the transfer is then charged as well."""

    @field_validator("completion_minutes")
    @classmethod
    def _in_steps(cls, value: Quantity | None) -> Quantity | None:
        if value is None:
            return None
        if np.ndim(value):
            raise ValueError("must be a single number: it decides which price applies")
        if value % COPY_STEP_MINUTES or not COPY_STEP_MINUTES <= value <= COPY_MOST_MINUTES:
            raise ValueError(
                f"must be from {COPY_STEP_MINUTES} to {COPY_MOST_MINUTES:,} in steps of"
                f" {COPY_STEP_MINUTES} minutes"
            )
        return value

    @field_validator("destination_region")
    @classmethod
    def _elsewhere(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None:
            check_destination(value, info.data.get("region"))
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB copied in time, and GB sent to the other region."""
        if self.completion_minutes is not None:
            yield copy_meter(int(copy_tier(self.completion_minutes))), self.copied_gb
        if self.destination_region:
            yield inter_region_meter(self.destination_region), self.copied_gb
