"""What a table keeps from second to second: read and changed by both engines, set by the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.quotas import value_of

READ, WRITE = 0, 1
KINDS = ("read", "write")
#: How a request ends: served, or throttled for one of `REASONS`.
SERVED, KEY_RANGE, MAXIMUM, ACCOUNT, PEAK, PROVISIONED, INDEX = range(7)
#: Why a request is throttled. AWS's names end in KeyRangeThroughputExceeded,
#: MaxOnDemandThroughputExceeded, AccountLimitExceeded and ProvisionedThroughputExceeded, the last
#: for tables and for indexes
#: (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ThrottlingReason.html).
#: For more than double the previous peak on demand AWS has no name of its own.
REASONS = ("key_range", "maximum", "account", "peak", "provisioned", "index")
#: Reasons that are plain limits on the units of a second, in the order they are applied.
LIMITS = (MAXIMUM, ACCOUNT, PEAK)
#: A quotient of floats this far below a whole number is that number.
NOISE = 1e-9


class State(NamedTuple):
    """A table at one instant. Arrays of two hold reads, then writes.

    Parameters
    ----------
    edges : array of shape (partitions + 1,)
        Share of the requests that goes to the partitions before each one; from 0 to 1.
    units : array of shape (2,)
        Units of one request.
    partition_units : array of shape (2,)
        Most that a partition serves. [1/s]
    limits : array of shape (2, len(LIMITS))
        Infinite where there is none. [1/s]
    capacity : array of shape (2,)
        Provisioned units, infinite on demand. [1/s]
    bank : array of shape (2,)
        Unused units that are kept for bursts.
    index_capacity, index_bank, index_units : array of shape (indexes,)
        The same of indexes; the last for each write to the table.
    kept_seconds : float
        How many seconds of unused capacity are kept. [s]
    counts : array of shape (2, 1 + len(REASONS))
        Requests by how they ended.
    heat : array of shape (partitions,)
        Requests that a partition has throttled since somebody looked.
    """

    edges: NDArray[np.float64]
    units: NDArray[np.float64]
    partition_units: NDArray[np.float64]
    limits: NDArray[np.float64]
    capacity: NDArray[np.float64]
    bank: NDArray[np.float64]
    index_capacity: NDArray[np.float64]
    index_bank: NDArray[np.float64]
    index_units: NDArray[np.float64]
    kept_seconds: float
    counts: NDArray[np.int64]
    heat: NDArray[np.int64]


#: An engine: serves some seconds of requests, and changes the state; see `twin.serve`.
Serve = Callable[[State, NDArray[np.int64], NDArray[np.float64]], None]


def new_state(units: Any, capacity: Any, indexes: Any = (), *, full_seconds: float = 0.0) -> State:
    """A table of one partition without limits of its own.

    Parameters
    ----------
    units : two floats
        Of a read and of a write.
    capacity : two floats
        Provisioned units, infinite on demand. [1/s]
    indexes : sequence of (capacity, units)
        Of indexes that can hold a write back. [1/s, units]
    full_seconds : float
        Seconds of capacity that are banked at the start. [s]
    """
    owned = np.array(capacity, dtype=np.float64)
    finite = np.where(np.isfinite(owned), owned, 0.0)
    of_indexes = np.array(indexes, dtype=np.float64).reshape(-1, 2)
    partition = [value_of("dynamodb", f"partition_{kind}_units") for kind in KINDS]
    return State(
        edges=np.array([0.0, 1.0]),
        units=np.array(units, dtype=np.float64),
        partition_units=np.array(partition, dtype=np.float64),
        limits=np.full((len(KINDS), len(LIMITS)), np.inf),
        capacity=owned,
        bank=finite * full_seconds,
        index_capacity=of_indexes[:, 0].copy(),
        index_bank=of_indexes[:, 0] * full_seconds,
        index_units=of_indexes[:, 1].copy(),
        kept_seconds=float(value_of("dynamodb", "burst_seconds")),
        counts=np.zeros((len(KINDS), 1 + len(REASONS)), dtype=np.int64),
        heat=np.zeros(1, dtype=np.int64),
    )
