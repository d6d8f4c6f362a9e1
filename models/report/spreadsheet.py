"""The report as a spreadsheet: numbers as numbers, text never as a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from models.files import spreadsheet_text
from models.report.content import Content, tier_rows
from models.tables import bill_frame

#: Cells are never guessed to be formulas, numbers or links from their text.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_FORMATS = {
    "head": {"bold": True, "bottom": 1},
    "usd": {"num_format": "$#,##0.00"},
    "price": {"num_format": "$0.0000000000"},
    "quantity": {"num_format": "#,##0.######"},
    "total": {"bold": True, "num_format": "$#,##0.00", "top": 1},
}
_WIDEST = 60


def workbook(content: Content) -> bytes:
    """The bill, its sums, and what it rests on, one sheet each."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
        _bill_sheet(book.add_worksheet("Bill"), formats, content)
        for title, field in (("By service", "service_code"), ("By resource", "resource")):
            rows = [(name, float(cost)) for name, cost in content.bill.by(field).items()]
            _write(book.add_worksheet(title), formats, (field, "cost_usd"), rows)
        notes = [("assumption", text) for text in content.assumptions]
        notes += [(f"{name} leaves out", text) for name, text in content.left_out.items()]
        _write(book.add_worksheet("Assumptions"), formats, ("kind", "text"), notes)
        prices = [
            (price.service_code, price.usage_type, price.operation, price.region, start,
             unit_price, price.unit, price.effective_date, price.confidence, price.source)
            for price, start, unit_price in tier_rows(content.prices)
        ]  # fmt: skip
        head = (
            "service_code", "usage_type", "operation", "region", "tier", "unit_price", "unit",
            "effective_date", "confidence", "source",
        )  # fmt: skip
        _write(book.add_worksheet("Prices"), formats, head, prices)
    return buffer.getvalue()


def _bill_sheet(sheet: Any, formats: dict[str, Any], content: Content) -> None:
    frame = bill_frame(content.bill).astype(object)
    rows = [tuple(row) for row in frame.where(frame.notna(), None).itertuples(index=False)]
    _write(sheet, formats, list(frame.columns), rows)
    column = list(frame.columns).index("cost_usd")
    sheet.write_string(len(rows) + 1, 0, "Total", formats["head"])
    sheet.write_number(len(rows) + 1, column, content.total_usd, formats["total"])


def _write(
    sheet: Any, formats: dict[str, Any], head: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    table = list(rows)
    for column, name in enumerate(head):
        sheet.write_string(0, column, name, formats["head"])
        longest = max((len(str(row[column])) for row in table), default=0)
        sheet.set_column(column, column, min(max(longest, len(name)) + 2, _WIDEST))
    for number, row in enumerate(table, start=1):
        for column, value in enumerate(row):
            if isinstance(value, float):
                sheet.write_number(number, column, value, formats[_format(head[column])])
            elif value is not None:
                sheet.write_string(number, column, spreadsheet_text(str(value)))
    sheet.freeze_panes(1, 0)


def _format(column: str) -> str:
    if column == "unit_price_usd":
        return "price"
    return "usd" if column.endswith("_usd") else "quantity"
