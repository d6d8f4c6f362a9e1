"""Load balancing: who gets the next request, what a crash attracts, what a load test measures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from models import theory
from models.billing import Bill
from models.distributions import LogNormal
from models.exercises.exercise import Exercise, Mistake
from models.prices import Catalogue
from models.services.autoscaling import (
    Application,
    AutoScalingGroup,
    Crash,
    HealthCheck,
    TargetGroup,
)
from models.simulation import simulate
from models.workload import Constant

_LESSON = "07_least_outstanding_requests"
_INSTANCES, _RATE, _INTERVAL, _THRESHOLD = 10, 280.0, 30, 3
_REQUESTS, _CONNECTIONS, _TOOK_SECONDS = 10_000, 100, 45.3216


def _round_robin_lost(prices: Catalogue) -> float:
    """Requests that a dead target of ten gets before three checks have failed, on average."""
    return _RATE / _INSTANCES * theory.detection_seconds(_INTERVAL, _THRESHOLD).mean


def _round_robin_working(prices: Catalogue) -> Iterator[str | Bill]:
    mean = theory.detection_seconds(_INTERVAL, _THRESHOLD).mean
    yield f"Checks every 30 s, three failures: between 60 and 90 s, {mean:.0f} s on average."
    yield "The dead target gets every tenth of 280 requests a second: 28 a second."
    yield f"28 x {mean:.0f} = {_round_robin_lost(prices):,.0f} requests."


@cache
def _times_more() -> float:
    """Failed requests with least outstanding requests, against round robin, over ten crashes."""
    failed = {}
    for algorithm in ("round_robin", "least_outstanding_requests"):
        group = AutoScalingGroup(
            name="web", min_size=_INSTANCES, max_size=_INSTANCES,
            application=Application(workers=4, crashes=(Crash(at_seconds=200),)),
            target_group=TargetGroup(
                algorithm=algorithm,
                health_check=HealthCheck(unhealthy_threshold_count=_THRESHOLD),
            ),
        )  # fmt: skip
        trace = Constant(
            rate_per_second=_RATE, duration_seconds=320, work=LogNormal.of_mean(0.1, cv=1.0)
        )
        runs = [simulate(group, trace.replace(seed=seed), seed=seed) for seed in range(10)]
        failed[algorithm] = sum(run.outcomes["failed"] for run in runs)
    return failed["least_outstanding_requests"] / failed["round_robin"]


def _times_more_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Ten crashes with different phases of the health checks, the same customers for both."
    yield f"Least outstanding requests fails {_times_more():.1f} times as many requests."


def _group_share(prices: Catalogue) -> float:
    """Share of one of three target groups with weights 100, 50 and 50. [percent]"""
    weights = {"blue": 100, "green": 50, "red": 50}
    return 100 * weights["blue"] / sum(weights.values())


def _share_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "The weights add up to 200, and the first group has 100 of them."
    yield f"That is {_group_share(prices):.0f} percent, however many instances it has."


def _rate_of_the_test(prices: Catalogue) -> float:
    return _REQUESTS / _TOOK_SECONDS


def _mean_latency(prices: Catalogue) -> float:
    """Mean latency that 100 busy connections imply at this rate. [ms]"""
    return 1000 * float(theory.little_seconds(_CONNECTIONS, _rate_of_the_test(prices)))


def _latency_working(prices: Catalogue) -> Iterator[str | Bill]:
    rate = _rate_of_the_test(prices)
    yield f"10,000 requests in 45.3216 s are {rate:.2f} a second."
    yield f"100 connections / {rate:.2f} a second = {_mean_latency(prices):.1f} ms each."


EXERCISES = (
    Exercise(
        id="balancing-round-robin-lost",
        topic="balancing",
        lesson=_LESSON,
        question="Ten instances share 280 requests a second in turn. The application on one of them"
        " crashes at a random moment; health checks come every 30 seconds, and three must fail."
        " How many requests fail, on average?",
        unit="requests",
        kind="read a number",
        difficulty="intermediate",
        answer=_round_robin_lost,
        look="How long does the crash go unnoticed, on average over the moments it can happen?",
        concept="The first failed check comes between 0 and 30 seconds after the crash, the third"
        " two intervals later.",
        formula="rate / instances x (threshold - 1/2) x interval",
        working=_round_robin_working,
        why="Round robin spreads the damage evenly: one request in ten, until the checks notice.",
        mistakes=(
            Mistake(
                lambda prices: _RATE / _INSTANCES * 90,
                "That takes 90 seconds. It is the longest time, not the mean one.",
            ),
            Mistake(
                lambda prices: _RATE * theory.detection_seconds(_INTERVAL, _THRESHOLD).mean,
                "That fails every request. Nine of ten instances still answer.",
            ),
        ),
        source="The learning material computes 30 s x 3 = 90 s as a minimum; it is the maximum, and"
        " requests lost follow from the mean.",
    ),
    Exercise(
        id="balancing-times-more",
        topic="balancing",
        lesson=_LESSON,
        question="The same crash with least_outstanding_requests in place of round robin (four"
        " workers an instance, work of 0.1 seconds with a coefficient of variation of 1). How many"
        " times as many requests fail?",
        unit="times",
        kind="break it",
        difficulty="advanced",
        answer=lambda prices: _times_more(),
        look="How many requests are outstanding at an instance that answers at once?",
        concept="A crashed application refuses at once, so it never has anything outstanding, and"
        " the balancer takes it for the least busy one.",
        formula="failed with least outstanding requests / failed in turn, over several crashes",
        working=_times_more_working,
        why="An algorithm that looks at load alone rewards whoever fails fastest. Health checks"
        " are its only protection.",
        mistakes=(
            Mistake(
                lambda prices: 1.0,
                "That says the algorithm does not matter. Count what is outstanding at the dead"
                " instance.",
            ),
            Mistake(
                lambda prices: float(_INSTANCES),
                "That sends everything to the dead instance. At times another one is idle too.",
            ),
        ),
        source="The learning material recommends least outstanding requests for work of varying"
        " length and does not mention crashes.",
        tolerance=0.1,
    ),
    Exercise(
        id="balancing-weights",
        topic="balancing",
        lesson=_LESSON,
        question="Three target groups have weights 100, 50 and 50; the first has ten instances, the"
        " others one each. Which share of the requests goes to the first group?",
        unit="percent",
        kind="read a number",
        difficulty="basic",
        answer=_group_share,
        look="Do the weights belong to instances or to groups?",
        concept="Weights of a forward action are those of target groups. Inside of a group its own"
        " algorithm decides.",
        formula="weight of the group / sum of the weights",
        working=_share_working,
        why="A group with few instances and a large weight is overloaded by configuration.",
        mistakes=(
            Mistake(
                lambda prices: 100 * 10 / 12,
                "That is its share of the instances. Weights do not look at instances.",
            ),
            Mistake(
                lambda prices: 100 * (10 * 100) / (10 * 100 + 50 + 50),
                "That multiplies weights by instances. A weight belongs to the whole group.",
            ),
        ),
        source="The learning material gives weights of 100, 50 and 50 as 50, 25 and 25 percent.",
    ),
    Exercise(
        id="balancing-load-test",
        topic="balancing",
        lesson=_LESSON,
        question="A load test sends 10,000 requests over 100 connections and takes 45.3216 seconds."
        " What is the mean time to an answer?",
        unit="ms",
        kind="read a number",
        difficulty="intermediate",
        answer=_mean_latency,
        look="All 100 connections wait all the time. How many answers come a second?",
        concept="Little's law: requests under way = rate x time each takes. A closed loop keeps the"
        " first of them fixed.",
        formula="connections x time taken / requests",
        working=_latency_working,
        why="The rate of a load test is an answer, not a question: twice the connections on a full"
        " server give the same rate and twice the time.",
        mistakes=(
            Mistake(
                lambda prices: 1000 * _TOOK_SECONDS / _REQUESTS,
                "That is the time between two answers. A hundred are under way at once.",
            ),
            Mistake(
                lambda prices: 1000 * _TOOK_SECONDS / _CONNECTIONS * 2,
                "Each connection sends 100 requests one after the other; divide by those.",
            ),
        ),
        source="The learning material prints such a test: 220.75 requests a second, mean 0.4532 s;"
        " Little's law holds in it to a tenth of a percent.",
    ),
)
