"""Latency of a stream, from queueing theory: each target as M/M/c, corrected for the work's spread.

Approximate: arrivals at a target are taken as Poisson (round robin makes them more even, so real
waits are shorter), and within a minute the load is taken as steady.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.distributions import Duration
from models.simulation.latency import BUCKETS, LOWER, bucket_of
from models.theory import erlang_c, mgc_mean_wait_seconds_approximate

#: Loads are told apart in steps of this share of a worker, work by so many equally likely values.
LOAD_STEP, WORK_VALUES, DRAWS_PER_VALUE = 0.02, 256, 512

Columns = dict[str, NDArray[np.float64]]


def add_latencies(columns: Columns, work: Duration, workers: int) -> tuple[NDArray[Any], float]:
    """Fill the latency columns of a fluid run; its histogram and the sum of its latencies.

    Parameters
    ----------
    columns : dict of str to array
        A fluid run's timeline: `offered_erlangs`, `backlog_seconds` and `ok` are read.
    work : Duration
        Of a request. [s]
    workers : int
        Of a target.

    Returns
    -------
    histogram : array of shape (BUCKETS,)
    latency_sum_seconds : float
    """
    most = round(workers / LOAD_STEP) - 1  # at all workers busy the line would grow for ever
    rounded = np.minimum(np.round(columns["offered_erlangs"] / LOAD_STEP), most).astype(int)
    backlog = np.array([bucket_of(one) if one > 0 else -1 for one in columns["backlog_seconds"]])
    kinds, kind = np.unique(np.stack((rounded, backlog)), axis=1, return_inverse=True)
    draws = np.sort(work.draw(np.random.default_rng(0), WORK_VALUES * DRAWS_PER_VALUE))
    draws = draws.reshape(WORK_VALUES, DRAWS_PER_VALUE).mean(axis=1)
    histogram, total = np.zeros(BUCKETS), 0.0
    for number, (steps, behind) in enumerate(kinds.T):
        rows = np.flatnonzero(kind.ravel() == number)
        delay = LOWER[behind] if behind >= 0 else 0.0
        load = steps * LOAD_STEP
        wait = 0.0 if behind >= 0 else _wait(load, workers, work)
        reached = _reached(draws + delay, wait, load, workers)
        mean = work.mean_seconds + delay + wait
        answered = columns["ok"][rows].sum()
        histogram += np.diff(reached) * answered
        total += mean * answered
        columns["mean_latency_seconds"][rows] = mean
        for name, share in (("p50_seconds", 0.5), ("p90_seconds", 0.9), ("p99_seconds", 0.99)):
            place = min(int(np.searchsorted(reached, share)), BUCKETS)
            columns[name][rows] = LOWER[place]
    return histogram, total


def _wait(load: float, workers: int, work: Duration) -> float:
    """Mean wait at a load. [s]"""
    mean = work.mean_seconds
    return float(
        mgc_mean_wait_seconds_approximate(load / mean, mean, workers, squared_variation=work.cv2)
    )


def _reached(
    work: NDArray[np.float64], wait: float, load: float, workers: int
) -> NDArray[np.float64]:
    """Share of the requests answered by each bucket's lower bound."""
    edges = np.append(LOWER[:-1], np.inf)
    left = edges[:, None] - work[None, :]
    if wait <= 0:
        return np.asarray((left >= 0).mean(axis=1))
    probability = float(erlang_c(workers, load))
    late = probability * np.exp(-np.maximum(left, 0) * probability / wait)
    return np.asarray(np.where(left >= 0, 1 - late, 0.0).mean(axis=1))
