"""Published worked examples of CloudWatch, its logs, Kinesis, SNS and EventBridge.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices. What an example has free is a first tier at
no charge there.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.cloudwatch import Metric, detailed_monitoring_metrics
from models.services.events import Archive, EventBus
from models.services.kinesis import Stream, StreamConsumer, shards_needed
from models.services.logs import Delivery, LogGroup
from models.services.s3 import Bucket
from models.services.sns import Topic
from models.units import GB_PER_TB, KB_PER_GB, SECONDS_PER_HOUR, TYPICAL, BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)
THIRTY_ONE_DAYS = BillingPeriod("31 days", 744)


def log_group() -> Usage:
    """1 GB a day, kept for the month; 30 GB are stored as 6."""
    group = LogGroup(name="app", ingested_gb=30, retention_in_days=30, compressed_share=6 / 30)
    return group.estimate(THIRTY_DAYS)


def vended_to_s3() -> Usage:
    """72 TB delivered, of which 6.5 TB are stored after compression."""
    bucket = Bucket(name="bucket", storage_gb=6.5 * GB_PER_TB)
    return Delivery(name="logs", delivered_gb=72 * GB_PER_TB).estimate() + bucket.estimate()


def clicks() -> Usage:
    """100 records of 35 KB a second on as many shards as they need."""
    records = 100 * THIRTY_ONE_DAYS.hours * SECONDS_PER_HOUR
    shards = shards_needed(100 * 35 / 1024, 100)
    stream = Stream(name="clicks", shard_count=shards, records=records, record_kb=35)
    return stream.estimate(THIRTY_ONE_DAYS)


def provisioned() -> Usage:
    """Four shards, 100 GB beyond seven days, and a consumer registered for 25 hours on each.

    The extended retention that AWS charges for the first week is left out, as in the example.
    """
    stream = Stream(
        name="stream", shard_count=4, records=6_500_000, retention_period_hours=8760,
        long_term_gb=100, long_term_read_gb=100,
    ).estimate()  # fmt: skip
    kept = {key: stream[key] for key in stream if key.meter.usage_type != "Extended-ShardHour"}
    consumer = StreamConsumer(name="consumer", shard_count=4, hours=25, read_gb=100)
    return Usage(TYPICAL, kept) + consumer.estimate()


def on_demand() -> Usage:
    stream = Stream(
        name="stream", stream_mode="ON_DEMAND", records=0.2 * KB_PER_GB, record_kb=1,
        retention_period_hours=8760, extended_gb=1, long_term_gb=1,
    )  # fmt: skip
    consumer = StreamConsumer(name="consumer", stream_mode="ON_DEMAND", read_gb=2)
    return stream.estimate() + consumer.estimate()


def fan_out() -> Usage:
    """Two million messages with 128 GB together, each delivered to three queues."""
    return Topic(
        name="topic", fifo_topic=True, messages=2_000_000, message_kb=128 * KB_PER_GB / 2_000_000,
        sqs_deliveries_per_message=3,
    ).estimate()  # fmt: skip


def event_bus() -> Usage:
    bus = EventBus(
        name="bus", custom_events=1_000_000, partner_events=2_000_000, discovered_events=1_000_000
    )
    return bus.estimate() + Archive(name="archive", archived_gb=100, stored_gb=200).estimate()


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "CW-01": lambda: Metric(name="fleet", count=detailed_monitoring_metrics(10)).estimate(),
    "CW-02": log_group,
    "CW-04": vended_to_s3,
    "CW-05": lambda: Metric(name="app", count=13).estimate(),
    "KIN-01": clicks,
    "IC-KIN-01": provisioned,
    "IC-KIN-02": on_demand,
    "IC-SNS-01": fan_out,
    "IC-EVB-01": event_bus,
}
