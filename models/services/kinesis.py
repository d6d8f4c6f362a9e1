"""Amazon Kinesis Data Streams: shards by the hour, or a stream that scales by itself by the GB.

Models: provisioned streams with shard hours and PUT payload units of 25 KB; on-demand streams with
    stream hours and GB in and out; extended and long-term retention in steady state; consumers
    with enhanced fan-out; how many shards a load needs.
Leaves out: On-demand Advantage, resharding over time, shard-level metrics, encryption keys, data
    transfer, and Amazon Data Firehose. How a function reads a stream, shard by shard, is
    `lambda.StreamMapping` and `simulate_stream`; give both the same number of shards.
Pricing: https://aws.amazon.com/kinesis/data-streams/pricing/ (a record of a provisioned stream
    counts for each 25 KB or part of them; one of an on-demand stream is rounded up to 1 KB)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator

from models.billed_time import hours_within
from models.metering import Meter, Quantity
from models.quotas import quota, refuse_outside, value_of
from models.resource import Amount, Count, Resource
from models.units import KB_PER_GB, BillingPeriod

__all__ = ["Stream", "StreamConsumer", "billed_gb", "put_payload_units", "shards_needed"]

#: Ages at which extended and long-term retention begin. [h]
DAY_HOURS = int(value_of("kinesis", "retention_period_hours"))
WEEK_HOURS = int(value_of("kinesis", "extended_retention_hours"))

StreamMode = Literal["PROVISIONED", "ON_DEMAND"]

_FEWER_SHARDS = "Use no more shards than the load needs; see `shards_needed`."
_LESS_DATA = "Write less: compress, and leave out what no consumer reads."

SHARD_HOURS = Meter(
    "AmazonKinesis", "Storage-ShardHour", "Hrs", name="Shard hours",
    rule="Every hour of every shard of a provisioned stream, busy or idle.", lever=_FEWER_SHARDS,
)  # fmt: skip
PUT_UNITS = Meter(
    "AmazonKinesis", "PutRequestPayloadUnits", "PutRequest", name="PUT payload units",
    rule="Every record for each 25 KB of it or part of them; a batch counts each of its records.",
    lever="Put several small messages into one record of up to 25 KB.",
)  # fmt: skip
EXTENDED_HOURS = Meter(
    "AmazonKinesis", "Extended-ShardHour", "Hrs", name="Extended retention",
    rule="Every hour of every shard while the stream keeps records for more than a day.",
    lever="Keep records for a day, and the history in S3.",
)  # fmt: skip
LONG_TERM = Meter(
    "AmazonKinesis", "LongTermRetention-ByteHrs", "GB-Mo", name="Long-term retention",
    rule="Every GB that is older than seven days, by the hour.",
    lever="Keep the history in S3.",
)  # fmt: skip
LONG_TERM_READS = Meter(
    "AmazonKinesis", "LongTermRetention-ReadBytes", "GB", name="Reads of long-term data",
    rule="Every GB read that is older than seven days.",
    lever="Read history from S3, and once.",
)  # fmt: skip
STREAM_HOURS = Meter(
    "AmazonKinesis", "OnDemand-StreamHour", "Hrs", name="On-demand stream hours",
    rule="Every hour of every on-demand stream, busy or idle.",
    lever="Join streams of little traffic.",
)  # fmt: skip
DATA_IN = Meter(
    "AmazonKinesis", "OnDemand-BilledIncomingBytes", "GB", name="On-demand data in",
    rule="Every GB written, each record rounded up to 1 KB.",
    lever=f"{_LESS_DATA} Steady traffic is cheaper on provisioned shards.",
)  # fmt: skip
DATA_OUT = Meter(
    "AmazonKinesis", "OnDemand-BilledOutgoingBytes", "GB", name="On-demand data out",
    rule="Every GB read, by each consumer again.",
    lever="Read once and pass on, in place of many consumers.",
)  # fmt: skip
EXTENDED_STORAGE = Meter(
    "AmazonKinesis", "OnDemand-ExtendedRetention-ByteHrs", "GB-Mo",
    name="On-demand extended retention",
    rule="Every GB of an on-demand stream that is from one to seven days old, by the hour.",
    lever="Keep records for a day, and the history in S3.",
)  # fmt: skip
FAN_OUT_HOURS = Meter(
    "AmazonKinesis", "EnhancedFanoutHour", "Hrs", name="Enhanced fan-out",
    rule="Every hour of every consumer with enhanced fan-out, for each shard of the stream.",
    lever="Use it where several consumers need the full speed of the shards.",
)  # fmt: skip
FAN_OUT_READS = Meter(
    "AmazonKinesis", "ReadBytes", "GB", name="Data read with enhanced fan-out",
    rule="Every GB that a consumer with enhanced fan-out reads.", lever=_LESS_DATA,
)  # fmt: skip
ON_DEMAND_FAN_OUT_READS = Meter(
    "AmazonKinesis", "OnDemand-BilledOutgoingEFOBytes", "GB",
    name="On-demand data read with enhanced fan-out",
    rule="Every GB that a consumer with enhanced fan-out reads from an on-demand stream.",
    lever=_LESS_DATA,
)  # fmt: skip


def shards_needed(
    write_mb_per_second: Quantity,
    records_per_second: Quantity = 0,
    read_mb_per_second: Quantity = 0,
) -> Quantity:
    """Shards that carry a load: the most that bytes in, records in or bytes out ask for.

    Parameters
    ----------
    write_mb_per_second, records_per_second : float or array
        At the busiest, spread evenly over the shards. [MB/s], [records/s]
    read_mb_per_second : float or array
        Of all consumers without enhanced fan-out together. [MB/s]

    Notes
    -----
    Documented: 1 MB/s and 1,000 records/s in, 2 MB/s out,
    https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html

    Examples
    --------
    5,000 records of 2 KB a second; the same read by three consumers:

    >>> float(shards_needed(10, 5000)), float(shards_needed(10, 5000, read_mb_per_second=30))
    (10.0, 15.0)
    """
    asked = [
        np.ceil(np.round(load / value_of("kinesis", most), 9))
        for load, most in (
            (write_mb_per_second, "shard_write_mb_per_second"),
            (records_per_second, "shard_write_records_per_second"),
            (read_mb_per_second, "shard_read_mb_per_second"),
        )
    ]
    needed: Quantity = np.maximum(np.maximum(np.maximum(asked[0], asked[1]), asked[2]), 1.0)
    return needed


def put_payload_units(records: Quantity, record_kb: Quantity) -> Quantity:
    """PUT payload units charged for records of `record_kb` each.

    Records of one size are assumed: the average decides.

    >>> [float(put_payload_units(100, kb)) for kb in (0.1, 25, 35, 1024)]
    [100.0, 100.0, 200.0, 4100.0]
    """
    return records * _units(record_kb, "put_unit_kb")


def billed_gb(records: Quantity, record_kb: Quantity) -> Quantity:
    """GB charged for records of an on-demand stream: each is rounded up to 1 KB. [GB]

    >>> float(billed_gb(1024 * 1024, 0.2)), float(billed_gb(1024 * 1024, 4.5))
    (1.0, 5.0)
    """
    unit_kb = value_of("kinesis", "on_demand_rounding_kb")
    return records * _units(record_kb, "on_demand_rounding_kb") * unit_kb / KB_PER_GB


def _units(record_kb: Quantity, name: str) -> Quantity:
    """Units of one record, at least one."""
    units: Quantity = np.maximum(np.ceil(np.round(record_kb / value_of("kinesis", name), 6)), 1.0)
    return units


class Stream(Resource):
    """A data stream.

    Documented: https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
    """

    stream_mode: StreamMode = "PROVISIONED"
    """Shards that somebody chooses, or a stream that scales by itself."""
    shard_count: Count = 1
    """Shards of a provisioned stream."""
    hours: Amount | None = None
    """Hours the stream exists in the period; the whole period if not given. [h]"""
    retention_period_hours: Annotated[int, Field(strict=True)] = DAY_HOURS
    """How long records are kept; a day is included. [h]"""
    records: Amount = 0
    """Records put in the period."""
    record_kb: Amount = 1
    """A record on average, before base64. [KB]"""
    consumers: Amount = 1
    """Consumers without enhanced fan-out that each read everything; charged on demand only."""
    extended_gb: Amount | None = None
    """Of an on-demand stream: stored on average between the first day and the seventh; from
    records and retention, in steady state, unless given. [GB]"""
    long_term_gb: Amount | None = None
    """Stored on average beyond seven days; likewise. [GB]"""
    long_term_read_gb: Amount = 0
    """Read in the period of what is older than seven days. [GB]"""

    @field_validator("retention_period_hours")
    @classmethod
    def _kept_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "kinesis", "retention_period_hours")

    @field_validator("record_kb")
    @classmethod
    def _as_large_as_allowed(cls, value: Quantity) -> Quantity:
        most = value_of("kinesis", "record_kb_max")
        if np.any(np.asarray(value) > most):
            page = quota("kinesis", "record_kb_max").source
            raise ValueError(f"must be at most {most:,} [KB] ({page})")
        return value

    @field_validator("extended_gb", "long_term_gb", "long_term_read_gb")
    @classmethod
    def _kept_long_enough(cls, value: Quantity | None, info: ValidationInfo) -> Quantity | None:
        least = DAY_HOURS if info.field_name == "extended_gb" else WEEK_HOURS
        kept = info.data.get("retention_period_hours", np.inf)
        if value is not None and np.any(value) and kept <= least:
            raise ValueError(f"must be 0 where retention_period_hours ({kept}) is at most {least}")
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield shards or the stream by the hour, records, and what is kept beyond a day."""
        hours = hours_within(self.hours, period, self.name)
        if self.stream_mode == "PROVISIONED":
            data_gb = self.records * self.record_kb / KB_PER_GB
            yield SHARD_HOURS, self.shard_count * hours
            yield PUT_UNITS, put_payload_units(self.records, self.record_kb)
            if self.retention_period_hours > DAY_HOURS:
                yield EXTENDED_HOURS, self.shard_count * hours
        else:
            data_gb = billed_gb(self.records, self.record_kb)
            yield STREAM_HOURS, hours
            yield DATA_IN, data_gb
            yield DATA_OUT, self.consumers * data_gb
            kept = self._kept(data_gb / period.hours, DAY_HOURS, WEEK_HOURS)
            yield EXTENDED_STORAGE, kept if self.extended_gb is None else self.extended_gb
        kept = self._kept(data_gb / period.hours, WEEK_HOURS, self.retention_period_hours)
        yield LONG_TERM, kept if self.long_term_gb is None else self.long_term_gb
        yield LONG_TERM_READS, self.long_term_read_gb

    def _kept(self, gb_per_hour: Quantity, youngest: float, oldest: float) -> Quantity:
        """GB between two ages that a stream holds when it has run for longer than it keeps."""
        return gb_per_hour * max(min(self.retention_period_hours, oldest) - youngest, 0)


class StreamConsumer(Resource):
    """A consumer with enhanced fan-out: it has 2 MB/s of every shard to itself.

    Documented: https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html
    """

    stream_mode: StreamMode = "PROVISIONED"
    """Of the stream it reads. On demand it is charged by the GB only."""
    shard_count: Count = 1
    """Shards of the stream it reads, where that is provisioned."""
    hours: Amount | None = None
    """Hours it is registered in the period; the whole period if not given. [h]"""
    read_gb: Amount = 0
    """Read in the period; all that is written to the stream, as a rule. [GB]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield consumer-shard hours and GB read."""
        if self.stream_mode == "ON_DEMAND":
            yield ON_DEMAND_FAN_OUT_READS, self.read_gb
            return
        yield FAN_OUT_HOURS, self.shard_count * hours_within(self.hours, period, self.name)
        yield FAN_OUT_READS, self.read_gb
