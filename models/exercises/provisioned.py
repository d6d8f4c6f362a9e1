"""Provisioned concurrency: what readiness costs, from which use it pays, what spills over."""

from __future__ import annotations

from collections.abc import Iterator

from models import theory
from models.billing import Bill, bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services.lambda_ import Function
from models.units import SECONDS_PER_HOUR, TYPICAL

_LESSON = "11_when_provisioned_concurrency_pays"

#: Environments of 1 GB kept ready, and how many of them are ever used.
_KEPT, _USED = 100, 20
#: A job every hour of a month of 30 days: environments, their memory, how long they are ready.
_JOB_ENVIRONMENTS, _JOB_MEMORY_MB, _JOB_MINUTES, _JOB_TIMES = 50, 512, 12, 720
#: Ten environments of a function that takes 250 ms.
_TEN, _DURATION_MS, _TEN_MEMORY_MB = 10, 250, 512
#: Requests a second and how long each takes, on ten environments.
_RATE, _WORK_SECONDS = 160, 0.05


def _ready(environments: int, memory_mb: int = 1024, hours: float | None = None) -> Function:
    return Function(
        name=f"{environments} ready", memory_size_mb=memory_mb, provisioned_hours=hours,
        provisioned_concurrent_executions=environments,
    )  # fmt: skip


def _too_many(prices: Catalogue) -> float:
    return cost_usd(prices, _ready(_KEPT)) - cost_usd(prices, _ready(_USED))


def _too_many_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Readiness is charged by environment, GB and second. These are not needed:"
    yield priced(prices, _ready(_KEPT - _USED))
    yield "Work is charged as before: at most 20 were ever busy, and 20 still serve it all."


def _job_bill(prices: Catalogue, minutes: float = _JOB_MINUTES) -> Bill:
    """What a month of readiness for the job costs, each time charged by itself."""
    once = _ready(_JOB_ENVIRONMENTS, _JOB_MEMORY_MB, hours=minutes / 60)
    return bill(once.estimate().scaled(_JOB_TIMES), prices)


def _job(prices: Catalogue) -> float:
    return float(_job_bill(prices).total_usd)


def _job_unrounded(prices: Catalogue) -> float:
    """The same if every minute were charged for itself. [USD]"""
    return _job(prices) * _JOB_MINUTES / 15


def _job_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Twelve minutes are rounded up to fifteen, 720 times a month:"
    yield _job_bill(prices)


def _rate_where_equal(prices: Catalogue) -> float:
    """Requests a second from which ten environments cost no more than none. [1/s]"""
    on_demand = Function(name="api", memory_size_mb=_TEN_MEMORY_MB, duration_ms=_DURATION_MS)

    def excess(rate: float) -> float:
        requests = rate * TYPICAL.hours * SECONDS_PER_HOUR
        served = on_demand.replace(
            requests=requests, provisioned_requests=requests, provisioned_concurrent_executions=_TEN
        )
        return cost_usd(prices, on_demand.replace(requests=requests)) - cost_usd(prices, served)

    return crossing(excess, 0, 1e6)


def _most_rate(prices: Catalogue) -> float:
    """What ten environments serve when all of them are always busy. [1/s]"""
    return _TEN * 1000 / _DURATION_MS


def _readiness_share(prices: Catalogue) -> float:
    """Price of a second kept ready over that of a second at work on demand."""
    names = "Lambda-Provisioned-Concurrency", "Lambda-GB-Second"
    ready, work = (prices.find("AWSLambda", name, region="us-east-1") for name in names)
    return ready.tiers[0].price_usd / work.tiers[0].price_usd


def _rate_working(prices: Catalogue) -> Iterator[str | Bill]:
    use = _rate_where_equal(prices) / _most_rate(prices)
    yield f"At full use, 10 environments serve 10 / 0.25 s = {_most_rate(prices):.0f} a second."
    yield f"The prices meet at {use:.1%} of use: readiness / (on demand - on provisioned)."
    yield f"{use:.3f} x {_most_rate(prices):.0f} = {_rate_where_equal(prices):.1f} a second."


def _load() -> float:
    return _RATE * _WORK_SECONDS


def _spilled_percent(prices: Catalogue) -> float:
    return 100 * float(theory.erlang_b(_TEN, _load()))


def _spilled_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"160 a second x 0.05 s = {_load():.0f} at work on average, if there were no limit."
    yield "But the number at work varies as requests come at random: at times ten are not enough."
    yield f"Erlang B of 10 environments and 8 erlang is {_spilled_percent(prices):.1f} percent."


EXERCISES = (
    Exercise(
        id="provisioned-too-many",
        topic="provisioned",
        lesson=_LESSON,
        question="A function of 1 GB in us-east-1 has provisioned concurrency of 100 all month (730"
        " hours). Never more than 20 invocations run at a time. What does a provisioned concurrency"
        " of 20 save?",
        unit="USD a month",
        kind="check a claim",
        difficulty="basic",
        answer=_too_many,
        look="What is charged for an environment that nobody uses, by the hour?",
        concept="Readiness is charged by environment, memory and time, whether it works or not. The"
        " work itself is charged apart, and it does not change here.",
        formula="(100 - 20) x 1 GB x 730 h x 3,600 s x price of a provisioned GB-second",
        working=_too_many_working,
        why="Nothing on the function's own metrics looks wrong: it is fast and has no errors. Only"
        " the metric of provisioned use shows it, and the bill.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _ready(_KEPT)),
                "That is what all 100 cost. Twenty stay.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _ready(_USED)),
                "That is what the 20 cost that stay, not what is saved.",
            ),
            Mistake(
                lambda prices: _too_many(prices) / _readiness_share(prices),
                "That is the price of a GB-second at work on demand. Readiness costs less.",
            ),
        ),
        source="The learning material puts 100 idle environments of 1 GB at about 1,203 dollars a"
        " month, which list prices do not give, and asks to reduce them to the 20 that are used.",
    ),
    Exercise(
        id="provisioned-rounding",
        topic="provisioned",
        lesson=_LESSON,
        question="A job runs at every full hour. For it, 50 environments of 512 MB in us-east-1 are"
        " made ready by schedule for 12 minutes, 720 times a month. What does their readiness"
        " cost?",
        unit="USD a month",
        kind="change something",
        difficulty="intermediate",
        answer=_job,
        look="In which steps is the time of provisioned concurrency charged?",
        concept="The time from enabling to disabling is rounded up to five minutes, each time"
        " anew.",
        formula="50 x 0.5 GB x 720 x (minutes, rounded up to a multiple of 5) x 60 s x price",
        working=_job_working,
        why="A schedule saves most of a month of readiness. Rounding takes a part of that back, the"
        " more the shorter each stretch is.",
        mistakes=(
            Mistake(
                _job_unrounded,
                "That charges exactly twelve minutes. They are rounded up to a multiple of five.",
            ),
            Mistake(
                lambda prices: float(_job_bill(prices, minutes=60).total_usd),
                "That keeps them ready all month. They are disabled after twelve minutes.",
            ),
            Mistake(
                lambda prices: _job(prices) * 2,
                "That is for 1 GB each. These have half a gigabyte.",
            ),
        ),
        source="Ours, after AWS's pricing page of Lambda: provisioned concurrency is charged from"
        " enabling to disabling, rounded up to the nearest five minutes.",
    ),
    Exercise(
        id="provisioned-break-even-rate",
        topic="provisioned",
        lesson=_LESSON,
        question="A function of 512 MB in us-east-1 takes 250 ms. Ten provisioned environments"
        " serve all its requests. From how many requests a second, on average over the month, do"
        " they cost no more than on demand?",
        unit="requests a second",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_rate_where_equal,
        look="How many requests a second do ten environments serve when they are always busy?",
        concept="Readiness is charged all the time, and work on it at a lower price. What is saved"
        " on work must pay for readiness.",
        formula="environments / duration x readiness / (work on demand - work on provisioned)",
        working=_rate_working,
        why="Ten environments can serve that rate without waiting only because some of them are"
        " always idle. A break-even near full use would leave no room for chance.",
        mistakes=(
            Mistake(
                _most_rate,
                "That is the rate at which all ten are always busy.",
            ),
            Mistake(
                lambda prices: _most_rate(prices) * _readiness_share(prices),
                "That compares readiness with work on demand. Work on provisioned environments is"
                " charged too.",
            ),
            Mistake(
                lambda prices: _rate_where_equal(prices) / _TEN,
                "That is the rate for one environment.",
            ),
        ),
        source="The learning material says that provisioned concurrency is worth it from 60 percent"
        " of use on and does not turn that into traffic.",
    ),
    Exercise(
        id="provisioned-spill-over",
        topic="provisioned",
        lesson=_LESSON,
        question="A function gets 160 requests a second at random moments, each of 50 ms. Its"
        " provisioned concurrency is 10. Which share of the requests spills over to environments on"
        " demand?",
        unit="percent",
        kind="break it",
        difficulty="advanced",
        answer=_spilled_percent,
        look="How many are at work on average, and how often are there more than that?",
        concept="Rate x time gives the mean number at work. What finds all environments busy goes"
        " elsewhere and does not wait: a loss system, for which Erlang found the formula B.",
        formula="Erlang B with 10 servers and a load of rate x time, as theory.erlang_b has it",
        working=_spilled_working,
        why="Provisioned for the mean, even with a quarter more, still leaves a visible share to"
        " cold or warm environments on demand.",
        mistakes=(
            Mistake(
                lambda prices: 100 * max(0.0, _load() - _TEN) / _load(),
                "On average eight are at work, but the number varies around that.",
            ),
            Mistake(
                lambda prices: 100 * (1 - _load() / _TEN),
                "That is the share of the environments that is idle on average.",
            ),
        ),
        source="Ours, after AWS's documentation of provisioned concurrency: requests above it run"
        " on demand. The share follows from Erlang's formula.",
    ),
)
