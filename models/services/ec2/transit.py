"""Transit Gateway: charged for each attachment and for each GB sent into it."""

from __future__ import annotations

from collections.abc import Iterator

from models.billed_time import billed_hours, hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.units import BillingPeriod

ATTACHMENT_HOURS = Meter(
    "AmazonVPC", "TransitGateway-Hours", "Hrs",
    name="Transit gateway attachment hours",
    rule="Every attachment is charged for each hour it exists; a partial hour counts as a full"
    " hour. The gateway itself has no charge.",
    lever="Peer two VPCs directly where there are only a few: peering has no hourly charge.",
)  # fmt: skip
TRANSIT_BYTES = Meter(
    "AmazonVPC", "TransitGateway-Bytes", "GB",
    name="Transit gateway data processed",
    rule="Each GB that an attachment sends into the gateway is charged, once; receiving is free.",
    lever="Peer the VPCs that exchange most, and keep bulk traffic (S3) on gateway endpoints.",
)  # fmt: skip


class TransitGatewayAttachment(Resource):
    """Attachments of VPCs, VPN connections or Direct Connect gateways to a transit gateway."""

    count: Count = 1
    """How many attachments."""
    processed_gb: Amount = 0
    """Sent into the gateway by all of them in the period. [GB]"""
    hours: Amount | None = None
    """Hours each exists in the period; the whole period if not given. [h]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield attachment-hours and GB sent."""
        hours = hours_within(self.hours, period, self.name)
        yield ATTACHMENT_HOURS, self.count * billed_hours(hours)
        yield TRANSIT_BYTES, self.processed_gb
