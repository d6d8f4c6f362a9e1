"""SNS, EventBridge and Kinesis: what is billed and what AWS would refuse."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.services.events import Archive, EventBus, event_chunks
from models.services.kinesis import (
    Stream,
    StreamConsumer,
    billed_gb,
    put_payload_units,
    shards_needed,
)
from models.services.sns import Topic, publish_requests
from models.units import BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)


def quantities(resource, *period):
    usage = resource.estimate(*period)
    return {key.meter.usage_type: usage.total(key) for key in usage}


def cost_usd(resource):
    return float(bill(resource.estimate()).total_usd)


# --- SNS --------------------------------------------------------------------------------------


def test_a_message_is_charged_for_each_64_kb_published():
    assert publish_requests(10, np.array([0, 64, 64.1, 256]), 1) == pytest.approx([10, 10, 20, 40])


def test_a_batch_shares_a_request_as_far_as_64_kb_go():
    assert publish_requests(100, 1, 10) == pytest.approx(10)
    assert publish_requests(100, 10, 10) == pytest.approx(20)


def test_deliveries_follow_from_the_messages_by_protocol():
    topic = Topic(
        name="orders", messages=1000, message_kb=65, sqs_deliveries_per_message=2,
        lambda_deliveries_per_message=1, firehose_deliveries_per_message=1,
        http_deliveries_per_message=0.5, email_deliveries_per_message=0.1,
        mobile_deliveries_per_message=3,
    )  # fmt: skip
    assert quantities(topic) == {
        "Requests-Tier1": 2000,
        "DeliveryAttempts-SQS": 2000,
        "DeliveryAttempts-LAMBDA": 1000,
        "DeliveryAttempts-FIREHOSE": 1000,
        "DeliveryAttempts-HTTP": 500,
        "DeliveryAttempts-SMTP": 100,
        "DeliveryAttempts-APNS": 3000,
    }


def test_queues_and_functions_receive_for_free_and_mail_is_dear():
    million = Topic(name="orders", messages=1_000_000)
    publishes = cost_usd(million)
    assert publishes == pytest.approx(0.5)
    both = {"sqs_deliveries_per_message": 3, "lambda_deliveries_per_message": 2}
    assert cost_usd(million.replace(**both)) == pytest.approx(publishes)
    assert cost_usd(million.replace(email_deliveries_per_message=1)) == pytest.approx(0.5 + 20)


def test_a_fifo_topic_is_charged_by_the_request_and_the_gb():
    topic = Topic(
        name="fifo", fifo_topic=True, messages=1024, message_kb=100, publish_batch_size=2,
        sqs_deliveries_per_message=3,
    )  # fmt: skip
    assert quantities(topic) == {
        "F-Request-Tier1": 512,
        "F-Ingress-Tier1": pytest.approx(100 / 1024),
        "F-DA-SQS": 3072,
        "F-Egress-SQS": pytest.approx(300 / 1024),
    }


def test_messages_of_a_megabyte_need_a_topic_for_them():
    large = Topic(name="large", maximum_message_size_kb=1024, message_kb=1024, messages=1)
    assert quantities(large) == {"Requests-Tier1": 16}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"message_kb": 257}, r"at most maximum_message_size_kb \(256\) .*large-message"),
        ({"message_kb": 26, "publish_batch_size": 10}, "message_kb times publish_batch_size"),
        ({"publish_batch_size": 11}, "from 1 to 10 .*sns-batch"),
        ({"publish_batch_size": 0}, "from 1 to 10"),
        ({"maximum_message_size_kb": 1025}, r"from 1 to 1,024 \[KB\]"),
        ({"maximum_message_size_kb": 0}, "from 1 to 1,024"),
        (
            {"maximum_message_size_kb": 257, "http_deliveries_per_message": 1},
            "http_deliveries_per_message must be 0 for messages above 256 KB",
        ),
        (
            {"fifo_topic": True, "lambda_deliveries_per_message": 1},
            "lambda_deliveries_per_message must be 0 for a FIFO topic",
        ),
    ],
)
def test_a_topic_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        Topic(name="topic", **fields)


# --- EventBridge ------------------------------------------------------------------------------


def test_an_event_counts_for_each_64_kb():
    assert event_chunks(10, np.array([0, 1, 64, 65, 256])) == pytest.approx([10, 10, 10, 20, 40])


def test_events_put_received_sent_on_and_looked_at():
    bus = EventBus(
        name="bus", custom_events=100, events_to_other_buses=50, partner_events=20,
        discovered_events=10, event_kb=20,
    )  # fmt: skip
    usage = bus.estimate()
    found = {(key.meter.usage_type, key.meter.operation): usage.total(key) for key in usage}
    assert found == {
        ("Event-64K-Chunks", "PutEvents"): 150,
        ("Event-64K-Chunks", "ReceivedPartnerEvents"): 20,
        ("Event-8K-Chunks", ""): 30,
    }


def test_an_archive_is_charged_for_taking_in_keeping_and_replaying():
    archive = Archive(name="a", archived_gb=1, stored_gb=2, replayed_events=3, event_kb=100)
    assert quantities(archive) == {
        "ArchivedEvents-Bytes": 1,
        "TimedStorage-ByteHrs": 2,
        "Event-64K-Chunks": 6,
    }


def test_an_event_larger_than_aws_takes_is_refused():
    assert EventBus(name="bus", event_kb=1024).event_kb == 1024
    with pytest.raises(InvalidInputError, match=r"at most 1,024 \[KB\]"):
        EventBus(name="bus", event_kb=1025)


# --- Kinesis ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "shards"),
    [
        ((0, 0, 0), 1),
        ((1, 1000, 2), 1),
        ((1.01, 0, 0), 2),
        ((0, 1001, 0), 2),
        ((0, 0, 2.01), 2),
        ((10, 5000, 0), 10),  # 5,000 records of 2 KB a second
        ((10, 5000, 30), 15),  # the same, read by three consumers
    ],
)
def test_the_tightest_limit_says_how_many_shards_are_needed(load, shards):
    assert shards_needed(*load) == shards


def test_a_record_counts_for_each_25_kb():
    kb = np.array([0.1, 25, 25.1, 35, 10_240])
    assert put_payload_units(10, kb) == pytest.approx([10, 10, 20, 20, 4100])


def test_on_demand_a_record_is_rounded_up_to_a_kilobyte():
    assert billed_gb(1024**2, np.array([0.1, 1, 1.1])) == pytest.approx([1, 1, 2])


def test_a_provisioned_stream_is_charged_for_its_shards_and_records():
    stream = Stream(name="s", shard_count=4, records=100, record_kb=35, consumers=5, hours=10)
    assert quantities(stream) == {"Storage-ShardHour": 40, "PutRequestPayloadUnits": 200}


def test_more_than_a_day_costs_every_shard_and_more_than_a_week_every_gb():
    # 720 GB in 720 hours: 1 GB an hour.
    written = {"shard_count": 2, "records": 720 * 1024**2 / 10, "record_kb": 10}
    day = quantities(Stream(name="s", **written), THIRTY_DAYS)
    assert set(day) == {"Storage-ShardHour", "PutRequestPayloadUnits"}
    week = quantities(Stream(name="s", **written, retention_period_hours=168), THIRTY_DAYS)
    assert week["Extended-ShardHour"] == 2 * 720
    assert "LongTermRetention-ByteHrs" not in week
    longer = quantities(Stream(name="s", **written, retention_period_hours=200), THIRTY_DAYS)
    assert longer["Extended-ShardHour"] == 2 * 720
    assert longer["LongTermRetention-ByteHrs"] == pytest.approx(32)


def test_an_on_demand_stream_is_charged_by_the_gb_for_each_consumer():
    stream = Stream(
        name="s", stream_mode="ON_DEMAND", records=1024**2, record_kb=0.5, consumers=3, hours=10
    )
    assert quantities(stream) == {
        "OnDemand-StreamHour": 10,
        "OnDemand-BilledIncomingBytes": 1,
        "OnDemand-BilledOutgoingBytes": 3,
    }


def test_on_demand_what_is_kept_is_charged_by_age():
    stream = Stream(
        name="s", stream_mode="ON_DEMAND", records=720 * 1024**2, record_kb=1, consumers=0,
        retention_period_hours=200,
    )  # fmt: skip
    found = quantities(stream, THIRTY_DAYS)
    assert found["OnDemand-ExtendedRetention-ByteHrs"] == pytest.approx(168 - 24)
    assert found["LongTermRetention-ByteHrs"] == pytest.approx(200 - 168)


def test_a_consumer_with_fan_out_pays_for_every_shard_it_is_registered_at():
    assert quantities(StreamConsumer(name="c", shard_count=4, hours=25, read_gb=7)) == {
        "EnhancedFanoutHour": 100,
        "ReadBytes": 7,
    }
    on_demand = StreamConsumer(name="c", stream_mode="ON_DEMAND", shard_count=4, read_gb=7)
    assert quantities(on_demand) == {"OnDemand-BilledOutgoingEFOBytes": 7}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"retention_period_hours": 23}, r"from 24 to 8,760 \[h\] .*extended-retention"),
        ({"retention_period_hours": 8761}, "from 24 to 8,760"),
        ({"record_kb": 10_241}, r"at most 10,240 \[KB\] .*service-sizes"),
        ({"shard_count": 1.5}, "whole number"),
        ({"extended_gb": 1}, r"extended_gb: 1 must be 0 where retention_period_hours \(24\)"),
        ({"long_term_gb": 1, "retention_period_hours": 168}, r"\(168\) is at most 168"),
        ({"long_term_read_gb": 1}, "long_term_read_gb"),
        ({"stream_mode": "ON-DEMAND"}, "nearest: ON_DEMAND"),
    ],
)
def test_a_stream_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        Stream(name="stream", **fields)


# --- All of them ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "swept"),
    [
        (Topic, "messages"), (EventBus, "custom_events"), (Archive, "stored_gb"),
        (Stream, "records"), (StreamConsumer, "read_gb"),
    ],
)  # fmt: skip
def test_a_sweep_costs_what_its_points_cost(kind, swept):
    points = np.array([0.0, 1e6, 1e9])
    together = bill(kind(name="x", **{swept: points}).estimate()).total_usd
    apart = [cost_usd(kind(name="x", **{swept: point})) for point in points]
    assert np.asarray(together, dtype=float) == pytest.approx(apart)
