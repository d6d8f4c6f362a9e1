"""A month of a DynamoDB table second by second, with auto scaling of reads and writes."""

import json

from benchmarks._timing import best_seconds
from models import workload
from models.services import dynamodb
from models.simulation import simulate_table

LIMIT_SECONDS = 5
SCALING = dynamodb.ScalableTarget(min_capacity=5, max_capacity=1000)
TABLE = dynamodb.Table(
    name="sessions",
    billing_mode="PROVISIONED",
    read_capacity_units=100,
    write_capacity_units=100,
    read_scaling=SCALING,
    write_scaling=SCALING,
)
MONTH = workload.Diurnal(low_per_second=20, high_per_second=200, duration_seconds=30 * 86_400)


def main() -> None:
    seconds = best_seconds(lambda: simulate_table(TABLE, reads=MONTH, writes=MONTH), repeats=2)
    print(json.dumps({"dynamodb_month_seconds": round(seconds, 2), "limit": LIMIT_SECONDS}))


if __name__ == "__main__":
    main()
