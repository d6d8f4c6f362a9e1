"""The functions of an account as the control plane sees them, whichever engine serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.simulation.functions.serving import Serving


class Asked(NamedTuple):
    """The requests of a stretch of time, to all functions that clients ask.

    Parameters
    ----------
    end_seconds : float
        They arrive before this. [s]
    arrivals : array of shape (requests,)
        In order. [s]
    works : array of shape (requests, columns)
        Seconds of handler time in each function that the request passes through. [s]
    functions : array of shape (requests,), or (0,) where all ask the first
        Which function each one asks.
    """

    end_seconds: float
    arrivals: NDArray[np.float64]
    works: NDArray[np.float64]
    functions: NDArray[np.int32]


@dataclass(frozen=True)
class Totals:
    """What was counted from the start until now; the first axis is the function.

    Parameters
    ----------
    seconds : float
        Now. [s]
    requests : array of shape (functions, outcomes)
        Requests of clients, by how they ended.
    attempts : array of shape (functions, outcomes)
        Attempts by anybody, by how they ended.
    starts : array of shape (functions, 3)
        Attempts taken on: warm, cold, provisioned.
    histogram : array of shape (functions, buckets)
        Answered requests by response time.
    latency_seconds : array of shape (functions, 2)
        Response time of all answered requests, and of the cold ones. [s]
    billed_ms, provisioned_ms : array
        Billed, outside and inside provisioned environments. [ms]
    init_ms : array
        The part of `billed_ms` that was init. [ms]
    busy_seconds, provisioned_seconds, environment_seconds : array
        Environments at work outside and inside the provisioned ones, and environments that were
        there at all (not provisioned), integrated over time. [s]
    busy, provisioned_busy, live, most_live, created : array
        Environments at work now, provisioned ones at work now; there are now, at most, and ever.
    pool_busy : array of shape (pools,)
        Environments at work now that count against each limit.
    """

    seconds: float
    requests: NDArray[np.int64]
    attempts: NDArray[np.int64]
    starts: NDArray[np.int64]
    histogram: NDArray[np.int64]
    latency_seconds: NDArray[np.float64]
    billed_ms: NDArray[np.int64]
    provisioned_ms: NDArray[np.int64]
    init_ms: NDArray[np.int64]
    busy_seconds: NDArray[np.float64]
    provisioned_seconds: NDArray[np.float64]
    environment_seconds: NDArray[np.float64]
    busy: NDArray[np.int64]
    provisioned_busy: NDArray[np.int64]
    live: NDArray[np.int64]
    most_live: NDArray[np.int64]
    created: NDArray[np.int64]
    pool_busy: NDArray[np.int64]

    #: Fields that an engine keeps by function under the same name.
    BY_FUNCTION: ClassVar[tuple[str, ...]] = (
        "billed_ms", "provisioned_ms", "init_ms", "busy_seconds", "provisioned_seconds",
        "environment_seconds", "busy", "provisioned_busy", "live", "most_live", "created",
    )  # fmt: skip


class Functions(Protocol):
    """The compiled and the readable engine: the same methods.

    Each call first serves whatever came before now, so that callers never have to.
    """

    serving: Serving

    def set_limit(self, pool: int, concurrency: int) -> None:
        """Change how many environments of a pool may be at work, from now on."""

    def set_provisioned(self, function: int, environments: int) -> None:
        """Change how many provisioned environments a function has; those at work drain."""

    def totals(self) -> Totals:
        """What was counted until now."""

    def close(self) -> None:
        """End the run: what is still in hand is unfinished."""

    @property
    def records(self) -> NDArray[np.void]:
        """One row for each request; see `serving.RECORD`."""
        ...
