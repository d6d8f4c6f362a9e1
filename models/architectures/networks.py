"""A network by itself: what private subnets cost before anything runs in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.architecture import Architecture, Static, Traffic
from models.architectures import parts
from models.architectures.checked import Amount, Count, Share, checked
from models.errors import InvalidInputError
from models.resource import Resource
from models.services.ec2 import FlowLog, NatGateway, VPCEndpoint
from models.services.ec2.flow_logs import log_gb
from models.services.logs import COMPRESSED_SHARE, LogGroup
from models.services.s3 import Bucket
from models.units import HOURS_PER_DAY, SECONDS_PER_HOUR

DAY_SECONDS = HOURS_PER_DAY * SECONDS_PER_HOUR

Destination = Literal["none", "s3", "cloud-watch-logs"]


@dataclass(frozen=True)
class Following:
    """What follows the calls: bytes through NAT gateways and endpoints, records of flows.

    Parameters
    ----------
    region : str
    availability_zones, gateways, interface_endpoints : int
    nat_kb, internet_out_kb, endpoint_kb : float
        Bytes of a call through a NAT gateway; the part of them that goes out to the internet; and
        through interface endpoints. [KB]
    flow_logs : str
    flows_per_request : float
    """

    region: str
    availability_zones: int
    gateways: int
    interface_endpoints: int
    nat_kb: float
    internet_out_kb: float
    endpoint_kb: float
    flow_logs: Destination
    flows_per_request: float

    def __call__(self, traffic: Traffic) -> Iterator[Resource]:
        """The resources for so many calls."""
        if self.gateways:
            yield NatGateway(
                name="nat", region=self.region, count=self.gateways,
                availability_zones=self.availability_zones,
                processed_gb=parts.gb(traffic, self.nat_kb),
                internet_egress_gb=parts.gb(traffic, self.internet_out_kb),
            )  # fmt: skip
        if self.interface_endpoints:
            yield VPCEndpoint(
                name="interface-endpoints", region=self.region, count=self.interface_endpoints,
                availability_zones=self.availability_zones,
                processed_gb=parts.gb(traffic, self.endpoint_kb),
            )  # fmt: skip
        if self.flow_logs != "none":
            yield FlowLog(
                name="flow-log", region=self.region, log_destination_type=self.flow_logs,
                flows=traffic.requests * self.flows_per_request,
            )  # fmt: skip
            yield self._records(traffic)

    def _records(self, traffic: Traffic) -> Resource:
        """What keeps the records of flows for thirty days."""
        kept = traffic.per_second * parts.RETENTION_DAYS * DAY_SECONDS
        stored_gb = log_gb(kept * self.flows_per_request)
        if self.flow_logs == "s3":
            return Bucket(name="records", region=self.region, storage_gb=stored_gb)
        return LogGroup(
            name="records", region=self.region, retention_in_days=parts.RETENTION_DAYS,
            stored_gb=stored_gb * COMPRESSED_SHARE,
        )  # fmt: skip


@checked
def production_vpc(
    *, region: str = "us-east-1", availability_zones: Literal[2, 3] = 2,
    nat: Literal["per-zone", "shared", "none"] = "per-zone", gateway_endpoints: bool = True,
    interface_endpoints: Count = 0, internet_kb: Amount = 20, internet_out_share: Share = 0.1,
    s3_kb: Amount = 50, aws_kb: Amount = 5, flow_logs: Destination = "s3",
    flows_per_request: Amount = 2,
) -> Architecture:  # fmt: skip
    """A network with private subnets in two zones or three, and the ways out of them.

    A request is a call from a private subnet: so many KB from and to the internet, S3, and other
    AWS services. What has no endpoint of its own passes a NAT gateway. A flow is logged at each
    network interface that it passes.
    """
    gateways = {"per-zone": availability_zones, "shared": 1, "none": 0}[nat]
    nat_kb = internet_kb
    nat_kb += 0 if gateway_endpoints else s3_kb
    nat_kb += 0 if interface_endpoints else aws_kb
    if not gateways and nat_kb:
        raise InvalidInputError(
            f"production-vpc: {nat_kb:g} KB of each call have no way out of the private subnets;"
            " give nat, endpoints, or 0 for internet_kb, s3_kb or aws_kb"
        )
    free = [
        VPCEndpoint(
            name=f"{service}-endpoint", region=region, vpc_endpoint_type="Gateway",
            service_name=service,
        )
        for service in ("s3", "dynamodb")
    ]  # fmt: skip
    return Architecture(
        name="production-vpc",
        summary="A network with private subnets, and the ways out of them.",
        tiers=(Static("calls"),),
        standing=tuple(free) if gateway_endpoints else (),
        following=Following(
            region, availability_zones, gateways, interface_endpoints, nat_kb,
            internet_kb * internet_out_share, aws_kb if interface_endpoints else 0.0, flow_logs,
            flows_per_request,
        ),
        path=("nat",) if gateways else (),
        links=() if flow_logs == "none" else (("flow-log", "records"),),
        clients="private subnets",
        left_out=(
            "Everything that runs in the subnets, and traffic between zones other than that of a"
            " shared NAT gateway. Subnets, routes, security groups and the internet gateway are"
            " free."
        ),
    )  # fmt: skip
