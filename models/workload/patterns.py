"""Traffic in simple shapes; each pattern knows its expected arrivals in closed form."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np

from models.distributions import Positive, Seconds
from models.errors import InvalidInputError
from models.workload.trace import STEP_SECONDS, Rate, Times, Trace, between

#: A slope is drawn as at least so many steps, each of at most `STEP_SECONDS`.
SLOPE_STEPS = 60
#: Changes between calm and burst that are drawn for one trace.
MOST_CHANGES = 1_000_000
#: The random stream of those changes, apart from those of the chunks.
_CHANGES = 0xB1257


def grid(start: float, end: float, step: float, offset: float = 0.0) -> Times:
    """Instants ``offset + k * step`` between `start` and `end`, without either. [s]

    >>> grid(0, 180, 60).tolist(), grid(50, 180, 60, offset=5).tolist()
    ([60.0, 120.0], [65.0, 125.0])
    """
    numbers = np.arange(np.floor((start - offset) / step), np.ceil((end - offset) / step) + 1)
    return between(offset + numbers * step, start, end)


class Constant(Trace):
    """The same rate throughout.

    >>> Constant(rate_per_second=5, duration_seconds=60).expected_requests
    300.0
    """

    pattern: Literal["constant"] = "constant"
    """Name of the pattern."""
    rate_per_second: Rate
    """[1/s]"""

    def cumulative(self, seconds: Times) -> Times:
        """Requests expected until each of these instants."""
        expected: Times = self.rate_per_second * seconds
        return expected


class _Corners(Trace):
    """A rate that runs straight from corner to corner."""

    def points(self) -> tuple[list[float], list[float]]:
        """Corners [s] and the rate at each of them [1/s]; two at one instant make a jump."""
        raise TypeError(f"{type(self).__name__} has no corners")

    def changes(self, start: float, end: float) -> Times:
        """Corners, and the steps of slopes. [s]"""
        at, rates = self.points()
        found = [np.array([corner for corner in at if start < corner < end])]
        for left, right, low, high in zip(at, at[1:], rates, rates[1:], strict=False):
            if low != high and left < right:
                step = min((right - left) / SLOPE_STEPS, STEP_SECONDS)
                found.append(grid(max(start, left), min(end, right), step, offset=left))
        return np.unique(np.concatenate(found))

    def cumulative(self, seconds: Times) -> Times:
        """Requests expected until each of these instants."""
        at, rates = (np.array(column) for column in self.points())
        widths = np.diff(at)
        areas = np.concatenate(([0.0], np.cumsum(widths * (rates[1:] + rates[:-1]) / 2)))
        piece = np.clip(np.searchsorted(at, seconds, "right") - 1, 0, len(at) - 2)
        slopes = np.divide(np.diff(rates), widths, out=np.zeros_like(widths), where=widths > 0)
        past = seconds - at[piece]
        expected: Times = areas[piece] + past * (rates[piece] + slopes[piece] * past / 2)
        return expected

    def _refuse_after_end(self, what: str, seconds: float) -> None:
        if seconds > self.duration_seconds:
            raise InvalidInputError(
                f"{what} ({seconds:g}) must be within duration_seconds"
                f" ({self.duration_seconds:g}) [s]"
            )


class Ramp(_Corners):
    """From one rate evenly to another over the whole time.

    >>> Ramp(from_per_second=0, to_per_second=10, duration_seconds=60).expected_requests
    300.0
    """

    pattern: Literal["ramp"] = "ramp"
    """Name of the pattern."""
    from_per_second: Rate
    """At the start. [1/s]"""
    to_per_second: Rate
    """At the end. [1/s]"""

    def points(self) -> tuple[list[float], list[float]]:
        """Start and end."""
        return [0.0, self.duration_seconds], [self.from_per_second, self.to_per_second]


class Step(_Corners):
    """One rate, and from an instant on another.

    >>> Step(from_per_second=1, to_per_second=5, at_seconds=20, duration_seconds=30).rates(
    ...     [0, 10, 20, 30]
    ... ).tolist()
    [1.0, 1.0, 5.0]
    """

    pattern: Literal["step"] = "step"
    """Name of the pattern."""
    from_per_second: Rate
    """Before. [1/s]"""
    to_per_second: Rate
    """After. [1/s]"""
    at_seconds: Seconds
    """When. [s]"""

    def _refuse_contradictions(self) -> None:
        self._refuse_after_end("at_seconds", self.at_seconds)

    def points(self) -> tuple[list[float], list[float]]:
        """Start, the jump, and the end."""
        at, end = self.at_seconds, self.duration_seconds
        before, after = self.from_per_second, self.to_per_second
        return [0.0, at, at, end], [before, before, after, after]


class Spike(_Corners):
    """A base rate with one peak: up, there for a while, and down again (a flash sale).

    >>> sale = Spike(
    ...     base_per_second=10, peak_per_second=100, at_seconds=600, rise_seconds=60,
    ...     hold_seconds=300, fall_seconds=60, duration_seconds=1800,
    ... )
    >>> sale.rates([0, 600, 660, 960, 1020, 1800]).tolist()
    [10.0, 55.0, 100.0, 55.0, 10.0]
    """

    pattern: Literal["spike"] = "spike"
    """Name of the pattern."""
    base_per_second: Rate
    """Before and after. [1/s]"""
    peak_per_second: Rate
    """At the peak. [1/s]"""
    at_seconds: Seconds
    """When it begins to rise. [s]"""
    rise_seconds: Seconds = 0
    """How long it rises; 0 is at once. [s]"""
    hold_seconds: Seconds
    """How long the peak lasts. [s]"""
    fall_seconds: Seconds = 0
    """How long it falls. [s]"""

    def _refuse_contradictions(self) -> None:
        self._refuse_after_end(
            "at_seconds + rise_seconds + hold_seconds + fall_seconds", self.points()[0][4]
        )

    def points(self) -> tuple[list[float], list[float]]:
        """Start, the corners of the peak, and the end."""
        up = self.at_seconds + self.rise_seconds
        over = up + self.hold_seconds
        base, peak = self.base_per_second, self.peak_per_second
        at = [0.0, self.at_seconds, up, over, over + self.fall_seconds, self.duration_seconds]
        return at, [base, base, peak, peak, base, base]


class Bursty(Trace):
    """Calm and bursts in turn, each of random length (a Markov-modulated Poisson process).

    It begins calm. The changes are drawn once, from the seed; `rates` and `expected_requests` are
    those of the changes drawn.

    >>> Bursty(
    ...     calm_per_second=10, burst_per_second=100, mean_calm_seconds=600,
    ...     mean_burst_seconds=60, duration_seconds=3600,
    ... ).rates([0, 1])[0].item()
    10.0
    """

    pattern: Literal["bursty"] = "bursty"
    """Name of the pattern."""
    calm_per_second: Rate
    """[1/s]"""
    burst_per_second: Rate
    """[1/s]"""
    mean_calm_seconds: Positive
    """Mean length of a calm, exponential. [s]"""
    mean_burst_seconds: Positive
    """Mean length of a burst, exponential. [s]"""

    def _refuse_contradictions(self) -> None:
        if self._expected_pairs * 2 > MOST_CHANGES:
            raise InvalidInputError(
                f"about {self._expected_pairs * 2:,.0f} changes between calm and burst are"
                f" expected; must be at most {MOST_CHANGES:,}: give longer mean_calm_seconds or"
                " mean_burst_seconds [s]"
            )

    @property
    def _expected_pairs(self) -> float:
        """How often a calm and a burst, of mean length, fit into the trace."""
        return self.duration_seconds / (self.mean_calm_seconds + self.mean_burst_seconds)

    def changes(self, start: float, end: float) -> Times:
        """Beginnings of calms and bursts. [s]"""
        return between(self._drawn[0], start, end)

    def cumulative(self, seconds: Times) -> Times:
        """Requests expected until each of these instants, given the changes drawn."""
        return np.interp(seconds, *self._drawn)

    @cached_property
    def _drawn(self) -> tuple[Times, Times]:
        """Instants of the changes [s], and the requests expected until each."""
        rng = np.random.default_rng(np.random.SeedSequence([self.seed, 0, _CHANGES]))
        means = np.array([self.mean_calm_seconds, self.mean_burst_seconds])
        pairs = int(self._expected_pairs * 1.2) + 20
        lengths = np.empty((0, 2))
        while lengths.sum() < self.duration_seconds:
            lengths = np.concatenate((lengths, rng.standard_exponential((pairs, 2)) * means))
        expected = lengths * [self.calm_per_second, self.burst_per_second]
        at, requests = (np.append(0.0, np.cumsum(column)) for column in (lengths, expected))
        last = int(np.searchsorted(at, self.duration_seconds)) + 1
        return at[:last], requests[:last]
