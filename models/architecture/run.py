"""`simulate_architecture`: a trace through an architecture; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.architecture.design import Architecture
from models.architecture.tiers import Served
from models.errors import InvalidInputError
from models.metering import Usage
from models.simulation.outcomes import OK
from models.simulation.shown import as_table, ms_text
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text
from models.workload import AtTimes, Part, Trace


@dataclass(frozen=True)
class ArchitectureRun:
    """What happened when a trace met an architecture.

    Parameters
    ----------
    architecture : Architecture
    served : tuple
        The run of each tier, in order; of one copy.
    """

    architecture: Architecture
    served: tuple[Served, ...]

    @property
    def duration_seconds(self) -> float:
        """Time simulated. [s]"""
        return self.served[0].duration_seconds

    @property
    def outcomes(self) -> Mapping[str, float]:
        """Requests by how they ended, at whichever tier; they add up to the arrivals."""
        ended: dict[str, float] = {}
        for number, run in enumerate(self.served):
            last = number == len(self.served) - 1
            for name, count in run.outcomes.items():
                if name != "ok" or last:
                    ended[name] = ended.get(name, 0.0) + count * self.architecture.copies
        return ended

    @property
    def requests(self) -> float:
        """Requests that arrived."""
        return float(sum(self.served[0].outcomes.values())) * self.architecture.copies

    @property
    def error_share(self) -> float:
        """Share of the decided requests that were not answered. [share]"""
        decided = self.requests - self.outcomes["unfinished"]
        return 1 - self.outcomes["ok"] / decided if decided else 0.0

    def latency_seconds(self, share: float) -> float:
        """Time within which `share` of the answers came, at the first tier. [s]

        A client waits for the first tier alone; tiers in series behind it go on without the
        client.
        """
        return self.served[0].latency_seconds(share)

    def usage(self, period: BillingPeriod = TYPICAL) -> Usage:
        """What AWS counts in a billing period throughout which things go as in this run."""
        scale = period.hours * SECONDS_PER_HOUR / self.duration_seconds
        tiers = [run.usage(period) for run in self.served]
        return self.architecture.completed(tiers, self.requests * scale, period)

    def summary(self) -> dict[str, float]:
        """The figures that people compare architectures by."""
        return {
            "requests": self.requests,
            "error_share": self.error_share,
            "p50_seconds": self.latency_seconds(0.5),
            "p95_seconds": self.latency_seconds(0.95),
            "p99_seconds": self.latency_seconds(0.99),
        }

    def __repr__(self) -> str:
        hours = self.duration_seconds / SECONDS_PER_HOUR
        return (
            f"ArchitectureRun({self.architecture.name}, {quantity_text(hours)} h,"
            f" {quantity_text(round(self.requests))} requests, {self.error_share:.2%} errors,"
            f" p50 {ms_text(self.latency_seconds(0.5))}, p99 {ms_text(self.latency_seconds(0.99))})"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("Architecture", self.architecture.name),
            ("Time simulated", f"{quantity_text(self.duration_seconds / SECONDS_PER_HOUR)} hours"),
            *((name, quantity_text(round(n))) for name, n in self.outcomes.items() if n),
            ("Median", ms_text(self.latency_seconds(0.5))),
            ("99th percentile", ms_text(self.latency_seconds(0.99))),
        ]
        return as_table(rows)


def simulate_architecture(
    architecture: Architecture, trace: Trace, *, seed: int = 0
) -> ArchitectureRun:
    """Run a trace through the tiers of an architecture.

    Parameters
    ----------
    architecture : Architecture
    trace : Trace
        Who asks, and how long each request holds a worker of a server; all copies together.
    seed : int
        Of what AWS and the machines decide by chance; the requests have the trace's own.

    Returns
    -------
    ArchitectureRun

    Raises
    ------
    InvalidInputError
        Where a tier cannot simulate such a trace.
    """
    copies = architecture.copies
    asked = trace if copies == 1 else Part.of(trace, 0, 1 / copies)
    served: list[Served] = []
    for number, tier in enumerate(architecture.tiers):
        last = number == len(architecture.tiers) - 1
        served.append(tier.simulate(asked, seed=seed, keep_records=not last))
        if not last:
            asked = _departed(architecture, served[-1], asked)
    return ArchitectureRun(architecture, tuple(served))


def _departed(architecture: Architecture, run: Served, trace: Trace) -> Trace:
    """What a tier has answered, as the arrivals of the next."""
    records = run.records
    if records is None:
        raise InvalidInputError(
            f"{architecture.name}: a tier without records of its requests must be the last one"
        )
    finished: NDArray[np.float64] = np.sort(records["finish"][records["outcome"] == OK])
    finished = finished[finished < trace.duration_seconds]
    return AtTimes(
        times=finished, duration_seconds=trace.duration_seconds, work=trace.work, seed=trace.seed,
        start=trace.start,
    )  # fmt: skip
