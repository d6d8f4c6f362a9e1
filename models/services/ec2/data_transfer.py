"""Data transfer of EC2: to the internet, between Availability Zones, between regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from models.errors import UnknownNameError, did_you_mean
from models.files import DATA, read_table
from models.metering import Meter, Quantity
from models.resource import Amount, Resource
from models.units import BillingPeriod

_REGION_COLUMNS = ("region", "name", "usage_type_prefix", "source")

#: A GB that crosses a zone boundary is charged to the sender as "out" and to the receiver as
#: "in". Documented: https://aws.amazon.com/ec2/pricing/on-demand/ (Data Transfer within the same
#: AWS Region: "in each direction"); the meter counts both.
ZONE_CROSSING_DIRECTIONS = 2

INTERNET_OUT = Meter(
    "AmazonEC2", "DataTransfer-Out-Bytes", "GB",
    name="Data transfer out to the internet",
    rule="Every GB sent to the internet counts; tiers add up all services of the account in the"
    " region, after the free GB of the month. What comes in is free.",
    lever="Compress, cache at CloudFront (transfer from AWS to it is free), or send less.",
)  # fmt: skip
ZONE_CROSSING = Meter(
    "AmazonEC2", "DataTransfer-Regional-Bytes", "GB",
    name="Data transfer between Availability Zones",
    rule="Each GB that crosses a zone boundary is charged twice: out of one zone and into the"
    " other. Traffic over public addresses inside one region is charged in the same way.",
    lever="Keep callers and callees in one zone (zone-aware routing, a NAT gateway in each zone).",
)  # fmt: skip


@cache
def usage_type_prefixes() -> dict[str, str]:
    """Prefix that AWS puts before the usage types of each region, e.g. ``USE2``."""
    rows = read_table(DATA / "regions.csv", _REGION_COLUMNS)
    return {row["region"]: row["usage_type_prefix"] for _, row in rows}


def inter_region_meter(destination_region: str) -> Meter:
    """What counts the GB sent to another region.

    >>> inter_region_meter("eu-west-1").usage_type
    'EU-AWS-Out-Bytes'

    Raises
    ------
    UnknownNameError
        Where there is no such region.
    """
    prefixes = usage_type_prefixes()
    if destination_region not in prefixes:
        hint = did_you_mean(destination_region, prefixes)
        raise UnknownNameError(f"region {destination_region!r} is not an AWS region{hint}")
    return Meter(
        "AmazonEC2", f"{prefixes[destination_region]}-AWS-Out-Bytes", "GB",
        name=f"Data transfer to {destination_region}",
        rule="Each GB sent to another region is charged to the sender; receiving it is free.",
        lever="Replicate less often or less, compress, or serve users from the nearer region.",
    )  # fmt: skip


def check_destination(destination: Any, region: str | None) -> None:
    """Refuse a destination that is no AWS region, or the region that the data leaves."""
    if destination not in usage_type_prefixes():
        hint = did_you_mean(str(destination), usage_type_prefixes())
        raise ValueError(f"must name an AWS region, which {destination!r} is not{hint}")
    if destination == region:
        raise ValueError(f"must name another region than the resource's own, {region}")


def zone_crossings_gb(moved_gb: Quantity) -> Quantity:
    """GB charged when `moved_gb` cross from one Availability Zone into another. [GB]

    Documented: https://aws.amazon.com/ec2/pricing/on-demand/ (both directions are charged).

    >>> zone_crossings_gb(1000)
    2000
    """
    return ZONE_CROSSING_DIRECTIONS * moved_gb


def uniform_cross_zone_share(availability_zones: Quantity) -> Quantity:
    """Share of calls that leave their zone when callers and callees are spread evenly.

    Follows from uniformly random routing: with n zones, (n - 1) / n of the calls cross.

    >>> uniform_cross_zone_share(2)
    0.5
    """
    return 1 - 1 / availability_zones


class DataTransfer(Resource):
    """Traffic of instances that no other resource accounts for. What comes in is free."""

    internet_egress_gb: Amount = 0
    """Sent to the internet in the period. [GB]"""
    inter_az_gb: Amount = 0
    """Moved from one Availability Zone to another in the period; each GB is charged twice, out
    and in, so give what was moved, once. [GB]"""
    inter_region_gb: dict[str, Amount] = Field(default_factory=dict)
    """Sent to other regions in the period, by the region it goes to. [GB]"""

    @field_validator("inter_region_gb", mode="before")
    @classmethod
    def _known_destinations(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Mapping):
            for destination in value:
                check_destination(destination, info.data.get("region"))
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB to the internet, across zones in both directions, and to each region."""
        yield INTERNET_OUT, self.internet_egress_gb
        yield ZONE_CROSSING, zone_crossings_gb(self.inter_az_gb)
        for destination, sent_gb in self.inter_region_gb.items():
            yield inter_region_meter(destination), sent_gb
