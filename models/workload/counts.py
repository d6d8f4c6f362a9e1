"""Traffic that is known: single times, or how many requests came in each interval."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from models.distributions import Number
from models.errors import InvalidInputError
from models.workload.trace import CHUNK_REQUESTS, DAY_SECONDS, Chunk, Times, Trace, between

#: Tells the seeds that split one interval's requests over several chunks from the chunks' own.
_SPLIT = 0x5C1


def _column(value: Any) -> Times:
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError("must be a list of numbers") from None
    if array.ndim != 1 or not len(array):
        raise ValueError("must be a list of at least one number")
    if array.dtype.kind not in "iuf":
        raise ValueError("must be a list of numbers")
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        number = int(np.argmax(bad))
        raise ValueError(
            f"must hold finite numbers of at least 0; number {number + 1} is {array[number]}"
        )
    column = array.astype(np.float64)
    column.flags.writeable = False
    return column


Column = Annotated[
    NDArray[np.float64],
    PlainValidator(_column),
    PlainSerializer(lambda array: array.tolist()),
    WithJsonSchema(
        {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1},
    ),
]


class AtTimes(Trace):
    """Requests at given times, such as those of an access log.

    >>> next(AtTimes(times=[0, 1.5, 1.5], duration_seconds=2).chunks()).arrivals.tolist()
    [0.0, 1.5, 1.5]
    """

    pattern: Literal["at_times"] = "at_times"
    """Name of the pattern."""
    times: Column
    """In order, since the start of the trace. [s]"""
    work_seconds: Column | None = None
    """Work of each; drawn from `work` unless given. [s]"""

    def _refuse_contradictions(self) -> None:
        falls = np.diff(self.times) < 0
        if falls.any():
            last = int(np.argmax(falls))
            raise InvalidInputError(
                f"times must not fall: number {last + 2} is {self.times[last + 1]:g} after"
                f" {self.times[last]:g} [s]"
            )
        if self.times[-1] >= self.duration_seconds:
            raise InvalidInputError(
                f"times reach {self.times[-1]:g}; must be below duration_seconds"
                f" ({self.duration_seconds:g}) [s]"
            )
        if self.work_seconds is not None and len(self.work_seconds) != len(self.times):
            raise InvalidInputError(
                f"work_seconds has {len(self.work_seconds)} values; must have as many as times"
                f" ({len(self.times)})"
            )

    def cumulative(self, seconds: Times) -> Times:
        """Requests before each of these instants."""
        return np.searchsorted(self.times, seconds).astype(np.float64)

    def slowed(self, factor: float) -> Self:
        """The same requests, each with `factor` times as much work, given or drawn."""
        slower = super().slowed(factor)
        if self.work_seconds is None:
            return slower
        return slower.replace(work_seconds=self.work_seconds * factor)

    def chunks(self) -> Iterator[Chunk]:
        """The requests, chunk by chunk; those of one instant are never parted."""
        number = 0
        for start, end in self._days():
            cuts = self._cuts(start, end)
            places = np.searchsorted(self.times, cuts)
            for part in range(len(cuts) - 1):
                yield self._between(number, places[part : part + 2], cuts[part : part + 2])
                number += 1

    def _cuts(self, start: float, end: float) -> Times:
        """Instants at which chunks of a day begin, and its end. [s]"""
        first, last = np.searchsorted(self.times, (start, end))
        parts = max(-(-int(last - first) // CHUNK_REQUESTS), 1)
        places = np.linspace(first, last, parts + 1).astype(np.int64)[1:-1]
        within = np.unique(self.times[places])
        return np.concatenate(([start], within[within > start], [end]))

    def _between(self, number: int, places: NDArray[np.int64], cuts: Times) -> Chunk:
        first, last = places
        arrivals = self.times[first:last].copy()
        chunk = self._chunk(self._generator(number), arrivals, float(cuts[0]), float(cuts[1]))
        if self.work_seconds is None:
            return chunk
        return chunk._replace(work=self.work_seconds[first:last].copy())


class Counts(Trace):
    """Exactly so many requests in each interval, spread over it at random.

    >>> trace = Counts(interval_seconds=60, requests=[3, 0, 2], duration_seconds=180)
    >>> sum(len(chunk.arrivals) for chunk in trace.chunks())
    5
    """

    pattern: Literal["counts"] = "counts"
    """Name of the pattern."""
    interval_seconds: Annotated[Number, Field(gt=0, le=1e7)]
    """Length of each interval; all of them together are `duration_seconds`. [s]"""
    requests: Column
    """Requests in each interval."""

    def _refuse_contradictions(self) -> None:
        parts = self.requests != np.round(self.requests)
        if parts.any():
            number = int(np.argmax(parts))
            raise InvalidInputError(
                f"requests must be whole numbers; number {number + 1} is {self.requests[number]:g}"
            )
        length = len(self.requests) * self.interval_seconds
        if abs(length - self.duration_seconds) > 1e-6 * length:
            raise InvalidInputError(
                f"duration_seconds ({self.duration_seconds:g}) must be that of the"
                f" {len(self.requests)} intervals together ({length:g}) [s]"
            )

    def cumulative(self, seconds: Times) -> Times:
        """Requests expected until each of these instants."""
        return np.interp(seconds, self._edges, self._before)

    def changes(self, start: float, end: float) -> Times:
        """Ends of the intervals. [s]"""
        return between(self._edges, start, end)

    def chunks(self) -> Iterator[Chunk]:
        """The requests: several intervals to a chunk, or several chunks to a long interval."""
        for number, (edges, counts) in enumerate(self._groups()):
            rng = self._generator(number)
            arrivals = _spread(rng, counts, edges)
            yield self._chunk(rng, arrivals, float(edges[0]), float(edges[-1]))

    def _groups(self) -> Iterator[tuple[Times, NDArray[np.int64]]]:
        """Edges of the intervals of each chunk, and the requests between them."""
        whole = self.requests.astype(np.int64)
        most = max(int(DAY_SECONDS / self.interval_seconds), 1)
        first = 0
        while first < len(whole):
            full = np.searchsorted(self._before, self._before[first] + CHUNK_REQUESTS, "right") - 1
            last = min(max(int(full), first + 1), first + most, len(whole))
            edges, counts = self._edges[first : last + 1], whole[first:last]
            parts = self._parts(int(counts[0])) if last == first + 1 else 1
            if parts == 1:
                yield edges, counts
            else:
                yield from self._split(first, int(counts[0]), parts)
            first = last

    def _parts(self, count: int) -> int:
        """Chunks that an interval of its own needs."""
        days = int(np.ceil(self.interval_seconds / DAY_SECONDS))
        return max(-(-count // CHUNK_REQUESTS), days, 1)

    def _split(
        self, interval: int, count: int, parts: int
    ) -> Iterator[tuple[Times, NDArray[np.int64]]]:
        """The requests of an interval over its chunks, each equally likely in each."""
        rng = np.random.default_rng(np.random.SeedSequence([self.seed, interval, _SPLIT]))
        requests = rng.multinomial(count, np.full(parts, 1 / parts))
        edges = np.linspace(self._edges[interval], self._edges[interval + 1], parts + 1)
        for part in range(parts):
            yield edges[part : part + 2], requests[part : part + 1]

    @cached_property
    def _edges(self) -> Times:
        return np.linspace(0.0, self.duration_seconds, len(self.requests) + 1)

    @cached_property
    def _before(self) -> Times:
        """Requests before each edge."""
        return np.append(0.0, np.cumsum(self.requests))


def _spread(rng: np.random.Generator, counts: NDArray[np.int64], edges: Times) -> Times:
    """Ordered uniform instants, exactly so many in each interval. [s]

    As in `trace.ordered_times`, by partial sums of exponentials, one row of them an interval.
    """
    sums = np.append(0.0, np.cumsum(rng.standard_exponential(int(counts.sum()) + len(counts))))
    ends = np.append(0, np.cumsum(counts + 1))
    lengths = np.diff(edges) / np.diff(sums[ends])
    last = np.zeros(len(sums), dtype=bool)
    last[ends] = True
    times = np.repeat(edges[:-1], counts)
    times += (sums[~last] - np.repeat(sums[ends[:-1]], counts)) * np.repeat(lengths, counts)
    np.minimum(times, np.repeat(np.nextafter(edges[1:], edges[:-1]), counts), out=times)
    return times
