"""The report as a spreadsheet: numbers as numbers, text never as a formula."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter

from models.files import spreadsheet_text
from models.naming import service_name
from models.report.content import Content
from models.report.rows import tier_rows
from models.tables import bill_records

#: Cells are never guessed to be formulas, numbers or links from their text.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_FORMATS = {
    "head": {"bold": True, "bottom": 1},
    "text": {"text_wrap": True, "valign": "top"},
    "usd": {"num_format": "$#,##0.00", "valign": "top"},
    "price": {"num_format": "$0.0000000000", "valign": "top"},
    "quantity": {"num_format": "#,##0.######", "valign": "top"},
    "total": {"bold": True, "num_format": "$#,##0.00", "top": 1},
}
_WIDEST = 60
#: Title, names of the columns, and rows.
Sheet = tuple[str, Sequence[str], Sequence[Sequence[Any]]]
#: Characters in a cell, an Excel limit
#: (https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3).
#: Longer text goes on in the row below. One is left for the mark that makes a formula text.
_LONGEST_CELL = 32_766

_PRICE_HEAD = (
    "service_code", "usage_type", "operation", "region", "tier_from", "unit_price_usd", "unit",
    "effective_date", "confidence", "source",
)  # fmt: skip


def workbook(content: Content) -> bytes:
    """The bill, its sums, and what it rests on, one sheet each."""
    return sheets(_sheets(content), total_usd=content.total_usd)


def sheets(given: Iterable[Sheet], *, total_usd: float | None = None) -> bytes:
    """A workbook of these sheets; with a total below each column of costs, where it is given."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
        for title, head, rows in given:
            sheet = book.add_worksheet(title)
            _write(sheet, formats, head, rows)
            if "cost_usd" in head and total_usd is not None:
                _total(sheet, formats, head, len(rows), total_usd)
    return buffer.getvalue()


def _sheets(content: Content) -> Iterator[Sheet]:
    """Each sheet as title, names of the columns, and rows."""
    lines = bill_records(content.bill)
    yield "Bill", list(lines[0]) if lines else ["cost_usd"], [tuple(row.values()) for row in lines]
    services = [(service_name(k), k, float(v)) for k, v in content.bill.by("service_code").items()]
    yield "By service", ("service", "service_code", "cost_usd"), services
    resources = [(name, float(cost)) for name, cost in content.bill.by("resource").items()]
    yield "By resource", ("resource", "cost_usd"), resources
    yield "Assumptions", ("kind", "text"), _notes(content)
    yield "Prices", _PRICE_HEAD, [
        (price.service_code, price.usage_type, price.operation, price.region, tier.start,
         tier.price_usd, price.unit, price.effective_date, price.confidence, price.source)
        for price, _, tier in tier_rows(content.prices)
    ]  # fmt: skip


def _notes(content: Content) -> list[Sequence[Any]]:
    notes = [
        ("scenario", content.scenario.name),
        ("billing period", str(content.scenario.period)),
        ("free tier", content.scenario.free_tier),
        ("finding", content.finding),
        *(("changed", f"{one.path}: {one.before} -> {one.after}") for one in content.settings),
        *(("assumption", text) for text in content.assumptions),
        *((f"{name} leaves out", text) for name, text in content.left_out.items()),
        ("price dates", content.price_dates),
        ("lowest confidence", content.lowest_confidence),
        *(("warning", text) for text in filter(None, [content.stale_warning])),
        *(("FOCUS", text) for text in filter(None, [content.why_no_focus])),
    ]
    return [(kind, part) for kind, text in notes for part in _parts(text)]


def _parts(text: str) -> Iterator[str]:
    """Text in pieces that fit into a cell."""
    for number in range(max(math.ceil(len(text) / _LONGEST_CELL), 1)):
        yield text[number * _LONGEST_CELL :][:_LONGEST_CELL]


def _total(
    sheet: Any, formats: dict[str, Any], head: Sequence[str], rows: int, total_usd: float
) -> None:
    column = list(head).index("cost_usd")
    if column:
        sheet.write_string(rows + 1, 0, "Total", formats["head"])
    sheet.write_number(rows + 1, column, total_usd, formats["total"])


def _write(
    sheet: Any, formats: dict[str, Any], head: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    for column, name in enumerate(head):
        sheet.write_string(0, column, name, formats["head"])
        longest = max((_width(row[column]) for row in rows), default=0)
        sheet.set_column(column, column, min(max(longest, len(name)) + 2, _WIDEST))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, float | int):
                sheet.write_number(number, column, value, formats[_format(head[column])])
            elif value is not None:
                sheet.write_string(number, column, spreadsheet_text(str(value)), formats["text"])
    sheet.freeze_panes(1, 0)


def _width(value: Any) -> int:
    return 12 if isinstance(value, float | int) else len(str(value or ""))


def _format(column: str) -> str:
    if column == "unit_price_usd":
        return "price"
    return "usd" if column.endswith("_usd") else "quantity"
