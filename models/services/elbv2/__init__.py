"""Elastic Load Balancing v2: application, network and gateway load balancers.

Models: load balancer hours (a part of an hour counts as a whole one), capacity-unit hours (the
    dimension that needs most units decides, and each dimension is shown), mutual TLS, long
    certificate keys, Lambda targets, free rules, TCP, UDP and TLS on one network load balancer,
    and the public IPv4 addresses a balancer holds.
Leaves out: reserved capacity units, trust stores, Outposts, endpoints of gateway load
    balancers, data transfer. Traffic between an application load balancer and its targets in
    another zone is free; across zones of a network or gateway load balancer it is charged in
    both directions, and traffic out to the internet always is: describe both with `ec2`.
    Classic load balancers are in `elb`.
Pricing: https://aws.amazon.com/elasticloadbalancing/pricing/ (each hour or part of an hour that
    a balancer runs, plus the capacity units it uses in that hour: only the highest dimension,
    for a network load balancer that of each protocol, and parts of a unit count as parts);
    https://aws.amazon.com/elasticloadbalancing/faqs/ (certificate keys, traffic across zones);
    https://aws.amazon.com/vpc/pricing/ (public IPv4 addresses).
"""

from __future__ import annotations

from models.services.elbv2 import balancers, capacity
from models.services.elbv2.balancers import (
    ApplicationLoadBalancer,
    Flows,
    GatewayLoadBalancer,
    NetworkLoadBalancer,
)
from models.services.elbv2.capacity import (
    CapacityUnits,
    active_connections,
    explained,
    flow_units,
    lcus,
    rule_evaluations_per_second,
)
from models.services.elbv2.connections import Connections

__all__ = [
    "ApplicationLoadBalancer",
    "CapacityUnits",
    "Connections",
    "Flows",
    "GatewayLoadBalancer",
    "NetworkLoadBalancer",
    "active_connections",
    "balancers",
    "capacity",
    "explained",
    "flow_units",
    "lcus",
    "rule_evaluations_per_second",
]
