"""What runs on an instance: its workers, its line, how it starts and how it fails."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.distributions import Duration, Fixed
from models.resource import Settings

Workers = Annotated[int, Field(ge=1, le=10_000, strict=True)]
Places = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Crash(Settings):
    """One planned failure of the oldest instance that is in service."""

    at_seconds: Seconds
    """When, since the start of the trace. [s]"""
    kind: Literal["application", "instance"] = "application"
    """``application``: the program dies and the machine stays up, so that only checks of the load
    balancer notice. ``instance``: the machine stops."""


class Queries(Settings):
    """How a program uses a database: after its own part of a request, it waits for the answer.

    An instance keeps a pool of connections and opens one more where none of them is free. AWS
    documents nothing here; the defaults are those of common pools.
    """

    time: Duration
    """Time that the statements of one request take on an idle database, together. [s]"""
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the requests that ask the database; a cache answers the others. [share]"""
    pool_size: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 10
    """Connections that an instance opens at most."""
    pool_timeout_seconds: Positive = 30
    """How long a worker waits for a connection of the pool before the request fails. [s]"""
    prefilled: bool = False
    """Whether an instance opens its whole pool when it starts, or one by one when needed."""
    statement_timeout_seconds: Positive | None = None
    """Statements that take longer are cancelled; never, unless given. [s]"""


class Application(Settings):
    """A server program: it works on so many requests at a time and lets others wait."""

    workers: Workers = 4
    """Requests an instance works on at a time (threads, processes)."""
    queue_length: Places = 100
    """Requests that can wait in line at an instance; one more is answered 503 at once."""
    boot: Duration = Fixed(seconds=30)
    """From the operating system being up to the program answering. [s]"""
    client_timeout_seconds: Positive | None = None
    """A client who has waited this long leaves; never, unless given. [s]"""
    notices_abandonment: bool = True
    """Whether a waiting request whose client has left is dropped. A program that does not notice
    works through a line of clients who are gone."""
    cpu_percent_when_busy: Annotated[float, Field(gt=0, le=100)] = 100.0
    """CPU utilization of an instance all of whose workers are busy: below 100 where they wait for
    a database or another service. [percent]"""
    queries: Queries | None = None
    """How it uses a database; a worker is held until the database has answered."""
    crashes: tuple[Crash, ...] = ()
    """Planned failures."""
    mean_seconds_between_crashes: Positive | None = None
    """Mean time after which the program of an instance dies, drawn anew for each instance from an
    exponential distribution; it does not die unless given. [s]"""
    restart_seconds: Positive | None = None
    """After how long something on the instance restarts the program; never, unless given. [s]"""
