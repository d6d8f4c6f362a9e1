"""Amazon CloudWatch Logs: charged for what comes in, a little for what stays, and for queries.

Models: ingestion into log groups of the Standard and the Infrequent Access class, and of vended
    logs by their tiers; vended logs delivered to S3; storage under a retention, or for ever, month
    by month; gigabytes scanned by Logs Insights.
Leaves out: the Delivery class, vended logs in the Infrequent Access class, deliveries to Firehose
    and as Parquet, the storage tiers of an account with intelligent tiering, masking of protected
    data, Live Tail, centralization, and what S3 charges for logs it keeps. Metrics that a filter
    makes of logs are metrics: describe them with `cloudwatch`. Free allowances come off the bill,
    not off the usage.
Pricing: https://aws.amazon.com/cloudwatch/pricing/ (logs are collected, stored and analysed, each
    by the GB; a byte is charged as it comes in, stored bytes are compressed first).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.metering import Meter, Quantity
from models.quotas import value_of
from models.resource import Amount, Resource, Share
from models.units import BYTES_PER_GB, TYPICAL, BillingPeriod

__all__ = ["RETENTION_DAYS", "Delivery", "LogGroup", "log_gb", "months_kept", "storage_gb"]

#: All that `RetentionInDays` may be. Documented:
#: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip
RETENTION_PAGE = (
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"
    "API_PutRetentionPolicy.html"
)
#: Documented, that it is charged assumed. [bytes]
EVENT_OVERHEAD_BYTES = value_of("logs", "event_overhead_bytes")
#: Stored over ingested. Assumed. [share]
COMPRESSED_SHARE = value_of("logs", "compressed_ratio")

_INGESTION_RULE = (
    "Every GB of log events is charged once, as it comes in and before it is compressed."
)
_INGESTION_LEVER = "Log fewer and shorter lines: raise the level, sample what succeeds."

INGESTION = Meter(
    "AmazonCloudWatch", "DataProcessing-Bytes", "GB",
    name="Log ingestion, Standard", rule=_INGESTION_RULE,
    lever=f"{_INGESTION_LEVER} Use the Infrequent Access class where queries are enough.",
)  # fmt: skip
INGESTION_INFREQUENT = Meter(
    "AmazonCloudWatch", "DataProcessingIA-Bytes", "GB",
    name="Log ingestion, Infrequent Access", rule=_INGESTION_RULE, lever=_INGESTION_LEVER,
)  # fmt: skip
VENDED = Meter(
    "AmazonCloudWatch", "VendedLog-Bytes", "GB",
    name="Vended logs delivered to CloudWatch Logs",
    rule="Logs that an AWS service writes are charged by the GB, in tiers of their own.",
    lever="Deliver to S3, which costs less, and let the service log less.",
)  # fmt: skip
TO_S3 = Meter(
    "AmazonCloudWatch", "S3-Egress-Bytes", "GB",
    name="Vended logs delivered to S3",
    rule="Logs that an AWS service writes to a bucket are charged by the GB, in other tiers.",
    lever="Let the service log less: other fields, longer intervals, fewer sources.",
)  # fmt: skip
STORAGE = Meter(
    "AmazonCloudWatch", "TimedStorage-ByteHrs", "GB-Mo",
    name="Log storage",
    rule="Compressed GB are charged by the hour for as long as they are kept; expired ones are"
    " not, even before they are deleted.",
    lever="Set a retention: unless it is set, a log group keeps everything for ever.",
)  # fmt: skip
SCANNED = Meter(
    "AmazonCloudWatch", "DataScanned-Bytes", "GB",
    name="Logs Insights queries",
    rule="Every query is charged by the GB of logs it reads, uncompressed, whatever it finds.",
    lever="Query shorter spans and fewer log groups, and do not refresh dashboards of queries.",
)  # fmt: skip


def log_gb(
    events: Quantity,
    event_bytes: Quantity,
    overhead_bytes: Quantity = EVENT_OVERHEAD_BYTES,
) -> Quantity:
    """GB that log events come to as they are ingested. [GB]

    Parameters
    ----------
    events : float or array
        Log events, usually lines.
    event_bytes : float or array
        A message on average, in UTF-8. [bytes]
    overhead_bytes : float or array
        Added for each event. AWS documents 26 for the size of a batch; that they are charged is
        assumed. [bytes]

    Examples
    --------
    >>> round(log_gb(10_000_000, event_bytes=1000), 2), round(log_gb(10_000_000, 100), 2)
    (9.56, 1.17)
    """
    return events * (event_bytes + overhead_bytes) / BYTES_PER_GB


def months_kept(month: Quantity | None = None, retention_months: float = math.inf) -> Quantity:
    """Months' worth of logs that are stored, on average over the `month`-th month of writing.

    At t months after the first event, min(t, retention) months' worth are there. This is its mean
    from `month` - 1 to `month`: without retention `month` - 1/2, and the retention itself once
    what expires equals what arrives.

    Parameters
    ----------
    month : float or array, optional
        1 is the first month. Not given: so late that the retention is full.
    retention_months : float
        How long events are kept; for ever unless given. [months]

    Raises
    ------
    InvalidInputError
        Where neither is given: what is kept for ever grows for ever.

    Notes
    -----
    Steady ingestion is assumed. AWS meters storage by the hour (documented:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_billing.html).

    Examples
    --------
    >>> [float(months_kept(month)) for month in (1, 2, 36)]
    [0.5, 1.5, 35.5]
    >>> float(months_kept(1, retention_months=0.5)), float(months_kept(2, retention_months=0.5))
    (0.375, 0.5)
    """
    if month is None:
        if math.isinf(retention_months):
            raise InvalidInputError("month must be given where logs are kept for ever")
        return retention_months

    def sum_until(months: Quantity) -> Quantity:
        """Integral of min(t, retention) from 0 to `months`."""
        growing = np.minimum(months, retention_months)
        summed: Quantity = growing * months - growing**2 / 2
        return summed

    return sum_until(month) - sum_until(month - 1)


def storage_gb(
    ingested_gb: Quantity,
    *,
    month: Quantity | None = None,
    retention_days: float | None = None,
    compressed_share: Quantity = COMPRESSED_SHARE,
    days: float = TYPICAL.days,
) -> Quantity:
    """GB stored on average over a month of a log group that takes in `ingested_gb` each month.

    Parameters
    ----------
    ingested_gb : float or array
        In a month. [GB]
    month : float or array, optional
        Which month since the first event, from 1; so late that the retention is full unless given.
    retention_days : float, optional
        For ever unless given. [d]
    compressed_share : float or array
        Stored over ingested; assumed, see `quota`. [share]
    days : float
        Of the month. [d]

    Raises
    ------
    InvalidInputError
        Where neither month nor retention is given.

    Examples
    --------
    50 GB a month: steady after 30 days of retention, and kept for ever in the third year's end:

    >>> round(float(storage_gb(50, retention_days=30)), 2), round(float(storage_gb(50, month=36)))
    (9.86, 355)
    """
    retention = math.inf if retention_days is None else retention_days / days
    return ingested_gb * compressed_share * months_kept(month, retention)


class LogGroup(Resource):
    """A log group.

    Documented: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
    """

    log_group_class: Literal["STANDARD", "INFREQUENT_ACCESS"] = "STANDARD"
    """AWS's word; it cannot be changed later. Infrequent Access has a part of the features only."""
    ingested_gb: Amount = 0
    """Log events that applications and agents send in the period; see `log_gb`. [GB]"""
    vended_gb: Amount = 0
    """Logs of AWS services that come in at the price of vended logs in the period; not those that
    another resource counts, such as an ``ec2.FlowLog``. [GB]"""
    retention_in_days: Annotated[int, Field(strict=True)] | None = None
    """How long events are kept; for ever unless given, as with AWS. [d]"""
    months_written: Amount | None = None
    """Which month since its first event the period is, at the same rate all along: 1 is the first.
    So late that the retention is full unless given; needed where events are kept for ever."""
    compressed_share: Share = COMPRESSED_SHARE
    """Stored over ingested bytes. Assumed: AWS prints no ratio, its pricing example has 0.2.
    [share]"""
    stored_gb: Amount | None = None
    """Compressed GB stored on average over the period; from ingestion, retention and
    `months_written` unless given. [GB]"""
    scanned_gb: Amount = 0
    """Read by queries of Logs Insights in the period. [GB]"""

    @field_validator("retention_in_days")
    @classmethod
    def _allowed(cls, value: int | None) -> int | None:
        if value is not None and value not in RETENTION_DAYS:
            raise ValueError(f"must be one of {str(RETENTION_DAYS)[1:-1]} ({RETENTION_PAGE})")
        return value

    @field_validator("months_written")
    @classmethod
    def _from_the_first(cls, value: Quantity | None) -> Quantity | None:
        if value is not None and np.any(np.asarray(value) < 1):
            raise ValueError("must be at least 1, the first month")
        return value

    @model_validator(mode="after")
    def _vended_has_a_price(self) -> Self:
        if self.log_group_class == "INFREQUENT_ACCESS" and np.any(self.vended_gb):
            raise InvalidInputError(
                "vended_gb must be 0 for 'INFREQUENT_ACCESS': no price is held for it"
            )
        return self

    @model_validator(mode="after")
    def _storage_is_known(self) -> Self:
        given = (self.stored_gb, self.retention_in_days, self.months_written)
        unknown = all(value is None for value in given)
        if unknown and np.any(self.ingested_gb + self.vended_gb):
            raise InvalidInputError(
                "months_written (or stored_gb) must be given where retention_in_days is not: what"
                " is kept for ever grows for ever"
            )
        return self

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB ingested, vended, stored and scanned."""
        standard = self.log_group_class == "STANDARD"
        yield INGESTION if standard else INGESTION_INFREQUENT, self.ingested_gb
        yield VENDED, self.vended_gb
        yield STORAGE, self._stored(period)
        yield SCANNED, self.scanned_gb

    def _stored(self, period: BillingPeriod) -> Quantity:
        taken_in = self.ingested_gb + self.vended_gb
        if self.stored_gb is not None:
            return self.stored_gb
        if not np.any(taken_in):
            return 0.0
        return storage_gb(
            taken_in, month=self.months_written, retention_days=self.retention_in_days,
            compressed_share=self.compressed_share, days=period.days,
        )  # fmt: skip


class Delivery(Resource):
    """A delivery of vended logs to a bucket. What S3 keeps is charged by S3.

    Documented: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
    """

    delivered_gb: Amount = 0
    """In the period. [GB]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB delivered."""
        yield TO_S3, self.delivered_gb
