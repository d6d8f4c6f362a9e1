"""Scheduled actions, carried out at their time.

Documented: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html:
usually within seconds, up to two minutes late; here on time.
"""

from __future__ import annotations

from datetime import timedelta

from models.errors import InvalidInputError
from models.scaling import ScheduledAction, clipped
from models.simulation import activities
from models.simulation.activities import ActivityLog
from models.simulation.group import Steps
from models.simulation.scaling import Scalable
from models.workload import ClosedLoop, Trace

#: A closed loop ends with its last answer; no schedule is followed for longer. [s]
LONGEST_SECONDS = 86_400.0


def follow_schedule(controller: Scalable, log: ActivityLog, trace: Trace | ClosedLoop) -> None:
    """Carry out each scheduled action of a group while the trace lasts."""
    for action in controller.group.scheduled_actions:
        controller.clock.process(_follow(controller, action, log, trace))


def _follow(
    controller: Scalable,
    action: ScheduledAction,
    log: ActivityLog,
    trace: Trace | ClosedLoop,
) -> Steps:
    seconds = trace.duration_seconds if isinstance(trace, Trace) else LONGEST_SECONDS
    end = trace.start + timedelta(seconds=seconds)
    for occurrence in action.occurrences(trace.start, end):
        yield controller.clock.until((occurrence - trace.start).total_seconds())
        _carry_out(controller, action, log)


def _carry_out(controller: Scalable, action: ScheduledAction, log: ActivityLog) -> None:
    """Set the sizes; what the action leaves open stays, and the desired capacity fits them."""
    low = controller.min_size if action.min_size is None else action.min_size
    high = controller.max_size if action.max_size is None else action.max_size
    if low > high:
        raise InvalidInputError(
            f"{controller.group.name}: scheduled action {action.name!r} sets min_size {low}, above"
            f" max_size {high} at that time"
        )
    before = controller.desired
    asked = before if action.desired_capacity is None else action.desired_capacity
    desired = clipped(asked, low, high)
    time = log.timestamp(controller.clock.now)
    cause = activities.by_schedule(time, (low, high, desired), before)
    controller.set_sizes(low, high, desired, cause)
