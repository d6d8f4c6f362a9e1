"""The compiled engine: feeds the kernel chunk by chunk, and speaks to the control plane."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.notes import Note, announce
from models.simulation import kernel
from models.simulation.clock import Clock
from models.simulation.latency import BUCKETS
from models.simulation.outcomes import FAILED, OUTCOMES, UNFINISHED
from models.simulation.targets import RECORD, Period, Serving
from models.workload import Chunk

_NOBODY = np.empty(0, dtype=np.int32)
#: Whatever is drawn chunk by chunk.
Drawn = TypeVar("Drawn")


def tell_if_compiling(serve: Any) -> None:
    """Say so where a kernel must be compiled first: once on a machine, then it is kept."""
    kept = Path(serve.stats.cache_path).glob(f"kernel.{serve.__name__}-*.nbi")
    if not serve.signatures and not any(kept):
        announce(Note("Compiling the simulation kernel, once on this machine: some ten seconds."))


def drawn_ahead(chunks: Iterator[Drawn]) -> Iterator[Drawn]:
    """The same chunks, each drawn on a second thread while the one before is served."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(next, chunks, None)
            yield chunk


def rows(shape: int | tuple[int, ...], dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """Records of zeros, with their fields as attributes, as the kernels want them."""
    return np.zeros(shape, dtype=dtype).view(np.recarray)


def with_room(records: NDArray[np.void], needed: int) -> NDArray[np.void]:
    """The same records, or, where they are fewer than needed, a longer copy that ends in zeros."""
    held = len(records)
    if needed <= held:
        return records
    longer = rows(max(needed, 2 * held), records.dtype)
    longer[:held] = records
    return longer


class CompiledTargets:
    """Targets whose requests are served by the kernel; see `models.simulation.targets.Targets`.

    Parameters
    ----------
    clock : Clock
    serving : Serving
    chunks : iterator of Chunk
        The arrivals, in order.
    keep_records : bool
        Keep a row for each request.
    """

    #: What serves.
    entry: ClassVar[Any] = kernel.serve

    def __init__(
        self,
        clock: Clock,
        serving: Serving,
        chunks: Iterator[Chunk],
        *,
        keep_records: bool = False,
    ) -> None:
        tell_if_compiling(self.entry)
        self.clock, self.serving = clock, serving
        self.chunks = drawn_ahead(chunks)
        self.state = _state(serving, 0)
        self._keep_records = keep_records
        self._first = self._number = 0  # in the chunk; and before it
        self._chunk = self._next_chunk()
        self._served_until = self._last_read = 0.0
        self._ramp_until = 0.0
        self._groups: list[list[int]] = [[] for _ in serving.weights]

    def grow_to(self, slots: int) -> None:
        self._serve()
        old, held = self.state, self.state.targets.size
        if slots > held:
            grown = _state(self.serving, slots)
            for name in ("targets", "workers", "line", "routable"):
                getattr(grown, name)[:held] = getattr(old, name)
            by_slot = {name: getattr(grown, name) for name in ("targets", "workers", "line")}
            self.state = old._replace(**by_slot, routable=grown.routable)

    def route_to(self, groups: Sequence[Sequence[int]]) -> None:
        self._serve()
        given = [list(group) for group in groups]
        if given == self._groups:
            return
        state, first = self.state, 0
        state.targets["routable"] = 0
        for row, was, slots in zip(state.groups, self._groups, given, strict=True):
            state.routable[first : first + len(slots)] = slots
            state.targets["routable"][slots] = 1
            row["first"], row["count"] = first, len(slots)
            if was != slots:
                row["turn"] = 0
                state.targets["credit"][slots] = 0.0
            first += len(slots)
        self._groups = given

    def ramp(self, slot: int) -> None:
        self._serve()
        self.state.targets[slot]["ramp_start"] = self.clock.now
        self._ramp_until = self.clock.now + self.serving.slow_start_seconds

    def renew(self, slot: int) -> None:
        self._serve()
        target = self.state.targets[slot]
        for field in ("work", "credit", "head", "routed"):
            target[field] = 0
        target["ramp_start"], target["failed"] = -np.inf, 1
        self.state.bindings["slot"][self.state.bindings["slot"] == slot] = -1

    def restore(self, slot: int) -> None:
        self._serve()
        self.state.targets[slot]["failed"] = 0

    def fail(self, slot: int) -> None:
        self.cut(slot)
        self.state.targets[slot]["failed"] = 1

    def cut(self, slot: int) -> None:
        self._serve()
        self._break(slot, FAILED)

    def outstanding(self, slot: int) -> float:
        self._serve()
        target = self.state.targets[slot]
        return int(target["busy"]) + int(target["waiting"])

    def waiting(self, slot: int) -> float:
        self._serve()
        return int(self.state.targets[slot]["waiting"])

    def read(self) -> Period:
        self._serve()
        state, now = self.state, self.clock.now
        work = np.empty(state.targets.size)
        kernel.read_work(state, now, work)
        period = Period(
            now - self._last_read,
            work.tolist(),
            state.targets["routed"].tolist(),
            state.outcomes.copy(),
            float(state.latency[0]),
            state.histogram.copy(),
        )
        self._last_read = now
        state.targets["routed"] = 0
        for counted in (state.outcomes, state.histogram, state.latency):
            counted[:] = 0
        return period

    def close(self) -> None:
        self._serve()
        for slot in range(self.state.targets.size):
            self._break(slot, UNFINISHED)

    @property
    def records(self) -> NDArray[np.void]:
        """One row for each request so far, in order of arrival; see `targets.RECORD`."""
        kept: NDArray[np.void] = self.state.records[: self._number + self._first].view(np.ndarray)
        return kept

    def _break(self, slot: int, outcome: int) -> None:
        patience = float(self.serving.patience_seconds)
        kernel.break_connections(self.state, slot, float(self.clock.now), patience, outcome)

    def _serve(self) -> None:
        """Serve what arrives before now; a chunk at a time, never past what is known of it."""
        now = self.clock.now
        while self._chunk is not None and self._chunk.end_seconds <= now:
            self._serve_chunk(self._chunk, self._chunk.end_seconds)
            self._number, self._first = self._number + self._first, 0
            self._chunk = self._next_chunk()
        if self._chunk is not None and self._served_until < now:
            self._serve_chunk(self._chunk, now)
        elif self._served_until < now:
            self._serve_chunk(Chunk(now, now, np.empty(0), np.empty(0), _NOBODY), now)

    def _next_chunk(self) -> Chunk | None:
        """The next arrivals; where records are kept, with room for theirs."""
        chunk = next(self.chunks, None)
        if chunk is not None and self._keep_records:
            records = with_room(self.state.records, self._number + len(chunk.arrivals))
            self.state = self.state._replace(records=records)
        return chunk

    def _serve_chunk(self, chunk: Chunk, until: float) -> None:
        """One call of the kernel."""
        self._first = kernel.serve(
            self.state, *self._rules(), chunk.arrivals, chunk.work, chunk.clients, self._first,
            self._number, float(until),
        )  # fmt: skip
        self._served_until = until

    def _rules(self) -> tuple[Any, ...]:
        """How to serve. Each argument has one type always, or the kernel would compile anew."""
        serving = self.serving
        return (
            serving.algorithm, serving.places, float(serving.patience_seconds),
            serving.abandons_line, float(serving.slow_start_seconds), float(self._ramp_until),
            float(serving.stickiness_seconds),
        )  # fmt: skip


def _state(serving: Serving, slots: int) -> kernel.State:
    """A kernel state with nobody in it."""
    state = kernel.State(
        targets=rows(slots, kernel.TARGET),
        workers=rows((slots, serving.workers), kernel.WORKER),
        line=rows((slots, max(serving.places, 1)), kernel.PLACE),
        groups=rows(len(serving.weights), kernel.GROUP),
        routable=np.zeros(slots, dtype=np.int64),
        bindings=rows(serving.clients if serving.stickiness_seconds else 0, kernel.BINDING),
        outcomes=np.zeros(len(OUTCOMES), dtype=np.int64),
        histogram=np.zeros(BUCKETS, dtype=np.int64),
        latency=np.zeros(1),
        records=rows(0, RECORD),
    )
    state.targets["next_event"] = np.inf
    state.targets["ramp_start"] = -np.inf
    state.targets["failed"] = 1
    state.workers["finish"] = np.inf
    state.groups["weight"] = serving.weights
    state.bindings["slot"] = -1
    return state
