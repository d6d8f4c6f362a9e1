"""Published worked examples of Lambda, API Gateway, Step Functions and SQS, from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices. What an example has free is a first tier at
no charge there. Hours that a page does not mention are not in its total either.

Further examples than the first list had, with their source (page as crawled in 2026):

X-LAM-01  6 million requests of 280 ms, 4,096 MB and 2,048 MB of /tmp: 105.33 + 1 + 0.08 = 106.41.
          https://aws.amazon.com/lambda/pricing/ (ephemeral storage, example 3)
X-LAM-02  SnapStart, one version of 1 GB for 31 days, 74,400 restores: 4.03 + 10.4, beside the 1.49
          and 248.00 of LAM-02; 263.92. The same page (SnapStart)
X-LAM-03  event pollers for SQS, 8,000 EPU-hours at 0.00925, and 30 million requests of a second
          with 1 GB: 500 + 6 + 74 = 580. The same page (provisioned mode, example 2)
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.apigateway import HttpApi, RestApi
from models.services.lambda_ import EdgeFunction, EventPollers, Function
from models.services.sqs import Queue
from models.services.stepfunctions import StateMachine
from models.units import TYPICAL, BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)
THIRTY_ONE_DAYS = BillingPeriod("31 days", 744)

#: Requests of an example that has a million a day.
MILLION_A_DAY = 30_000_000


def function(
    requests: float, duration_ms: float, memory_mb: int, **fields: float | str | bool
) -> Function:
    """A function with a time-out that the duration fits into."""
    return Function(
        name=fields.pop("name", "function"), requests=requests, duration_ms=duration_ms,
        memory_size_mb=memory_mb, timeout_seconds=60, **fields,
    )  # fmt: skip


def launch_day() -> Usage:
    """Eight hours of provisioned concurrency in a month without."""
    return function(
        3_000_000, 120, 1536, provisioned_concurrent_executions=100, provisioned_hours=8,
        provisioned_requests=500_000, provisioned_duration_ms=100,
    ).estimate(TYPICAL)  # fmt: skip


def sale_day() -> Usage:
    return function(
        2_000_000, 280, 4096, provisioned_concurrent_executions=7, provisioned_hours=24,
        provisioned_requests=2_000_000,
    ).estimate(TYPICAL)  # fmt: skip


def streaming() -> Usage:
    """Two million small responses and a million large ones: only the large exceed 6 MB."""
    small = function(2_000_000, 500, 1536, name="small", streamed_mb_per_request=100 / 1024)
    large = function(1_000_000, 500, 1536, name="large", streamed_mb_per_request=7)
    return small.estimate() + large.estimate()


def polled(
    kind: str, epu_hours: float, duration_ms: float, requests: float = MILLION_A_DAY
) -> Usage:
    """A function of 1 GB, and the units that poll for it: an even number of them all month."""
    pollers = EventPollers(name="pollers", kind=kind, units=epu_hours / THIRTY_DAYS.hours)
    consumer = function(requests, duration_ms, 1024)
    return pollers.estimate(THIRTY_DAYS) + consumer.estimate(THIRTY_DAYS)


def snap_start() -> Usage:
    return function(
        7_440_000, 2000, 1024, snap_start=True, snap_start_restores=74_400
    ).estimate(THIRTY_ONE_DAYS)  # fmt: skip


def express() -> Usage:
    return StateMachine(
        name="express", state_machine_type="EXPRESS", executions=100_000_000, duration_ms=801,
        memory_mb=1200,
    ).estimate(TYPICAL)  # fmt: skip


def queues() -> Usage:
    """Two requests for each message: one sent, and half a one each to receive and to delete."""
    halves = {"receive_batch_size": 2, "delete_batch_size": 2}
    standard = Queue(name="standard", messages=1_000_000, **halves)
    fifo = Queue(name="fifo", fifo=True, messages=500_000, **halves)
    return standard.estimate() + fifo.estimate()


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "LAM-01": lambda: function(3_000_000, 120, 1536).estimate(),
    "LAM-02": lambda: function(10_000 * 24 * 31, 2000, 1024).estimate(),
    "LAM-04": launch_day,
    "LAM-05": sale_day,
    "LAM-07": streaming,
    "LAM-08": lambda: polled("kafka", epu_hours=800, duration_ms=2000),
    "LAM-10": lambda: polled("kafka", epu_hours=720, duration_ms=200, requests=10 * MILLION_A_DAY),
    "LAM-11": lambda: EdgeFunction(name="edge", requests=10_000_000, duration_ms=10).estimate(),
    "LAM-13": lambda: function(30_000_000, 200, 128).estimate(),
    "SFN-01": lambda: StateMachine(
        name="runs", executions=100_000, transitions_per_execution=4
    ).estimate(),
    "IC-LAM-01": lambda: function(15e9, 4096, 1024).estimate(),
    "IC-LAM-02": lambda: function(18.25e9, 4096, 1024, architecture="arm64").estimate(),
    "IC-API-01": lambda: RestApi(name="rest", requests=21e9).estimate(),
    "IC-API-02": lambda: HttpApi(name="http", requests=1e9).estimate(),
    "IC-SFN-01": express,
    "IC-SFN-02": lambda: StateMachine(name="runs", executions=10_000).estimate(),
    "IC-SQS-01": queues,
    "X-LAM-01": lambda: function(6_000_000, 280, 4096, ephemeral_storage_mb=2048).estimate(),
    "X-LAM-02": snap_start,
    "X-LAM-03": lambda: polled("sqs", epu_hours=8000, duration_ms=1000),
}
