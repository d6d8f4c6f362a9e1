"""Published worked examples of EC2, EBS and the network, as usage built from their own inputs.

`EXAMPLES` gives the usage of each example by its id in `tests/data/published_examples.csv`; the
harness prices it with the example's own dated prices. A page that counts "a 30-day month" has a
billing period of 720 hours. Where a page totals one charge of a resource only, `only` picks it.

Further examples than the first list had, with their source (pages as crawled in 2025 and 2026):

X-EC2-01  io1 volume, 2,000 GB and 1,000 IOPS for 12 h of 30 days: 0.125 a GB-month, 0.065 an
          IOPS-month; 5.25 (4.167 + 1.083). https://aws.amazon.com/ebs/pricing/ example 4
X-EC2-02  io2 volume, the same size and IOPS: storage 4.167, IOPS 1.083. Example 3
X-EC2-03  fast snapshot restore, 1 snapshot, 3 zones, 90 minutes at 0.75: 3.375. Example 8
X-EC2-04  100,000 GetSnapshotBlock at 0.003 a thousand: 0.30. Example 9
X-EC2-05  200 GB restored from the archive for 15 of 30 days: 6 (0.03 a GB) + 5 (0.05 a
          GB-month), beside the archive's 2.50. Example 10
X-EC2-06  time-based copies, 1,000 GB in 1 h at 0.016 and 3,000 GB in 3 h at 0.014: 16 + 42.
          Example 11
X-EC2-07  100 GB archived for a month at 0.0125: 1.25, and restored at 0.03: 3.
          https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-archive-pricing.html
X-EC2-08  detailed monitoring of 10 instances, 7 metrics each at 0.30: 21.
          https://aws.amazon.com/cloudwatch/pricing/
X-EC2-09  200 GB over a transit gateway at 0.02 and 100 GB of them charged to the internet at
          0.09, after 100 GB free: 13.
          https://docs.aws.amazon.com/sap/latest/general/rise-connection-accounts.html
X-EC2-10  two VPCs on a transit gateway for an hour at 0.05 each, 1 GB sent at 0.02: 0.10 + 0.02.
          https://aws.amazon.com/transit-gateway/pricing/ (US East (Ohio))
X-EC2-11  a regional NAT gateway in three zones for one hour: three gateway-hours; 0.135 at 0.045.
          https://aws.amazon.com/vpc/pricing/ (the page gives the hours, not the dollars)
X-EC2-12  io1, 1,000 IOPS for 15 of 30 days at 0.10: 50 (the IOPS alone).
          https://aws.amazon.com/ebs/pricing/ of earlier years, as exam guides quote it
X-EC2-13  gp3 storage in the European Sovereign Cloud, 2,000 GB for 12 h of 30 days at EUR 0.09394:
          EUR 3.13133. https://aws.eu/ebs/pricing
"""

from collections.abc import Callable

from models.metering import Usage
from models.resource import Resource
from models.services.ec2 import (
    DataTransfer,
    FastSnapshotRestore,
    Instance,
    NatGateway,
    SnapshotArchive,
    SnapshotCopy,
    SnapshotDirectApi,
    TransitGatewayAttachment,
    Volume,
    VPCEndpoint,
)
from models.units import GB_PER_TB, TYPICAL, BillingPeriod

THIRTY_DAYS = BillingPeriod("30 days", 720)
THIRTY_ONE_DAYS = BillingPeriod("31 days", 744)


def usage_of(*resources: Resource, period: BillingPeriod = TYPICAL) -> Usage:
    """Usage of all resources together."""
    return Usage.sum((resource.estimate(period) for resource in resources), period=period)


def only(usage: Usage, part_of_usage_type: str) -> Usage:
    """The part of `usage` that the page gives a total for."""
    kept = {
        key: value for key, value in usage.items() if part_of_usage_type in key.meter.usage_type
    }
    return Usage(usage.period, kept)


def volume(volume_type: str, **fields: float) -> Usage:
    """A volume of 2,000 GB that exists for 12 hours of a 30-day month."""
    fields = {"size_gb": 2000, "hours": 12, **fields}
    return Volume(name="volume", volume_type=volume_type, **fields).estimate(THIRTY_DAYS)


def fast_restore(period: BillingPeriod = TYPICAL, **fields: float) -> Usage:
    return FastSnapshotRestore(name="fast restore", **fields).estimate(period)


def direct_api(**fields: float) -> Usage:
    return SnapshotDirectApi(name="direct API", **fields).estimate()


def archive(period: BillingPeriod = THIRTY_DAYS, **fields: float) -> Usage:
    return SnapshotArchive(name="archive", **fields).estimate(period)


def time_based_copies(*gb_and_hours: tuple[float, float]) -> Usage:
    return usage_of(
        *(
            SnapshotCopy(name=f"copy {index}", copied_gb=gb, completion_minutes=60 * hours)
            for index, (gb, hours) in enumerate(gb_and_hours)
        )
    )


def internet_egress(*gb: float, period: BillingPeriod = TYPICAL) -> Usage:
    """Egress of several senders that share the tiers."""
    return usage_of(
        *(
            DataTransfer(name=f"sender {index}", internet_egress_gb=each)
            for index, each in enumerate(gb)
        ),
        period=period,
    )


def surplus_credits(instance_type: str, credits: float) -> Usage:
    instance = Instance(name="burst", instance_type=instance_type, surplus_credits=credits)
    return only(instance.estimate(), "CPUCredits")


def optimize_cpus() -> Usage:
    return Instance(
        name="sql", instance_type="r7i.8xlarge", platform_details="Windows", hours=100,
        licensed_vcpus=16,
    ).estimate()  # fmt: skip


def nat_gateway(hours: float, processed_gb: float, **fields: float | str) -> Usage:
    """A gateway of before 2024-02, when AWS did not charge for its address."""
    return NatGateway(
        name="nat", hours=hours, processed_gb=processed_gb, addresses=0, **fields
    ).estimate()


def interface_endpoint() -> Usage:
    return VPCEndpoint(name="endpoint", processed_gb=7_000_000).estimate()


def us_east_1_transfer() -> Usage:
    # The 2,000 regional GB of the example are GB charged: 1,000 moved, out and in.
    return DataTransfer(
        name="transfer", internet_egress_gb=57_000, inter_az_gb=1_000,
        inter_region_gb={"us-east-2": 500, "eu-west-1": 750},
    ).estimate()  # fmt: skip


def sa_east_1_transfer() -> Usage:
    return DataTransfer(
        name="transfer", region="sa-east-1", internet_egress_gb=157_000, inter_az_gb=1_000,
        inter_region_gb={"us-east-1": 750},
    ).estimate()  # fmt: skip


def detailed_monitoring() -> Usage:
    fleet = Instance(name="fleet", instance_type="m5.large", count=10, monitoring=True)
    return only(fleet.estimate(THIRTY_DAYS), "MetricMonitorUsage")


def transit_to_on_premises() -> Usage:
    # The first 100 of the 200 GB are free; the page charges the other 100.
    attachment = TransitGatewayAttachment(name="vpc", processed_gb=200)
    return only(usage_of(attachment), "Bytes") + internet_egress(100)


def transit_for_an_hour() -> Usage:
    return TransitGatewayAttachment(name="vpcs", count=2, hours=1, processed_gb=1).estimate()


EXAMPLES: dict[str, Callable[[], Usage]] = {
    "EBS-01": lambda: volume("gp3", iops=10_000, throughput_mib_per_second=500),
    "EBS-02": lambda: volume("gp2"),
    "EBS-04": lambda: only(volume("io2", iops=60_000), "P-IOPS"),
    "EBS-05": lambda: only(volume("io2", iops=1_000, count=10), "P-IOPS"),
    "EBS-07": lambda: volume("st1"),
    "EBS-08": lambda: volume("sc1"),
    "EBS-10": lambda: fast_restore(hours=45 / 60),
    "EBS-11": lambda: fast_restore(snapshots=3, availability_zones=2, hours=150 / 60),
    "EBS-13": lambda: fast_restore(THIRTY_DAYS, snapshots=2, availability_zones=3),
    "EBS-14": lambda: direct_api(list_requests=1_000_000),
    "EBS-16": lambda: direct_api(blocks_written=100_000),
    "EBS-17": lambda: archive(storage_gb=200),
    "EBS-19": lambda: archive(storage_gb=200, hours=0, deleted_at_age_hours=70 * 24 + 11 + 5 / 60),
    "EBS-20": lambda: time_based_copies((3_000, 8)),
    "EC2-01": lambda: surplus_credits("t2.micro", 25),
    "EC2-04": lambda: surplus_credits("t3.nano", 304),
    "EC2-05": optimize_cpus,
    "CB-01": lambda: internet_egress(8 * GB_PER_TB, 4 * GB_PER_TB),
    "CB-02": lambda: internet_egress(8 * GB_PER_TB, 4 * GB_PER_TB),
    "VPC-01": lambda: nat_gateway(hours=1, processed_gb=1),
    "IC-VPC-01": interface_endpoint,
    "IC-VPC-02": lambda: nat_gateway(hours=730, processed_gb=100),
    "IC-DT-01": us_east_1_transfer,
    "IC-DT-02": sa_east_1_transfer,
    "X-EC2-01": lambda: volume("io1", iops=1_000),
    "X-EC2-02": lambda: volume("io2", iops=1_000),
    "X-EC2-03": lambda: fast_restore(availability_zones=3, hours=90 / 60),
    "X-EC2-04": lambda: direct_api(blocks_read=100_000),
    "X-EC2-05": lambda: archive(storage_gb=200, retrieved_gb=200, restored_hours=15 * 24),
    "X-EC2-06": lambda: time_based_copies((1_000, 1), (3_000, 3)),
    "X-EC2-07": lambda: archive(TYPICAL, storage_gb=100, retrieved_gb=100),
    "X-EC2-08": detailed_monitoring,
    "X-EC2-09": transit_to_on_premises,
    "X-EC2-10": transit_for_an_hour,
    "X-EC2-11": lambda: nat_gateway(
        hours=1, processed_gb=0, availability_mode="regional", availability_zones=3
    ),
    "X-EC2-12": lambda: only(volume("io1", iops=1_000, hours=15 * 24), "P-IOPS"),
    "X-EC2-13": lambda: volume("gp3"),
}
