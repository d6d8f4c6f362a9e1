"""Figures from results, drawn with plotly. Draws; never computes.

Colors are those of Okabe and Ito, told apart also by the color-blind, and never the only cue:
lines differ in dash, bars in pattern or by their label. Backgrounds are transparent and inks in
the middle, so that a figure reads on white and on dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from models.naming import service_name
from models.units import unit_price_text, usd

if TYPE_CHECKING:
    from models.billing import Bill
    from models.prices import Price

#: M. Okabe, K. Ito, "Color Universal Design", 2008; yellow and black left out, which vanish on
#: white and on dark.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#8A8A8A")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
PATTERNS = ("", "/", "\\", "x", "-", "|", ".")
INK = "#7A7F87"
GRID = "rgba(128,128,128,0.25)"

#: Sizes in pixels: a bar with its gap, what is below the bars, a plot without bars, the title, and
#: a row of the legend, which holds so many names.
BAR_HEIGHT = 34
AXIS_HEIGHT = 60
PLOT_HEIGHT = 360
TITLE_HEIGHT = 56
LEGEND_ROW_HEIGHT = 22
LEGEND_COLUMNS = 3
#: Room for the figures beside bars that go both ways, as a share of the longest.
LABEL_ROOM = 0.3


def curves(
    x: ArrayLike,
    lines: Mapping[str, ArrayLike],
    *,
    title: str,
    x_title: str,
    y_title: str = "USD a month",
    marked_x: float | None = None,
    marked_as: str = "",
) -> go.Figure:
    """One line for each alternative against a swept quantity; the crossing can be marked.

    Parameters
    ----------
    x : array
    lines : mapping of name to array
        [the unit that `y_title` names]
    title, x_title, y_title : str
        The title says what to see; the axes name their unit.
    marked_x : float, optional
        Where to draw a vertical line, such as a break-even.
    marked_as : str
        What to call it.
    """
    figure = go.Figure()
    for number, (name, y) in enumerate(lines.items()):
        figure.add_scatter(
            x=np.asarray(x), y=np.asarray(y, dtype=np.float64), name=name, mode="lines",
            line={"color": _pick(COLORS, number), "dash": _pick(DASHES, number), "width": 2.5},
        )  # fmt: skip
    if marked_x is not None:
        figure.add_vline(
            x=marked_x, line={"color": INK, "width": 1, "dash": "dot"},
            annotation={"text": marked_as, "font": {"color": INK}},
        )  # fmt: skip
    return _finished(figure, title, x_title, y_title)


def stacked_bars(
    x: Sequence[Any],
    parts: Mapping[str, ArrayLike],
    *,
    title: str,
    x_title: str,
    y_title: str = "USD a month",
) -> go.Figure:
    """Bars stacked from parts, for example a bill month by month by storage class."""
    figure = go.Figure()
    for number, (name, y) in enumerate(parts.items()):
        figure.add_bar(
            x=list(x), y=np.asarray(y, dtype=np.float64), name=name, marker=_marker(number)
        )
    figure.update_layout(barmode="stack")
    return _finished(figure, title, x_title, y_title)


def cost_by_service(bill: Bill, *, title: str = "What the month costs, by service") -> go.Figure:
    """One horizontal bar for each service of a bill, the dearest on top. [USD]"""
    costs = {service_name(code): float(cost) for code, cost in bill.by("service_code").items()}
    return _bars(costs, title)


def cost_by_resource(
    bill: Bill, *, title: str = "What the month costs, by resource and service"
) -> go.Figure:
    """One horizontal bar for each resource of a bill, stacked by service. [USD]"""
    resources = list(bill.by("resource"))[::-1]
    figure = go.Figure()
    for number, code in enumerate(bill.by("service_code")):
        costs = dict.fromkeys(resources, 0.0)
        for line in bill.lines:
            if line.service_code == code:
                costs[line.resource] += float(line.cost_usd)
        figure.add_bar(
            x=list(costs.values()), y=_labels(resources), name=service_name(code),
            orientation="h", marker=_marker(number), hovertemplate="%{y}: $%{x:,.2f}",
        )  # fmt: skip
    figure.update_layout(barmode="relative", height=AXIS_HEIGHT + BAR_HEIGHT * len(resources))
    return _finished(figure, title, "USD", "")


def difference(
    before: Mapping[str, float],
    after: Mapping[str, float],
    *,
    title: str = "What the change adds and saves",
) -> go.Figure:
    """Diverging bars of what changed between two sets of costs; what stays the same is left out.

    Parameters
    ----------
    before, after : mapping of name to cost
        [USD]
    """
    names = list(dict.fromkeys((*before, *after)))
    changes = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in names}
    shown = {name: change for name, change in changes.items() if usd(change) != "$0.00"}
    ordered = dict(sorted(shown.items(), key=lambda item: -item[1]))
    figure = go.Figure()
    for label, sign, number in (("costs more", 1, 3), ("costs less", -1, 0)):
        part = {name: change for name, change in ordered.items() if change * sign > 0}
        figure.add_bar(
            x=list(part.values()), y=_labels(part), name=label, orientation="h",
            marker=_marker(number), text=[usd(change) for change in part.values()],
            textposition="outside", cliponaxis=False, hovertemplate="%{y}: $%{x:,.2f}",
        )  # fmt: skip
    figure.update_layout(barmode="relative", height=AXIS_HEIGHT + BAR_HEIGHT * len(ordered))
    room = LABEL_ROOM * max(map(abs, ordered.values()), default=1.0)
    low, high = min(0.0, *ordered.values(), 0.0), max(0.0, *ordered.values(), 0.0)
    figure.update_xaxes(range=[low - room * (low < 0), high + room * (high > 0)])
    return _finished(figure, title, "USD a month", "")


def tier_staircase(price: Price, *, up_to: float, title: str = "") -> go.Figure:
    """The unit price of each further unit against the quantity: a step down at each tier."""
    figure = go.Figure()
    for number, tier in enumerate(tier for tier in price.tiers if tier.start < up_to):
        figure.add_scatter(
            x=[tier.start, min(tier.end, up_to)], y=[tier.price_usd] * 2, mode="lines",
            name=f"{unit_price_text(tier.price_usd)} per {price.unit}",
            line={"color": _pick(COLORS, number), "width": 4},
        )  # fmt: skip
    figure.update_yaxes(rangemode="tozero")
    return _finished(
        figure, title or f"Each tier of {price.usage_type} is cheaper than the one before",
        f"{price.unit} in the month", f"USD per {price.unit}",
    )  # fmt: skip


def _bars(costs: Mapping[str, float], title: str) -> go.Figure:
    names = list(costs)[::-1]
    figure = go.Figure()
    figure.add_bar(
        x=[costs[name] for name in names], y=_labels(names), orientation="h",
        marker={"color": COLORS[0]}, text=[usd(costs[name]) for name in names],
        textposition="outside", cliponaxis=False, hovertemplate="%{y}: $%{x:,.2f}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(height=AXIS_HEIGHT + BAR_HEIGHT * len(names), showlegend=False)
    return _finished(figure, title, "USD", "")


def _labels(names: Sequence[str] | Mapping[str, Any]) -> list[str]:
    """Names as text on an axis: not markup, and not too long."""
    short = (name if len(name) <= 40 else f"{name[:39]}…" for name in names)
    return [name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for name in short]


def _pick(values: Sequence[str], number: int) -> str:
    return values[number % len(values)]


def _marker(number: int) -> dict[str, Any]:
    pattern = {
        "shape": _pick(PATTERNS, number), "fillmode": "overlay", "size": 7, "solidity": 0.2,
        "fgcolor": "rgba(255,255,255,0.75)",
    }  # fmt: skip
    return {"color": _pick(COLORS, number), "pattern": pattern}


def _finished(figure: go.Figure, title: str, x_title: str, y_title: str) -> go.Figure:
    """The look that all figures share."""
    axis = {
        "gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID, "automargin": True,
        "title": {"standoff": 12},
    }  # fmt: skip
    legend_rows = -(-len(figure.data) // LEGEND_COLUMNS) if figure.layout.showlegend is None else 0
    above = TITLE_HEIGHT + LEGEND_ROW_HEIGHT * (legend_rows if len(figure.data) > 1 else 0)
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
        xaxis=axis,
        yaxis=axis,
    )  # fmt: skip
    figure.update_xaxes(title_text=x_title, rangemode="tozero")
    figure.update_yaxes(title_text=y_title, rangemode="tozero")
    return figure
