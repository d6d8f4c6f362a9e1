"""The database that a run's instances share: how much it does at a time, whom it lets in."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import pairwise
from typing import Annotated, Any, Protocol, Self

import simpy
from pydantic import Field, field_validator, model_validator

from models.errors import InvalidInputError
from models.quotas import instance_type
from models.resource import Settings
from models.services.autoscaling import Queries
from models.services.rds import ConnectionPoolConfiguration, DBCluster, DBInstance
from models.simulation.clock import Clock
from models.simulation.database.serving import NEVER, DatabaseServing
from models.simulation.streams import stream
from models.workload import Chunk, Trace

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Failover(Settings):
    """The writer fails, and its standby takes over.

    Every statement and every connection of that moment is lost, and new connections are refused
    until it is over; a proxy keeps its clients waiting instead.
    """

    at_seconds: Seconds
    """When, since the start of the trace. [s]"""
    duration_seconds: Positive
    """Until connections are accepted again; `models.services.rds.failover` has AWS's times. [s]"""


class Database(Settings):
    """A relational database behind the workers of a fleet.

    Assumed: each vCPU executes one statement at a time, and the others wait their turn in order of
    arrival. Real databases share the CPU among all statements, which has the same throughput and,
    for statements of exponential length, the same mean time. Where a connection is refused, its
    request fails at once, and nothing is tried again; connections once opened stay open; no session
    is pinned to a connection of the proxy, which adds no time of its own.
    """

    vcpus: Annotated[int, Field(ge=1, le=1024, strict=True)]
    """Statements that it executes at a time."""
    max_connections: Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
    """Connections that it accepts."""
    proxy: ConnectionPoolConfiguration | None = None
    """An RDS Proxy in front of it, which lends its connections statement by statement."""
    failovers: tuple[Failover, ...] = ()
    """Planned failures of the writer."""

    @field_validator("failovers")
    @classmethod
    def _one_after_the_other(cls, value: tuple[Failover, ...]) -> tuple[Failover, ...]:
        ordered = sorted(value, key=lambda one: one.at_seconds)
        for one, following in pairwise(ordered):
            if one.at_seconds + one.duration_seconds > following.at_seconds:
                raise ValueError(
                    f"must not overlap: one from {one.at_seconds:g} s for"
                    f" {one.duration_seconds:g} s, the next at {following.at_seconds:g} s"
                )
        return tuple(ordered)

    @model_validator(mode="after")
    def _proxy_opens_some(self) -> Self:
        if self.proxy and not self.proxy.largest_pool(self.max_connections):
            raise InvalidInputError(
                f"max_connections_percent {self.proxy.max_connections_percent} of"
                f" {self.max_connections} max_connections leaves the proxy no connection"
            )
        return self

    @classmethod
    def of(cls, resource: DBInstance | DBCluster, **fields: Any) -> Self:
        """The database that a resource describes: vCPUs and connections of its class.

        Raises
        ------
        InvalidInputError
            Where the resource has no instance class.
        """
        name = resource.db_instance_class
        if name is None:
            raise InvalidInputError(f"{resource.name}: needs a db_instance_class to be simulated")
        vcpus = instance_type(name.removeprefix("db.")).vcpus
        return cls(vcpus=vcpus, max_connections=int(resource.max_connections), **fields)

    def serving(self, queries: Queries) -> DatabaseServing:
        """What an engine must know."""
        proxy = self.proxy
        return DatabaseServing(
            servers=self.vcpus,
            connections=int(proxy.largest_pool(self.max_connections)) if proxy
            else self.max_connections,
            pool_size=queries.pool_size,
            pool_timeout_seconds=float(queries.pool_timeout_seconds),
            prefilled=queries.prefilled,
            statement_timeout_seconds=float(queries.statement_timeout_seconds or NEVER),
            proxied=proxy is not None,
            borrow_timeout_seconds=float(proxy.connection_borrow_timeout_seconds) if proxy
            else NEVER,
        )  # fmt: skip


class Losable(Protocol):
    """An engine whose database can fail."""

    def lose_database(self) -> None:
        """The database goes away."""

    def regain_database(self) -> None:
        """It accepts connections again."""


def fail_over(
    clock: Clock, engine: Losable, failovers: tuple[Failover, ...]
) -> Generator[simpy.Event, Any, None]:
    """A process: the planned failures, one after the other."""
    for one in failovers:
        yield clock.until(one.at_seconds)
        engine.lose_database()
        yield clock.after(one.duration_seconds)
        engine.regain_database()


def with_statements(trace: Trace, queries: Queries) -> Iterator[Chunk]:
    """The requests of a trace, each with the time that its statements take.

    They depend on the trace's seed alone, so that every architecture meets the same ones.
    """
    for number, chunk in enumerate(trace.chunks()):
        rng = stream(trace.seed, "statements", str(number))
        seconds = queries.time.draw(rng, len(chunk.arrivals))
        seconds[rng.random(len(seconds)) >= queries.share] = 0.0
        yield chunk._replace(statements=seconds)
