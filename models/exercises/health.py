"""Health checks: how long a crash goes unnoticed, what it costs, and replacing without end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from models import theory
from models.billing import Bill
from models.distributions import Fixed
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.services.autoscaling import Application, AutoScalingGroup, Crash
from models.simulation import simulate
from models.workload import Constant

_LESSON = "05_health_checks"
_RATE, _INSTANCES = 500.0, 5
_FOUND, _FOUND_FAST = theory.detection_seconds(30, 3), theory.detection_seconds(10, 2)
_ONE = AutoScalingGroup(name="web", min_size=1, max_size=1)


def _slowest(prices: Catalogue) -> float:
    return _FOUND_FAST.most


def _slowest_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "The crash comes between two checks, so the first failed one is up to 10 s away."
    least, most = _FOUND_FAST.least, _FOUND_FAST.most
    yield f"The second comes 10 s later: from {least:.0f} to {most:.0f} seconds."


def _mean_unnoticed(prices: Catalogue) -> float:
    return _FOUND.mean


def _mean_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "First failed check: 0 to 30 s after the crash, 15 on average. Two more intervals follow."
    least, most = _FOUND.least, _FOUND.most
    yield f"15 + 2 x 30 = {_FOUND.mean:.0f} seconds, between {least:.0f} and {most:.0f}."


def _lost(prices: Catalogue) -> float:
    return _RATE / _INSTANCES * _FOUND.mean


def _lost_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "In turn, the crashed instance gets 500 / 5 = 100 requests a second."
    yield f"Found after {_mean_unnoticed(prices):.0f} s on average: {_lost(prices):,.0f} fail."


def _hung(prices: Catalogue) -> float:
    """Dollars a month for one of five m5.large that runs and does not serve."""
    return cost_usd(prices, _ONE)


def _hung_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "The machine runs, so everything about it is charged:"
    yield priced(prices, _ONE)


@cache
def _launches() -> float:
    """Launches in an hour of a group whose instances are replaced before they are ready."""
    group = _ONE.replace(
        health_check_type="ELB", health_check_grace_period_seconds=30,
        launch=Fixed(seconds=20), os_boot=Fixed(seconds=3),
        application=Application(boot=Fixed(seconds=180), crashes=(Crash(at_seconds=60),)),
    )  # fmt: skip
    run = simulate(group, Constant(rate_per_second=1, duration_seconds=2 * 3600), engine="fluid")
    late = [one for one in run.activities if one.change > 0 and one.start_seconds >= 3600]
    return float(len(late))


def _launches_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "An instance is in service 20 s after its launch, and its grace period ends 30 s later."
    yield "Two failed checks, 30 to 60 s after registration, make it unhealthy; the group's"
    yield f"next look replaces it. Simulated: {_launches():.0f} launches an hour, none serves."


EXERCISES = (
    Exercise(
        id="health-mean-detection",
        topic="health",
        lesson=_LESSON,
        question="Health checks come every 30 seconds, and an instance is unhealthy after three"
        " failures in a row. It crashes at a random moment and refuses connections at once. After"
        " how many seconds is it found unhealthy, on average?",
        unit="seconds",
        kind="check a claim",
        difficulty="basic",
        answer=_mean_unnoticed,
        look="When does the first check after the crash come?",
        concept="A crash at a random moment falls anywhere between two checks, equally likely.",
        formula="(threshold - 1/2) x interval",
        working=_mean_working,
        why="Guides call 90 seconds the minimum. It is the maximum.",
        mistakes=(
            Mistake(lambda prices: 90.0, "That is the longest: a crash just after a check."),
            Mistake(lambda prices: 60.0, "That is the shortest: a crash just before a check."),
        ),
        source="The learning material computes 30 s x 3 as a minimum of 90 seconds.",
    ),
    Exercise(
        id="health-slowest-fast-check",
        topic="health",
        lesson=_LESSON,
        question="With checks every 10 seconds and two failures: after how many seconds is a crash"
        " found at the latest?",
        unit="seconds",
        kind="change something",
        difficulty="basic",
        answer=_slowest,
        look="Let the crash happen at the worst moment for you.",
        concept="The worst moment is just after a passed check: a whole interval until the next.",
        formula="threshold x interval, where a refused check fails at once",
        working=_slowest_working,
        why="Quicker checks cost nothing on the bill. What they cost is patience with a slow"
        " answer: an instance that pauses is gone sooner, too.",
        mistakes=(
            Mistake(lambda prices: 10.0, "That is one interval. Two checks must fail."),
            Mistake(
                lambda prices: _FOUND_FAST.mean,
                "That is the average. The question asks for the latest.",
            ),
        ),
        source="The learning material computes 10 s x 2 as 20 seconds, which is the longest time.",
    ),
    Exercise(
        id="health-lost-requests",
        topic="health",
        lesson=_LESSON,
        question="Five instances share 500 requests a second in turn, with checks every 30 seconds"
        " and three failures. How many requests fail when one application crashes, on average?",
        unit="requests",
        kind="read a number",
        difficulty="intermediate",
        answer=_lost,
        look="Which part of the traffic does one instance get, and for how long?",
        concept="Until it is found, the crashed instance keeps its turn.",
        formula="rate / instances x mean time until it is found",
        working=_lost_working,
        why="Thousands of errors for one crash: the settings of a health check are worth a look.",
        mistakes=(
            Mistake(
                lambda prices: _RATE / _INSTANCES * 90,
                "That takes the longest time for the average one.",
            ),
            Mistake(
                lambda prices: _RATE * _FOUND.mean,
                "That fails all of the traffic. Four of five instances still answer.",
            ),
        ),
        source="The learning material asks how long traffic goes to a crashed instance and stops"
        " before counting requests.",
    ),
    Exercise(
        id="health-useless-month",
        topic="health",
        lesson=_LESSON,
        question="With health_check_type EC2 an m5.large whose program has died stays in the group"
        " (8 GB gp3 volume, detailed monitoring, us-east-1). What does it cost in a typical month?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_hung,
        look="Is anything about this instance cheaper because it does not serve?",
        concept="An instance is charged while its machine runs, whatever the program on it does.",
        formula="price of an instance-hour x 730, plus its volume and its metrics",
        working=_hung_working,
        why="A silent loss: paid for, counted as capacity by the group, and serving nobody.",
        mistakes=(
            Mistake(lambda prices: 5 * _hung(prices), "That is five of them. One has died."),
            Mistake(
                lambda prices: _hung(prices) * 24 / 730, "That is one day. The month has 730 hours."
            ),
        ),
        source="The learning material describes the dead instance that EC2 checks keep, without its"
        " price.",
    ),
    Exercise(
        id="health-endless-launches",
        topic="health",
        lesson=_LESSON,
        question="An application needs 3 minutes to start, the grace period is 30 seconds, and the"
        " group replaces on ELB checks (default settings, one instance). How many instances does it"
        " launch in an hour without ever having one that serves?",
        unit="launches",
        kind="break it",
        difficulty="advanced",
        answer=lambda prices: _launches(),
        look="How long does one useless instance live?",
        concept="Each lives through its launch, the grace period and two failed checks, and goes at"
        " the group's next look.",
        formula="3,600 s / life of an instance",
        working=_launches_working,
        why="The group works as configured. Grace must be longer than the slowest start.",
        mistakes=(
            Mistake(
                lambda prices: 20.0,
                "That lets each of them finish its 180 seconds. None gets so far.",
            ),
            Mistake(
                lambda prices: 3600 / 50,
                "That counts launch and grace period only. Two checks must fail first.",
            ),
        ),
        source="The learning material tells of a three-minute boot with a grace period of 30"
        " seconds, terminated without end, and does not count.",
        tolerance=0.15,
    ),
)
