"""Figures from results, drawn with plotly. Draws; never computes."""

from models.plots.architectures import architecture
from models.plots.bills import LABEL_WIDTH, MOST_BARS, cost_by_resource, cost_by_service, difference
from models.plots.curves import curves, stacked_bars, sweep, tier_staircase
from models.plots.functions import pool
from models.plots.runs import compared, fleet
from models.plots.style import TITLE_HEIGHT

__all__ = [
    "LABEL_WIDTH",
    "MOST_BARS",
    "TITLE_HEIGHT",
    "architecture",
    "compared",
    "cost_by_resource",
    "cost_by_service",
    "curves",
    "difference",
    "fleet",
    "pool",
    "stacked_bars",
    "sweep",
    "tier_staircase",
]
