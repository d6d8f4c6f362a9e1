"""A workload in expected numbers: what a closed form needs to know of a trace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.distributions import Duration, scaled
from models.units import SECONDS_PER_HOUR, BillingPeriod
from models.workload import Trace


@dataclass(frozen=True)
class Load:
    """Expected arrivals hour by hour, and what each of them needs.

    Parameters
    ----------
    hourly_requests : array of shape (hours,)
        Expected in each hour of the trace.
    duration_seconds : float
        Of the trace; the last hour may be cut off. [s]
    work : Duration
        Time that a request holds a worker. [s]
    """

    hourly_requests: NDArray[np.float64]
    duration_seconds: float
    work: Duration

    @classmethod
    def of(cls, trace: Trace, work: Duration | None = None) -> Self:
        """The load that a trace brings."""
        hours = int(np.ceil(trace.duration_seconds / SECONDS_PER_HOUR))
        edges = np.minimum(np.arange(hours + 1) * SECONDS_PER_HOUR, trace.duration_seconds)
        requests = trace.rates(edges) * np.diff(edges)
        return cls(requests, trace.duration_seconds, work or trace.work)

    @cached_property
    def per_second(self) -> NDArray[np.float64]:
        """Mean rate of each hour. [1/s]"""
        hours = np.arange(len(self.hourly_requests))
        lasted = np.minimum(self.duration_seconds - hours * SECONDS_PER_HOUR, SECONDS_PER_HOUR)
        per_second: NDArray[np.float64] = self.hourly_requests / lasted
        return per_second

    @property
    def busiest_per_second(self) -> float:
        """Mean rate of the busiest hour. [1/s]"""
        return float(self.per_second.max())

    @property
    def requests(self) -> float:
        """Over the whole trace."""
        return float(self.hourly_requests.sum())

    def requests_in(self, period: BillingPeriod) -> float:
        """In a period throughout which things go as in the trace."""
        return self.requests * period.hours * SECONDS_PER_HOUR / self.duration_seconds

    def times(self, share: float) -> Load:
        """The part of it that one of several has to serve."""
        return Load(self.hourly_requests * share, self.duration_seconds, self.work)

    def slower(self, factor: float) -> Load:
        """The same requests, each holding a worker `factor` times as long."""
        return Load(self.hourly_requests, self.duration_seconds, scaled(self.work, factor))
