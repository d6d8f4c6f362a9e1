"""One instance of a group: where it is in its life, and what the load balancer knows of it."""

from __future__ import annotations

from dataclasses import dataclass

#: Lifecycle states as Amazon EC2 Auto Scaling names them.
PENDING, PENDING_WAIT, IN_SERVICE = "Pending", "Pending:Wait", "InService"
TERMINATING, TERMINATING_WAIT, TERMINATED = "Terminating", "Terminating:Wait", "Terminated"
#: Target states as Elastic Load Balancing names them.
UNUSED, INITIAL, HEALTHY, UNHEALTHY, DRAINING = (
    "unused",
    "initial",
    "healthy",
    "unhealthy",
    "draining",
)
NEVER = float("inf")


class Changes:
    """Counts the changes of a group's instances, so that what is derived from them can be kept."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


@dataclass(eq=False, slots=True)
class GroupInstance:
    """What is known of one instance. All times are seconds since the start of the run; `NEVER`
    where it has not come to that.

    Parameters
    ----------
    instance_id : str
    slot : int
        Its place in the engine that serves requests.
    zone : int
        Availability Zone, counted from 0.
    launched_seconds : float
        When the launch began. [s]
    changes : Changes
        Of its group; every change of a field is counted there.
    """

    changes: Changes
    instance_id: str
    slot: int
    zone: int
    launched_seconds: float
    state: str = PENDING
    running_seconds: float = NEVER
    in_service_seconds: float = NEVER
    terminated_seconds: float = NEVER
    #: Whether the program answers, and whether the machine runs.
    answers: bool = False
    machine_up: bool = True
    #: What the load balancer knows.
    target_state: str = UNUSED
    check_phase_seconds: float = 0.0
    checks_passed: int = 0
    checks_failed: int = 0
    being_checked: bool = False
    target_group: int = 0

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        self.changes.count += 1

    @property
    def in_service(self) -> bool:
        """Whether it is in service."""
        return self.state == IN_SERVICE

    @property
    def pending(self) -> bool:
        """Whether it is on its way into service."""
        return self.state in (PENDING, PENDING_WAIT)

    @property
    def can_answer(self) -> bool:
        """Whether its program, once started, answers: the machine runs and is not being stopped."""
        return self.machine_up and self.state not in (TERMINATING_WAIT, TERMINATED)

    @property
    def leaving(self) -> bool:
        """Whether it is on its way out; there is no way back."""
        return self.state in (TERMINATING, TERMINATING_WAIT, TERMINATED)
