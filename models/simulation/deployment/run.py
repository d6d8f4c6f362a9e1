"""The result of a simulated Deployment: facts, and what is read from them. Immutable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.billed_time import MINIMUM_SECONDS, billed_seconds
from models.metering import Meter, Usage, UsageKey
from models.services.eks import Cluster, Deployment, Nodegroup
from models.simulation.activities import Activity
from models.simulation.deployment.fleet import Node
from models.simulation.metered import HourlyUsage, hourly_seconds, over_period
from models.simulation.shown import WithTimeline, as_table
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class DeploymentRun(WithTimeline):
    """What happened when a trace met a Deployment.

    Parameters
    ----------
    duration_seconds : float
        [s]
    seed : int
    deployment : Deployment
    nodegroup : Nodegroup
    cluster : Cluster
    requests, served : float
        Requests that came, and those that ready pods had the capacity for.
    activities : tuple of Activity
        Of pods under the Deployment's name, of nodes under the node group's.
    """

    duration_seconds: float
    seed: int
    deployment: Deployment
    nodegroup: Nodegroup
    cluster: Cluster
    requests: float
    served: float
    activities: tuple[Activity, ...]
    _columns: Mapping[str, NDArray[np.float64]] = field(repr=False)
    _nodes: tuple[Node, ...] = field(repr=False)

    @property
    def unserved_share(self) -> float:
        """Share of the requests that came when ready pods had no capacity left. [share]"""
        return 1 - self.served / self.requests

    @property
    def node_hours(self) -> float:
        """Hours of nodes that AWS charges for in the time simulated. [h]"""
        return float(_billed(self._nodes, self.duration_seconds).sum()) / SECONDS_PER_HOUR

    def usage(self, period: BillingPeriod = TYPICAL) -> Usage:
        """What AWS counts in a billing period throughout which things go as in this run.

        The usage is scaled, not the cost: price it once, because tiers make cost a curve.
        """
        nodes = over_period(self.metered_hourly(period), self.duration_seconds, period)
        return self.cluster.estimate(period) + nodes

    def metered_hourly(self, period: BillingPeriod = TYPICAL) -> HourlyUsage:
        """Usage of the nodes in each hour of the run.

        `period` says how many hours a month has, by which AWS counts volumes.
        """
        group, end = self.nodegroup, self.duration_seconds
        running = _billed(self._nodes, end)
        existing = hourly_seconds(
            np.array([node.launched_seconds for node in self._nodes]),
            np.array([min(node.terminated_seconds, end) for node in self._nodes]),
            len(running),
        )

        def metered() -> Iterator[tuple[Meter, NDArray[np.float64]]]:
            for meter, month in group.instances(1, hours=None, starts=1).metered(period):
                yield meter, running / SECONDS_PER_HOUR / period.hours * month
            for meter, month in group.volumes(1, hours=None).metered(period):
                yield meter, existing / SECONDS_PER_HOUR / period.hours * month

        return {
            UsageKey(group.name, group.region, meter): hourly
            for meter, hourly in metered()
            if np.any(hourly)
        }

    def summary(self) -> dict[str, float]:
        """The figures that people compare runs by."""
        return {
            "requests": self.requests,
            "unserved_share": self.unserved_share,
            "most_pods": float(self.column("ready").max()),
            "mean_pods": float(np.average(self.column("ready"), weights=self.column("seconds"))),
            "most_pending": float(self.column("pending").max()),
            "most_nodes": float(self.column("nodes").max()),
            "node_hours": self.node_hours,
            "activities": float(len(self.activities)),
        }

    def __repr__(self) -> str:
        hours = self.duration_seconds / SECONDS_PER_HOUR
        return (
            f"DeploymentRun({quantity_text(hours)} h, {quantity_text(round(self.requests))}"
            f" requests, {self.unserved_share:.2%} unserved,"
            f" at most {self.column('ready').max():.0f} pods on {self.column('nodes').max():.0f}"
            f" nodes, {quantity_text(round(self.node_hours, 1))} node-hours)"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("Time simulated", f"{quantity_text(self.duration_seconds / SECONDS_PER_HOUR)} hours"),
            ("Requests", quantity_text(round(self.requests))),
            ("Not served", f"{self.unserved_share:.2%}"),
            ("Most pods ready", f"{self.column('ready').max():.0f}"),
            ("Most pods pending", f"{self.column('pending').max():.0f}"),
            ("Most nodes ready", f"{self.column('nodes').max():.0f}"),
            ("Node-hours", quantity_text(round(self.node_hours, 1))),
            ("Scaling activities", str(len(self.activities))),
        ]
        return as_table(rows, "Requests are a stream; nothing is said about latency")


def _billed(nodes: Sequence[Node], end: float) -> NDArray[np.float64]:
    """Node-seconds charged in each hour of a run that lasts until `end`. [s]"""
    ran = [node for node in nodes if node.running_seconds < end]
    starts = np.array([node.running_seconds for node in ran], dtype=np.float64)
    gone = np.array([node.terminated_seconds for node in ran], dtype=np.float64)
    ends = np.where(gone <= end, starts + billed_seconds(gone - starts), end)
    return hourly_seconds(starts, ends, int(np.ceil((end + MINIMUM_SECONDS) / SECONDS_PER_HOUR)))
