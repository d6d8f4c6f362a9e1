"""Searching for the sign change of a difference that may be noisy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.errors import InvalidInputError
from models.experiments.differences import Difference
from models.experiments.intervals import EQUAL, HIGHER, LOWER, UNCERTAIN, sign
from models.experiments.running import Runs

#: Intervals end where this share of the precision asked for no longer matters.
_TOLERANCE = 0.1
#: Replications become at most so many times as many at once: few know little of how many it takes.
_FASTEST = 20
#: Floats tell no closer points apart.
_FINEST = 4 * float(np.finfo(float).eps)


class Search:
    """Looks for the sign change of a difference; `over` says what is found, as fields.

    A `direction` is 1 where the difference rises through zero, and -1 where it falls.
    """

    def __init__(
        self, runs: Runs, difference: Difference, seed_of: Sequence[int], precision: float, *,
        log: bool,
    ) -> None:  # fmt: skip
        self._runs, self._difference, self._seeds = runs, difference, seed_of
        self._precision, self._log = precision, log

    def over(self, grid: Sequence[float], count: int) -> dict[str, Any]:
        """Beginning with so many replications at the points of the grid."""
        signs, changes = self._scan(grid, count)
        while len(changes) != 1 and (changes or UNCERTAIN in signs) and count < len(self._seeds):
            count = min(4 * count, len(self._seeds))
            signs, changes = self._scan(grid, count)
        if len(changes) > 1:
            brackets = ", ".join(f"{a:g} and {b:g}" for a, b in changes)
            raise InvalidInputError(
                f"the difference changes its sign {len(changes)} times, between {brackets}:"
                " choose low and high around one of them"
            )
        first, second = self._difference.names
        if changes:
            near_sign = signs[grid.index(changes[0][0])]
            below, above = (first, second) if near_sign == LOWER else (second, first)
            direction = 1.0 if near_sign == LOWER else -1.0
            found = self._narrow(*changes[0], direction, count)
            return found | {"cheaper_below": below, "cheaper_above": above}
        kinds = set(signs) - {EQUAL}
        return {"cheaper": {LOWER: first, HIGHER: second}.get(kinds.pop())
                if len(kinds) == 1 else None}  # fmt: skip

    def _scan(
        self, grid: Sequence[float], count: int
    ) -> tuple[list[str], list[tuple[float, float]]]:
        """The sign at each point, and the pairs of points between which it certainly changes."""
        self._difference.prepare(self._runs, self._seeds[:count], grid)
        signs = [sign(*self._difference.mean_and_half_width(x, count)) for x in grid]
        certain = [(x, one) for x, one in zip(grid, signs, strict=True) if one in (LOWER, HIGHER)]
        pairs = itertools.pairwise(certain)
        return signs, [(a, b) for (a, one), (b, other) in pairs if one != other]

    def _narrow(self, low: float, high: float, direction: float, count: int) -> dict[str, Any]:
        """The crossing and its interval, with more replications until that is narrow enough."""
        while True:
            at = self._root(low, high, direction, count, 0.0)
            if self._difference.exact:
                return {"at": at, "interval": (at, at)}
            near = self._root(low, at, direction, count, direction)
            far = self._root(at, high, direction, count, -direction)
            allowed = self._precision * abs(at)
            half = (far - near) / 2
            if half <= allowed or count == len(self._seeds):
                return {"at": at, "interval": (near, far), "precise": half <= allowed}
            share = half / allowed if half < _FASTEST * allowed else _FASTEST
            wanted = max(count + 1, math.ceil(count * share**2))
            count = min(wanted, _FASTEST * count, len(self._seeds))
            # With more replications the interval lies about where it was.
            close = max(low, near - 2 * half), min(high, far + 2 * half)
            if (
                self._height(close[0], direction, count, direction)
                < 0
                < self._height(close[1], direction, count, -direction)
            ):
                low, high = close

    def _height(self, x: float, direction: float, count: int, slack: float) -> float:
        """Mean moved by so many half-widths, turned so that it rises with the argument."""
        self._difference.prepare(self._runs, self._seeds[:count], [x])
        mean, half = self._difference.mean_and_half_width(x, count)
        return direction * (mean + slack * half)

    def _root(self, a: float, b: float, direction: float, count: int, slack: float) -> float:
        """Where the moved mean crosses zero; the end that is past it where it does not."""
        from scipy.optimize import brentq

        def height(x: float) -> float:
            return self._height(x, direction, count, slack)

        if a >= b or height(a) >= 0:
            return a
        if height(b) <= 0:
            return b
        to, back = _scales(a, b, log=self._log)
        relative = _FINEST if self._difference.exact else self._precision * _TOLERANCE
        absolute = 1e-12 * (to(b) - to(a))
        if self._log and not self._difference.exact:
            absolute, relative = relative, _FINEST
        return back(brentq(lambda u: height(back(u)), to(a), to(b), xtol=absolute, rtol=relative))


def _scales(
    a: float, b: float, *, log: bool
) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """To the scale on which points are evenly spaced, and back, where the ends are exact."""
    to = math.log if log else float
    ends = {to(a): a, to(b): b}
    return to, lambda u: ends.get(u, math.exp(u) if log else u)
