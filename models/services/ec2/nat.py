"""NAT: gateways in each Availability Zone, shared or regional, and their rival, the instance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import ValidationInfo, field_validator

from models.billed_time import billed_hours, hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.services.ec2.addresses import ADDRESS_IN_USE, address_hours
from models.services.ec2.data_transfer import INTERNET_OUT, ZONE_CROSSING, zone_crossings_gb
from models.services.ec2.instances import Instance, InstanceType
from models.services.ec2.volumes import Volume
from models.units import BYTES_PER_GB, SECONDS_PER_HOUR, BillingPeriod

BITS_PER_BYTE = 8
BITS_PER_GIGABIT = 1e9

_BYTES_RULE = (
    "Every GB that passes through the gateway is charged, in either direction and whatever its"
    " destination, on top of data transfer."
)
_BYTES_LEVER = (
    "Send S3 and DynamoDB traffic through gateway endpoints, which are free, and other AWS traffic"
    " through interface endpoints where it is enough."
)

NAT_HOURS = Meter(
    "AmazonEC2", "NatGateway-Hours", "Hrs",
    name="NAT gateway hours",
    rule="Every gateway is charged for each hour it exists, used or not; a partial hour counts as"
    " a full hour.",
    lever="Share one gateway where losing a zone is acceptable, and delete those of idle"
    " environments.",
)  # fmt: skip
NAT_BYTES = Meter(
    "AmazonEC2", "NatGateway-Bytes", "GB",
    name="NAT gateway data processed",
    rule=_BYTES_RULE,
    lever=_BYTES_LEVER,
)  # fmt: skip


def regional_meters() -> tuple[Meter, Meter]:
    """What counts the hours and the GB of a regional NAT gateway, each with a price of its own."""
    hours = Meter(
        "AmazonEC2", "RegionalNatGateway-Hours", "Hrs",
        name="Regional NAT gateway hours",
        rule="A regional gateway is charged for each hour in each Availability Zone it covers: in"
        " three zones, three gateway-hours an hour.",
        lever="Keep workloads out of zones that they do not need.",
    )  # fmt: skip
    processed = Meter(
        "AmazonEC2", "RegionalNatGateway-Bytes", "GB",
        name="Regional NAT gateway data processed", rule=_BYTES_RULE, lever=_BYTES_LEVER,
    )  # fmt: skip
    return hours, processed


def cross_zone_share(gateways: Quantity, availability_zones: Quantity) -> Quantity:
    """Share of NAT traffic that crosses a zone boundary on its way to or from a gateway.

    With traffic spread evenly over the zones (assumed) and gateways in different zones, the
    zones without one send all theirs to another.

    >>> float(cross_zone_share(1, 2)), float(cross_zone_share(3, 3)), float(cross_zone_share(2, 1))
    (0.5, 0.0, 0.0)
    """
    return 1 - np.minimum(gateways / availability_zones, 1)


def per_zone_break_even_gb(
    availability_zones: Quantity, hours: Quantity, hour_to_gb_price: Quantity
) -> Quantity:
    """GB in the period from which a gateway in each zone costs no more than one shared by all.

    One shared gateway saves (zones - 1) x hours gateway-hours and adds two zone crossings for
    (zones - 1) / zones of the GB; equating the two gives zones x hours x ratio / 2.

    Parameters
    ----------
    availability_zones : int or array
    hours : float or array
        Hours of the period. [h]
    hour_to_gb_price : float or array
        Price of a gateway-hour (with its address) over the price of a zone-crossing GB. [GB/h]

    Examples
    --------
    >>> per_zone_break_even_gb(2, 730, hour_to_gb_price=4.5)
    3285.0
    """
    return availability_zones * hours * hour_to_gb_price / 2


def instance_capacity_gb(gigabits_per_second: Quantity, hours: Quantity) -> Quantity:
    """Most GB that a NAT instance can pass on in `hours` at a sustained bandwidth.

    Every GB comes in once and leaves once; the bandwidth of an instance is taken to hold for each
    direction (assumed). [GB]

    >>> round(instance_capacity_gb(0.032, 730))
    9790
    """
    seconds = hours * SECONDS_PER_HOUR
    return gigabits_per_second * BITS_PER_GIGABIT / BITS_PER_BYTE * seconds / BYTES_PER_GB


class _Nat(Resource):
    """What a NAT gateway and a NAT instance have in common."""

    count: Count = 1
    """How many there are, each in another Availability Zone. With fewer than there are zones
    they are shared, and the traffic of the other zones crosses a zone boundary."""
    availability_zones: Count = 1
    """Zones whose private subnets send traffic through it; the traffic is spread evenly over them
    (assumed)."""
    processed_gb: Amount = 0
    """All that passes through in the period, both directions together. [GB]"""
    internet_egress_gb: Amount = 0
    """The part of `processed_gb` that goes out to the internet: charged as data transfer on top.
    The part that comes back is free of it, and so is what goes to AWS services of the same
    region. [GB]"""
    hours: Amount | None = None
    """Hours each exists in the period; the whole period if not given. [h]"""

    @field_validator("availability_zones")
    @classmethod
    def _somewhere(cls, value: Quantity) -> Quantity:
        if np.any(np.asarray(value) < 1):
            raise ValueError("must be at least 1")
        return value

    @field_validator("processed_gb")
    @classmethod
    def _passes_through_something(cls, value: Quantity, info: ValidationInfo) -> Quantity:
        if np.any((np.asarray(value) > 0) & (np.asarray(info.data.get("count", 1)) == 0)):
            raise ValueError("must be 0 where count is 0")
        return value

    @field_validator("internet_egress_gb")
    @classmethod
    def _part_of_processed(cls, value: Quantity, info: ValidationInfo) -> Quantity:
        processed = info.data.get("processed_gb")
        if processed is not None and np.any(np.asarray(value) > processed):
            raise ValueError("must not be more than processed_gb, of which it is a part")
        return value

    def _transfer(self, share: Quantity) -> Iterator[tuple[Meter, Quantity]]:
        yield ZONE_CROSSING, zone_crossings_gb(self.processed_gb * share)
        yield INTERNET_OUT, self.internet_egress_gb


class NatGateway(_Nat, Resource):
    """NAT gateways of one VPC: one in each zone, one shared, or a regional one."""

    availability_mode: Literal["zonal", "regional"] = "zonal"
    """A zonal gateway stands in one zone; a regional one covers every zone in `availability_zones`
    and no traffic crosses a boundary."""
    connectivity_type: Literal["public", "private"] = "public"
    """A private gateway reaches other private networks and needs no public address."""
    addresses: Count = 1
    """Public IPv4 addresses of each gateway (of a regional one: in each zone). AWS needs one; do
    not list it again as an EIP. More are for more than 55,000 connections to one destination."""

    @field_validator("connectivity_type")
    @classmethod
    def _regional_is_public(cls, value: str, info: ValidationInfo) -> str:
        if value == "private" and info.data.get("availability_mode") == "regional":
            raise ValueError("must be 'public': a regional NAT gateway cannot be private")
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield gateway-hours, GB processed, addresses, zone crossings and internet egress."""
        hours = hours_within(self.hours, period, self.name)
        regional = self.availability_mode == "regional"
        hours_meter, bytes_meter = regional_meters() if regional else (NAT_HOURS, NAT_BYTES)
        gateways = self.count * self.availability_zones if regional else self.count
        yield hours_meter, gateways * billed_hours(hours)
        yield bytes_meter, self.processed_gb
        if self.connectivity_type == "public":
            yield ADDRESS_IN_USE, gateways * self.addresses * address_hours(hours)
        share = 0.0 if regional else cross_zone_share(self.count, self.availability_zones)
        yield from self._transfer(share)


class NatInstance(_Nat, Resource):
    """An instance that does network address translation: no charge for GB, but a bandwidth."""

    instance_type: InstanceType = "t4g.nano"
    """AWS's name of the type, such as t4g.nano."""
    volume_gb: Count = 8
    """gp3 volume of each. [GB]"""
    bandwidth_gigabits_per_second: Amount | None = None
    """Sustained (baseline) bandwidth of the type, from AWS's table of instance specifications;
    if given, more traffic than it can carry is refused. [Gbit/s]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield instance-hours, volume, addresses, zone crossings and internet egress."""
        hours = hours_within(self.hours, period, self.name)
        self._check_bandwidth(hours)
        yield from self._instance(hours).metered(period)
        volume = Volume(name=self.name, size_gb=self.volume_gb, count=self.count, hours=hours)
        yield from volume.metered(period)
        yield from self._transfer(cross_zone_share(self.count, self.availability_zones))

    def _instance(self, hours: Quantity) -> Instance:
        return Instance(
            name=self.name,
            instance_type=self.instance_type,
            count=self.count,
            hours=hours,
            associate_public_ip_address=True,
        )

    def _check_bandwidth(self, hours: Quantity) -> None:
        if self.bandwidth_gigabits_per_second is None:
            return
        most = self.count * instance_capacity_gb(self.bandwidth_gigabits_per_second, hours)
        if np.any(np.asarray(self.processed_gb) > most):
            raise InvalidInputError(
                f"{self.name}: processed_gb {np.max(self.processed_gb):,.0f} is more than the"
                f" {np.max(most):,.0f} GB that its sustained bandwidth carries in the period"
            )
