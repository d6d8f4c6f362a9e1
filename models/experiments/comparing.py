"""`compare`: alternatives under the same random numbers, and whether their difference is real."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from models.errors import InvalidInputError, did_you_mean
from models.experiments.intervals import (
    EQUAL,
    HIGHER,
    LOWER,
    UNCERTAIN,
    mean_and_half_width,
    refuse_no_confidence,
    sign,
)
from models.experiments.measures import (
    ALTERNATIVE,
    REPLICATION,
    SEED,
    Arguments,
    Measure,
    alternatives,
    caller,
    columns_of,
    refuse_unfit,
    seeds,
    whole,
)
from models.experiments.replicating import INCOMPLETE, summarized
from models.experiments.running import Runs, refuse_too_many


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """What each alternative gave in each replication, and how the means differ."""

    table: pd.DataFrame
    """A row for each replication and alternative: `replication`, `seed`, `alternative`, numbers."""
    baseline: str
    """What the others are compared with."""
    confidence: float
    """Of each interval by itself."""
    complete: bool
    """Whether everything ran; Ctrl-C leaves it false."""

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row for each alternative and number: mean and interval."""
        found = []
        for name, own in self.table.groupby(ALTERNATIVE, sort=False):
            means = summarized(own.drop(columns=ALTERNATIVE), self.confidence)
            means.insert(0, "measure", means.index)
            means.insert(0, ALTERNATIVE, name)
            found.append(means)
        return pd.concat(found, ignore_index=True)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """A row for each alternative but the baseline and each number: alternative - baseline.

        Columns `mean`, `low`, `high` of the paired differences, `sign` (``lower``, ``higher``,
        ``equal`` or ``uncertain``), `certain`, `replications`.
        """
        found = []
        runs = {
            str(name): own.set_index(REPLICATION).drop(columns=[ALTERNATIVE, SEED])
            for name, own in self.table.groupby(ALTERNATIVE, sort=False)
        }
        base = runs.pop(self.baseline, self.table.iloc[:0])
        for name, own in runs.items():
            paired = own.index.intersection(base.index)
            for measure, values in (own.loc[paired] - base.loc[paired]).items():
                mean, half = mean_and_half_width(values.to_numpy(dtype=float), self.confidence)
                found.append({
                    ALTERNATIVE: name, "measure": measure, "mean": mean, "low": mean - half,
                    "high": mean + half, "sign": sign(mean, half),
                    "certain": sign(mean, half) != UNCERTAIN, "replications": len(paired),
                })  # fmt: skip
        return pd.DataFrame(found, columns=_DIFFERENCES)

    def __repr__(self) -> str:
        lines = [
            f"{row['alternative']} - {self.baseline}, {row['measure']}: {row['mean']:.6g}"
            f" ({row['low']:.6g} to {row['high']:.6g}), {_WORDS[row['sign']]}"
            for _, row in self.differences.iterrows()
        ]
        made = self.table[REPLICATION].nunique()
        lines.append(f"({self.confidence:.4g} confidence each, {made} replications)")
        return "\n".join([*lines, *([] if self.complete else [INCOMPLETE])])


_DIFFERENCES = (
    ALTERNATIVE, "measure", "mean", "low", "high", "sign", "certain", "replications",
)  # fmt: skip
_WORDS = {
    LOWER: "certainly lower",
    HIGHER: "certainly higher",
    EQUAL: "equal",
    UNCERTAIN: "uncertain which is lower",
}


def compare(
    measures: Mapping[str, Measure | tuple[Measure, Arguments]],
    replications: int = 30,
    *,
    baseline: str | None = None,
    arguments: Arguments | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    executor: Executor | None = None,
    workers: int | str | None = None,
    progress: bool = True,
) -> Comparison:
    """Run alternatives with the same seeds and give their differences with intervals.

    Replication `i` of each alternative has the same seed, so that chance that meets all alike
    drops out of their differences: a small difference shows with few replications.

    Parameters
    ----------
    measures : mapping of name to measure, or to (measure, arguments)
        At least two.
    replications : int
    baseline : str, optional
        With which to compare the others; by default the first.
    arguments : mapping, optional
        For all; an alternative's own come on top.
    seed, executor, workers, progress
        As for `replicate`.
    confidence : float
        Of the interval of each difference by itself. Of 20 differences that are none, one will
        seem certain at 0.95.

    Raises
    ------
    InvalidInputError
        Where an argument is not allowed, or a measure does not fit its arguments.
    ExperimentError
        Where a run failed or the executor broke; its `partial` holds the others.

    Examples
    --------
    >>> import numpy as np
    >>> def bill_usd(*, price_usd, seed):
    ...     return price_usd * np.random.default_rng(seed).poisson(100)
    >>> compare({"old": (bill_usd, {"price_usd": 2.0}), "new": (bill_usd, {"price_usd": 1.9})}, 10)
    new - old, value: -9.99 (-10.6961 to -9.28388), certainly lower
    (0.95 confidence each, 10 replications)
    """
    given = alternatives(measures, arguments)
    if len(given) < 2:
        raise InvalidInputError(f"measures ({len(given)}) must be at least two, by name")
    for measure, own in given.values():
        refuse_unfit(measure, own)
    base = next(iter(given)) if baseline is None else baseline
    if base not in given:
        raise InvalidInputError(
            f"baseline {base!r} must be one of {', '.join(given)}{did_you_mean(str(base), given)}"
        )
    refuse_no_confidence(confidence)
    refuse_too_many(whole("replications", replications, at_least=1) * len(given))
    callers = {name: (caller(measure), own) for name, (measure, own) in given.items()}
    # A replication's runs lie side by side, so that an interruption leaves whole pairs.
    labels = [(number, one, name) for number, one in enumerate(seeds(seed, replications))
              for name in given]  # fmt: skip
    calls = [callers[name][0](callers[name][1], one) for _, one, name in labels]
    with Runs(executor, workers, progress=progress) as runs:
        rows = runs(calls)
        made = [
            {REPLICATION: number, SEED: one, ALTERNATIVE: name, **row}
            for (number, one, name), row in zip(labels, rows, strict=True)
            if row is not None
        ]
        columns = [REPLICATION, SEED, ALTERNATIVE, *columns_of(rows)]
        table = pd.DataFrame(made, columns=columns)
        return runs.keep(Comparison(table, base, confidence, not runs.stopped))
