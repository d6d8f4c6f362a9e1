"""What any engine must know of the functions of one account, in plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Which idle environment takes a request. AWS documents none.
MOST_RECENTLY_IDLE, LEAST_RECENTLY_IDLE, NEWEST_CREATED, RANDOM = range(4)
ROUTING = {
    "most_recently_idle": MOST_RECENTLY_IDLE,
    "least_recently_idle": LEAST_RECENTLY_IDLE,
    "newest_created": NEWEST_CREATED,
    "random": RANDOM,
}

#: What a new environment brings (init, first run, life) and how long one stays when it falls idle
#: (retention), drawn ahead: each is used from the start again after the last row.
DRAWN = np.dtype([("init", "f8"), ("first_run", "f8"), ("retention", "f8"), ("life", "f8")])
DRAWN_ROWS = 1 << 15

#: One row for each request, where they are kept: how it ended, how its last attempt started and
#: in which environment (by order of creation, -1 where none was), attempts made, when the last
#: began (NaN where none did) and when the outcome was known. [s]
RECORD = np.dtype(
    [
        ("outcome", "i4"), ("kind", "i4"), ("environment", "i8"), ("attempts", "i8"),
        ("start", "f8"), ("finish", "f8"),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Bucket:
    """A token bucket, full at the start; the default never runs empty.

    Parameters
    ----------
    rate_per_second : float
        Tokens added. [1/s]
    capacity : float
        The most it holds.
    """

    rate_per_second: float = float("inf")
    capacity: float = float("inf")

    @property
    def limits(self) -> bool:
        """Whether it ever refuses."""
        return self.capacity < float("inf")


@dataclass(frozen=True)
class Backoff:
    """When a caller tries again after one kind of failure.

    Parameters
    ----------
    attempts : float
        In all, the first one with them.
    base_seconds, most_seconds : float
        The wait doubles from the first to the second of these. [s]
    """

    attempts: float = 1
    base_seconds: float = 0.0
    most_seconds: float = 0.0


@dataclass(frozen=True)
class Caller:
    """How long a caller waits and how it tries again.

    Parameters
    ----------
    patience_seconds : float
        It gives up an attempt after this long. [s]
    on_throttle, on_failure : Backoff
        After a 429; after any other failure.
    jitter : bool
        Whether each wait is drawn evenly from nothing to its full length.
    most_age_seconds : float
        No attempt begins later than this after the first. [s]
    quota : float
        Tokens of the retry quota that all callers share; 0 is without one.
    retry_cost : float
        Tokens that a retry takes, and gets back where it succeeds.
    counts_apart : bool
        Whether throttles and failures are counted apart, as for events.
    """

    patience_seconds: float = float("inf")
    on_throttle: Backoff = Backoff()
    on_failure: Backoff = Backoff()
    jitter: bool = False
    most_age_seconds: float = float("inf")
    quota: float = 0.0
    retry_cost: float = 5.0
    counts_apart: bool = False

    @property
    def watches(self) -> bool:
        """Whether anything depends on the answer, so that somebody must wait for it."""
        retries = max(self.on_throttle.attempts, self.on_failure.attempts) > 1
        return retries or self.patience_seconds < float("inf")


@dataclass(frozen=True)
class FunctionServing:
    """One function.

    Parameters
    ----------
    pool : int
        The limit it shares: 0 is the unreserved concurrency of the account.
    most_environments : int
        That it can ever have at once.
    drawn : array of `DRAWN`
    replaces_work : bool
        Whether `init` stands for the whole cold response, as in SimFaaS.
    timeout_seconds : float
        Of the handler. [s]
    provisioned : int
        Environments provisioned at the start.
    failure_share : float
        Of the invocations, that end in an error. [share]
    routing : int
    scaling : Bucket
        New environments.
    front : int
        Which of the account's APIs stands in front of it, or -1.
    calls : int
        The function that it calls when its own work is done, or -1.
    column : int
        Of the work of a request: how many calls away from the client.
    client, caller : Caller
        Who asks from outside; and the function itself when it calls another.
    seed : int
        Of what is decided by a hash: failures, jitter and random routing.
    bills_init : bool
    unbilled_seconds : float
        Part of each cold start that comes before Init and is not billed. [s]
    """

    pool: int
    most_environments: int
    drawn: NDArray[np.void]
    replaces_work: bool = False
    timeout_seconds: float = 900.0
    provisioned: int = 0
    failure_share: float = 0.0
    routing: int = MOST_RECENTLY_IDLE
    scaling: Bucket = Bucket()
    front: int = -1
    calls: int = -1
    column: int = 0
    client: Caller = Caller()
    caller: Caller = Caller()
    seed: int = 0
    bills_init: bool = True
    unbilled_seconds: float = 0.0


@dataclass(frozen=True)
class Serving:
    """The functions of one account and the limits that they share.

    Parameters
    ----------
    functions : tuple of FunctionServing
    limits : tuple of int
        Concurrency of each pool.
    fronts : tuple of Bucket
        What each API lets through.
    columns : int
        Functions that a request passes through at most.
    requests_per_concurrency : float
        A second, for each unit of concurrency, provisioned or not; 0 sets no limit. [1/s]
    peak_rate_per_second : float
        Of all arrivals; sets the width of a day of the calendar. [1/s]
    """

    functions: tuple[FunctionServing, ...]
    limits: tuple[int, ...]
    fronts: tuple[Bucket, ...] = ()
    columns: int = 1
    requests_per_concurrency: float = 0.0
    peak_rate_per_second: float = 1.0

    @property
    def environments(self) -> int:
        """The most that there can be at once, on demand and provisioned."""
        return sum(2 * one.most_environments for one in self.functions)

    def rate(self, concurrency: int) -> Bucket:
        """Requests that so much concurrency takes; beyond it provisioned ones spill over."""
        if not self.requests_per_concurrency:
            return Bucket()
        rate = float(self.requests_per_concurrency * concurrency)
        return Bucket(rate, rate)
