"""`replicate`: the same measure with other random numbers, and how sure its mean is."""

from __future__ import annotations

import dataclasses
import math
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from models.errors import InvalidInputError
from models.experiments.intervals import (
    mean_and_half_width,
    refuse_no_confidence,
    refuse_no_precision,
)
from models.experiments.measures import (
    REPLICATION,
    SEED,
    Arguments,
    Measure,
    Row,
    caller,
    columns_of,
    mapping,
    refuse_unfit,
    seeds,
    whole,
)
from models.experiments.running import Runs, refuse_too_many


@dataclass(frozen=True, repr=False, eq=False)
class Replications:
    """What each replication gave, and the interval of each mean."""

    table: pd.DataFrame
    """A row for each replication: `replication`, `seed`, and each number that was measured."""
    confidence: float
    """Of each interval."""
    complete: bool
    """Whether everything ran; Ctrl-C leaves it false."""
    precise: bool = True
    """Whether every interval is as narrow as was asked for."""

    @cached_property
    def summary(self) -> pd.DataFrame:
        """For each number, by name: `mean`, `low`, `high`, `half_width`, `replications`."""
        return summarized(self.table, self.confidence)

    def mean(self, name: str | None = None) -> float:
        """Mean of one number; `name` may be left out where there is only one."""
        return self._of("mean", name)

    def interval(self, name: str | None = None) -> tuple[float, float]:
        """Low and high end of the confidence interval of the mean; NaN for one replication."""
        return self._of("low", name), self._of("high", name)

    def needed(self, relative_precision: float | None) -> int:
        """Replications that make every interval narrow enough, going by those made.

        Parameters
        ----------
        relative_precision : float or None
            Half an interval's width over the mean; None is content with any.
        """
        needed = 0
        for _, row in self.summary.iterrows() if relative_precision is not None else ():
            allowed = (relative_precision or 0) * abs(row["mean"])
            if not row["half_width"] <= allowed:
                far = not row["half_width"] < 1000 * allowed
                share = 1000 if far else row["half_width"] / allowed
                needed = max(needed, math.ceil(len(self.table) * share**2))
        return needed

    def _of(self, column: str, name: str | None) -> float:
        names = list(self.summary.index)
        chosen = names[0] if name is None and len(names) == 1 else name
        if chosen not in names:
            raise InvalidInputError(f"name ({name!r}) must be one of {', '.join(names)}")
        return float(self.summary[column].iloc[names.index(chosen)])

    def __repr__(self) -> str:
        lines = [
            f"{name}: {row['mean']:.6g} +- {row['half_width']:.3g}"
            for name, row in self.summary.iterrows()
        ]
        lines.append(f"({self.confidence:.4g} confidence, {len(self.table)} replications)")
        if not self.precise:
            lines.append("Not as precise as asked for.")
        return "\n".join([*lines, *([] if self.complete else [INCOMPLETE])])


#: The last line of a result that was cut short.
INCOMPLETE = "Incomplete: not all runs were made."


def replicate(
    measure: Measure,
    replications: int = 30,
    *,
    arguments: Arguments | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    relative_precision: float | None = None,
    most: int = 10_000,
    executor: Executor | None = None,
    workers: int | str | None = None,
    progress: bool = True,
) -> Replications:
    """Run a measure with many seeds and give the mean of what it returns with its interval.

    Parameters
    ----------
    measure : callable
        ``measure(*, seed, **arguments)`` gives a number or a mapping of names to numbers.
    replications : int
        How many, or with how many to begin where a precision is asked for.
    arguments : mapping, optional
        The same for every replication.
    seed : int
        Replication `i` gets ``seeds(seed, i + 1)[i]``, as it does in every other experiment.
    confidence : float
        Of Student's interval, which takes the mean of the values for normal.
    relative_precision : float, optional
        Add replications until half the width of every interval is at most this share of its mean.
        Stopping then makes intervals slightly too narrow where `replications` is small.
    most : int
        Replications after which to stop nonetheless.
    executor : Executor, optional
        Who makes the runs, such as `executor_of()`; by default this process.
    workers : int or "all cores", optional
        Processes to start for it instead.
    progress : bool
        Show a bar on stderr, for what takes longer than two seconds.

    Raises
    ------
    InvalidInputError
        Where an argument is not allowed, or the measure does not fit the arguments.
    ExperimentError
        Where a run failed or the executor broke; its `partial` holds the others.

    Examples
    --------
    >>> def spent_usd(*, price_usd, seed):
    ...     return price_usd * np.random.default_rng(seed).poisson(100)
    >>> import numpy as np
    >>> replicate(spent_usd, 50, arguments={"price_usd": 2.0})
    value: 197.84 +- 5.48
    (0.95 confidence, 50 replications)
    """
    given = mapping(arguments)
    refuse_unfit(measure, given)
    refuse_no_confidence(confidence)
    refuse_no_precision(relative_precision)
    wanted = whole("replications", replications, at_least=1)
    limit = wanted if relative_precision is None else whole("most", most, at_least=wanted)
    refuse_too_many(limit)
    call, seed_of = caller(measure), seeds(seed, limit)
    rows: list[Row | None] = []
    with Runs(executor, workers, progress=progress) as runs:
        while len(rows) < wanted and not runs.stopped:
            rows += runs([call(given, one) for one in seed_of[len(rows) : wanted]])
            result = Replications(_table(rows, seed_of), confidence, not runs.stopped)
            # Few replications know little of how many it takes: at most four times as many next.
            wanted = min(limit, result.needed(relative_precision), 4 * len(rows))
        enough = result.complete and result.needed(relative_precision) <= len(rows)
        precise = relative_precision is None or enough
        return runs.keep(dataclasses.replace(result, precise=precise))


def summarized(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Mean and interval of each measured column of a table of replications."""
    found = {}
    for name in table.columns.difference([REPLICATION, SEED], sort=False):
        values = table[name].to_numpy(dtype=float)
        mean, half = mean_and_half_width(values, confidence)
        found[name] = {
            "mean": mean, "low": mean - half, "high": mean + half, "half_width": half,
            "replications": len(values),
        }  # fmt: skip
    return pd.DataFrame.from_dict(found, orient="index")


def _table(rows: list[Row | None], seed_of: list[int]) -> pd.DataFrame:
    names = columns_of(rows)
    made = [
        {REPLICATION: number, SEED: one, **row}
        for number, (one, row) in enumerate(zip(seed_of, rows, strict=False))
        if row is not None
    ]
    return pd.DataFrame(made, columns=[REPLICATION, SEED, *names])
