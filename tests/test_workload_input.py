"""Workloads as data: spelled in a file, compared, and refused by name where they make no sense."""

import json
import math
from datetime import UTC, datetime

import jsonschema
import pytest
from pydantic import TypeAdapter

from models.distributions import Exponential, Fixed
from models.errors import InvalidInputError
from models.resource import Settings
from models.workload import (
    AtTimes,
    Bursty,
    BusinessHours,
    ClosedLoop,
    Constant,
    Counts,
    Diurnal,
    Replay,
    Spike,
    Step,
    Trace,
    Weekly,
    Workload,
)

DAY = 86_400.0


class Scenario(Settings):
    """As a scenario file holds a workload."""

    workload: Workload


SPELLED = [
    {"pattern": "constant", "rate_per_second": 5, "duration_seconds": 60},
    {"pattern": "diurnal", "low_per_second": 1, "high_per_second": 5, "duration_seconds": 60},
    {"pattern": "weekly", "low_per_second": 1, "high_per_second": 5, "duration_seconds": 60},
    {"pattern": "business_hours", "in_hours_per_second": 1, "outside_per_second": 5,
     "duration_seconds": 60, "start": "2026-06-01T09:00:00Z"},
    {"pattern": "spike", "base_per_second": 1, "peak_per_second": 5, "at_seconds": 1,
     "hold_seconds": 2, "duration_seconds": 60},
    {"pattern": "ramp", "from_per_second": 1, "to_per_second": 5, "duration_seconds": 60},
    {"pattern": "step", "from_per_second": 1, "to_per_second": 5, "at_seconds": 9,
     "duration_seconds": 60},
    {"pattern": "bursty", "calm_per_second": 1, "burst_per_second": 5, "mean_calm_seconds": 9,
     "mean_burst_seconds": 9, "duration_seconds": 60},
    {"pattern": "counts", "interval_seconds": 20, "requests": [3, 1, 4], "duration_seconds": 60},
    {"pattern": "at_times", "times": [1, 2.5], "work_seconds": [0.1, 0.2], "duration_seconds": 60},
    {"pattern": "replay", "path": "traffic.csv", "work": {"distribution": "fixed", "seconds": 1}},
    {"pattern": "closed_loop", "connections": 2, "requests": 50},
]  # fmt: skip


@pytest.mark.parametrize("spelled", SPELLED, ids=lambda fields: fields["pattern"])
def test_every_pattern_is_spelled_in_a_file_and_written_back(spelled):
    workload = Scenario(workload=spelled).workload
    assert isinstance(workload, Trace | ClosedLoop | Replay)
    again = json.loads(workload.model_dump_json())
    assert Scenario(workload=again).workload == workload
    jsonschema.validate(again, TypeAdapter(Workload).json_schema())
    jsonschema.validate(spelled, TypeAdapter(Workload).json_schema())


def test_every_pattern_of_the_union_is_tried_above():
    mapping = TypeAdapter(Workload).json_schema()["discriminator"]["mapping"]
    assert set(mapping) == {fields["pattern"] for fields in SPELLED}


def test_an_unknown_pattern_is_refused():
    with pytest.raises(InvalidInputError, match="pattern"):
        Scenario(workload={"pattern": "sinus", "duration_seconds": 1})


STEP = {"from_per_second": 1, "to_per_second": 2, "at_seconds": 5, "duration_seconds": 10}
SPIKE = {
    "base_per_second": 1, "peak_per_second": 2, "at_seconds": 5, "hold_seconds": 2,
    "duration_seconds": 10,
}  # fmt: skip
WAVE = {"low_per_second": 1, "high_per_second": 2, "duration_seconds": DAY}
HOURS = {"in_hours_per_second": 1, "outside_per_second": 2, "duration_seconds": DAY}
BURSTY = {
    "calm_per_second": 1, "burst_per_second": 2, "mean_calm_seconds": 5, "mean_burst_seconds": 5,
    "duration_seconds": 10,
}  # fmt: skip
CONSTANT = {"rate_per_second": 1, "duration_seconds": 10}
COUNTS = {"interval_seconds": 5, "requests": [1, 2], "duration_seconds": 10}
TIMES = {"times": [1, 2], "duration_seconds": 10}
LOOP = {"connections": 10, "requests": 100}


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, 1e300, "1", True, None])
@pytest.mark.parametrize(
    ("kind", "fields"),
    [(Constant, CONSTANT), (Step, STEP), (Spike, SPIKE), (Diurnal, WAVE), (Weekly, WAVE),
     (BusinessHours, HOURS), (Bursty, BURSTY), (AtTimes, TIMES)],
)  # fmt: skip
def test_rates_and_lengths_that_are_none_are_refused_by_name(kind, fields, bad):
    for name in fields:
        with pytest.raises(InvalidInputError, match=rf"{kind.__name__}\.{name}: .*must be"):
            kind(**{**fields, name: bad})


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (Constant, {**CONSTANT, "duration_seconds": 0}, "duration_seconds: 0 must be greater"),
        (Constant, {**CONSTANT, "rate_per_second": 0}, "0 requests are expected; must be more"),
        (Constant, {"rate_per_second": 1e6, "duration_seconds": 1e6}, "at most 100,000,000,000"),
        (Constant, {**CONSTANT, "work": Fixed(seconds=0)}, "work must take longer than 0 s"),
        (Constant, {**CONSTANT, "seed": -1}, "seed"),
        (Constant, {**CONSTANT, "seed": 2**32}, "seed"),
        (Constant, {**CONSTANT, "clients": 1.5}, "clients"),
        (Constant, {**CONSTANT, "start": datetime(2026, 1, 1)}, "start.* must have a time zone"),
        (Constant, {**CONSTANT, "start": datetime(9999, 1, 1, tzinfo=UTC)}, "1970 to 2200"),
        (Constant, {**CONSTANT, "rate_per_sec": 1}, "nearest: rate_per_second"),
        (Step, {**STEP, "at_seconds": 11}, r"at_seconds \(11\) must be within duration_seconds"),
        (Spike, {**SPIKE, "fall_seconds": 4}, r"fall_seconds \(11\) must be within"),
        (Diurnal, {**WAVE, "low_per_second": 3}, r"low_per_second \(3.0\) must be at most"),
        (Diurnal, {**WAVE, "peak_hour": 25}, "peak_hour: 25 must be less than or equal to 24"),
        (Weekly, {**WAVE, "weekend_factor": -1}, "weekend_factor: -1 must be greater"),
        (BusinessHours, {**HOURS, "opens_hour": 18}, r"must be before closes_hour \(17"),
        (Bursty, {**BURSTY, "mean_calm_seconds": 1e-9, "mean_burst_seconds": 1e-9},
         "changes between calm and burst are expected; must be at most 1,000,000"),
        (Counts, {**COUNTS, "requests": []}, "requests: .* at least one number"),
        (Counts, {**COUNTS, "requests": [1, -2]}, "number 2 is -2"),
        (Counts, {**COUNTS, "requests": [1, math.nan]}, "number 2 is nan"),
        (Counts, {**COUNTS, "requests": [1.5, 1]}, "whole numbers; number 1 is 1.5"),
        (Counts, {**COUNTS, "requests": ["1", "2"]}, "must be a list of numbers"),
        (Counts, {**COUNTS, "requests": [[1], [2, 3]]}, "must be a list of numbers"),
        (Counts, {**COUNTS, "requests": [[1, 2]]}, "must be a list of at least one number"),
        (Counts, {**COUNTS, "requests": [1, 2, 3]}, r"must be that of the 3 intervals .*\(15\)"),
        (Counts, {**COUNTS, "requests": [0, 0]}, "0 requests are expected"),
        (AtTimes, {**TIMES, "times": []}, "times: .* at least one number"),
        (AtTimes, {**TIMES, "times": [2, 1]}, "must not fall: number 2 is 1 after 2"),
        (AtTimes, {**TIMES, "times": [-1, 1]}, "number 1 is -1"),
        (AtTimes, {**TIMES, "times": [1, math.inf]}, "number 2 is inf"),
        (AtTimes, {**TIMES, "times": [1, 10]}, "must be below duration_seconds"),
        (AtTimes, {**TIMES, "work_seconds": [1]}, r"must have as many as times \(2\)"),
        (ClosedLoop, {**LOOP, "connections": 0}, "connections: 0 must be greater"),
        (ClosedLoop, {**LOOP, "requests": 9}, r"requests \(9\) must be at least connections"),
        (ClosedLoop, {**LOOP, "work": Fixed(seconds=0)}, "work must take longer than 0 s"),
        (ClosedLoop, {**LOOP, "start": datetime(2026, 1, 1)}, "must have a time zone"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(kind, fields, message):
    with pytest.raises(InvalidInputError, match=message):
        kind(**fields)


@pytest.mark.parametrize("edges", [[2, 1], [0, math.nan], [0, math.inf], [[0, 1]]])
def test_edges_that_are_none_are_refused(edges):
    with pytest.raises(InvalidInputError, match="edges must be"):
        Constant(**CONSTANT).rates(edges)


def test_a_load_test_waits_no_time_between_requests_unless_told():
    loop = ClosedLoop(connections=100, requests=10_000)
    assert loop.think_time.mean_seconds == 0
    assert loop.replace(think_time=Exponential(mean_seconds=2)).think_time.mean_seconds == 2


def test_two_traces_are_equal_when_all_their_fields_are():
    one, other = AtTimes(**TIMES), AtTimes(**TIMES, work_seconds=[1, 1])
    assert one == AtTimes(**TIMES)
    assert one != other
    assert Constant(**CONSTANT) != AtTimes(**TIMES)
    bursty = Bursty(**BURSTY)
    bursty.rates([0, 1])
    assert bursty == Bursty(**BURSTY) != Bursty(**BURSTY, seed=1)
