"""Requests as a stream over the pods that are ready."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.quotas import value_of
from models.simulation.clock import Clock
from models.workload import Trace

#: The rate of the trace is even within a step of this length: that of the autoscaler. [s]
STEP_SECONDS = float(value_of("eks", "hpa_sync_seconds"))


class Totals(NamedTuple):
    """What has flowed since the start.

    Parameters
    ----------
    seconds : float
        [s]
    requests, served : float
        Requests that came, and those that ready pods had the capacity for.
    pod_seconds : float
        Time that pods were ready, all together. [s]
    """

    seconds: float
    requests: float
    served: float
    pod_seconds: float

    def since(self, earlier: Totals) -> Totals:
        """What has flowed since `earlier`."""
        return Totals(*(now - then for now, then in zip(self, earlier, strict=True)))


class Stream:
    """A rate of requests, and how many pods are ready for it.

    Parameters
    ----------
    clock : Clock
    trace : Trace
        Its expected rate; the work of a request is CPU time of a pod.
    per_pod : float
        Requests that a pod serves when it uses all the CPU that it can. [1/s]
    """

    def __init__(self, clock: Clock, trace: Trace, per_pod: float) -> None:
        self.clock, self.ready = clock, 0
        self._per_pod = per_pod
        steps = max(int(np.ceil(trace.duration_seconds / STEP_SECONDS)), 1)
        edges = np.minimum(np.arange(steps + 1) * STEP_SECONDS, trace.duration_seconds)
        self._rates: list[float] = trace.rates(edges).tolist()
        self._requests = self._served = self._pod_seconds = self._until = 0.0

    def change(self, pods: int) -> None:
        """So many pods more are ready from now on, or fewer."""
        self._flow()
        self.ready += pods

    def totals(self) -> Totals:
        """What has flowed until now."""
        self._flow()
        return Totals(self._until, self._requests, self._served, self._pod_seconds)

    def _flow(self) -> None:
        now, capacity = self.clock.now, self.ready * self._per_pod
        while self._until < now:
            step = int(self._until // STEP_SECONDS)
            end = min((step + 1) * STEP_SECONDS, now)
            rate, seconds = self._rates[step], end - self._until
            self._requests += rate * seconds
            self._served += min(rate, capacity) * seconds
            self._pod_seconds += self.ready * seconds
            self._until = end
