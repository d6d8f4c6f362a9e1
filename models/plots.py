"""Figures from results, drawn with plotly. Draws; never computes.

Colors are those of Okabe and Ito, told apart also by the color-blind, and never the only cue:
lines differ in dash, bars in pattern or by their label. Backgrounds are transparent and inks in
the middle, so that a figure reads on white and on dark.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike
from plotly.subplots import make_subplots

from models.errors import InvalidInputError
from models.naming import service_name
from models.units import unit_price_text, usd

if TYPE_CHECKING:
    from models.billing import Bill
    from models.prices import Price

#: M. Okabe, K. Ito, "Color Universal Design", 2008; yellow and black left out, which vanish on
#: white and on dark.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#8A8A8A")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
PATTERNS = ("", "/", "\\", "x", "-", "|", ".")
INK = "#7A7F87"
GRID = "rgba(128,128,128,0.25)"

#: Sizes in pixels: a bar with its gap, what is below the bars, a plot without bars, the title, and
#: a row of the legend, which holds so many names.
BAR_HEIGHT = 38
AXIS_HEIGHT = 60
PLOT_HEIGHT = 360
TITLE_HEIGHT = 56
LEGEND_ROW_HEIGHT = 22
LEGEND_COLUMNS = 3
#: Room for the amounts beside bars. [pixels]
AMOUNT_WIDTH = 80
#: Bars in one figure; what is smaller is drawn together as one more.
MOST_BARS = 25
#: Characters of a name beside a bar, on each of two lines.
LABEL_WIDTH = 26


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

    Raises
    ------
    InvalidInputError
        Where a line has more or fewer points than `x`.
    """
    figure = go.Figure()
    for number, (name, y) in enumerate(_checked(np.size(x), lines).items()):
        figure.add_scatter(
            x=np.asarray(x), y=y, name=name, mode="lines",
            line={"color": _pick(COLORS, number), "dash": _look(DASHES, number), "width": 2.5},
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
    """Bars stacked from parts, for example a bill month by month by storage class.

    Raises
    ------
    InvalidInputError
        Where a part has more or fewer bars than `x`.
    """
    figure = go.Figure()
    for number, (name, y) in enumerate(_checked(len(x), parts).items()):
        figure.add_bar(x=list(x), y=y, name=name, marker=_marker(number))
    figure.update_layout(barmode="stack")
    return _finished(figure, title, x_title, y_title).update_xaxes(rangemode="normal")


def cost_by_service(bill: Bill, *, title: str = "What the month costs, by service") -> go.Figure:
    """One horizontal bar for each service of a bill, the dearest on top. [USD]"""
    costs = {service_name(code): float(cost) for code, cost in bill.by("service_code").items()}
    figure = go.Figure()
    figure.add_bar(**_sideways(costs), marker={"color": COLORS[0]})
    figure.update_layout(showlegend=False)
    return _finished_sideways(figure, title, costs)


def cost_by_resource(
    bill: Bill, *, title: str = "What the month costs, by resource and service"
) -> go.Figure:
    """One horizontal bar for each resource of a bill, stacked by service. [USD]

    With more than `MOST_BARS` resources the smallest are drawn together.
    """
    totals, bar_of = _gathered({k: float(v) for k, v in bill.by("resource").items()})
    figure = go.Figure()
    for number, code in enumerate(bill.by("service_code")):
        costs = dict.fromkeys(totals, 0.0)
        for line in bill.lines:
            if line.service_code == code:
                costs[bar_of[line.resource]] += float(line.cost_usd)
        figure.add_bar(**_sideways(costs), name=service_name(code), marker=_marker(number))
    figure.update_layout(barmode="relative")
    return _finished_sideways(figure, title, totals)


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
    names = dict.fromkeys((*before, *after))
    changes = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in names}
    shown = {name: change for name, change in changes.items() if usd(change) != "$0.00"}
    ordered, _ = _gathered(dict(sorted(shown.items(), key=lambda item: -abs(item[1]))))
    ordered = dict(sorted(ordered.items(), key=lambda item: item[1]))
    figure = go.Figure()
    for label, sign, number in (("costs more", 1, 3), ("costs less", -1, 0)):
        part = {name: change if change * sign > 0 else None for name, change in ordered.items()}
        figure.add_bar(**_sideways(part), name=label, marker=_marker(number))
    figure.update_layout(barmode="relative", showlegend=False)
    return _finished_sideways(figure, title, ordered, unit="USD a month", signed=True)


def tier_staircase(price: Price, *, up_to: float, title: str = "") -> go.Figure:
    """A graduated price against the quantity: above what each further unit costs, below the sum.

    Parameters
    ----------
    price : Price
    up_to : float
        Where the figure ends. [the price's unit]
    title : str
        By default it names the price.
    """
    if not 0 < up_to < math.inf:
        raise InvalidInputError(f"up_to ({up_to}) must be finite and above 0 [{price.unit}]")
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.1)
    for number, tier in enumerate(tier for tier in price.tiers if tier.start < up_to):
        x = [tier.start, min(tier.end, up_to)]
        name = f"{unit_price_text(tier.price_usd)} per {price.unit}"
        line = {"color": _pick(COLORS, number), "dash": _look(DASHES, number), "width": 3}
        look = {"x": x, "mode": "lines", "name": name, "line": line}
        figure.add_scatter(y=[tier.price_usd] * 2, **look, row=1, col=1)
        figure.add_scatter(
            y=[float(price.cost_usd(end)) for end in x], **look, showlegend=False, row=2, col=1
        )
    named = title or f"What each further {price.unit} of {price.usage_type} costs, and the sum"
    figure.update_layout(height=2 * PLOT_HEIGHT)
    _finished(figure, named, "", f"USD per {price.unit}")
    figure.update_yaxes(title_text="USD in the month", row=2)
    figure.update_xaxes(title_text=f"{price.unit} in the month", row=2)
    return figure


def _checked(points: int, parts: Mapping[str, ArrayLike]) -> dict[str, Any]:
    """Each part as an array of so many points."""
    arrays = {name: np.asarray(y, dtype=np.float64) for name, y in parts.items()}
    for name, y in arrays.items():
        if y.shape != (points,):
            raise InvalidInputError(f"{name!r} has shape {y.shape}; x has {points} points")
    return arrays


def _gathered(costs: Mapping[str, float]) -> tuple[dict[str, float], dict[str, str]]:
    """The first `MOST_BARS` costs with the rest as one; and for each name, which bar it is in."""
    names = list(costs)
    if len(names) <= MOST_BARS + 1:
        return dict(costs), {name: name for name in names}
    rest = names[MOST_BARS:]
    # A name of a resource holds no line break, so this is nobody else's.
    together = f"{len(rest)} smaller\n"
    shown = {name: costs[name] for name in names[:MOST_BARS]}
    shown[together] = math.fsum(costs[name] for name in rest)
    return shown, {name: name if name in shown else together for name in names}


def _places(names: Mapping[str, Any]) -> list[int]:
    """Where the bars stand, the first on top. Numbers: names may be alike once they are cut."""
    return list(range(len(names)))[::-1]


def _sideways(costs: Mapping[str, float | None]) -> dict[str, Any]:
    """Horizontal bars whose hover text names them in full."""
    return {
        "x": list(costs.values()),
        "y": _places(costs),
        "orientation": "h",
        "customdata": [[_text(name), usd(cost or 0.0)] for name, cost in costs.items()],
        "hovertemplate": "%{customdata[0]}: %{customdata[1]}",
    }


def _finished_sideways(
    figure: go.Figure,
    title: str,
    costs: Mapping[str, float],
    *,
    unit: str = "USD",
    signed: bool = False,
) -> go.Figure:
    """The look of horizontal bars: their names, and the amount of each."""
    plus = "+" if signed else ""
    figure.add_scatter(
        # On the right of zero even where the bar goes left: there it would run into the names.
        x=[max(cost, 0.0) for cost in costs.values()], y=_places(costs), mode="text",
        text=[f" {plus if cost > 0 else ''}{usd(cost)}" for cost in costs.values()],
        textposition="middle right",
        cliponaxis=False, showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    figure.update_layout(height=AXIS_HEIGHT + BAR_HEIGHT * len(costs))
    _finished(figure, title, unit, "")
    low, high = min([0.0, *costs.values()]), max([0.0, *costs.values()])
    figure.update_layout(margin_l=0, margin_r=AMOUNT_WIDTH)
    # A range of nothing would be drawn around an arbitrary middle.
    figure.update_xaxes(range=[low, high if high > low else low + 1.0], nticks=3, tickangle=0)
    figure.update_yaxes(
        tickvals=_places(costs), ticktext=_labels(costs), showgrid=False, zeroline=False,
        range=[-0.6, len(costs) - 0.4],
    )  # fmt: skip
    return figure


def _labels(names: Mapping[str, Any]) -> list[str]:
    """Names as text on an axis: two lines at most."""
    lines = (wrap(name, LABEL_WIDTH, max_lines=2, placeholder="…") for name in names)
    return ["<br>".join(map(_text, two)) for two in lines]


def _text(name: str) -> str:
    """Text that plotly shows as it is, where it would else read markup."""
    return name.strip("\n").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _pick(values: Sequence[str], number: int) -> str:
    return values[number % len(values)]


def _look(values: Sequence[str], number: int) -> str:
    """Dash or pattern, moved on by one whenever the colors start again."""
    return _pick(values, number + number // len(COLORS))


def _marker(number: int) -> dict[str, Any]:
    pattern = {
        "shape": _look(PATTERNS, number), "fillmode": "overlay", "size": 7, "solidity": 0.2,
        "fgcolor": "rgba(255,255,255,0.75)",
    }  # fmt: skip
    return {"color": _pick(COLORS, number), "pattern": pattern}


def _finished(figure: go.Figure, title: str, x_title: str, y_title: str) -> go.Figure:
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
