"""The whole group on every engine: the same day, the same decisions."""

from itertools import pairwise

import numpy as np
import pytest

from models import simulate
from models.distributions import LogNormal
from models.scaling import TargetTrackingPolicy
from models.services.autoscaling import (
    Application,
    AutoScalingGroup,
    Crash,
    HealthCheck,
    TargetGroup,
)
from models.workload import Diurnal, Spike, Step

TRACKING = TargetTrackingPolicy(
    name="cpu50", predefined_metric="ASGAverageCPUUtilization", target_value=50
)
WEB = AutoScalingGroup(
    name="web", min_size=2, max_size=8, policies=[TRACKING], default_instance_warmup_seconds=60,
    health_check_type="ELB", health_check_grace_period_seconds=90,
    application=Application(
        workers=2, queue_length=20, client_timeout_seconds=5,
        crashes=[Crash(at_seconds=700), Crash(at_seconds=1500, kind="instance")],
    ),
    target_group=TargetGroup(
        health_check=HealthCheck(interval_seconds=10, timeout_seconds=2),
        deregistration_delay_seconds=20,
    ),
)  # fmt: skip
EVENING = Spike(
    duration_seconds=3600, base_per_second=8, peak_per_second=30, at_seconds=600, rise_seconds=120,
    hold_seconds=900, fall_seconds=120, work=LogNormal.of_mean(0.2, cv=0.5),
)  # fmt: skip


@pytest.mark.parametrize("algorithm", ["round_robin", "least_outstanding_requests"])
@pytest.mark.parametrize("seed", range(3))
def test_the_control_plane_decides_the_same_on_kernel_and_twin(algorithm, seed):
    group = WEB.replace(target_group=WEB.target_group.replace(algorithm=algorithm))
    trace = EVENING.replace(seed=seed)
    compiled, readable = (
        simulate(group, trace, seed=seed, engine=engine, keep_records=True)
        for engine in ("compiled", "readable")
    )
    assert str(compiled.activities) == str(readable.activities)  # NaN is equal to itself as text
    assert compiled.alarm_history == readable.alarm_history
    assert compiled.outcomes == readable.outcomes
    for field in ("slot", "outcome", "finish"):
        assert np.array_equal(compiled.records[field], readable.records[field])
    assert np.allclose(compiled.column("cpu_percent"), readable.column("cpu_percent"), rtol=1e-12)
    # The case is about something: it scaled, it crashed, it replaced.
    assert compiled.outcomes["failed"] > 0
    assert len(compiled.activities) >= 6
    assert any("ELB" in activity.cause for activity in compiled.activities)


def in_requests_and_as_stream(trace, seed, **sizes):
    group = AutoScalingGroup(
        name="web", policies=[TRACKING], default_instance_warmup_seconds=60, **sizes
    )
    return [simulate(group, trace, seed=seed, engine=one) for one in ("compiled", "fluid")]


@pytest.mark.parametrize("seed", range(3))
def test_a_stream_leads_to_the_same_decisions_as_its_requests(seed):
    """Where no threshold lies within the noise of a minute's requests, as here from 4 up."""
    day = Diurnal(
        duration_seconds=86_400, low_per_second=160, high_per_second=536, seed=seed,
        work=LogNormal.of_mean(0.1, cv=0.5),
    )  # fmt: skip
    application = Application(workers=8)
    requests, stream = in_requests_and_as_stream(
        day, seed, min_size=4, max_size=20, application=application
    )
    desired, fluid = (steps(run.column("desired")) for run in (requests, stream))
    assert len(desired) > 10
    assert distance(desired, fluid) <= 1
    assert stream.instance_hours == pytest.approx(requests.instance_hours, rel=0.01)
    assert stream.requests == pytest.approx(requests.requests, rel=0.001)


def test_a_stream_overloads_its_targets_as_requests_do():
    jump = Step(
        duration_seconds=7200, from_per_second=30, to_per_second=250, at_seconds=1800,
        work=LogNormal.of_mean(0.1, cv=0.5),
    )  # fmt: skip
    requests, stream = in_requests_and_as_stream(jump, 1, min_size=2, max_size=20)
    assert steps(requests.column("desired")) == steps(stream.column("desired"))
    assert requests.error_share > 0.02
    assert stream.error_share == pytest.approx(requests.error_share, rel=0.05)
    assert stream.latency_seconds(0.99) == pytest.approx(requests.latency_seconds(0.99), rel=0.1)


def steps(values):
    """The sequence of different values."""
    return [int(values[0]), *(int(b) for a, b in pairwise(values) if a != b)]


def distance(one, other):
    """Activities to add, leave out or change to turn one sequence into the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        previous, row[0] = row[0], i
        for j, right in enumerate(other, start=1):
            cost = previous + (left != right)
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, cost)
    return row[-1]


def test_without_numba_the_readable_engine_serves_and_says_so(monkeypatch):
    import sys

    from models.simulation import engines

    monkeypatch.setitem(sys.modules, "models.simulation.compiled", None)
    engines.say_once.cache_clear()
    trace = EVENING.replace(duration_seconds=1800)
    with pytest.warns(RuntimeWarning, match="numba cannot be imported"):
        run = simulate(WEB, trace, seed=1)
    assert run.outcomes == simulate(WEB, trace, seed=1, engine="readable").outcomes


def test_a_fluid_year_keeps_its_latency_near_the_requests_own():
    trace = Diurnal(
        duration_seconds=43_200, low_per_second=60, high_per_second=100, peak_hour=6,
        work=LogNormal.of_mean(0.1, cv=1.0),
    )  # fmt: skip
    group = AutoScalingGroup(name="web", min_size=4, max_size=4)
    requests, stream = (simulate(group, trace, engine=engine) for engine in ("compiled", "fluid"))
    # Round robin makes the arrivals at a target more even than Poisson: real waits are shorter.
    for share in (0.5, 0.99):
        measured, approximate = requests.latency_seconds(share), stream.latency_seconds(share)
        assert measured <= approximate * 1.01
        assert approximate == pytest.approx(measured, rel=0.25)
