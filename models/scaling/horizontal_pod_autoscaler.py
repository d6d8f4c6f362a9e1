"""The HorizontalPodAutoscaler of Kubernetes: how many pods a reading leads to, every 15 seconds.

Documented: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/.
Where that page leaves a choice, the rule is that of the controller's own code
(https://github.com/kubernetes/kubernetes, pkg/controller/podautoscaler), and says so.

Leaves out: scaling to and from 0, metrics of single containers, and that the controller cuts off a
utilization to whole percent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.quotas import refuse_outside, value_of
from models.resource import Settings
from models.scaling.arithmetic import clipped
from models.scaling.pod_arithmetic import (
    TOLERANCE,
    PodMetric,
    desired_replicas,
    recommended,
    replicas_for,
)

__all__ = [
    "HPAScalingPolicy", "HPAScalingRules", "HorizontalPodAutoscaler", "PodCountController",
    "PodMetric", "desired_replicas", "recommended", "replicas_for",
]  # fmt: skip

Whole = Annotated[int, Field(ge=1, strict=True)]
Pods = Annotated[int, Field(ge=1, le=10_000, strict=True)]
Seconds = Annotated[int, Field(strict=True)]
Tolerance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class HPAScalingPolicy(Settings):
    """How much may change within a period."""

    type: Literal["Pods", "Percent"]
    """Whether `value` is in pods or in percent of the pods at the start of the period."""
    value: Whole
    """Most pods, or most percent of them, added or removed. [pods or percent]"""
    period_seconds: Seconds = int(value_of("eks", "hpa_policy_period_seconds"))
    """The period. [s]"""

    @field_validator("period_seconds")
    @classmethod
    def _period_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "eks", "hpa_policy_period_seconds")


class HPAScalingRules(Settings):
    """How fast pods are added, or removed."""

    stabilization_window_seconds: Seconds
    """Of the recommendations of this long the most cautious one holds. [s]"""
    policies: Annotated[tuple[HPAScalingPolicy, ...], Field(min_length=1)]
    """Limits to what changes within a period."""
    select_policy: Literal["Max", "Min", "Disabled"] = "Max"
    """Whether the policy holds that allows most, or least; or nothing is scaled this way."""
    tolerance: Tolerance = TOLERANCE
    """A ratio of metric to target this far from 1 changes nothing. [share]"""

    @field_validator("stabilization_window_seconds")
    @classmethod
    def _window_within_bounds(cls, value: int) -> int:
        return refuse_outside(value, "eks", "hpa_stabilization_seconds")


def _default(name: str) -> int:
    return int(value_of("eks", name))


def _scale_up() -> HPAScalingRules:
    return HPAScalingRules(
        stabilization_window_seconds=_default("hpa_scale_up_stabilization_seconds"),
        policies=(
            HPAScalingPolicy(type="Percent", value=_default("hpa_scale_up_percent")),
            HPAScalingPolicy(type="Pods", value=_default("hpa_scale_up_pods")),
        ),
    )


def _scale_down() -> HPAScalingRules:
    return HPAScalingRules(
        stabilization_window_seconds=_default("hpa_scale_down_stabilization_seconds"),
        policies=(HPAScalingPolicy(type="Percent", value=_default("hpa_scale_down_percent")),),
    )


class HorizontalPodAutoscaler(Settings):
    """Keeps the CPU utilization of pods near a target by changing how many there are.

    Documented: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
    """

    min_replicas: Pods = 1
    """Fewest pods."""
    max_replicas: Pods
    """Most pods."""
    target_cpu_utilization_percent: Annotated[int, Field(ge=1, le=10_000, strict=True)]
    """CPU that the pods should use on average, of what they request. [percent]"""
    scale_up: HPAScalingRules = _scale_up()
    """How fast pods are added."""
    scale_down: HPAScalingRules = _scale_down()
    """How fast pods are removed."""

    @model_validator(mode="after")
    def _sizes_in_order(self) -> Self:
        if self.min_replicas > self.max_replicas:
            raise InvalidInputError(
                f"min_replicas ({self.min_replicas}) must be at most max_replicas"
                f" ({self.max_replicas})"
            )
        return self


class PodCountController:
    """What the autoscaler remembers from reading to reading: recommendations, and changes.

    Parameters
    ----------
    autoscaler : HorizontalPodAutoscaler
    replicas : int
        Pods when it starts, which count as its first recommendation.
    seconds : float
        When it starts. [s]

    Examples
    --------
    >>> autoscaler = HorizontalPodAutoscaler(max_replicas=50, target_cpu_utilization_percent=60)
    >>> controller = PodCountController(autoscaler, replicas=10)
    >>> controller.read(15, 10, [PodMetric(90, 60, ready=10)])
    15
    >>> controller.read(30, 15, [PodMetric(20, 60, ready=15)])
    15
    """

    def __init__(
        self, autoscaler: HorizontalPodAutoscaler, replicas: int, seconds: float = 0.0
    ) -> None:
        self.autoscaler = autoscaler
        self._recommendations = deque([(seconds, replicas)])
        self._changes: deque[tuple[float, int]] = deque()
        up, down = autoscaler.scale_up, autoscaler.scale_down
        self._window = max(up.stabilization_window_seconds, down.stabilization_window_seconds)
        self._longest = max(one.period_seconds for one in (*up.policies, *down.policies))

    def read(self, seconds: float, current: int, metrics: Sequence[PodMetric]) -> int:
        """Pods that there should be from now on.

        Parameters
        ----------
        seconds : float
            Now; readings come in order. [s]
        current : int
            Pods that there should be until now; 0 turns the autoscaler off.
        metrics : sequence of PodMetric
            Those that could be read; one without ready pods counts as unknown.
        """
        low, high = self.autoscaler.min_replicas, self.autoscaler.max_replicas
        if not current:
            return 0
        if not low <= current <= high:
            desired = clipped(current, low, high)
        else:
            tolerances = {
                "tolerance_down": self.autoscaler.scale_down.tolerance,
                "tolerance_up": self.autoscaler.scale_up.tolerance,
            }
            proposals = [replicas_for(current, metric, **tolerances) for metric in metrics]
            steady = self._stabilized(seconds, current, recommended(current, proposals))
            desired = clipped(self._limited(seconds, current, steady), low, high)
        if desired != current:
            self._changes.append((seconds, desired - current))
        return desired

    def _stabilized(self, now: float, current: int, proposal: int) -> int:
        """Nearest to `current` of what the windows allow: by the controller's code."""
        while self._recommendations and self._recommendations[0][0] <= now - self._window:
            self._recommendations.popleft()
        self._recommendations.append((now, proposal))
        up = min(self._within(now, self.autoscaler.scale_up))
        down = max(self._within(now, self.autoscaler.scale_down))
        return clipped(current, up, down)

    def _within(self, now: float, rules: HPAScalingRules) -> list[int]:
        """Recommendations of the window, this one among them."""
        after = now - rules.stabilization_window_seconds
        earlier = [count for when, count in self._recommendations if when > after]
        return [*earlier, self._recommendations[-1][1]]

    def _limited(self, now: float, current: int, desired: int) -> int:
        """`desired`, as far as the policies allow."""
        while self._changes and self._changes[0][0] <= now - self._longest:
            self._changes.popleft()
        if desired > current:
            return min(desired, max(current, self._bound(now, current, 1)))
        return max(desired, min(current, self._bound(now, current, -1)))

    def _bound(self, now: float, current: int, sign: int) -> int:
        """The furthest count in a direction that the policies allow."""
        rules = self.autoscaler.scale_up if sign > 0 else self.autoscaler.scale_down
        if rules.select_policy == "Disabled":
            return current
        reach = []
        for policy in rules.policies:
            since = now - policy.period_seconds
            start = current - sum(change for when, change in self._changes if when > since)
            step = policy.value if policy.type == "Pods" else -(-start * policy.value // 100)
            reach.append((start + sign * step) * sign)
        return sign * (max(reach) if rules.select_policy == "Max" else min(reach))
