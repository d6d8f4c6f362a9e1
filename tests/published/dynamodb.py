"""Worked examples of DynamoDB, from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices. Free allowances are not taken off.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.dynamodb import Table


def on_demand() -> Usage:
    """One table with everything that is charged beside it."""
    return Table(
        name="table", writes=3_000_000, strong_reads=8_000_000, storage_gb=230,
        point_in_time_recovery=True, point_in_time_recovery_gb=2300, backup_storage_gb=460,
        restored_gb=230, stream_read_requests=2_000_000,
    ).estimate()  # fmt: skip


def provisioned() -> Usage:
    return Table(
        name="table", billing_mode="PROVISIONED", read_capacity_units=30, write_capacity_units=20
    ).estimate()


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "IC-DDB-01": on_demand,
    "IC-DDB-02": provisioned,
}
