"""One alarm at work: how samples become datapoints, and when these reach it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from models.scaling import Alarm, AlarmEvaluator, Policy
from models.simulation.metrics import Sample

Direction = Literal["out", "in", "either"]


@dataclass
class Watch:
    """One alarm of one policy: samples on their way to it, and its state."""

    policy: Policy
    alarm: Alarm
    direction: Direction
    warmup_seconds: float
    delay_seconds: float
    evaluator: AlarmEvaluator
    samples: list[Sample] = field(default_factory=list)
    on_their_way: deque[tuple[float, float | None, int]] = field(default_factory=deque)
    value: float | None = None
    contributors: int = 0
    invoked_seconds: float = -float("inf")

    def __post_init__(self) -> None:
        self.alarm_averages = self.alarm.statistic == "Average"
        self.period_seconds = self.alarm.period_seconds

    def take(self, sample: Sample | None, now: float) -> None:
        """Collect a sample; a full period becomes a datapoint that sets out for CloudWatch."""
        if sample is not None:
            self.samples.append(sample)
        if now % self.period_seconds == 0:
            self.on_their_way.append((now, *self._datapoint()))
            self.samples = []

    def _datapoint(self) -> tuple[float | None, int]:
        samples = self.samples
        if not samples:
            return None, 0
        if len(samples) == 1 and self.alarm_averages:
            return samples[0].total / samples[0].number, samples[0].contributors
        contributors = samples[-1].contributors
        if self.alarm.statistic == "Sum":
            return sum(one.total for one in samples), contributors
        if self.alarm.statistic == "Minimum":
            return min(one.least for one in samples), contributors
        if self.alarm.statistic == "Maximum":
            return max(one.most for one in samples), contributors
        return sum(one.total for one in samples) / sum(one.number for one in samples), contributors

    def deliver(self, now: float) -> None:
        """Hand over to the alarm what has arrived by now."""
        on_their_way, left_by = self.on_their_way, now - self.delay_seconds
        while on_their_way and on_their_way[0][0] <= left_by:
            _, value, contributors = on_their_way.popleft()
            self.evaluator.push(value)
            if value is not None:
                self.value, self.contributors = value, contributors
