"""`sweep`: a measure at every point of a grid, as one tidy table."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from models.errors import InvalidInputError
from models.experiments.intervals import mean_and_half_width, refuse_no_confidence
from models.experiments.measures import (
    POINT,
    REPLICATION,
    SEED,
    Arguments,
    Measure,
    caller,
    columns_of,
    mapping,
    refuse_unfit,
    seeds,
    whole,
)
from models.experiments.replicating import INCOMPLETE
from models.experiments.running import Runs, refuse_too_many


@dataclass(frozen=True, repr=False, eq=False)
class Sweep:
    """What a measure gave at each point."""

    table: pd.DataFrame
    """A row for each point and replication: `point`, arguments, `replication`, `seed`, numbers."""
    arguments: tuple[str, ...]
    """Columns that say where a point is."""
    measures: tuple[str, ...]
    """Columns that say what was measured there."""
    confidence: float
    """Of each interval by itself."""
    complete: bool
    """Whether everything ran; Ctrl-C leaves it false."""

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row for each point: `point`, arguments, `replications`, and of each number `x` its
        mean `x`, and the interval's ends `x_low` and `x_high`, NaN for one replication.
        """
        columns: dict[str, list[Any]] = {
            name: [] for name in (POINT, *self.arguments, "replications")
        }
        for name in self.measures:
            columns |= {name: [], f"{name}_low": [], f"{name}_high": []}
        points = self.table[POINT].to_numpy()
        starts = np.flatnonzero(np.diff(points, prepend=-1)).tolist()
        ends = [*starts[1:], len(points)]
        values = {name: self.table[name].to_numpy(dtype=float) for name in self.measures}
        for name in (POINT, *self.arguments):
            columns[name] = list(self.table[name].iloc[starts])
        for start, end in zip(starts, ends, strict=True):
            columns["replications"].append(end - start)
            for name, measured in values.items():
                mean, half = mean_and_half_width(measured[start:end], self.confidence)
                columns[name].append(mean)
                columns[f"{name}_low"].append(mean - half)
                columns[f"{name}_high"].append(mean + half)
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        points = self.table[POINT].nunique()
        lines = [
            f"Sweep of {', '.join(self.arguments)}: {points:,} points, {len(self.table):,} runs,"
            f" {', '.join(self.measures)}"
        ]
        return "\n".join([*lines, *([] if self.complete else [INCOMPLETE])])


def sweep(
    measure: Measure,
    over: Mapping[str, Iterable[Any]] | Sequence[Arguments],
    replications: int = 1,
    *,
    arguments: Arguments | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    executor: Executor | None = None,
    workers: int | str | None = None,
    progress: bool = True,
) -> Sweep:
    """Run a measure at every point of a grid.

    Parameters
    ----------
    measure : callable
        ``measure(*, seed, **arguments)`` gives a number or a mapping of names to numbers.
    over : mapping of argument to values, or sequence of mappings
        A full grid, in which the last argument runs fastest; or the points themselves, which all
        name the same arguments.
    replications : int
        Runs of each point. Replication `i` has the same seed at every point.
    arguments : mapping, optional
        The same at every point.
    seed, confidence, executor, workers, progress
        As for `replicate`.

    Raises
    ------
    InvalidInputError
        Where there are no points, or the measure does not have an argument.
    ExperimentError
        Where a run failed or the executor broke; its `partial` holds the others.

    Examples
    --------
    >>> def squared(*, side):
    ...     return {"area": side**2}
    >>> sweep(squared, {"side": [1, 2, 3]}).table["area"].tolist()
    [1.0, 4.0, 9.0]
    """
    names, points = _points(over)
    given = mapping(arguments)
    twice = [name for name in names if name in given]
    if twice:
        raise InvalidInputError(f"argument {twice[0]!r} is both swept and fixed")
    refuse_unfit(measure, [*names, *given])
    refuse_no_confidence(confidence)
    refuse_too_many(len(points) * whole("replications", replications, at_least=1))
    call = caller(measure)
    seed_of = seeds(seed, replications)
    # Every point's first replication before any second: an interruption leaves the whole picture.
    calls = [
        call({**given, **dict(zip(names, point, strict=True))}, one)
        for one in seed_of for point in points
    ]  # fmt: skip
    with Runs(executor, workers, progress=progress) as runs:
        rows = runs(calls)
        measured = columns_of(rows)
        both = [name for name in measured if name in names]
        if both:
            raise InvalidInputError(f"{both[0]!r} is both swept and returned by the measure")
        made = [
            [number, *point, replication, seed_of[replication], *(row[name] for name in measured)]
            for number, point in enumerate(points)
            for replication in range(replications)
            if (row := rows[replication * len(points) + number]) is not None
        ]
        table = pd.DataFrame(made, columns=[POINT, *names, REPLICATION, SEED, *measured])
        return runs.keep(Sweep(table, tuple(names), tuple(measured), confidence, not runs.stopped))


def _points(
    over: Mapping[str, Iterable[Any]] | Sequence[Arguments],
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the arguments that are swept, and their values at each point."""
    if isinstance(over, Mapping):
        values = {name: _values(name, given) for name, given in over.items()}
        count = 1
        for given in values.values():
            count *= len(given)
        refuse_too_many(count)
        if not values:
            raise InvalidInputError("over must name at least one argument and its values")
        return list(values), list(itertools.product(*values.values()))
    points = list(over) if isinstance(over, Sequence) and not isinstance(over, str) else None
    if points is None or not all(isinstance(point, Mapping) for point in points):
        raise InvalidInputError("over must be a mapping of arguments to values, or a list of them")
    if not points or not points[0]:
        raise InvalidInputError("over must hold at least one point with at least one argument")
    names = list(points[0])
    for number, point in enumerate(points):
        if set(point) != set(names):
            raise InvalidInputError(
                f"point {number} names {', '.join(point) or 'nothing'}; the first names"
                f" {', '.join(names)}"
            )
    return names, [tuple(point[name] for name in names) for point in points]


def _values(name: str, given: Iterable[Any]) -> list[Any]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise InvalidInputError(f"values of {name!r} must be a list, not {given!r}")
    values = given.tolist() if isinstance(given, np.ndarray) else list(given)
    if not values:
        raise InvalidInputError(f"values of {name!r} are an empty list; nothing to sweep")
    return values
