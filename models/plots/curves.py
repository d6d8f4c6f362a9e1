"""Curves, stacked bars and the staircase of a graduated price."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike
from plotly.subplots import make_subplots

from models.errors import InvalidInputError
from models.plots.style import (
    COLORS,
    DASHES,
    INK,
    PLOT_HEIGHT,
    checked,
    finished,
    look,
    marker,
    pick,
)
from models.units import unit_price_text

if TYPE_CHECKING:
    from models.prices import Price


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
    for number, (name, y) in enumerate(checked(np.size(x), lines).items()):
        figure.add_scatter(
            x=np.asarray(x), y=y, name=name, mode="lines",
            line={"color": pick(COLORS, number), "dash": look(DASHES, number), "width": 2.5},
        )  # fmt: skip
    if marked_x is not None:
        figure.add_vline(
            x=marked_x, line={"color": INK, "width": 1, "dash": "dot"},
            annotation={"text": marked_as, "font": {"color": INK}},
        )  # fmt: skip
    return finished(figure, title, x_title, y_title)


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
    for number, (name, y) in enumerate(checked(len(x), parts).items()):
        figure.add_bar(x=list(x), y=y, name=name, marker=marker(number))
    figure.update_layout(barmode="stack")
    return finished(figure, title, x_title, y_title).update_xaxes(rangemode="normal")


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
        line = {"color": pick(COLORS, number), "dash": look(DASHES, number), "width": 3}
        drawn = {"x": x, "mode": "lines", "name": name, "line": line}
        figure.add_scatter(y=[tier.price_usd] * 2, **drawn, row=1, col=1)
        figure.add_scatter(
            y=[float(price.cost_usd(end)) for end in x], **drawn, showlegend=False, row=2, col=1
        )
    named = title or f"What each further {price.unit} of {price.usage_type} costs, and the sum"
    figure.update_layout(height=2 * PLOT_HEIGHT)
    finished(figure, named, "", f"USD per {price.unit}")
    figure.update_yaxes(title_text="USD in the month", row=2)
    figure.update_xaxes(title_text=f"{price.unit} in the month", row=2)
    return figure
