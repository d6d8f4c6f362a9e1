"""AWS Lambda: functions that are charged by the request and by memory times time.

Models: requests; duration in GB-seconds on either architecture, rounded up to the millisecond,
    with cold starts (billed for zip archives on managed runtimes too since 2025-08-01);
    provisioned concurrency and the duration it serves; ephemeral storage above 512 MB; streamed
    responses; SnapStart; event pollers in provisioned mode; Lambda@Edge. What AWS refuses
    (memory, time-out, storage, concurrency, SnapStart) is refused here. The module has an
    underscore because `lambda` is a word of Python.
Leaves out: Managed Instances, durable functions, MicroVMs and tenant isolation; asynchronous
    events above 256 KB, which count as further requests; initialising provisioned environments
    and snapshots, billed once for each; data transfer and what a function calls: describe it with
    `ec2` and the other services. Free allowances come off the bill, not off the usage.
    For arm64 the prices of ephemeral storage, streaming and SnapStart are taken as those of x86.
Pricing: https://aws.amazon.com/lambda/pricing/ and, for cold starts,
    https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
"""

from __future__ import annotations

from models.services.lambda_ import edge, function, meters, pollers, rules, tuning
from models.services.lambda_.edge import EdgeFunction
from models.services.lambda_.environment import ExecutionEnvironment
from models.services.lambda_.event_source import QueueMapping, StreamMapping
from models.services.lambda_.function import Function
from models.services.lambda_.invocation import Call, Client, EventInvokeConfig, Invocation
from models.services.lambda_.pollers import EventPollers
from models.services.lambda_.rules import (
    billed_ms,
    gb_seconds,
    provisioned_gb_seconds,
    supports_snap_start,
    vcpus,
)
from models.services.lambda_.scalable import ScalableTarget, provisioned_tracking

__all__ = [
    "Call",
    "Client",
    "EdgeFunction",
    "EventInvokeConfig",
    "EventPollers",
    "ExecutionEnvironment",
    "Function",
    "Invocation",
    "QueueMapping",
    "ScalableTarget",
    "StreamMapping",
    "billed_ms",
    "edge",
    "function",
    "gb_seconds",
    "meters",
    "pollers",
    "provisioned_gb_seconds",
    "provisioned_tracking",
    "rules",
    "supports_snap_start",
    "tuning",
    "vcpus",
]
