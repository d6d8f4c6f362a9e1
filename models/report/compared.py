"""A comparison as a folder: HTML, Markdown, XLSX, JSON and FOCUS."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from models import plots
from models.comparison import HEADER, Assessment, Compared
from models.focus import check_focus, focus_csv, focus_frame, write_parquet
from models.naming import service_name
from models.report.pages import drawn, environment, self_contained
from models.report.publishing import workshop
from models.report.spreadsheet import Sheet, sheets
from models.scenario import Scenario
from models.tables import bill_records
from models.units import usd

if TYPE_CHECKING:
    import pandas as pd

#: Every file of a written comparison, in the order in which they are listed.
FILES = (
    "index.html", "report.md", "comparison.xlsx", "comparison.json", "replications.csv",
    "focus.csv", "focus.parquet",
)  # fmt: skip
#: Services beyond so many are shown as one part of a bar.
MOST_PARTS = 8
ASSUMED = (
    "Prices are AWS list prices, without tax.",
    "Every alternative meets the same customers: replication by replication, the same arrivals and"
    " the same work.",
    "The simulated time is scaled to the month in usage, and priced once.",
    "Intervals say how much chance there is in the runs. They say nothing of what the models leave"
    " out.",
    "Availability multiplies what AWS commits itself to for the services that every request"
    " passes. AWS itself calls that an order of magnitude.",
)


def write_comparison(scenario: Scenario, found: Compared, out: Path) -> list[Path]:
    """Write a comparison into the folder `out`, whole or not at all.

    Returns
    -------
    list of Path
        The files written, ``index.html`` first; FOCUS only where the month is a calendar month.

    Raises
    ------
    InvalidInputError
        Where `out` is a file.
    """
    with workshop(out, FILES) as folder:
        words = {
            "index.html": _html(scenario, found),
            "report.md": environment().get_template("comparison.md.j2").render(
                **_context(scenario, found)
            ),
            "comparison.json": json.dumps(comparison_records(scenario, found), indent=2) + "\n",
        }  # fmt: skip
        for name, text in words.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "comparison.xlsx").write_bytes(sheets(_sheets(scenario, found)))
        if found.runs is not None:
            found.runs.table.to_csv(folder / "replications.csv", index=False)
        if scenario.period.is_calendar_month and found.feasible:
            frame = focus_table(found)
            (folder / "focus.csv").write_text(focus_csv(frame), encoding="utf-8")
            write_parquet(frame, folder / "focus.parquet")
        made = [name for name in FILES if (folder / name).exists()]
    return [out / name for name in made]


def comparison_records(scenario: Scenario, found: Compared) -> dict[str, Any]:
    """The comparison for scripts."""
    return {
        "scenario": scenario.name,
        "billing_period": scenario.billing_period,
        "replications": found.replications,
        "complete": found.complete,
        "verdict": [one.sentence for one in found.verdict.claims],
        "alternatives": [
            {**one.record(), "lines": bill_records(one.bill) if one.bill else []}
            for one in found.assessments
        ],
        "crossings": [vars(one) for one in found.crossings],
        "assumptions": [*scenario.assumptions, *ASSUMED],
    }


def focus_table(found: Compared) -> pd.DataFrame:
    """The bills of all alternatives as one FOCUS table, told apart by ``x_Alternative``.

    Raises
    ------
    InvalidInputError
        Where one of them would break FOCUS's rules.
    """
    import pandas as pd

    from models.errors import InvalidInputError

    frames = []
    for one in found.feasible:
        assert one.bill is not None
        frame = focus_frame(one.bill)
        if problems := check_focus(frame):
            raise InvalidInputError(f"the FOCUS table would break its own rules: {problems[0]}")
        frames.append(frame.assign(x_Alternative=one.name))
    return pd.concat(frames, ignore_index=True)


def _context(scenario: Scenario, found: Compared) -> dict[str, Any]:
    """What both pages say."""
    return {
        "scenario": scenario,
        "found": found,
        "header": HEADER,
        "rows": found.rows(),
        "infeasible": [one for one in found.assessments if one.infeasible],
        "latencies": list(_latencies(found)),
        "errors": list(_errors(found)),
        "services": _services(found),
        "crossings": found.crossings,
        "assumptions": [*scenario.assumptions, *ASSUMED],
        "left_out": {
            one.architecture.name: one.architecture.left_out
            for one in found.assessments
            if one.architecture.left_out
        },
    }


def _html(scenario: Scenario, found: Compared) -> str:
    template = environment().get_template("comparison.html.j2")
    return template.render(
        **_context(scenario, found), **self_contained(), figures=list(_figures(found))
    )


def _latencies(found: Compared) -> Iterator[tuple[str, ...]]:
    for one in found.feasible:
        each = [one.mean(name) for name in ("p50_ms", "p95_ms", "p99_ms")]
        yield one.name, *(f"{ms:,.0f}" if math.isfinite(ms) else "unknown" for ms in each)


def _errors(found: Compared) -> Iterator[tuple[str, str, str]]:
    for one in found.feasible:
        for cause, share in one.record()["errors"].items():
            if share:
                yield one.name, cause.replace("_", " "), f"{share:.3%}"


def _services(found: Compared) -> list[tuple[str, ...]]:
    """A row for each service: its cost in each alternative."""
    bills = {one.name: one.bill.by("service_code") for one in found.feasible if one.bill}
    codes = dict.fromkeys(code for costs in bills.values() for code in costs)
    return [
        (service_name(code), *(usd(float(costs.get(code, 0.0))) for costs in bills.values()))
        for code in codes
    ]


def _figures(found: Compared) -> Iterator[tuple[str, Markup]]:
    """Each figure with its caption."""
    feasible = found.feasible
    if feasible:
        title = "What each alternative pays for in a month"
        yield title, drawn(_costs(feasible, title), "figure-costs")
    if found.load is not None:
        title = "Cost of a month as the load grows, in closed form"
        yield title, drawn(_growth(found, title), "figure-load")
    for one in found.assessments:
        title = f"{one.name}: {one.architecture.summary}"
        figure = plots.architecture(one.architecture)
        yield title, drawn(figure, f"figure-architecture-{one.name}")


def _costs(feasible: tuple[Assessment, ...], title: str) -> Any:
    totals: dict[str, float] = {}
    costs = [one.bill.by("service_code") for one in feasible if one.bill is not None]
    for each in costs:
        for code, cost in each.items():
            totals[code] = totals.get(code, 0.0) + float(cost)
    ordered = sorted(totals, key=lambda code: -totals[code])
    shown, rest = ordered[:MOST_PARTS], ordered[MOST_PARTS:]
    parts = {
        service_name(code): np.array([float(each.get(code, 0.0)) for each in costs])
        for code in shown
    }
    if rest:
        parts["Other services"] = np.array(
            [sum(float(each.get(code, 0.0)) for code in rest) for each in costs]
        )
    names = [one.name for one in feasible]
    return plots.stacked_bars(names, parts, title=title, x_title="alternative")


def _growth(found: Compared, title: str) -> Any:
    assert found.load is not None
    return plots.curves(
        found.load.per_second, found.load.costs_usd, title=title,
        x_title="mean requests a second [1/s]",
        log_x=True, log_y=True,
    )  # fmt: skip


def _sheets(scenario: Scenario, found: Compared) -> Iterator[Sheet]:
    """Each sheet as title, names of the columns, and rows."""
    records = [{k: v for k, v in one.items() if k != "errors"} for one in found.records()]
    yield "Comparison", list(records[0]), [tuple(one.values()) for one in records]
    errors = [(one["alternative"], *one["errors"].values()) for one in found.records()]
    causes = next((list(one["errors"]) for one in found.records() if one["errors"]), [])
    yield "Errors", ("alternative", *causes), [row for row in errors if len(row) > 1]
    lines = [
        (one.name, *line.values())
        for one in found.feasible
        if one.bill
        for line in bill_records(one.bill)
    ]
    named = next((list(bill_records(one.bill)[0]) for one in found.feasible if one.bill), [])
    yield "Lines", ("alternative", *named), lines
    if found.runs is not None:
        table = found.runs.table
        yield (
            "Replications",
            [str(name) for name in table],
            [tuple(row) for row in table.itertuples(index=False)],
        )
    notes = [
        ("scenario", scenario.name),
        ("billing period", str(scenario.period)),
        *(("verdict", one.sentence) for one in found.verdict.claims),
        *(("assumption", text) for text in (*scenario.assumptions, *ASSUMED)),
    ]
    yield "Notes", ("kind", "text"), notes
