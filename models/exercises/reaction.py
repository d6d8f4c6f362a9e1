"""Why scaling is late: the chain from a jump in traffic to the first relief."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from models import theory
from models.billing import Bill
from models.distributions import Fixed
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.quotas import value_of
from models.scaling import Alarm, needed_capacity
from models.services.autoscaling import AutoScalingGroup
from models.workload import ClosedLoop

_LESSON = "03_why_scaling_is_late"
_TARGET, _FULL = 50.0, 100.0
_RATE, _EACH = 1200.0, 100.0


def _alarm_seconds(periods: int, period_seconds: int) -> float:
    alarm = Alarm(
        metric_name="CPUUtilization", comparison_operator="GreaterThanThreshold", threshold=70,
        period_seconds=period_seconds, evaluation_periods=periods,
    )  # fmt: skip
    return float(alarm.window_seconds)


def _slow_alarm(prices: Catalogue) -> float:
    return _alarm_seconds(3, 300) / 60


def _slow_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Three datapoints of five minutes each must breach before anything is decided."
    yield f"3 x 300 s = {_alarm_seconds(3, 300):.0f} s = {_slow_alarm(prices):.0f} minutes."


@cache
def _rounds() -> int:
    """Scale-outs until the fleet is large enough, from four instances, each at most doubling."""
    capacity, rounds = 4, 0
    while _FULL * _RATE / (_EACH * capacity) > _TARGET:
        seen = min(_FULL, _FULL * _RATE / (_EACH * capacity))
        capacity, rounds = needed_capacity(capacity, seen, _TARGET), rounds + 1
    return rounds


def _rounds_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "1,200 requests a second at 100 each are 12 full instances, so 24 at half load."
    yield "CPU shows 100 percent at most: 4 becomes 8, 8 becomes 16, 16 at 75 percent 24."
    yield f"That are {_rounds()} scale-outs, each with its own wait."


def _chain(prices: Catalogue) -> float:
    return theory.target_tracking_reaction(
        period_seconds=60, evaluation_periods=3,
        delivery_seconds=value_of("cloudwatch", "metric_delivery_delay_seconds"),
        evaluation_seconds=0, launch_seconds=20, boot_seconds=3, application_seconds=37,
        health_check_interval_seconds=30,
    ).total.mean  # fmt: skip


def _chain_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Rest of the period 30 s, three periods 180 s, delivery 60 s, launch 20 s, boot 3 s,"
    yield f"application 37 s, first check 15 s: {_chain(prices):.0f} s on average."


def _extra_month(prices: Catalogue) -> float:
    """What two more instances of minimum cost. [USD a month]"""
    bills = [
        cost_usd(prices, AutoScalingGroup(name="web", min_size=count, max_size=8))
        for count in (4, 6)
    ]
    return bills[1] - bills[0]


def _extra_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Two m5.large with volume and detailed monitoring, standing by all month:"
    yield priced(prices, AutoScalingGroup(name="web", min_size=2, max_size=8))


def _needed_requests(prices: Catalogue) -> float:
    """Requests of a load test that lasts until an alarm of three minutes can have fired."""
    test = ClosedLoop(connections=100, requests=10_000, work=Fixed(seconds=0.4532))
    rate = float(theory.closed_loop_throughput_limit(test.connections, test.work.mean_seconds, 100))
    return rate * _alarm_seconds(3, 60)


def _needed_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "100 connections at 0.4532 s each are 220.65 requests a second, by Little's law."
    yield f"Three periods of a minute at that rate are {_needed_requests(prices):,.0f} requests."


EXERCISES = (
    Exercise(
        id="reaction-five-minute-alarm",
        topic="reaction",
        lesson=_LESSON,
        question="An alarm needs three breaching datapoints of five minutes each. How many minutes"
        " of overload does it take, before delivery, launch and boot?",
        unit="minutes",
        kind="read a number",
        difficulty="basic",
        answer=_slow_alarm,
        look="Multiply the period by the number of datapoints.",
        concept="An alarm over N periods has to live through N periods before it can sound.",
        formula="datapoints that must breach x length of a period",
        working=_slow_working,
        why="Basic monitoring and a careful alarm add up to a quarter of an hour. Detailed"
        " monitoring is what a shorter period costs.",
        mistakes=(
            Mistake(lambda prices: 5.0, "That is one period. All three must breach."),
            Mistake(
                lambda prices: _alarm_seconds(3, 60) / 60,
                "That takes periods of one minute. These are of five.",
            ),
        ),
        source="The learning material finds 3 x 300 s = 15 minutes among the pitfalls of scaling.",
    ),
    Exercise(
        id="reaction-chain",
        topic="reaction",
        lesson=_LESSON,
        question="Target tracking with three periods of a minute, metrics delivered after a minute,"
        " launch 20 s, operating system 3 s, application 37 s, health checks every 30 s. After how"
        " many seconds does a new instance serve, on average, when the jump just breaches?",
        unit="seconds",
        kind="read a number",
        difficulty="intermediate",
        answer=_chain,
        look="Write the links down one after the other. Two of them are a matter of luck.",
        concept="The jump falls anywhere in a period, and the instance is ready anywhere between"
        " two checks: half of each, on average.",
        formula="60/2 + 3 x 60 + delivery + launch + boot + application + 30/2",
        working=_chain_working,
        why="Most of it is spent before anybody decides anything. Faster instances help less than"
        " faster metrics.",
        mistakes=(
            Mistake(
                lambda prices: 20.0 + 3 + 37,
                "That is the instance alone. First somebody has to notice.",
            ),
            Mistake(
                lambda prices: (
                    _chain(prices) - value_of("cloudwatch", "metric_delivery_delay_seconds")
                ),
                "The delivery of the metric is missing: a datapoint is not readable at once.",
            ),
        ),
        source="The learning material shows a scaling timeline of minutes and does not add up where"
        " they went.",
    ),
    Exercise(
        id="reaction-rounds",
        topic="reaction",
        lesson=_LESSON,
        question="Four instances of 100 requests a second each, a CPU target of 50 percent, and a"
        " jump to 1,200 requests a second. How many times must target tracking scale out until it"
        " is content?",
        unit="times",
        kind="change something",
        difficulty="intermediate",
        answer=lambda prices: float(_rounds()),
        look="What does the CPU of an instance show that is asked for three times what it can do?",
        concept="CPU ends at 100 percent. At a target of 50, need is at most twice what there is.",
        formula="repeat: instances x min(100, load) / target, until the load is at the target",
        working=_rounds_working,
        why="A metric with a ceiling hides how much is missing. Requests per target have none.",
        mistakes=(
            Mistake(
                lambda prices: 1.0,
                "That would need a CPU of 300 percent. What can an alarm see at most?",
            ),
            Mistake(lambda prices: 2.0, "After two rounds there are 16, still above the target."),
        ),
        source="The learning material calls target tracking proportional and does not mention that"
        " CPU is clipped.",
        tolerance=0.001,
    ),
    Exercise(
        id="reaction-headroom-month",
        topic="reaction",
        lesson=_LESSON,
        question="Two more m5.large in us-east-1 (8 GB gp3 volume, detailed monitoring) stand by as"
        " headroom. What do they cost in a typical month?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_extra_month,
        look="Estimate the group with a minimum of 4 and of 6, and subtract.",
        concept="Headroom is the only thing that is there in the first second. It is paid for in"
        " every other one.",
        formula="2 x (price of an instance-hour x 730 + volume + metrics)",
        working=_extra_working,
        why="Minutes of lateness have a price: this is what it costs not to have them.",
        mistakes=(
            Mistake(lambda prices: _extra_month(prices) / 2, "That is one of the two."),
            Mistake(lambda prices: 3 * _extra_month(prices), "That is all six instances."),
        ),
        source="The learning material recommends 20 percent headroom without its price.",
    ),
    Exercise(
        id="reaction-load-test",
        topic="reaction",
        lesson=_LESSON,
        question="A load test holds 100 connections and gets an answer in 0.4532 s on average. How"
        " many requests must it send to last through three periods of a minute?",
        unit="requests",
        kind="check a claim",
        difficulty="intermediate",
        answer=_needed_requests,
        look="How many requests a second is that? And three minutes are how many seconds?",
        concept="Little's law gives the rate of a closed loop: connections / time to an answer.",
        formula="connections / mean time x 180 s",
        working=_needed_working,
        why="The usual test of 10,000 requests is over before an alarm can sound, so it can never"
        " show scaling.",
        mistakes=(
            Mistake(lambda prices: 10_000.0, "That lasts 45 seconds: no alarm has fired by then."),
            Mistake(
                lambda prices: _needed_requests(prices) / 3, "That is one period. Three must pass."
            ),
        ),
        source="The learning material shows a 45-second load test that triggers scaling, which it"
        " cannot.",
    ),
)
