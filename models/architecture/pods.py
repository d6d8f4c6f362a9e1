"""A tier of Kubernetes pods on the nodes of a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.architecture.balancing import balancer_usage
from models.architecture.fleet import mean_of_hours
from models.architecture.load import Load
from models.architecture.sizing import whole_above
from models.architecture.tiers import overload
from models.distributions import Duration
from models.metering import Usage
from models.resource import Resource
from models.scaling.horizontal_pod_autoscaler import HorizontalPodAutoscaler
from models.scaling.node_autoscaler import ClusterAutoscaler, Karpenter
from models.services.eks import Deployment, Nodegroup
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation.deployment import DeploymentRun, simulate_deployment
from models.simulation.fluid_latency import add_latencies
from models.simulation.latency import quantile_seconds
from models.simulation.metered import over_period
from models.units import SECONDS_PER_HOUR, BillingPeriod
from models.workload import Trace

_LATENCIES = ("mean_latency_seconds", "p50_seconds", "p90_seconds", "p99_seconds")


@dataclass(frozen=True)
class PodsRun:
    """What happened at the pods. Latency is approximate: see `Pods`.

    Parameters
    ----------
    run : DeploymentRun
    load_balancer : ApplicationLoadBalancer
    work : Duration
        Time that a request holds a worker of a pod. [s]
    workers : int
        Of a pod.
    """

    run: DeploymentRun
    load_balancer: ApplicationLoadBalancer
    work: Duration
    workers: int

    records = None

    @property
    def duration_seconds(self) -> float:
        """Time simulated. [s]"""
        return self.run.duration_seconds

    @property
    def outcomes(self) -> Mapping[str, float]:
        """Requests by how they ended; ``rejected`` came when ready pods had no capacity left."""
        lost = max(self.run.requests - self.run.served, 0.0)
        return {"ok": self.run.served, "rejected": lost, "unfinished": 0.0}

    @cached_property
    def histogram(self) -> NDArray[np.float64]:
        """Answers by the time that they took, in expected numbers."""
        ready = np.maximum(self.run.column("ready"), 1.0)
        per_second = self.run.column("served") / self.run.column("seconds")
        columns = {name: np.zeros(len(ready)) for name in _LATENCIES}
        columns |= {
            "offered_erlangs": per_second * self.work.mean_seconds / ready,
            "backlog_seconds": np.zeros(len(ready)),
            "ok": self.run.column("served"),
        }
        return add_latencies(columns, self.work, self.workers)[0]

    def latency_seconds(self, share: float) -> float:
        """Time within which `share` of the answers came, approximately. [s]"""
        return quantile_seconds(self.histogram, share)

    def usage(self, period: BillingPeriod) -> Usage:
        """Nodes and load balancer; the cluster stands with the architecture."""
        nodes = over_period(self.run.metered_hourly(period), self.duration_seconds, period)
        hours = (self.run.column("start_seconds") // SECONDS_PER_HOUR).astype(int)
        requests = np.bincount(hours, weights=self.run.column("requests")).astype(np.float64)
        balancer = balancer_usage(self.load_balancer, requests, self.duration_seconds, period)
        return nodes + balancer


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Pods of a Deployment behind a load balancer, on the nodes of a group.

    Requests are a stream that is spread evenly over the pods that are ready; what comes above
    their capacity is lost at once. Latency is that of a queue with a pod's workers (M/G/c, by
    `models.simulation.fluid_latency`) at the load of each minute. That is approximate: there is no
    line from one minute to the next, and no request is timed by itself.

    Parameters
    ----------
    load_balancer : ApplicationLoadBalancer
    deployment : Deployment
    nodegroup : Nodegroup
    autoscaler : HorizontalPodAutoscaler
    node_autoscaler : ClusterAutoscaler or Karpenter, optional
        Without it the number of nodes stays.
    workers : int
        Requests that a pod works on at a time.
    cpu_share : float
        Share of a request's work that uses a processor. [share]
    slowdown : float
        How much longer a request holds a worker here than the trace says.
    """

    load_balancer: ApplicationLoadBalancer
    deployment: Deployment
    nodegroup: Nodegroup
    autoscaler: HorizontalPodAutoscaler
    node_autoscaler: ClusterAutoscaler | Karpenter | None = None
    workers: int = 1
    cpu_share: float = 1.0
    slowdown: float = 1.0

    asynchronous = False

    @property
    def name(self) -> str:
        """That of the Deployment."""
        return self.deployment.name

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Load balancer and nodes."""
        return self.load_balancer, self.nodegroup

    @property
    def most_nodes(self) -> int:
        """Nodes at most."""
        group = self.nodegroup
        return int(group.desired_size if group.max_size is None else group.max_size)

    @property
    def most_pods(self) -> int:
        """Pods that may run, and have room on the most nodes."""
        room = self.most_nodes * self.nodegroup.pods_per_node(self.deployment.pod)
        return min(self.autoscaler.max_replicas, room)

    def _cpu_seconds(self, load: Load) -> float:
        """CPU time of a request. [s]"""
        return load.work.mean_seconds * self.cpu_share

    def capacity_per_second(self, load: Load) -> float:
        """Requests that the most pods can answer. [1/s]"""
        return self.most_pods * self.deployment.most_cpu / self._cpu_seconds(load)

    def obstacles(self, load: Load) -> Iterator[str]:
        """Fewer pods, or less room for them, than the busiest hour needs."""
        limit = f"{self.most_pods} pods on {self.most_nodes} nodes"
        yield from overload(self.name, load, self.capacity_per_second(load), limit)

    def simulate(self, trace: Trace, *, seed: int, keep_records: bool = False) -> PodsRun:
        """Run the expected rate of a trace through the pods."""
        run = simulate_deployment(
            self.deployment, trace.slowed(self.cpu_share), nodegroup=self.nodegroup,
            autoscaler=self.autoscaler, node_autoscaler=self.node_autoscaler, seed=seed,
        )  # fmt: skip
        work = trace.slowed(self.slowdown).work
        return PodsRun(run, self.load_balancer, work, self.workers)

    def estimate(self, load: Load, period: BillingPeriod) -> Usage:
        """Pods that the autoscaler settles on, hour by hour, the nodes for them, the balancer."""
        scaler, group = self.autoscaler, self.nodegroup
        target = scaler.target_cpu_utilization_percent / 100 * self.deployment.cpu_request
        wanted = whole_above(load.per_second * self._cpu_seconds(load) / target)
        pods = np.clip(wanted, scaler.min_replicas, scaler.max_replicas)
        nodes = np.full(len(pods), float(group.desired_size))
        if self.node_autoscaler is not None:
            needed = np.ceil(pods / group.pods_per_node(self.deployment.pod))
            nodes = np.clip(needed, max(group.min_size, 1), self.most_nodes)
        one = group.replace(desired_size=1, min_size=0, max_size=None)
        metered = one.estimate(period).scaled(mean_of_hours(nodes, load))
        return metered + balancer_usage(
            self.load_balancer, load.hourly_requests, load.duration_seconds, period
        )
