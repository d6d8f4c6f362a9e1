"""`costlab compare` and `costlab architectures`, and the report that the first writes."""

import csv
import json

import openpyxl
import pandas as pd
import pytest

from models.focus import check_focus
from running import costlab

TEXT = """
name: An hour of an API
billing_period: "2026-11"
workload: {pattern: constant, rate_per_second: 60, duration_seconds: 3600}
alternatives:
  servers: {architecture: api-on-ec2, arguments: {max_size: 4}}
  functions: {architecture: api-on-lambda}
  too-small: {architecture: api-on-ec2, arguments: {min_size: 1, max_size: 1}}
"""
KEYS = {
    "architecture", "cost_usd", "cost_low", "cost_high", "p50_ms", "p99_ms", "error_share",
    "infeasible",
}  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    file = folder / "api.yaml"
    file.write_text(TEXT)
    done = costlab("compare", str(file), "--replications", "2", "--out", str(folder / "out"))
    assert (done.status, done.err) == (0, "")
    return file, folder / "out", done.out


def test_it_prints_a_row_for_each_alternative_and_the_verdict(written):
    _, _, out = written
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["servers", "functions", "too-small"]
    assert "too-small  " in lines[4]
    assert "infeasible" in lines[4]
    assert "is the cheapest at $" in out


def test_its_json_has_one_object_for_each_alternative(written):
    done = costlab("compare", str(written[0]), "--replications", "2", "--json")
    found = json.loads(done.out)
    assert len(found) == 3
    assert all(set(one) >= KEYS for one in found)
    assert found[2]["cost_usd"] is None
    assert "max_size=1" in found[2]["infeasible"]


def test_a_setting_changes_the_workload(written):
    more = costlab(
        "compare", str(written[0]), "--replications", "1", "--json", "--set",
        "workload.rate_per_second=120",
    )  # fmt: skip
    done = costlab("compare", str(written[0]), "--replications", "1", "--json")
    assert json.loads(more.out)[1]["cost_usd"] > 1.5 * json.loads(done.out)[1]["cost_usd"]


def test_the_report_is_a_page_a_text_a_workbook_records_and_focus(written):
    _, out, _ = written
    assert {path.name for path in out.iterdir()} == {
        "index.html", "report.md", "comparison.xlsx", "comparison.json", "replications.csv",
        "focus.csv", "focus.parquet",
    }  # fmt: skip


def test_the_page_says_the_verdict_and_why_one_is_infeasible_and_loads_nothing(written):
    page = (written[1] / "index.html").read_text()
    assert "is the cheapest at $" in page
    assert "too-small is infeasible." in page
    assert "figure-costs" in page
    assert page.count("figure-architecture-") >= 3
    assert "<script src=" not in page


def test_the_text_has_the_same_table(written):
    text = (written[1] / "report.md").read_text()
    assert "| servers |" in text
    assert "## Where they cross over" in text
    assert "## What this rests on" in text


def test_the_workbook_has_the_comparison_its_lines_and_the_replications(written):
    book = openpyxl.load_workbook(written[1] / "comparison.xlsx")
    assert book.sheetnames == ["Comparison", "Errors", "Lines", "Replications", "Notes"]
    rows = list(book["Comparison"].iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["alternative", "servers", "functions", "too-small"]
    assert len(list(book["Replications"].iter_rows())) == 1 + 2 * 2


def test_the_focus_table_tells_the_alternatives_apart_and_keeps_the_rules(written):
    frame = pd.read_parquet(written[1] / "focus.parquet")
    assert set(frame["x_Alternative"]) == {"servers", "functions"}
    for _, own in frame.groupby("x_Alternative"):
        assert check_focus(own.drop(columns="x_Alternative")) == []
    records = json.loads((written[1] / "comparison.json").read_text())["alternatives"]
    lines = sum(line["cost_usd"] for line in records[0]["lines"])
    own = frame[frame["x_Alternative"] == "servers"]
    assert own["BilledCost"].sum() == pytest.approx(lines)


def test_the_replications_are_a_table(written):
    with (written[1] / "replications.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4
    assert {row["alternative"] for row in rows} == {"servers", "functions"}


def test_it_lists_the_architectures_with_arguments_and_resources():
    found = json.loads(costlab("architectures", "--json").out)
    by_id = {one["id"]: one for one in found}
    assert {"api-on-lambda", "three-tier-web", "saas-platform", "static-site"} <= set(by_id)
    names = [one["name"] for one in by_id["api-on-lambda"]["arguments"]]
    assert "memory_size_mb" in names
    assert any(one["type"] == "lambda.Function" for one in by_id["api-on-lambda"]["resources"])
    assert "api-on-lambda: " in costlab("architectures").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing-there"], "there is no such file"),
        (["three-tier-web"], "workload: is missing"),
        (["api-backends", "--replications", "0"], "replications (0) must be a whole number"),
        (["api-backends", "--workers", "none"], "--workers 'none' must be a number"),
        (["api-backends", "--scheduler", "tcp://127.0.0.1:9"], "127.0.0.1:9"),
        (["api-backends", "--set", "alternatives.ec2.arguments.max=3"], "no argument 'max'"),
        (["api-backends", "--set", "workload.speed=3"], "workload.speed"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments, message):
    done = costlab("compare", *arguments)
    assert done.status == 2
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert "Traceback" not in done.err
