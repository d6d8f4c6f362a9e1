"""A run of functions over time: who asked, how many environments there were, what callers felt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from models.plots.runs import PANEL_HEIGHT
from models.plots.style import COLORS, INK, finished
from models.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from models.simulation import FunctionRun

Column = NDArray[np.float64]
PANELS = ("attempts a second", "cold starts a minute", "environments", "seconds to an answer")


def pool(run: FunctionRun, *, title: str, function: str | None = None) -> go.Figure:
    """Attempts, cold starts, environments and response times of one function over time.

    Parameters
    ----------
    run : FunctionRun
    title : str
        Says what to see.
    function : str, optional
        The first of the run unless named.

    Raises
    ------
    UnknownNameError
        Where the run has no such function.
    """
    figure = make_subplots(rows=len(PANELS), shared_xaxes=True, vertical_spacing=0.05)
    hours = run.column("start_seconds", function) / SECONDS_PER_HOUR
    for row, lines in enumerate(_lines(run, function), start=1):
        for name, (color, values) in lines.items():
            figure.add_scatter(
                x=hours, y=values, name=name, mode="lines", row=row, col=1,
                line={"color": color, "width": 2},
            )  # fmt: skip
    figure.update_layout(height=PANEL_HEIGHT * len(PANELS))
    finished(figure, title, "", "")
    for row, name in enumerate(PANELS, start=1):
        figure.update_yaxes(title_text=name, row=row)
    return figure.update_xaxes(title_text="hours since the start", row=len(PANELS))


def _lines(run: FunctionRun, function: str | None) -> Iterator[dict[str, tuple[str, Column]]]:
    """For each panel its lines by name: color and values."""

    def column(name: str) -> Column:
        return run.column(name, function)

    seconds = column("seconds")
    yield {
        "attempts": (COLORS[0], column("attempts") / seconds),
        "throttled": (COLORS[3], column("throttled") / seconds),
    }
    yield {"cold starts": (COLORS[1], column("cold") / seconds * 60)}
    environments = {
        "there, on demand": (COLORS[4], column("environments")),
        "at work": (COLORS[2], column("busy") + column("provisioned_busy")),
    }
    if column("provisioned").any():
        environments["provisioned"] = (INK, column("provisioned"))
    yield environments
    yield {
        "99th percentile": (COLORS[6], column("p99_seconds")),
        "median": (COLORS[5], column("p50_seconds")),
    }
