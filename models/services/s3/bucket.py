"""A bucket, or the part of one in a storage class, as it stands through the month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.resource import Amount, Resource
from models.services.ec2.data_transfer import inter_region_meter
from models.services.s3 import requests
from models.services.s3.rules import archive_overhead_gb, days_left, padding_gb
from models.services.s3.storage_classes import (
    TIERING_ARCHIVE,
    TIERING_ARCHIVE_INSTANT,
    TIERING_DEEP_ARCHIVE,
    TIERING_INFREQUENT,
    TIERING_MONITORING,
    TRAITS,
)
from models.units import BillingPeriod

PlainClass = Literal[
    "STANDARD", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE",
    "EXPRESS_ONEZONE",
]  # fmt: skip


class _Transfer(Resource):
    """What leaves a bucket."""

    put_requests: Amount = 0
    """PUT, COPY, POST and LIST requests in the period. DELETE is free."""
    get_requests: Amount = 0
    """GET and all other requests in the period."""
    internet_egress_gb: Amount = 0
    """Sent to the internet in the period; to CloudFront and within the region is free. [GB]"""
    inter_region_gb: dict[str, Amount] = Field(default_factory=dict)
    """Sent to other regions in the period, by the region it goes to. [GB]"""
    requester_pays: bool = False
    """Whether whoever asks pays for requests, retrieval and transfer; the owner then pays for
    storage only. That retrieval is the requester's is assumed; AWS names request and download."""

    def _moved(self) -> Iterator[tuple[Meter, Quantity]]:
        yield requests.INTERNET_OUT, self.internet_egress_gb
        for destination, sent_gb in self.inter_region_gb.items():
            meter = inter_region_meter(destination)
            yield (
                Meter("AmazonS3", meter.usage_type, meter.unit, name=meter.name, rule=meter.rule,
                      lever=meter.lever),
                sent_gb,
            )  # fmt: skip


class Bucket(_Transfer):
    """A bucket, or the part of one that is in one storage class, with its traffic."""

    storage_class: PlainClass = "STANDARD"
    """AWS's name of the class; Intelligent-Tiering has a resource of its own."""
    storage_gb: Amount = 0
    """Stored, on average over the hours it exists. [GB]"""
    objects: Amount = 0
    """How many objects hold it. Needed for what small or archived objects cost extra."""
    hours: Amount | None = None
    """Hours the data exists in the period; the whole period if not given. [h]"""
    noncurrent_gb: Amount = 0
    """Kept as noncurrent versions, charged like the current one. [GB]"""
    incomplete_upload_gb: Amount = 0
    """Parts of multipart uploads that were never finished nor aborted, charged in Standard. [GB]"""
    uploaded_gb: Amount = 0
    """Written in the period; charged by Express One Zone only. [GB]"""
    retrieved_gb: Amount = 0
    """Read from an infrequent-access class, or restored at standard speed. [GB]"""
    bulk_retrieved_gb: Amount = 0
    """Restored in bulk from an archive class. [GB]"""
    expedited_retrieved_gb: Amount = 0
    """Restored at expedited speed from GLACIER. [GB]"""
    restore_requests: Amount = 0
    """Objects restored at standard speed from an archive class."""
    bulk_restore_requests: Amount = 0
    """Objects restored in bulk from an archive class."""
    expedited_restore_requests: Amount = 0
    """Objects restored at expedited speed from GLACIER."""
    transitioned_objects: Amount = 0
    """Objects that lifecycle rules moved into this class in the period."""
    early_deleted_gb: Amount = 0
    """Deleted or moved on before the minimum duration of the class. [GB]"""
    early_deleted_age_days: Amount = 0
    """How long that had been in the class. [d]"""

    @model_validator(mode="after")
    def _fits_the_class(self) -> Self:
        traits = TRAITS[self.storage_class]
        self._refuse_unless(traits.early_delete is not None, "early_deleted_gb")
        self._refuse_unless(self.storage_class in requests.TRANSITION_REQUESTS,
                            "transitioned_objects")  # fmt: skip
        self._refuse_unless(self.storage_class == "EXPRESS_ONEZONE", "uploaded_gb")
        for field, speed in (
            ("retrieved_gb", "Standard"),
            ("bulk_retrieved_gb", "Bulk"),
            ("expedited_retrieved_gb", "Expedited"),
        ):
            self._refuse_unless((self.storage_class, speed) in requests.RETRIEVAL, field)
        for field in ("restore_requests", "bulk_restore_requests"):
            self._refuse_unless(traits.archived, field)
        self._refuse_unless(self.storage_class == "GLACIER", "expedited_restore_requests")
        return self

    def _refuse_unless(self, allowed: bool, field: str) -> None:
        if not allowed and np.any(getattr(self, field)):
            raise InvalidInputError(f"{field} must not be given for {self.storage_class}")

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB-months with what small, archived and early deleted objects add; requests."""
        share = hours_within(self.hours, period, self.name) / period.hours
        yield from self._stored(share)
        yield from self._deleted_early(period)
        if self.storage_class in requests.TRANSITION_REQUESTS:
            meter = requests.TRANSITION_REQUESTS[self.storage_class]
            yield meter, self.transitioned_objects
        if not self.requester_pays:
            yield from self._asked_for()
            yield from self._moved()

    def _stored(self, share: Quantity) -> Iterator[tuple[Meter, Quantity]]:
        traits = TRAITS[self.storage_class]
        yield traits.storage, (self.storage_gb + self.noncurrent_gb) * share
        yield TRAITS["STANDARD"].storage, self.incomplete_upload_gb * share
        if traits.padding:
            yield traits.padding, padding_gb(self.storage_gb, self.objects) * share
        if traits.archived:
            standard_gb, archive_gb = archive_overhead_gb(self.objects)
            yield TRAITS["STANDARD"].storage, standard_gb * share
            yield traits.storage, archive_gb * share

    def _deleted_early(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        traits = TRAITS[self.storage_class]
        if traits.early_delete:
            days = days_left(traits.minimum_days, self.early_deleted_age_days)
            yield traits.early_delete, self.early_deleted_gb * days / period.days

    def _asked_for(self) -> Iterator[tuple[Meter, Quantity]]:
        yield requests.WRITES[self.storage_class], self.put_requests
        yield requests.READS[self.storage_class], self.get_requests
        yield requests.EXPRESS_UPLOAD, self.uploaded_gb
        for speed, gb, restores in (
            ("Standard", self.retrieved_gb, self.restore_requests),
            ("Bulk", self.bulk_retrieved_gb, self.bulk_restore_requests),
            ("Expedited", self.expedited_retrieved_gb, self.expedited_restore_requests),
        ):
            key = (self.storage_class, speed)
            if key in requests.RETRIEVAL:
                yield requests.RETRIEVAL[key], gb
            if key in requests.RESTORE_REQUESTS:
                yield requests.RESTORE_REQUESTS[key], restores


class IntelligentTieringBucket(_Transfer):
    """Data in Intelligent-Tiering, by the tier it has settled in. Reading it costs no retrieval."""

    frequent_gb: Amount = 0
    """Read within 30 days, or in objects below 128 KB. [GB]"""
    infrequent_gb: Amount = 0
    """Not read for 30 days. [GB]"""
    archive_instant_gb: Amount = 0
    """Not read for 90 days. [GB]"""
    archive_gb: Amount = 0
    """In the opt-in Archive Access tier. [GB]"""
    deep_archive_gb: Amount = 0
    """In the opt-in Deep Archive Access tier. [GB]"""
    monitored_objects: Amount = 0
    """Objects of 128 KB or more, in any tier."""
    archived_objects: Amount = 0
    """Objects in the Archive Access tier, for their overhead."""
    deep_archived_objects: Amount = 0
    """Objects in the Deep Archive Access tier, for their overhead."""
    transitioned_objects: Amount = 0
    """Objects that lifecycle rules moved into the class in the period."""
    hours: Amount | None = None
    """Hours the data exists in the period; the whole period if not given. [h]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB-months by tier, monitoring, and requests."""
        share = hours_within(self.hours, period, self.name) / period.hours
        frequent = TRAITS["INTELLIGENT_TIERING"].storage
        yield frequent, self.frequent_gb * share
        yield TIERING_INFREQUENT, self.infrequent_gb * share
        yield TIERING_ARCHIVE_INSTANT, self.archive_instant_gb * share
        for tier, gb, objects in (
            (TIERING_ARCHIVE, self.archive_gb, self.archived_objects),
            (TIERING_DEEP_ARCHIVE, self.deep_archive_gb, self.deep_archived_objects),
        ):
            standard_gb, archive_gb = archive_overhead_gb(objects)
            yield tier, (gb + archive_gb) * share
            yield TRAITS["STANDARD"].storage, standard_gb * share
        yield TIERING_MONITORING, self.monitored_objects * share
        yield requests.TRANSITION_REQUESTS["INTELLIGENT_TIERING"], self.transitioned_objects
        if not self.requester_pays:
            yield requests.WRITES["INTELLIGENT_TIERING"], self.put_requests
            yield requests.READS["INTELLIGENT_TIERING"], self.get_requests
            yield from self._moved()
