"""Composite availability: the commitments of what every request passes, multiplied.

An order of magnitude, as AWS itself says: what AWS pays credit for is not what fails how often,
and services do not fail on their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

from models.architecture.describing import type_of
from models.quotas.sla import Sla, sla
from models.resource import Resource
from models.services import (
    apigateway,
    autoscaling,
    cloudfront,
    dynamodb,
    ec2,
    ecs,
    eks,
    elasticache,
    elbv2,
    kinesis,
    kms,
    lambda_,
    rds,
    route53,
    s3,
    secretsmanager,
    sns,
    sqs,
    stepfunctions,
    wafv2,
)
from models.simulation.shown import as_table
from models.theory import downtime_seconds, series_availability
from models.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

MONTH_SECONDS = 30 * 24 * SECONDS_PER_HOUR


@dataclass(frozen=True)
class Part:
    """A resource that every request needs, and what AWS commits itself to.

    Parameters
    ----------
    name, type : str
        Of the resource.
    sla : Sla
        With its source and how sure it is.
    """

    name: str
    type: str
    sla: Sla


@dataclass(frozen=True)
class Availability:
    """What the commitments of all parts come to, if each fails on its own.

    Parameters
    ----------
    parts : tuple of Part
    uncommitted : tuple of str
        Resources for which AWS commits itself to nothing as they are configured, such as a single
        task; then nothing is known of the whole.
    without_agreement : tuple of str
        Resources of a kind for which no agreement is held; they are left out of the product.
    """

    parts: tuple[Part, ...]
    uncommitted: tuple[str, ...] = ()
    without_agreement: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a product: some part, and nothing that is configured without one."""
        return bool(self.parts) and not self.uncommitted

    @property
    def share(self) -> float:
        """Product of all parts; NaN where it is not known. [share]"""
        if not self.is_known:
            return nan
        return float(series_availability(*(part.sla.availability for part in self.parts)))

    def downtime_seconds(self, period_seconds: float = MONTH_SECONDS) -> float:
        """Time down in a period, by default a month of thirty days. [s]"""
        return float(downtime_seconds(self.share, period_seconds)) if self.is_known else nan

    @property
    def downtime(self) -> str:
        """Time down in a month of thirty days, and in a year of 365, as text."""
        if not self.is_known:
            return "not known"
        a_month = self.downtime_seconds() / SECONDS_PER_MINUTE
        a_year = float(downtime_seconds(self.share)) / SECONDS_PER_HOUR
        return f"{a_month:.1f} minutes a month, {a_year:.2f} hours a year"

    def __repr__(self) -> str:
        product = " x ".join(f"{part.name} {part.sla.uptime_percent:g} %" for part in self.parts)
        said = f"{self.share:.3%}, {self.downtime}" if self.is_known else "not known"
        notes = {
            "no commitment": self.uncommitted, "no agreement held": self.without_agreement
        }  # fmt: skip
        ends = [f"; {what}: {', '.join(names)}" for what, names in notes.items() if names]
        return f"Availability({said}{': ' if product else ''}{product}{''.join(ends)})"

    def _repr_html_(self) -> str:
        rows = [(part.name, _told(part)) for part in self.parts]
        rows += [(name, "no commitment as it is configured") for name in self.uncommitted]
        rows += [(name, "no agreement is held") for name in self.without_agreement]
        if self.is_known:
            rows += [("All of them", f"{self.share:.3%}"), ("Down", self.downtime)]
        return as_table(rows, "Service level agreements, multiplied: an order of magnitude")


def _told(part: Part) -> str:
    sla = part.sla
    configuration = f" {sla.configuration}" if sla.configuration else ""
    return (
        f"{sla.uptime_percent:g} % ({sla.service}{configuration}, {sla.date},"
        f" {sla.confidence} confidence)"
    )


def availability(path: Iterable[Resource]) -> Availability:
    """The composite availability of resources that every request needs, one after the other.

    Parameters
    ----------
    path : iterable of Resource
        What has no commitment because it is not in the way of a request, such as a NAT gateway,
        does not belong here.

    Notes
    -----
    Sources and dates are those of ``data/sla.csv``. Whether a commitment for several zones holds
    is read from the resource: for a group or a service, two of them in two zones at the least.

    Examples
    --------
    >>> availability([lambda_.Function(name="f"), dynamodb.Table(name="t")])
    Availability(99.940%, 25.9 minutes a month, 5.26 hours a year: f 99.95 % x t 99.99 %)
    """
    parts: list[Part] = []
    uncommitted: list[str] = []
    without: list[str] = []
    for one in path:
        agreement = _AGREEMENTS.get(type(one))
        if agreement is None:
            without.append(one.name)
            continue
        service, configuration = agreement
        which = configuration(one) if callable(configuration) else configuration
        if which is None:
            uncommitted.append(one.name)
        else:
            parts.append(Part(one.name, type_of(one), sla(service, which)))
    return Availability(tuple(parts), tuple(uncommitted), tuple(without))


def _zones(several: bool, otherwise: str | None) -> str | None:
    return "Multi-AZ" if several else otherwise


def _group(group: Any) -> str | None:
    return _zones(min(group.min_size, group.availability_zones) > 1, "Instance")


def _service(service: Any) -> str | None:
    """Tasks on EC2 are as available as their instances, whose commitment is the same."""
    least = service.scaling.min_capacity if service.scaling else service.desired_count
    return _zones(min(least, service.availability_zones) > 1, None)


def _cluster(cluster: Any) -> str | None:
    return "Aurora Multi-AZ" if cluster.instances > 1 else "Aurora Single-AZ"


def _bucket(bucket: Any) -> str | None:
    """By the classes that AWS's agreement puts together."""
    standard = ("STANDARD", "EXPRESS_ONEZONE", "GLACIER", "DEEP_ARCHIVE")
    return "STANDARD" if bucket.storage_class in standard else "STANDARD_IA"


Configuration = str | Callable[[Any], str | None]

#: Service and configuration of `models.quotas.sla`, by type of resource. That the nodes of a group
#: in EKS stand in several zones is assumed, where there are several.
_AGREEMENTS: Mapping[type[Resource], tuple[str, Configuration]] = {
    apigateway.HttpApi: ("apigateway", ""),
    apigateway.RestApi: ("apigateway", ""),
    apigateway.WebSocketApi: ("apigateway", ""),
    autoscaling.AutoScalingGroup: ("ec2", _group),
    cloudfront.Distribution: ("cloudfront", ""),
    dynamodb.Table: ("dynamodb", lambda one: "Global Tables" if one.global_table else "Standard"),
    ec2.Instance: ("ec2", "Instance"),
    ecs.Service: ("ecs", _service),
    eks.Nodegroup: ("ec2", lambda one: _zones(max(one.min_size, 1) > 1, "Instance")),
    elasticache.ReplicationGroup: (
        "elasticache", lambda one: _zones(one.replicas_per_node_group > 0, "Single-AZ"),
    ),
    elbv2.ApplicationLoadBalancer: ("elbv2", "Multi-AZ"),
    kinesis.Stream: ("kinesis", ""),
    kms.Key: ("kms", ""),
    lambda_.Function: ("lambda", ""),
    rds.DBCluster: ("rds", _cluster),
    rds.DBInstance: ("rds", lambda one: _zones(one.multi_az, "Single-AZ")),
    route53.HostedZone: ("route53", ""),
    s3.Bucket: ("s3", _bucket),
    secretsmanager.Secret: ("secretsmanager", ""),
    sns.Topic: ("sns", ""),
    sqs.Queue: ("sqs", ""),
    stepfunctions.StateMachine: ("stepfunctions", ""),
    wafv2.WebACL: ("wafv2", ""),
}  # fmt: skip
