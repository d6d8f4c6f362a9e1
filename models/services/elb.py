"""Classic Load Balancers: the first generation of Elastic Load Balancing, charged by the GB.

Models: load balancer hours (a part of an hour counts as a whole one), data processed, and the
    public IPv4 addresses a balancer holds.
Leaves out: data transfer. Traffic between the balancer and its instances in another zone is free;
    what leaves for the internet is not: describe it with `ec2`.
Pricing: https://aws.amazon.com/elasticloadbalancing/pricing/ (each hour or part of an hour that a
    balancer runs, and each GB it processes); https://aws.amazon.com/vpc/pricing/ (public IPv4).
"""

from __future__ import annotations

from collections.abc import Iterator

from models.billed_time import billed_hours, hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.services.ec2.addresses import address_hours
from models.services.elbv2.balancers import PUBLIC_IPV4_HOURS
from models.units import BillingPeriod

__all__ = ["LoadBalancer"]

HOURS = Meter(
    "AWSELB", "LoadBalancerUsage", "Hrs", "LoadBalancing", name="Classic Load Balancer hours",
    rule="Every hour or part of an hour from creation to deletion, busy or idle.",
    lever="Delete idle balancers; an Application Load Balancer serves several services at once.",
)  # fmt: skip
PROCESSED = Meter(
    "AWSELB", "DataProcessing-Bytes", "GB", name="data processed by Classic Load Balancers",
    rule="Every GB that passes through the balancer.",
    lever="Compress, or move to an Application or a Network Load Balancer where they are cheaper.",
)  # fmt: skip


class LoadBalancer(Resource):
    """A Classic Load Balancer."""

    hours: Amount | None = None
    """Hours it exists, in one stretch; the whole billing period unless given. [h]"""
    processed_gb: Amount = 0
    """Bytes through it in the period. [GB]"""
    public_ipv4_addresses: Count = 0
    """Public IPv4 addresses it holds: none where it is internal; internet-facing, at least one
    in each Availability Zone it serves."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield hours, GB processed and hours of public addresses."""
        hours = hours_within(self.hours, period, self.name)
        yield HOURS, billed_hours(hours)
        yield PROCESSED, self.processed_gb
        yield PUBLIC_IPV4_HOURS, self.public_ipv4_addresses * address_hours(hours)
