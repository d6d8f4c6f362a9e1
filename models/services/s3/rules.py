"""The billing rules of S3 as pure functions: sizes, overheads, minimum durations."""

from __future__ import annotations

import numpy as np

from models.metering import Quantity
from models.services.s3.storage_classes import (
    MINIMUM_BILLABLE_KB,
    OVERHEAD_ARCHIVE_KB,
    OVERHEAD_STANDARD_KB,
)
from models.units import KB_PER_GB


def padding_gb(stored_gb: Quantity, objects: Quantity) -> Quantity:
    """GB that small objects lack to the 128 KB an infrequent-access class charges for each.

    Objects of one size are assumed: the average decides.

    Parameters
    ----------
    stored_gb : float or array
        [GB]
    objects : float or array
        How many objects hold them.

    Notes
    -----
    Documented: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html.

    Examples
    --------
    >>> float(padding_gb(1.0, objects=16 * 1024)), float(padding_gb(1.0, objects=1024))
    (1.0, 0.0)
    """
    floor_gb = np.asarray(objects) * MINIMUM_BILLABLE_KB / KB_PER_GB
    return np.where(np.asarray(objects) > 0, np.maximum(floor_gb - stored_gb, 0.0), 0.0)


def archive_overhead_gb(objects: Quantity) -> tuple[Quantity, Quantity]:
    """GB that archived objects add: at the Standard rate, and at the rate of the archive.

    Notes
    -----
    Documented: 8 KB and 32 KB for each object,
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html.

    Examples
    --------
    >>> [round(gb, 3) for gb in archive_overhead_gb(1_000_000)]
    [7.629, 30.518]
    """
    return (
        objects * OVERHEAD_STANDARD_KB / KB_PER_GB,
        objects * OVERHEAD_ARCHIVE_KB / KB_PER_GB,
    )


def days_left(minimum_days: Quantity, age_days: Quantity) -> Quantity:
    """Days still charged when an object leaves a class at `age_days`. [d]

    Notes
    -----
    Documented: charged pro rata for the remaining days, and for small objects on 128 KB,
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html (notes).
    That the overhead of archived objects is not charged for these days is assumed.

    Examples
    --------
    >>> float(days_left(90, age_days=60)), float(days_left(30, age_days=45))
    (30.0, 0.0)
    """
    return np.maximum(np.asarray(minimum_days, dtype=np.float64) - age_days, 0.0)


def objects_of(stored_gb: Quantity, object_kb: Quantity) -> Quantity:
    """How many objects of `object_kb` hold `stored_gb`.

    >>> objects_of(1.0, object_kb=1024)
    1024.0
    """
    return stored_gb * KB_PER_GB / object_kb
