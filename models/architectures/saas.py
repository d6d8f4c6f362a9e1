"""Software for many tenants: shared by all, one stack for each, or one for those who pay more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from models.architecture import Architecture, Branch, Parallel, Tasks
from models.architectures import parts
from models.architectures.checked import (
    Amount,
    Count,
    Number,
    Percent,
    Positive,
    PositiveShare,
    Share,
    checked,
)
from models.distributions import Exponential
from models.resource import Resource
from models.services.autoscaling import Queries
from models.services.ec2 import NatGateway
from models.services.ecs import Service, TaskDefinition
from models.services.rds import DBInstance
from models.simulation import Database


@dataclass(frozen=True)
class Stack:
    """Tasks on Fargate behind a load balancer, with a database.

    Parameters
    ----------
    region : str
    prefix : str
        Before the names of its resources.
    vcpu : float
        Of a task, which has twice as many GB of memory. [vCPU]
    least, most : int
        Tasks.
    db_instance_class : str
    multi_az : bool
    storage_gb : float
        [GB]
    """

    region: str
    prefix: str
    vcpu: float
    least: int
    most: int
    db_instance_class: str
    multi_az: bool
    storage_gb: float

    @property
    def database(self) -> DBInstance:
        """Its database."""
        return DBInstance(
            name=f"{self.prefix}db", region=self.region, engine="postgres",
            db_instance_class=self.db_instance_class, multi_az=self.multi_az,
            allocated_storage_gb=self.storage_gb,
        )  # fmt: skip

    @property
    def task_definition(self) -> TaskDefinition:
        """Its tasks."""
        return parts.task(self.vcpu, 2 * self.vcpu, "arm64")

    def idle(self) -> tuple[Resource, ...]:
        """The same as it stands when nobody asks: for tests and trials."""
        tasks = Service(
            name=f"{self.prefix}tasks", region=self.region, desired_count=self.least,
            task_definition=self.task_definition,
        )  # fmt: skip
        alb = parts.balancer(self.region, 0, 0, name=f"{self.prefix}alb")
        nat = NatGateway(name=f"{self.prefix}nat", region=self.region)
        return alb, tasks, self.database, nat

    def tier(
        self, request_kb: float, response_kb: float, cpu_share: float, queries: Queries,
        cpu_target_percent: float,
    ) -> Tasks:  # fmt: skip
        """The same as it serves."""
        return Tasks(
            load_balancer=parts.balancer(
                self.region, request_kb, response_kb, name=f"{self.prefix}alb"
            ),
            service=Service(
                name=f"{self.prefix}tasks", region=self.region, desired_count=self.least,
                task_definition=self.task_definition,
                application=parts.application(self.vcpu, cpu_share, queries),
                scaling=parts.task_scaling(self.least, self.most, cpu_target_percent),
            ),
            database=Database.of(self.database),
            slowdown=parts.shared_slowdown(self.vcpu, cpu_share),
        )  # fmt: skip


@checked
def saas_platform(
    *, region: str = "us-east-1", tenants: Number = 100, premium_share: Share = 0.1,
    isolation: Literal["pooled", "siloed", "tiered"] = "pooled", vcpu: Positive = 0.5,
    min_tasks: Number = 2, max_tasks: Number = 20, db_instance_class: str = "db.t4g.medium",
    allocated_storage_gb: Positive = 100, silo_vcpu: Positive = 0.25, silo_min_tasks: Number = 1,
    silo_max_tasks: Number = 4, silo_db_instance_class: str = "db.t4g.micro",
    silo_allocated_storage_gb: Positive = 20, multi_az: bool = True, staging_tasks: Count = 1,
    staging_db_instance_class: str = "db.t4g.micro", dev_tasks: Count = 1,
    dev_db_instance_class: str = "db.t4g.micro", query_seconds: Positive = 0.01,
    cpu_target_percent: Percent = 60, cpu_share: PositiveShare = 0.25, request_kb: Amount = 2,
    response_kb: Amount = 10, log_kb: Amount = 1, nat_gateways: Number = 2,
) -> Architecture:  # fmt: skip
    """One stack for all tenants (pooled), one for each (siloed), or one for each premium tenant.

    Tenants ask evenly. Each stack has a load balancer, tasks on Fargate and a database of its own.
    Staging and dev are small stacks that nobody asks, with one zone and one NAT gateway; with 0
    tasks there is no such environment.
    """
    alone = {"pooled": 0, "siloed": tenants, "tiered": round(tenants * premium_share)}[isolation]
    pool = Stack(
        region=region, prefix="", vcpu=vcpu, least=min_tasks, most=max_tasks, multi_az=multi_az,
        db_instance_class=db_instance_class, storage_gb=allocated_storage_gb,
    )  # fmt: skip
    silo = Stack(
        region=region, prefix="silo-", vcpu=silo_vcpu, least=silo_min_tasks, most=silo_max_tasks,
        multi_az=multi_az, db_instance_class=silo_db_instance_class,
        storage_gb=silo_allocated_storage_gb,
    )  # fmt: skip
    queries = Queries(time=Exponential(mean_seconds=query_seconds))
    shared = tenants - alone
    branches = [
        Branch(
            stack.tier(request_kb, response_kb, cpu_share, queries, cpu_target_percent),
            share=count / tenants, copies=copies, standing=(stack.database,),
        )
        for stack, count, copies in ((pool, shared, 1), (silo, alone, alone))
        if count
    ]  # fmt: skip
    idle = [
        replace(silo, prefix=prefix, least=tasks, db_instance_class=kind, multi_az=False)
        for prefix, tasks, kind in (
            ("staging-", staging_tasks, staging_db_instance_class),
            ("dev-", dev_tasks, dev_db_instance_class),
        )
        if tasks
    ]
    standing = [one for stack in idle for one in stack.idle()]
    main = "" if shared else "silo-"
    return Architecture(
        name="saas-platform",
        summary=f"Software for {tenants:,} tenants, {isolation}, in three environments.",
        tiers=(Parallel("tenants", tuple(branches)),),
        standing=tuple(standing),
        following=parts.Answers(region, response_kb, log_kb, nat_gateways),
        path=(f"{main}alb", f"{main}tasks", f"{main}db"),
        links=_links(main, bool(shared and alone), [one.prefix for one in idle]),
        left_out=(
            "Tenants who ask more than others, sign-up and metering, what a deployment to so many"
            " stacks costs people. Environments that are shut down at night. CPU credits."
        ),
    )  # fmt: skip


def _links(main: str, both: bool, idle: list[str]) -> tuple[tuple[str, str], ...]:
    chains = [("silo-alb", "silo-tasks"), ("silo-tasks", "silo-db")] if both else []
    for prefix in idle:
        chains += [(f"{prefix}alb", f"{prefix}tasks"), (f"{prefix}tasks", f"{prefix}db")]
    return (f"{main}tasks", "nat"), ("nat", "logs"), *chains
