"""Amazon EC2: instances, EBS volumes and the network around them, as the AWS bill counts them.

Models:
    On-Demand Instances per second, started and stopped (`Instance`), with detailed monitoring,
    auto-assigned addresses, charged surplus CPU credits and Optimize CPUs licenses; EBS volumes of
    all types with IOPS, throughput and their limits (`Volume`); snapshots, archive, fast restore,
    direct APIs and copies (`Snapshot`, `SnapshotArchive`, `FastSnapshotRestore`,
    `SnapshotDirectApi`, `SnapshotCopy`); public IPv4 addresses (`EIP`); data transfer to the
    internet, between zones and between regions (`DataTransfer`); NAT gateways in each zone, shared
    or regional, and NAT instances (`NatGateway`, `NatInstance`); VPC endpoints (`VPCEndpoint`);
    transit gateway attachments (`TransitGatewayAttachment`); flow logs (`FlowLog`).

Leaves out:
    How CPU credits are earned and spent (give the credits that AWS charges), and surplus credits
    on Windows. Spot, Dedicated Hosts and Capacity Reservations; RHEL, SUSE and SQL Server images.
    The charge for each I/O of magnetic volumes, volume clones, provisioned initialization rates,
    Recycle Bin and Local Zones. Direct Connect, VPN, VPC peering and Local Zone transfer; the up to
    60 minutes in which a regional NAT gateway reaches a new zone across the boundary; provisioned
    NAT bandwidth. Storage and queries of flow logs, and their conversion to Parquet.

Pricing:
    https://aws.amazon.com/ec2/pricing/on-demand/ - running seconds, at least 60 for each start;
    a GB between zones is charged in both directions, between regions to the sender, from the
    internet not at all.
    https://aws.amazon.com/ebs/pricing/ - provisioned GB, IOPS and throughput per second, at least
    60; io2 IOPS by tiers of each volume; archive at least 90 days, the rest rounded down to the
    hour; fast restore per minute, at least an hour for each snapshot, zone and enablement.
    https://aws.amazon.com/vpc/pricing/ - NAT gateways by the full hour and by GB in either
    direction, a regional one by the hour in each zone it covers (documented); public IPv4
    addresses per second, in use or idle.
    https://aws.amazon.com/privatelink/pricing/ - interface endpoints by the full hour in each zone
    and by GB; gateway endpoints are free.
    https://aws.amazon.com/transit-gateway/pricing/ - attachments by the full hour, GB by sender.
    https://aws.amazon.com/cloudwatch/pricing/ - seven metrics for each instance with detailed
    monitoring; flow logs by the GB delivered (vended logs).
"""

from __future__ import annotations

from models.services.ec2.addresses import EIP
from models.services.ec2.data_transfer import DataTransfer
from models.services.ec2.endpoints import VPCEndpoint
from models.services.ec2.flow_logs import FlowLog
from models.services.ec2.instances import Instance
from models.services.ec2.nat import NatGateway, NatInstance
from models.services.ec2.snapshots import (
    FastSnapshotRestore,
    Snapshot,
    SnapshotArchive,
    SnapshotCopy,
    SnapshotDirectApi,
)
from models.services.ec2.transit import TransitGatewayAttachment
from models.services.ec2.volumes import Volume

__all__ = [
    "EIP",
    "DataTransfer",
    "FastSnapshotRestore",
    "FlowLog",
    "Instance",
    "NatGateway",
    "NatInstance",
    "Snapshot",
    "SnapshotArchive",
    "SnapshotCopy",
    "SnapshotDirectApi",
    "TransitGatewayAttachment",
    "VPCEndpoint",
    "Volume",
]
