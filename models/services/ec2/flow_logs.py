"""VPC flow logs: one record for each flow and interval, charged as vended logs by the GB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from models.metering import Meter, Quantity
from models.resource import Amount, Resource
from models.units import BYTES_PER_GB, BillingPeriod

#: Length of the first record, with its line end, in AWS's examples of the default format.
#: Measured: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html
DEFAULT_RECORD_BYTES = 115

_RULE = "Each GB of log records is charged as AWS delivers it, by the tiers of vended logs."
_LEVER = "Aggregate over 10 minutes in place of 1, log rejected traffic only, or log fewer subnets."

TO_CLOUDWATCH = Meter(
    "AmazonCloudWatch", "VendedLog-Bytes", "GB",
    name="Flow logs delivered to CloudWatch Logs",
    rule=_RULE,
    lever=f"Deliver to S3, which costs less. {_LEVER}",
)  # fmt: skip
TO_S3 = Meter(
    "AmazonCloudWatch", "S3-Egress-Bytes", "GB",
    name="Flow logs delivered to S3", rule=_RULE, lever=_LEVER,
)  # fmt: skip


def flow_records(flows: Quantity, seconds: Quantity, interval_seconds: int) -> Quantity:
    """Log records of `flows` that each last `seconds`: one for every interval a flow touches.

    Documented: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html (aggregation
    interval). A flow is taken to begin with an interval (assumed); one that straddles a boundary
    writes one record more.

    >>> float(flow_records(1000, 30, 600)), float(flow_records(1000, 1800, 60))
    (1000.0, 30000.0)
    """
    return flows * np.maximum(np.ceil(seconds / interval_seconds), 1)


def log_gb(records: Quantity, record_bytes: Quantity = DEFAULT_RECORD_BYTES) -> Quantity:
    """GB of log records. [GB]

    >>> round(log_gb(1_000_000), 4)
    0.1071
    """
    return records * record_bytes / BYTES_PER_GB


class FlowLog(Resource):
    """A VPC flow log. What is stored afterwards is charged by CloudWatch Logs or S3."""

    log_destination_type: Literal["cloud-watch-logs", "s3"] = "cloud-watch-logs"
    """Where the records go, in AWS's words."""
    flows: Amount
    """Flows logged in the period: connections, counted at each network interface they pass."""
    flow_seconds: Amount = 0
    """How long a flow lasts on average; a long one writes a record in every interval. [s]"""
    max_aggregation_interval_seconds: Literal[60, 600] = 600
    """Interval over which a flow's packets are put into one record. [s]"""
    record_bytes: Amount = DEFAULT_RECORD_BYTES
    """Length of a record; custom formats are longer. [bytes]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield GB delivered."""
        records = flow_records(self.flows, self.flow_seconds, self.max_aggregation_interval_seconds)
        meter = TO_S3 if self.log_destination_type == "s3" else TO_CLOUDWATCH
        yield meter, log_gb(records, self.record_bytes)
