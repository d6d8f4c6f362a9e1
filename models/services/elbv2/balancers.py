"""The balancers: what each one is told of its traffic and what AWS meters for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from models.billed_time import billed_hours, hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource, Settings
from models.services.ec2.addresses import address_hours
from models.services.elbv2.capacity import CapacityUnits, explained, flow_units, lcus
from models.services.elbv2.connections import Connections
from models.units import TYPICAL, BillingPeriod

_PARTIAL_HOUR = "Every hour or part of an hour from creation to deletion, busy or idle."
_ONE_BALANCER = "Share one balancer between services (host and path rules), delete idle ones."

APPLICATION_HOURS = Meter(
    "AWSELB", "LoadBalancerUsage", "Hrs", "LoadBalancing:Application",
    name="Application Load Balancer hours", rule=_PARTIAL_HOUR, lever=_ONE_BALANCER,
)  # fmt: skip
NETWORK_HOURS = Meter(
    "AWSELB", "LoadBalancerUsage", "Hrs", "LoadBalancing:Network",
    name="Network Load Balancer hours", rule=_PARTIAL_HOUR,
    lever="Serve several ports from one balancer, delete idle ones.",
)  # fmt: skip
GATEWAY_HOURS = Meter(
    "AWSELB", "LoadBalancerUsage", "Hrs", "LoadBalancing:Gateway",
    name="Gateway Load Balancer hours",
    rule="Every hour or part of an hour, once for each Availability Zone it serves.",
    lever="Serve fewer zones, delete idle balancers.",
)  # fmt: skip
APPLICATION_UNITS = Meter(
    "AWSELB", "LCUUsage", "LCU-Hrs", "LoadBalancing:Application", name="LCU-hours",
    rule="In each hour the dimension that needs most capacity units; the others cost nothing.",
    lever="Lower the dimension that decides: reuse connections, compress, use fewer rules.",
)  # fmt: skip
NETWORK_UNITS = Meter(
    "AWSELB", "LCUUsage", "LCU-Hrs", "LoadBalancing:Network", name="NLCU-hours",
    rule="In each hour, and for TCP, UDP and TLS apart, the dimension that needs most units.",
    lever="Lower the dimension that decides: reuse connections, compress, end TLS at the targets.",
)  # fmt: skip
GATEWAY_UNITS = Meter(
    "AWSELB", "LCUUsage", "LCU-Hrs", "LoadBalancing:Gateway", name="GLCU-hours",
    rule="In each hour the dimension that needs most capacity units; the others cost nothing.",
    lever="Send less traffic through the appliances behind it.",
)  # fmt: skip
PUBLIC_IPV4_HOURS = Meter(
    "AmazonVPC", "PublicIPv4:InUseAddress", "Hrs", name="Public IPv4 addresses of a load balancer",
    rule="Every address for as long as the balancer holds it; internet-facing balancers hold at"
    " least one in each Availability Zone.",
    lever="Make the balancer internal, serve fewer zones, or put CloudFront in front of it.",
)  # fmt: skip


class _LoadBalancer(Resource):
    """What every balancer has: a lifetime and addresses."""

    hours: Amount | None = None
    """Hours it exists, in one stretch; the whole billing period unless given. [h]"""
    public_ipv4_addresses: Count = 0
    """Public IPv4 addresses it holds: none where it is internal; internet-facing, at least one
    in each Availability Zone it serves."""

    def hours_in(self, period: BillingPeriod) -> Quantity:
        """Hours it exists in `period`. [h]"""
        return hours_within(self.hours, period, self.name)

    def _addresses(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        yield PUBLIC_IPV4_HOURS, self.public_ipv4_addresses * address_hours(self.hours_in(period))


class ApplicationLoadBalancer(_LoadBalancer):
    """A load balancer for HTTP: traffic is given as averages over the hours it exists.

    Where the dimensions peak in different hours the bill is higher than the averages say,
    because each hour is charged for its own highest one: add up `capacity.lcus` hour by hour.
    """

    new_connections_per_second: Amount = 0
    """New connections, on average. [1/s]"""
    active_connections: Amount = 0
    """Connections open at a time, on average: new ones per second x seconds each lasts."""
    processed_gb: Amount = 0
    """Requests and responses of instances, containers and addresses in the period. [GB]"""
    lambda_processed_gb: Amount = 0
    """Requests and responses of Lambda targets in the period. [GB]"""
    requests_per_second: Amount = 0
    """Requests, on average; they count only where `rules` is above ten. [1/s]"""
    rules: Amount = 0
    """Listener rules processed for each request, on average; ten are free."""
    mutual_tls: bool = False
    """Whether clients show certificates: a unit then holds 1,500 active connections, not 3,000."""
    certificate_key_algorithm: Literal[
        "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"
    ] = "RSA_2048"
    """Key of the listener's certificate, as ACM spells it; a unit holds 25 new connections per
    second with RSA_2048 or EC_prime256v1, 5 or 1 with longer keys."""
    connections: Connections = Connections()
    """How clients use connections. Only a simulation reads it: it derives the averages above from
    the requests it has seen."""

    def capacity_units(self, period: BillingPeriod = TYPICAL) -> CapacityUnits:
        """LCUs in an average hour, by dimension. [LCU]"""
        hours = self.hours_in(period)
        return lcus(
            new_connections_per_second=self.new_connections_per_second,
            active_connections=self.active_connections,
            gb_per_hour=_per_hour(self.processed_gb, hours),
            lambda_gb_per_hour=_per_hour(self.lambda_processed_gb, hours),
            requests_per_second=self.requests_per_second,
            rules=self.rules,
            mutual_tls=self.mutual_tls,
            key_algorithm=self.certificate_key_algorithm,
        )

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield hours, LCU-hours and hours of public addresses."""
        hours, units = self.hours_in(period), self.capacity_units(period)
        yield APPLICATION_HOURS, billed_hours(hours)
        yield explained(APPLICATION_UNITS, {"Average hour": units}), units.billed * hours
        yield from self._addresses(period)


class Flows(Settings):
    """Traffic of one protocol, as averages over the hours the balancer exists."""

    new_flows_per_second: Amount = 0
    """New connections or flows, on average. [1/s]"""
    active_flows: Amount = 0
    """Connections or flows at a time, on average: new ones per second x seconds each lasts."""
    processed_gb: Amount = 0
    """Bytes in both directions in the period. [GB]"""

    def capacity_units(self, protocol: str, hours: Quantity) -> CapacityUnits:
        """Units in an average one of `hours`, by dimension. [LCU]"""
        return flow_units(
            protocol,
            new_flows_per_second=self.new_flows_per_second,
            active_flows=self.active_flows,
            gb_per_hour=_per_hour(self.processed_gb, hours),
        )


class NetworkLoadBalancer(_LoadBalancer):
    """A load balancer for TCP, UDP and TLS; each protocol's units are counted apart."""

    tcp: Flows = Flows()
    """Traffic of TCP listeners."""
    udp: Flows = Flows()
    """Traffic of UDP listeners."""
    tls: Flows = Flows()
    """Traffic of TLS listeners, where the balancer ends the encryption."""

    def capacity_units(self, period: BillingPeriod = TYPICAL) -> dict[str, CapacityUnits]:
        """NLCUs in an average hour, by protocol and dimension. [LCU]"""
        hours = self.hours_in(period)
        flows = {"TCP": self.tcp, "UDP": self.udp, "TLS": self.tls}
        return {name: flow.capacity_units(name, hours) for name, flow in flows.items()}

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield hours, the sum of the protocols' NLCU-hours, and hours of public addresses."""
        hours = self.hours_in(period)
        needed = self.capacity_units(period)
        meter = explained(NETWORK_UNITS, needed)
        yield NETWORK_HOURS, billed_hours(hours)
        for units in needed.values():
            yield meter, units.billed * hours
        yield from self._addresses(period)


class GatewayLoadBalancer(_LoadBalancer):
    """A load balancer in front of network appliances, charged for each zone it serves."""

    availability_zones: Count = 1
    """Availability Zones it serves; its hours are charged for each."""
    new_flows_per_second: Amount = 0
    """New connections or flows, on average. [1/s]"""
    active_flows: Amount = 0
    """Connections or flows at a time, on average."""
    processed_gb: Amount = 0
    """Bytes in both directions in the period. [GB]"""

    def capacity_units(self, period: BillingPeriod = TYPICAL) -> CapacityUnits:
        """GLCUs in an average hour, by dimension. [LCU]"""
        return flow_units(
            "gateway",
            new_flows_per_second=self.new_flows_per_second,
            active_flows=self.active_flows,
            gb_per_hour=_per_hour(self.processed_gb, self.hours_in(period)),
        )

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield hours in each zone, GLCU-hours and hours of public addresses."""
        hours, units = self.hours_in(period), self.capacity_units(period)
        yield GATEWAY_HOURS, self.availability_zones * billed_hours(hours)
        yield explained(GATEWAY_UNITS, {"Average hour": units}), units.billed * hours
        yield from self._addresses(period)


def _per_hour(gb: Quantity, hours: Quantity) -> Quantity:
    """Traffic of an average hour; none where there are no hours. [GB/h]"""
    shape = np.broadcast_shapes(np.shape(gb), np.shape(hours))
    found = np.divide(gb, hours, out=np.zeros(shape), where=np.asarray(hours) > 0)
    return float(found) if found.ndim == 0 else found
