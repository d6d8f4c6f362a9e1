"""VPC endpoints: free gateways to S3 and DynamoDB, and interfaces charged by hour and GB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import ValidationInfo, field_validator

from models.billed_time import billed_hours, hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.units import BillingPeriod

#: Services with gateway endpoints. Documented:
#: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
GATEWAY_SERVICES = ("s3", "dynamodb")

_HOURS_RULE = (
    "Every endpoint is charged for each hour in each Availability Zone it has an interface in,"
    " used or not; a partial hour counts as a full hour."
)
_HOURS_LEVER = "Use fewer zones, share endpoints between VPCs, delete those with little traffic."

INTERFACE_HOURS = Meter(
    "AmazonVPC", "VpcEndpoint-Hours", "Hrs",
    name="Interface endpoint hours", rule=_HOURS_RULE, lever=_HOURS_LEVER,
)  # fmt: skip
INTERFACE_BYTES = Meter(
    "AmazonVPC", "VpcEndpoint-Bytes", "GB",
    name="Interface endpoint data processed",
    rule="Every GB in either direction is charged; tiers add up all interface endpoints of the"
    " region.",
    lever="Use the gateway endpoints of S3 and DynamoDB, which are free.",
)  # fmt: skip
BALANCER_HOURS = Meter(
    "AmazonVPC", "VpcEndpoint-GWLBE-Hours", "Hrs",
    name="Gateway Load Balancer endpoint hours", rule=_HOURS_RULE, lever=_HOURS_LEVER,
)  # fmt: skip
BALANCER_BYTES = Meter(
    "AmazonVPC", "VpcEndpoint-GWLBE-Bytes", "GB",
    name="Gateway Load Balancer endpoint data processed",
    rule="Every GB in either direction is charged.",
    lever="Inspect only the traffic that needs it.",
)  # fmt: skip


def endpoint_break_even_gb(
    availability_zones: Quantity, hours: Quantity, hour_to_saving_price: Quantity
) -> Quantity:
    """GB in the period from which an interface endpoint costs no more than the NAT gateway.

    The endpoint's hours must be earned by what each GB saves: zones x hours x ratio. The NAT
    gateway's own hours do not count: it stays for other traffic.

    Parameters
    ----------
    availability_zones : int or array
        Zones the endpoint has an interface in.
    hours : float or array
        Hours of the period. [h]
    hour_to_saving_price : float or array
        Price of an endpoint-hour over (price of a NAT GB - price of an endpoint GB). [GB/h]

    Examples
    --------
    >>> round(endpoint_break_even_gb(2, 730, hour_to_saving_price=0.01 / 0.035), 1)
    417.1
    """
    return availability_zones * hours * hour_to_saving_price


class VPCEndpoint(Resource):
    """A VPC endpoint, or several alike."""

    vpc_endpoint_type: Literal["Interface", "Gateway", "GatewayLoadBalancer"] = "Interface"
    """AWS's name of the type. A gateway endpoint is free."""
    service_name: str = ""
    """The AWS service it leads to, such as s3 or ecr.api; gateways exist for s3 and dynamodb."""
    count: Count = 1
    """How many such endpoints: one for each service."""
    availability_zones: Count = 1
    """Zones in which each has an interface."""
    processed_gb: Amount = 0
    """All that passes through them in the period, both directions together. [GB]"""
    hours: Amount | None = None
    """Hours each exists in the period; the whole period if not given. [h]"""

    @field_validator("service_name")
    @classmethod
    def _has_gateway(cls, value: str, info: ValidationInfo) -> str:
        gateway = info.data.get("vpc_endpoint_type") == "Gateway"
        if gateway and value and value not in GATEWAY_SERVICES:
            raise ValueError(
                f"must be {' or '.join(GATEWAY_SERVICES)} for a gateway endpoint; other services"
                " have interface endpoints"
            )
        return value

    @field_validator("availability_zones")
    @classmethod
    def _somewhere(cls, value: Quantity) -> Quantity:
        if np.any(np.asarray(value) < 1):
            raise ValueError("must be at least 1")
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield zone-hours and GB; nothing for a gateway endpoint."""
        hours = billed_hours(hours_within(self.hours, period, self.name))
        if self.vpc_endpoint_type == "Gateway":
            return
        balancer = self.vpc_endpoint_type == "GatewayLoadBalancer"
        zone_hours = self.count * self.availability_zones * hours
        yield (BALANCER_HOURS if balancer else INTERFACE_HOURS), zone_hours
        yield (BALANCER_BYTES if balancer else INTERFACE_BYTES), self.processed_gb
