"""What serves requests: a fleet of instances, functions, consumers of a queue, or the edge.

A tier knows three things about a workload: whether it could serve it at all, what happens when it
does, and what AWS would count in closed form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.architecture.load import Load
from models.metering import Usage
from models.resource import Resource
from models.units import BillingPeriod
from models.workload import Trace


class Served(Protocol):
    """What happened at a tier; every run of the package has this much."""

    @property
    def duration_seconds(self) -> float:
        """Time simulated. [s]"""

    @property
    def outcomes(self) -> Mapping[str, float]:
        """Requests by how they ended; ``ok`` is answered, ``unfinished`` is neither."""

    def latency_seconds(self, share: float, /) -> float:
        """Time within which `share` of the answers came; NaN where that is not known. [s]"""

    @property
    def histogram(self) -> NDArray[Any] | None:
        """Answers by the time that they took (`models.simulation.latency`), where it is known."""

    def usage(self, period: BillingPeriod, /) -> Usage:
        """What AWS counts in a period that goes as the run did."""

    @property
    def records(self) -> NDArray[np.void] | None:
        """One row for each request, with ``outcome`` and ``finish``, where they were kept."""


class Tier(Protocol):
    """Serves requests."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def resources(self) -> tuple[Resource, ...]:
        """What it consists of, without what its traffic adds."""

    @property
    def asynchronous(self) -> bool:
        """Whether nobody waits for it, so that its time is not a client's."""

    def capacity_per_second(self, load: Load, /) -> float:
        """Such requests that it can answer when it is as large as it may become. [1/s]"""

    def obstacles(self, load: Load, /) -> Iterator[str]:
        """Why it could not serve such a load, however it scales within its limits."""

    def simulate(self, trace: Trace, /, *, seed: int, keep_records: bool = False) -> Served:
        """Run a trace through it."""

    def estimate(self, load: Load, period: BillingPeriod, /) -> Usage:
        """What AWS counts in closed form."""


def overload(name: str, load: Load, capacity_per_second: float, limit: str) -> Iterator[str]:
    """The obstacle of a tier whose busiest hour asks for more than it can ever do."""
    if load.busiest_per_second > capacity_per_second:
        yield (
            f"{name}: the busiest hour brings {load.busiest_per_second:,.4g} requests a second, and"
            f" {limit} can answer {capacity_per_second:,.4g}"
        )
