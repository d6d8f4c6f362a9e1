"""Some of the requests of another trace: what a part of its customers asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, SerializeAsAny

from models.distributions import Number
from models.errors import InvalidInputError
from models.workload.trace import Chunk, Times, Trace

#: Sets these random numbers apart from those that the trace itself draws.
_PART = 0x5041_5254

Share = Annotated[Number, Field(ge=0, le=1)]


class Part(Trace):
    """The requests of a trace on which a lot from `low` to `high` falls.

    Each request has one lot from 0 to 1. Parts that do not overlap and together reach from 0 to 1
    share out the very requests of the trace, whatever its pattern.

    >>> from models.workload import Constant
    >>> whole = Constant(rate_per_second=1, duration_seconds=3600)
    >>> parts = Part.of(whole, 0, 0.25), Part.of(whole, 0.25, 1)
    >>> counted = [sum(len(one.arrivals) for one in trace.chunks()) for trace in (whole, *parts)]
    >>> counted[0] == counted[1] + counted[2], parts[0].expected_requests
    (True, 900.0)
    """

    pattern: Literal["part"] = "part"
    """Name of the pattern."""
    trace: SerializeAsAny[Trace]
    """Whose requests they are."""
    low: Share
    """Smallest lot that belongs to it."""
    high: Share
    """Lots from here on do not."""

    @classmethod
    def of(cls, trace: Trace, low: float, high: float) -> Self:
        """The part of a trace."""
        same = ("duration_seconds", "work", "seed", "clients", "start")
        kept = {name: getattr(trace, name) for name in same}
        return cls(trace=trace, low=low, high=high, **kept)

    def _refuse_contradictions(self) -> None:
        if not self.low < self.high:
            raise InvalidInputError(f"low ({self.low:g}) must be below high ({self.high:g})")

    def replace(self, **changes: Any) -> Self:
        """The same with some fields changed; those that all traces have, in the whole trace."""
        bounds = {name: changes.pop(name, getattr(self, name)) for name in ("low", "high")}
        whole = changes.pop("trace", self.trace)
        return type(self).of(whole.replace(**changes), **bounds)

    def scaled(self, factor: float) -> Self:
        """The same part of the whole trace with `factor` times as many requests."""
        return self.replace(trace=self.trace.scaled(factor))

    def slowed(self, factor: float) -> Self:
        """The same requests, each with `factor` times as much work."""
        return self.replace(trace=self.trace.slowed(factor))

    def cumulative(self, seconds: Times) -> Times:
        """Requests expected from the start until each of these instants."""
        return self.trace.cumulative(seconds) * (self.high - self.low)

    def changes(self, start: float, end: float) -> Times:
        """Instants at which the rate changes. [s]"""
        return self.trace.changes(start, end)

    def chunks(self) -> Iterator[Chunk]:
        """The requests, in the chunks of the whole trace."""
        for number, chunk in enumerate(self.trace.chunks()):
            rng = np.random.default_rng(np.random.SeedSequence([self.seed, number, _PART]))
            lots = rng.random(len(chunk.arrivals))
            mine = (self.low <= lots) & (lots < self.high)
            yield chunk._replace(
                arrivals=chunk.arrivals[mine], work=chunk.work[mine],
                clients=chunk.clients[mine] if len(chunk.clients) else chunk.clients,
                statements=chunk.statements[mine] if len(chunk.statements) else chunk.statements,
            )  # fmt: skip
