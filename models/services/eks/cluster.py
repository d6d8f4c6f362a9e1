"""The control plane: charged by the hour, and six times as much once its version is old."""

from __future__ import annotations

from collections.abc import Iterator

from models.billed_time import hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource, Share
from models.units import BillingPeriod

CLUSTER_HOURS = Meter(
    "AmazonEKS", "AmazonEKS-Hours:perCluster", "Hrs",
    name="EKS cluster hours",
    rule="Every hour that a cluster exists is charged, with or without nodes.",
    lever="Share a cluster between applications (namespaces), and delete those nobody uses.",
)  # fmt: skip
EXTENDED_SUPPORT = Meter(
    "AmazonEKS", "AmazonEKS-Hours:extendedSupport", "Hrs",
    name="EKS extended support",
    rule="Every hour in which the Kubernetes version of a cluster is past its standard support, on"
    " top of the cluster hour.",
    lever="Upgrade before standard support ends, 14 months after a version's release in EKS; or set"
    " the upgrade policy to STANDARD, which upgrades by itself then.",
)  # fmt: skip


class Cluster(Resource):
    """A Kubernetes control plane, or several alike.

    Documented: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
    """

    count: Count = 1
    """How many such clusters."""
    hours: Amount | None = None
    """Hours each exists in the period; the whole period if not given. [h]"""
    extended_support_share: Share = 0
    """Share of these hours in which its Kubernetes version is in extended support."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield cluster hours and hours of extended support."""
        hours = self.count * hours_within(self.hours, period, self.name)
        yield CLUSTER_HOURS, hours
        yield EXTENDED_SUPPORT, hours * self.extended_support_share
