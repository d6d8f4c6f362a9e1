"""The nodes: launched, charged from running on, ready for pods later, and gone."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import simpy

from models.distributions import Duration
from models.scaling.packing import Host
from models.services.eks import Nodegroup
from models.simulation.activities import ActivityLog
from models.simulation.clock import Clock

NEVER = float("inf")


@dataclass(eq=False)
class Node(Host):
    """A node, and since when it is what; see `models.scaling.packing.Host`.

    Parameters
    ----------
    number : int
        In the order of the launches.
    launched_seconds, running_seconds, ready_seconds, terminated_seconds : float
        Never, until it happens. [s]
    changed_seconds : float
        When a pod last came or went. [s]
    unneeded_seconds : float
        Since when Cluster Autoscaler finds it unneeded. [s]
    """

    number: int = 0
    launched_seconds: float = 0.0
    running_seconds: float = NEVER
    ready_seconds: float = NEVER
    terminated_seconds: float = NEVER
    changed_seconds: float = 0.0
    unneeded_seconds: float = NEVER


class Fleet:
    """The nodes of a group, as many as somebody asks for.

    Parameters
    ----------
    clock : Clock
    group : Nodegroup
        Its desired size is there, and ready, at the start.
    node_ready : Duration
        From the request for a node to it being ready. [s]
    rng : numpy random generator
    log : ActivityLog
    """

    def __init__(
        self, clock: Clock, group: Nodegroup, node_ready: Duration,
        rng: np.random.Generator, log: ActivityLog,
    ) -> None:  # fmt: skip
        self.clock, self.group = clock, group
        self.size = group.room
        self.retired: list[Node] = []
        #: Counts what has changed, so that nobody looks twice at the same nodes and pods.
        self.changes = 0
        #: Called when a node becomes ready.
        self.on_ready: Callable[[], None] = lambda: None
        self._node_ready, self._rng, self._log = node_ready, rng, log
        start = int(np.asarray(group.desired_size))
        self._most = start if group.max_size is None else group.max_size
        self.nodes = [
            Node(self.size, number=number, running_seconds=0.0, ready_seconds=0.0)
            for number in range(start)
        ]

    @property
    def ready(self) -> list[Node]:
        """Nodes that take pods."""
        return [node for node in self.nodes if node.ready_seconds < NEVER]

    @property
    def upcoming(self) -> list[Node]:
        """Nodes that are on their way."""
        return [node for node in self.nodes if node.ready_seconds == NEVER]

    @property
    def spare(self) -> int:
        """Nodes that may go before the group is at its smallest."""
        return max(len(self.nodes) - self.group.min_size, 0)

    def add(self, count: int, cause: str) -> int:
        """Ask for so many nodes more; the number that the size of the group allows."""
        allowed = min(count, self._most - len(self.nodes))
        for _ in range(allowed):
            number = len(self.nodes) + len(self.retired)
            node = Node(self.size, number=number, launched_seconds=self.clock.now)
            self.nodes.append(node)
            self.clock.process(self._launch(node, cause))
        return max(allowed, 0)

    def remove(self, node: Node, cause: str) -> None:
        """A node goes at once, with the pods that are still on it."""
        self.nodes.remove(node)
        self.retired.append(node)
        node.terminated_seconds = now = self.clock.now
        self.changes += 1
        activity = self._log.begin(
            now, f"Terminating node {node.number}", cause, group=self.group.name, change=-1
        )
        self._log.end(activity, now)

    def _launch(self, node: Node, cause: str) -> Generator[simpy.Event, None, None]:
        activity = self._log.begin(
            self.clock.now, f"Launching node {node.number}", cause, group=self.group.name, change=1
        )
        running, ready = (
            float(one.draw(self._rng, 1)[0]) for one in (self.group.launch, self._node_ready)
        )
        yield self.clock.after(running)
        node.running_seconds = self.clock.now
        yield self.clock.until(node.launched_seconds + ready)
        node.ready_seconds = self.clock.now
        self.changes += 1
        self._log.end(activity, self.clock.now)
        self.on_ready()
