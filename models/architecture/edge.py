"""A tier without servers of one's own: files from a bucket or from a cache at the edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from models.architecture.load import Load
from models.metering import Usage
from models.resource import Resource
from models.simulation.latency import BUCKETS, bucket_of, quantile_seconds
from models.units import BillingPeriod
from models.workload import Trace


@dataclass(frozen=True)
class StaticRun:
    """Requests for files: all of them answered.

    Parameters
    ----------
    duration_seconds : float
        [s]
    requests : float
        Drawn from the trace.
    answer_seconds : float, optional
        Time to an answer, where it is known. [s]
    """

    duration_seconds: float
    requests: float
    answer_seconds: float | None = None

    records: NDArray[np.void] | None = None

    @property
    def outcomes(self) -> Mapping[str, float]:
        """All answered."""
        return {"ok": self.requests, "unfinished": 0.0}

    @property
    def histogram(self) -> NDArray[np.float64] | None:
        """All at the same place, where it is known."""
        if self.answer_seconds is None:
            return None
        found = np.zeros(BUCKETS)
        found[bucket_of(self.answer_seconds)] = self.requests
        return found

    def latency_seconds(self, share: float) -> float:
        """The same for every share. [s]"""
        return nan if self.histogram is None else quantile_seconds(self.histogram, share)

    def usage(self, period: BillingPeriod) -> Usage:
        """Nothing of its own: what follows the traffic is metered with the architecture."""
        return Usage(period)


@dataclass(frozen=True)
class Static:
    """Files that AWS serves at any rate.

    Parameters
    ----------
    name : str
    answer_seconds : float, optional
        Time to an answer, all of them alike; not known unless given. [s]
    """

    name: str
    answer_seconds: float | None = None

    asynchronous = False
    resources: tuple[Resource, ...] = ()

    def capacity_per_second(self, load: Load) -> float:
        """No limit is modelled. [1/s]"""
        return float("inf")

    def obstacles(self, load: Load) -> Iterator[str]:
        """None."""
        yield from ()

    def simulate(self, trace: Trace, *, seed: int, keep_records: bool = False) -> StaticRun:
        """Count the requests of a trace."""
        counted = sum(len(chunk.arrivals) for chunk in trace.chunks())
        return StaticRun(trace.duration_seconds, float(counted), self.answer_seconds)

    def estimate(self, load: Load, period: BillingPeriod) -> Usage:
        """Nothing of its own."""
        return Usage(period)
