"""The specification: what a table does in a second, as plain Python.

Reads and writes do not touch each other. Requests go to partitions by their keys, and a partition
serves no more than its limit, whatever the table has to spare. What passes shares the capacity of
the table, and what of that is unused is kept for later.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.simulation.tables.state import (
    INDEX,
    KEY_RANGE,
    KINDS,
    LIMITS,
    NOISE,
    PROVISIONED,
    SERVED,
    WRITE,
    State,
)


def serve(state: State, requests: NDArray[np.int64], spread: NDArray[np.float64]) -> None:
    """Serve some seconds of requests.

    Parameters
    ----------
    state : State
        Changed in place.
    requests : array of shape (2, seconds)
        Reads and writes that come in each second.
    spread : array of shape (2, seconds)
        From 0 to 1: decides which partition gets a request that falls between two.
    """
    for second in range(requests.shape[1]):
        for kind in range(len(KINDS)):
            _second(state, kind, int(requests[kind, second]), float(spread[kind, second]))


def _second(state: State, kind: int, requests: int, spread: float) -> None:
    counts, units = state.counts[kind], float(state.units[kind])
    left = _within_partitions(state, kind, requests, spread)
    counts[KEY_RANGE] += requests - left
    for limit, reason in zip(state.limits[kind], LIMITS, strict=True):
        served = _within(float(limit), units, left)
        counts[reason] += left - served
        left = served
    served = _within(float(state.capacity[kind] + state.bank[kind]), units, left)
    counts[PROVISIONED] += left - served
    left = served
    if kind == WRITE:
        for room, needed in zip(
            state.index_capacity + state.index_bank, state.index_units, strict=True
        ):
            served = _within(float(room), float(needed), left)
            counts[INDEX] += left - served
            left = served
        for index, needed in enumerate(state.index_units):
            _keep(state.index_bank, index, state.index_capacity, left * needed, state.kept_seconds)
    counts[SERVED] += left
    _keep(state.bank, kind, state.capacity, left * units, state.kept_seconds)


def _within_partitions(state: State, kind: int, requests: int, spread: float) -> int:
    """Requests that their partitions let pass."""
    most = _within(float(state.partition_units[kind]), float(state.units[kind]), requests)
    reached = [math.floor(requests * edge + spread) for edge in state.edges.tolist()]
    reached[-1] = requests
    asked = [after - before for before, after in pairwise(reached)]
    state.heat[:] += [max(number - most, 0) for number in asked]
    return sum(min(number, most) for number in asked)


def _within(room: float, units: float, requests: int) -> int:
    """How many of these requests find room for their units."""
    most = room / units + NOISE
    return math.floor(most) if requests > most else requests


def _keep(
    bank: NDArray[np.float64], place: int, capacity: NDArray[np.float64], used: float,
    kept_seconds: float,
) -> None:  # fmt: skip
    """Keep what was not used, up to so many seconds of it; on demand there is nothing to keep."""
    owned = float(capacity[place])
    if owned < math.inf:
        unused = float(bank[place]) + owned - used
        bank[place] = min(max(unused, 0.0), kept_seconds * owned)
