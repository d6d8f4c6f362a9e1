"""How many pods a metric asks for: the arithmetic of Kubernetes's HorizontalPodAutoscaler.

Documented: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/,
"Algorithm details".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from models.quotas import value_of
from models.scaling.arithmetic import needed_capacity

#: A ratio of metric to target this far from 1 changes nothing. [share]
TOLERANCE = float(value_of("eks", "hpa_tolerance"))
#: Ratios this close count as equal: what is left is what floats cannot hold.
_NOISE = 1e-9


class PodMetric(NamedTuple):
    """What is known of one metric at one reading.

    Parameters
    ----------
    average : float
        Mean over the pods that are ready and have a datapoint. [unit of the metric]
    target : float
        [unit of the metric]
    ready : int
        Pods that `average` is a mean of.
    not_ready : int
        Pods that have not been ready yet for as long as a datapoint covers, or have no node yet.
    missing : int
        Ready pods without a datapoint.
    """

    average: float
    target: float
    ready: int
    not_ready: int = 0
    missing: int = 0


def desired_replicas(
    current: int, metric: float, target: float, *,
    tolerance_down: float = TOLERANCE, tolerance_up: float = TOLERANCE,
) -> int:  # fmt: skip
    """Pods over which the metric comes down to the target: ceil(current x metric / target).

    Parameters
    ----------
    current : int
        Pods whose mean the metric is.
    metric, target : float
        [unit of the metric]
    tolerance_down, tolerance_up : float
        A ratio this far below or above 1 changes nothing. [share]

    Raises
    ------
    InvalidInputError
        Where the target is not above 0 or the metric is not a finite number of at least 0.

    Examples
    --------
    >>> desired_replicas(10, 90, target=60), desired_replicas(10, 64, target=60)
    (15, 10)
    >>> desired_replicas(4, 50, target=100), desired_replicas(2, 200, target=100)
    (2, 4)
    """
    needed = needed_capacity(current, metric, target)
    return current if _near(metric / target, tolerance_down, tolerance_up) else needed


def replicas_for(
    current: int, metric: PodMetric, *,
    tolerance_down: float = TOLERANCE, tolerance_up: float = TOLERANCE,
) -> int | None:  # fmt: skip
    """Pods that one metric asks for; None where no ready pod has reported it.

    Pods without a datapoint are taken to use all of the target where the rest would scale down, and
    nothing where it would scale up; pods that are not ready yet use nothing where the rest would
    scale up. Where that turns the direction or comes close to the target, nothing changes.

    Parameters, except `metric`, and refusals as `desired_replicas`.

    Notes
    -----
    By the controller's code (replica_calculator.go): the count that the ratio multiplies is that of
    the pods it was computed over, so that pods which are not ready yet do not count when scaling
    down. For CPU the code fills in the whole request, if that is more than the target.

    Examples
    --------
    Two busy pods, and two that are starting: with them, 100 / 2 of the target of 50 is enough.

    >>> replicas_for(4, PodMetric(100, 50, ready=2, not_ready=2))
    4
    >>> replicas_for(2, PodMetric(100, 50, ready=2)), replicas_for(2, PodMetric(0, 50, ready=0))
    (4, None)
    """
    if not metric.ready:
        return None
    tolerances = {"tolerance_down": tolerance_down, "tolerance_up": tolerance_up}
    raw = desired_replicas(metric.ready, metric.average, metric.target, **tolerances)
    ratio = metric.average / metric.target
    if _near(ratio, tolerance_down, tolerance_up):
        return current
    set_aside = metric.not_ready if ratio > 1 else 0
    if not set_aside and not metric.missing:
        return raw
    counted = metric.ready + metric.missing + set_aside
    filled_in = metric.missing * (metric.target if ratio < 1 else 0.0)
    average = (metric.average * metric.ready + filled_in) / counted
    dampened = average / metric.target
    if _near(dampened, tolerance_down, tolerance_up) or (ratio > 1) is not (dampened > 1):
        return current
    replicas = needed_capacity(counted, average, metric.target)
    return replicas if (replicas > current) is (ratio > 1) else current


def recommended(current: int, proposals: Sequence[int | None]) -> int:
    """What several metrics lead to: the most, but no scale-down while one of them is unknown.

    >>> recommended(5, [3, 4]), recommended(5, [3, None]), recommended(5, [7, None])
    (4, 5, 7)
    """
    known = [proposal for proposal in proposals if proposal is not None]
    most = max(known, default=current)
    return current if most < current and len(known) < len(proposals) else most


def _near(ratio: float, down: float, up: float) -> bool:
    return 1 - down - _NOISE <= ratio <= 1 + up + _NOISE
