"""A cost report that can be sent to a colleague: HTML, Markdown, CSV, XLSX, JSON and FOCUS."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from models.billing import Bill
from models.errors import InvalidInputError
from models.focus import focus_csv, write_parquet
from models.prices import Catalogue
from models.report.content import Content
from models.report.exports import bill_csv, bill_json, focus_table
from models.report.pages import html_page, markdown_page
from models.report.publishing import workshop
from models.report.spreadsheet import workbook
from models.scenario import Scenario

#: Every file of a report, in the order in which they are listed.
FILES = (
    "index.html", "report.md", "bill.csv", "bill.xlsx", "bill.json", "focus.csv", "focus.parquet",
)  # fmt: skip


def write_report(
    scenario: Scenario,
    out: Path,
    *,
    baseline: Scenario | None = None,
    catalogue: Catalogue | None = None,
    today: date | None = None,
) -> list[Path]:
    """Write a report of `scenario` into the folder `out`, whole or not at all.

    Parameters
    ----------
    scenario : Scenario
    out : Path
        Made where it is missing; files of an earlier report are replaced, others left alone.
    baseline : Scenario, optional
        What to show the difference against.
    catalogue : Catalogue, optional
        Prices; by default those that ship with the project.
    today : date, optional
        The day by which prices are called old; by default the current one.

    Returns
    -------
    list of Path
        The files written, ``index.html`` first.

    Raises
    ------
    InvalidInputError
        Where `out` is a file, a resource holds the points of a sweep, or a text is not Unicode.
    UnknownPriceError
        Where a line has no price. Nothing is written then.
    """
    content = Content(scenario, catalogue, today or date.today(), baseline)
    for made in filter(None, (content.bill, content.before)):
        _refuse_sweep(made)
    with workshop(out, FILES) as folder:
        _write(content, folder)
        made_here = [name for name in FILES if (folder / name).exists()]
    return [out / name for name in made_here]


def _refuse_sweep(made: Bill) -> None:
    if any(np.ndim(line.quantity) for line in made.lines):
        raise InvalidInputError(
            "a report is about one bill; give each resource one value, no sweep"
        )


def _write(content: Content, folder: Path) -> None:
    """Write every format into `folder`."""
    texts = {
        "index.html": html_page(content),
        "report.md": markdown_page(content),
        "bill.csv": bill_csv(content),
        "bill.json": bill_json(content),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(_utf8(text))
    (folder / "bill.xlsx").write_bytes(workbook(content))
    if not content.why_no_focus:
        frame = focus_table(content)
        (folder / "focus.csv").write_bytes(_utf8(focus_csv(frame)))
        write_parquet(frame, folder / "focus.parquet")


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            f"a name or text of the scenario holds {text[error.start]!a}, which is no character"
        ) from None


__all__ = ["FILES", "Content", "write_report"]
