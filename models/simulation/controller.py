"""What an Auto Scaling group and a service of tasks have in common for those who run them.

Both keep a desired number of targets behind a load balancer, each with a program that starts,
answers, dies and is restarted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any, Generic, TypeVar

import numpy as np
import simpy

from models.distributions import Duration
from models.scaling import clipped
from models.services.autoscaling import Application, Crash
from models.simulation.activities import ActivityLog
from models.simulation.balancer import LoadBalancer
from models.simulation.clock import Clock
from models.simulation.instance import Changes, GroupInstance
from models.simulation.slots import Slots
from models.simulation.targets import Targets

#: A process of the control plane.
Steps = Generator[simpy.Event, Any, None]

One = TypeVar("One", bound=GroupInstance)


class Controller(ABC, Generic[One]):
    """Keeps as many targets as desired.

    Parameters
    ----------
    clock : Clock
    name : str
    number : int
        Of its target group at the load balancer.
    balancer : LoadBalancer
    targets : Targets
        The engine that serves the requests.
    slots : Slots
        Free places in the engine.
    log : ActivityLog
    rng : numpy random generator
        Draws start times, lifetimes and ids.
    """

    #: What is declared of it, and its sizes now.
    group: Any
    min_size: int
    max_size: int
    desired: int

    def __init__(
        self, clock: Clock, name: str, number: int, *, balancer: LoadBalancer, targets: Targets,
        slots: Slots, log: ActivityLog, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self.clock, self.name, self.number = clock, name, number
        self.balancer, self.targets, self.log = balancer, targets, log
        self._slots, self._rng = slots, rng
        self.instances: list[One] = []
        self.retired: list[One] = []
        self.changes = Changes()
        self._activities, self._last_activity_seconds = 0, -float("inf")
        balancer.on_unhealthy[number] = self._found_unhealthy

    def in_service(self) -> list[One]:
        """Those that are in service."""
        return [one for one in self.instances if one.in_service]

    def set_desired(self, capacity: int, cause: str) -> None:
        """Change the desired number, within the sizes."""
        self.desired = clipped(capacity, self.min_size, self.max_size)
        self.reconcile(cause)

    @abstractmethod
    def reconcile(self, cause: str = "") -> None:
        """Start what is missing, stop what is too much."""

    # --- the program --------------------------------------------------------------------------

    @abstractmethod
    def application(self, one: One) -> Application:
        """What runs on it."""

    def _answer(self, one: One) -> None:
        """The program answers from now on."""
        if not one.can_answer:
            return
        one.answers = True
        self.targets.restore(one.slot)
        self.balancer.look_at(one)
        if self.application(one).mean_seconds_between_crashes is not None:
            self.clock.process(self._wear_out(one))

    def _wear_out(self, one: One) -> Steps:
        mean_seconds = self.application(one).mean_seconds_between_crashes or 0.0
        yield self.clock.after(float(self._rng.exponential(mean_seconds)))
        if not one.leaving:
            self._crash(one, "application")

    def _crash_oldest(self, crash: Crash) -> Steps:
        yield self.clock.until(crash.at_seconds)
        answering = [one for one in self.in_service() if one.answers]
        if answering:
            self._crash(answering[0], crash.kind)

    def _crash(self, one: One, kind: str) -> None:
        one.answers = False
        self.targets.fail(one.slot)
        self.balancer.look_at(one)
        self._crashed(one, kind)

    @abstractmethod
    def _crashed(self, one: One, kind: str) -> None:
        """What follows when its program, or the machine below it, has died."""

    def _restart(self, one: One) -> Steps:
        yield self.clock.after(self.application(one).restart_seconds or 0.0)
        self._answer(one)

    @abstractmethod
    def _found_unhealthy(self, one: GroupInstance) -> None:
        """The load balancer finds it unhealthy."""

    # --- activities ---------------------------------------------------------------------------

    def _begin(self, description: str, cause: str, change: int) -> int:
        self._activities += 1
        now, name = self.clock.now, self.name
        return self.log.begin(now, description, cause, group=name, change=change)

    def _end(self, activity: int) -> None:
        self._activities -= 1
        self._last_activity_seconds = self.clock.now
        self.log.end(activity, self.clock.now)

    def _drawn(self, duration: Duration) -> float:
        return float(duration.draw(self._rng, 1)[0])
