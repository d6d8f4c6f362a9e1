"""Intelligent-Tiering: objects sink through its tiers while nobody reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, model_validator

from models.billed_time import hours_within
from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Settings
from models.services.s3 import requests
from models.services.s3.rules import archive_overhead_gb
from models.services.s3.storage_classes import (
    TIERING_ARCHIVE,
    TIERING_ARCHIVE_INSTANT,
    TIERING_ARCHIVE_INSTANT_DAYS,
    TIERING_DEEP_ARCHIVE,
    TIERING_INFREQUENT,
    TIERING_INFREQUENT_DAYS,
    TIERING_MONITORING,
    TRAITS,
)
from models.services.s3.traffic import Traffic
from models.units import BillingPeriod

#: Days without a read after which each opt-in tier may take an object. Documented:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html
TIER_DAYS = {"ARCHIVE_ACCESS": (90, 730), "DEEP_ARCHIVE_ACCESS": (180, 730)}
OPT_IN_TIERS = {"ARCHIVE_ACCESS": TIERING_ARCHIVE, "DEEP_ARCHIVE_ACCESS": TIERING_DEEP_ARCHIVE}


def single(value: Any) -> Any:
    """Refuse a sweep where a rule needs one number."""
    if np.ndim(value):
        raise ValueError("must be one number; sweep by making one bucket for each")
    return value


#: Days of a rule: one whole number, never a sweep.
Days = Annotated[Count, AfterValidator(single)]


class Tiering(Settings):
    """An opt-in archive tier of Intelligent-Tiering."""

    access_tier: Literal["ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"]
    """AWS's name of the tier."""
    days: Days
    """Days without a read after which objects move there: 90 (180 for the deep one) to 730. [d]"""

    @model_validator(mode="after")
    def _days_are_allowed(self) -> Self:
        least, most = TIER_DAYS[self.access_tier]
        if not least <= self.days <= most:
            raise InvalidInputError(
                f"days {self.days} of {self.access_tier} must be from {least} to {most}"
            )
        return self


def check_tierings(tierings: Iterable[Tiering]) -> None:
    """Refuse a tier that is named twice, or a deep archive before the archive."""
    days: dict[str, int] = {}
    for one in tierings:
        if one.access_tier in days:
            raise InvalidInputError(f"tierings: {one.access_tier} must be given once only")
        days[one.access_tier] = int(one.days)
    if len(days) == 2 and days["DEEP_ARCHIVE_ACCESS"] <= days["ARCHIVE_ACCESS"]:
        raise InvalidInputError(
            f"tierings: DEEP_ARCHIVE_ACCESS after {days['DEEP_ARCHIVE_ACCESS']} days must be after"
            f" ARCHIVE_ACCESS, {days['ARCHIVE_ACCESS']} days"
        )


def tier_shares(
    days_in_class: NDArray[np.float64],
    read_share_per_30_days: Quantity = 0.0,
    tierings: Iterable[Tiering] = (),
) -> Iterator[tuple[Meter, Quantity, NDArray[np.bool_]]]:
    """Share of the objects in each tier, and on which of the days since they came.

    A tier comes twice: while it is the last one reached, and once the next one is (on no day for
    the last tier). What the days decide and what may be swept stay apart.

    Parameters
    ----------
    days_in_class : array
        Whole days since the objects came; those that came today have 0. [d]
    read_share_per_30_days : float or array
        Share of the objects that are read in any 30 days, drawn anew each time. So a share q of
        them stays unread for 30 days, q^3 for 90 days, and so on.
    tierings : iterable of Tiering
        Opt-in archive tiers.

    Notes
    -----
    The tiers and their days are documented:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html.
    That an object moves at the midnight after is assumed, and so is who is read: AWS documents
    neither. Reading an object brings it back to the frequent tier.

    Examples
    --------
    >>> for meter, share, on_days in tier_shares(np.array([10.0, 40.0, 400.0]), 0.5):
    ...     print(meter.usage_type, share, on_days)
    TimedStorage-INT-FA-ByteHrs 1.0 [ True False False]
    TimedStorage-INT-FA-ByteHrs 0.5 [False  True  True]
    TimedStorage-INT-IA-ByteHrs 0.5 [False  True False]
    TimedStorage-INT-IA-ByteHrs 0.375 [False False  True]
    TimedStorage-INT-AIA-ByteHrs 0.125 [False False  True]
    TimedStorage-INT-AIA-ByteHrs 0.125 [False False False]
    """
    unread = 1.0 - read_share_per_30_days
    steps = [
        (0, TRAITS["INTELLIGENT_TIERING"].storage),
        (TIERING_INFREQUENT_DAYS, TIERING_INFREQUENT),
        (TIERING_ARCHIVE_INSTANT_DAYS, TIERING_ARCHIVE_INSTANT),
        *sorted(((int(one.days), OPT_IN_TIERS[one.access_tier]) for one in tierings),
                key=lambda step: step[0]),
    ]  # fmt: skip
    ends = [*(days for days, _ in steps[1:]), np.inf]
    for (days, meter), end in zip(steps, ends, strict=True):
        share, here, beyond = unread ** (days / 30), days_in_class >= days, days_in_class >= end
        yield meter, share, here & ~beyond
        yield meter, share - unread ** (end / 30), beyond


class IntelligentTieringBucket(Traffic):
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
        yield from self._stored(share)
        yield TIERING_MONITORING, self.monitored_objects * share
        yield requests.TRANSITION_REQUESTS["INTELLIGENT_TIERING"], self.transitioned_objects
        if not self.requester_pays:
            yield from self._requested("INTELLIGENT_TIERING")
            yield from self._sent()

    def _stored(self, share: Quantity) -> Iterator[tuple[Meter, Quantity]]:
        yield TRAITS["INTELLIGENT_TIERING"].storage, self.frequent_gb * share
        yield TIERING_INFREQUENT, self.infrequent_gb * share
        yield TIERING_ARCHIVE_INSTANT, self.archive_instant_gb * share
        for tier, gb, objects in (
            (TIERING_ARCHIVE, self.archive_gb, self.archived_objects),
            (TIERING_DEEP_ARCHIVE, self.deep_archive_gb, self.deep_archived_objects),
        ):
            standard_gb, archive_gb = archive_overhead_gb(objects)
            yield tier, (gb + archive_gb) * share
            yield TRAITS["STANDARD"].storage, standard_gb * share
