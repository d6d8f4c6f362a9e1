"""Amazon RDS: relational databases that AWS installs, patches and backs up, Aurora among them.

Models: instance hours of MySQL, PostgreSQL and MariaDB, in one zone or with a standby in a second
    (Multi-AZ); gp2, gp3 and io1 storage with the IOPS that are included; backups beyond the free
    allowance; snapshots kept after deletion; stopped instances, which AWS starts again after
    seven days; Extended Support of old versions; Aurora clusters (instances, serverless capacity,
    storage, I/O requests, backups, in the Standard and the I/O-Optimized configuration); RDS Proxy.
    For simulations: how many connections a database takes, how long a failover is, between which
    capacities a serverless instance scales.
Leaves out: what queries do under load, read replicas and their lag, reserved instances, Oracle,
    SQL Server and Db2 with their licenses, billing of Multi-AZ clusters with two readable standbys,
    gp3 throughput above what is included, io2 and magnetic storage, Aurora backtrack, global
    databases, CPU credits of T classes, Performance Insights, snapshot export, public IPv4
    addresses, data transfer.
    Replication between the zones of one Multi-AZ instance is free; what clients in another zone
    send is not: describe it with `ec2`.
Pricing: https://aws.amazon.com/rds/postgresql/pricing/ and
    https://aws.amazon.com/rds/aurora/pricing/ (instances by the second with a minimum of ten
    minutes, twice the price with a standby; storage as provisioned, also while stopped, for Aurora
    as used; backups free up to the size of the database storage in the region).
"""

from __future__ import annotations

from models.services.rds import (
    aurora,
    classes,
    connections,
    failover,
    instances,
    limits,
    meters,
    rules,
    serverless,
)
from models.services.rds.aurora import DBCluster
from models.services.rds.connections import (
    ConnectionPoolConfiguration,
    connections_needed,
    largest_fleet,
    proxy_connections_needed,
)
from models.services.rds.failover import (
    FailoverTime,
    downtime,
    expected_downtime_seconds,
    failover_time,
)
from models.services.rds.instances import DBInstance, DBProxy, DBSnapshot
from models.services.rds.limits import (
    class_memory_bytes,
    max_connections,
    max_connections_of_class,
    max_connections_serverless,
)
from models.services.rds.rules import (
    charged_backup_gb,
    gp3_included_iops,
    instance_hours,
    stopped_hours,
)
from models.services.rds.serverless import ServerlessV2ScalingConfiguration

__all__ = [
    "ConnectionPoolConfiguration",
    "DBCluster",
    "DBInstance",
    "DBProxy",
    "DBSnapshot",
    "FailoverTime",
    "ServerlessV2ScalingConfiguration",
    "aurora",
    "charged_backup_gb",
    "class_memory_bytes",
    "classes",
    "connections",
    "connections_needed",
    "downtime",
    "expected_downtime_seconds",
    "failover",
    "failover_time",
    "gp3_included_iops",
    "instance_hours",
    "instances",
    "largest_fleet",
    "limits",
    "max_connections",
    "max_connections_of_class",
    "max_connections_serverless",
    "meters",
    "proxy_connections_needed",
    "rules",
    "serverless",
    "stopped_hours",
]
