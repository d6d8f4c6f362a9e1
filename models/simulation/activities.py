"""The activity log, worded as Amazon EC2 Auto Scaling words it.

Wording: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-verify-scaling-activity.html and
https://docs.aws.amazon.com/autoscaling/ec2/userguide/CHAP_Troubleshooting.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Activity:
    """One scaling activity.

    Parameters
    ----------
    start_seconds, end_seconds : float
        Since the start of the run; the end is not a number while it goes on. [s]
    description : str
        What was done.
    cause : str
        Why, with the times of what led to it.
    status : str
        ``Successful``, ``InProgress``, ``Cancelled`` or ``Failed``.
    status_message : str
        What went wrong.
    group : str
        Name of the group.
    change : int
        Instances added, or, below 0, taken away.
    """

    start_seconds: float
    end_seconds: float
    description: str
    cause: str
    status: str
    status_message: str
    group: str
    change: int


class ActivityLog:
    """Activities in the order in which they began, and one way to write the time."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._entries: list[Activity] = []

    def timestamp(self, seconds: float) -> str:
        """The time `seconds` after the start, as in AWS's log."""
        return f"{self._start + timedelta(seconds=int(seconds)):%Y-%m-%dT%H:%M:%SZ}"

    def begin(
        self, seconds: float, description: str, cause: str, *, group: str, change: int
    ) -> int:
        """Note an activity that begins; the number it is ended by."""
        return self._add(
            Activity(seconds, float("nan"), description, cause, "InProgress", "", group, change)
        )

    def failed(self, seconds: float, description: str, cause: str, why: str, *, group: str) -> None:
        """Note an activity that failed at once."""
        self._add(Activity(seconds, seconds, description, cause, "Failed", why, group, 0))

    def end(self, number: int, seconds: float) -> None:
        """The activity of that number has succeeded."""
        begun = self._entries[number]
        self._entries[number] = replace(begun, end_seconds=seconds, status="Successful")

    def cancel(self, number: int, seconds: float) -> None:
        """The activity of that number has been given up."""
        begun = self._entries[number]
        self._entries[number] = replace(begun, end_seconds=seconds, status="Cancelled")

    def entries(self) -> tuple[Activity, ...]:
        """Every activity so far."""
        return tuple(self._entries)

    def _add(self, activity: Activity) -> int:
        self._entries.append(activity)
        return len(self._entries) - 1


def launching(instance_id: str) -> str:
    """Description of a launch."""
    return f"Launching a new EC2 instance: {instance_id}"


def launch_failed() -> str:
    """Description of a launch that had no instance yet."""
    return "Launching a new EC2 instance"


def terminating(instance_id: str) -> str:
    """Description of a termination."""
    return f"Terminating EC2 instance: {instance_id}"


def by_alarm(time: str, alarm: str, policy: str, before: int, after: int) -> str:
    """A policy changed the desired capacity."""
    return (
        f"At {time} a monitor alarm {alarm} in state ALARM triggered policy {policy}"
        f" changing the desired capacity from {before} to {after}."
    )


def by_schedule(time: str, sizes: tuple[int, int, int], before: int) -> str:
    """A scheduled action changed the sizes: minimum, maximum, desired."""
    low, high, desired = sizes
    return (
        f"At {time} a scheduled action update of AutoScalingGroup constraints to min: {low},"
        f" max: {high}, desired: {desired} changing the desired capacity from {before} to"
        f" {desired}."
    )


def started(time: str, before: int, after: int) -> str:
    """The group was short of instances."""
    return (
        f"At {time} an instance was started in response to a difference between desired and"
        f" actual capacity, increasing the capacity from {before} to {after}."
    )


def shrunk(time: str, before: int, after: int, instance_id: str) -> str:
    """The group had too many instances, and this one was chosen."""
    return (
        f"At {time} an instance was taken out of service in response to a difference between"
        f" desired and actual capacity, shrinking the capacity from {before} to {after}."
        f" At {time} instance {instance_id} was selected for termination."
    )


def unhealthy(time: str, source: str) -> str:
    """A health check of `source` (ELB or EC2) took it out."""
    verdict = {
        "ELB": "an ELB system health check failure",
        "EC2": "an EC2 health check indicating it has been terminated or stopped",
    }[source]
    return f"At {time} an instance was taken out of service in response to {verdict}."


def quota_exceeded(limit: int) -> str:
    """Status message of a launch beyond the vCPU quota."""
    return (
        f"You have requested more vCPU capacity than your current vCPU limit of {limit} allows"
        " for the instance bucket that the specified instance type belongs to."
        " Launching EC2 instance failed."
    )


def addresses_exhausted(zone: str) -> str:
    """Status message of a launch into a subnet without a free address."""
    return (
        f"There are not enough free addresses in subnet of {zone} to satisfy the requested"
        " number of instances. Launching EC2 instance failed."
    )
