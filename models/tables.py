"""A bill as a data frame, as an invoice in a notebook, and as plain text in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.files import spreadsheet_text
from models.metering import Quantity
from models.naming import service_name
from models.units import quantity_text, usd

if TYPE_CHECKING:
    import pandas as pd

    from models.billing import Bill, LineItem
    from models.prices import Price

#: An invoice in a notebook shows fewer lines than this; the smallest are summed up.
MOST_LINES = 60

_TEXT_COLUMNS = (
    "service_code", "resource", "region", "usage_type", "operation", "description",
    "charge_category", "unit",
)  # fmt: skip


def bill_frame(bill: Bill) -> pd.DataFrame:
    """The lines of a bill as a data frame, one row each; for a sweep, one per line and point.

    Columns
    -------
    service_code, resource, region, usage_type, operation, description, charge_category, unit
    quantity : float
        [the row's unit]
    unit_price_usd : float
        [USD per unit]
    cost_usd : float
        [USD]
    price_date, price_source, price_confidence : str or None
        None on a credit.
    point : int
        Only for a sweep: number of the sweep point, counted through all axes in C order.
    """
    import pandas as pd

    shape = _shape(bill)
    columns: dict[str, list[object]] = {name: [] for name in (*_FRAME_COLUMNS, "point")}
    for line in bill.lines:
        for point, quantity in enumerate(_points(line.quantity, shape)):
            for name, value in _cells(line, float(quantity)).items():
                columns[name].append(value)
            columns["point"].append(point)
    frame = pd.DataFrame(columns)
    return frame if shape else frame.drop(columns="point")


def bill_records(bill: Bill) -> list[dict[str, Any]]:
    """The rows of `bill_frame` as plain values, for JSON; None where there is none."""
    frame = bill_frame(bill).astype(object)
    rows = frame.where(frame.notna(), None).to_dict(orient="records")
    return [{str(key): value for key, value in row.items()} for row in rows]


_FRAME_COLUMNS = (
    *_TEXT_COLUMNS, "quantity", "unit_price_usd", "cost_usd", "price_date", "price_source",
    "price_confidence",
)  # fmt: skip


def _cells(line: LineItem, quantity: float) -> dict[str, object]:
    texts: dict[str, object] = {name: getattr(line, name) for name in _TEXT_COLUMNS}
    return texts | {
        "quantity": quantity,
        "unit_price_usd": line.unit_price_usd,
        "cost_usd": quantity * line.unit_price_usd,
        "price_date": line.price.effective_date if line.price else None,
        "price_source": line.price.source if line.price else None,
        "price_confidence": line.price.confidence if line.price else None,
    }


def _shape(bill: Bill) -> tuple[int, ...]:
    """Shape of the sweep; empty where the bill is one bill."""
    return np.broadcast_shapes(*(np.shape(line.quantity) for line in bill.lines))


def _points(quantity: Quantity, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.broadcast_to(np.asarray(quantity, dtype=np.float64), shape).ravel()


@dataclass(frozen=True)
class _Entry:
    """One row of an invoice: a line, or several small ones summed up."""

    description: str
    resource: str
    usage: str
    cost: str


@dataclass(frozen=True)
class _Section:
    """One service of an invoice."""

    name: str
    subtotal: str
    entries: tuple[_Entry, ...]


def _sections(bill: Bill, shown: Iterable[LineItem]) -> Iterator[_Section]:
    """The invoice by service, dearest first; lines that are not `shown` are summed up."""
    chosen = {id(line) for line in shown}
    lines = sorted(bill.lines, key=lambda line: line.service_code)
    groups = [(code, list(group)) for code, group in groupby(lines, key=_service_code)]
    groups.sort(key=lambda group: -_largest(_total(group[1])))
    for code, members in groups:
        entries = [_entry(line) for line in members if id(line) in chosen]
        rest = [line for line in members if id(line) not in chosen]
        if rest:
            more = f"{len(rest)} smaller line{'s' if len(rest) > 1 else ''}"
            entries.append(_Entry(more, "", "", _money(_total(rest))))
        yield _Section(service_name(code), _money(_total(members)), tuple(entries))


def _service_code(line: LineItem) -> str:
    return line.service_code


def _entry(line: LineItem) -> _Entry:
    usage = f"{_span(line.quantity, quantity_text)} {line.unit}"
    place = f"{line.resource} ({line.region})"
    return _Entry(line.description, place, usage, _money(line.cost_usd))


def _largest_lines(bill: Bill, most: int) -> tuple[LineItem, ...]:
    """All lines where they fit into `most` rows, else so many that the rest fits summed up."""
    if len(bill.lines) <= most:
        return bill.lines
    services = {line.service_code for line in bill.lines}
    by_size = sorted(bill.lines, key=lambda line: -_largest(np.abs(line.cost_usd)))
    return tuple(by_size[: max(most - len(services), 0)])


def _total(lines: Iterable[LineItem]) -> Quantity:
    costs = [np.asarray(line.cost_usd, dtype=np.float64) for line in lines]
    return np.asarray(sum(np.broadcast_arrays(*costs))) if costs else 0.0


def _largest(cost: Quantity) -> float:
    return float(np.max(cost))


def _money(cost: Quantity) -> str:
    return _span(cost, usd)


def _span(amount: Quantity, text: Callable[[float], str]) -> str:
    """An amount as text; for a sweep, from the least to the greatest."""
    least, greatest = (text(float(end)) for end in (np.min(amount), np.max(amount)))
    return least if least == greatest else f"{least} - {greatest}"


def price_dates(prices: Iterable[Price]) -> str:
    """Oldest and newest effective date among prices, of which there is at least one."""
    dates = sorted({price.effective_date for price in prices})
    return " to ".join(dict.fromkeys((dates[0], dates[-1])))


def _facts(bill: Bill) -> str:
    """What the figures rest on: free tier, dates of the prices, confidence, sweep."""
    prices = [line.price for line in bill.lines if line.price]
    facts = [f"Free tier: {bill.free_tier}"]
    if prices:
        facts.append(f"AWS list prices of {price_dates(prices)}, without tax")
    unsure = sum(price.confidence == "low" for price in prices)
    if unsure:
        facts.append(f"{unsure} of {len(bill.lines)} lines use a price of low confidence")
    if _shape(bill):
        facts.append(f"{int(np.prod(_shape(bill)))} sweep points, shown from least to greatest")
    return ". ".join(facts) + "."


_STYLE = {
    "table": "border-collapse:collapse;min-width:36em;font-variant-numeric:tabular-nums",
    "head": "text-align:left;padding:2px 12px 2px 0;border-bottom:2px solid #8888",
    "amount": "text-align:right;padding:2px 0 2px 12px;border-bottom:2px solid #8888",
    "service": "text-align:left;padding:8px 12px 2px 0;border-bottom:1px solid #8888",
    "cell": "text-align:left;padding:2px 12px 2px 12px",
    "number": "text-align:right;padding:2px 0 2px 12px;white-space:nowrap",
    "sum": "text-align:right;padding:8px 0 2px 12px;border-bottom:1px solid #8888;font-weight:bold",
    "total": "text-align:left;padding:8px 12px 2px 0;border-top:2px solid #8888;font-weight:bold",
    "grand": "text-align:right;padding:8px 0 2px 12px;border-top:2px solid #8888;font-weight:bold",
}


def bill_html(bill: Bill) -> str:
    """The bill as an invoice: by service, dearest first, with subtotals and a total.

    It takes its colors from the page around it, so that it reads on white and on dark. With
    `MOST_LINES` lines or more, the smallest of each service are summed up.
    """
    shown = _largest_lines(bill, MOST_LINES - 1)
    body = "".join(_section_html(section) for section in _sections(bill, shown))
    total = _row_html(("Total", "total", ' colspan="3"'), (_money(bill.total_usd), "grand", ""))
    return (
        f'<div class="costlab-bill"><table style="{_STYLE["table"]}">'
        f'<caption style="text-align:left;font-weight:bold">Estimated bill,'
        f" {escape(str(bill.period))}</caption>"
        f"<thead>{_head_html()}</thead><tbody>{body}{total}</tbody></table>"
        f'<p style="opacity:.75;margin:4px 0">{escape(_facts(bill))}</p></div>'
    )


def _head_html() -> str:
    return _row_html(
        ("Description", "head", ""), ("Resource", "head", ""), ("Usage", "amount", ""),
        ("Cost", "amount", ""), tag="th",
    )  # fmt: skip


def _section_html(section: _Section) -> str:
    title = _row_html(
        (section.name, "service", ' colspan="3" scope="rowgroup"'),
        (section.subtotal, "sum", ""),
        tag="th",
    )
    return title + "".join(
        _row_html(
            (entry.description, "cell", ""), (entry.resource, "cell", ""),
            (entry.usage, "number", ""), (entry.cost, "number", ""),
        )
        for entry in section.entries
    )  # fmt: skip


def _row_html(*cells: tuple[str, str, str], tag: str = "td") -> str:
    """One table row of (text, style, further attributes); the text is escaped."""
    inner = "".join(
        f'<{tag} style="{_STYLE[style]}"{more}>{escape(text)}</{tag}>'
        for text, style, more in cells
    )
    return f"<tr>{inner}</tr>"


def bill_text(bill: Bill) -> str:
    """The whole bill as aligned plain text."""
    sections = list(_sections(bill, bill.lines))
    total = _money(bill.total_usd)
    rows = [entry for section in sections for entry in section.entries]
    left = max((len(_left(entry)) for entry in rows), default=20)
    usage = max((len(entry.usage) for entry in rows), default=0)
    cost = max(len(text) for text in (total, *(section.subtotal for section in sections),
                                      *(entry.cost for entry in rows)))  # fmt: skip
    width = left + usage + cost + 4
    text = [f"Estimated bill, {bill.period}", "=" * width]
    for section in sections:
        text.append(f"{section.name:<{width - cost}}{section.subtotal:>{cost}}")
        text += [
            f"{_left(entry):<{left}}  {entry.usage:>{usage}}  {entry.cost:>{cost}}"
            for entry in section.entries
        ]
    text += ["=" * width, f"{'Total':<{width - cost}}{total:>{cost}}", _facts(bill)]
    return "\n".join(line.rstrip() for line in text)


def _left(entry: _Entry) -> str:
    return (
        f"  {entry.resource}: {entry.description}" if entry.resource else f"  {entry.description}"
    )


__all__ = ["MOST_LINES", "bill_frame", "bill_html", "bill_text", "spreadsheet_text"]
