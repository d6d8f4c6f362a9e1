"""Functions: what the control plane does with their limits, and what a run reports.

https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import numpy as np
import pytest

from models import simulate_functions
from models.billing import bill
from models.distributions import Exponential, Fixed, LogNormal
from models.errors import InvalidInputError, UnknownNameError
from models.prices import Catalogue
from models.scaling import ScheduledAction, TargetTrackingPolicy
from models.services.apigateway import HttpApi, RestApi
from models.services.lambda_ import (
    Call,
    Client,
    EventInvokeConfig,
    ExecutionEnvironment,
    Function,
    Invocation,
    ScalableTarget,
    provisioned_tracking,
)
from models.simulation import FunctionAssumptions
from models.simulation.functions.assembling import requests
from models.simulation.functions.outcomes import (
    COLD,
    GAVE_UP,
    OK,
    OUTCOMES,
    PROVISIONED,
    STARTS,
    THROTTLED,
    TIMED_OUT,
    WARM,
)
from models.units import BillingPeriod
from models.workload import AtTimes, Constant, Ramp

ENGINES = ("compiled", "readable")
HOUR = BillingPeriod("hour", 1)


def function(name="f", *, init=0.0, environment=None, **fields):
    """A function whose cold start takes exactly `init` seconds."""
    behaviour = {"init": Fixed(seconds=init), "first_run_seconds": 0, **(environment or {})}
    given = {"timeout_seconds": 900, "environment": ExecutionEnvironment(**behaviour)}
    return Function(name=name, **{**given, **fields})


def evenly(*phases, work=1.0, seconds=None):
    """Requests at equal distances: (from, until, requests a second) of each phase."""
    times = [start + np.arange(int((end - start) * rate)) / rate for start, end, rate in phases]
    return AtTimes(
        times=np.concatenate(times), work=Fixed(seconds=work),
        duration_seconds=seconds or phases[-1][1],
    )  # fmt: skip


def once(*times, work=1.0, seconds=600.0):
    """Single requests."""
    return AtTimes(times=times, work=Fixed(seconds=work), duration_seconds=seconds)


def run_of(invoked, trace, **options):
    return simulate_functions(invoked, trace, keep_records=True, **options)


def started(run, kind):
    """When the attempts of a kind began, by the request's last one. [s]"""
    return np.sort(run.records["start"][run.records["kind"] == kind])


# --- provisioned concurrency by the clock -----------------------------------------------------


def at(minute, **sizes):
    """A scheduled action, so many minutes after midnight, when traces start."""
    return ScheduledAction(name=f"at {minute}", recurrence=f"{minute} 0 * * *", **sizes)


def scheduled(*actions, most=900, **fields):
    scaling = ScalableTarget(max_capacity=most, scheduled_actions=actions)
    return function(provisioned_scaling=scaling, **fields)


def test_nothing_of_an_increase_serves_before_all_of_it_is_allocated():
    """Asked for at 600 s, begun 90 s later, and then 6,000 a minute."""
    run = run_of(scheduled(at(10, min_size=300)), evenly((0, 1200, 20), work=0.5))
    (change,) = run.allocations
    assert (change.seconds, change.before, change.after) == (600, 0, 300)
    assert change.ready_seconds == pytest.approx(600 + 90 + 300 / 100)
    assert started(run, PROVISIONED)[0] == pytest.approx(change.ready_seconds, abs=1 / 20)
    others = np.concatenate([started(run, WARM), started(run, COLD)])
    assert others.max() < change.ready_seconds
    assert run.allocation_log.to_dict("records") == [change._asdict()]


def test_allocation_takes_what_the_assumptions_say():
    assumed = FunctionAssumptions(
        provisioned_start_seconds=30, provisioned_allocation_per_minute=600
    )
    run = run_of(scheduled(at(10, min_size=300)), evenly((0, 900, 5)), assumptions=assumed)
    assert run.allocations[0].ready_seconds == 600 + 30 + 300 / 10
    assert started(run, PROVISIONED)[0] == pytest.approx(660, abs=1 / 5)


def test_what_is_there_already_serves_while_more_is_allocated():
    more = scheduled(at(10, min_size=60), provisioned_concurrent_executions=10)
    run = run_of(more, evenly((0, 1200, 30)))
    assert run.allocations[0].ready_seconds == pytest.approx(690.5)
    assert run.column("provisioned_busy")[1:10] == pytest.approx(10, abs=0.1)
    # From 690.5 s on all 30 of them, within the second that the others take to finish.
    assert run.column("provisioned_busy")[12:] == pytest.approx(30, abs=0.1)
    assert run.column("busy")[12:] == pytest.approx(0, abs=0.1)


def test_a_decrease_acts_at_once_and_lets_those_at_work_finish():
    less = scheduled(at(10, max_size=5), provisioned_concurrent_executions=20)
    run = run_of(less, evenly((0, 1200, 0.4), work=50))
    (change,) = run.allocations
    assert (change.seconds, change.after, change.ready_seconds) == (600, 5, 600)
    began, kept = run.records["start"], run.records
    draining = (kept["kind"] == PROVISIONED) & (began < 600) & (kept["finish"] > 600)
    assert draining.sum() == 19  # the twentieth finished at that instant
    assert set(kept["outcome"][draining]) == {OK}
    # The next one waits until fewer than five of them are left.
    finishing = np.sort(kept["finish"][draining])
    assert started(run, PROVISIONED)[started(run, PROVISIONED) >= 600][0] >= finishing[14]
    assert run.column("provisioned_busy")[-2] == pytest.approx(5, abs=0.2)


def test_an_increase_that_is_taken_back_never_comes():
    actions = at(10, min_size=300), at(11, min_size=0, max_size=0)
    run = run_of(scheduled(*actions), evenly((0, 1200, 5)))
    assert [one.after for one in run.allocations] == [300, 0]
    assert not len(started(run, PROVISIONED))


def test_a_second_increase_takes_the_place_of_the_first():
    actions = at(10, min_size=300), at(11, min_size=500)
    run = run_of(scheduled(*actions), evenly((0, 1200, 5)))
    assert [one.after for one in run.allocations] == [300, 500]
    assert run.allocations[1].ready_seconds == 660 + 90 + 500 / 100
    assert started(run, PROVISIONED)[0] == pytest.approx(755, abs=1 / 5)


def test_provisioned_concurrency_is_there_from_the_start_where_it_is_declared():
    run = run_of(function(provisioned_concurrent_executions=5, init=1), evenly((0, 60, 3)))
    assert run.starts() == {"warm": 0, "cold": 0, "provisioned": 180}
    assert run.latency_seconds(1.0) == pytest.approx(1, rel=0.01)


def test_provisioned_concurrency_is_charged_until_it_is_taken_away():
    less = scheduled(at(10, max_size=0), provisioned_concurrent_executions=10, memory_size_mb=1024)
    run = simulate_functions(less, evenly((0, 3600, 1)))
    assert quantities(run.usage(HOUR))["Lambda-Provisioned-Concurrency"] == 600 * 10


@pytest.mark.parametrize("provisioned", [4, 11])
def test_a_start_outside_the_bounds_is_refused(provisioned):
    scaling = ScalableTarget(min_capacity=5, max_capacity=10, policies=[provisioned_tracking()])
    with pytest.raises(InvalidInputError, match=rf"\({provisioned}\) must be from min_capacity"):
        function(provisioned_scaling=scaling, provisioned_concurrent_executions=provisioned)


# --- provisioned concurrency by its use -------------------------------------------------------


def tracked(rate_from, rate_to, *, at_seconds, seconds, assumptions=None, **policy):
    """Ten environments, kept at 70 percent, and work of a second: percent are requests a second."""
    scaling = ScalableTarget(
        min_capacity=1, max_capacity=100,
        policies=[provisioned_tracking(0.7).replace(**policy)],
    )  # fmt: skip
    phases = [(0, at_seconds, rate_from)]
    if rate_to:
        phases.append((at_seconds, seconds, rate_to))
    invoked = function(provisioned_concurrent_executions=10, provisioned_scaling=scaling)
    trace = evenly(*phases, seconds=seconds)
    return simulate_functions(invoked, trace, assumptions=assumptions)


@pytest.mark.parametrize("delay", [0, 60, 120])
def test_scaling_out_takes_three_datapoints_their_delivery_and_the_allocation(delay):
    """90 percent from 600 s on: datapoints end at 660, 720 and 780 s."""
    assumed = FunctionAssumptions(metric_delivery_seconds=delay)
    run = tracked(5, 9, at_seconds=600, seconds=1500, assumptions=assumed)
    first = run.allocations[0]
    # 10 x 90 / 70, rounded up.
    assert (first.seconds, first.before, first.after) == (780 + delay, 10, 13)
    assert first.ready_seconds == pytest.approx(780 + delay + 90 + 3 / 100)
    assert "triggered policy utilization changing the desired capacity from 10 to 13" in first.cause
    # In the minute in which they come, 9 of 11.5 are at work on average: 13 x 78 / 70.
    assert [one.after for one in run.allocations] == [13, 15]
    changed = [one for one in run.alarm_history if "AlarmHigh" in one.alarm]
    assert (changed[-2].after, changed[-2].seconds) == ("ALARM", 780 + delay)


def test_at_the_target_nothing_scales_out():
    assert not tracked(5, 7, at_seconds=600, seconds=1500).allocations


def test_scaling_in_takes_fifteen_datapoints_below_nine_tenths_of_the_target():
    """50 percent from an hour on: datapoints end at 61 to 75 minutes, and take a minute more."""
    run = tracked(6.5, 5, at_seconds=3600, seconds=7200)
    assert [(one.seconds, one.after) for one in run.allocations] == [(76 * 60, 8)]
    assert run.allocations[0].ready_seconds == 76 * 60
    assert not tracked(6.5, 6.4, at_seconds=3600, seconds=7200).allocations


def test_scaling_in_further_than_another_fifteen_datapoints():
    """The alarm stays, so what is too much for the new size goes as well: 8 x 20 / 80 / 0.7."""
    run = tracked(6.5, 2, at_seconds=3600, seconds=7200)
    assert run.allocations[0].after == 3
    assert run.column("provisioned")[-1] == 3


def test_no_metric_without_requests_so_nothing_scales_in():
    run = tracked(6.5, 0, at_seconds=3600, seconds=3 * 3600)
    assert not run.allocations
    assert {one.after for one in run.alarm_history[-2:]} == {"INSUFFICIENT_DATA"}
    # A request a minute is enough to say that it is idle.
    assert tracked(6.5, 1 / 60, at_seconds=3600, seconds=3 * 3600).allocations[0].after == 1


def test_the_bounds_hold():
    scaling = ScalableTarget(min_capacity=4, max_capacity=12, policies=[provisioned_tracking(0.1)])
    invoked = function(provisioned_concurrent_executions=10, provisioned_scaling=scaling)
    run = simulate_functions(invoked, evenly((0, 3600, 9), (3600, 7200, 0.1)))
    assert [one.after for one in run.allocations] == [12, 4]


# --- limits -----------------------------------------------------------------------------------


def test_what_provisioned_concurrency_cannot_take_spills_over_to_on_demand():
    run = run_of(function(provisioned_concurrent_executions=5, init=0.5), evenly((0, 600, 8)))
    assert run.column("provisioned_busy")[1:] == pytest.approx(5, abs=0.05)
    assert run.column("busy")[1:] == pytest.approx(3, abs=0.05)
    # A cold one takes half a second longer, in which one or two more have asked.
    assert 3 <= run.starts()["cold"] <= 6
    assert run.error_share == 0


def test_beyond_ten_requests_a_second_each_they_spill_over_too():
    run = run_of(function(provisioned_concurrent_executions=5), evenly((0, 60, 80), work=0.001))
    # It begins with one second's requests in the bucket.
    assert run.starts()["provisioned"] == pytest.approx(60 * 50 + 50, abs=2)
    assert run.outcomes["ok"] == 60 * 80


def busy(run, name=None):
    """Environments at work in the last minutes, on demand and provisioned."""
    columns = (run.column(column, name) for column in ("busy", "provisioned_busy"))
    return tuple(round(float(column[-3:].mean()), 1) for column in columns)


def test_provisioned_concurrency_is_taken_out_of_the_reserved():
    invoked = function(reserved_concurrent_executions=10, provisioned_concurrent_executions=4)
    run = simulate_functions(invoked, evenly((0, 600, 21)))
    assert busy(run) == (6, 4)
    assert run.outcomes["throttled_reserved"] == pytest.approx(600 * 11, abs=20)


def test_or_out_of_the_account():
    invoked = function(account_concurrency=110, provisioned_concurrent_executions=10)
    run = simulate_functions(invoked, evenly((0, 300, 211)))
    assert busy(run) == (100, 10)
    assert run.outcomes["throttled_account"] > 0


def test_an_increase_takes_concurrency_from_every_other_function():
    """200 environments for both until 691 s after the start; then 100 are one function's own."""
    one = scheduled(at(10, min_size=100), most=100, name="one", account_concurrency=200)
    other = function("other", account_concurrency=200)
    traces = [evenly((0, 1200, 10)), evenly((0, 1200, 301))]
    run = simulate_functions([one, other], traces)
    both = sum(run.column("busy", name)[2:10] for name in ("one", "other"))
    assert both == pytest.approx(200, abs=0.1)
    assert busy(run, "other") == (100, 0)
    assert busy(run, "one") == (0, 10)


@pytest.mark.parametrize("reserved", [None, 50])
def test_reserved_concurrency_protects_from_a_noisy_neighbor(reserved):
    quiet = function("quiet", account_concurrency=200, reserved_concurrent_executions=reserved)
    noisy = function("noisy", account_concurrency=200)
    run = simulate_functions([quiet, noisy], [evenly((0, 300, 20)), evenly((0, 300, 401))])
    if reserved is None:
        assert run.attempts("quiet")["throttled_account"] > 0
        assert busy(run, "quiet")[0] + busy(run, "noisy")[0] == pytest.approx(200, abs=0.2)
    else:
        assert run.throttled_share("quiet") == 0
        assert (busy(run, "quiet")[0], busy(run, "noisy")[0]) == (20, 150)
    assert run.throttled_share("noisy") > 0.5


def test_reserved_concurrency_is_the_most_that_a_function_gets():
    run = simulate_functions(function(reserved_concurrent_executions=7), evenly((0, 300, 20)))
    assert busy(run) == (7, 0)
    assert run.totals.most_live[0] == 7


def test_reserved_concurrency_of_none_stops_a_function():
    stopped = function(reserved_concurrent_executions=0, provisioned_concurrent_executions=0)
    run = simulate_functions(stopped, evenly((0, 300, 2)))
    assert run.throttled_share() == run.error_share == 1
    assert run.billed_gb_seconds() == run.mean_environments() == 0
    assert not run.usage()


def test_a_function_that_is_stopped_is_refused_for_its_reserved_concurrency():
    run = simulate_functions(function(reserved_concurrent_executions=0), evenly((0, 300, 2)))
    assert run.outcomes["throttled_reserved"] == run.requests


def test_provisioned_requests_count_towards_the_rate_of_the_account():
    """200 x 10 a second are the quota, whoever serves them."""
    invoked = function(account_concurrency=200, provisioned_concurrent_executions=100)
    run = simulate_functions(invoked, evenly((0, 60, 3000), work=0.001))
    assert run.outcomes["ok"] / 60 == pytest.approx(2000, rel=0.05)


@pytest.mark.parametrize(
    "fields",
    [{"reserved_concurrent_executions": 5}, {"account_concurrency": 120}],
    ids=["reserved", "account"],
)
def test_scaling_beyond_what_the_function_can_have_is_refused(fields):
    with pytest.raises(InvalidInputError, match="max_capacity"):
        function(provisioned_scaling=ScalableTarget(max_capacity=50), **fields)


# --- nothing is lost, nothing counts twice ----------------------------------------------------

RISING = Ramp(
    duration_seconds=630, from_per_second=2, to_per_second=12, work=LogNormal.of_mean(1, cv=1)
)
FAST = RISING.replace(work=Fixed(seconds=0.01))
RETRIES = Client(attempts=3, base_seconds=1)


def case(invoked_by=RETRIES, api=None, assumptions=None, trace=RISING, **fields):
    """An invocation, its trace, and what is assumed."""
    invoked = function(**{"init": 0.4, **fields})
    return Invocation(function=invoked, invoked_by=invoked_by, api=api), trace, assumptions


#: For every way in which a request can end, something that makes it happen.
CASES = {
    "ok": case(),
    "error": case(environment={"error_share": 0.5}),
    "timed_out": case(timeout_seconds=2),
    "throttled_account": case(account_concurrency=10),
    "throttled_reserved": case(reserved_concurrent_executions=5),
    "throttled_rate": case(reserved_concurrent_executions=1, trace=FAST, init=0),
    "throttled_scaling": case(
        assumptions=FunctionAssumptions(
            scaling_burst_environments=2, scaling_environments_per_second=0.001
        )
    ),
    "throttled_api": case(
        api=RestApi(name="api", throttle_rate_per_second=5, throttle_burst=5), trace=FAST
    ),
    "gave_up": case(invoked_by=RETRIES.replace(timeout_seconds=1)),
    "expired": case(
        invoked_by=EventInvokeConfig(maximum_event_age_seconds=60),
        reserved_concurrent_executions=3,
    ),
    "unfinished": case(invoked_by=EventInvokeConfig(), environment={"error_share": 0.5}),
}


def test_there_is_a_case_for_every_outcome():
    assert set(CASES) == set(OUTCOMES)


@pytest.fixture(scope="module", params=CASES)
def counted(request):
    invocation, trace, assumptions = CASES[request.param]
    return request.param, trace, run_of(invocation, trace, assumptions=assumptions)


def test_every_arrival_ends_in_exactly_one_outcome(counted):
    name, trace, run = counted
    arrived = sum(len(chunk.arrivals) for chunk in trace.chunks())
    assert run.requests == arrived == len(run.records)
    assert list(run.outcomes) == list(OUTCOMES)
    assert run.outcomes[name] > 20
    ended = np.bincount(run.records["outcome"], minlength=len(OUTCOMES))
    assert ended.tolist() == list(run.outcomes.values())


def test_every_attempt_is_taken_on_or_throttled(counted):
    _, _, run = counted
    totals, tried = run.totals, run.attempts()
    throttled = sum(tried[OUTCOMES[cause]] for cause in THROTTLED)
    in_flight = int(totals.busy[0] + totals.provisioned_busy[0])
    assert sum(run.starts().values()) + throttled == sum(tried.values()) + in_flight
    assert run.throttled_share() == pytest.approx(throttled / (sum(tried.values()) + in_flight))
    # An attempt ends in the function or at a limit; giving up and growing old is for requests.
    assert not any(tried[kind] for kind in ("gave_up", "expired", "unfinished"))


def test_the_timeline_adds_up_to_the_totals(counted):
    _, trace, run = counted
    table, totals = run.timeline, run.totals
    assert table["start_seconds"].tolist() == [60.0 * row for row in range(11)]
    assert table["seconds"].tolist() == [60.0] * 10 + [30.0]
    assert set(table["function"]) == {"f"}
    ended = table[list(OUTCOMES[:-1])].sum().to_dict()
    assert {**ended, "unfinished": run.outcomes["unfinished"]} == run.outcomes
    starts = table[["warm", "cold", "provisioned_starts"]].sum()
    assert starts.tolist() == [run.starts()[kind] for kind in STARTS]
    assert table["attempts"].sum() == sum(run.attempts().values())
    assert table["throttled"].sum() == sum(run.attempts()[OUTCOMES[one]] for one in THROTTLED)
    assert table["api_throttled"].sum() == run.attempts()["throttled_api"]
    for name in ("billed_ms", "provisioned_ms", "init_ms"):
        assert table[name].sum() == getattr(totals, name)[0]
    for column, mean in (
        ("busy", run.mean_concurrency()),
        ("environments", run.mean_environments()),
    ):
        whole = float((table[column] * table["seconds"]).sum())
        assert whole == pytest.approx(mean * trace.duration_seconds)


def test_provisioned_rows_add_up_too():
    invoked = function(provisioned_concurrent_executions=5, init=0.4)
    run = simulate_functions(invoked, RISING)
    table = run.timeline
    served = float((table["provisioned_busy"] * table["seconds"]).sum())
    assert served == pytest.approx(run.totals.provisioned_seconds[0])
    assert table["provisioned_starts"].sum() == run.starts()["provisioned"] > 1000
    assert table["provisioned_ms"].sum() == run.totals.provisioned_ms[0] > 0
    assert set(table["provisioned"]) == {5}


# --- usage ------------------------------------------------------------------------------------


def quantities(usage):
    """Quantity by usage type."""
    return {key.meter.usage_type: float(usage.total(key)) for key in usage}


def estimated(run, number=0, **fields):
    """What the closed form makes of the run's own means."""
    totals, declared = run.totals, run.functions[number]
    cold, warm, served = (int(totals.starts[number, kind]) for kind in (COLD, WARM, PROVISIONED))
    handler_ms = (totals.billed_ms[number] - totals.init_ms[number]) / max(cold + warm, 1)
    means = {
        "requests": cold + warm + served,
        "duration_ms": handler_ms,
        "cold_start_share": cold / max(cold + warm, 1),
        "init_ms": totals.init_ms[number] / max(cold, 1),
        "provisioned_requests": served,
        "provisioned_duration_ms": totals.provisioned_ms[number] / max(served, 1),
    }
    return quantities(declared.replace(**means, **fields).estimate(HOUR))


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_usage_of_whole_milliseconds_is_the_closed_form(architecture):
    invoked = function(
        memory_size_mb=512, architecture=architecture, ephemeral_storage_mb=1536, init=0.25,
        provisioned_concurrent_executions=2,
    )  # fmt: skip
    # The last minute is quiet, so that nothing is in hand at the end.
    run = simulate_functions(invoked, evenly((0, 3540, 10), work=0.37, seconds=3600))
    assert min(run.starts().values()) > 0
    found = quantities(run.usage(HOUR))
    assert len(found) == 5
    assert found == pytest.approx(estimated(run), rel=1e-12)
    ending = "-ARM" if architecture == "arm64" else ""
    assert found[f"Request{ending}"] == 35_400
    assert found[f"Lambda-Provisioned-Concurrency{ending}"] == 2 * 3600 * 0.5
    cold = run.starts()["cold"]
    on_demand = cold + run.starts()["warm"]
    assert found[f"Lambda-GB-Second{ending}"] == pytest.approx(
        (0.37 * on_demand + 0.25 * cold) * 0.5
    )


def test_usage_of_any_duration_is_the_closed_form_but_for_rounding():
    """Each invocation is rounded up to the millisecond in a run, their mean in the closed form."""
    law = LogNormal.of_mean(0.2, cv=1)
    trace = Constant(rate_per_second=10, duration_seconds=3600, work=law)
    invoked = Function(
        name="f", memory_size_mb=1024, timeout_seconds=900, provisioned_concurrent_executions=1
    )
    run = run_of(invoked, trace)
    exact = run.records["finish"] - run.records["start"]
    on_demand = run.records["kind"] != PROVISIONED
    finished = run.records["outcome"] == OK
    found, closed = quantities(run.usage(HOUR)), estimated(run)
    for usage_type, of_kind in (
        ("Lambda-GB-Second", on_demand), ("Lambda-Provisioned-GB-Second", ~on_demand),
    ):  # fmt: skip
        counted = int((of_kind & finished).sum())
        assert counted > 1000
        rounded_up = found[usage_type] - float(exact[of_kind & finished].sum())
        assert 0 < rounded_up < counted / 1000
        assert rounded_up == pytest.approx(counted / 2000, rel=0.05)
        assert found[usage_type] == pytest.approx(closed[usage_type], abs=counted / 1000)
    assert found["Request"] == closed["Request"]


def test_a_month_goes_on_like_the_run():
    run = simulate_functions(function(), evenly((0, 600, 5), work=0.1))
    hour, month = quantities(run.usage(HOUR)), quantities(run.usage())
    assert hour["Request"] == pytest.approx(6 * run.requests)
    assert month == pytest.approx({name: 730 * found for name, found in hour.items()})


def test_a_run_as_long_as_the_period_is_metered_hour_by_hour():
    run = simulate_functions(function(memory_size_mb=1024), evenly((3600, 7200, 2), work=0.5))
    usage = run.usage(BillingPeriod("two hours", 2))
    (key,) = (one for one in usage if one.meter.usage_type == "Request")
    assert usage[key].tolist() == [0, 7200]


def api_calls(api, run):
    """Calls in the run, and what the closed form makes of as many requests."""
    found = quantities(run.usage(HOUR).of(resource="api"))
    calls = sum(run.attempts().values()) - run.attempts()["throttled_api"]
    return found, quantities(api.replace(requests=calls).estimate(HOUR))


@pytest.mark.parametrize(
    "api",
    [
        HttpApi(name="api", request_kb=600, throttle_rate_per_second=4, throttle_burst=10),
        RestApi(name="api", throttle_rate_per_second=4, throttle_burst=10),
    ],
)
def test_calls_of_an_api_are_those_that_it_let_through(api):
    invocation = Invocation(function=function(), api=api, invoked_by=RETRIES)
    run = simulate_functions(invocation, evenly((0, 3540, 5), work=0.1, seconds=3600))
    assert run.attempts()["throttled_api"] > 100
    found, closed = api_calls(api, run)
    assert found == closed
    assert sum(found.values()) == (2 if isinstance(api, HttpApi) else 1) * run.attempts()["ok"]


def test_retries_are_calls_and_requests_of_their_own():
    """AWS charges for every attempt that was taken on, whatever became of it."""
    api = RestApi(name="api")
    failing = function(environment={"error_share": 1.0})
    invocation = Invocation(function=failing, api=api, invoked_by=RETRIES)
    run = simulate_functions(invocation, once(0.0, 10.0, work=0.1, seconds=3600))
    assert run.outcomes["error"] == 2
    found = quantities(run.usage(HOUR))
    assert (found["Request"], found["ApiGatewayRequest"]) == (6, 6)


def test_one_api_before_two_functions_counts_the_calls_of_both():
    api = RestApi(name="api")
    both = [Invocation(function=function(name), api=api) for name in ("a", "b")]
    run = simulate_functions(both, [evenly((0, 3600, 1)), evenly((0, 3600, 2))])
    assert quantities(run.usage(HOUR))["ApiGatewayRequest"] == pytest.approx(10_800, abs=3)


def test_the_cache_of_an_api_is_charged():
    api = RestApi(name="api", cache_cluster_size="0.5")
    run = simulate_functions(Invocation(function=function(), api=api), evenly((0, 3600, 1)))
    assert quantities(run.usage(HOUR))["ApiGatewayCacheUsage:0.5GB"] == 1


def test_a_snapshot_is_charged_for_its_restores_and_for_being_there():
    invoked = function(
        snap_start=True, runtime="python3.13", memory_size_mb=1024,
        environment={"restore": Fixed(seconds=0.2), "idle_timeout": Fixed(seconds=60)},
    )  # fmt: skip
    run = simulate_functions(invoked, once(0.0, 10.0, 200.0, 400.0, seconds=3600))
    assert run.starts() == {"warm": 1, "cold": 3, "provisioned": 0}
    found = quantities(run.usage(HOUR))
    assert found["Lambda-SnapStart-Restored-GB"] == 3
    assert found["Lambda-SnapStart-Cached-GB-S"] == 3 * 3600
    assert found["Lambda-GB-Second"] == pytest.approx(4 + 3 * 0.2)


def test_a_run_can_be_billed():
    run = simulate_functions(function(memory_size_mb=1024), evenly((0, 3600, 10), work=0.1))
    priced = bill(run.usage(HOUR), Catalogue.load())
    assert float(priced.total_usd) == pytest.approx(
        36_000 * (0.2e-6 + 0.1 * 0.0000166667), rel=0.01
    )


# --- cold starts ------------------------------------------------------------------------------


def first(invoked, work=1.0, **options):
    """One request to a function that has no environment yet."""
    run = run_of(invoked, once(0.0, work=work), **options)
    (kept,) = run.records
    return run, kept


@pytest.mark.parametrize(
    ("fields", "billed_ms"),
    [
        ({}, 1400),
        ({"bill_init": False}, 1000),
        ({"bill_init": False, "package_type": "image"}, 1400),
        ({"bill_init": False, "runtime": "provided.al2023"}, 1400),
        ({"bill_init": False, "runtime": "rust_on_provided_al2023"}, 1400),
    ],
)
def test_init_is_billed_since_august_2025_and_always_was_for_images(fields, billed_ms):
    run, kept = first(function(init=0.4, **fields))
    assert run.totals.billed_ms[0] == billed_ms
    assert run.totals.init_ms[0] == billed_ms - 1000
    # Who pays for it does not change how long it takes.
    assert kept["finish"] == pytest.approx(1.4)


def test_init_and_handler_are_rounded_up_together():
    """The example of AWS: 100.77 ms and 250.06 ms are billed as 351 ms."""
    run, _ = first(function(init=0.10077), work=0.25006)
    assert run.totals.billed_ms[0] == 351


def test_what_a_cold_start_is_made_of():
    slow = {"import_seconds": 0.5, "first_run_seconds": 0.25, "vpc_attachment_seconds": 4}
    run, kept = first(function(init=0.4, environment=slow))
    assert kept["finish"] == pytest.approx(0.4 + 0.5 + 4 + 0.25 + 1)
    run = run_of(function(init=0.4, environment=slow), once(0.0, 100.0))
    assert (run.records["finish"] - run.records["start"])[1] == pytest.approx(1)


def test_measured_cold_starts_are_the_default():
    runs = {
        runtime: simulate_functions(Function(name="f", runtime=runtime), once(*np.arange(500.0)))
        for runtime in ("python3.13", "java21")
    }
    assert 0 < runs["python3.13"].totals.init_ms[0] < runs["java21"].totals.init_ms[0]


def test_init_beyond_ten_seconds_is_cut_off_and_run_again():
    run, kept = first(function(init=12))
    assert kept["finish"] == pytest.approx(10 + 12 + 1)
    assert (run.totals.init_ms[0], run.totals.billed_ms[0]) == (10_000, 23_000)
    _, kept = first(function(init=10))
    assert kept["finish"] == pytest.approx(11)


def test_its_second_run_must_end_within_the_time_out():
    run, kept = first(function(init=12, timeout_seconds=5))
    assert (kept["outcome"], kept["finish"]) == (TIMED_OUT, 15)
    assert run.totals.billed_ms[0] == 15_000


def test_the_old_penalty_of_a_vpc_is_added_once():
    _, kept = first(function(init=0.4, environment={"vpc_attachment_seconds": 10}))
    assert kept["finish"] == pytest.approx(10 + 0.4 + 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_time_out_ends_the_invocation_and_the_environment(engine):
    run = run_of(function(init=0.5, timeout_seconds=3), evenly((0, 300, 0.1), work=10),
                 engine=engine)  # fmt: skip
    assert run.outcomes["timed_out"] == run.requests == 30
    assert run.records["finish"] - run.records["start"] == pytest.approx(3.5)
    assert run.starts() == {"warm": 0, "cold": 30, "provisioned": 0}
    assert run.totals.billed_ms[0] == 30 * 3500
    assert run.totals.live[0] == 0
    assert run.mean_environments() == pytest.approx(30 * 3.5 / 300)


def test_the_time_out_does_not_begin_before_the_handler():
    _, kept = first(function(init=2.5, timeout_seconds=3), work=2.9)
    assert (kept["outcome"], kept["finish"]) == (OK, pytest.approx(5.4))


def test_an_environment_ends_when_it_is_idle_for_too_long_or_too_old():
    gaps = once(0.0, 50.0, 100.0, 161.0, 211.0)
    idle = {"idle_timeout": Fixed(seconds=59)}
    run = run_of(function(environment=idle), gaps)
    assert run.records["kind"].tolist() == [COLD, WARM, WARM, COLD, WARM]
    aged = {"idle_timeout": Fixed(seconds=1000), "life": Fixed(seconds=120)}
    run = run_of(function(environment=aged), gaps)
    assert run.records["kind"].tolist() == [COLD, WARM, WARM, COLD, WARM]


# --- who waits for whom -----------------------------------------------------------------------


def chained(*, init=0.0, works=(0.1, 0.2, 0.3), timeouts=(900, 900, 900), **invocation):
    """A function that calls a second, which calls a third."""
    names = "abc"[: len(works)]
    links = [
        function(name, init=init, timeout_seconds=limit)
        for name, limit in zip(names, timeouts, strict=False)
    ]
    calls = [
        Call(function=one, work=Fixed(seconds=work))
        for one, work in zip(links[1:], works[1:], strict=True)
    ]
    return Invocation(function=links[0], calls=calls, **invocation)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("init", "billed"), [(0.0, [600, 500, 300]), (0.5, [2100, 1500, 800])], ids=["warm", "cold"]
)
def test_whoever_calls_another_function_is_billed_for_waiting(engine, init, billed):
    run = simulate_functions(chained(init=init), once(0.0, work=0.1), engine=engine)
    assert run.totals.billed_ms.tolist() == billed
    assert run.mean_latency_seconds == pytest.approx(billed[0] / 1000)
    assert [run.starts(name)["cold"] for name in "abc"] == [1, 1, 1]
    # The request is the first function's; the others were attempted by functions.
    assert run.totals.requests.sum(axis=1).tolist() == [1, 0, 0]


def test_a_callee_that_fails_makes_its_caller_fail():
    run = simulate_functions(chained(timeouts=(900, 900, 1), works=(0.1, 0.2, 5)), once(0.0))
    assert [run.attempts(name) for name in "abc"] == [
        {**dict.fromkeys(OUTCOMES, 0), outcome: 1} for outcome in ("error", "error", "timed_out")
    ]
    assert run.outcomes["error"] == 1


def test_a_caller_whose_time_is_over_leaves_the_callee_running():
    run = simulate_functions(chained(timeouts=(2, 900), works=(1, 5)), once(0.0, work=1))
    assert run.outcomes["timed_out"] == 1
    assert run.attempts("b")["ok"] == 1
    assert run.totals.billed_ms.tolist() == [2000, 5000]


@pytest.mark.parametrize("engine", ENGINES)
def test_who_gives_up_leaves_the_function_running_and_billed(engine):
    impatient = Invocation(function=function(), invoked_by=Client(timeout_seconds=0.5))
    run = run_of(impatient, once(0.0, 10.0, work=2), engine=engine)
    assert run.records["outcome"].tolist() == [GAVE_UP, GAVE_UP]
    assert run.records["finish"].tolist() == [0.5, 10.5]
    assert run.attempts()["ok"] == 2
    assert run.totals.billed_ms[0] == 4000
    assert run.starts() == {"warm": 1, "cold": 1, "provisioned": 0}


def test_who_tries_again_pays_for_both():
    again = Client(attempts=2, timeout_seconds=1, base_seconds=0, jitter=False)
    run = run_of(Invocation(function=function(), invoked_by=again), once(0.0, work=5))
    (kept,) = run.records
    assert (kept["outcome"], kept["attempts"], kept["finish"]) == (GAVE_UP, 2, 2.0)
    assert run.starts()["cold"] == 2
    assert run.totals.billed_ms[0] == 10_000


@pytest.mark.parametrize(("api", "seconds"), [(RestApi, 29), (HttpApi, 30)])
def test_an_api_gives_up_on_its_integration(api, seconds):
    invocation = Invocation(function=function(), api=api(name="api"))
    run = run_of(invocation, once(0.0, work=60))
    assert (run.outcomes["gave_up"], run.records["finish"][0]) == (1, seconds)
    assert run.totals.billed_ms[0] == 60_000


# --- seeds and engines ------------------------------------------------------------------------

MIXED = Invocation(
    function=Function(
        name="api", timeout_seconds=3, reserved_concurrent_executions=12,
        environment=ExecutionEnvironment(error_share=0.05, routing="random"),
    ),
    invoked_by=Client.sdk(timeout_seconds=2.5),
    api=HttpApi(name="front", throttle_rate_per_second=9, throttle_burst=20),
    calls=[
        Call(
            function=Function(
                name="backend", timeout_seconds=2, account_concurrency=1000,
                provisioned_concurrent_executions=1,
                provisioned_scaling=ScalableTarget(
                    max_capacity=20, policies=[provisioned_tracking(0.5)],
                    scheduled_actions=[at(5, min_size=3), at(8, min_size=0, max_size=2)],
                ),
            ),
            work=LogNormal.of_mean(0.3, cv=1),
        )
    ],
)  # fmt: skip


def same(one, other):
    assert one.outcomes == other.outcomes
    assert one.allocations == other.allocations
    assert one.alarm_history == other.alarm_history
    assert one.summary() == pytest.approx(other.summary(), nan_ok=True, rel=1e-9)
    assert one.timeline.equals(other.timeline) or np.allclose(
        one.timeline.drop(columns="function"), other.timeline.drop(columns="function"),
        rtol=1e-9, equal_nan=True,
    )  # fmt: skip
    for field in one.records.dtype.names:
        np.testing.assert_array_equal(one.records[field], other.records[field])


def test_the_same_seed_is_the_same_run_on_both_engines_and_again():
    compiled, readable = (run_of(MIXED, RISING, seed=7, engine=one) for one in ENGINES)
    assert (compiled.engine, readable.engine) == ENGINES
    same(compiled, readable)
    same(compiled, run_of(MIXED, RISING, seed=7))
    # The case is about something.
    assert sum(count > 0 for count in compiled.outcomes.values()) >= 5
    assert len(compiled.allocations) > 1


def test_another_seed_has_other_environments_and_the_same_requests():
    one, other = (run_of(Function(name="f", timeout_seconds=60), RISING, seed=seed)
                  for seed in (0, 1))  # fmt: skip
    assert one.requests == other.requests
    assert one.totals.init_ms[0] != other.totals.init_ms[0]
    warm = (one.records["kind"] == WARM) & (other.records["kind"] == WARM)
    assert warm.sum() > 1000
    for field in ("start", "finish"):
        assert np.array_equal(one.records[field][warm], other.records[field][warm])
    elsewhere = run_of(Function(name="f", timeout_seconds=60), RISING.replace(seed=1))
    assert elsewhere.requests != one.requests
    # The environments are the same ones, in order of creation.
    assert elsewhere.totals.created[0] != 0


# --- the result -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed():
    return simulate_functions(MIXED, RISING, seed=7)


def test_a_run_says_in_a_line_what_came_of_it(mixed):
    assert repr(mixed).startswith("FunctionRun(0.175 h, ")
    for part in ("requests", "errors", "cold", "p50", "p99", "ms"):
        assert part in repr(mixed)
    nothing = simulate_functions(function(reserved_concurrent_executions=0), once(0.0))
    assert repr(nothing) == (
        "FunctionRun(0.166667 h, 1 requests, 100.00% errors, 0.000% cold, p50 -, p99 -)"
    )


def test_a_run_shows_itself_as_a_table(mixed):
    html = mixed._repr_html_()
    for part in (
        "Requests",
        "Median response",
        "ok",
        "api: cold starts",
        "backend: mean concurrency",
    ):
        assert part in html
    assert "expired" not in html
    sly = simulate_functions(function("<b>&"), once(0.0))
    assert "&lt;b&gt;&amp;: cold starts" in sly._repr_html_()
    assert "<b>" not in sly._repr_html_()


def test_a_summary_is_of_the_first_function_unless_another_is_named(mixed):
    first, second = mixed.summary(), mixed.summary("backend")
    assert list(first) == list(second)
    assert first["requests"] == second["requests"] == mixed.requests
    for name, method in (
        ("cold_share", mixed.cold_share), ("throttled_share", mixed.throttled_share),
        ("mean_concurrency", mixed.mean_concurrency),
        ("mean_environments", mixed.mean_environments),
        ("billed_gb_seconds", mixed.billed_gb_seconds),
    ):  # fmt: skip
        assert first[name] == method() == method("api")
        assert second[name] == method("backend") != first[name]
    assert first["error_share"] == mixed.error_share
    assert first["p99_seconds"] == mixed.latency_seconds(0.99) > mixed.latency_seconds(0.5)


def test_facts_of_one_function_are_those_of_its_column(mixed):
    for name in ("api", "backend"):
        of_it = mixed.timeline[mixed.timeline["function"] == name]
        assert of_it["cold"].tolist() == mixed.column("cold", name).tolist()
    assert mixed.records is None
    milliseconds = mixed.totals.billed_ms[1] + mixed.totals.provisioned_ms[1]
    assert mixed.billed_gb_seconds("backend") == pytest.approx(milliseconds / 1000 * 128 / 1024)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_quantiles_are_within_one_percent_of_the_exact_ones(share):
    run = run_of(function(), RISING)
    answered = run.records["outcome"] == OK
    latency = (run.records["finish"] - run.records["start"])[answered]
    exact = np.quantile(latency, share, method="inverted_cdf")
    assert run.latency_seconds(share) == pytest.approx(exact, rel=0.01)
    assert run.latency_seconds(share, "f") == run.latency_seconds(share)


# --- what is refused --------------------------------------------------------------------------

SMALL = once(0.0)


def simulated(*invoked, traces=None, **options):
    """A run that is not to be."""
    return lambda: simulate_functions(
        list(invoked), [SMALL] * len(invoked) if traces is None else traces, **options
    )


def made(kind=function, **fields):
    """Something that is not to be."""
    return lambda: kind(**fields)


def target(**fields):
    return made(ScalableTarget, **{"max_capacity": 10, **fields})


def event(**fields):
    return made(EventInvokeConfig, **fields)


#: What is tried, what was given and what is allowed; both are in the message.
REFUSED = {
    "too little memory": (made(memory_size_mb=127), "memory_size_mb: 127", "128 to 10,240"),
    "too much memory": (made(memory_size_mb=10_241), "memory_size_mb: 10241", "128 to 10,240"),
    "a time-out too long": (made(timeout_seconds=901), "timeout_seconds: 901", "from 1 to 900"),
    "no time-out": (made(timeout_seconds=0), "timeout_seconds: 0", "from 1 to 900"),
    "reserved above the account": (
        made(reserved_concurrent_executions=901),
        r"reserved_concurrent_executions \(901\)", "at most 900",
    ),
    "provisioned above the account": (
        made(provisioned_concurrent_executions=11, account_concurrency=110),
        r"provisioned_concurrent_executions \(11\)", "at most 10",
    ),
    "provisioned above reserved": (
        made(provisioned_concurrent_executions=6, reserved_concurrent_executions=5),
        r"provisioned_concurrent_executions \(6\)", "at most 5",
    ),
    "two functions over the account": (
        simulated(
            function("a", reserved_concurrent_executions=500),
            function("b", provisioned_concurrent_executions=401),
        ),
        r"together \(901\)", "at most 900: account_concurrency 1,000 less the 100",
    ),
    "two accounts": (
        simulated(function("a"), function("b", account_concurrency=2000)),
        "1,000 and 2,000", "the same account_concurrency",
    ),
    "two functions of one name": (simulated(function(), function()), "f, f", "different names"),
    "an unknown runtime": (made(runtime="python3.99"), "'python3.99'", r"nearest: python3\.9"),
    "a runtime that is none": (made(runtime="cobol"), "'cobol'", "must be a runtime.*https://docs"),
    "an unknown architecture": (made(architecture="arm"), "'arm'", "'x86_64' or 'arm64'.*arm64"),
    "an unknown package": (made(package_type="tar"), "'tar'", "'zip' or 'image'"),
    "an unknown engine": (
        simulated(function(), engine="fluid"), "engine 'fluid'", "one of compiled, readable",
    ),
    "fewer traces than functions": (
        simulated(function("a"), function("b"), traces=[SMALL]),
        r"traces \(1\)", r"as many as the functions that are invoked \(2\)",
    ),
    "no functions": (simulated(traces=[]), r"traces \(0\)", "at least one"),
    "no measured init": (
        simulated(Function(name="own", runtime="provided.al2023")),
        "own: environment.init", "must be given.*none was measured",
    ),
    "no restore for a snapshot": (
        simulated(function(snap_start=True)),
        "f: environment.restore", "must be given.*none was measured",
    ),
    "a snapshot of a runtime without": (
        made(snap_start=True, runtime="nodejs22.x"), "'nodejs22.x'", "java11, python3.12",
    ),
    "an event that may be too young": (
        event(maximum_event_age_seconds=59), "maximum_event_age_seconds: 59", "60 to 21,600",
    ),
    "an event that may be too old": (
        event(maximum_event_age_seconds=21_601), "maximum_event_age_seconds: 21601",
        "60 to 21,600",
    ),
    "too many retries of an event": (
        event(maximum_retry_attempts=3), "maximum_retry_attempts: 3", "from 0 to 2",
    ),
    "retries below none": (
        event(maximum_retry_attempts=-1), "maximum_retry_attempts: -1", "from 0 to 2",
    ),
    "no attempt at all": (made(Client, attempts=0), "attempts: 0", "at least|greater than"),
    "a target too low": (lambda: provisioned_tracking(0.09), r"\(0.09\)", "from 0.1 to 0.9"),
    "a target too high": (lambda: provisioned_tracking(0.91), r"\(0.91\)", "from 0.1 to 0.9"),
    "a target in percent": (lambda: provisioned_tracking(70), r"\(70\)", "from 0.1 to 0.9"),
    "bounds in the wrong order": (
        target(min_capacity=11), r"min_capacity \(11\)", r"at most max_capacity \(10\)",
    ),
    "another metric": (
        target(policies=[TargetTrackingPolicy(name="x", custom_metric="Depth", target_value=1)]),
        "not Depth", "must follow ProvisionedConcurrencyUtilization",
    ),
    "a schedule above the maximum": (
        simulated(scheduled(at(1, min_size=20), most=10)), "sets min_size 20", "max_size 10",
    ),
    "an event behind an API": (
        made(Invocation, function=function(), invoked_by=EventInvokeConfig(),
             api=HttpApi(name="api")),
        "api", "invoked_by must be a Client",
    ),
    "a chain that comes back": (
        made(Invocation, function=function(),
             calls=[Call(function=function(), work=Fixed(seconds=1))]),
        "f, f", "must not come back",
    ),
    "an error share above 1": (
        made(ExecutionEnvironment, error_share=1.5), "error_share: 1.5", "less than or equal to 1",
    ),
    "an unknown routing": (
        made(ExecutionEnvironment, routing="newest"), "'newest'", "newest_created",
    ),
    "no pace of allocation": (
        made(FunctionAssumptions, provisioned_allocation_per_minute=0),
        "provisioned_allocation_per_minute: 0", "greater than 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tried", "given", "allowed"), REFUSED.values(), ids=REFUSED)
def test_what_aws_or_the_model_cannot_do_is_refused(tried, given, allowed):
    with pytest.raises(InvalidInputError, match=given) as refused:
        tried()
    assert refused.match(allowed)
    assert "\n" not in str(refused.value)


def test_traces_of_different_lengths_are_refused():
    traces = [SMALL, SMALL.replace(duration_seconds=601)]
    with pytest.raises(InvalidInputError, match="the same start and duration_seconds"):
        simulate_functions([function("a"), function("b")], traces)


def test_traces_of_different_lengths_are_refused_with_both():
    traces = [SMALL, SMALL.replace(duration_seconds=601)]
    with pytest.raises(InvalidInputError, match=r"600.*601"):
        simulate_functions([function("a"), function("b")], traces)


@pytest.mark.parametrize(
    "ask",
    [
        lambda run: run.cold_share("bakend"), lambda run: run.starts("bakend"),
        lambda run: run.attempts("bakend"), lambda run: run.latency_seconds(0.5, "bakend"),
        lambda run: run.column("cold", "bakend"), lambda run: run.summary("bakend"),
    ],
)  # fmt: skip
def test_a_function_that_is_not_there_is_answered_with_the_nearest(mixed, ask):
    with pytest.raises(UnknownNameError, match=r"'bakend'.*nearest: backend"):
        ask(mixed)
    with pytest.raises(UnknownNameError, match=r"'zzz'; there are api, backend"):
        mixed.cold_share("zzz")


def test_a_column_or_a_quantile_that_is_not_there_is_refused(mixed):
    with pytest.raises(InvalidInputError, match=r"no column 'cpu'.*provisioned_busy"):
        mixed.column("cpu")
    with pytest.raises(InvalidInputError, match=r"share \(99\) must be from 0 to 1"):
        mixed.latency_seconds(99)


def test_records_that_would_not_fit_are_refused():
    many = Constant(rate_per_second=1e5, duration_seconds=86_400, work=Fixed(seconds=0.1))
    with pytest.raises(InvalidInputError, match=r"8,640,000,000 requests.*at most 4 GB"):
        simulate_functions(function(), many, keep_records=True)


# --- what planted errors had got past --------------------------------------------------------


def test_provisioned_concurrency_is_charged_from_asking_for_it():
    """600 s to the end of the hour, though it serves 90.1 s later only."""
    more = scheduled(at(10, min_size=10), memory_size_mb=1024)
    run = simulate_functions(more, evenly((0, 3600, 1)))
    assert quantities(run.usage(HOUR))["Lambda-Provisioned-Concurrency"] == pytest.approx(30_000)
    assert run.column("provisioned").sum() * 60 == pytest.approx((3000 - 90.1) * 10)


def test_restores_from_a_snapshot_are_charged_but_for_java():
    def restored(runtime):
        one = Function(
            name="f", runtime=runtime, snap_start=True, memory_size_mb=1024,
            environment=ExecutionEnvironment(restore=Fixed(seconds=0.2)),
        )  # fmt: skip
        return quantities(simulate_functions(one, once(1.0, 2.0)).usage(HOUR))

    assert restored("python3.13")["Lambda-SnapStart-Restored-GB"] == pytest.approx(12)
    assert "Lambda-SnapStart-Restored-GB" not in restored("java21")


def test_mean_latency_of_a_minute_is_that_of_all_its_answers():
    run = simulate_functions(function(init=1), once(1.0, 5.0, 9.0, work=1.0))
    assert run.column("mean_latency_seconds")[0] == pytest.approx((2 + 1 + 1) / 3)


def test_mean_concurrency_counts_provisioned_environments_too():
    run = simulate_functions(
        function(provisioned_concurrent_executions=1), evenly((0, 600, 2), work=1.0)
    )
    assert run.mean_concurrency() == pytest.approx(2, rel=0.01)


def test_each_chunk_of_a_chain_has_work_of_its_own():
    calls = (Call(function=function("b"), work=Exponential(mean_seconds=1)),)
    invoked = Invocation(function=function("a"), calls=calls)
    trace = Constant(rate_per_second=100, duration_seconds=1000)
    first, second, *_ = requests((invoked,), (trace,), 0)
    length = min(len(first.arrivals), len(second.arrivals))
    assert not np.allclose(first.works[:length, 1], second.works[:length, 1])
    again, *_ = requests((invoked,), (trace,), 0)
    np.testing.assert_array_equal(first.works, again.works)


def test_longer_rows_add_up_to_the_same():
    trace = evenly((0, 7200, 3), work=0.3)
    minutes, hours = (
        simulate_functions(function(), trace, row_seconds=length) for length in (60, 3600)
    )
    assert len(hours.column("attempts")) == 2
    assert hours.outcomes == minutes.outcomes
    assert hours.column("attempts").sum() == minutes.column("attempts").sum()
    for name in ("Request", "Lambda-GB-Second"):
        assert quantities(hours.usage(HOUR))[name] == pytest.approx(
            quantities(minutes.usage(HOUR))[name]
        )


def test_rows_that_do_not_fit_are_refused():
    trace = evenly((0, 60, 1))
    with pytest.raises(InvalidInputError, match=r"row_seconds \(70\) must be one of 60, 300"):
        simulate_functions(function(), trace, row_seconds=70)
    with pytest.raises(InvalidInputError, match=r"row_seconds \(300\) must be 60 .*\(f\)"):
        simulate_functions(scheduled(at(1, min_size=1)), trace, row_seconds=300)
