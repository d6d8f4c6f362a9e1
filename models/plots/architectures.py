"""Architectures as boxes: the way of a request from left to right, what else there is below."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from models.architecture.describing import configuration_of, type_of
from models.naming import services
from models.plots.style import COLORS, INK, TITLE_HEIGHT, shown_text

if TYPE_CHECKING:
    from models.architecture import Architecture

#: Sizes in pixels, where the figure is as wide as this.
WIDTH, COLUMN, BOX_WIDTH = 900, 150, 134
ROW, BOX_HEIGHT = 122, 86
COLUMNS = WIDTH // COLUMN
#: Characters on a line of a box; letters of the name are larger.
NAME_WIDTH, TEXT_WIDTH = 16, 21
TITLE_WIDTH = 88
#: So many resources alike, linked alike, are drawn as one.
ALIKE = 3

#: What people call them, where it is not the class's name taken apart.
_KINDS = {"NatGateway": "NAT Gateway", "HttpApi": "HTTP API", "RestApi": "REST API"}
_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Box:
    """A box of the picture.

    Parameters
    ----------
    label : str
    lines : tuple of str
        Below the label.
    """

    label: str
    lines: tuple[str, ...] = ()


def architecture(drawn: Architecture, *, title: str | None = None) -> go.Figure:
    """What an architecture consists of: the way of a request on top, what it is linked to below.

    Parameters
    ----------
    drawn : Architecture
    title : str, optional
        Its summary unless given.

    Notes
    -----
    Solid boxes are what every request needs, thin ones what these are linked to; dashed ones stand
    beside, or follow the traffic.
    """
    boxes, links = _merged(drawn)
    places = _places(drawn, boxes, links)
    figure = go.Figure()
    depth = max((row for _, row in places.values()), default=0) + 1
    height = depth * ROW + (ROW - BOX_HEIGHT) // 2
    _draw_way(figure, drawn, places)
    on_way = set(pairwise(drawn.path))
    for start, end in links:
        if (start, end) not in on_way:
            _draw_link(figure, places[start], places[end])
    linked = {name for link in links for name in link}
    for name, box in boxes.items():
        _draw_box(figure, box, places[name], _border(name in drawn.path, name in linked))
    heading = "<br>".join(map(shown_text, wrap(title or drawn.summary, TITLE_WIDTH)))
    above = TITLE_HEIGHT + 22 * heading.count("<br>")
    figure.update_layout(
        template="none",
        title={"text": heading, "x": 0, "xanchor": "left", "font": {"size": 17},
               "yref": "container", "y": 1 - 12 / (above + height), "yanchor": "top"},
        font={"family": "system-ui, -apple-system, Segoe UI, sans-serif", "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", showlegend=False,
        margin={"l": 0, "r": 0, "t": above, "b": 0}, height=above + height,
        xaxis={"visible": False, "range": [0, WIDTH], "fixedrange": True},
        yaxis={"visible": False, "range": [height, 0], "fixedrange": True},
    )  # fmt: skip
    return figure


# --- what there is ------------------------------------------------------------------------------


def _merged(
    drawn: Architecture,
) -> tuple[dict[str, Box], list[tuple[str, str]]]:
    """A box for each resource, several alike as one, and the links between the boxes."""
    links = list(drawn.links)
    boxes = {one.name: _box(drawn, one) for one in drawn.resources}
    for start, ends in _by_start(links).items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for end in ends:
            alike.setdefault(boxes[end].lines, []).append(end)
        for lines, names in alike.items():
            if len(names) >= ALIKE and not any(_leads_on(name, links) for name in names):
                boxes[names[0]] = Box(f"{names[0]} ...", (*lines, f"{len(names)} of them"))
                links = [(a, b) for a, b in links if (a, b) == (start, names[0]) or b not in names]
                boxes = {name: box for name, box in boxes.items() if name not in names[1:]}
    return boxes, links


def _by_start(links: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for start, end in links:
        found.setdefault(start, []).append(end)
    return found


def _leads_on(name: str, links: Iterable[tuple[str, str]]) -> bool:
    return any(start == name for start, _ in links)


def _box(drawn: Architecture, resource: Any) -> Box:
    client, _, kind = type_of(resource).partition(".")
    service = next((one.short_name for one in services().values() if client in one.boto3_clients),
                   "")  # fmt: skip
    named = _KINDS.get(kind) or _CAPITALS.sub(" ", kind)
    copies = drawn.copies_of(resource.name)
    lines = [f"{service} {named}".strip(), configuration_of(resource)]
    lines += [f"{copies:,} copies"] if copies > 1 else []
    return Box(resource.name, tuple(line for line in lines if line))


# --- where it goes ------------------------------------------------------------------------------


Place = tuple[int, int]


def _places(
    drawn: Architecture, boxes: Mapping[str, Box], links: list[tuple[str, str]]
) -> dict[str, Place]:
    """Column and row of each box: the way first, below it what is linked to it, then the rest."""
    places: dict[str, Place] = {}
    each = COLUMNS - 1  # the first column is that of the clients
    for number, name in enumerate(drawn.path):
        places[name] = 1 + number % each, number // each
    row = _rows(drawn)
    while level := _next_level(places, boxes, links):
        for name, column in level.items():
            places[name] = _free(places, column, row), row
        row = max(own for _, own in places.values()) + 1
    for chain in _chains(places, boxes, links):
        for number, name in enumerate(chain):
            places[name] = 1 + number % each, row + number // each
        row += -(-len(chain) // each)
    rest = [name for name in boxes if name not in places]
    taken = {column for column, its_row in places.values() if its_row == row - 1}
    free = [column for column in reversed(range(COLUMNS)) if column not in taken]
    if len(rest) <= len(free) and row > _rows(drawn):  # beside what is linked, to save a row
        return places | {name: (column, row - 1) for name, column in zip(rest, free, strict=False)}
    for number, name in enumerate(rest):
        places[name] = number % COLUMNS, row + number // COLUMNS
    return places


def _rows(drawn: Architecture) -> int:
    """Rows that the way takes."""
    return -(-len(drawn.path) // (COLUMNS - 1))


def _next_level(
    places: Mapping[str, Place], boxes: Mapping[str, Box], links: list[tuple[str, str]]
) -> dict[str, int]:
    """Boxes without a place that are linked to one with a place, and the columns they want."""
    wanted: dict[str, int] = {}
    for start, end in links:
        for placed, other in ((start, end), (end, start)):
            if placed in places and other not in places:
                wanted.setdefault(other, places[placed][0])
    ordered = sorted(wanted.items(), key=lambda item: item[1])
    return dict(ordered[:COLUMNS])


def _free(places: Mapping[str, Place], column: int, row: int) -> int:
    """The free column of a row that is nearest to the wanted one, to the right if there are two."""
    taken = {own for own, its_row in places.values() if its_row == row}
    free = [one for one in range(COLUMNS) if one not in taken]
    return min(free, key=lambda one: (abs(one - column), -one))


def _chains(
    places: Mapping[str, Place], boxes: Mapping[str, Box], links: list[tuple[str, str]]
) -> list[list[str]]:
    """What is linked to each other, but not to the way."""
    left = [link for link in links if link[0] not in places]
    ends = {end for _, end in left}
    chains = []
    for start in dict.fromkeys(start for start, _ in left if start not in ends):
        chain = [start]
        while following := [end for begin, end in left if begin == chain[-1] and end not in chain]:
            chain.append(following[0])
        chains.append(chain)
    return chains


# --- how it looks -------------------------------------------------------------------------------


def _corner(place: Place) -> tuple[float, float]:
    """Left upper corner of a box. [pixels]"""
    column, row = place
    return column * COLUMN + (COLUMN - BOX_WIDTH) / 2, row * ROW + (ROW - BOX_HEIGHT) / 2


def _border(on_way: bool, linked: bool) -> dict[str, Any]:
    if on_way:
        return {"color": COLORS[0], "width": 2.5, "dash": "solid"}
    return {"color": INK, "width": 1.2, "dash": "solid" if linked else "dot"}


def _draw_box(figure: go.Figure, box: Box, place: Place, border: dict[str, Any]) -> None:
    left, top = _corner(place)
    figure.add_shape(
        type="rect", x0=left, y0=top, x1=left + BOX_WIDTH, y1=top + BOX_HEIGHT, line=border,
        fillcolor="rgba(128,128,128,0.08)",
    )  # fmt: skip
    label = "<br>".join(map(shown_text, wrap(box.label, NAME_WIDTH)))
    lines = [
        shown_text(part)
        for line in box.lines
        for part in wrap(line, TEXT_WIDTH, break_on_hyphens=False)
    ]
    figure.add_annotation(
        x=left + BOX_WIDTH / 2, y=top + BOX_HEIGHT / 2, showarrow=False, font={"size": 11},
        text="<br>".join([f"<b style='font-size:13px'>{label}</b>", *lines]),
    )  # fmt: skip


def _draw_way(figure: go.Figure, drawn: Architecture, places: Mapping[str, Place]) -> None:
    """The clients, and an arrow from each box of the way to the next."""
    if not drawn.path:
        return
    left, top = _corner((0, 0))
    figure.add_annotation(
        x=left + BOX_WIDTH * 0.4, y=top + BOX_HEIGHT / 2, showarrow=False, font={"size": 15},
        text="<b>" + "<br>".join(map(shown_text, wrap(drawn.clients, 10))) + "</b>",
    )  # fmt: skip
    middle, first = top + BOX_HEIGHT / 2, _corner(places[drawn.path[0]])[0]
    _arrow(figure, (left + BOX_WIDTH * 0.8, middle), (first, middle), 2)
    for start, end in pairwise(drawn.path):
        _draw_link(figure, places[start], places[end], width=2)


def _draw_link(figure: go.Figure, start: Place, end: Place, *, width: float = 1.2) -> None:
    """An arrow sideways, downwards, or round the end of a row to the start of the next."""
    (x0, y0), (x1, y1) = _corner(start), _corner(end)
    half, down = BOX_WIDTH / 2, BOX_HEIGHT / 2
    if start[1] == end[1]:
        right = x1 > x0
        _arrow(
            figure, (x0 + BOX_WIDTH * right, y0 + down), (x1 + BOX_WIDTH * (not right), y1 + down),
            width,
        )  # fmt: skip
        return
    below = end[1] > start[1]
    from_y, to_y = (y0 + BOX_HEIGHT, y1) if below else (y0, y1 + BOX_HEIGHT)
    if abs(start[0] - end[0]) > 1:
        turn = (from_y + to_y) / 2
        figure.add_shape(
            type="path", path=f"M {x0 + half} {from_y} V {turn} H {x1 + half}",
            line={"color": INK, "width": width},
        )  # fmt: skip
        _arrow(figure, (x1 + half, turn), (x1 + half, to_y), width)
        return
    _arrow(figure, (x0 + half, from_y), (x1 + half, to_y), width)


def _arrow(
    figure: go.Figure, start: tuple[float, float], end: tuple[float, float], width: float
) -> None:
    figure.add_annotation(
        x=end[0], y=end[1], ax=start[0], ay=start[1], xref="x", yref="y", axref="x", ayref="y",
        text="", showarrow=True, arrowhead=2, arrowsize=1, arrowwidth=width, arrowcolor=INK,
    )  # fmt: skip
