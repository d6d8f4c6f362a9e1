"""Bills as bars: what the month costs, and what a change adds and saves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from models.naming import service_name
from models.plots.style import COLORS, finished, marker, shown_text
from models.units import usd

if TYPE_CHECKING:
    from models.billing import Bill

#: Sizes in pixels: a bar with its gap, and what is below the bars.
BAR_HEIGHT = 38
AXIS_HEIGHT = 60
#: Room for the amounts beside bars. [pixels]
AMOUNT_WIDTH = 80
#: Bars in one figure; what is smaller is drawn together as one more.
MOST_BARS = 25
#: Characters of a name beside a bar, on each of two lines.
LABEL_WIDTH = 26


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
        figure.add_bar(**_sideways(costs), name=service_name(code), marker=marker(number))
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
        figure.add_bar(**_sideways(part), name=label, marker=marker(number))
    figure.update_layout(barmode="relative", showlegend=False)
    return _finished_sideways(figure, title, ordered, unit="USD a month", signed=True)


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
        "customdata": [[shown_text(name), usd(cost or 0.0)] for name, cost in costs.items()],
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
    finished(figure, title, unit, "")
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
    return ["<br>".join(map(shown_text, two)) for two in lines]
