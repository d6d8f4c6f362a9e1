"""The look that all figures share.

Colors are those of Okabe and Ito, told apart also by the color-blind, and never the only cue:
lines differ in dash, bars in pattern or by their label. Backgrounds are transparent and inks in
the middle, so that a figure reads on white and on dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from models.errors import InvalidInputError

#: M. Okabe, K. Ito, "Color Universal Design", 2008; yellow and black left out, which vanish on
#: white and on dark.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#8A8A8A")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "\\", "x", "-", "|", ".")
INK = "#7A7F87"
GRID = "rgba(128,128,128,0.25)"

#: Sizes in pixels: what a plot is high, the title, and a row of the legend, which holds so many
#: names.
PLOT_HEIGHT = 360
TITLE_HEIGHT = 56
LEGEND_ROW_HEIGHT = 22
LEGEND_COLUMNS = 3


def checked(points: int, parts: Mapping[str, ArrayLike]) -> dict[str, Any]:
    """Each part as an array of so many points."""
    arrays = {name: np.asarray(y, dtype=np.float64) for name, y in parts.items()}
    for name, y in arrays.items():
        if y.shape != (points,):
            raise InvalidInputError(f"{name!r} has shape {y.shape}; x has {points} points")
    return arrays


def shown_text(name: str) -> str:
    """Text that plotly shows as it is, where it would else read markup."""
    return name.strip("\n").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pick(values: Sequence[str], number: int) -> str:
    return values[number % len(values)]


def look(values: Sequence[str], number: int) -> str:
    """Dash or pattern, moved on by one whenever the colors start again."""
    return pick(values, number + number // len(COLORS))


def marker(number: int) -> dict[str, Any]:
    pattern = {
        "shape": look(PATTERNS, number), "fillmode": "overlay", "size": 7, "solidity": 0.2,
        "fgcolor": "rgba(255,255,255,0.75)",
    }  # fmt: skip
    return {"color": pick(COLORS, number), "pattern": pattern}


def finished(figure: go.Figure, title: str, x_title: str, y_title: str) -> go.Figure:
    """The look that all figures share."""
    axis = {
        "gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID, "automargin": True,
        "title": {"standoff": 12, "font": {"size": 13}},
    }  # fmt: skip
    named = sum(trace.showlegend is not False for trace in figure.data)
    has_legend = named > 1 and figure.layout.showlegend is not False
    rows = -(-named // LEGEND_COLUMNS) if has_legend else 0
    above = TITLE_HEIGHT + LEGEND_ROW_HEIGHT * rows
    figure.update_layout(
        template="none",
        title={"text": title, "x": 0, "xanchor": "left", "font": {"size": 17}, "yref": "container",
               "y": 0.97, "yanchor": "top"},
        font={"family": "system-ui, -apple-system, Segoe UI, sans-serif", "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 70, "r": 40, "t": above, "b": 60},
        height=above + (figure.layout.height or PLOT_HEIGHT),
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom"},
        hoverlabel={"font": {"size": 13}},
    )  # fmt: skip
    figure.update_xaxes(**axis, title_text=x_title, rangemode="tozero")
    figure.update_yaxes(**axis, title_text=y_title, rangemode="tozero")
    return figure
