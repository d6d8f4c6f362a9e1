"""What goes in and out of a bucket, whatever its storage class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from models.metering import Meter, Quantity
from models.resource import Amount, Resource
from models.services.ec2.data_transfer import check_destination, inter_region_meter
from models.services.s3 import requests


def sent_to_region(destination_region: str) -> Meter:
    """What counts the GB that S3 sends to another region.

    >>> str(sent_to_region("eu-west-1"))
    'AmazonS3 EU-AWS-Out-Bytes'
    """
    return replace(inter_region_meter(destination_region), service_code="AmazonS3")


class Traffic(Resource):
    """Requests to a bucket and what leaves it."""

    put_requests: Amount = 0
    """PUT, COPY and POST requests in the period. DELETE is free."""
    list_requests: Amount = 0
    """LIST requests in the period, charged at the rate of Standard in every class."""
    get_requests: Amount = 0
    """GET and all other requests in the period."""
    internet_egress_gb: Amount = 0
    """Sent to the internet in the period; to CloudFront and within the region is free. [GB]"""
    inter_region_gb: dict[str, Amount] = Field(default_factory=dict)
    """Sent to other regions in the period, by the region it goes to. [GB]"""
    requester_pays: bool = False
    """Whether whoever asks pays for requests and for what is sent or read. The owner still pays
    for storage and for the GB restored from an archive class. That the requester pays for the GB
    read from an infrequent-access class is assumed: AWS names "request and data download"."""

    @field_validator("inter_region_gb", mode="before")
    @classmethod
    def _known_destinations(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Mapping):
            for destination in value:
                check_destination(destination, info.data.get("region"))
        return value

    def _requested(self, storage_class: str) -> Iterator[tuple[Meter, Quantity]]:
        yield requests.WRITES[storage_class], self.put_requests
        yield requests.LISTS, self.list_requests
        yield requests.READS[storage_class], self.get_requests

    def _sent(self) -> Iterator[tuple[Meter, Quantity]]:
        yield requests.INTERNET_OUT, self.internet_egress_gb
        for destination, sent_gb in self.inter_region_gb.items():
            yield sent_to_region(destination), sent_gb
