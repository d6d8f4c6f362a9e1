"""A run as text, as records and as a folder of figure and tables."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from models import plots
from models.billing import Bill
from models.files import spreadsheet_text
from models.report.pages import drawn, environment, self_contained
from models.report.publishing import workshop
from models.scenario import Scenario
from models.simulation import Run
from models.tables import bill_records
from models.units import SECONDS_PER_HOUR, quantity_text, usd

#: Every file of a written run, in the order in which they are listed.
FILES = (
    "index.html", "summary.json", "timeline.csv", "activities.csv", "alarms.csv",
    "hourly_usage.csv",
)  # fmt: skip
#: Activities that the page and the text show; the rest is in the table.
MOST_ACTIVITIES, ACTIVITIES_IN_TEXT = 100, 5
ASSUMED = (
    "Prices are AWS list prices, without tax.",
    "Where AWS documents nothing (delivery of metrics, shape of target tracking's alarms, when a"
    " group looks for unhealthy instances) the model has a parameter: see Assumptions in"
    " models.simulation and the policies' own fields.",
    "Launch times come from a few public measurements; the application's boot time is yours.",
    "Left out: data transfer of responses, CPU credits, and everything that is not among the"
    " resources.",
)


def write_run(scenario: Scenario, run: Run, bill: Bill, out: Path) -> list[Path]:
    """Write a run into the folder `out`, whole or not at all; the files, ``index.html`` first.

    Raises
    ------
    InvalidInputError
        Where `out` is a file.
    """
    with workshop(out, FILES) as folder:
        texts = {
            "index.html": _page(scenario, run, bill),
            "summary.json": json.dumps(run_records(scenario, run, bill), indent=2) + "\n",
            "timeline.csv": _csv(run.timeline),
            "activities.csv": _csv(run.activity_log),
            "alarms.csv": _csv(run.alarm_log),
            "hourly_usage.csv": _csv(run.hourly_usage),
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    return [out / name for name in FILES]


def run_records(scenario: Scenario, run: Run, bill: Bill) -> dict[str, Any]:
    """The run for scripts; what is not a number is null."""
    return {
        "scenario": scenario.name,
        "engine": run.engine,
        "seed": run.seed,
        "duration_seconds": run.duration_seconds,
        "outcomes": dict(run.outcomes),
        **{name: value if math.isfinite(value) else None for name, value in run.summary().items()},
        "billing_period": scenario.billing_period,
        "total_usd": float(bill.total_usd),
        "lines": bill_records(bill),
    }


def run_text(scenario: Scenario, run: Run, bill: Bill) -> str:
    """The run for a terminal."""
    rows = list(_figures(run))
    width = max(len(name) for name, _ in rows)
    activities = [
        f"  {one.start_seconds:7,.0f} s  {one.status}: {one.description}"
        for one in run.activities[:ACTIVITIES_IN_TEXT]
    ]
    more = len(run.activities) - len(activities)
    if more > 0:
        activities.append(f"  and {more} more")
    return "\n".join(
        [
            scenario.name,
            *(f"  {name.ljust(width)}  {value}" for name, value in rows),
            *(["Scaling activities", *activities] if activities else []),
            str(bill),
        ]
    )


def _figures(run: Run) -> Iterator[tuple[str, str]]:
    """What people compare runs by, in words and figures."""
    approximate = ", approximate" if run.engine == "fluid" else ""
    yield "time simulated", f"{quantity_text(run.duration_seconds / SECONDS_PER_HOUR)} hours"
    yield "requests", quantity_text(round(run.requests))
    for name, count in run.outcomes.items():
        if count:
            share = count / run.requests
            yield name.replace("_", " "), f"{quantity_text(round(count))} ({share:.2%})"
    for name, share in (("median latency", 0.5), ("99th percentile", 0.99)):
        yield name, f"{run.latency_seconds(share) * 1000:,.0f} ms{approximate}"
    yield "instance-hours", quantity_text(round(run.instance_hours, 2))
    yield "most instances in service", f"{run.summary()['most_instances']:.0f}"


def _finding(run: Run, bill: Bill) -> str:
    return (
        f"{run.error_share:.2%} of {run.requests:,.0f} requests were not answered; 99 of 100"
        f" answers came within {run.latency_seconds(0.99) * 1000:,.0f} ms; a month of this costs"
        f" {usd(float(bill.total_usd))}."
    )


def _hourly_usd(run: Run, bill: Bill) -> NDArray[np.float64]:
    return bill.hourly_usd(
        run.metered_hourly(bill.period), hours=run.duration_seconds / SECONDS_PER_HOUR
    )


def _page(scenario: Scenario, run: Run, bill: Bill) -> str:
    figure = plots.fleet(run, title="", hourly_usd=_hourly_usd(run, bill))
    template = environment().get_template("simulation.html.j2")
    return template.render(
        scenario=scenario,
        finding=_finding(run, bill),
        figures=list(_figures(run)),
        hours=quantity_text(run.duration_seconds / SECONDS_PER_HOUR),
        fluid=run.engine == "fluid",
        bill=Markup(bill._repr_html_()),
        activities=run.activities[:MOST_ACTIVITIES],
        more=max(len(run.activities) - MOST_ACTIVITIES, 0),
        assumptions=[*scenario.assumptions, *ASSUMED],
        drawn=drawn(figure, "run"),
        **self_contained(),
    )


def _csv(frame: Any) -> str:
    """A table as CSV; text that a spreadsheet would run as a formula is escaped."""
    safe = frame.copy()
    for column in safe.columns:
        if safe[column].dtype.kind not in "fi":
            safe[column] = [spreadsheet_text(str(value)) for value in safe[column]]
    return str(safe.to_csv(index=False, lineterminator="\n"))
