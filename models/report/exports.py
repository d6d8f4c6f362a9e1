"""The bill for other programs: CSV, JSON and FOCUS."""

from __future__ import annotations

import json
from typing import Any

from models.errors import InvalidInputError
from models.files import spreadsheet_text
from models.focus import check_focus, focus_frame
from models.report.content import Content
from models.tables import bill_frame, bill_records


def bill_csv(content: Content) -> str:
    """The lines as CSV; text that a spreadsheet would run as a formula is escaped."""
    frame = bill_frame(content.bill)
    for column in frame.columns:
        if frame[column].dtype.kind != "f":
            frame[column] = [_cell(value) for value in frame[column]]
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _cell(value: Any) -> Any:
    return spreadsheet_text(value) if isinstance(value, str) else value


def bill_json(content: Content) -> str:
    """The bill with its sums and what it rests on; every number with all its digits."""
    scenario = content.scenario
    data = {
        "scenario": scenario.name,
        "region": scenario.region,
        "billing_period": scenario.billing_period,
        "hours": scenario.period.hours,
        "free_tier": scenario.free_tier,
        "total_usd": content.total_usd,
        "baseline_total_usd": float(content.before.total_usd) if content.before else None,
        "changed": [vars(setting) for setting in content.settings],
        "finding": content.finding,
        "lines": bill_records(content.bill),
        "by_service_usd": {k: float(v) for k, v in content.bill.by("service_code").items()},
        "by_resource_usd": {k: float(v) for k, v in content.bill.by("resource").items()},
        "by_free_tier_plan_usd": {plan.name: plan.total_usd for plan in content.plans},
        "assumptions": list(content.assumptions),
        "left_out": content.left_out,
    }
    return json.dumps(data, indent=2, allow_nan=False) + "\n"


def focus_table(content: Content) -> Any:
    """The bill as a FOCUS table that keeps FOCUS's rules."""
    frame = focus_frame(content.bill)
    problems = check_focus(frame)
    if problems:
        raise InvalidInputError(f"the FOCUS table would break its own rules: {problems[0]}")
    return frame
