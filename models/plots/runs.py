"""A run over time: who asked, who served, what they felt, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from models.errors import InvalidInputError
from models.plots.curves import curves
from models.plots.style import COLORS, DASHES, INK, finished
from models.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from models.simulation import ConsumerRun, FunctionRun, Run

PANEL_HEIGHT = 190
#: Above this many launches and terminations, markers would hide the curve that they stand on.
MOST_MARKERS = 400
#: Columns of timelines that are read at the end of each minute, and jump.
SIZES = (
    "desired", "in_service", "healthy", "running", "pending", "terminating", "backlog", "in_flight",
    "concurrency", "oldest_seconds", "database_connections", "database_waiting",
)  # fmt: skip
ERRORS = ("rejected", "timed_out", "failed", "no_target", "unconnected", "unanswered")


def fleet(run: Run, *, title: str, hourly_usd: NDArray[np.float64] | None = None) -> go.Figure:
    """Traffic, capacity, latency and, where given, cost of a run, with its scaling activities.

    Parameters
    ----------
    run : Run
    title : str
        Says what to see.
    hourly_usd : array, optional
        Cost of each hour of the run. [USD]
    """
    panels = ["requests a second", "instances", "seconds to an answer"]
    panels += [] if hourly_usd is None else ["USD an hour"]
    figure = make_subplots(rows=len(panels), shared_xaxes=True, vertical_spacing=0.06)
    hours = run.column("start_seconds") / SECONDS_PER_HOUR
    _traffic(figure, run, hours)
    _capacity(figure, run, _read_hours(run))
    _latency(figure, run, hours)
    if hourly_usd is not None:
        figure.add_scatter(
            x=np.arange(len(hourly_usd) + 1), y=np.append(hourly_usd, hourly_usd[-1:]),
            name="cost of the hour", row=4, col=1,
            line={"color": COLORS[0], "shape": "hv", "width": 2}, mode="lines",
        )  # fmt: skip
    figure.update_layout(height=PANEL_HEIGHT * len(panels))
    finished(figure, title, "", "")
    for row, name in enumerate(panels, start=1):
        figure.update_yaxes(title_text=name, row=row)
    figure.update_xaxes(title_text="hours since the start", row=len(panels))
    return figure


def compared(
    runs: Mapping[str, Run | FunctionRun | ConsumerRun],
    column: str,
    *,
    title: str,
    y_title: str,
    scale: float = 1.0,
) -> go.Figure:
    """One column of the timelines of several runs, each a line of its own.

    Parameters
    ----------
    runs : mapping of name to Run, FunctionRun or ConsumerRun
        Of the same length; of several functions the first is shown.
    column : str
        Of the timeline, such as ``in_service``.
    title, y_title : str
    scale : float
        The column is multiplied by it, such as 1,000 from seconds to milliseconds.

    Raises
    ------
    InvalidInputError
        Where there are no runs, or they differ in length.
    """
    if not runs:
        raise InvalidInputError("runs must hold at least one run")
    first = next(iter(runs.values()))
    jumps = column in SIZES
    hours = _read_hours(first) if jumps else first.column("start_seconds") / SECONDS_PER_HOUR
    lines = {name: run.column(column) * scale for name, run in runs.items()}
    figure = curves(hours, lines, title=title, x_title="hours since the start", y_title=y_title)
    return figure.update_traces(line_shape="hv" if jumps else "linear")


def _read_hours(run: Run | FunctionRun | ConsumerRun) -> NDArray[np.float64]:
    """When each row of the timeline was read: at the end of its minute. [h]"""
    return (run.column("start_seconds") + run.column("seconds")) / SECONDS_PER_HOUR


def _traffic(figure: go.Figure, run: Run, hours: NDArray[np.float64]) -> None:
    seconds = run.column("seconds")
    errors = sum(run.column(name) for name in ERRORS)
    for number, (name, counts) in enumerate(
        {"arriving": run.column("requests"), "errors": errors}.items()
    ):
        figure.add_scatter(
            x=hours, y=counts / seconds, name=name, mode="lines", row=1, col=1,
            line={"color": (COLORS[0], COLORS[3])[number], "dash": DASHES[number], "width": 2},
        )  # fmt: skip


def _capacity(figure: go.Figure, run: Run, hours: NDArray[np.float64]) -> None:
    desired = run.column("desired")
    for name, color, dash in (
        ("desired", COLORS[1], "dot"),
        ("in_service", COLORS[2], "solid"),
        ("healthy", COLORS[4], "dash"),
    ):
        figure.add_scatter(
            x=hours, y=run.column(name), name=name.replace("_", " "), mode="lines", row=2, col=1,
            line={"color": color, "dash": dash, "width": 2, "shape": "hv"},
        )  # fmt: skip
    for change, symbol, name in ((1, "triangle-up", "launch"), (-1, "triangle-down", "terminate")):
        at = [one for one in run.activities if one.change == change]
        if not at or len(at) > MOST_MARKERS:
            continue
        when = np.array([one.start_seconds for one in at])
        figure.add_scatter(
            x=when / SECONDS_PER_HOUR, y=np.interp(when / SECONDS_PER_HOUR, hours, desired),
            name=name, mode="markers", row=2, col=1,
            text=[one.description for one in at], hovertemplate="%{text}",
            marker={"symbol": symbol, "size": 9, "color": INK},
        )  # fmt: skip


def _latency(figure: go.Figure, run: Run, hours: NDArray[np.float64]) -> None:
    for number, (name, label) in enumerate(
        {"p50_seconds": "median", "p99_seconds": "99th percentile"}.items()
    ):
        figure.add_scatter(
            x=hours, y=run.column(name), name=label, mode="lines", row=3, col=1,
            line={"color": (COLORS[5], COLORS[6])[number], "dash": DASHES[number], "width": 2},
        )  # fmt: skip
