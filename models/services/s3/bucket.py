"""A bucket, or the part of one in a storage class, as it stands through the month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.resource import Amount
from models.services.s3 import requests
from models.services.s3.rules import archive_overhead_gb, days_left, padding_gb
from models.services.s3.storage_classes import TRAITS
from models.services.s3.traffic import Traffic
from models.units import BillingPeriod

PlainClass = Literal[
    "STANDARD", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE",
    "EXPRESS_ONEZONE",
]  # fmt: skip

#: Fields that belong to one speed of reading or restoring: GB, and objects restored.
_SPEEDS = (
    ("Standard", "retrieved_gb", "restore_requests"),
    ("Bulk", "bulk_retrieved_gb", "bulk_restore_requests"),
    ("Expedited", "expedited_retrieved_gb", "expedited_restore_requests"),
)


class Bucket(Traffic):
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
    noncurrent_objects: Amount = 0
    """How many noncurrent versions hold that, for the same extras."""
    incomplete_upload_gb: Amount = 0
    """Parts of multipart uploads that were never finished nor aborted, charged in Standard (which
    AWS documents for the archive classes; for the other classes it is assumed). [GB]"""
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
    """Objects restored in bulk from an archive class; free from GLACIER."""
    expedited_restore_requests: Amount = 0
    """Objects restored at expedited speed from GLACIER."""
    restored_copy_days: Amount = 0
    """Days for which the temporary copy of what is restored is kept, charged in Standard beside
    the archived original. [d]"""
    transitioned_objects: Amount = 0
    """Objects that lifecycle rules moved into this class in the period."""
    early_deleted_gb: Amount = 0
    """Deleted, overwritten or moved on before the minimum duration of the class. [GB]"""
    early_deleted_objects: Amount = 0
    """How many objects held that, for those charged as 128 KB."""
    early_deleted_age_days: Amount = 0
    """How long that had been in the class. [d]"""

    @model_validator(mode="after")
    def _fits_the_class(self) -> Self:
        traits, name = TRAITS[self.storage_class], self.storage_class
        for field in ("early_deleted_gb", "early_deleted_objects", "early_deleted_age_days"):
            self._refuse_unless(traits.early_delete is not None, field)
        self._refuse_unless(name in requests.TRANSITION_REQUESTS, "transitioned_objects")
        self._refuse_unless(name == "EXPRESS_ONEZONE", "uploaded_gb")
        self._refuse_unless(traits.archived, "restored_copy_days")
        for speed, retrieved_gb, restored in _SPEEDS:
            retrievable = (name, speed) in requests.RETRIEVAL
            self._refuse_unless(retrievable, retrieved_gb)
            self._refuse_unless(retrievable and traits.archived, restored)
        return self

    def _refuse_unless(self, allowed: bool, field: str) -> None:
        if not allowed and np.any(getattr(self, field)):
            raise InvalidInputError(f"{field} must not be given for {self.storage_class}")

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB-months with what small, archived and early deleted objects add; requests."""
        share = hours_within(self.hours, period, self.name) / period.hours
        yield from self._stored(share)
        yield from self._deleted_early(period)
        yield from self._restored_copies(period)
        if self.storage_class in requests.TRANSITION_REQUESTS:
            meter = requests.TRANSITION_REQUESTS[self.storage_class]
            yield meter, self.transitioned_objects
        if not self.requester_pays:
            yield from self._requested(self.storage_class)
            yield from self._restores()
            yield requests.EXPRESS_UPLOAD, self.uploaded_gb
            yield from self._sent()
        if TRAITS[self.storage_class].archived or not self.requester_pays:
            yield from self._retrieved()

    def _stored(self, share: Quantity) -> Iterator[tuple[Meter, Quantity]]:
        traits = TRAITS[self.storage_class]
        yield TRAITS["STANDARD"].storage, self.incomplete_upload_gb * share
        for gb, objects in (
            (self.storage_gb, self.objects),
            (self.noncurrent_gb, self.noncurrent_objects),
        ):
            yield traits.storage, gb * share
            if traits.padding:
                yield traits.padding, padding_gb(gb, objects) * share
            if traits.archived:
                standard_gb, archive_gb = archive_overhead_gb(objects)
                yield TRAITS["STANDARD"].storage, standard_gb * share
                yield traits.storage, archive_gb * share

    def _deleted_early(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        traits = TRAITS[self.storage_class]
        if traits.early_delete:
            days = days_left(traits.minimum_days, self.early_deleted_age_days)
            yield traits.early_delete, self.early_deleted_gb * days / period.days
            if traits.padding:
                lacking_gb = padding_gb(self.early_deleted_gb, self.early_deleted_objects)
                yield traits.early_delete, lacking_gb * days / period.days

    def _restored_copies(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        if TRAITS[self.storage_class].archived:
            restored_gb = self.retrieved_gb + self.bulk_retrieved_gb + self.expedited_retrieved_gb
            copies_gb = restored_gb * self.restored_copy_days / period.days
            yield TRAITS["STANDARD"].storage, copies_gb

    def _restores(self) -> Iterator[tuple[Meter, Quantity]]:
        for speed, _, restored in _SPEEDS:
            key = (self.storage_class, speed)
            if key in requests.RESTORE_REQUESTS:
                yield requests.RESTORE_REQUESTS[key], getattr(self, restored)

    def _retrieved(self) -> Iterator[tuple[Meter, Quantity]]:
        for speed, retrieved_gb, _ in _SPEEDS:
            key = (self.storage_class, speed)
            if key in requests.RETRIEVAL:
                yield requests.RETRIEVAL[key], getattr(self, retrieved_gb)
