"""Where runs are made: this process, processes of this machine, a Dask cluster."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import signal
import sys
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from models.errors import InvalidInputError
from models.experiments.measures import Call, innermost, name_of, whole

ALL_CORES = "all cores"
ADDRESS_VARIABLE = "DASK_SCHEDULER_ADDRESS"


def executor_of(address: str | None = None, *, timeout_seconds: float = 5.0) -> Executor:
    """The cluster where one is named, all cores of this machine where none is.

    Parameters
    ----------
    address : str, optional
        Of a Dask scheduler, such as ``tcp://10.0.0.5:8786``; by default the environment variable
        ``DASK_SCHEDULER_ADDRESS``.
    timeout_seconds : float
        How long to wait for the scheduler, and then for its first worker. [s]

    Returns
    -------
    Executor
        A Dask client's, whose scheduler runs again what a dead worker had; or a
        `ProcessPoolExecutor`. Give it to as many experiments as you like, and shut it down.

    Raises
    ------
    InvalidInputError
        Where `distributed` is not installed or nobody answers.
    """
    address = address or os.environ.get(ADDRESS_VARIABLE)
    if not address:
        return process_pool(cores())
    try:
        import distributed
    except ImportError:
        raise InvalidInputError(
            f"a Dask cluster ({address}) needs the library distributed: pip install distributed"
        ) from None
    _refuse_no_scheduler(address, timeout_seconds)
    connect: Any = distributed.Client  # has no types
    client = connect(address, timeout=timeout_seconds)
    try:
        client.wait_for_workers(1, timeout=timeout_seconds)
    except TimeoutError:
        client.close()
        raise InvalidInputError(
            f"the Dask scheduler at {address} has no worker after {timeout_seconds:g} s;"
            f" start one with: dask worker {address}"
        ) from None
    # Not pure: to make a run costs less than to recognize one.
    executor: Executor = client.get_executor(pure=False)
    return executor


def process_pool(workers: int) -> ProcessPoolExecutor:
    """Processes that start anew, as on every system."""
    return ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_end_at_interrupt
    )


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_of(workers: int | str | None, executor: Executor | None) -> int:
    """How many processes to start: none where there is an executor or one would do.

    Raises
    ------
    InvalidInputError
        Where both are given, or `workers` is neither a number nor ``all cores``.
    """
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise InvalidInputError(
            f"executor {type(executor).__name__} must be a concurrent.futures.Executor;"
            " for processes of this machine say workers="
        )
    if workers is None:
        return 0
    if executor is not None:
        raise InvalidInputError("give executor or workers, not both")
    if isinstance(workers, str) and workers != ALL_CORES:
        raise InvalidInputError(f"workers {workers!r} must be a number or {ALL_CORES!r}")
    count = cores() if isinstance(workers, str) else whole("workers", workers, at_least=1)
    return count if count > 1 else 0


def refuse_unsendable(call: Call, pool: ProcessPoolExecutor) -> None:
    """Refuse what the processes of a pool cannot be given, before one of them breaks over it."""
    home = getattr(innermost(call.measure), "__module__", None)
    at_prompt = home == "__main__" and not hasattr(sys.modules["__main__"], "__file__")
    context = getattr(pool, "_mp_context", None)  # the only word on how its processes start
    if at_prompt and (context is None or context.get_start_method() != "fork"):
        raise InvalidInputError(
            f"measure {name_of(call.measure)} is defined at a prompt or in a notebook, where other"
            " processes cannot find it: move it to a module, or run it in this process"
        )
    try:
        pickle.dumps(call)
    except Exception as error:
        raise InvalidInputError(
            f"{name_of(call.measure)} or an argument cannot be sent to another process:"
            f" {' '.join(str(error).split())}"
        ) from None


def _end_at_interrupt() -> None:
    """Let Ctrl-C, which a terminal sends to all its processes, end this one without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _refuse_no_scheduler(address: str, timeout_seconds: float) -> None:
    """Refuse an address where nobody, or somebody else, answers.

    A client alone would wait for ever where something listens and says nothing, and complain again
    when it is thrown away.
    """
    from distributed.comm import core

    connect: Any = core.connect  # has no types

    async def greet() -> None:
        comm = await asyncio.wait_for(connect(address, timeout=timeout_seconds), timeout_seconds)
        await comm.close()

    try:
        with ThreadPoolExecutor(1) as aside:  # a notebook has an event loop of its own
            aside.submit(asyncio.run, greet()).result()
    except (Exception, asyncio.CancelledError) as error:  # whatever a stranger's bytes lead to
        why = " ".join(str(error).split()) or "nobody speaks"
        raise InvalidInputError(
            f"no Dask scheduler answers at {address} within {timeout_seconds:g} s: {why}"
        ) from None
