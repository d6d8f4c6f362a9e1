"""A scenario's alternatives against the same customers: cost, latency, errors, and a verdict."""

from __future__ import annotations

from models.comparison.chart import at_load, crossover, window_seconds
from models.comparison.comparing import compare_scenario
from models.comparison.crossings import Crossing, LoadCurve
from models.comparison.measure import CAUSES, measured
from models.comparison.pricing import Pricing
from models.comparison.result import HEADER, Assessment, Compared, Verdict

__all__ = [
    "CAUSES",
    "HEADER",
    "Assessment",
    "Compared",
    "Crossing",
    "LoadCurve",
    "Pricing",
    "Verdict",
    "at_load",
    "compare_scenario",
    "crossover",
    "measured",
    "window_seconds",
]
