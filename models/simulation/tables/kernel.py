"""The compiled kernel: seconds of a table in plain loops; `twin.py` is the same for reading.

The two agree second by second, to the bit. All functions stay in this one file, because numba's
cache is keyed on it. Nothing here is random: what is drawn comes from the caller.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.simulation.kernel import INLINE, KERNEL
from models.simulation.tables.state import (
    INDEX,
    KEY_RANGE,
    LIMITS,
    NOISE,
    PROVISIONED,
    SERVED,
    WRITE,
    State,
)


@njit(**INLINE)
def within(room: float, units: float, requests: int) -> int:
    """How many of these requests find room for their units."""
    most = room / units + NOISE
    return int(most) if requests > most else requests


@njit(**INLINE)
def within_partitions(state: State, kind: int, requests: int, spread: float) -> int:
    """Requests that their partitions let pass."""
    most = within(state.partition_units[kind], state.units[kind], requests)
    partitions = len(state.heat)
    passed = before = 0
    for partition in range(partitions):
        reached = int(requests * state.edges[partition + 1] + spread)
        if partition == partitions - 1:
            reached = requests
        asked = reached - before
        before = reached
        if asked > most:
            state.heat[partition] += asked - most
            asked = most
        passed += asked
    return passed


@njit(**INLINE)
def kept(bank: float, capacity: float, used: float, kept_seconds: float) -> float:
    """What is banked after a second; on demand there is nothing to keep."""
    if capacity < np.inf:
        return min(max(bank + capacity - used, 0.0), kept_seconds * capacity)
    return bank


@njit(**INLINE)
def within_indexes(state: State, requests: int) -> int:
    """Writes that find room in every index, which takes them."""
    left = requests
    for index in range(len(state.index_units)):
        room = state.index_capacity[index] + state.index_bank[index]
        left = within(room, state.index_units[index], left)
    for index in range(len(state.index_units)):
        used = left * state.index_units[index]
        capacity = state.index_capacity[index]
        state.index_bank[index] = kept(state.index_bank[index], capacity, used, state.kept_seconds)
    return left


@njit(**KERNEL)
def serve(state: State, requests: NDArray[np.int64], spread: NDArray[np.float64]) -> None:
    """Serve some seconds of requests; see `twin.serve`."""
    for second in range(requests.shape[1]):
        for kind in range(2):
            counts, units = state.counts, state.units[kind]
            asked = requests[kind, second]
            left = within_partitions(state, kind, asked, spread[kind, second])
            counts[kind, KEY_RANGE] += asked - left
            for place, reason in enumerate(LIMITS):
                served = within(state.limits[kind, place], units, left)
                counts[kind, reason] += left - served
                left = served
            capacity = state.capacity[kind]
            served = within(capacity + state.bank[kind], units, left)
            counts[kind, PROVISIONED] += left - served
            left = served
            if kind == WRITE:
                served = within_indexes(state, left)
                counts[kind, INDEX] += left - served
                left = served
            counts[kind, SERVED] += left
            state.bank[kind] = kept(state.bank[kind], capacity, left * units, state.kept_seconds)
