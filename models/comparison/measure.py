"""One run of one alternative, in numbers."""

from __future__ import annotations

from collections.abc import Mapping

from models.architecture import Architecture, ArchitectureRun, simulate_architecture
from models.billing import Bill
from models.comparison.pricing import Pricing
from models.units import SECONDS_PER_HOUR
from models.workload import Trace

#: Why requests were not answered, and the outcomes that say so, of whichever tier.
CAUSES: Mapping[str, tuple[str, ...]] = {
    "throttled": (
        "throttled_account", "throttled_reserved", "throttled_rate", "throttled_scaling",
        "throttled_api",
    ),
    "turned_away": ("rejected", "no_target"),
    "timed_out": ("timed_out", "gave_up", "unanswered", "expired"),
    "failed": ("failed", "error", "given_up"),
    "unconnected": ("unconnected",),
}  # fmt: skip
#: A typical month at the prices that ship with the project, nothing free.
AS_ALWAYS = Pricing()
LATENCIES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}


def simulated(architecture: Architecture, trace: Trace, seed: int) -> ArchitectureRun:
    """A run in which the customers and the chances of AWS both go by `seed`."""
    return simulate_architecture(architecture, trace.replace(seed=seed), seed=seed)


def billed(made: ArchitectureRun, pricing: Pricing) -> Bill:
    """The bill of a month that goes as the run did."""
    return pricing.bill(made.usage(pricing.period))


def measured(
    *, architecture: Architecture, trace: Trace, pricing: Pricing = AS_ALWAYS, seed: int
) -> dict[str, float]:
    """What an architecture costs in a month, how long its clients wait, and how many in vain.

    Returns
    -------
    dict of str to float
        ``cost_usd``, ``requests`` of the month, latencies [ms], ``error_share`` and the share of
        each of `CAUSES`.
    """
    made = simulated(architecture, trace, seed)
    month_seconds = pricing.period.hours * SECONDS_PER_HOUR
    decided = max(made.requests - made.outcomes["unfinished"], 1.0)
    causes = {
        cause: sum(made.outcomes.get(name, 0.0) for name in names) / decided
        for cause, names in CAUSES.items()
    }
    return {
        "cost_usd": float(billed(made, pricing).total_usd),
        "requests": made.requests * month_seconds / made.duration_seconds,
        **{name: made.latency_seconds(share) * 1000 for name, share in LATENCIES.items()},
        "error_share": made.error_share,
        **causes,
    }
