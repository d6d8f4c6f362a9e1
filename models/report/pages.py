"""The report as a web page and as Markdown, from templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import plotly
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models import plots
from models.report.content import Content
from models.report.rows import tier_rows
from models.units import unit_price_text, usd

_HERE = Path(__file__).parent / "templates"
_URL = re.compile(r"https?://[^\s<>\"')]+[^\s<>\"').,;:]")
#: Figures draw with these; no button leads anywhere but into the page.
_PLOT_CONFIG = {"displaylogo": False, "responsive": True, "displayModeBar": False}


@dataclass(frozen=True)
class Drawing:
    """A figure with what it shows, in a sentence, and what it says to who cannot see it."""

    name: str
    caption: str
    words: str
    drawn: Markup


def html_page(content: Content) -> str:
    """The whole report as one HTML file that loads nothing."""
    template = environment().get_template("report.html.j2")
    return template.render(
        content=content,
        figures={figure.name: figure for figure in _figures(content)},
        **self_contained(),
        tiers=list(tier_rows(content.prices)),
    )


def markdown_page(content: Content) -> str:
    """The report as Markdown, without figures."""
    template = environment().get_template("report.md.j2")
    return template.render(content=content, tiers=list(tier_rows(content.prices)))


def _figures(content: Content) -> Iterator[Drawing]:
    if content.changes:
        before = {change.name: change.before_usd for change in content.changes}
        after = {change.name: change.after_usd for change in content.changes}
        changes = {change.name: change.change_usd for change in content.changes}
        figure = plots.difference(before, after)
        yield _drawing("difference", content.difference_title, figure, changes)
    if content.bill.lines:
        costs = {section.name: section.subtotal_usd for section in content.sections}
        figure = plots.cost_by_service(content.bill)
        yield _drawing("services", content.share_title("service_code"), figure, costs)
        costs = {name: float(cost) for name, cost in content.bill.by("resource").items()}
        figure = plots.cost_by_resource(content.bill)
        yield _drawing("resources", content.share_title("resource"), figure, costs)


def self_contained() -> dict[str, Markup]:
    """Script and style that a page holds itself, so that it loads nothing."""
    return {
        "plotly_script": Markup(plotly.offline.get_plotlyjs()),
        "style": Markup((_HERE / "report.css").read_text(encoding="utf-8")),
    }


def drawn(figure: Any, name: str) -> Markup:
    """A figure in the page, without its title: that is text, which wraps on a narrow screen."""
    figure.update_layout(
        title=None,
        margin_t=0,  # a legend makes room for itself
        height=figure.layout.height - plots.TITLE_HEIGHT,
    )
    return Markup(
        figure.to_html(full_html=False, include_plotlyjs=False, div_id=name, config=_PLOT_CONFIG)
    )


def _drawing(name: str, caption: str, figure: Any, amounts: Mapping[str, float]) -> Drawing:
    words = "; ".join(f"{what} {usd(amount)}" for what, amount in amounts.items())
    described = f"Bar chart. {caption}. {words}."
    return Drawing(name, caption, described, drawn(figure, f"figure-{name}"))


@cache
def environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["usd"] = usd
    environment.filters["unit_price"] = unit_price_text
    environment.filters["change"] = lambda amount: f"{'+' if amount > 0 else ''}{usd(amount)}"
    environment.filters["md"] = _markdown_text
    environment.filters["linked"] = _linked
    return environment


def _markdown_text(value: object) -> str:
    """Text as Markdown shows it literally: nothing in it is markup, a link or a table cell."""
    text = " ".join(str(value).split())
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~$&=-])", r"\\\1", text)


def _linked(value: object) -> Markup:
    """Escaped text in which addresses are links."""
    parts: list[str | Markup] = []
    text, end = str(value), 0
    for found in _URL.finditer(text):
        link = Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(found[0])
        parts += [text[end : found.start()], link]
        end = found.end()
    return Markup("").join([*parts, text[end:]])
