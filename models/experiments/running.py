"""Making many runs, in any order and anywhere, and keeping what is done whatever happens."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
)
from types import TracebackType
from typing import Any, Self, TypeVar

from models.errors import InvalidInputError, ModelError
from models.experiments.executors import process_pool, refuse_unsendable, workers_of
from models.experiments.measures import Call, Row

#: Into so many tasks at most an experiment is cut: enough to keep hundreds of workers busy to the
#: end, so few that what a task costs (about a millisecond) does not count.
MOST_TASKS = 1000
#: More runs than this do not fit in a table in memory.
MOST_RUNS = 10_000_000

Result = TypeVar("Result")


class ExperimentError(ModelError, RuntimeError):
    """A run failed or whoever made the runs broke down; `partial` is the result of the others."""

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial


class Runs:
    """Makes the runs of one experiment; the processes that it starts end with it.

    Parameters
    ----------
    executor : Executor or None
        Who makes the runs; None is this process.
    workers : int, "all cores" or None
        Processes to start for it instead.
    progress : bool
        Show a bar on stderr, for what takes longer than two seconds.
    """

    def __init__(
        self, executor: Executor | None, workers: int | str | None, *, progress: bool
    ) -> None:
        from tqdm import tqdm

        self._processes = workers_of(workers, executor)
        self._executor = executor
        self._own: ProcessPoolExecutor | None = None
        self._bar = tqdm(
            total=0, delay=2, leave=False, file=sys.stderr, disable=not progress, unit="run"
        )
        self.stopped = ""
        """Why no more runs are made; empty while nothing happened."""
        self.error: Exception | None = None
        """What broke, where it was not Ctrl-C."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._bar.close()
        if self._own is not None:
            self._own.shutdown(wait=not self.stopped, cancel_futures=True)

    def __call__(self, calls: Sequence[Call]) -> list[Row | None]:
        """What each call gave; None for those that were not made because something stopped them."""
        rows: list[Row | None] = [None] * len(calls)
        self._bar.total = (self._bar.total or 0) + len(calls)
        if self.stopped or not calls:
            return rows
        try:
            self._make(calls, rows)
        except KeyboardInterrupt:
            self.stopped = "interrupted"
        except InvalidInputError:
            raise
        except Exception as error:
            self.stopped, self.error = _told(error), error
        return rows

    def keep(self, result: Result) -> Result:
        """`result`, or the error that holds it where something broke."""
        if self.error is not None:
            raise ExperimentError(self.stopped, partial=result) from self.error
        return result

    def _make(self, calls: Sequence[Call], rows: list[Row | None]) -> None:
        if self._executor is None and self._processes:
            self._own = self._executor = process_pool(self._processes)
        if isinstance(self._executor, ProcessPoolExecutor):
            refuse_unsendable(calls[0], self._executor)
        if self._executor is None:
            for number, call in enumerate(calls):
                rows[number] = make([call])[0]
                self._bar.update()
        else:
            self._distribute(self._executor, calls, rows)

    def _distribute(
        self, executor: Executor, calls: Sequence[Call], rows: list[Row | None]
    ) -> None:
        size = -(-len(calls) // MOST_TASKS)
        tasks: dict[Future[list[Row]], int] = {}
        try:
            for start in range(0, len(calls), size):
                tasks[executor.submit(make, calls[start : start + size])] = start
            for task in as_completed(tasks):
                self._bar.update(len(task.result()))
        finally:
            for task, start in tasks.items():
                if not task.cancel() and task.done() and task.exception() is None:
                    rows[start : start + size] = task.result()


def refuse_too_many(count: int) -> None:
    """Refuse more runs than fit in a table in memory."""
    if count > MOST_RUNS:
        raise InvalidInputError(f"{count:,} runs are too many; at most {MOST_RUNS:,}")


def make(calls: Sequence[Call]) -> list[Row]:
    """What each call gives; runs wherever the executor is.

    Raises
    ------
    ExperimentError
        Naming the call that failed, and why.
    """
    rows = []
    for call in calls:
        try:
            rows.append(call.row())
        except Exception as error:
            why = " ".join(str(error).split())
            kind = "" if isinstance(error, ModelError) else f"{type(error).__name__}: "
            raise ExperimentError(f"{call} failed: {kind}{why}") from error
    return rows


def _told(error: Exception) -> str:
    if isinstance(error, ExperimentError):
        return str(error)
    why = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, BrokenExecutor):
        return (
            "a worker process died: killed, out of memory, or started by a script without"
            f" `if __name__ == '__main__':` ({why})"
        )
    if isinstance(error, CancelledError):
        return "the executor gave up its tasks: its scheduler has gone, or somebody cancelled them"
    return f"the executor failed: {type(error).__name__}: {why}"
