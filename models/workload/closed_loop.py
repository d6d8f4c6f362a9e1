"""A closed loop: clients who wait for an answer before they ask again."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.distributions import Duration, Exponential, Fixed
from models.errors import InvalidInputError
from models.resource import Settings
from models.workload.trace import MONDAY, Seed, Start


class ClosedLoop(Settings):
    """What a load-test tool with so many connections does, such as ``hey -n 10000 -c 100``.

    Each connection sends, waits for the outcome, thinks, and sends again; so a slow server is
    asked less often. There is no rate: the system sets it.

    >>> loop = ClosedLoop(connections=100, requests=10_000, work=Fixed(seconds=0.1))
    >>> loop.think_time.mean_seconds
    0.0

    Raises
    ------
    InvalidInputError
        Where there are fewer requests than connections, or requests that need no work.
    """

    pattern: Literal["closed_loop"] = "closed_loop"
    """Name of the pattern."""
    connections: Annotated[int, Field(ge=1, le=100_000, strict=True)]
    """Clients at a time (``-c``)."""
    requests: Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
    """Requests of all of them together (``-n``)."""
    work: Duration = Exponential(mean_seconds=0.1)
    """Worker-seconds that a request needs. [s]"""
    think_time: Duration = Fixed(seconds=0)
    """Between an answer and the next request of a connection. [s]"""
    seed: Seed = 0
    """Of work and think times."""
    start: Start = MONDAY
    """When it starts, for the activity log; UTC."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.requests < self.connections:
            raise InvalidInputError(
                f"requests ({self.requests}) must be at least connections ({self.connections}),"
                " or some connections would never send one"
            )
        if not self.work.mean_seconds > 0:
            raise InvalidInputError("work must take longer than 0 s on average")
        return self
