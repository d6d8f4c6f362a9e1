"""A scenario with a workload, from the command line to the written folder."""

import csv
import json

import pytest

from browser import probe
from models.report.simulated import FILES, write_run
from models.scenario import Scenario
from running import costlab, refusal

SHORT = (
    "--set", "workload.duration_seconds=3600", "--set", "workload.at_seconds=600",
    "--set", "workload.hold_seconds=900", "--set", "workload.fall_seconds=300",
)  # fmt: skip


@pytest.fixture(scope="module")
def short():
    scenario = Scenario.load("flash-sale").with_settings(SHORT[1::2])
    run = scenario.simulate()
    return scenario, run, scenario.bill_of(run)


def test_the_command_tells_what_happened_and_what_it_costs():
    done = costlab("simulate", "flash-sale", *SHORT)
    assert (done.status, done.err) == (0, "")
    for words in (
        "Flash sale",
        "99th percentile",
        "instance-hours",
        "Launching a new EC2",
        "Total",
    ):
        assert words in done.out


def test_json_holds_every_outcome_and_the_bill(short):
    _, run, bill = short
    data = json.loads(costlab("simulate", "flash-sale", *SHORT, "--json").out)
    assert data["outcomes"] == dict(run.outcomes)
    assert data["total_usd"] == pytest.approx(float(bill.total_usd))
    assert data["requests"] == sum(data["outcomes"].values())


def test_another_seed_is_another_day_of_the_control_plane():
    first, second = (
        json.loads(costlab("simulate", "flash-sale", *SHORT, "--json", "--seed", seed).out)
        for seed in ("0", "1")
    )
    assert first["requests"] == second["requests"]
    assert first["instance_hours"] != second["instance_hours"]


def test_the_folder_holds_figure_and_tables(short, tmp_path):
    scenario, run, bill = short
    written = write_run(scenario, run, bill, tmp_path / "run")
    assert [path.name for path in written] == list(FILES)
    with (tmp_path / "run" / "timeline.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == 60
    assert sum(float(row["requests"]) for row in rows) == run.requests
    with (tmp_path / "run" / "activities.csv").open() as opened:
        assert len(list(csv.DictReader(opened))) == len(run.activities)
    with (tmp_path / "run" / "hourly_usage.csv").open() as opened:
        hours = [float(row["instance_hours"]) for row in csv.DictReader(opened)]
    assert sum(hours) == pytest.approx(run.instance_hours)


def test_what_was_not_simulated_is_estimated():
    scenario = Scenario.from_text(
        "name: with a way out\n"
        "workload: {pattern: constant, rate_per_second: 5, duration_seconds: 600}\n"
        "resources:\n"
        "  web: {type: autoscaling.AutoScalingGroup}\n"
        "  nat: {type: ec2.NatGateway, processed_gb: 10}\n"
    )
    bill = scenario.bill_of(scenario.simulate())
    estimated = scenario.bill().by("resource")
    assert set(bill.by("resource")) == {"web", "nat", "load balancer"}
    assert float(bill.by("resource")["nat"]) == float(estimated["nat"])
    assert float(bill.by("resource")["web"]) == pytest.approx(float(estimated["web"]))


def test_the_folder_is_left_alone_where_something_fails(short, tmp_path, monkeypatch):
    scenario, run, bill = short
    out = tmp_path / "run"
    write_run(scenario, run, bill, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr("models.report.simulated._csv", lambda frame: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_run(scenario, run, bill, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["simulate", "three-tier-web"], "workload: is missing"),
        (
            ["simulate", "flash-sale", "--engine", "fast"],
            "must be one of compiled, readable",
        ),
        (["simulate", "flash-sale", "--set", "web.min_size=40"], "min_size (40) must be at most"),
        (["simulate", "flash-sale", "--set", "workload.patern=1"], "nearest: pattern"),
        (
            ["simulate", "flash-sale", "--set", "workload.pattern=zig"],
            "workload.pattern: 'zig'",
        ),
        (
            ["simulate", "flash-sale", "--set", "web.policies.0.target_value=0"],
            "resources.web.policies.0.target_value: 0 must be greater than 0",
        ),
        (
            ["simulate", "flash-sale", "--set", "web.launch_template.instance_type=m5.lage"],
            "nearest: m5.large",
        ),
        (
            ["simulate", "flash-sale", "--set", "workload.base_per_second=-1"],
            "workload.base_per_second: -1 must",
        ),
        (["simulate", "nowhere.yaml"], "there is no such file"),
    ],
)
def test_a_mistake_is_one_line_that_names_its_place(arguments, words):
    assert words in refusal(*arguments)


def test_a_replay_is_found_beside_its_scenario(tmp_path):
    rows = "\n".join(f"2026-06-01T00:{minute:02}:00Z,{100 + minute}" for minute in range(30))
    (tmp_path / "counts.csv").write_text(f"timestamp,value\n{rows}\n")
    text = (
        "name: replayed\nworkload: {pattern: replay, path: counts.csv}\n"
        "resources:\n  web: {type: autoscaling.AutoScalingGroup, min_size: 1, max_size: 2}\n"
    )
    (tmp_path / "replayed.yaml").write_text(text)
    data = json.loads(costlab("simulate", str(tmp_path / "replayed.yaml"), "--json").out)
    assert data["requests"] == sum(100 + minute for minute in range(30))


@pytest.mark.browser
def test_the_page_draws_without_a_request_or_an_error(short, tmp_path):
    page, *_ = write_run(*short, tmp_path / "run")
    dom, found = probe(page, tmp_path)
    assert found == {"trouble": [], "requests": []}
    assert 'class="main-svg"' in dom
    assert "Launching a new EC2 instance" in dom
