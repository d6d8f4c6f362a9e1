"""What AWS counts for RDS, under the names its bill uses."""

from __future__ import annotations

from models.metering import Meter

#: Operation that goes with each engine on the bill: attribute ``operation`` of AWS's price list,
#: https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonRDS/current/index.json
OPERATIONS = {
    "mysql": "CreateDBInstance:0002",
    "postgres": "CreateDBInstance:0014",
    "mariadb": "CreateDBInstance:0018",
    "aurora-mysql": "CreateDBInstance:0016",
    "aurora-postgresql": "CreateDBInstance:0021",
}

_INSTANCE_RULE = "Every second the instance is available, ten minutes at least; not while stopped."
_INSTANCE_LEVER = "Stop it out of hours, choose a smaller or a Graviton class, or reserve it."
_STORAGE_RULE = "Storage as provisioned, not as used, also while the instance is stopped."
_STORAGE_LEVER = "Provision less and let storage autoscaling add to it; it cannot shrink again."
_IOPS_LEVER = "Provision fewer IOPS; gp3 includes 3,000, and 12,000 from 400 GiB on."


def instance_usage(engine: str, db_instance_class: str, prefix: str = "InstanceUsage") -> Meter:
    """Hours of one class and engine.

    >>> str(instance_usage("postgres", "db.t3.medium", "Multi-AZUsage"))
    'AmazonRDS Multi-AZUsage:db.t3.medium CreateDBInstance:0014'
    """
    standby = " and its standby" if prefix == "Multi-AZUsage" else ""
    return Meter(
        "AmazonRDS", f"{prefix}:{db_instance_class}", "Hrs", OPERATIONS[engine],
        name=f"{engine} instance {db_instance_class}{standby}",
        rule=_INSTANCE_RULE, lever=_INSTANCE_LEVER,
    )  # fmt: skip


def _storage(usage_type: str, name: str) -> Meter:
    return Meter(
        "AmazonRDS", usage_type, "GB-Mo", name=name, rule=_STORAGE_RULE, lever=_STORAGE_LEVER
    )


def _iops(usage_type: str, name: str, rule: str) -> Meter:
    return Meter("AmazonRDS", usage_type, "IOPS-Mo", name=name, rule=rule, lever=_IOPS_LEVER)


_GP3_RULE = "IOPS provisioned above those that are included, also while stopped."
_IO1_RULE = "Every IOPS provisioned; none is included; also while stopped."

#: Storage by (storage type, Multi-AZ).
STORAGE = {
    ("gp2", False): _storage("RDS:GP2-Storage", "gp2 storage"),
    ("gp2", True): _storage("RDS:Multi-AZ-GP2-Storage", "gp2 storage in two zones"),
    ("gp3", False): _storage("RDS:GP3-Storage", "gp3 storage"),
    ("gp3", True): _storage("RDS:Multi-AZ-GP3-Storage", "gp3 storage in two zones"),
    ("io1", False): _storage("RDS:PIOPS-Storage", "io1 storage"),
    ("io1", True): _storage("RDS:Multi-AZ-PIOPS-Storage", "io1 storage in two zones"),
}
#: Provisioned IOPS by (storage type, Multi-AZ).
IOPS = {
    ("gp3", False): _iops("RDS:GP3-PIOPS", "gp3 IOPS beyond those included", _GP3_RULE),
    ("gp3", True): _iops("RDS:Multi-AZ-GP3-PIOPS", "gp3 IOPS in two zones", _GP3_RULE),
    ("io1", False): _iops("RDS:PIOPS", "io1 IOPS", _IO1_RULE),
    ("io1", True): _iops("RDS:Multi-AZ-PIOPS", "io1 IOPS in two zones", _IO1_RULE),
}

BACKUP = Meter(
    "AmazonRDS", "RDS:ChargedBackupUsage", "GB-Mo", name="backups beyond the free allowance",
    rule="Automated backups and manual snapshots beyond the database storage of the region.",
    lever="Shorten the retention period and delete old manual snapshots; nothing deletes them.",
)  # fmt: skip


def extended_support(version: str, years: str) -> Meter:
    """vCPU-hours of Extended Support.

    >>> extended_support("PostgreSQL12", "Yr1-Yr2").usage_type
    'ExtendedSupport:Yr1-Yr2:PostgreSQL12'
    """
    return Meter(
        "AmazonRDS", f"ExtendedSupport:{years}:{version}", "vCPU-Hours",
        name=f"Extended Support of {version}",
        rule="Every vCPU-hour of an instance, and of its standby, on a version past its end of"
        " standard support; the price doubles in the third year.",
        lever="Upgrade to a version in standard support: the charge stops at once.",
    )  # fmt: skip


PROXY = Meter(
    "AmazonRDS", "RDS:ProxyUsage", "vCPU-Hours", name="RDS Proxy",
    rule="Every vCPU of the instances behind the proxy, two at least, for each hour.",
    lever="Use a pool in the application where connections are few and long-lived.",
)  # fmt: skip

AURORA_STORAGE = Meter(
    "AmazonRDS", "Aurora:StorageUsage", "GB-Mo", name="Aurora storage",
    rule="Storage as used by the cluster, counted once however many instances read it.",
    lever="Drop what is not needed: Aurora storage shrinks by itself.",
)  # fmt: skip
AURORA_IO_OPTIMIZED_STORAGE = Meter(
    "AmazonRDS", "Aurora:IO-OptimizedStorageUsage", "GB-Mo", name="Aurora I/O-Optimized storage",
    rule="Storage as used by the cluster; I/O requests cost nothing in this configuration.",
    lever="Return to Aurora Standard where I/O is less than about a quarter of the cost.",
)  # fmt: skip
AURORA_IO = Meter(
    "AmazonRDS", "Aurora:StorageIOUsage", "IOs", name="Aurora I/O requests",
    rule="Every page read from storage and every write of up to 4 KB of log to it.",
    lever="Give the working set more memory, index, or use the I/O-Optimized configuration.",
)  # fmt: skip
AURORA_BACKUP = Meter(
    "AmazonRDS", "Aurora:BackupUsage", "GB-Mo", name="Aurora backups beyond the free allowance",
    rule="Backups and snapshots beyond the size of the cluster's own storage.",
    lever="Shorten the retention period and delete old manual snapshots.",
)  # fmt: skip
AURORA_SERVERLESS = Meter(
    "AmazonRDS", "Aurora:ServerlessV2Usage", "ACU-Hr", name="Aurora serverless capacity",
    rule="Capacity in ACUs for each second, never below the minimum you set.",
    lever="Lower the minimum capacity, or let it pause at zero.",
)  # fmt: skip
AURORA_SERVERLESS_IO_OPTIMIZED = Meter(
    "AmazonRDS", "Aurora:ServerlessV2IOOptimizedUsage", "ACU-Hr",
    name="Aurora serverless capacity, I/O-Optimized",
    rule="Capacity in ACUs for each second, never below the minimum you set.",
    lever="Lower the minimum capacity, or let it pause at zero.",
)  # fmt: skip
