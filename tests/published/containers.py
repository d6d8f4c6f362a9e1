"""Published worked examples of AWS Fargate, from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices, which AWS's page states for a second.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.ecs import Service, TaskDefinition
from models.units import TYPICAL, BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)


def daily(tasks: int, minutes_per_day: float, **definition: int | str) -> Usage:
    """Tasks of 1 vCPU and 2 GB that run once a day for thirty days."""
    return Service(
        name="tasks", desired_count=tasks, hours=minutes_per_day * 30 / 60, starts=30,
        task_definition=TaskDefinition(cpu_units=1024, memory_mib=2048, **definition),
    ).estimate(THIRTY_DAYS)  # fmt: skip


def service() -> Usage:
    return Service(
        name="service", desired_count=5,
        task_definition=TaskDefinition(cpu_units=1024, memory_mib=2048),
    ).estimate(TYPICAL)  # fmt: skip


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "FAR-01": lambda: daily(5, 10, ephemeral_storage_gib=30),
    "FAR-02": lambda: daily(5, 10, ephemeral_storage_gib=30, cpu_architecture="ARM64"),
    "FAR-04": lambda: daily(10, 60, operating_system_family="WINDOWS_SERVER_2019_CORE"),
    "IC-FAR-01": service,
}
