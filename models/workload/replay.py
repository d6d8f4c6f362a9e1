"""Real traffic again, from the files that hold it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import model_validator

from models.distributions import Duration, Empirical, Exponential
from models.errors import InvalidInputError
from models.resource import Settings
from models.workload.counts import AtTimes, Counts
from models.workload.logs import MOST_ROWS, count_rows, log_entries, moment
from models.workload.trace import Clients, Seed, Times, Trace

#: What a log's trace lasts after its last request, which must lie inside. [s]
AFTER_LAST_SECONDS = 1.0
#: Equally spaced quantiles that tell how long the requests of a log took.
QUANTILES = 1001
#: How far a row may be off its place, in intervals: dates are rounded to a millisecond.
ROUNDING = 1e-3


class Replay(Settings):
    """A file of real traffic, as a scenario names it; `trace` reads it."""

    pattern: Literal["replay"] = "replay"
    """Name of the pattern."""
    path: Path
    """The file; it may be compressed (.gz)."""
    format: Literal["counts", "alb"] = "counts"
    """``counts``: a CSV with columns for time and count, as CloudWatch exports ``RequestCount``.
    ``alb``: an access log of an Application Load Balancer."""
    gaps_are_zero: bool = False
    """Whether rows that a CSV leaves out are intervals without requests, as in CloudWatch."""
    work: Duration = Exponential(mean_seconds=0.1)
    """Work of each request of a CSV; a log tells it itself. [s]"""
    seed: Seed = 0
    """Of what the file does not tell."""
    clients: Clients = 0
    """Clients that are told apart, each equally likely to ask."""

    def trace(self) -> Trace:
        """The traffic itself.

        Raises
        ------
        InvalidInputError
            Where the file is not what `format` says, naming the line.
        """
        if self.format == "alb":
            return from_alb_access_log(self.path, seed=self.seed, clients=self.clients)
        return from_counts_csv(
            self.path, gaps_are_zero=self.gaps_are_zero,
            work=self.work, seed=self.seed, clients=self.clients,
        )  # fmt: skip

    @model_validator(mode="after")
    def _not_for_logs(self) -> Replay:
        for name in {"work", "gaps_are_zero"} & self.model_fields_set:
            if self.format == "alb":
                raise InvalidInputError(
                    f"{name} must be left out with format 'alb': an access log tells it itself"
                )
        return self


def from_counts_csv(path: Path | str, *, gaps_are_zero: bool = False, **fields: Any) -> Counts:
    """Traffic from a CSV with a column for the time and one for the count.

    Parameters
    ----------
    path : path
        A CSV, plain or compressed (.gz), with a header. Times are ISO 8601 (UTC unless they say
        otherwise), seconds since 1970, or seconds since the start of the trace.
    gaps_are_zero : bool
        Rows that are missing are intervals without requests.
    **fields
        Other fields of `Counts`: work, seed, clients, start.

    Raises
    ------
    InvalidInputError
        Where columns are missing, a row cannot be read, or times fall, repeat or leave gaps.

    Notes
    -----
    Documented: a load balancer reports its metrics only while requests flow
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html),
    so an export of ``RequestCount`` leaves out the minutes without any.
    """
    file = Path(path)
    lines, times, counts = count_rows(file)
    steps = np.diff(times)
    _refuse_disorder(file, lines, steps)
    interval = float(steps.min() if gaps_are_zero else steps[0])
    _refuse_gaps(file, lines, steps, interval, gaps_are_zero=gaps_are_zero)
    numbers = np.append(0, np.cumsum(np.round(steps / interval).astype(np.int64)))
    if numbers[-1] >= MOST_ROWS:
        raise InvalidInputError(
            f"{file}: covers {numbers[-1] + 1:,} intervals of {interval:g} s; must be at most"
            f" {MOST_ROWS:,}"
        )
    whole = np.zeros(numbers[-1] + 1)
    whole[numbers] = counts
    start = moment(float(times[0]))
    known = {} if start is None else {"start": start}
    return Counts(
        interval_seconds=interval,
        requests=whole,
        duration_seconds=interval * len(whole),
        **{**known, **fields},
    )


def _refuse_disorder(file: Path, lines: list[int], steps: Times) -> None:
    if np.any(steps <= 0):
        row = int(np.argmax(steps <= 0))
        raise InvalidInputError(
            f"{file}:{lines[row + 1]}: its time is {-steps[row]:g} s before or at that of the row"
            " above; times must rise from row to row"
        )


def _refuse_gaps(
    file: Path, lines: list[int], steps: Times, interval: float, *, gaps_are_zero: bool
) -> None:
    most = np.inf if gaps_are_zero else 1
    numbers = np.round(steps / interval)
    wrong = (np.abs(steps / interval - numbers) > ROUNDING) | (numbers > most)
    if wrong.any():
        row = int(np.argmax(wrong))
        hint = "" if gaps_are_zero else "; gaps_are_zero=True takes missing rows for 0 requests"
        raise InvalidInputError(
            f"{file}:{lines[row + 1]}: comes {steps[row]:g} s after the row above; rows must be"
            f" evenly spaced, here by {interval:g} s, without gaps{hint}"
        )


def from_alb_access_log(path: Path | str, **fields: Any) -> AtTimes:
    """Traffic from an access log of an Application Load Balancer.

    Parameters
    ----------
    path : path
        Plain or compressed (.gz).
    **fields
        Other fields of `AtTimes`: seed, clients.

    Raises
    ------
    InvalidInputError
        Where a line is not an entry of such a log, or there is none.

    Notes
    -----
    Documented: the fields, and that ``time`` is when the answer was sent
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html).
    A request arrived before that by its three processing times. Assumed: its work is
    ``target_processing_time``, waiting at the target included; where no target answered (-1), it
    is the mean of the others.
    """
    file = Path(path)
    arrivals, work = log_entries(file)
    order = np.argsort(arrivals, kind="stable")
    arrivals, work = arrivals[order], work[order]
    known = work >= 0
    if not np.any(work > 0):
        raise InvalidInputError(f"{file}: no entry has a target_processing_time above 0 s")
    work[~known] = work[known].mean()
    start = float(np.floor(arrivals[0]))
    quantiles = np.quantile(work, np.linspace(0, 1, QUANTILES))
    given = {
        "start": moment(start),
        "work": Empirical(quantile_seconds=tuple(quantiles.tolist())),
        "work_seconds": work,
        **fields,
    }
    return AtTimes(
        times=arrivals - start,
        duration_seconds=float(arrivals[-1]) - start + AFTER_LAST_SECONDS,
        **given,
    )
