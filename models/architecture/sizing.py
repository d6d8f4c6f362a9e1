"""How much capacity a load needs, hour by hour, in closed form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.architecture.load import Load
from models.scaling import Policy, TargetTrackingPolicy
from models.services.autoscaling import Application
from models.units import SECONDS_PER_MINUTE

PERCENT = 100.0
_CPU = ("CPUUtilization", "ASGAverageCPUUtilization")


def offered(load: Load, application: Application) -> NDArray[np.float64]:
    """Workers that are busy in each hour, if there are enough of them. [workers]

    A worker that waits for a database is busy, too.
    """
    held = load.work.mean_seconds
    if application.queries is not None:
        held += application.queries.share * application.queries.time.mean_seconds
    return load.per_second * held


def capacity(
    load: Load, application: Application, policies: Sequence[Policy],
    *, least: int, most: int, start: int,
) -> NDArray[np.float64]:  # fmt: skip
    """Instances, or tasks, that target tracking settles on in each hour.

    The largest that any policy asks for, since scale-out wins. Other policies than target tracking
    are not followed: without one, capacity stays as it starts. That it follows late is left out.
    """
    tracked = [policy for policy in policies if isinstance(policy, TargetTrackingPolicy)]
    asked = [_tracked(load, application, policy) for policy in tracked]
    wanted = [each for each in asked if each is not None]
    if not wanted:
        return np.full(len(load.per_second), float(start))
    return whole_above(np.max(wanted, axis=0)).clip(least, most)


def whole_above(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each rounded up, except where only the rounding of floats lifts it above a whole number."""
    rounded: NDArray[np.float64] = np.ceil(values - 1e-9)
    return rounded


def _tracked(
    load: Load, application: Application, policy: TargetTrackingPolicy
) -> NDArray[np.float64] | None:
    """Capacity at which the metric of a policy is at its target; None for metrics of one's own."""
    if policy.predefined_metric == "ALBRequestCountPerTarget":
        return load.per_second * SECONDS_PER_MINUTE / policy.target_value
    if (policy.predefined_metric or policy.custom_metric) not in _CPU:
        return None
    # Only the own part of a request uses the CPU.
    busy = load.per_second * load.work.mean_seconds / application.workers
    return busy * application.cpu_percent_when_busy / policy.target_value
