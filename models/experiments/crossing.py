"""`break_even`: where one alternative stops being the cheaper one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from models.experiments.differences import Difference, StoppedError
from models.experiments.intervals import EQUAL, refuse_no_confidence, refuse_no_precision
from models.experiments.measures import Arguments, Measure, seeds, whole
from models.experiments.replicating import INCOMPLETE
from models.experiments.running import Runs, refuse_too_many
from models.experiments.searching import Search


@dataclass(frozen=True, repr=False, eq=False)
class BreakEven:
    """Where the difference of two alternatives crosses zero, or that it does not."""

    argument: str
    low: float
    high: float
    """The range that was searched. [the argument's unit]"""
    table: pd.DataFrame
    """A row for each point: the argument, `mean`, `low`, `high` of first - second, `sign`,
    `replications`."""
    confidence: float
    """Of the interval."""
    at: float | None = None
    """The break-even; None where there is none. [the argument's unit]"""
    interval: tuple[float, float] | None = None
    """Where it lies with this confidence; for a closed form, that point. [the argument's unit]"""
    cheaper_below: str | None = None
    """The alternative with the lower number below the break-even."""
    cheaper_above: str | None = None
    """The one with the lower number above it."""
    cheaper: str | None = None
    """Where there is no break-even: the lower one at every point that was looked at; None where
    they cannot be told apart."""
    precise: bool = True
    """Whether the interval is as narrow as was asked for."""
    complete: bool = True
    """Whether the search came to its end; Ctrl-C leaves it false."""

    def __repr__(self) -> str:
        lines = [self._finding()]
        if not self.precise:
            lines.append("Not as precise as asked for.")
        return "\n".join([*lines, *([] if self.complete else [INCOMPLETE])])

    def _finding(self) -> str:
        between = f"between {self.low:.6g} and {self.high:.6g}"
        if self.at is not None and self.interval is not None:
            near, far = self.interval
            sure = f" ({near:.6g} to {far:.6g} at {self.confidence:.4g} confidence)"
            return (
                f"{self.argument} = {self.at:.6g}{sure if near < far else ''}:"
                f" {self.cheaper_below} is cheaper below, {self.cheaper_above} above"
            )
        if self.cheaper:
            return (
                f"No break-even {between}: {self.cheaper} is cheaper,"
                f" at all {len(self.table)} values of {self.argument} looked at"
            )
        if not self.complete:
            return f"No break-even found yet {between}"
        if (self.table["sign"] == EQUAL).all():
            return f"No break-even {between}: both are equal wherever looked at"
        return f"Undecided {between}: the noise hides which is cheaper"


def break_even(
    measures: Measure | Mapping[str, Measure | tuple[Measure, Arguments]],
    argument: str,
    low: float,
    high: float,
    *,
    of: str | None = None,
    arguments: Arguments | None = None,
    log: bool = False,
    points: int = 9,
    replications: int = 20,
    most: int = 1000,
    relative_precision: float = 0.02,
    seed: int = 0,
    confidence: float = 0.95,
    executor: Executor | None = None,
    workers: int | str | None = None,
    progress: bool = True,
) -> BreakEven:
    """Find where two alternatives cost the same, in either direction.

    Looks at a few points first, then narrows down where the sign changes with Brent's method. A
    closed form (measures without an argument `seed`) gives the crossing to the last digits, also
    where it is a jump. With noise, every point sees the same replications; the interval holds the
    points at which their paired differences could be those of two equals, so that it holds the
    true break-even with the confidence asked for. Replications are added until it is narrow.

    Parameters
    ----------
    measures : mapping of two names to measures, or to (measure, arguments); or one measure
        One measure is the difference, first - second.
    argument : str
        Gets floats between `low` and `high`.
    low, high : float
        [the argument's unit]
    of : str, optional
        Which number, where the measures return several.
    arguments : mapping, optional
        The same for both and everywhere.
    log : bool
        Space points evenly by their logarithm, for ranges of more than a decade.
    points : int
        At how many points to look first; two crossings between neighbors stay unseen.
    replications, most : int
        How many to begin with at each point, and after how many to stop.
    relative_precision : float
        Half the interval's width over the break-even.
    confidence : float
        Of the interval, and of each sign by itself.
    seed, executor, workers, progress
        As for `replicate`.

    Returns
    -------
    BreakEven
        Also where there is none: then it says which alternative is cheaper throughout.

    Raises
    ------
    InvalidInputError
        Where an argument is not allowed, or there is more than one break-even.
    ExperimentError
        Where a run failed or the executor broke; its `partial` holds the others.

    Examples
    --------
    >>> def metered_usd(*, gb):
    ...     return 0.045 * gb
    >>> def flat_usd(*, gb):
    ...     return 90.0
    >>> break_even({"metered": metered_usd, "flat": flat_usd}, "gb", 0, 10_000)
    gb = 2000: metered is cheaper below, flat above
    >>> break_even({"metered": metered_usd, "flat": flat_usd}, "gb", 0, 1000)
    No break-even between 0 and 1000: metered is cheaper, at all 9 values of gb looked at
    """
    refuse_no_confidence(confidence)
    refuse_no_precision(relative_precision)
    difference = Difference(
        measures, argument, arguments=arguments, of=of, confidence=confidence
    )  # fmt: skip
    begin = whole("replications", replications, at_least=1 if difference.exact else 2)
    limit = 1 if difference.exact else whole("most", most, at_least=begin)
    grid = _grid(low, high, whole("points", points, at_least=2), log=log)
    refuse_too_many(limit * len(grid))
    with Runs(executor, workers, progress=progress) as runs:
        search = Search(runs, difference, seeds(seed, limit), relative_precision, log=log)
        try:
            found = search.over(grid, min(begin, limit))
        except StoppedError:
            found = {"complete": False}
        table = difference.table()
        return runs.keep(BreakEven(argument, grid[0], grid[-1], table, confidence, **found))


def _grid(low: float, high: float, points: int, *, log: bool) -> list[float]:
    for name, value in (("low", low), ("high", high)):
        if not isinstance(value, int | float | np.number) or not math.isfinite(value):
            raise InvalidInputError(f"{name} ({value!r}) must be a finite number")
    if not low < high:
        raise InvalidInputError(f"low ({low:g}) must be below high ({high:g})")
    if log and low <= 0:
        raise InvalidInputError(f"low ({low:g}) must be above 0 on a logarithmic scale")
    spaced = np.geomspace if log else np.linspace
    inner = spaced(float(low), float(high), points).tolist()[1:-1]
    return [float(low), *inner, float(high)]
