"""EBS volumes: charged for what is provisioned, attached or not, used or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator

from models.billed_time import hours_within, share_of_period
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.units import BillingPeriod

MIB_PER_GIB = 1024

#: What every gp3 volume includes. Documented: https://aws.amazon.com/ebs/pricing/ (gp3).
GP3_INCLUDED_IOPS = 3_000
GP3_INCLUDED_MIB_PER_SECOND = 125

#: Where the second and third price tier of io2 IOPS begin, on each volume by itself.
#: Documented: https://aws.amazon.com/ebs/pricing/ (io2: "tiering is applied at a volume level").
IO2_TIER_BOUNDS = (32_000, 64_000)


@dataclass(frozen=True)
class Limits:
    """What AWS allows a volume type to be."""

    size_gb: tuple[int, int]
    iops: tuple[int, int] | None = None
    iops_per_gb: int = 0
    mib_per_second: tuple[int, int] | None = None


#: Documented: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html, and for the
#: gp3 limits of 2025-09 https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html.
LIMITS = {
    "gp2": Limits((1, 16_384)),
    "gp3": Limits((1, 65_536), (3_000, 80_000), 500, (125, 2_000)),
    "io1": Limits((4, 16_384), (100, 64_000), 50),
    "io2": Limits((4, 65_536), (100, 256_000), 1_000),
    "st1": Limits((125, 16_384)),
    "sc1": Limits((125, 16_384)),
    "standard": Limits((1, 1_024)),
}
#: gp3 throughput that one provisioned IOPS carries (same page). [MiB/s per IOPS]
GP3_MIB_PER_SECOND_PER_IOPS = 0.25


def _storage(usage_type: str, kind: str, lever: str) -> Meter:
    return Meter(
        "AmazonEC2", usage_type, "GB-Mo", name=f"{kind} storage",
        rule="Provisioned GB are charged per second (at least 60) from creation to deletion, also"
        " while the volume is detached or its instance is stopped.",
        lever=lever,
    )  # fmt: skip


def _iops(usage_type: str, kind: str, rule: str) -> Meter:
    return Meter(
        "AmazonEC2", usage_type, "IOPS-Mo", name=f"{kind} provisioned IOPS", rule=rule,
        lever="Provision what the volume reaches in its metrics; IOPS can be changed while it is"
        " in use.",
    )  # fmt: skip


_SHRINK = "Delete detached volumes and provision less."
GP2_STORAGE = _storage(
    "EBS:VolumeUsage.gp2", "gp2", "Change the volume to gp3, which is cheaper and no slower."
)
GP3_STORAGE = _storage("EBS:VolumeUsage.gp3", "gp3", _SHRINK)
IO1_STORAGE = _storage("EBS:VolumeUsage.piops", "io1", "Move to gp3 where its IOPS are enough.")
IO2_STORAGE = _storage("EBS:VolumeUsage.io2", "io2", "Move to gp3 where its IOPS are enough.")
ST1_STORAGE = _storage("EBS:VolumeUsage.st1", "st1", _SHRINK)
SC1_STORAGE = _storage("EBS:VolumeUsage.sc1", "sc1", _SHRINK)
STANDARD_STORAGE = _storage(
    "EBS:VolumeUsage", "Magnetic", "Change the volume to gp3, which has no charge for each I/O."
)
STORAGE = {
    "gp2": GP2_STORAGE, "gp3": GP3_STORAGE, "io1": IO1_STORAGE, "io2": IO2_STORAGE,
    "st1": ST1_STORAGE, "sc1": SC1_STORAGE, "standard": STANDARD_STORAGE,
}  # fmt: skip

_PER_VOLUME = (
    "IOPS are charged as provisioned; the tiers are applied to each volume by itself,"
    " not to the account."
)
GP3_IOPS = _iops(
    "EBS:VolumeP-IOPS.gp3", "gp3", "Provisioned IOPS above the 3,000 that each volume includes."
)
IO1_IOPS = _iops("EBS:VolumeP-IOPS.piops", "io1", "All provisioned IOPS are charged.")
IO2_IOPS = _iops("EBS:VolumeP-IOPS.io2", "io2 (first 32,000)", _PER_VOLUME)
IO2_IOPS_TIER_2 = _iops("EBS:VolumeP-IOPS.io2.tier2", "io2 (32,001 to 64,000)", _PER_VOLUME)
IO2_IOPS_TIER_3 = _iops("EBS:VolumeP-IOPS.io2.tier3", "io2 (over 64,000)", _PER_VOLUME)
IO2_METERS = (IO2_IOPS, IO2_IOPS_TIER_2, IO2_IOPS_TIER_3)
GP3_THROUGHPUT = Meter(
    "AmazonEC2", "EBS:VolumeP-Throughput.gp3", "GiBps-mo",
    name="gp3 provisioned throughput",
    rule="Provisioned throughput above the 125 MiB/s that each volume includes.",
    lever="Provision what the volume reaches in its metrics.",
)  # fmt: skip


def gp3_extra(iops: Quantity, mib_per_second: Quantity) -> tuple[Quantity, Quantity]:
    """IOPS and MiB/s of a gp3 volume beyond what it includes.

    Documented: https://aws.amazon.com/ebs/pricing/ (3,000 IOPS and 125 MiB/s are included).

    >>> [int(extra) for extra in gp3_extra(10_000, 500)], [int(extra) for extra in gp3_extra(0, 0)]
    ([7000, 375], [0, 0])
    """
    return (
        np.maximum(iops - GP3_INCLUDED_IOPS, 0),
        np.maximum(mib_per_second - GP3_INCLUDED_MIB_PER_SECOND, 0),
    )


def io2_tiers(iops: Quantity) -> tuple[Quantity, Quantity, Quantity]:
    """IOPS of one io2 volume in each of the three price tiers.

    Documented: https://aws.amazon.com/ebs/pricing/ (example 3; ten volumes of 1,000 IOPS all pay
    the first tier). The split comes before metering, since a bill adds volumes up.

    >>> [int(part) for part in io2_tiers(60_000)], [int(part) for part in io2_tiers(100_000)]
    ([32000, 28000, 0], [32000, 32000, 36000])
    """
    first, second = IO2_TIER_BOUNDS
    return (
        np.minimum(iops, first),
        np.clip(iops, first, second) - first,
        np.maximum(iops - second, 0),
    )


class Volume(Resource):
    """An EBS volume, or several alike."""

    volume_type: Literal["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"] = "gp3"
    """AWS's name of the volume type."""
    size_gb: Count
    """Provisioned size of each; AWS's GB of 1,024^3 bytes. [GB]"""
    iops: Count | None = Field(default=None, validate_default=True)
    """Provisioned IOPS of each: required for io1 and io2, at least 3,000 for gp3 (and 3,000 if
    not given), not allowed for other types."""
    throughput_mib_per_second: Count | None = None
    """Provisioned throughput of each gp3 volume; 125 if not given. [MiB/s]"""
    count: Count = 1
    """How many such volumes."""
    hours: Amount | None = None
    """Hours each exists in the period; the whole period if not given. [h]"""

    @field_validator("size_gb")
    @classmethod
    def _size(cls, value: Quantity, info: ValidationInfo) -> Quantity:
        kind = info.data.get("volume_type")
        return _between(value, LIMITS[kind].size_gb, "GB", kind) if kind else value

    @field_validator("iops")
    @classmethod
    def _iops_allowed(cls, value: Quantity | None, info: ValidationInfo) -> Quantity | None:
        kind, size_gb = info.data.get("volume_type"), info.data.get("size_gb")
        if kind is None or size_gb is None:
            return value
        limits = LIMITS[kind]
        if value is None:
            if kind in ("io1", "io2"):
                raise ValueError(f"must be given for {kind}")
            return None
        if limits.iops is None:
            raise ValueError(f"must not be given for {kind}; it has gp3, io1 and io2 only")
        _between(value, limits.iops, "IOPS", kind)
        most = np.maximum(limits.iops_per_gb * size_gb, limits.iops[0])
        if np.any(value > most):
            raise ValueError(
                f"must be at most {np.min(most):,.0f} for {kind} of {np.min(size_gb):,.0f} GB"
                f" ({limits.iops_per_gb} IOPS per GB)"
            )
        return value

    @field_validator("throughput_mib_per_second")
    @classmethod
    def _throughput_allowed(cls, value: Quantity | None, info: ValidationInfo) -> Quantity | None:
        kind = info.data.get("volume_type")
        if kind is None or value is None:
            return value
        bounds = LIMITS[kind].mib_per_second
        if bounds is None:
            raise ValueError(f"must not be given for {kind}; only gp3 has it")
        _between(value, bounds, "MiB/s", kind)
        iops = info.data.get("iops") or GP3_INCLUDED_IOPS
        if np.any(value > GP3_MIB_PER_SECOND_PER_IOPS * iops):
            raise ValueError(
                f"must be at most {GP3_MIB_PER_SECOND_PER_IOPS} MiB/s for each of its"
                f" {np.min(iops):,.0f} IOPS"
            )
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB-months, and IOPS and throughput beyond what is included."""
        hours = hours_within(self.hours, period, self.name)
        months = self.count * share_of_period(hours, period)
        yield STORAGE[self.volume_type], self.size_gb * months
        for meter, each in self._performance():
            yield meter, each * months

    def _performance(self) -> Iterator[tuple[Meter, Quantity]]:
        iops = GP3_INCLUDED_IOPS if self.iops is None else self.iops
        if self.volume_type == "gp3":
            given = self.throughput_mib_per_second
            extra_iops, extra_mib = gp3_extra(
                iops, GP3_INCLUDED_MIB_PER_SECOND if given is None else given
            )
            yield GP3_IOPS, extra_iops
            yield GP3_THROUGHPUT, extra_mib / MIB_PER_GIB
        elif self.volume_type == "io1":
            yield IO1_IOPS, iops
        elif self.volume_type == "io2":
            yield from zip(IO2_METERS, io2_tiers(iops), strict=True)


def _between(value: Quantity, bounds: tuple[int, int], unit: str, kind: str) -> Quantity:
    least, most = bounds
    if np.any(np.asarray(value) < least) or np.any(np.asarray(value) > most):
        raise ValueError(f"must be from {least:,} to {most:,} {unit} for {kind}")
    return value
