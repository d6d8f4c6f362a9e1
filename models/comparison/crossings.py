"""Where alternatives cross over as the load grows, in closed form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from models.architecture import Architecture
from models.comparison.pricing import Pricing
from models.errors import InvalidInputError
from models.workload import Trace

#: Loads looked at: from a hundredth to a hundred times the workload.
FACTORS = np.geomspace(0.01, 100, 33)


@dataclass(frozen=True)
class LoadCurve:
    """Cost of a month against the load, in closed form.

    Parameters
    ----------
    per_second : array
        Mean requests a second. [1/s]
    costs_usd : mapping of str to array
        By alternative; NaN where it could not serve the load. [USD]
    """

    per_second: NDArray[np.float64]
    costs_usd: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Crossing:
    """A load at which two alternatives cost the same.

    Parameters
    ----------
    below, above : str
        The cheaper of the two below this load, and above it.
    per_second : float
        Mean requests a second. [1/s]
    decides : bool
        Whether the two are the cheapest of all there, so that the best choice changes.
    """

    below: str
    above: str
    per_second: float
    decides: bool


def load_curve(
    architectures: Mapping[str, Architecture], trace: Trace, pricing: Pricing
) -> tuple[LoadCurve | None, tuple[Crossing, ...]]:
    """Cost of each alternative from a hundredth to a hundred times the workload, and crossings.

    A workload that replays known requests cannot be scaled: then there is no curve.
    """
    try:
        scaled = [trace.scaled(float(factor)) for factor in FACTORS]
    except InvalidInputError:
        return None, ()
    costs = {
        name: np.array([pricing.expected_usd(one, each) for each in scaled])
        for name, one in architectures.items()
    }
    found = [
        crossing
        for pair in combinations(costs, 2)
        for crossing in _Pair(pair, architectures, trace, pricing).crossings(costs)
    ]
    mean = trace.expected_requests / trace.duration_seconds
    ordered = sorted(found, key=lambda one: one.per_second)
    return LoadCurve(FACTORS * mean, costs), tuple(ordered)


@dataclass(frozen=True)
class _Pair:
    """Two alternatives, and where the sign of their difference changes."""

    names: tuple[str, str]
    architectures: Mapping[str, Architecture]
    trace: Trace
    pricing: Pricing

    def costs_usd(self, log_factor: float, names: Iterable[str]) -> list[float]:
        """What each of `names` costs at this load. [USD]"""
        trace = self.trace.scaled(float(np.exp(log_factor)))
        return [self.pricing.expected_usd(self.architectures[name], trace) for name in names]

    def crossings(self, costs: Mapping[str, NDArray[np.float64]]) -> Iterator[Crossing]:
        """Narrowed down between two of the loads that were looked at."""
        first, second = self.names
        apart = costs[first] - costs[second]
        mean = self.trace.expected_requests / self.trace.duration_seconds
        for place in np.flatnonzero(apart[:-1] * apart[1:] < 0):
            low, high = np.log(FACTORS[place]), np.log(FACTORS[place + 1])
            at = float(brentq(self._apart_usd, low, high, rtol=1e-4))
            below, above = (first, second) if apart[place] < 0 else (second, first)
            others = self.costs_usd(at, costs.keys() - set(self.names))
            dearest = max(self.costs_usd(at, self.names))
            decides = not any(cost < dearest for cost in others)
            yield Crossing(below, above, float(np.exp(at)) * mean, decides)

    def _apart_usd(self, log_factor: float) -> float:
        first, second = self.costs_usd(log_factor, self.names)
        return first - second
