"""How often a start is cold: rare traffic, a second environment, merged functions, pings."""

from __future__ import annotations

from collections.abc import Iterator

from models import theory
from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, crossing
from models.prices import Catalogue
from models.units import SECONDS_PER_HOUR

_LESSON = "09_how_often_is_a_start_cold"
#: Kept idle for six minutes; a request works for a second. [s]
_KEPT, _WORK = 360, 1
_RARE, _APART, _FUNCTIONS, _PINGED, _WANTED = 600, 900, 3, 30, 0.01
#: Beyond this rate the second environment is used too often to start cold. [1/s]
_BEND, _MOST = 0.04, 1.0


def _single(gap_seconds: float) -> float:
    """Cold share where requests come so far apart on average and meet one environment. [share]"""
    return float(theory.single_environment_cold_share(1 / gap_seconds, _KEPT))


def _newest_first(rate_per_second: float) -> float:
    return float(theory.cold_share_newest_first(rate_per_second, _WORK, _KEPT))


def _rare_percent(prices: Catalogue) -> float:
    return 100 * _single(_RARE)


def _rare_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "The gap is longer than 6 minutes with the probability exp(-6 / 10)."
    yield f"That is {_rare_percent(prices):.1f} percent of all gaps, so of all starts."


def _an_hour(wanted_share: float) -> float:
    """Requests an hour beyond which fewer than so many start cold. [1/h]"""
    rate = crossing(lambda rate: wanted_share - _newest_first(rate), _BEND, _MOST)
    return SECONDS_PER_HOUR * rate


def _an_hour_for_one(wanted_share: float) -> float:
    """The same if one environment served everything. [1/h]"""
    rate = crossing(lambda rate: wanted_share - _single(1 / rate), 1e-4, _MOST)
    return SECONDS_PER_HOUR * rate


def _one_percent_working(prices: Catalogue) -> Iterator[str | Bill]:
    alone, found = _an_hour_for_one(_WANTED), _an_hour(_WANTED)
    yield f"One environment alone: exp(-rate x 360) falls to 1 percent at {alone:.0f} an hour."
    yield f"There the second one makes it {_newest_first(alone / SECONDS_PER_HOUR):.1%} in all."
    yield f"With every environment counted, 1 percent is passed for good at {found:.0f} an hour."


def _times(prices: Catalogue) -> float:
    """Cold share of each of three functions over that of one with all their traffic."""
    return _single(_APART) / _single(_APART / _FUNCTIONS)


def _times_working(prices: Catalogue) -> Iterator[str | Bill]:
    together = _APART / _FUNCTIONS
    yield f"Apart: exp(-360 / {_APART}) = {_single(_APART):.1%} cold in each of them."
    yield f"Together: exp(-360 / {together:.0f}) = {_single(together):.1%} of the same requests."
    yield f"The ratio is exp(0.8) = {_times(prices):.2f}."


def _pinged_percent(prices: Catalogue) -> float:
    """Cold starts of users where the first environment is always warm. [percent]"""
    first = float(theory.erlang_b(1, _WORK / _PINGED))
    return 100 * (_newest_first(1 / _PINGED) - (1 - first) * _single(_PINGED))


def _pinged_working(prices: Catalogue) -> Iterator[str | Bill]:
    busy = float(theory.erlang_b(1, _WORK / _PINGED))
    yield f"The first environment is busy for {busy:.1%} of the requests."
    yield f"The second one sees a request every {_PINGED / busy:,.0f} s, and is kept for 360 s."
    yield f"So most of those are cold: {_pinged_percent(prices):.1f} percent of all requests."


EXERCISES = (
    Exercise(
        id="cold-rate-ten-minutes",
        topic="cold rate",
        lesson=_LESSON,
        question="A function gets a request every ten minutes on average, at random moments. An"
        " idle environment is kept for six minutes. Which percentage of the starts is cold?",
        unit="percent",
        kind="read a number",
        difficulty="basic",
        answer=_rare_percent,
        look="Are all gaps ten minutes long? Some are much shorter than the mean.",
        concept="A start is cold when the gap before it is longer than the time an environment is"
        " kept. Random requests have exponential gaps.",
        formula="exp(-time kept / mean gap)",
        working=_rare_working,
        why="Random traffic comes in clumps. Even at a mean gap well beyond the time kept, nearly"
        " half of the starts are warm.",
        mistakes=(
            Mistake(
                lambda prices: 100.0,
                "That is right for a clock that ticks every ten minutes. Random gaps differ.",
            ),
            Mistake(
                lambda prices: 100 - _rare_percent(prices),
                "That is the share of warm starts: of gaps that are short enough.",
            ),
            Mistake(
                lambda prices: 100 * (1 - _KEPT / _RARE),
                "That would hold if gaps were spread evenly from nothing to ten minutes.",
            ),
        ),
        source="The learning material says that environments are kept and reused and asks what the"
        " traffic rate does to the cold share; it gives no answer.",
        tolerance=0.01,
    ),
    Exercise(
        id="cold-rate-one-percent",
        topic="cold rate",
        lesson=_LESSON,
        question="A request works for a second, an idle environment is kept for 360 seconds, and"
        " the one used last is used next. From how many requests an hour on do fewer than one in a"
        " hundred start cold, for good?",
        unit="requests an hour",
        kind="find the break-even",
        difficulty="advanced",
        answer=lambda prices: _an_hour(_WANTED),
        look="Who takes a request that comes while the first environment is at work?",
        concept="Each further environment is used only while those before it are busy. It is a"
        " rarely used function of its own, and starts cold like one.",
        formula="sum over environments of (share it takes) x exp(-rate it sees x time kept) = 1"
        " percent; cold_share_newest_first of models.theory adds it up",
        working=_one_percent_working,
        why="The first environment is warm early. What keeps the tail cold is the second one, which"
        " needs several times the traffic.",
        mistakes=(
            Mistake(
                lambda prices: _an_hour_for_one(_WANTED),
                "That is one environment alone. At this rate the second one starts cold most of the"
                " times it is needed.",
            ),
            Mistake(
                lambda prices: SECONDS_PER_HOUR / (2 * _WORK * _KEPT) ** 0.5,
                "That is where the second environment adds most cold starts, not where it stops.",
            ),
        ),
        source="Ours, after AWS's documentation of execution environments and concurrency: one"
        " request at a time, idle ones are ended after a time that is not published.",
        tolerance=0.03,
    ),
    Exercise(
        id="cold-rate-three-functions",
        topic="cold rate",
        lesson=_LESSON,
        question="Three functions get a request every 15 minutes each, at random moments; idle"
        " environments are kept for six minutes. How many times as many cold starts do they have as"
        " one function that takes all three routes?",
        unit="times",
        kind="check a claim",
        difficulty="intermediate",
        answer=_times,
        look="How far apart do requests come at the one function, on average?",
        concept="Merging adds the rates. The number of requests stays, the gaps become a third.",
        formula="exp(-360 / 900) / exp(-360 / 300)",
        working=_times_working,
        why="The claim is right for rare traffic. Around a request every 20 to 30 seconds there is"
        " next to nothing to gain: there the second environment decides.",
        mistakes=(
            Mistake(
                lambda prices: float(_FUNCTIONS),
                "Three functions do not have three times as many: the share is not one in each.",
            ),
            Mistake(
                lambda prices: 1.0,
                "The number of requests is the same, but the gaps between them are not.",
            ),
            Mistake(
                lambda prices: 1 / _times(prices),
                "That is the other way round: the one function over the three.",
            ),
        ),
        source="The learning material recommends one function for several routes for fewer cold"
        " starts and asks for the rate of three functions at a third of the traffic each.",
        tolerance=0.02,
    ),
    Exercise(
        id="cold-rate-pings",
        topic="cold rate",
        lesson=_LESSON,
        question="A ping every five minutes keeps one environment. Users come every 30 seconds at"
        " random moments, each works for a second, and idle environments are kept for 360 seconds,"
        " the one used last being used next. Which percentage of the users starts cold?",
        unit="percent",
        kind="change something",
        difficulty="intermediate",
        answer=_pinged_percent,
        look="Which environment does the ping meet, and which does it never meet?",
        concept="A ping comes at a moment when the first environment is nearly always free. The"
        " second one sees only what comes while the first is at work.",
        formula="cold share of all environments - share of the first x exp(-360 / 30)",
        working=_pinged_working,
        why="Without the ping it is the same: at this rate users keep the first environment warm"
        " themselves. To keep two, two pings must come at the same instant.",
        mistakes=(
            Mistake(
                lambda prices: 0.0,
                "One environment stays warm. Users who come while it works meet another one.",
            ),
            Mistake(
                lambda prices: 100 * float(theory.erlang_b(1, _WORK / _PINGED)),
                "That counts everybody who finds the first one busy. Some of them find the second"
                " one still there.",
            ),
        ),
        source="Ours, after AWS's documentation of execution environments; keeping functions warm"
        " by a schedule is advice that much older material gives.",
        tolerance=0.03,
    ),
)
