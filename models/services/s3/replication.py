"""Replication: every new object copied to another bucket, here or in another region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import ValidationInfo, field_validator

from models.metering import Meter, Quantity, Usage
from models.resource import Amount, Resource
from models.services.ec2.data_transfer import check_destination
from models.services.s3 import requests
from models.services.s3.bucket import Bucket, PlainClass
from models.services.s3.traffic import sent_to_region
from models.units import TYPICAL, BillingPeriod


class Replication(Resource):
    """A replication rule, with what it writes and keeps in the destination."""

    replicated_gb: Amount = 0
    """Copied in the period. [GB]"""
    replicated_objects: Amount = 0
    """Objects copied in the period: a PUT each, at the destination."""
    source_storage_class: Literal[
        "STANDARD", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "INTELLIGENT_TIERING"
    ] = "STANDARD"
    """Storage class of the originals; reading those of infrequent access is charged."""
    destination_region: str | None = None
    """Region of the destination bucket; the same region if not given."""
    destination_storage_class: PlainClass = "STANDARD"
    """Storage class of the copies."""
    destination_storage_gb: Amount = 0
    """Copies stored through the period. [GB]"""
    destination_objects: Amount = 0
    """Objects stored through the period, for what small or archived ones cost extra."""
    replication_time_control: bool = False
    """Whether the 15-minute guarantee is bought."""

    @field_validator("destination_region")
    @classmethod
    def _is_another(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None:
            check_destination(value, info.data.get("region"))
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield what the source region bills: transfer out of it, retrieval, and time control."""
        if self.destination_region:
            yield sent_to_region(self.destination_region), self.replicated_gb
        read = requests.RETRIEVAL.get((self.source_storage_class, "Standard"))
        if read:
            yield read, self.replicated_gb
        if self.replication_time_control:
            yield requests.REPLICATION_TIME_CONTROL, self.replicated_gb

    def estimate(self, period: BillingPeriod = TYPICAL) -> Usage:
        """Usage in both regions: the destination bills requests and storage."""
        copies = Bucket(
            name=self.name,
            region=self.destination_region or self.region,
            storage_class=self.destination_storage_class,
            storage_gb=self.destination_storage_gb,
            objects=self.destination_objects,
            put_requests=self.replicated_objects,
        )
        return super().estimate(period) + copies.estimate(period)
