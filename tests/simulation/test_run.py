"""What a run reports: each request once, quantiles as exact ones, usage for a bill.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html (what is charged),
https://aws.amazon.com/elasticloadbalancing/pricing/ (LCU dimensions)
"""

import numpy as np
import pytest

from models import simulate, theory
from models.billing import bill
from models.distributions import Exponential, Fixed, LogNormal
from models.errors import InvalidInputError
from models.prices import Catalogue
from models.scaling import ScheduledAction
from models.services.autoscaling import (
    Application,
    AutoScalingGroup,
    Crash,
    LaunchTemplate,
    TargetGroup,
)
from models.services.elbv2 import ApplicationLoadBalancer, Connections
from models.simulation.outcomes import OK, OUTCOMES
from models.units import TYPICAL, BillingPeriod
from models.workload import ClosedLoop, Constant, Counts, Ramp

ENGINES = ("compiled", "readable", "fluid")
BUSY = AutoScalingGroup(
    name="web", min_size=2, max_size=2,
    application=Application(
        workers=2, queue_length=5, client_timeout_seconds=1.0, crashes=[Crash(at_seconds=300)]
    ),
)  # fmt: skip
RISING = Ramp(
    duration_seconds=1230, from_per_second=5, to_per_second=60,
    work=LogNormal.of_mean(0.1, cv=1.0),
)  # fmt: skip


@pytest.fixture(scope="module")
def busy():
    return simulate(BUSY, RISING, keep_records=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_arrival_ends_in_exactly_one_outcome(engine):
    run = simulate(BUSY, RISING, engine=engine)
    arrived = sum(len(chunk.arrivals) for chunk in RISING.chunks())
    if engine == "fluid":
        arrived = RISING.expected_requests
    assert run.requests == pytest.approx(arrived, rel=1e-9)
    assert set(run.outcomes) == set(OUTCOMES)
    assert min(run.outcomes.values()) >= 0
    table = run.timeline
    assert table[list(OUTCOMES)].sum().to_dict() == pytest.approx(run.outcomes, abs=1e-6)
    assert run.outcomes["rejected"] > 0
    assert run.outcomes["failed"] > 0


def test_the_engines_name_themselves():
    calm = Constant(rate_per_second=1, duration_seconds=60, work=Fixed(seconds=0.1))
    assert [simulate(BUSY, calm, engine=one).engine for one in ENGINES] == list(ENGINES)
    with pytest.raises(InvalidInputError, match=r"'fast'.*compiled.*readable.*fluid"):
        simulate(BUSY, calm, engine="fast")


def test_a_timeline_has_a_row_for_each_minute_and_a_shorter_last_one(busy):
    table = busy.timeline
    assert table["start_seconds"].tolist() == [60.0 * row for row in range(21)]
    assert table["seconds"].tolist() == [60.0] * 20 + [30.0]
    with pytest.raises(InvalidInputError, match=r"no column 'cpu'.*cpu_percent"):
        busy.column("cpu")


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99, 0.999])
def test_quantiles_are_within_one_percent_of_the_exact_ones(busy, share):
    arrivals = np.concatenate([chunk.arrivals for chunk in RISING.chunks()])
    answered = busy.records["outcome"] == OK
    latency = (busy.records["finish"] - arrivals)[answered]
    exact = np.quantile(latency, share, method="inverted_cdf")
    assert busy.latency_seconds(share) == pytest.approx(exact, rel=0.01)
    assert busy.mean_latency_seconds == pytest.approx(latency.mean(), rel=1e-9)


def test_a_quantile_outside_0_to_1_is_refused(busy):
    with pytest.raises(InvalidInputError, match="from 0 to 1"):
        busy.latency_seconds(99)


def test_unfinished_requests_are_no_errors():
    """One request of 100 s begins; nobody knows yet how it ends."""
    trace = Counts(requests=[30], interval_seconds=60, duration_seconds=60, work=Fixed(seconds=100))
    run = simulate(BUSY.replace(application=Application(workers=40)), trace)
    assert run.outcomes["unfinished"] == run.requests > 10
    assert run.error_share == 0


# --- usage ------------------------------------------------------------------------------------


def quantity(usage, usage_type):
    return float(sum(usage.total(key) for key in usage if key.meter.usage_type == usage_type))


def steady(count=2, **fields):
    return AutoScalingGroup(name="web", min_size=count, max_size=10, **fields)


QUIET = Constant(rate_per_second=10, duration_seconds=7200, work=Fixed(seconds=0.01))


def test_usage_is_that_of_a_month_that_goes_on_like_the_run():
    run = simulate(steady(), QUIET)
    usage = run.usage(TYPICAL)
    assert quantity(usage, "BoxUsage:m5.large") == pytest.approx(2 * 730)
    assert quantity(usage, "LoadBalancerUsage") == 730
    assert quantity(usage, "EBS:VolumeUsage.gp3") == pytest.approx(2 * 8)
    assert quantity(usage, "CW:MetricMonitorUsage") == pytest.approx(2 * 7)


def test_usage_of_a_simulated_fleet_that_never_changes_is_the_estimate():
    group = steady(launch_template=LaunchTemplate(associate_public_ip_address=True, volume_gb=30))
    balancer = ApplicationLoadBalancer(
        name="load balancer", new_connections_per_second=1, requests_per_second=10,
        active_connections=30, processed_gb=10 * 21 / 1024 / 1024 * 730 * 3600,
    )  # fmt: skip
    simulated = simulate(group, QUIET).usage()
    estimated = group.estimate() + balancer.estimate()
    assert {key.meter for key in simulated} == {key.meter for key in estimated}
    for key in simulated:
        here = sum(simulated.total(one) for one in simulated if one.meter == key.meter)
        there = sum(estimated.total(one) for one in estimated if one.meter == key.meter)
        assert here == pytest.approx(there, rel=0.01)  # Poisson noise in the requests


def test_a_run_as_long_as_the_period_is_metered_hour_by_hour():
    trace = Constant(rate_per_second=0.01, duration_seconds=48 * 3600, work=Fixed(seconds=0.01))
    action = ScheduledAction(name="more", recurrence="0 12 * * *", desired_capacity=4)
    run = simulate(steady(launch=Fixed(seconds=60), scheduled_actions=[action]), trace)
    usage = run.usage(BillingPeriod("two days", 48))
    (key,) = (one for one in usage if one.meter.usage_type == "BoxUsage:m5.large")
    hourly = np.asarray(usage[key])
    assert hourly.shape == (48,)
    assert hourly[:12] == pytest.approx(np.full(12, 2.0))
    # Two more run from the 60th second on.
    assert hourly[12] == pytest.approx(2 + 2 * 59 / 60)
    assert hourly[13:] == pytest.approx(np.full(35, 4.0))
    assert run.hourly_usage["instance_hours"].sum() == pytest.approx(hourly.sum())
    assert hourly.sum() == pytest.approx(run.instance_hours)


def one_more(*, launch_seconds, minutes):
    """Instance-hours above those of two that never change: one is added and taken away again."""
    actions = [
        ScheduledAction(name="more", recurrence="10 0 * * *", desired_capacity=3),
        ScheduledAction(name="less", recurrence=f"{10 + minutes} 0 * * *", desired_capacity=2),
    ]
    group = steady(
        launch=Fixed(seconds=launch_seconds), scheduled_actions=actions,
        termination_policy="NewestInstance", availability_zones=1,
        target_group=TargetGroup(deregistration_delay_seconds=0),
    )  # fmt: skip
    trace = QUIET.replace(duration_seconds=3600)
    return simulate(group, trace).instance_hours - 2


def test_pending_time_is_not_charged():
    # 10 minutes after it was asked for it leaves; five of them it was pending.
    assert one_more(launch_seconds=300, minutes=10) == pytest.approx(300 / 3600)


def test_each_start_is_charged_for_60_seconds_at_least():
    assert one_more(launch_seconds=50, minutes=1) == pytest.approx(60 / 3600)


def test_load_balancer_units_by_hand():
    """1,000 requests a second of 21 KB, ten to a connection of 30 s."""
    trace = Constant(rate_per_second=1000, duration_seconds=3600, work=Fixed(seconds=0.001))
    shapes = {
        # 100 new a second / 25 = 4; 3,000 active / 3,000 = 1; 72.1 GB an hour.
        "bytes": (Connections(), 1000 * 3600 * 21 / 1024 / 1024),
        # 500 new connections a second, 25 to a unit.
        "new": (Connections(requests_per_connection=2, response_kb=0, request_kb=0), 20),
        # 100 new a second that stay for ten minutes are 60,000 active, 3,000 to a unit.
        "active": (Connections(connection_seconds=600, response_kb=0, request_kb=0), 20),
    }
    for connections, units in shapes.values():
        balancer = ApplicationLoadBalancer(name="alb", connections=connections)
        run = simulate(steady(), trace, load_balancer=balancer)
        usage = run.usage(BillingPeriod("hour", 1))
        assert quantity(usage, "LCUUsage") == pytest.approx(units, rel=0.01)


def test_a_run_can_be_billed():
    run = simulate(steady(), QUIET)
    priced = bill(run.usage(), Catalogue.load())
    assert float(priced.total_usd) == pytest.approx(
        2 * 730 * 0.096 + 730 * 0.0225, rel=0.15  # volumes, addresses and units on top
    )  # fmt: skip
    assert {"AmazonEC2", "AWSELB"} <= {key.meter.service_code for key in run.usage()}


def test_the_cost_of_each_hour_adds_up_to_the_runs_share_of_the_month():
    trace = QUIET.replace(duration_seconds=9000)
    more = ScheduledAction(name="more", recurrence="0 1 * * *", desired_capacity=6)
    run = simulate(steady(launch=Fixed(seconds=60), scheduled_actions=[more]), trace)
    priced = bill(run.usage(), Catalogue.load())
    hourly = priced.hourly_usd(run.metered_hourly(), hours=2.5)
    assert hourly.shape == (3,)
    assert hourly.sum() == pytest.approx(float(priced.total_usd) * 2.5 / 730)
    # Four more m5.large with their volume and metrics, from the 60th second on.
    extra = 4 * 59 / 60 * (0.096 + 8 * 0.08 / 730 + 7 * 0.3 / 730)
    assert hourly[1] - hourly[0] == pytest.approx(extra, rel=0.01)
    assert hourly[2] == pytest.approx((hourly[1] + 4 / 60 * 0.096) / 2, rel=0.01)


# --- records, seeds, rendering ----------------------------------------------------------------


def test_records_that_would_not_fit_are_refused_before_the_run_with_the_estimate():
    year = Constant(rate_per_second=1000, duration_seconds=365 * 86_400, work=Fixed(seconds=0.1))
    with pytest.raises(InvalidInputError, match=r"31,536,000,000 requests.*GB.*at most 4 GB"):
        simulate(steady(), year, keep_records=True)
    with pytest.raises(InvalidInputError, match="no single requests"):
        simulate(steady(), QUIET, engine="fluid", keep_records=True)


def test_the_seed_moves_the_control_plane_and_not_the_requests():
    group = BUSY.replace(health_check_type="ELB", health_check_grace_period_seconds=120)
    runs = [simulate(group, RISING, seed=seed) for seed in (1, 1, 2)]
    assert runs[0].outcomes == runs[1].outcomes
    assert runs[0].activities == runs[1].activities
    assert runs[0].requests == runs[2].requests
    assert str(runs[0].activities) != str(runs[2].activities)


def test_a_run_shows_itself(busy):
    assert repr(busy).startswith("Run(0.341667 h, ")
    html = busy._repr_html_()
    for words in ("Requests", "timed_out", "99th percentile", "Instance-hours"):
        assert words in html
    assert "approximate" not in html
    assert "approximate" in simulate(BUSY, RISING, engine="fluid")._repr_html_()
    assert list(busy.alarm_log.columns) == ["seconds", "alarm", "before", "after"]


def test_an_empty_minute_is_not_a_latency_of_zero():
    trace = Counts(
        requests=[600, 0, 600], interval_seconds=60, duration_seconds=180, work=Fixed(seconds=0.01)
    )
    p99 = simulate(steady(), trace).column("p99_seconds")
    assert np.isnan(p99).tolist() == [False, True, False]


# --- closed loop ------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2, 3, 50])
def test_a_stream_of_more_than_all_workers_can_do_has_a_latency(workers):
    group = steady(application=Application(workers=workers, queue_length=5))
    for busy in (0.9, 1.0, 1.2):
        trace = QUIET.replace(rate_per_second=2 * busy * workers / 0.01, duration_seconds=600)
        run = simulate(group, trace, engine="fluid")
        assert run.latency_seconds(0.99) > 0.01


def test_a_load_test_measures_its_own_connections():
    """Little's law: connections = throughput x response time, however fast the servers are."""
    loop = ClosedLoop(connections=20, requests=4000, work=Exponential(mean_seconds=0.1))
    for workers in (2, 8, 40):
        group = steady(1, application=Application(workers=workers, queue_length=1000))
        run = simulate(group, loop)
        rate = run.requests / run.duration_seconds
        assert run.requests == 4000
        assert theory.little_length(rate, run.mean_latency_seconds) == pytest.approx(20, rel=0.03)
        assert rate <= theory.closed_loop_throughput_limit(20, 0.1, servers=workers) * 1.05


def test_groups_behind_one_balancer_must_be_alike():
    with pytest.raises(InvalidInputError, match="different names"):
        simulate([steady(), steady()], QUIET)
    other = steady(application=Application(workers=8)).replace(name="green")
    with pytest.raises(InvalidInputError, match=r"'web' and 'green' must have the same workers"):
        simulate([steady(), other], QUIET)
    with pytest.raises(InvalidInputError, match="at least one"):
        simulate([], QUIET)
