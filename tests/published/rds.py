"""Published worked examples of RDS and Aurora, as usage built from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices. Some pages count 750 hours to the month.
Where a page gives amounts and no quantities, the quantity here is the amount at list price.
"""

from collections.abc import Callable

from models.metering import Usage
from models.services.rds import DBCluster, DBInstance
from models.units import TYPICAL, BillingPeriod

HOURS_750 = BillingPeriod("750 hours", 750)

#: 45.60 at 0.10 a GB-month, 20.00 at 0.20 a million requests, 30.00 at 0.021 a GB-month of
#: backups beyond the cluster's own size.
STORAGE_GB = 456
IO_REQUESTS = 100e6
BACKUP_GB = STORAGE_GB + 30 / 0.021


def mysql(period: BillingPeriod) -> Usage:
    """400 GiB of gp2 and 600 GiB of backups, of which 400 are free."""
    return DBInstance(
        name="db", engine="mysql", db_instance_class="db.r5.large", storage_type="gp2",
        allocated_storage_gb=400, backup_storage_gb=600,
    ).estimate(period)  # fmt: skip


def aurora(period: BillingPeriod, instances: int = 1) -> Usage:
    """A writer and its readers over one storage; each of them reads as much."""
    return DBCluster(
        name="aurora", engine="aurora-mysql", db_instance_class="db.r5.large",
        instances=instances, storage_gb=STORAGE_GB, io_requests=IO_REQUESTS * instances,
        backup_storage_gb=BACKUP_GB,
    ).estimate(period)  # fmt: skip


def multi_az_mysql() -> Usage:
    # The 1,000 GB of backups are those charged: the 30 of the allowance come on top.
    return DBInstance(
        name="db", engine="mysql", db_instance_class="db.t3.large", multi_az=True,
        storage_type="gp2", allocated_storage_gb=30, backup_storage_gb=1030,
    ).estimate()  # fmt: skip


def single_az(engine: str, backups_charged_gb: float = 0, **fields: float | str) -> Usage:
    """A db.t3.large with 20 GB of gp2 unless told otherwise; its own allowance comes on top."""
    given = {"storage_type": "gp2", "allocated_storage_gb": 20, **fields}
    backup_gb = backups_charged_gb and backups_charged_gb + given["allocated_storage_gb"]
    return DBInstance(
        name="db", engine=engine, db_instance_class="db.t3.large", backup_storage_gb=backup_gb,
        **given,
    ).estimate()  # fmt: skip


def gp3_with_more_iops() -> Usage:
    return DBInstance(
        name="db", engine="mysql", db_instance_class="db.t4g.small", multi_az=True,
        allocated_storage_gb=400, iops=12_000 + 2_000,
    ).estimate()  # fmt: skip


def aurora_serverless() -> Usage:
    return DBCluster(
        name="aurora", engine="aurora-postgresql", serverless_acu_hours=5 * 730
    ).estimate()


def aurora_storage() -> Usage:
    # The 400 GB of backups are those charged: the 100 of the allowance come on top.
    return DBCluster(
        name="aurora", engine="aurora-mysql", storage_gb=100, io_requests=52_560_000,
        backup_storage_gb=500,
    ).estimate()  # fmt: skip


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "RDS-01": lambda: mysql(HOURS_750),
    "RDS-02": lambda: mysql(TYPICAL),
    "AUR-01": lambda: aurora(TYPICAL),
    "AUR-02": lambda: aurora(HOURS_750),
    "AUR-04": lambda: aurora(HOURS_750, instances=3),
    "IC-RDS-01": multi_az_mysql,
    "IC-RDS-02": gp3_with_more_iops,
    "IC-AUR-01": aurora_serverless,
    "IC-AUR-02": aurora_storage,
    "X-RDS-01": lambda: single_az(
        "mysql", 1000, storage_type="io1", allocated_storage_gb=100, iops=1200
    ),
    "X-RDS-02": lambda: single_az("postgres", 1000),
    "X-RDS-03": lambda: single_az("mariadb", 1000),
    "X-RDS-04": lambda: single_az("postgres", extended_support="PostgreSQL11", vcpus=2),
}
