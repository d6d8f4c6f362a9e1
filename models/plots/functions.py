"""A run of functions over time: who asked, how many environments there were, what callers felt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from models.plots.runs import PANEL_HEIGHT
from models.plots.style import COLORS, DASHES, finished
from models.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from models.simulation import FunctionRun

Column = NDArray[np.float64]


def pool(run: FunctionRun, *, title: str, function: str | None = None) -> go.Figure:
    """Attempts, environments and response times of one function, minute by minute.

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
    figure = make_subplots(rows=3, shared_xaxes=True, vertical_spacing=0.06)
    hours = run.column("start_seconds", function) / SECONDS_PER_HOUR

    def drawn(row: int, number: int, name: str, values: Column) -> None:
        figure.add_scatter(
            x=hours, y=values, name=name, mode="lines", row=row, col=1,
            line={"color": COLORS[number], "dash": DASHES[number % 3], "width": 2},
        )  # fmt: skip

    seconds = run.column("seconds", function)
    for number, (name, label) in enumerate(
        {"attempts": "attempts", "cold": "cold starts", "throttled": "throttled"}.items()
    ):
        drawn(1, number, label, run.column(name, function) / seconds)
    busy = run.column("busy", function) + run.column("provisioned_busy", function)
    drawn(2, 3, "at work", busy)
    drawn(2, 4, "there, on demand", run.column("environments", function))
    if run.column("provisioned", function).any():
        drawn(2, 5, "provisioned", run.column("provisioned", function))
    drawn(3, 5, "median", run.column("p50_seconds", function))
    drawn(3, 6, "99th percentile", run.column("p99_seconds", function))
    figure.update_layout(height=PANEL_HEIGHT * 3)
    finished(figure, title, "", "")
    for row, name in enumerate(("a second", "environments", "seconds to an answer"), start=1):
        figure.update_yaxes(title_text=name, row=row)
    return figure.update_xaxes(title_text="hours since the start", row=3)
