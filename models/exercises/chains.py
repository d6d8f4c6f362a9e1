"""Chains of functions: what waiting costs, and what retries make of a load."""

from __future__ import annotations

from collections.abc import Iterator

from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.services import lambda_, stepfunctions

_LESSON = "16_chains_and_retry_storms"
_REQUESTS = 1e6
_CHAIN = ("a", "b", "c")
_OWN_SECONDS, _MEMORY_MB, _LARGE_MB = 1.0, 512, 1024
#: Share of the invocations that fail, and attempts in all, in the question on a partial failure.
_FAILING, _TRIES = 0.2, 3
#: Callers in the chain, and attempts of each, in the question on an outage.
_LEVELS, _MANY_TRIES = 3, 5


def _function(
    name: str, seconds: float, memory_mb: int = _MEMORY_MB, requests: float = _REQUESTS
) -> lambda_.Function:
    return lambda_.Function(
        name=name, memory_size_mb=memory_mb, timeout_seconds=60,
        requests=requests, duration_ms=1000 * seconds,
    )  # fmt: skip


def _in_a_chain(own_seconds: float = _OWN_SECONDS) -> list[lambda_.Function]:
    """Each function with its own work and that of all behind it."""
    behind = range(len(_CHAIN), 0, -1)
    return [
        _function(name, own_seconds * count) for name, count in zip(_CHAIN, behind, strict=True)
    ]


def _alone(own_seconds: float = _OWN_SECONDS) -> list[lambda_.Function]:
    return [_function(name, own_seconds) for name in _CHAIN]


def _waiting_usd(prices: Catalogue) -> float:
    return cost_usd(prices, *_in_a_chain()) - cost_usd(prices, *_alone())


def _waiting_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "A is billed for 3 s, B for 2 s, C for 1 s:"
    yield priced(prices, *_in_a_chain())
    yield "If nobody waited, each would be billed for its own second:"
    yield priced(prices, *_alone())
    yield "The difference is the waiting: 3 s of a 512 MB function for each request."


def _step_usd(prices: Catalogue) -> float:
    """One state transition. [USD]"""
    machine = stepfunctions.StateMachine(
        name="workflow", executions=_REQUESTS, transitions_per_execution=1
    )
    return cost_usd(prices, machine) / _REQUESTS


def _second_usd(prices: Catalogue, memory_mb: int) -> float:
    """A second of a function, without the request. [USD]"""
    one, none = (cost_usd(prices, _function("waits", seconds, memory_mb)) for seconds in (1.0, 0.0))
    return (one - none) / _REQUESTS


def _seconds_for_a_step(prices: Catalogue, memory_mb: int = _LARGE_MB) -> float:
    return _step_usd(prices) / _second_usd(prices, memory_mb)


def _step_working(prices: Catalogue) -> Iterator[str | Bill]:
    found = _seconds_for_a_step(prices)
    yield "A million steps of a Standard workflow:"
    yield priced(prices, stepfunctions.StateMachine(name="workflow", executions=_REQUESTS))
    yield f"A million times {found:.3f} s of a function with 1,024 MB; take the requests off:"
    yield priced(prices, _function("waits", found, _LARGE_MB))


def _load_factor(share: float, tries: int) -> float:
    """Attempts for one request, where each fails with `share` whatever came before."""
    return sum(share**before for before in range(tries))


def _factor_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Every request makes a first attempt. A fifth of them make a second one."
    yield "A fifth of those make a third one, and then it ends."
    yield f"1 + {_FAILING} + {_FAILING**2:.2f} = {_load_factor(_FAILING, _TRIES):.2f}."


def _outage_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"The client asks the first function {_MANY_TRIES} times, as each of these fails."
    yield f"Each of them asks the second {_MANY_TRIES} times, and each of those the last one."
    yield f"{_MANY_TRIES} x {_MANY_TRIES} x {_MANY_TRIES} = {_MANY_TRIES**_LEVELS}."


EXERCISES = (
    Exercise(
        id="chains-waiting",
        topic="chains",
        lesson=_LESSON,
        question="A calls B and waits, B calls C and waits. Each works for one second of its own,"
        " all have 512 MB, and a million requests come in a month. What does the waiting alone"
        " cost?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=_waiting_usd,
        look="For how long is each of the three billed, and how long does it work?",
        concept="A function is billed until it returns. One that waits for another is billed for"
        " the other's time as well.",
        formula="requests x (seconds A waits + seconds B waits) x 0.5 GB x price of a GB-second",
        working=_waiting_working,
        why="Half of the duration of this chain is waiting. With a fourth function it would be"
        " six seconds of ten.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, *_in_a_chain()),
                "That is the whole bill of the three, with their own work and the requests.",
            ),
            Mistake(
                lambda prices: 2 * _REQUESTS * _second_usd(prices, _MEMORY_MB),
                "That is what A waits. B waits too, for C.",
            ),
            Mistake(
                lambda prices: 5 * _REQUESTS * _second_usd(prices, _MEMORY_MB),
                "That counts all that A and B are billed for. One second of each is work.",
            ),
        ),
        source="The learning material warns that functions which wait for each other are paid for"
        " twice, without a figure.",
    ),
    Exercise(
        id="chains-transition",
        topic="chains",
        lesson=_LESSON,
        question="One state transition of a Standard workflow costs as much as how many seconds of"
        " waiting in a function with 1,024 MB?",
        unit="seconds",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_seconds_for_a_step,
        look="What does one step cost, and what does one second of this function cost?",
        concept="A step has one price, however long it takes. A second of a function costs its"
        " memory times the price of a GB-second.",
        formula="price of a transition / (1 GB x price of a GB-second)",
        working=_step_working,
        why="A workflow that takes over a wait of less than that costs more than it saves. Its"
        " other merits, such as retries and a history, may be worth it.",
        mistakes=(
            Mistake(
                lambda prices: _seconds_for_a_step(prices, _MEMORY_MB),
                "That is for 512 MB. With twice the memory a second costs twice as much.",
            ),
            Mistake(
                lambda prices: _seconds_for_a_step(prices, 128),
                "That is for the smallest memory of 128 MB.",
            ),
        ),
        source="The learning material advises workflows in place of chains. How much waiting pays"
        " for a step it does not say.",
    ),
    Exercise(
        id="chains-load-factor",
        topic="chains",
        lesson=_LESSON,
        question="One invocation in five fails, whatever came before. The caller makes up to three"
        " attempts in all. By which factor do the retries multiply the load?",
        unit="times",
        kind="check a claim",
        difficulty="intermediate",
        answer=lambda prices: _load_factor(_FAILING, _TRIES),
        look="Which share of the requests makes a second attempt, and which a third?",
        concept="A second attempt is made where the first failed, a third where both did.",
        formula="1 + p + p x p, p being the share that fails",
        working=_factor_working,
        why="While failures do not depend on the load, retries are cheap. They are dangerous where"
        " the load itself makes invocations fail.",
        mistakes=(
            Mistake(
                lambda prices: float(_TRIES),
                "That is when everything fails. Here most first attempts succeed.",
            ),
            Mistake(
                lambda prices: 1 / (1 - _FAILING) + _FAILING / 5,
                "That tries for ever. The third attempt is the last one.",
            ),
            Mistake(
                lambda prices: 1 + 2 * _FAILING,
                "That sends a fifth of all requests a third time. Only a fifth of the second"
                " attempts fail.",
            ),
        ),
        source="The learning material says that retries multiply load. For failures of one half"
        " and three retries other notes give 1.875 times.",
    ),
    Exercise(
        id="chains-outage",
        topic="chains",
        lesson=_LESSON,
        question="A client calls A, A calls B, B calls C. Each of the three callers makes up to"
        " five attempts, as the SDK for Python does. C fails always. How many times is C invoked"
        " for one request, if no time-out ends it before?",
        unit="times",
        kind="break it",
        difficulty="basic",
        answer=lambda prices: float(_MANY_TRIES**_LEVELS),
        look="How many times does the client ask A? And A, each time, B?",
        concept="Each level repeats all that the levels behind it do. So attempts multiply.",
        formula="attempts of the client x attempts of A x attempts of B",
        working=_outage_working,
        why="Retry at one level only, best at the one next to the client, and let the others pass"
        " the error on.",
        mistakes=(
            Mistake(
                lambda prices: float(_MANY_TRIES * _LEVELS),
                "You added. Each attempt of one level sets off all those of the next.",
            ),
            Mistake(
                lambda prices: float(_MANY_TRIES),
                "That is one level. There are three callers that try again.",
            ),
            Mistake(
                lambda prices: float(lambda_.Client.sdk().attempts ** _LEVELS),
                "That is with three attempts, the SDKs' standard mode. Here it is five.",
            ),
        ),
        source="The learning material says that retries amplify a load. By how much where several"
        " levels retry it leaves open.",
    ),
)
