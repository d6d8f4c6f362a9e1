"""Cost and latency of alternatives against the load, simulated: the chart of the crossover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from math import nan

from models.architecture import Architecture
from models.comparison.measure import AS_ALWAYS, CAUSES, LATENCIES, measured
from models.comparison.pricing import Pricing
from models.distributions import Duration
from models.experiments import Sweep, sweep
from models.units import HOURS_PER_DAY, SECONDS_PER_HOUR
from models.workload import Constant

DAY_SECONDS = float(HOURS_PER_DAY * SECONDS_PER_HOUR)
#: A run has no more requests than a day at a hundred a second: their number then differs from its
#: mean by a thirtieth of a percent, so that a mean over them is within 1 % with room to spare.
MOST_REQUESTS = 100 * DAY_SECONDS
#: Shorter than this, a fleet has not settled. [s]
SHORTEST_SECONDS = 3600.0


def window_seconds(per_second: float) -> float:
    """How long a load is simulated: a day, or less where that would be too many requests. [s]

    >>> window_seconds(0.1), window_seconds(100), window_seconds(400)
    (86400.0, 86400.0, 21600.0)
    """
    return max(min(DAY_SECONDS, MOST_REQUESTS / per_second), SHORTEST_SECONDS)


def at_load(
    *, architecture: str, per_second: float, architectures: Mapping[str, Architecture],
    work: Duration, seconds: float | None = None, pricing: Pricing = AS_ALWAYS, seed: int,
) -> dict[str, float]:  # fmt: skip
    """An alternative at a steady load: what `measured` says, and for how long it was simulated.

    Where the load cannot be served, every number is NaN. By default `window_seconds` says how long.
    """
    seconds = seconds or window_seconds(per_second)
    trace = Constant(rate_per_second=per_second, duration_seconds=seconds, work=work)
    chosen = architectures[architecture]
    if chosen.obstacles(trace):
        names = ("cost_usd", "requests", *LATENCIES, "error_share", *CAUSES)
        return dict.fromkeys(names, nan) | {"simulated_seconds": seconds}
    found = measured(architecture=chosen, trace=trace, pricing=pricing, seed=seed)
    return found | {"simulated_seconds": seconds}


def crossover(
    architectures: Mapping[str, Architecture],
    per_second: Iterable[float],
    work: Duration,
    *,
    seconds: float | None = None,
    replications: int = 8,
    seed: int = 0,
    pricing: Pricing = AS_ALWAYS,
    executor: Executor | None = None,
    workers: int | str | None = None,
    progress: bool = True,
) -> Sweep:
    """Simulate every alternative at every load, request by request.

    Parameters
    ----------
    architectures : mapping of str to Architecture
    per_second : iterable of float
        Loads. Up to 100 a second a whole day of each is simulated, above that as many requests:
        the column `simulated_seconds` says how long. [1/s]
    work : Duration
        How long a request holds a worker. [s]
    seconds : float, optional
        How long each load is simulated; by default as `window_seconds` says. [s]
    replications, seed, executor, workers, progress
        As for `models.experiments.sweep`.
    pricing : Pricing

    Returns
    -------
    Sweep
        Over `architecture` (by name) and `per_second`, with the numbers of `measured`.
    """
    return sweep(
        at_load,
        {"architecture": list(architectures), "per_second": list(per_second)},
        replications,
        arguments={
            "architectures": dict(architectures), "work": work, "seconds": seconds,
            "pricing": pricing,
        },
        seed=seed, executor=executor, workers=workers, progress=progress,
    )  # fmt: skip
