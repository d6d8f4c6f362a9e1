"""On-Demand Instances: per second while running, nothing while stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator

from models.billed_time import billed_seconds, hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.services.ec2.addresses import ADDRESS_IN_USE, address_hours
from models.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR, BillingPeriod

#: Metrics that detailed monitoring sends for each instance. AWS counts 7 in its own example; the
#: number depends on the instance type. Documented: https://aws.amazon.com/cloudwatch/pricing/
#: ("EC2 Detailed Monitoring").
METRICS_PER_INSTANCE = 7

#: AWS's operation codes of an AMI's platform. Documented:
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html
OPERATIONS = {"Linux/UNIX": "RunInstances", "Windows": "RunInstances:0002"}

#: Families that may spend surplus CPU credits. Documented:
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html
BURSTABLE_FAMILIES = ("t2", "t3", "t3a", "t4g")

InstanceType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")]

DETAILED_MONITORING = Meter(
    "AmazonCloudWatch", "CW:MetricMonitorUsage", "Metrics",
    name="Detailed monitoring metrics",
    rule="Seven metrics for each instance with detailed monitoring, for the part of the month"
    " that it runs; tiers add up with custom metrics.",
    lever="Leave detailed monitoring off where five-minute metrics are enough.",
)  # fmt: skip


def instance_meter(instance_type: str, operation: str) -> Meter:
    """What counts the hours of one instance type."""
    return Meter(
        "AmazonEC2", f"BoxUsage:{instance_type}", "Hrs", operation,
        name=f"{instance_type} On-Demand",
        rule="Running seconds are charged, at least 60 for each start; a stopped instance is not"
        " charged, its volumes and addresses are.",
        lever="Stop it when nobody uses it, take a smaller or newer type, or commit to it"
        " (Savings Plans) if it always runs.",
    )  # fmt: skip


def credits_meter(family: str) -> Meter:
    """What counts the vCPU-hours that surplus CPU credits of a T family stand for."""
    return Meter(
        "AmazonEC2", f"CPUCredits:{family}", "vCPU-Hours",
        name=f"Surplus CPU credits of {family}",
        rule="Credits spent beyond what an instance earns in 24 hours are charged; 60 credits are"
        " one vCPU-hour.",
        lever="Take a larger or non-burstable type, or standard mode, for steady CPU load.",
    )  # fmt: skip


def license_meter() -> Meter:
    """What counts license-included vCPU-hours under Optimize CPUs.

    The usage type is our label: AWS's own could not be read.
    """
    return Meter(
        "AmazonEC2", "OptimizeCPUs:LicenseUsage", "vCPU-Hours",
        name="Windows and SQL Server license",
        rule="With Optimize CPUs the license is charged for each active vCPU and hour, apart from"
        " the instance.",
        lever="Switch off vCPUs that the workload does not need.",
    )  # fmt: skip


def surplus_vcpu_hours(credits: Quantity) -> Quantity:
    """vCPU-hours charged for CPU credits: one credit is one vCPU-minute. [vCPU-h]

    Documented: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/unlimited-mode-examples.html

    >>> round(surplus_vcpu_hours(25), 4)
    0.4167
    """
    return credits / MINUTES_PER_HOUR


class Instance(Resource):
    """An On-Demand Instance, or several alike. Its volumes are resources of their own."""

    instance_type: InstanceType
    """AWS's name of the type, such as t3.medium."""
    count: Count = 1
    """How many such instances."""
    hours: Amount | None = None
    """Hours each one runs in the period, all its runs together; the whole period if not given.
    A stopped instance runs 0 hours. [h]"""
    starts: Count = 1
    """How often each one is started in the period; its hours are spread evenly over the starts,
    and each start is charged for at least 60 seconds."""
    platform_details: Literal["Linux/UNIX", "Windows"] = "Linux/UNIX"
    """Platform of the machine image, in AWS's words."""
    monitoring: bool = False
    """Detailed monitoring: metrics every minute in place of every five."""
    associate_public_ip_address: bool = False
    """Whether each has a public IPv4 address of its own, which it gives back when it stops."""
    surplus_credits: Amount = 0
    """CPU credits of all instances together that AWS charges for in the period (T family in
    unlimited mode)."""
    licensed_vcpus: Count = 0
    """With Optimize CPUs on a license-included Windows image: active vCPUs of each instance. The
    instance is then charged at its Linux rate, and the license for each of these vCPUs."""

    @field_validator("surplus_credits")
    @classmethod
    def _burstable(cls, value: Quantity, info: ValidationInfo) -> Quantity:
        family = info.data.get("instance_type", "t3.").partition(".")[0]
        if np.any(value) and family not in BURSTABLE_FAMILIES:
            allowed = ", ".join(BURSTABLE_FAMILIES)
            raise ValueError(f"must be 0: {family} earns no CPU credits; allowed: {allowed}")
        if np.any(value) and info.data.get("platform_details") == "Windows":
            raise ValueError("must be 0 on Windows, whose credits have another price")
        return value

    @field_validator("licensed_vcpus")
    @classmethod
    def _license_included(cls, value: Quantity, info: ValidationInfo) -> Quantity:
        if np.any(value) and info.data.get("platform_details") != "Windows":
            raise ValueError("must be 0 unless platform_details is 'Windows'")
        return value

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield instance-hours, metrics, addresses, surplus credits and licenses."""
        hours = hours_within(self.hours, period, self.name)
        billed = self.count * billed_seconds(hours * SECONDS_PER_HOUR, self.starts)
        yield self._compute(), billed / SECONDS_PER_HOUR
        if self.monitoring:
            yield DETAILED_MONITORING, METRICS_PER_INSTANCE * self.count * hours / period.hours
        if self.associate_public_ip_address:
            yield ADDRESS_IN_USE, self.count * address_hours(hours)
        yield credits_meter(self.family), surplus_vcpu_hours(self.surplus_credits)
        yield license_meter(), self.licensed_vcpus * billed / SECONDS_PER_HOUR

    @property
    def family(self) -> str:
        """Family and generation of the type: t3 of t3.medium."""
        return self.instance_type.partition(".")[0]

    def _compute(self) -> Meter:
        bare = np.any(self.licensed_vcpus)
        return instance_meter(
            self.instance_type, OPERATIONS["Linux/UNIX" if bare else self.platform_details]
        )
