"""The difference of two measures at any point, from the same replications everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from models.experiments.intervals import mean_and_half_width, sign
from models.experiments.measures import (
    Arguments,
    Row,
    alternatives,
    caller,
    refuse_unfit,
    takes_seed,
)
from models.experiments.running import Runs

FIRST, SECOND = "first", "second"


class StoppedError(Exception):
    """The search cannot go on, because no more runs are made."""


class Difference:
    """First - second; each run is made once, however often it is asked for.

    Parameters
    ----------
    measures : mapping of two names to measures, or to (measure, arguments); or one measure
        One measure is the difference itself.
    argument : str
        What says where a point is.
    arguments : mapping or None
        The same at every point.
    of : str or None
        Which number, where a measure returns several.
    confidence : float
        Of the intervals.
    """

    def __init__(
        self, measures: Any, argument: str, *, arguments: Arguments | None, of: str | None,
        confidence: float,
    ) -> None:  # fmt: skip
        pair = measures if isinstance(measures, Mapping) else {FIRST: measures}
        sides = alternatives(pair, arguments)
        if isinstance(measures, Mapping) and len(sides) != 2:
            raise InvalidInputError(
                f"measures ({len(sides)}) must be two, by name, or one that is their difference"
            )
        for measure, own in sides.values():
            if argument in own:
                raise InvalidInputError(f"argument {argument!r} is both searched and fixed")
            refuse_unfit(measure, [argument, *own])
        self.names = (*sides, SECOND)[:2]
        self.exact = not any(takes_seed(measure) for measure, _ in sides.values())
        self._sides = [(caller(measure), own) for measure, own in sides.values()]
        self._argument, self._of, self._confidence = argument, of, confidence
        self._values: dict[float, list[float]] = {}

    def prepare(self, runs: Runs, seed_of: Sequence[int], points: Sequence[float]) -> None:
        """Make what is missing of one replication with each of the seeds, at all points at once.

        Raises
        ------
        StoppedError
            Where not all could be made; what was made is kept.
        """
        wanted = [
            (x, one)
            for number, one in enumerate(seed_of) for x in points
            if number >= len(self._values.setdefault(x, []))
        ]  # fmt: skip
        calls = [
            call({**own, self._argument: x}, one) for x, one in wanted for call, own in self._sides
        ]
        rows = runs(calls)
        size = len(self._sides)
        broken: set[float] = set()
        for number, (x, _) in enumerate(wanted):
            pair = [row for row in rows[number * size : (number + 1) * size] if row is not None]
            if len(pair) < size or x in broken:
                broken.add(x)  # replications stay in order, so that all points have the same ones
            else:
                self._values[x].append(self._number(pair, x))
        if broken:
            raise StoppedError

    def mean_and_half_width(self, x: float, count: int) -> tuple[float, float]:
        """Of the first `count` replications at a point that is prepared."""
        values = np.array(self._values[x][:count])
        mean, half = mean_and_half_width(values, self._confidence)
        return mean, 0.0 if self.exact else half

    def table(self) -> pd.DataFrame:
        """A row for each point that was looked at, in order."""
        found = []
        for x in sorted(x for x, values in self._values.items() if values):
            count = len(self._values[x])
            mean, half = self.mean_and_half_width(x, count)
            found.append([x, mean, mean - half, mean + half, sign(mean, half), count])
        columns = [self._argument, "mean", "low", "high", "sign", "replications"]
        return pd.DataFrame(found, columns=columns)

    def _number(self, pair: Sequence[Row], x: float) -> float:
        numbers = [self._chosen(row) for row in pair]
        difference = numbers[0] - numbers[1] if len(numbers) == 2 else numbers[0]
        if not math.isfinite(difference):
            raise InvalidInputError(
                f"the difference is not a number where {self._argument} is {x:g}"
            )
        return difference

    def _chosen(self, row: Row) -> float:
        of = next(iter(row)) if self._of is None and len(row) == 1 else self._of
        if of is None or of not in row:
            raise InvalidInputError(f"of ({of!r}) must be one of {', '.join(row)}")
        return row[of]
