"""One task: where it is in its life, what it is of, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from models.scaling.packing import Host
from models.services.autoscaling import Application
from models.services.ecs import TaskDefinition
from models.simulation.instance import HEALTHY, NEVER, GroupInstance

#: States as Amazon ECS names them. PENDING and DEPROVISIONING take no time of their own here.
#: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
PROVISIONING, ACTIVATING, RUNNING = "PROVISIONING", "ACTIVATING", "RUNNING"
DEACTIVATING, STOPPING, STOPPED = "DEACTIVATING", "STOPPING", "STOPPED"


class Version(NamedTuple):
    """What the tasks of one deployment are.

    Parameters
    ----------
    number : int
        Of the deployment, counted from 0; a rollback is a deployment too.
    definition : TaskDefinition
    application : Application
    """

    number: int
    definition: TaskDefinition
    application: Application


@dataclass(eq=False, slots=True, kw_only=True)
class Task(GroupInstance):
    """What is known of one task.

    Its `running_seconds` are when its image began to be pulled, from which on it is charged.

    Parameters
    ----------
    version : Version
    spot : bool
        Whether it is on Fargate Spot.
    """

    version: Version
    spot: bool = False
    host: Host | None = None
    #: Number of the activity that starts it.
    activity: int = -1
    #: Whether it is to be replaced, and whether the load balancer ever found it healthy.
    condemned: bool = False
    was_healthy: bool = False

    @property
    def in_service(self) -> bool:
        """Whether it runs."""
        return self.state == RUNNING

    @property
    def pending(self) -> bool:
        """Whether it is on its way to running."""
        return self.state in (PROVISIONING, ACTIVATING)

    @property
    def can_answer(self) -> bool:
        """Whether its program, once started, answers: until its container is stopped."""
        return self.machine_up and self.state not in (STOPPING, STOPPED)

    @property
    def leaving(self) -> bool:
        """Whether it is on its way out; there is no way back."""
        return self.state in (DEACTIVATING, STOPPING, STOPPED)

    @property
    def healthy(self) -> bool:
        """Whether it runs and the load balancer finds it healthy."""
        return self.state == RUNNING and self.target_state == HEALTHY

    @property
    def begun(self) -> bool:
        """Whether its image has begun to be pulled."""
        return self.running_seconds < NEVER


class Throttle:
    """A token bucket: so many launches at once, then so many a second.

    Parameters
    ----------
    burst : float
    per_second : float

    Examples
    --------
    >>> throttle = Throttle(burst=2, per_second=4)
    >>> [throttle.take(10.0) for _ in range(4)], throttle.take(60.0)
    ([10.0, 10.0, 10.25, 10.5], 60.0)
    """

    def __init__(self, burst: float, per_second: float) -> None:
        self._apart = 1 / per_second
        self._early = (burst - 1) * self._apart
        self._due = -NEVER

    def take(self, now: float) -> float:
        """When the next launch may begin. [s]"""
        at = max(now, self._due - self._early)
        self._due = max(self._due, at) + self._apart
        return at
