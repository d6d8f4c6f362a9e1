"""A scenario's alternatives against the same customers: figures, verdict, crossings, infeasible."""

import math

import numpy as np
import pytest

from models.comparison import HEADER, compare_scenario, crossover, measured, window_seconds
from models.comparison.comparing import Pricing
from models.comparison.verdict import verdict
from models.distributions import Fixed
from models.errors import InvalidInputError
from models.experiments import seeds
from models.scenario import Scenario
from models.workload import Constant

ALTERNATIVES = """
name: An hour of an API
workload: {pattern: constant, rate_per_second: 3, duration_seconds: 3600,
           work: {distribution: exponential, mean_seconds: 0.1}}
alternatives:
  servers: {architecture: api-on-ec2, arguments: {min_size: 2, max_size: 4}}
  functions: {architecture: api-on-lambda}
"""
LONG_JOBS = """
name: Requests of ten seconds
workload: {pattern: constant, rate_per_second: 1, duration_seconds: 7200,
           work: {distribution: fixed, seconds: 10}}
alternatives:
  functions: {architecture: api-on-lambda, arguments: {timeout_seconds: 9}}
  servers: {architecture: api-on-ec2, arguments: {max_size: 10}}
  too-few-servers: {architecture: api-on-ec2, arguments: {max_size: 2}}
"""


@pytest.fixture(scope="module")
def found():
    return compare_scenario(Scenario.from_text(ALTERNATIVES), replications=4, progress=False)


def test_every_alternative_has_a_record_with_cost_interval_latency_and_errors(found):
    servers, functions = found.records()
    assert [servers["alternative"], functions["alternative"]] == ["servers", "functions"]
    assert servers["architecture"] == "api-on-ec2"
    for record in (servers, functions):
        assert record["cost_low"] <= record["cost_usd"] <= record["cost_high"]
        assert record["cost_low"] < record["cost_high"]
        assert 0 < record["p50_ms"] < record["p95_ms"] < record["p99_ms"]
        assert record["infeasible"] is None
        assert 0.99 < record["availability"] < 1


def test_the_cost_is_the_mean_of_the_replications_each_priced_once(found):
    scenario = Scenario.from_text(ALTERNATIVES)
    architecture = scenario.architectures()["functions"]
    each = [
        measured(architecture=architecture, trace=scenario.traffic(), seed=seed)["cost_usd"]
        for seed in seeds(0, 4)
    ]
    assert found.records()[1]["cost_usd"] == pytest.approx(np.mean(each), rel=1e-12)


def test_all_alternatives_meet_the_same_customers(found):
    requests = found.runs.table.pivot(index="replication", columns="alternative", values="requests")
    assert (requests["servers"] == requests["functions"]).all()
    assert requests["servers"].nunique() == 4


def test_the_cost_of_a_thousand_requests_is_cost_over_requests(found):
    record, one = found.records()[0], found.assessments[0]
    month = 3 * 730 * 3600
    assert one.mean("requests") == pytest.approx(month, rel=0.05)
    assert record["cost_per_1000_requests_usd"] == pytest.approx(
        record["cost_usd"] / one.mean("requests") * 1000
    )


def test_a_table_for_people_has_a_row_for_each(found):
    assert len(found.rows()) == 2
    assert all(len(row) == len(HEADER) for row in found.rows())
    assert str(found).splitlines()[0].split()[0] == "alternative"


def test_the_verdict_names_the_cheapest_and_how_sure_that_is(found):
    cheapest = min(found.records(), key=lambda record: record["cost_usd"])
    first = found.verdict.claims[0]
    assert first.sentence.startswith(f"{cheapest['alternative']} is the cheapest at $")
    assert "95 % interval" in first.sentence
    assert all(found.verdict.claims)


def test_a_difference_within_the_noise_is_not_called_one():
    text = ALTERNATIVES.replace("servers: {architecture: api-on-ec2, arguments: {min_size: 2, max_"
                                "size: 4}}", "same: {architecture: api-on-lambda}")  # fmt: skip
    alike = compare_scenario(Scenario.from_text(text), replications=3, progress=False)
    assert "cannot tell it from" in str(alike.verdict)


def test_one_replication_has_no_interval_and_claims_none():
    single = compare_scenario(Scenario.from_text(ALTERNATIVES), replications=1, progress=False)
    record = single.records()[0]
    assert record["cost_low"] is None
    assert record["cost_usd"] > 0
    assert "95 % interval" not in single.verdict.claims[0].sentence


def test_alternatives_cross_where_their_closed_forms_cost_the_same(found):
    scenario = Scenario.from_text(ALTERNATIVES)
    architectures, trace = scenario.architectures(), scenario.traffic()
    assert found.crossings
    for crossing in found.crossings:
        at = trace.scaled(crossing.per_second / 3)
        costs = {name: Pricing().expected_usd(one, at) for name, one in architectures.items()}
        assert costs[crossing.below] == pytest.approx(costs[crossing.above], rel=0.02)
        half = trace.scaled(crossing.per_second / 3 * 0.8)
        assert Pricing().expected_usd(architectures[crossing.below], half) < Pricing().expected_usd(
            architectures[crossing.above], half
        )


def test_a_workload_that_cannot_be_scaled_has_no_crossings():
    text = ALTERNATIVES.replace(
        "{pattern: constant, rate_per_second: 3, duration_seconds: 3600,",
        "{pattern: at_times, times: [1, 2, 3, 500], duration_seconds: 3600,",
    )
    replayed = compare_scenario(Scenario.from_text(text), replications=2, progress=False)
    assert replayed.load is None
    assert replayed.crossings == ()
    assert all(one.mean("cost_usd") > 0 for one in replayed.assessments)


def test_what_cannot_serve_the_workload_is_infeasible_with_the_reason_and_has_no_price():
    jobs = compare_scenario(Scenario.from_text(LONG_JOBS), replications=2, progress=False)
    functions, servers, few = jobs.records()
    assert "a request takes 16.14 s on average" in functions["infeasible"]
    assert "ended after 9 s (AWS allows at most 900)" in functions["infeasible"]
    assert functions["cost_usd"] is None
    assert functions["p99_ms"] is None
    assert servers["infeasible"] is None
    assert "max_size=2" in few["infeasible"]
    assert few["headroom"] < 1 < servers["headroom"]
    assert "functions cannot serve this workload." in str(jobs.verdict)
    assert "infeasible" in str(jobs)


def test_where_nothing_can_serve_the_verdict_says_so():
    text = LONG_JOBS.replace("max_size: 10", "max_size: 2")
    none = compare_scenario(Scenario.from_text(text), replications=2, progress=False)
    assert str(none.verdict) == "None of the alternatives can serve this workload."
    assert none.runs is None


def test_one_feasible_alternative_is_priced_without_a_comparison():
    few = "  too-few-servers: {architecture: api-on-ec2, arguments: {max_size: 2}}\n"
    text = LONG_JOBS.replace(few, "")
    only = compare_scenario(Scenario.from_text(text), replications=2, progress=False)
    assert only.verdict.claims[0].sentence.startswith("servers costs $")
    assert only.runs is None
    assert only.records()[1]["cost_low"] < only.records()[1]["cost_high"]


def test_a_verdict_that_the_numbers_do_not_bear_out_raises(found, monkeypatch):
    monkeypatch.setenv("COSTLAB_STRICT", "1")
    monkeypatch.setattr("models.comparison.verdict._difference", lambda *_: (-1.0, math.inf, 1.0))
    monkeypatch.setattr(
        type(found.assessments[0]),
        "mean",
        lambda self, figure: 5.0 if figure == "cost_usd" else 0.0,
    )
    with pytest.raises(AssertionError, match="not borne out"):
        verdict(found.assessments, found.runs, ())


def test_two_processes_find_the_same_to_the_bit(found):
    again = compare_scenario(
        Scenario.from_text(ALTERNATIVES), replications=4, workers=2, progress=False
    )
    assert again.records() == found.records()


def test_the_chart_shortens_its_window_above_a_hundred_a_second():
    scenario = Scenario.from_text(ALTERNATIVES)
    chart = crossover(
        scenario.architectures(), [500.0, 5000.0], Fixed(seconds=0.01), replications=1,
        progress=False,
    )  # fmt: skip
    assert set(chart.table["simulated_seconds"]) == {window_seconds(500), 3600.0}
    assert window_seconds(500) == 17280.0


def test_the_chart_leaves_out_what_cannot_serve_a_load():
    scenario = Scenario.from_text(ALTERNATIVES)
    chart = crossover(
        scenario.architectures(), [300.0], Fixed(seconds=0.1), replications=1, progress=False
    )
    costs = chart.summary.set_index("architecture")["cost_usd"]
    assert math.isnan(costs["servers"])
    assert costs["functions"] > 0


def test_a_comparison_needs_an_open_workload():
    closed = Scenario.from_text(
        ALTERNATIVES.replace(
            "{pattern: constant, rate_per_second: 3, duration_seconds: 3600,",
            "{pattern: closed_loop, connections: 2, requests: 10,",
        )
    )
    with pytest.raises(InvalidInputError, match="workload: is a closed loop"):
        compare_scenario(closed)
    without = ALTERNATIVES[: ALTERNATIVES.index("workload")] + ALTERNATIVES[
        ALTERNATIVES.index("alternatives") :]  # fmt: skip
    with pytest.raises(InvalidInputError, match="workload: is missing"):
        compare_scenario(Scenario.from_text(without))


def test_the_trace_is_drawn_anew_for_each_replication():
    trace = Constant(rate_per_second=1, duration_seconds=600, work=Fixed(seconds=0.1))
    architecture = Scenario.from_text(ALTERNATIVES).architectures()["functions"]
    one, other = (measured(architecture=architecture, trace=trace, seed=seed) for seed in (1, 2))
    assert one["requests"] != other["requests"]
