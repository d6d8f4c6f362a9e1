"""Metrics as CloudWatch has them: what a group's instances and its load balancer report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from models.errors import UnknownNameError, did_you_mean
from models.simulation.instance import HEALTHY, GroupInstance
from models.simulation.outcomes import FAILED, OK, REJECTED, UNANSWERED, UNCONNECTED
from models.simulation.targets import Period

FULL_PERCENT = 100.0


class Sample(NamedTuple):
    """What was seen in one stretch of time, enough for every statistic over several of them.

    Parameters
    ----------
    total, number, least, most : float
        Sum, number, smallest and largest of the values.
    contributors : int
        Instances or targets that the metric was taken over.
    """

    total: float
    number: int
    least: float
    most: float
    contributors: int


class Observed(NamedTuple):
    """One reading of the engine, as a metric sees it.

    Parameters
    ----------
    period : Period
    group : GroupController
        Or whatever else scales.
    contributing : sequence of GroupInstance
        Instances in service that are warm.
    """

    period: Period
    group: Any
    contributing: Sequence[GroupInstance]


#: A metric of one's own: a number from what was observed, or None where there is nothing to report.
CustomMetric = Callable[[Observed], float | None]


def cpu_utilization(seen: Observed) -> Sample | None:
    """CPU utilization of each warm instance, by its busy workers. [percent]"""
    if not seen.contributing or not seen.period.seconds:
        return None
    application = seen.group.group.application
    full = seen.period.seconds * application.workers / application.cpu_percent_when_busy
    work = seen.period.work
    values = [work[one.slot] / full for one in seen.contributing]
    most = max(values)
    if most > FULL_PERCENT:  # what floats leave over
        values, most = [min(value, FULL_PERCENT) for value in values], FULL_PERCENT
    return Sample(sum(values), len(values), min(values), most, len(values))


def requests_per_target(seen: Observed) -> Sample | None:
    """Requests of each healthy target in this stretch; nothing where there were none.

    The load balancer reports it only while requests flow.
    """
    targets = seen.group.balancer.registered[seen.group.number]
    healthy = sum(one.target_state == HEALTHY for one in targets)
    requests = sum(seen.period.routed[one.slot] for one in seen.group.instances)
    if not healthy or not requests:
        return None
    each = requests / healthy
    return Sample(each, 1, each, each, healthy)


def response_time(seen: Observed) -> Sample | None:
    """Mean time to an answer of all targets together. [s]"""
    answered = seen.period.outcomes[OK]
    if not answered or not len(seen.period.histogram):
        return None
    mean = seen.period.latency_sum_seconds / float(answered)
    return Sample(mean, 1, mean, mean, len(seen.contributing))


_SERVER_ERRORS = (FAILED, REJECTED, UNCONNECTED, UNANSWERED)


def server_errors(seen: Observed) -> Sample | None:
    """Requests that the targets failed or rejected, or that got no answer of the database.

    [requests]
    """
    errors = float(seen.period.outcomes[list(_SERVER_ERRORS)].sum())
    return Sample(errors, 1, errors, errors, len(seen.contributing))


BUILT_IN: Mapping[str, Callable[[Observed], Sample | None]] = {
    "CPUUtilization": cpu_utilization,
    "RequestCountPerTarget": requests_per_target,
    "TargetResponseTime": response_time,
    "HTTPCode_Target_5XX_Count": server_errors,
}


def metric(name: str, custom: Mapping[str, CustomMetric]) -> Callable[[Observed], Sample | None]:
    """How the metric called `name` is taken.

    Raises
    ------
    UnknownNameError
        Where neither CloudWatch nor the user has such a metric.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    if name not in custom:
        known = [*BUILT_IN, *custom]
        hint = did_you_mean(name, known) or f"; known: {', '.join(known)}"
        raise UnknownNameError(f"metric {name!r} is not one that the simulation has{hint}")

    def sample(seen: Observed) -> Sample | None:
        value = custom[name](seen)
        return None if value is None else Sample(value, 1, value, value, len(seen.contributing))

    return sample
