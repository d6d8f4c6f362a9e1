"""Curves, stacked bars and the staircase of a graduated price."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike
from plotly.subplots import make_subplots

from models.errors import InvalidInputError, did_you_mean
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
    import pandas as pd

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
    bands: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    log_x: bool = False,
    log_y: bool = False,
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
    bands : mapping of name to a pair of arrays, optional
        Low and high end of what is shaded around the line of that name, such as a confidence
        interval. NaN, and on a logarithmic axis what is not above 0, is left blank.
    log_x, log_y : bool
        Whether an axis is logarithmic.

    Raises
    ------
    InvalidInputError
        Where a line or a band has more or fewer points than `x`, or a band has no line.
    """
    figure = go.Figure()
    drawn = checked(np.size(x), lines)
    for name, ends in (bands or {}).items():
        if name not in drawn:
            raise InvalidInputError(f"band {name!r} has no line{did_you_mean(name, drawn)}")
        number = list(drawn).index(name)
        _shade(figure, np.asarray(x), ends, name, pick(COLORS, number), log_y=log_y)
    for number, (name, y) in enumerate(drawn.items()):
        figure.add_scatter(
            x=np.asarray(x), y=y, name=name, mode="lines", legendgroup=name,
            line={"color": pick(COLORS, number), "dash": look(DASHES, number), "width": 2.5},
        )  # fmt: skip
    if marked_x is not None:
        figure.add_vline(
            x=marked_x, line={"color": INK, "width": 1, "dash": "dot"},
            annotation={"text": marked_as, "font": {"color": INK}},
        )  # fmt: skip
        if log_x:  # where plotly places text by the exponent, but lines by the value
            if marked_x <= 0:
                raise InvalidInputError(f"marked_x ({marked_x:g}) must be above 0 on a log axis")
            figure.layout.annotations[-1].x = math.log10(marked_x)
    finished(figure, title, x_title, y_title)
    figure.update_xaxes(type="log" if log_x else "linear")
    return figure.update_yaxes(type="log" if log_y else "linear")


def sweep(
    table: pd.DataFrame,
    x: str,
    y: str = "value",
    *,
    series: str | None = None,
    title: str,
    x_title: str,
    y_title: str = "USD a month",
    marked_x: float | None = None,
    marked_as: str = "",
    log_x: bool = False,
    log_y: bool = False,
) -> go.Figure:
    """A mean with its interval against one argument of a sweep, a line for each value of another.

    Parameters
    ----------
    table : DataFrame
        `summary` of a `Sweep`: a row for each point. Ends of intervals stand in columns named as
        `y` with ``_low`` and ``_high``; without these, no band is drawn.
    x, y : str
        Columns: the argument, and what was measured.
    series : str, optional
        Column of the other argument.
    title, x_title, y_title, marked_x, marked_as, log_x, log_y
        As for `curves`.

    Raises
    ------
    InvalidInputError
        Where there is no such column, or several rows have the same place in the figure.
    """
    for name in (x, y, *([series] if series else [])):
        if name not in table.columns:
            known = list(map(str, table.columns))
            raise InvalidInputError(f"table has no column {name!r}{did_you_mean(name, known)}")
    twice = table.duplicated([x, series] if series else [x])
    if twice.any():
        where = f"{x} = {table.loc[twice, x].iloc[0]}"
        raise InvalidInputError(
            f"table has several rows for {where}; name a series, or choose rows of one kind"
        )
    at = np.sort(table[x].unique())
    groups = table.groupby(series, sort=False) if series else [(y, table)]
    lines, bands = {}, {}
    for value, rows in groups:
        name = _series_name(series, value) if series else y
        found = rows.set_index(x).reindex(at)
        lines[name] = found[y]
        if f"{y}_low" in found and f"{y}_high" in found:
            bands[name] = (found[f"{y}_low"], found[f"{y}_high"])
    return curves(
        at, lines, title=title, x_title=x_title, y_title=y_title, marked_x=marked_x,
        marked_as=marked_as, bands=bands, log_x=log_x, log_y=log_y,
    )  # fmt: skip


def _series_name(series: str, value: Any) -> str:
    """A name says itself what it is; a number needs the name of the argument."""
    return value if isinstance(value, str) else f"{series} = {value!s}"


def _shade(
    figure: go.Figure, x: Any, ends: tuple[ArrayLike, ArrayLike], name: str, color: str, *,
    log_y: bool,
) -> None:  # fmt: skip
    """A band as one outline: there along its low end, back along its high end."""
    both = checked(len(x), {f"low end of {name}": ends[0], f"high end of {name}": ends[1]})
    low, high = both.values()
    shown = np.isfinite(low) & np.isfinite(high) & ((low > 0) | (not log_y))
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    figure.add_scatter(
        x=np.concatenate([x[shown], x[shown][::-1]]),
        y=np.concatenate([low[shown], high[shown][::-1]]),
        name=name, legendgroup=name, showlegend=False, hoverinfo="skip", mode="lines",
        line={"width": 0}, fill="toself", fillcolor=f"rgba({red},{green},{blue},0.18)",
    )  # fmt: skip


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
