"""`simulate_deployment`: pods, nodes, what scales them, and a trace in; what happened, out."""

from __future__ import annotations

import numpy as np

from models.errors import InvalidInputError
from models.scaling.horizontal_pod_autoscaler import HorizontalPodAutoscaler
from models.scaling.node_autoscaler import ClusterAutoscaler, Karpenter
from models.services.eks import Cluster, Deployment, Nodegroup
from models.simulation.activities import ActivityLog
from models.simulation.clock import Clock
from models.simulation.deployment.autoscaling import (
    ClusterAutoscaling,
    KarpenterScaling,
    PodScaling,
)
from models.simulation.deployment.fleet import Fleet
from models.simulation.deployment.pods import PodController
from models.simulation.deployment.record import Record
from models.simulation.deployment.run import DeploymentRun
from models.simulation.deployment.stream import Stream
from models.simulation.streams import stream
from models.workload import Trace


def simulate_deployment(
    deployment: Deployment,
    trace: Trace,
    *,
    nodegroup: Nodegroup,
    autoscaler: HorizontalPodAutoscaler | None = None,
    node_autoscaler: ClusterAutoscaler | Karpenter | None = None,
    cluster: Cluster | None = None,
    seed: int = 0,
) -> DeploymentRun:
    """Run the expected rate of a trace through pods on the nodes of a cluster.

    A pod serves as many requests as its CPU limit has room for, and what comes above that is lost.
    The autoscaler of pods looks at the CPU they use; the autoscaler of nodes at what they request.

    Parameters
    ----------
    deployment : Deployment
        The pods at the start, those that fit on the nodes ready.
    trace : Trace
        How many requests come over time, and how much CPU time each is; what is drawn from it
        elsewhere is not drawn here.
    nodegroup : Nodegroup
        The nodes at the start, ready; its smallest and largest size hold for either autoscaler.
        Under Karpenter it stands for a node pool of one instance type.
    autoscaler : HorizontalPodAutoscaler, optional
        Without it the number of pods stays.
    node_autoscaler : ClusterAutoscaler or Karpenter, optional
        Without it the number of nodes stays.
    cluster : Cluster, optional
        The control plane that `usage` counts; one in standard support unless given.
    seed : int
        Of the times that nodes and pods take.

    Returns
    -------
    DeploymentRun

    Raises
    ------
    InvalidInputError
        Where a pod does not fit on an empty node, the node group is a sweep, or the trace is not an
        open one.

    Notes
    -----
    Assumed: requests are spread evenly over the ready pods; a pod that is removed stops at once; a
    node that is removed is gone at once. What the autoscalers do is documented, where it is, with
    their rules in `models.scaling`. Left out: lines of waiting requests and with them latency,
    other Deployments on the same nodes, zones, rolling updates, pod disruption budgets.

    Examples
    --------
    >>> from models.workload import Constant
    >>> run = simulate_deployment(
    ...     Deployment(replicas=4, cpu_request=0.5),
    ...     Constant(rate_per_second=15, duration_seconds=3600),
    ...     nodegroup=Nodegroup(name="nodes", desired_size=2),
    ...     autoscaler=HorizontalPodAutoscaler(max_replicas=8, target_cpu_utilization_percent=75),
    ... )
    >>> run
    DeploymentRun(1 h, 54,000 requests, 0.00% unserved, at most 4 pods on 2 nodes, 2 node-hours)
    """
    if not isinstance(trace, Trace):
        raise InvalidInputError("trace must be an open workload, whose rate is known beforehand")
    if np.ndim(nodegroup.desired_size):
        raise InvalidInputError("nodegroup.desired_size must be one number; a run has one size")
    nodegroup.pods_per_node(deployment.pod)
    clock, log, end = Clock(), ActivityLog(trace.start), trace.duration_seconds
    work = trace.work.mean_seconds
    flow = Stream(clock, trace, deployment.most_cpu / work)
    node_ready = nodegroup.launch if node_autoscaler is None else node_autoscaler.node_ready
    fleet = Fleet(clock, nodegroup, node_ready, stream(seed, "nodes"), log)
    pods = PodController(clock, deployment, fleet, flow, stream(seed, "pods"))
    if autoscaler is not None:
        PodScaling(clock, autoscaler, pods, work_seconds=work, log=log, end_seconds=end)
    if isinstance(node_autoscaler, ClusterAutoscaler):
        ClusterAutoscaling(clock, node_autoscaler, fleet, pods, end)
    elif node_autoscaler is not None:
        KarpenterScaling(clock, node_autoscaler, fleet, pods, end)
    record = Record(clock, pods, fleet, work, end)
    clock.run_to(end)
    totals = flow.totals()
    return DeploymentRun(
        duration_seconds=end, seed=seed, deployment=deployment, nodegroup=nodegroup,
        cluster=Cluster(name="cluster", region=nodegroup.region) if cluster is None else cluster,
        requests=totals.requests, served=totals.served, activities=log.entries(),
        _columns=record.columns(), _nodes=(*fleet.retired, *fleet.nodes),
    )  # fmt: skip
