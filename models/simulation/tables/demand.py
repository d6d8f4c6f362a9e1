"""How many reads and writes come in each second, drawn an hour at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import InvalidInputError
from models.simulation.streams import stream
from models.simulation.tables.state import KINDS
from models.units import SECONDS_PER_HOUR
from models.workload import AtTimes, Constant, Counts, Trace
from models.workload.trace import MONDAY

Asked = Trace | ArrayLike | None
Seconds = NDArray[np.int64]


class Demand:
    """Reads and writes by the second; memory holds an hour of them.

    Parameters
    ----------
    reads, writes : Trace, array or None
        An array holds the requests of each second, taken as they are.
    seed : int
        Of what belongs to the table: which partition is asked.

    Raises
    ------
    InvalidInputError
        Where nobody asks, the two differ in length or start, or an array does not hold counts.

    Notes
    -----
    The requests of a second are a Poisson count of the trace's rate, from the trace's own seed;
    those of a trace that knows its requests are these.
    """

    def __init__(self, reads: Asked, writes: Asked, *, seed: int) -> None:
        self._seed = seed
        self._asked = [
            one if one is None or isinstance(one, Trace) else _counts(one, name)
            for one, name in ((reads, "reads"), (writes, "writes"))
        ]
        lengths = {_seconds(one) for one in self._asked if one is not None}
        starts = {one.start for one in self._asked if isinstance(one, Trace)} or {MONDAY}
        if len(lengths) != 1 or len(starts) != 1:
            raise InvalidInputError(
                "reads and writes: at least one must be given, and both must have the same start"
                f" and duration_seconds, not {sorted(lengths)} [s]"
            )
        self.seconds, self.start = lengths.pop(), starts.pop()
        self._counted = {
            kind: _counted(one)
            for kind, one in enumerate(self._asked)
            if isinstance(one, AtTimes | Counts)
        }
        self._hour, self._requests, self._spread = -1, np.empty((2, 0), np.int64), np.empty((2, 0))

    @property
    def calendar(self) -> Trace:
        """A trace of the same start and length, for those who follow a calendar."""
        return Constant(rate_per_second=1, duration_seconds=self.seconds, start=self.start)

    @property
    def start_of_day_seconds(self) -> float:
        """How far into its day, in UTC, the start is. [s]"""
        moment: datetime = self.start
        return moment.hour * 3600.0 + moment.minute * 60.0 + moment.second

    def between(self, first: int, last: int) -> tuple[Seconds, NDArray[np.float64]]:
        """Requests of the seconds from `first` to before `last`, asked for in order; and spread.

        Returns
        -------
        requests, spread : arrays of shape (2, last - first)
        """
        parts = []
        while first < last:
            hour = first // SECONDS_PER_HOUR
            if hour != self._hour:
                self._draw(hour)
            begin = hour * SECONDS_PER_HOUR
            until = min(last, begin + SECONDS_PER_HOUR)
            inside = slice(first - begin, until - begin)
            parts.append((self._requests[:, inside], self._spread[:, inside]))
            first = until
        if len(parts) == 1:
            return parts[0]
        return np.hstack([one for one, _ in parts]), np.hstack([two for _, two in parts])

    def _draw(self, hour: int) -> None:
        first = hour * SECONDS_PER_HOUR
        last = min(first + SECONDS_PER_HOUR, self.seconds)
        self._hour = hour
        self._requests = np.stack([self._of(kind, first, last) for kind in range(len(KINDS))])
        self._spread = stream(self._seed, "spread", str(hour)).random(self._requests.shape)

    def _of(self, kind: int, first: int, last: int) -> Seconds:
        asked = self._asked[kind]
        if asked is None:
            return np.zeros(last - first, dtype=np.int64)
        if not isinstance(asked, Trace):
            return asked[first:last]
        if kind in self._counted:
            return next(self._counted[kind])[: last - first]
        rates = asked.rates(np.arange(first, last + 1))
        hour = str(first // SECONDS_PER_HOUR)
        return stream(asked.seed, "requests", KINDS[kind], hour).poisson(rates)


def _seconds(asked: Trace | Seconds) -> int:
    if isinstance(asked, Trace):
        return int(np.ceil(asked.duration_seconds))
    return len(asked)


def _counts(given: ArrayLike, name: str) -> Seconds:
    array = np.asarray(given, dtype=np.float64)
    if array.ndim != 1 or not len(array) or not np.all(np.isfinite(array) & (array >= 0)):
        raise InvalidInputError(f"{name} must be a trace, or requests of each second from 0 on")
    if np.any(array != np.round(array)):
        raise InvalidInputError(f"{name} must be whole numbers of requests in each second")
    return array.astype(np.int64)


def _counted(trace: Trace) -> Iterator[Seconds]:
    """The requests of each second of one hour after the other, from those of the trace."""
    counts, hour = np.zeros(SECONDS_PER_HOUR, dtype=np.int64), 0
    for chunk in trace.chunks():
        arrivals = chunk.arrivals.astype(np.int64)
        while True:
            end = (hour + 1) * SECONDS_PER_HOUR
            here = np.searchsorted(arrivals, end)
            within = arrivals[:here] - hour * SECONDS_PER_HOUR
            counts += np.bincount(within, minlength=SECONDS_PER_HOUR)
            arrivals = arrivals[here:]
            if chunk.end_seconds < end:
                break
            yield counts
            counts, hour = np.zeros(SECONDS_PER_HOUR, dtype=np.int64), hour + 1
    yield counts
