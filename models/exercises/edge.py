"""The edge: what misses go on to the origin, what invalidations cost, where code runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.billing import Bill, bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, crossing, priced
from models.prices import Catalogue
from models.services.cloudfront import Distribution, Function, origin_requests
from models.services.lambda_ import EdgeFunction

_TOPIC, _LESSON = "content delivery", "23_content_delivery"

#: Paths invalidated in a month, in how many deployments.
_PATHS, _DEPLOYMENTS = 5_000, 50
#: Requests that need a few lines of code at the edge, and how long they take in Lambda.
_REQUESTS, _EDGE_MS = 1_000_000_000, 10


def _less_load(before: float = 0.80, after: float = 0.95) -> Callable[[Catalogue], float]:
    """How many times as much the origin gets before as after."""
    return lambda prices: float(origin_requests(1, before) / origin_requests(1, after))


def _load_working(prices: Catalogue) -> Iterator[str | Bill]:
    before, after = origin_requests(1e6, 0.80), origin_requests(1e6, 0.95)
    yield f"Of a million requests {before:,.0f} miss at first, {after:,.0f} afterwards."


def _invalidated(paths: float) -> Distribution:
    return Distribution(name="edges", invalidation_paths=paths)


def _invalidation_bill(prices: Catalogue, paths: float) -> Bill:
    return bill(_invalidated(paths).estimate(), prices, free_tier="always-free")


def _invalidation_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "A thousand paths a month are free for the account; the rest is charged:"
    yield _invalidation_bill(prices, _PATHS)
    yield f"Invalidated by one wildcard for each deployment it is {_DEPLOYMENTS} paths: nothing."


def _at_origin(hits: float) -> EdgeFunction:
    missed = float(origin_requests(_REQUESTS, hits))
    return EdgeFunction(name="Lambda@Edge", requests=missed, duration_ms=_EDGE_MS)


def _at_viewer(requests: float = _REQUESTS) -> Function:
    return Function(name="CloudFront function", invocations=requests)


def _hits_for_lambda(prices: Catalogue) -> float:
    """Hit ratio from which Lambda@Edge at the origin costs no more. [%]"""

    def excess(hits: float) -> float:
        return cost_usd(prices, _at_origin(hits)) - cost_usd(prices, _at_viewer())

    return 100 * crossing(excess, 0, 1)


def _hits_by_request_fee(prices: Catalogue) -> float:
    fee = cost_usd(prices, _at_origin(0).replace(duration_ms=0))
    return 100 * (1 - cost_usd(prices, _at_viewer()) / fee)


def _edge_code_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "For every request at the viewer:"
    yield priced(prices, _at_viewer())
    yield "For the misses alone, at the origin, with the time they take:"
    yield priced(prices, _at_origin(_hits_for_lambda(prices) / 100))


EXERCISES = (
    Exercise(
        id="cdn-origin-load",
        topic=_TOPIC,
        lesson=_LESSON,
        question="A better cache key raises the hit ratio from 80 to 95 percent. By which factor"
        " does the number of requests at the origin fall?",
        unit="times",
        kind="check a claim",
        difficulty="basic",
        answer=_less_load(),
        look="Which requests reach the origin: hits or misses?",
        concept="The origin sees the misses only. Compare the shares that miss, before and after.",
        formula="(1 - hit ratio before) / (1 - hit ratio after)",
        working=_load_working,
        why="Near the top each point of hit ratio counts for more: from 98 to 99 percent the load"
        " halves.",
        mistakes=(
            Mistake(
                lambda prices: 0.95 / 0.80,
                "That compares the hits. The origin gets the misses.",
            ),
            Mistake(
                lambda prices: 1 / (0.95 - 0.80),
                "Fifteen points of the hit ratio are not fifteen percent of the load.",
            ),
        ),
        source="The learning material has a hit ratio of 20 percent where it should be 80 or more,"
        " and asks for the cause. The load follows from the misses, which it does not count.",
    ),
    Exercise(
        id="cdn-invalidations",
        topic=_TOPIC,
        lesson=_LESSON,
        question="Fifty deployments a month invalidate 100 files each, path by path: 5,000 paths."
        " What do they cost, after what is free every month?",
        unit="USD a month",
        kind="read a number",
        difficulty="basic",
        answer=lambda prices: float(_invalidation_bill(prices, _PATHS).total_usd),
        look="How many paths a month are free, and for whom?",
        concept="AWS counts the paths that are asked for, not the files they stand for. The first"
        " thousand a month are free, for the account as a whole.",
        formula="(5,000 - 1,000) x price of a path",
        working=_invalidation_working,
        why="A wildcard is one path, and a file with a version in its name needs none: the page"
        " names the new file, and the old one is never asked for again.",
        mistakes=(
            Mistake(
                lambda prices: cost_usd(prices, _invalidated(_PATHS)),
                "You charge for all of them. The first thousand of the month are free.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _invalidated(_DEPLOYMENTS)),
                "Path by path every file counts. Only a wildcard makes one path of many files.",
            ),
        ),
        source="The learning material gives the price of a path and the thousand free ones, and"
        " advises names with versions. It does not say that a wildcard is one path.",
    ),
    Exercise(
        id="cdn-code-at-the-edge",
        topic=_TOPIC,
        lesson=_LESSON,
        question="A billion requests a month need a header rewritten. A CloudFront function does it"
        " for every request. Lambda@Edge (128 MB, 10 ms) could do it at the origin's response, and"
        " the cache keeps the result. From which hit ratio does Lambda@Edge cost no more, without"
        " free allowances?",
        unit="percent",
        kind="check a claim",
        difficulty="advanced",
        answer=_hits_for_lambda,
        look="How often does each of the two run?",
        concept="At a viewer event code runs for every request, at an origin event only for misses."
        " Lambda@Edge is charged for its time as well.",
        formula="1 - fee of the function / (fee of Lambda@Edge + 0.01 s x 0.125 GB x price of a"
        " GB-second)",
        working=_edge_code_working,
        why="Where the code runs decides more than which of the two it is. What depends on the"
        " viewer cannot be cached, though, and must run for every request.",
        mistakes=(
            Mistake(
                _hits_by_request_fee,
                "You left out what Lambda@Edge charges for its time.",
            ),
            Mistake(
                lambda prices: 100 - _hits_for_lambda(prices),
                "That is the share of misses. Lambda@Edge runs for these.",
            ),
        ),
        source="The learning material says that CloudFront Functions cost about a sixth of"
        " Lambda@Edge. That compares fees for as many runs, without time and without the cache.",
    ),
)
