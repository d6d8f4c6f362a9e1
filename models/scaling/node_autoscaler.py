"""When a Kubernetes cluster gets more nodes or fewer: Cluster Autoscaler and Karpenter.

Both look at what pods request, never at what they use. Cluster Autoscaler changes the size of a
node group; Karpenter launches nodes itself and has no group.

Documented: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md and
https://karpenter.sh/docs/concepts/disruption/.

Leaves out: choosing between node groups (expanders) or instance types (Karpenter takes the cheapest
that fits, and replaces nodes by cheaper ones: prices are not known here), Spot, drift, expiry,
pod disruption budgets, affinity, graceful termination, nodes that never become ready.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from models.distributions import Duration, Uniform
from models.quotas import value_of
from models.resource import Settings
from models.scaling.packing import Host, HostSize, Item, pack, place

Positive = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]

_NOTHING = Item(0.0, 0.0)


def _default(name: str) -> float:
    return float(value_of("eks", name))


def _node_ready(autoscaler: str) -> Uniform:
    least, most = (
        value_of("eks", f"{autoscaler}_node_ready_seconds_{bound}") for bound in ("min", "max")
    )
    return Uniform(low_seconds=least, high_seconds=most)


class ClusterAutoscaler(Settings):
    """Changes the size of a node group when pods find no room or nodes no use."""

    scan_interval_seconds: Positive = _default("scan_interval_seconds")
    """How often it looks. [s]"""
    scale_down_utilization_threshold: Share = _default("scale_down_utilization_threshold")
    """A node whose pods request less than this of it may go. [share]"""
    scale_down_unneeded_seconds: NotNegative = _default("scale_down_unneeded_seconds")
    """How long a node must have been unneeded before it goes. [s]"""
    scale_down_delay_after_add_seconds: NotNegative = _default("scale_down_delay_after_add_seconds")
    """How long no node goes after one was added. That the time it has been unneeded runs on
    meanwhile is assumed. [s]"""
    max_empty_bulk_delete: Annotated[int, Field(ge=1, strict=True)] = int(
        value_of("eks", "max_empty_bulk_delete")
    )
    """Most empty nodes that go at a time; of others one."""
    node_ready: Duration = _node_ready("cluster_autoscaler")
    """From the request for a node to pods being put on it. Assumed, low confidence. [s]"""


class Karpenter(Settings):
    """Launches nodes for a batch of pending pods, and removes those whose pods fit elsewhere."""

    batch_idle_seconds: Positive = _default("karpenter_batch_idle_seconds")
    """The batch closes after this long without another pending pod. [s]"""
    batch_max_seconds: Positive = _default("karpenter_batch_max_seconds")
    """The batch closes after this long in any case. [s]"""
    consolidate_after_seconds: NotNegative = _default("karpenter_consolidate_after_seconds")
    """How long no pod must have come to or gone from a node before it may be removed. [s]"""
    disruption_budget_share: Share = value_of("eks", "karpenter_disruption_budget_percent") / 100
    """Share of the nodes that may be removed at a time, rounded up."""
    consolidation_poll_seconds: Positive = _default("karpenter_consolidation_poll_seconds")
    """How often it looks for nodes to remove. Assumed. [s]"""
    node_ready: Duration = _node_ready("karpenter")
    """From the request for a node to pods being put on it. Assumed, low confidence. [s]"""


def nodes_to_add(pending: Iterable[Item], upcoming: Sequence[Host], size: HostSize) -> int:
    """Nodes that must come so that every pending pod has room.

    Parameters
    ----------
    pending : iterable of Item
        What pods without a node ask for.
    upcoming : sequence of Host
        Nodes that are on their way; they take pods first, and are left as they are.
    size : HostSize
        What a new node has.

    Raises
    ------
    InvalidInputError
        Where a pod would not fit on an empty node.

    Notes
    -----
    Documented for Cluster Autoscaler ("How does scale-up work?"): it estimates the number by
    packing the pods on nodes of the group. That the largest come first is how its estimator packs.

    Examples
    --------
    >>> size = HostSize(cpu=2, memory=8)
    >>> nodes_to_add([Item(1, 1)] * 5, [], size), nodes_to_add([Item(1, 1)] * 5, [Host(size)], size)
    (3, 2)
    """
    hosts = [Host(host.size, items=list(host.items)) for host in upcoming]
    items = sorted(pending, reverse=True)
    left = [item for item, host in zip(items, place(items, hosts), strict=True) if host is None]
    return len(pack(left, size))


def requested_share(host: Host, daemonsets: Item = _NOTHING) -> float:
    """Share of a node that its pods request: of CPU or memory, whichever is more.

    Parameters
    ----------
    host : Host
        Whose size already keeps back what the pods of daemon sets request.
    daemonsets : Item
        What those request; they count as pods of the node. [unit of the host]

    Notes
    -----
    Documented for Cluster Autoscaler (``scale-down-utilization-threshold``; pods of daemon sets are
    included by default).

    Examples
    --------
    >>> host = Host(HostSize(cpu=2, memory=8, reserved_cpu=0.2), items=[Item(0.5, 1)])
    >>> round(requested_share(host), 3), round(requested_share(host, Item(0.1, 0)), 3)
    (0.278, 0.316)
    """
    usable, free = host.size.usable, host.free
    shares = [
        (has - left + everywhere) / (has + everywhere)
        for has, left, everywhere in zip(usable, free, daemonsets, strict=True)
    ]
    return max(shares)


def can_move(host: Host, others: Sequence[Host]) -> bool:
    """Whether all pods of a node would find room on the others, which are left as they are.

    >>> size = HostSize(cpu=2, memory=8)
    >>> busy, idle = Host(size, items=[Item(1, 1)]), Host(size, items=[Item(0.5, 1)])
    >>> can_move(idle, [busy]), can_move(idle, [])
    (True, False)
    """
    copies = [Host(one.size, items=list(one.items)) for one in others]
    return None not in place(host.items, copies)


def disruptions_allowed(nodes: int, going: int, not_ready: int, budget_share: float) -> int:
    """Nodes that Karpenter may remove now.

    Documented: https://karpenter.sh/docs/concepts/disruption/, "Disruption budgets": the share of
    all nodes is rounded up, and those that are going or not ready count against it.

    >>> disruptions_allowed(19, going=0, not_ready=0, budget_share=0.1)
    2
    >>> disruptions_allowed(19, going=1, not_ready=2, budget_share=0.1)
    0
    """
    return max(math.ceil(round(nodes * budget_share, 9)) - going - not_ready, 0)


def batch_closes(pending_since: Sequence[float], idle: float = 1.0, most: float = 10.0) -> float:
    """When Karpenter stops waiting for more pending pods and launches nodes. [s]

    Parameters
    ----------
    pending_since : sequence of float
        When the pods became pending, rising; the first opens the batch. [s]
    idle, most : float
        See `Karpenter`. [s]

    Notes
    -----
    Documented: https://karpenter.sh/docs/reference/settings/ (batch idle and batch max duration).

    Examples
    --------
    >>> batch_closes([0.0, 0.5, 3.0]), batch_closes([0.9 * pod for pod in range(50)])
    (1.5, 10.0)
    """
    first = last = pending_since[0]
    for since in pending_since[1:]:
        if since > min(last + idle, first + most):
            break
        last = since
    return min(last + idle, first + most)
