"""Sentences made from the numbers of a comparison, each checked against them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from models.claims import Claim, claim
from models.comparison.crossings import Crossing
from models.comparison.result import Assessment, Verdict
from models.experiments import Comparison
from models.units import usd

#: Shares of errors above this are called out. Ours.
NOTABLE_ERRORS = 0.001


def verdict(
    assessments: Sequence[Assessment], runs: Comparison | None, crossings: Sequence[Crossing]
) -> Verdict:
    """What to take away: the cheapest, how sure that is, the risks, the crossings."""
    feasible = [one for one in assessments if not one.infeasible]
    if not feasible:
        return Verdict((claim("None of the alternatives can serve this workload.", True),))
    ranked = sorted(feasible, key=lambda one: one.mean("cost_usd"))
    return Verdict(
        (
            *_cheapest(ranked, runs),
            *_quickest(ranked),
            *_errors(ranked),
            *_crossover(crossings),
            *_infeasible(assessments),
        )
    )


def _cheapest(ranked: Sequence[Assessment], runs: Comparison | None) -> Iterator[Claim]:
    first = ranked[0]
    cost = first.mean("cost_usd")
    if len(ranked) == 1 or runs is None:
        yield claim(f"{first.name} costs {usd(cost)} a month.", math.isfinite(cost))
        return
    second = ranked[1]
    apart = second.mean("cost_usd") - cost
    _, low, high = _difference(runs, second.name, first.name)
    text = f"{first.name} is the cheapest at {usd(cost)} a month"
    if low > 0:
        yield claim(
            f"{text}; the next, {second.name}, costs {usd(apart)} more"
            f" (95 % interval: {usd(low)} to {usd(high)}).",
            low > 0 and apart > 0,
        )
    else:
        yield claim(
            f"{text}, but these runs cannot tell it from {second.name}, {usd(apart)} away.",
            not low > 0,
        )


def _difference(runs: Comparison, name: str, base: str) -> tuple[float, float, float]:
    """Paired difference of the costs of two alternatives, with its interval. [USD]"""
    rebased = Comparison(runs.table, base, runs.confidence, runs.complete)
    rows = rebased.differences
    row = rows[(rows["alternative"] == name) & (rows["measure"] == "cost_usd")].iloc[0]
    return float(row["mean"]), float(row["low"]), float(row["high"])


def _quickest(ranked: Sequence[Assessment]) -> Iterator[Claim]:
    timed = [one for one in ranked if math.isfinite(one.mean("p99_ms"))]
    if len(timed) > 1:
        best = min(timed, key=lambda one: one.mean("p99_ms"))
        others = [one.mean("p99_ms") for one in timed]
        yield claim(
            f"{best.name} has the shortest 99th percentile, {best.mean('p99_ms'):,.0f} ms.",
            best.mean("p99_ms") <= min(others),
        )


def _errors(ranked: Sequence[Assessment]) -> Iterator[Claim]:
    for one in ranked:
        share = one.mean("error_share")
        if share > NOTABLE_ERRORS:
            causes = {
                name: mean
                for name, (mean, _, _) in one.figures.items()
                if name in ("throttled", "turned_away", "timed_out", "failed", "unconnected")
            }
            main = max(causes, key=lambda name: causes[name])
            yield claim(
                f"{one.name} fails {share:.2%} of its requests, most of them"
                f" {main.replace('_', ' ')}.",
                share > NOTABLE_ERRORS and causes[main] > 0,
            )


def _crossover(crossings: Sequence[Crossing]) -> Iterator[Claim]:
    for one in crossings:
        if one.decides:
            yield claim(
                f"By the closed form, the cheapest changes from {one.below} to {one.above} at"
                f" {one.per_second:,.3g} requests a second on average.",
                one.per_second > 0 and one.below != one.above,
            )


def _infeasible(assessments: Sequence[Assessment]) -> Iterator[Claim]:
    for one in assessments:
        if one.infeasible:
            yield claim(f"{one.name} cannot serve this workload.", bool(one.infeasible))
