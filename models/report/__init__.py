"""A cost report that can be sent to a colleague: HTML, Markdown, CSV, XLSX, JSON and FOCUS."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from models.errors import InvalidInputError
from models.files import spreadsheet_text
from models.focus import check_focus, focus_csv, focus_frame, write_parquet
from models.prices import Catalogue
from models.report.content import Content
from models.report.pages import html_page, markdown_page
from models.report.spreadsheet import workbook
from models.scenario import Scenario
from models.tables import bill_frame


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
        Where `out` is a file.
    UnknownPriceError
        Where a line has no price. Nothing is written then.
    """
    if out.exists() and not out.is_dir():
        raise InvalidInputError(f"{out}: is a file; a report needs a folder")
    content = Content(scenario, catalogue or Catalogue.load(), today or date.today(), baseline)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        made = list(_files(content, Path(folder)))
        out.mkdir(exist_ok=True)
        for stale in ("focus.csv", "focus.parquet"):
            (out / stale).unlink(missing_ok=True)
        return [Path(shutil.move(path, out / path.name)) for path in made]


def _files(content: Content, folder: Path) -> Iterator[Path]:
    """Write every format into `folder`; yield each file."""
    texts = {
        "index.html": html_page,
        "report.md": markdown_page,
        "bill.csv": _bill_csv,
        "bill.json": _bill_json,
    }
    for name, made in texts.items():
        path = folder / name
        path.write_text(made(content), encoding="utf-8", newline="")
        yield path
    (folder / "bill.xlsx").write_bytes(workbook(content))
    yield folder / "bill.xlsx"
    if not content.why_no_focus:
        yield from _focus_files(content, folder)


def _focus_files(content: Content, folder: Path) -> Iterator[Path]:
    frame = focus_frame(content.bill)
    problems = check_focus(frame)
    if problems:
        raise InvalidInputError(f"the FOCUS table would break its own rules: {problems[0]}")
    write_parquet(frame, folder / "focus.parquet")
    (folder / "focus.csv").write_text(focus_csv(frame), encoding="utf-8", newline="")
    yield folder / "focus.parquet"
    yield folder / "focus.csv"


def _bill_csv(content: Content) -> str:
    frame = bill_frame(content.bill)
    for column in frame.columns:
        if frame[column].dtype.kind != "f":
            frame[column] = [_cell(value) for value in frame[column]]
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _cell(value: Any) -> Any:
    return spreadsheet_text(value) if isinstance(value, str) else value


def _bill_json(content: Content) -> str:
    scenario = content.scenario
    data = {
        "scenario": scenario.name,
        "region": scenario.region,
        "billing_period": scenario.billing_period,
        "hours": scenario.period.hours,
        "free_tier": scenario.free_tier,
        "total_usd": content.total_usd,
        "baseline_total_usd": float(content.before.total_usd) if content.before else None,
        "lines": json.loads(
            bill_frame(content.bill).to_json(orient="records", double_precision=15)
        ),
        "by_service_usd": {k: float(v) for k, v in content.bill.by("service_code").items()},
        "by_resource_usd": {k: float(v) for k, v in content.bill.by("resource").items()},
        "assumptions": list(content.assumptions),
        "left_out": content.left_out,
    }
    return json.dumps(data, indent=2, allow_nan=False) + "\n"


__all__ = ["Content", "write_report"]
