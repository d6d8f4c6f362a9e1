"""The pods: created, put on a node when one has room, ready a while later, and removed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import cast

import numpy as np
import simpy

from models.scaling.packing import Item, choose
from models.services.eks import Deployment
from models.simulation.clock import Clock
from models.simulation.deployment.fleet import NEVER, Fleet, Node
from models.simulation.deployment.stream import Stream


class Pod:
    """One pod: without a node it is pending."""

    __slots__ = ("node", "number", "ready_seconds")

    def __init__(self, number: int) -> None:
        self.number, self.ready_seconds = number, NEVER
        self.node: Node | None = None


class PodController:
    """Keeps as many pods as are desired, and puts them on nodes.

    Parameters
    ----------
    clock : Clock
    deployment : Deployment
        Its replicas are there at the start; those that find room are ready.
    fleet : Fleet
    stream : Stream
    rng : numpy random generator

    Notes
    -----
    Documented: pods go to the node with most left, by default (LeastAllocated,
    https://kubernetes.io/docs/reference/scheduling/config/); when there are too many, pending ones
    go first, then those on nodes with more of them, then the newest
    (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/). By the controller's
    code, those that are not ready go before those that are. Assumed: a pod that is removed frees
    its room at once.
    """

    def __init__(
        self, clock: Clock, deployment: Deployment, fleet: Fleet, stream: Stream,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self.clock, self.deployment, self.fleet, self.stream = clock, deployment, fleet, stream
        self.desired = deployment.replicas
        self.pods: list[Pod] = []
        #: Called when new pods find no room.
        self.on_pending: Callable[[], None] = lambda: None
        self._rng, self._created, self._pod = rng, 0, deployment.pod
        fleet.on_ready = self._schedule
        for _ in range(self.desired):
            pod = self._new()
            if self._place(pod):
                self._become_ready(pod)

    @property
    def pending(self) -> list[Item]:
        """What the pods without a node ask for."""
        return [self._pod for pod in self.pods if pod.node is None]

    def ready_since(self, seconds: float) -> int:
        """Pods that have been ready since then or before."""
        return sum(pod.ready_seconds <= seconds for pod in self.pods)

    def scale_to(self, count: int) -> None:
        """From now on there should be so many pods."""
        self.desired = count
        for _ in range(len(self.pods) - count):
            self._remove(min(self.pods, key=goes_first))
        self._create(count - len(self.pods))

    def drain(self, node: Node) -> None:
        """The pods of a node that has gone are replaced by new ones elsewhere."""
        evicted = [pod for pod in self.pods if pod.node is node]
        for pod in evicted:
            self._remove(pod)
        self._create(len(evicted))

    def _create(self, count: int) -> None:
        new = [self._new() for _ in range(count)]
        self._schedule()
        if any(pod.node is None for pod in new):
            self.on_pending()

    def _new(self) -> Pod:
        pod = Pod(self._created)
        self._created += 1
        self.pods.append(pod)
        return pod

    def _remove(self, pod: Pod) -> None:
        self.pods.remove(pod)
        if pod.ready_seconds < NEVER:
            self.stream.change(-1)
        if pod.node is not None:
            pod.node.items.pop()
            self._touch(pod.node)
            pod.node = None

    def _schedule(self) -> None:
        for pod in self.pods:
            if pod.node is None:
                if not self._place(pod):  # all are alike, so that no other finds room either
                    return
                self.clock.process(self._start(pod, cast(Node, pod.node)))

    def _place(self, pod: Pod) -> bool:
        node = choose(self._pod, self.fleet.ready, ["spread(host)"])
        if node is None:
            return False
        pod.node = cast(Node, node)
        node.items.append(self._pod)
        self._touch(pod.node)
        return True

    def _touch(self, node: Node) -> None:
        node.changed_seconds = self.clock.now
        self.fleet.changes += 1

    def _start(self, pod: Pod, node: Node) -> Generator[simpy.Event, None, None]:
        yield self.clock.after(float(self.deployment.start.draw(self._rng, 1)[0]))
        if pod.node is node:
            self._become_ready(pod)

    def _become_ready(self, pod: Pod) -> None:
        pod.ready_seconds = self.clock.now
        self.stream.change(1)


def goes_first(pod: Pod) -> tuple[bool, bool, int, int]:
    """Sorts pods by who is removed first."""
    beside = 0 if pod.node is None else len(pod.node.items)
    return pod.node is not None, pod.ready_seconds < NEVER, -beside, -pod.number
