"""Who changes the number of pods and of nodes, and when they look."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from models.quotas import value_of
from models.scaling.horizontal_pod_autoscaler import (
    HorizontalPodAutoscaler,
    PodCountController,
    PodMetric,
)
from models.scaling.node_autoscaler import (
    ClusterAutoscaler,
    Karpenter,
    batch_closes,
    can_move,
    disruptions_allowed,
    nodes_to_add,
    requested_share,
)
from models.simulation.activities import ActivityLog
from models.simulation.clock import Clock
from models.simulation.deployment.fleet import NEVER, Fleet, Node
from models.simulation.deployment.pods import PodController

SYNC_SECONDS = float(value_of("eks", "hpa_sync_seconds"))


class PodScaling:
    """Reads CPU utilization every 15 seconds and sets the number of pods.

    Assumed: a datapoint is the mean of the last 15 seconds, which is as often as the metrics server
    collects (https://github.com/kubernetes-sigs/metrics-server), and is there at once; pods that
    have not been ready for all of it are not ready to the autoscaler.

    Parameters
    ----------
    clock : Clock
    autoscaler : HorizontalPodAutoscaler
    pods : PodController
    work_seconds : float
        CPU time of a request. [s]
    log : ActivityLog
    end_seconds : float
        When the run ends. [s]
    """

    def __init__(
        self, clock: Clock, autoscaler: HorizontalPodAutoscaler, pods: PodController,
        *, work_seconds: float, log: ActivityLog, end_seconds: float,
    ) -> None:  # fmt: skip
        self.clock, self.autoscaler, self.pods = clock, autoscaler, pods
        self._controller = PodCountController(autoscaler, pods.desired)
        self._last = pods.stream.totals()
        self._work, self._log = work_seconds, log
        clock.process(clock.every(SYNC_SECONDS, end_seconds, self._sync))

    def _sync(self) -> None:
        now, pods = self.clock.now, self.pods
        totals = pods.stream.totals()
        flowed, self._last = totals.since(self._last), totals
        ready = pods.ready_since(now - SYNC_SECONDS)
        percent = used_percent(
            flowed.served, flowed.pod_seconds, self._work, pods.deployment.cpu_request
        )
        target = self.autoscaler.target_cpu_utilization_percent
        metric = PodMetric(percent, target, ready, not_ready=len(pods.pods) - ready)
        desired = self._controller.read(now, pods.desired, [metric])
        if desired != pods.desired:
            self._rescale(desired, percent)

    def _rescale(self, desired: int, percent: float) -> None:
        now, before = self.clock.now, self.pods.desired
        where = "above" if desired > before else "below"
        activity = self._log.begin(
            now, f"New size: {desired}",
            f"At {self._log.timestamp(now)} CPU utilization of the pods was {percent:.0f}% of their"
            f" requests, {where} the target of {self.autoscaler.target_cpu_utilization_percent}%,"
            f" changing the number of pods from {before} to {desired}.",
            group=self.pods.deployment.name, change=desired - before,
        )  # fmt: skip
        self.pods.scale_to(desired)
        self._log.end(activity, now)


def used_percent(served: float, pod_seconds: float, work: float, request: float) -> float:
    """CPU that pods used on average, of what they requested; 0 without pods. [percent]

    >>> used_percent(served=150, pod_seconds=30, work=0.1, request=1.0)
    50.0
    """
    return 100 * served * work / (pod_seconds * request) if pod_seconds else 0.0


class ClusterAutoscaling:
    """Looks every 10 seconds for pods without room, and for nodes without need.

    Parameters
    ----------
    clock : Clock
    autoscaler : ClusterAutoscaler
    fleet : Fleet
    pods : PodController
    end_seconds : float
        When the run ends. [s]
    """

    def __init__(
        self, clock: Clock, autoscaler: ClusterAutoscaler, fleet: Fleet, pods: PodController,
        end_seconds: float,
    ) -> None:  # fmt: skip
        self.clock, self.autoscaler, self.fleet, self.pods = clock, autoscaler, fleet, pods
        self._added, self._seen = -NEVER, -1
        clock.process(clock.every(autoscaler.scan_interval_seconds, end_seconds, self._scan))

    def _scan(self) -> None:
        if add_for_pending(self.fleet, self.pods):
            self._added = self.clock.now
        else:
            self._look_for_unneeded()
            if self.clock.now >= self._added + self.autoscaler.scale_down_delay_after_add_seconds:
                self._remove_unneeded()

    def _look_for_unneeded(self) -> None:
        if self.fleet.changes == self._seen:
            return
        self._seen = self.fleet.changes
        ready, daemonsets = self.fleet.ready, self.fleet.group.daemonsets
        for node in ready:
            low = requested_share(node, daemonsets)
            unneeded = low < self.autoscaler.scale_down_utilization_threshold and can_move(
                node, [other for other in ready if other is not node]
            )
            node.unneeded_seconds = min(node.unneeded_seconds, self.clock.now)
            if not unneeded:
                node.unneeded_seconds = NEVER

    def _remove_unneeded(self) -> None:
        before = self.clock.now - self.autoscaler.scale_down_unneeded_seconds
        long = [node for node in self.fleet.ready if node.unneeded_seconds <= before]
        empty = [node for node in long if not node.items]
        most = self.autoscaler.max_empty_bulk_delete if empty else 1
        for node in (empty or long)[: min(most, self.fleet.spare)]:
            take_away(node, self.fleet, self.pods, "it was unneeded")


class KarpenterScaling:
    """Launches nodes for each batch of pending pods, removes nodes that others can stand in for.

    Parameters as `ClusterAutoscaling`, with a `Karpenter`.
    """

    def __init__(
        self, clock: Clock, autoscaler: Karpenter, fleet: Fleet, pods: PodController,
        end_seconds: float,
    ) -> None:  # fmt: skip
        self.clock, self.autoscaler, self.fleet, self.pods = clock, autoscaler, fleet, pods
        self._batch: list[float] = []
        self._seen = (-1, -1)
        pods.on_pending = self._notice
        if pods.pending:
            self._notice()
        poll = autoscaler.consolidation_poll_seconds
        clock.process(clock.every(poll, end_seconds, self._consolidate))

    def _notice(self) -> None:
        self._batch.append(self.clock.now)
        if len(self._batch) == 1:
            self.clock.process(self._provision())

    def _provision(self) -> Generator[simpy.Event, None, None]:
        idle, most = self.autoscaler.batch_idle_seconds, self.autoscaler.batch_max_seconds
        while (closes := batch_closes(self._batch, idle, most)) > self.clock.now:
            yield self.clock.until(closes)
        self._batch.clear()
        add_for_pending(self.fleet, self.pods)

    def _consolidate(self) -> None:
        before = self.clock.now - self.autoscaler.consolidate_after_seconds
        able = [node for node in self.fleet.ready if node.changed_seconds <= before]
        if (self.fleet.changes, len(able)) == self._seen:
            return
        allowed = disruptions_allowed(
            len(self.fleet.nodes), 0, len(self.fleet.upcoming),
            self.autoscaler.disruption_budget_share,
        )  # fmt: skip
        allowed = min(allowed, self.fleet.spare)
        going = [node for node in able if not node.items] or self._replaceable(able)
        for node in going[:allowed]:
            take_away(node, self.fleet, self.pods, "its pods fit on other nodes")
        if not going:
            self._seen = (self.fleet.changes, len(able))

    def _replaceable(self, able: list[Node]) -> list[Node]:
        """The node with the fewest pods of those whose pods fit on others, if there is one."""
        ready = self.fleet.ready
        for node in sorted(able, key=lambda one: len(one.items)):
            if can_move(node, [other for other in ready if other is not node]):
                return [node]
        return []


def add_for_pending(fleet: Fleet, pods: PodController) -> int:
    """Ask for nodes that the pending pods need beside those on their way; how many."""
    pending = pods.pending
    if not pending:
        return 0
    wanted = nodes_to_add(pending, fleet.upcoming, fleet.size)
    return fleet.add(wanted, f"Pending pods: {len(pending)}.")


def take_away(node: Node, fleet: Fleet, pods: PodController, why: str) -> None:
    """Remove a node; its pods start anew elsewhere."""
    fleet.remove(node, f"Pods on the node: {len(node.items)}; {why}.")
    pods.drain(node)
