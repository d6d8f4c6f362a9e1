"""Amazon Route 53: zones, queries by routing policy, health checks, and how long failover takes.

Models: hosted zones by the whole month; queries by policy (simple, weighted, failover and
    multivalue cost alike; latency, geography and address ranges cost more); queries of alias
    records, which are free; health checks of endpoints with their optional features; and the
    time from a failure until clients go elsewhere.
Leaves out: domain registration, traffic policies, records beyond 10,000 in a zone, address range
    collections, resolver endpoints and firewall, query logs, health checks that watch alarms or
    other checks. Queries in private zones are free and not to be counted. Free allowances come
    off the bill, not off the usage.
Pricing: https://aws.amazon.com/route53/pricing/ (a zone costs a whole month, never a part of it,
    unless it is deleted within 12 hours; each optional feature of a health check is charged).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, field_validator

from models.billed_time import hours_within
from models.metering import Meter, Quantity
from models.quotas import refuse_outside, value_of
from models.resource import Amount, Count, Resource, Share
from models.theory import Delay, detection_seconds
from models.units import BillingPeriod

__all__ = ["HealthCheck", "HostedZone", "failover_seconds", "optional_features", "zone_months"]

_LEVER = "Use alias records for AWS resources, whose queries are free, and longer TTLs."
_RULE = "Every query answered, whatever the record; those that resolvers answer from their cache"
_NEVER_SEEN = f"{_RULE} are never seen."

ZONES = Meter(
    "AmazonRoute53", "HostedZone", "Mo", name="Route 53 hosted zones",
    rule="Every zone by the whole month, however short it exists, unless it is deleted within 12"
    " hours; from the 26th on it costs less.",
    lever="Delete zones of experiments, and keep several names in one zone.",
)  # fmt: skip
QUERIES = Meter(
    "AmazonRoute53", "DNS-Queries", "Queries", name="Route 53 queries",
    rule=_NEVER_SEEN, lever=_LEVER,
)  # fmt: skip
LATENCY_QUERIES = Meter(
    "AmazonRoute53", "LBR-Queries", "Queries", name="Route 53 latency queries",
    rule=_NEVER_SEEN, lever=_LEVER,
)  # fmt: skip
GEO_QUERIES = Meter(
    "AmazonRoute53", "Geo-Queries", "Queries", name="Route 53 geography and proximity queries",
    rule=_NEVER_SEEN, lever=_LEVER,
)  # fmt: skip
IP_QUERIES = Meter(
    "AmazonRoute53", "Cidr-Queries", "Queries", name="Route 53 queries by address range",
    rule=_NEVER_SEEN, lever=_LEVER,
)  # fmt: skip

_CHECK_RULE = "Every check for the time it exists."
_OPTION_RULE = "HTTPS, string matching, the fast interval, latency measured: each for each check."
_OPTION_LEVER = "Check every 30 seconds where failover may take a minute more."

CHECKS = Meter(
    "AmazonRoute53", "Health-Check-AWS", "Mo", name="Route 53 health checks in AWS",
    rule=_CHECK_RULE, lever="Delete checks of endpoints that are gone.",
)  # fmt: skip
OUTSIDE_CHECKS = Meter(
    "AmazonRoute53", "Health-Check-Non-AWS", "Mo", name="Route 53 health checks outside AWS",
    rule=_CHECK_RULE, lever="Delete checks of endpoints that are gone.",
)  # fmt: skip
OPTIONS = Meter(
    "AmazonRoute53", "Health-Check-Option-AWS", "Mo", name="Features of health checks in AWS",
    rule=_OPTION_RULE, lever=_OPTION_LEVER,
)  # fmt: skip
OUTSIDE_OPTIONS = Meter(
    "AmazonRoute53", "Health-Check-Option-Non-AWS", "Mo",
    name="Features of health checks outside AWS", rule=_OPTION_RULE, lever=_OPTION_LEVER,
)  # fmt: skip

CheckType = Literal["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"]


def zone_months(hours: Quantity) -> Quantity:
    """Months charged for a zone that exists for `hours` of a month: none or one.

    Documented: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/troubleshooting-billed-twice.html

    >>> zone_months(np.array([0.0, 12.0, 12.5, 730.0])).tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    return np.where(np.asarray(hours) > value_of("route53", "zone_grace_hours"), 1.0, 0.0)


def optional_features(
    check_type: CheckType, *, fast: bool = False, measure_latency: bool = False
) -> int:
    """Optional features charged for one health check.

    >>> optional_features("TCP"), optional_features("HTTPS_STR_MATCH", fast=True)
    (0, 3)
    """
    https, matched = check_type.startswith("HTTPS"), check_type.endswith("STR_MATCH")
    return https + matched + fast + measure_latency


def failover_seconds(
    request_interval_seconds: Quantity = 30,
    failure_threshold: Quantity = 3,
    ttl_seconds: Quantity = 60,
) -> Quantity:
    """From a failure until the last client that keeps to the TTL goes elsewhere. [s]

    Parameters
    ----------
    request_interval_seconds : float or array
        Of one health checker. [s]
    failure_threshold : int or array
        Failures in a row.
    ttl_seconds : float or array
        How long resolvers keep an answer; 60 for aliases of load balancers. [s]

    Notes
    -----
    interval x threshold + TTL, both at their longest: the failure comes just after a check, and
    a resolver has asked just before the records change. On average it takes half an interval and
    half a TTL less. Interval, threshold and TTL are documented
    (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html);
    that checkers agree and records change at once is assumed. Clients that keep an address
    longer than its TTL come on top. Where nothing in the group is healthy, Route 53 answers as
    if everything were, so failover has nowhere to go.

    Examples
    --------
    >>> failover_seconds(10), failover_seconds(30)
    (90, 150)
    """
    return request_interval_seconds * failure_threshold + ttl_seconds


class HostedZone(Resource):
    """A public hosted zone, or several alike.

    Documented: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-working-with.html
    """

    count: Count = 1
    """How many such zones."""
    hours: Amount | None = None
    """Hours each exists in the period, the whole period if not given; the charge is for a month
    either way, or for nothing up to 12 hours. [h]"""
    queries: Amount = 0
    """Queries in the period of simple, weighted, failover and multivalue records."""
    latency_queries: Amount = 0
    """Queries in the period of latency records."""
    geo_queries: Amount = 0
    """Queries in the period of geolocation and geoproximity records."""
    ip_based_queries: Amount = 0
    """Queries in the period of records chosen by the client's address range."""
    alias_share: Share = 0
    """Share of all queries that alias records of AWS resources answer, from 0 to 1: free."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield zones and the queries that are charged."""
        yield ZONES, self.count * zone_months(hours_within(self.hours, period, self.name))
        charged = 1 - self.alias_share
        yield QUERIES, self.queries * charged
        yield LATENCY_QUERIES, self.latency_queries * charged
        yield GEO_QUERIES, self.geo_queries * charged
        yield IP_QUERIES, self.ip_based_queries * charged


class HealthCheck(Resource):
    """A health check of an endpoint, or several alike.

    Documented: https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    """

    count: Count = 1
    """How many such checks."""
    type: CheckType = "HTTP"
    """AWS's name of what is checked; HTTPS and string matching are features charged apart."""
    request_interval_seconds: Literal[10, 30] = 30
    """Between two checks of one checker; 10 is a feature charged apart. [s]"""
    failure_threshold: Annotated[int, Field(strict=True)] = int(
        value_of("route53", "failure_threshold")
    )
    """Failures in a row after which a checker calls the endpoint unhealthy."""
    measure_latency: bool = False
    """Whether latency is measured and graphed; a feature charged apart."""
    outside_aws: bool = False
    """Whether the endpoint is outside AWS, which costs more."""
    hours: Amount | None = None
    """Hours each exists in the period; the whole period if not given. Charged as that share of
    the month (assumed: AWS's page is silent). [h]"""

    @field_validator("failure_threshold")
    @classmethod
    def _threshold_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "route53", "failure_threshold")

    @property
    def features(self) -> int:
        """Optional features charged for each check."""
        fast = self.request_interval_seconds == value_of("route53", "fast_interval_seconds")
        return optional_features(self.type, fast=fast, measure_latency=self.measure_latency)

    @property
    def detection_seconds(self) -> Delay:
        """From a failure until one checker calls the endpoint unhealthy: least, mean, most. [s]"""
        return detection_seconds(self.request_interval_seconds, self.failure_threshold)

    def failover_seconds(
        self, ttl_seconds: float = value_of("route53", "alias_ttl_seconds")
    ) -> float:
        """From a failure until the last client goes elsewhere, see `failover_seconds`. [s]"""
        return float(
            failover_seconds(self.request_interval_seconds, self.failure_threshold, ttl_seconds)
        )

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield checks and their optional features, as a share of the month."""
        months = self.count * hours_within(self.hours, period, self.name) / period.hours
        yield OUTSIDE_CHECKS if self.outside_aws else CHECKS, months
        yield OUTSIDE_OPTIONS if self.outside_aws else OPTIONS, months * self.features
