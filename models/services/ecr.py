"""Amazon ECR: container images, charged for the GB that lie there and the GB that leave.

Models: storage of a private repository in GB-months, and what is sent to the internet or to
    other regions, by pulls from there or by replication.
Leaves out: public repositories and their allowances, pull-through caches, enhanced scanning
    (charged by Amazon Inspector), encryption keys of your own (AWS KMS), archived images. Pulls
    within the region are free here; through a NAT gateway or an interface endpoint they are
    charged there: describe those with `ec2`.
Pricing: https://aws.amazon.com/ecr/pricing/ (storage by GB-month; data transfer in is free, and out
    to services in the same region; to other regions and to the internet at their usual rates).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from models.billed_time import hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Resource
from models.services.ec2.data_transfer import INTERNET_OUT, check_destination, inter_region_meter
from models.units import BillingPeriod

__all__ = ["Repository", "sent_to_region"]

STORAGE = Meter(
    "AmazonECR", "TimedStorage-ByteHrs", "GB-Mo",
    name="ECR image storage",
    rule="GB of image layers as stored, compressed, for the part of the month that they are there;"
    " a layer that images of one repository share is stored once.",
    lever="Expire old and untagged images with a lifecycle policy, and build smaller images.",
)  # fmt: skip
IMAGES_OUT = replace(
    INTERNET_OUT, service_code="AmazonECR", name="Images sent to the internet",
    lever="Pull where the images lie, cache them at the build servers, and build smaller ones.",
)  # fmt: skip


def sent_to_region(destination_region: str) -> Meter:
    """What counts the GB of images that ECR sends to another region.

    >>> str(sent_to_region("eu-west-1"))
    'AmazonECR EU-AWS-Out-Bytes'
    """
    return replace(inter_region_meter(destination_region), service_code="AmazonECR")


class Repository(Resource):
    """A private repository.

    Documented: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html
    """

    storage_gb: Amount = 0
    """Compressed layers stored, on average over `hours`. [GB]"""
    hours: Amount | None = None
    """Hours for which they are there; the whole period if not given. [h]"""
    internet_egress_gb: Amount = 0
    """Pulled from the internet in the period. [GB]"""
    inter_region_gb: dict[str, Amount] = Field(default_factory=dict)
    """Pulled from or replicated to other regions in the period, by the region it goes to. [GB]"""

    @field_validator("inter_region_gb", mode="before")
    @classmethod
    def _known_destinations(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Mapping):
            for destination in value:
                check_destination(destination, info.data.get("region"))
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB-months, and GB to the internet and to each region."""
        share = hours_within(self.hours, period, self.name) / period.hours
        yield STORAGE, self.storage_gb * share
        yield IMAGES_OUT, self.internet_egress_gb
        for destination, sent_gb in self.inter_region_gb.items():
            yield sent_to_region(destination), sent_gb
