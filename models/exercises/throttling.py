"""Throttling: which limit of Lambda refuses a request, and what callers make of a refusal."""

from __future__ import annotations

from collections.abc import Iterator

from models import theory
from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, crossing
from models.prices import Catalogue
from models.quotas import value_of

_LESSON = "13_throttling_and_the_burst"
_ACCOUNT = value_of("lambda", "account_concurrency")
_PER_UNIT = value_of("lambda", "requests_per_concurrency")
_SECONDS = 0.2
_RESERVED, _SHORT_SECONDS = 100, 0.02
_OLD_BURST, _OLD_PER_SECOND = 3000, 500 / 60
_LOAD, _CAPACITY, _ATTEMPTS = 2400.0, 2000.0, 4


def _most_per_second(prices: Catalogue) -> float:
    """What an account serves at 200 ms: by Little's law, or ten for each environment. [1/s]"""
    return min(_ACCOUNT / _SECONDS, _ACCOUNT * _PER_UNIT)


def _most_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"An environment serves 1 / 0.2 s = {1 / _SECONDS:.0f} requests a second."
    yield f"1,000 of them serve {_ACCOUNT / _SECONDS:,.0f} a second."
    yield f"The other limit, 10 a second for each, is {_ACCOUNT * _PER_UNIT:,.0f}: out of reach."


def _short_per_second(prices: Catalogue) -> float:
    """From which rate on a short function is throttled. [1/s]"""
    return min(_RESERVED / _SHORT_SECONDS, _RESERVED * _PER_UNIT)


def _short_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"By Little's law: 100 / 0.02 s = {_RESERVED / _SHORT_SECONDS:,.0f} a second."
    yield f"By the rate of 10 for each: 100 x 10 = {_RESERVED * _PER_UNIT:,.0f} a second."
    yield "The smaller of the two binds."


def _ahead_seconds(environments: float) -> float:
    """How much later the old rule of large regions has so many environments than today's. [s]"""
    old = theory.seconds_to_reach(environments, _OLD_BURST, _OLD_PER_SECOND)
    return float(old) - float(theory.seconds_to_reach(environments))


def _rules_meet(prices: Catalogue) -> float:
    """Environments that both rules have after the same time."""
    return crossing(_ahead_seconds, _OLD_BURST, 2 * _OLD_BURST)


def _rules_working(prices: Catalogue) -> Iterator[str | Bill]:
    met = _rules_meet(prices)
    seconds = float(theory.seconds_to_reach(met))
    yield f"After t seconds there are 1,000 + 100 t today, 3,000 + {_OLD_PER_SECOND:.2f} t before."
    yield f"They are equal after {seconds:.2f} s, with {met:,.1f} environments."
    yield "Up to there the old rule of the large regions was quicker, above it today's is."


def _attempts_per_second(prices: Catalogue) -> float:
    return theory.retry_amplification(_LOAD, _CAPACITY, _ATTEMPTS).attempts_per_second


def _attempts_working(prices: Catalogue) -> Iterator[str | Bill]:
    load = theory.retry_amplification(_LOAD, _CAPACITY, _ATTEMPTS)
    yield f"1 - 2,000 / 2,400 = {load.failed_share:.4f} of the callers are refused four times."
    yield f"The fourth root of it is the share of refused attempts: {load.rejected_share:.4f}."
    yield f"The others are the 2,000 that are served: 2,000 / (1 - {load.rejected_share:.4f}) ="
    yield f"{load.attempts_per_second:,.0f} attempts a second."


EXERCISES = (
    Exercise(
        id="throttling-most-per-second",
        topic="throttling",
        lesson=_LESSON,
        question="All functions of an account with the default quota of 1,000 concurrent executions"
        " take 200 ms on average. How many requests a second can the account take in the long run"
        " before callers get status 429?",
        unit="requests a second",
        kind="check a claim",
        difficulty="basic",
        answer=_most_per_second,
        look="How many requests does one environment serve in a second, one after the other?",
        concept="Little's law: concurrency = rate x time that a request takes. The quota is on the"
        " concurrency.",
        formula="concurrency / time of a request, but at most 10 a second for each environment",
        working=_most_working,
        why="A quota of concurrency is a quota of work at once, not of requests. Twice as slow a"
        " function halves what the account can take. Refused callers get 429.",
        mistakes=(
            Mistake(
                lambda prices: _ACCOUNT * _PER_UNIT,
                "That is ten a second for each environment, which binds below 100 ms only.",
            ),
            Mistake(
                lambda prices: _ACCOUNT * _SECONDS,
                "That multiplies where Little's law divides: rate = concurrency / time.",
            ),
            Mistake(
                lambda prices: _ACCOUNT,
                "The quota counts executions at once. One that takes 200 ms makes room five times"
                " a second.",
            ),
        ),
        source="The learning material has 1,000 as a hard limit that works without any 429. The"
        " quota can be raised, and a synchronous caller does get 429.",
    ),
    Exercise(
        id="throttling-short-work",
        topic="throttling",
        lesson=_LESSON,
        question="A function has a reserved concurrency of 100 and takes 20 ms. Traffic rises"
        " slowly. From how many requests a second on is it throttled?",
        unit="requests a second",
        kind="break it",
        difficulty="intermediate",
        answer=_short_per_second,
        look="There are two limits that depend on the concurrency. Which one is smaller here?",
        concept="Beside the concurrency itself, a function gets ten requests a second for each"
        " unit of its concurrency.",
        formula="the smaller of: concurrency / time of a request, concurrency x 10",
        working=_short_working,
        why="Below 100 ms concurrency is reserved for the rate. The metric ConcurrentExecutions"
        " then looks harmless while requests are refused.",
        mistakes=(
            Mistake(
                lambda prices: _RESERVED / _SHORT_SECONDS,
                "That is Little's law alone. Each unit of concurrency counts for ten requests a"
                " second, however quick they are.",
            ),
            Mistake(
                lambda prices: _ACCOUNT * _PER_UNIT,
                "That is the account's limit. A function with reserved concurrency has its own,"
                " from its own units.",
            ),
        ),
        source="Ours, after AWS's documentation of concurrency, which gives ten requests a second"
        " for each unit.",
    ),
    Exercise(
        id="throttling-rules-meet",
        topic="throttling",
        lesson=_LESSON,
        question="Today a function gets 1,000 environments at once and 100 more a second. Before"
        " November 2023 a large region gave 3,000 at once and 500 more a minute. From how many"
        " environments on is today's rule there first?",
        unit="environments",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_rules_meet,
        look="Write down how many environments each rule has given after t seconds.",
        concept="Two straight lines: one starts lower and rises faster. The question asks for the"
        " height at which they cross.",
        formula="1,000 + 100 t = 3,000 + 500 / 60 t, then the environments at that t",
        working=_rules_working,
        why="Twelve times faster is true of the slope. A jump that the larger burst would have"
        " taken in one go has to wait today.",
        mistakes=(
            Mistake(
                lambda prices: _OLD_BURST,
                "That is the old burst. The old rule goes on adding environments, slowly.",
            ),
            Mistake(
                lambda prices: float(theory.seconds_to_reach(_rules_meet(prices))),
                "Those are the seconds after which they meet. How many environments is that?",
            ),
            Mistake(
                lambda prices: 100 * float(theory.seconds_to_reach(_rules_meet(prices))),
                "Those are the environments added since. The first thousand come on top.",
            ),
        ),
        source="Ours, after AWS's announcement of November 2023 and its documentation of the"
        " scaling rate.",
    ),
    Exercise(
        id="throttling-retries",
        topic="throttling",
        lesson=_LESSON,
        question="An account can serve 2,000 requests a second and is asked for 2,400, without an"
        " end. Every caller makes up to four attempts. How many attempts a second arrive?",
        unit="attempts a second",
        kind="change something",
        difficulty="advanced",
        answer=_attempts_per_second,
        look="How many callers are served a second, and what share of all callers is that?",
        concept="Every attempt is as likely to be refused as any other. A caller fails who is"
        " refused every time, and as many succeed as are served.",
        formula="p = (1 - capacity / load)^(1 / attempts), attempts a second = capacity / (1 - p)",
        working=_attempts_working,
        why="A fifth too much becomes nearly three times what can be served, and not one more"
        " caller is. Retries help against short disturbances only.",
        mistakes=(
            Mistake(
                lambda prices: _LOAD + (_ATTEMPTS - 1) * (_LOAD - _CAPACITY),
                "That lets only today's refused callers try again, as if retries were always"
                " refused and never took a place from a first try.",
            ),
            Mistake(
                lambda prices: _LOAD * _ATTEMPTS,
                "That has everybody try four times. Most callers are served before that.",
            ),
        ),
        source="Ours, after AWS's documentation of the retries of its SDKs; the learning material"
        " asks for errors and latency under the same overload.",
    ),
)
