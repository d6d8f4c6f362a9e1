"""The classic: load balancer, web servers, relational database; and what may be put around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.architecture import Architecture, Branch, Fleet, Parallel, Static, Tier, Traffic
from models.architectures import parts
from models.architectures.checked import (
    Amount,
    Count,
    Number,
    Percent,
    Positive,
    PositiveShare,
    SomeShare,
    checked,
)
from models.distributions import Exponential
from models.quotas import instance_type as size_of
from models.resource import Resource
from models.services.autoscaling import AutoScalingGroup, LaunchTemplate, Queries
from models.services.ec2 import DataTransfer
from models.services.elasticache import ReplicationGroup
from models.services.rds import DBInstance, DBProxy
from models.services.rds.connections import ConnectionPoolConfiguration
from models.simulation import Database

#: Half of the web servers stand in the other one of two zones than the database.
CROSSING = 0.5


@dataclass(frozen=True)
class Following:
    """What follows the requests: the cache at the edge, logs, answers, traffic between zones.

    Parameters
    ----------
    region : str
    response_kb, log_kb, query_kb : float
        [KB]
    asked_share : float
        Share of the requests to the servers that ask the database. [share]
    nat_gateways : int
        Through which the logs leave private subnets.
    hit_ratio : float or None
        Of the distribution in front, if there is one. [share]
    """

    region: str
    response_kb: float
    log_kb: float
    query_kb: float
    asked_share: float
    nat_gateways: int
    hit_ratio: float | None = None

    def __call__(self, traffic: Traffic) -> Iterator[Resource]:
        """The resources for so many requests."""
        passed = 1 - (self.hit_ratio or 0.0)
        served = Traffic(traffic.requests * passed, traffic.per_second * passed)
        crossing_gb = parts.gb(served, self.query_kb * self.asked_share * CROSSING)
        out = 0.0 if self.hit_ratio is not None else self.response_kb
        if self.hit_ratio is not None:
            yield parts.distribution(self.region, traffic, self.response_kb, self.hit_ratio)
        yield parts.logs(self.region, served, self.log_kb)
        yield from parts.nat(self.region, self.nat_gateways, parts.gb(served, self.log_kb))
        yield DataTransfer(
            name="transfer", region=self.region, inter_az_gb=crossing_gb,
            internet_egress_gb=parts.gb(served, out),
        )  # fmt: skip


@checked
def three_tier_web(
    *, region: str = "us-east-1", instance_type: str = "t4g.small", min_size: Count = 2,
    max_size: Number = 8, cpu_target_percent: Percent = 60, cpu_share: PositiveShare = 0.25,
    engine: Literal["postgres", "mysql"] = "postgres", db_instance_class: str = "db.t4g.small",
    multi_az: bool = True, allocated_storage_gb: Positive = 20, query_seconds: Positive = 0.01,
    query_kb: Amount = 5, pool_size: Number = 10, proxy: bool = False,
    cache_node_type: str | None = None, cache_hit_ratio: SomeShare = 0.8, cdn: bool = False,
    cdn_hit_ratio: SomeShare = 0.8, hit_seconds: Positive = 0.02, request_kb: Amount = 2,
    response_kb: Amount = 30, log_kb: Amount = 1, nat_gateways: Count = 2,
) -> Architecture:  # fmt: skip
    """A load balancer, an Auto Scaling group and a relational database.

    Every request asks the database for `query_seconds` on average, once its own work is done. A
    cache (`cache_node_type`) answers `cache_hit_ratio` of that in no time; a distribution (`cdn`)
    answers `cdn_hit_ratio` of all requests in `hit_seconds`, which is assumed; a `proxy` lends the
    connections of the database statement by statement.
    """
    size = size_of(instance_type)
    asked_share = 1 - cache_hit_ratio if cache_node_type else 1.0
    database = DBInstance(
        name="database", region=region, engine=engine, db_instance_class=db_instance_class,
        multi_az=multi_az, allocated_storage_gb=allocated_storage_gb,
    )  # fmt: skip
    queries = Queries(
        time=Exponential(mean_seconds=query_seconds), share=asked_share, pool_size=pool_size
    )
    group = AutoScalingGroup(
        name="web", region=region, min_size=min_size, max_size=max_size,
        launch_template=LaunchTemplate(
            instance_type=instance_type, associate_public_ip_address=not nat_gateways
        ),
        application=parts.application(size.vcpus, cpu_share, queries),
        policies=parts.cpu_tracking(cpu_target_percent),
    )  # fmt: skip
    pool = ConnectionPoolConfiguration() if proxy else None
    fleet = Fleet(
        load_balancer=parts.balancer(region, request_kb, response_kb), group=group,
        database=Database.of(database, proxy=pool),
        slowdown=parts.shared_slowdown(size.vcpus, cpu_share),
    )  # fmt: skip
    standing: list[Resource] = [database]
    if proxy:
        vcpus = size_of(db_instance_class.removeprefix("db.")).vcpus
        standing.append(DBProxy(name="proxy", region=region, vcpus=vcpus))
    if cache_node_type:
        standing.append(
            ReplicationGroup(name="cache", region=region, cache_node_type=cache_node_type)
        )
    return Architecture(
        name="three-tier-web",
        summary="Web servers of an Auto Scaling group between a load balancer and a database.",
        tiers=(_behind_edge(fleet, cdn_hit_ratio if cdn else 0.0, hit_seconds),),
        standing=tuple(standing),
        following=Following(
            region, response_kb, log_kb, query_kb, asked_share, nat_gateways,
            cdn_hit_ratio if cdn else None,
        ),
        path=(
            *(("cdn",) if cdn else ()), "alb", "web", *(("proxy",) if proxy else ()), "database",
        ),
        links=(
            *((("web", "cache"),) if cache_node_type else ()),
            *((("web", "nat"), ("nat", "logs")) if nat_gateways else (("web", "logs"),)),
        ),
        left_out=(
            "Backups beyond the free ones, storage that grows, sessions, files of users, DNS and a"
            " firewall. Processors of the t families are taken to be there all the time: no CPU"
            " credits. Bytes between servers and cache."
        ),
    )  # fmt: skip


def _behind_edge(origin: Tier, hit_ratio: float, hit_seconds: float) -> Tier:
    """A tier behind caches that answer a part of the requests."""
    if not hit_ratio:
        return origin
    hits = Static("edge", answer_seconds=hit_seconds)
    return Parallel("edge and origin", (Branch(hits, hit_ratio), Branch(origin, 1 - hit_ratio)))
