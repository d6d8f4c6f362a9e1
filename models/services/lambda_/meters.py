"""What AWS counts of Lambda, on either architecture."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from models.metering import Meter

Architecture = Literal["x86_64", "arm64"]

REQUESTS = Meter(
    "AWSLambda", "Request", "Requests", name="Lambda requests",
    rule="Every invocation is charged once, retries and failures too; throttled ones are not.",
    lever="Handle more in one invocation: a larger batch of messages or records.",
)  # fmt: skip
DURATION = Meter(
    "AWSLambda", "Lambda-GB-Second", "Lambda-GB-Second", name="Lambda duration",
    rule="Billed time, rounded up to the millisecond and with the cold start, by the memory"
    " configured; waiting costs as much as computing.",
    lever="Find the memory size that costs least, use arm64, wait for nothing inside a function.",
)  # fmt: skip
PROVISIONED = Meter(
    "AWSLambda", "Lambda-Provisioned-Concurrency", "Lambda-GB-Second",
    name="Lambda provisioned concurrency",
    rule="Every environment kept ready is charged by its memory from enabling to disabling, used or"
    " not, rounded up to five minutes.",
    lever="Schedule or scale it with the load: it pays for itself where most of it is in use most"
    " of the time.",
)  # fmt: skip
PROVISIONED_DURATION = Meter(
    "AWSLambda", "Lambda-Provisioned-GB-Second", "Lambda-GB-Second",
    name="Lambda duration on provisioned concurrency",
    rule="Billed time on environments kept ready has a lower price, but no free allowance.",
    lever="As with other duration: the right memory size, arm64, and no waiting.",
)  # fmt: skip
STORAGE = Meter(
    "AWSLambda", "Lambda-Storage-GB-Second", "GB-Seconds", name="Lambda ephemeral storage",
    rule="What /tmp has beyond 512 MB, for the billed time, filled or empty.",
    lever="Stream instead of storing, and configure no more than is needed.",
)  # fmt: skip
STREAMED = Meter(
    "AWSLambda", "Lambda-Streaming-Response-Processed-Bytes", "GB",
    name="Lambda response streaming",
    rule="What a request streams beyond its first 6 MB.",
    lever="Compress, or hand out large results from S3.",
)  # fmt: skip
SNAPSHOT_CACHE = Meter(
    "AWSLambda", "Lambda-SnapStart-Cached-GB-S", "Lambda-GB-Second", name="SnapStart cache",
    rule="The snapshot of every published version is charged by the memory configured for as long"
    " as the version exists, three hours at least; Java is free.",
    lever="Delete old versions.",
)  # fmt: skip
SNAPSHOT_RESTORE = Meter(
    "AWSLambda", "Lambda-SnapStart-Restored-GB", "GB", name="SnapStart restores",
    rule="Every environment started from a snapshot is charged by the memory configured; Java is"
    " free.",
    lever="Configure less memory, or smooth the load so that fewer environments start.",
)  # fmt: skip
KAFKA_POLLERS = Meter(
    "AWSLambda", "EventPollerUnit-Kafka", "EPU-Hrs", name="Event poller units for Kafka",
    rule="Every unit is charged by the second, a minute at least, whether messages arrive or not.",
    lever="Let event source mappings share a poller group, and lower the minimum of pollers.",
)  # fmt: skip
SQS_POLLERS = Meter(
    "AWSLambda", "EventPollerUnit-SQS", "EPU-Hrs", name="Event poller units for SQS",
    rule="Every unit is charged by the second, a minute at least; a mapping has at least two.",
    lever="Use provisioned mode only where the standard mode scales too slowly.",
)  # fmt: skip
EDGE_REQUESTS = Meter(
    "AWSLambda", "Lambda-Edge-Request", "Requests", name="Lambda@Edge requests",
    rule="Every invocation at a CloudFront location is charged once; there is no free allowance.",
    lever="Run at the origin events, which cached responses do not cause, or use CloudFront"
    " Functions.",
)  # fmt: skip
EDGE_DURATION = Meter(
    "AWSLambda", "Lambda-Edge-GB-Second", "Lambda-GB-Second", name="Lambda@Edge duration",
    rule="Billed time, rounded up to the millisecond, by the memory configured.",
    lever="Do less at the edge: small rewrites belong in CloudFront Functions.",
)  # fmt: skip


def on(architecture: Architecture, meter: Meter) -> Meter:
    """`meter` as AWS counts it on an architecture: arm64 has usage types of its own.

    >>> on("arm64", REQUESTS).usage_type, on("x86_64", REQUESTS).usage_type
    ('Request-ARM', 'Request')
    """
    if architecture == "x86_64":
        return meter
    return replace(meter, usage_type=f"{meter.usage_type}-ARM", name=f"{meter.name} (arm64)")


REQUESTS_ARM = on("arm64", REQUESTS)
DURATION_ARM = on("arm64", DURATION)
PROVISIONED_ARM = on("arm64", PROVISIONED)
PROVISIONED_DURATION_ARM = on("arm64", PROVISIONED_DURATION)
