"""The compiled engine of a database behind the workers: feeds the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from models.simulation import kernel
from models.simulation.clock import Clock
from models.simulation.compiled import CompiledTargets, rows, with_room
from models.simulation.database.serving import DatabasePeriod, DatabaseServing
from models.simulation.targets import Period, Serving
from models.workload import Chunk


class CompiledCallingTargets(CompiledTargets):
    """Targets that call a database; see `models.simulation.targets.Targets`.

    Parameters
    ----------
    clock, serving, chunks, keep_records
        As for the engine without a database; each chunk has its statements.
    database : DatabaseServing
    """

    entry: ClassVar[Any] = kernel.serve_calling

    def __init__(
        self, clock: Clock, serving: Serving, chunks: Iterator[Chunk],
        database: DatabaseServing, *, keep_records: bool = False,
    ) -> None:  # fmt: skip
        self._prefilled = database.prefilled
        self._closed: DatabasePeriod | None = None
        self.calls = _calls(serving, database)
        super().__init__(clock, serving, chunks, keep_records=keep_records)

    def grow_to(self, slots: int) -> None:
        held = self.state.targets.size
        super().grow_to(slots)
        if slots > held:
            waiting = np.zeros((slots, self.calls.waiting.shape[1]))
            waiting[:held] = self.calls.waiting
            self.calls = self.calls._replace(
                waiting=waiting,
                nodes=_longer(self.calls.nodes, slots * self.serving.workers),
                pools=_longer(self.calls.pools, slots),
                lines=_longer(self.calls.lines, kernel.POOLS + slots),
            )

    def restore(self, slot: int) -> None:
        super().restore(slot)
        if self._prefilled:
            kernel.fill_pool(self.calls, slot)

    def fail(self, slot: int) -> None:
        super().fail(slot)
        kernel.close_pool(self.calls, slot)

    def lose_database(self) -> None:
        """The database goes away, and with it what it executes and every connection to it.

        What waits for a connection of a proxy goes on waiting.
        """
        self._serve()
        self._have_room()
        patience = float(self.serving.patience_seconds)
        kernel.lose_database(self.state, self.calls, float(self.clock.now), patience)

    def regain_database(self) -> None:
        """The database accepts connections again."""
        self._serve()
        self._have_room()
        kernel.regain_database(self.calls, float(self.clock.now))

    def read(self) -> Period:
        period = super().read()
        period.database = self._closed or self._read_database()
        return period

    def close(self) -> None:
        self._serve()
        self._closed = self._read_database()  # as it stands, before all is let go
        super().close()

    def _read_database(self) -> DatabasePeriod:
        database = self.calls.database[0]
        period = DatabasePeriod(
            int(database["opened"]),
            float(kernel.read_database(self.calls, float(self.clock.now))),
            int(self.calls.lines[kernel.TURN]["count"]),
            int(database["refused"]),
        )
        database["refused"] = 0
        return period

    def _break(self, slot: int, outcome: int) -> None:
        self._have_room()
        patience = float(self.serving.patience_seconds)
        now = float(self.clock.now)
        kernel.break_calls(self.state, self.calls, slot, now, patience, outcome)

    def _serve_chunk(self, chunk: Chunk, until: float) -> None:
        """Call the kernel until it needs no longer heap."""
        self._have_room()
        while True:
            first = kernel.serve_calling(
                self.state, self.calls, *self._rules(), chunk.arrivals, chunk.work,
                chunk.statements, chunk.clients, self._first, self._number, float(until),
            )  # fmt: skip
            if first >= 0:
                break
            self._first = -1 - first
            self._have_room(at_least=2 * self.calls.heap.size)
        self._first, self._served_until = first, until

    def _have_room(self, at_least: int = 0) -> None:
        """Make the heap long enough for whatever one act of the control plane can post."""
        posted = int(self.calls.database[0]["events"]) + 3 * self.calls.nodes.size
        heap = with_room(self.calls.heap, max(posted + kernel.ROOM, at_least))
        if heap is not self.calls.heap:
            self.calls = self.calls._replace(heap=heap)


def _longer(records: Any, needed: int) -> Any:
    """A copy of so many rows that ends in zeros."""
    longer = rows(needed, records.dtype)
    longer[: len(records)] = records
    return longer


def _calls(serving: Serving, database: DatabaseServing) -> kernel.Calls:
    """The state of a database that nobody uses."""
    calls = kernel.Calls(
        nodes=rows(0, kernel.CALL),
        waiting=np.zeros((0, max(serving.places, 1))),
        pools=rows(0, kernel.POOL),
        lines=rows(kernel.POOLS, kernel.LINE),
        database=rows(1, kernel.DATABASE),
        heap=rows(1 << 10, kernel.EVENT),
    )
    row = calls.database[0]
    for field in ("pool_timeout", "borrow_timeout", "statement_timeout"):
        row[field] = getattr(database, f"{field}_seconds")
    for field in ("servers", "connections", "pool_size", "proxied"):
        row[field] = getattr(database, field)
    return calls
