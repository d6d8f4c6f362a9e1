"""A trace: expected arrivals over time, drawn chunk by chunk as a Poisson process.

Chunk `k` is drawn from a generator of its own, seeded by the trace's seed and `k`, so that the
requests do not depend on who asks for them, or how far.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import AfterValidator, Field, model_validator

from models.distributions import Duration, Exponential, Number, Positive, scaled
from models.errors import InvalidInputError
from models.resource import Settings
from models.units import HOURS_PER_DAY, SECONDS_PER_HOUR

DAY_SECONDS = float(HOURS_PER_DAY * SECONDS_PER_HOUR)
#: A rate that changes all the time is drawn as steps of this length. [s]
STEP_SECONDS = 60.0
#: A chunk holds half to all of this, on average: few enough to stay in a processor's cache.
CHUNK_REQUESTS = 20_000
MOST_REQUESTS = 1e11
#: Years that a trace may start in, so that no date of a simulation leaves the calendar.
YEARS = (1970, 2200)

Times = NDArray[np.float64]
Rate = Annotated[Number, Field(ge=0, le=1e7)]
#: Every trace's seed is one word of entropy, so that no two seeds share a chunk.
Seed = Annotated[int, Field(ge=0, le=2**32 - 1, strict=True)]
Clients = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("must have a time zone, such as 2026-06-01T00:00:00Z")
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(f"must lie in the years {YEARS[0]} to {YEARS[1]}")
    return moment.astimezone(UTC)


Start = Annotated[datetime, AfterValidator(_utc)]
MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


class Chunk(NamedTuple):
    """The requests of a stretch of time.

    Parameters
    ----------
    start_seconds, end_seconds : float
        Arrivals lie in [start, end). [s]
    arrivals : array of shape (requests,)
        In order, since the start of the trace. [s]
    work : array of shape (requests,)
        Worker-seconds that each one needs. [s]
    clients : array of shape (requests,), or (0,)
        Which client asks, where the trace tells them apart.
    statements : array of shape (requests,), or (0,)
        Time that each one's statements take at a database; a trace itself knows of none. [s]
    """

    start_seconds: float
    end_seconds: float
    arrivals: Times
    work: Times
    clients: NDArray[np.int32]
    statements: Times = np.empty(0)


class Trace(Settings):
    """What all open workloads have in common: nobody waits for an answer before asking again.

    A pattern derives from it and says two things: `cumulative` and `changes`.

    Raises
    ------
    InvalidInputError
        Where no request is expected, too many are, or a field is out of bounds.
    """

    duration_seconds: Positive
    """How long it lasts. [s]"""
    work: Duration = Exponential(mean_seconds=0.1)
    """Worker-seconds that a request needs. [s]"""
    seed: Seed = 0
    """Another seed, other customers with the same habits."""
    clients: Clients = 0
    """Clients that are told apart, each equally likely to ask; 0 tells none apart."""
    start: Start = MONDAY
    """When it starts, for schedules, logs and hours of the day: a Monday at midnight unless given.
    Hours are UTC."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        self._refuse_contradictions()
        if not self.work.mean_seconds > 0:
            raise InvalidInputError("work must take longer than 0 s on average")
        if not 0 < self.expected_requests <= MOST_REQUESTS:
            raise InvalidInputError(
                f"{self.expected_requests:,.0f} requests are expected; must be more than 0 and at"
                f" most {MOST_REQUESTS:,.0f}"
            )
        return self

    def _refuse_contradictions(self) -> None:
        """Check fields against each other, before anything is computed from them."""

    # Pydantic compares what is kept for later as well, and an array has no single truth value.
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            _same(getattr(self, name), getattr(other, name)) for name in type(self).model_fields
        )

    def __hash__(self) -> int:
        return hash((type(self), self.duration_seconds, self.work, self.seed, self.clients))

    def cumulative(self, seconds: Times) -> Times:
        """Requests expected from the start until each of these instants of the trace."""
        raise TypeError(f"{type(self).__name__} does not say how many requests it expects")

    def changes(self, start: float, end: float) -> Times:
        """Instants between `start` and `end`, rising, between which the rate is constant. [s]"""
        return np.empty(0)

    @cached_property
    def expected_requests(self) -> float:
        """Requests expected over the whole trace."""
        return float(self.cumulative(np.array([self.duration_seconds]))[0])

    def rates(self, edges: ArrayLike) -> Times:
        """Requests expected between each two neighbors of `edges`, by the second.

        Parameters
        ----------
        edges : array
            Rising; after the end of the trace nobody asks. [s]

        Returns
        -------
        array
            One element less than `edges`. [1/s]

        Raises
        ------
        InvalidInputError
            Where edges fall, or are not numbers.
        """
        at = np.asarray(edges, dtype=np.float64)
        lengths = np.diff(at)
        if at.ndim != 1 or not np.all(np.isfinite(at)) or np.any(lengths < 0):
            raise InvalidInputError("edges must be a list of finite numbers that do not fall [s]")
        expected = np.diff(self.cumulative(np.clip(at, 0.0, self.duration_seconds)))
        return np.divide(expected, lengths, out=np.zeros_like(lengths), where=lengths > 0)

    def scaled(self, factor: float) -> Self:
        """The same shape with `factor` times as many requests: every rate is multiplied.

        Raises
        ------
        InvalidInputError
            Where the trace has no rates, since it replays requests that were counted.
        """
        rates: dict[str, Any] = {
            name: getattr(self, name) * factor
            for name in type(self).model_fields
            if name.endswith("_per_second") and getattr(self, name) is not None
        }
        if not rates:
            raise InvalidInputError(
                f"{type(self).__name__} replays known requests and has no rates to scale"
            )
        return self.replace(**rates)

    def slowed(self, factor: float) -> Self:
        """The same requests, each with `factor` times as much work.

        Raises
        ------
        InvalidInputError
            Where the factor is not above 0.
        """
        return self.replace(work=scaled(self.work, factor))

    def chunks(self) -> Iterator[Chunk]:
        """The requests, chunk by chunk, from the start to the end; the same on each call.

        A chunk ends at midnight of the trace, or before, where a day holds too many requests.
        """
        number = 0
        for start, end in self._days():
            for edges, levels in self._stretches(start, end):
                rng = self._generator(number)
                arrivals = ordered_times(rng, int(rng.poisson(levels[-1])), edges, levels)
                yield self._chunk(rng, arrivals, float(edges[0]), float(edges[-1]))
                number += 1

    def _days(self) -> Iterator[tuple[float, float]]:
        days = int(np.ceil(self.duration_seconds / DAY_SECONDS))
        for day in range(days):
            last = day == days - 1
            yield day * DAY_SECONDS, self.duration_seconds if last else (day + 1) * DAY_SECONDS

    def _stretches(self, start: float, end: float) -> Iterator[tuple[Times, Times]]:
        """Chunks of a day: instants of constant rate, and requests expected until each."""
        edges = np.concatenate(([start], self.changes(start, end), [end]))
        # Rounding must not make an expected number of requests fall.
        levels = np.maximum.accumulate(self.cumulative(edges))
        levels -= levels[0]
        parts = max(int(np.ceil(levels[-1] / CHUNK_REQUESTS)), 1)
        if parts == 1:
            yield edges, levels
            return
        marks = np.linspace(0.0, levels[-1], parts + 1)
        cuts = np.concatenate(([start], np.interp(marks[1:-1], levels, edges), [end]))
        first = np.searchsorted(edges, cuts, "right")
        last = np.searchsorted(edges, cuts, "left")
        for part in range(parts):
            low, high = marks[part], marks[part + 1]
            inside = slice(first[part], last[part + 1])
            within = np.clip(levels[inside] - low, 0.0, high - low)
            yield (
                np.concatenate((cuts[part : part + 1], edges[inside], cuts[part + 1 : part + 2])),
                np.concatenate(([0.0], within, [high - low])),
            )

    def _generator(self, number: int) -> np.random.Generator:
        """Random numbers of the chunk with this number."""
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence([self.seed, number])))

    def _chunk(self, rng: np.random.Generator, arrivals: Times, start: float, end: float) -> Chunk:
        """The chunk of these arrivals: their work and their clients are drawn after them."""
        work = self.work.draw(rng, len(arrivals))
        asked = len(arrivals) if self.clients else 0
        who = rng.integers(0, max(self.clients, 1), asked, dtype=np.int32)
        return Chunk(start, end, arrivals, work, who)


def between(instants: Times, start: float, end: float) -> Times:
    """Those of some rising instants that lie between `start` and `end`, without either. [s]"""
    return instants[np.searchsorted(instants, start, "right") : np.searchsorted(instants, end)]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)


def ordered_times(rng: np.random.Generator, count: int, edges: Times, levels: Times) -> Times:
    """So many arrivals in order, spread as `levels` rises from 0 over `edges`. [s]

    Ordered uniforms are the normalized partial sums of exponentials (Devroye, Non-Uniform Random
    Variate Generation, 1986, chapter V).
    """
    sums = np.cumsum(rng.standard_exponential(count + 1))
    times = sums[:-1]
    start, end = edges[0], edges[-1]
    if len(edges) == 2:
        times *= (end - start) / sums[-1]
        times += start
    else:
        times *= levels[-1] / sums[-1]
        # Rounding at a corner must not put one arrival before the last.
        times = np.maximum.accumulate(np.interp(times, levels, edges))
    # Rounding can reach the end, and what arrives then belongs to the next chunk.
    np.minimum(times, np.nextafter(end, start), out=times)
    return times
