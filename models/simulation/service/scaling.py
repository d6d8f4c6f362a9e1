"""Cooldowns, as Application Auto Scaling keeps them for a service.

Documented:
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
and https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
(nothing is removed during a deployment).
"""

from __future__ import annotations

from typing import Protocol

from models.simulation.clock import Clock
from models.simulation.instance import NEVER
from models.simulation.scaling import DynamicScaling, Scalable
from models.simulation.watch import Watch


class Cooldowns:
    """What is remembered of the last changes of a desired count.

    Parameters
    ----------
    clock : Clock
    out_seconds, in_seconds : float
        How long a change outwards and one inwards are remembered. [s]
    """

    def __init__(self, clock: Clock, out_seconds: float, in_seconds: float) -> None:
        self._clock, self._out_seconds, self._in_seconds = clock, out_seconds, in_seconds
        self._out_until = self._in_until = -NEVER
        self._added = 0

    def note(self, before: int, after: int) -> None:
        """A policy has changed the count. A change outwards ends the cooldown of one inwards."""
        now = self._clock.now
        if after > before:
            self._added = self.added + after - before
            self._out_until, self._in_until = now + self._out_seconds, -NEVER
        elif after < before:
            self._in_until = now + self._in_seconds

    @property
    def added(self) -> int:
        """What was added by changes whose cooldown lasts."""
        return self._added if self._clock.now < self._out_until else 0

    @property
    def over_inwards(self) -> bool:
        """Whether more may be removed."""
        return self._clock.now >= self._in_until


class Cooled(Scalable, Protocol):
    """What has cooldowns in place of warm-ups."""

    cooldowns: Cooldowns
    deploying: bool


class ServiceScaling(DynamicScaling):
    """The policies of a service.

    Assumed: while the cooldown of an addition lasts, target tracking starts from the capacity
    without what was added, as documented for step scaling; so only a larger need adds more.
    """

    group: Cooled

    def _counted(self, watch: Watch) -> int:
        return min(watch.contributors, self.group.desired - self.group.cooldowns.added)

    def _may_scale_in(self, watch: Watch) -> bool:
        return self.group.cooldowns.over_inwards and not self.group.deploying
