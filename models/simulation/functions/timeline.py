"""What happened to each function in each minute of a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.simulation.functions.outcomes import API, OUTCOMES, THROTTLED
from models.simulation.functions.pool import Totals
from models.simulation.latency import MIDDLES

QUANTILES = {"p50_seconds": 0.5, "p99_seconds": 0.99}
COLUMNS = (
    "start_seconds", "seconds", *OUTCOMES[:-1], "warm", "cold", "provisioned_starts", "attempts",
    "throttled", "api_throttled",
    "mean_latency_seconds", *QUANTILES, "busy", "provisioned_busy", "environments", "provisioned",
    "billed_ms", "provisioned_ms", "init_ms",
)  # fmt: skip
_UNKNOWN = (float("nan"),) * (1 + len(QUANTILES))


class FunctionTimeline:
    """One row for each minute and function; `busy` and `environments` are means over the minute.

    Requests count for the minute in which their outcome was known, attempts and starts likewise.
    """

    def __init__(self, first: Totals) -> None:
        self._before = first
        self._rows: list[list[tuple[float, ...]]] = [[] for _ in first.billed_ms]

    def add(self, now: Totals, provisioned: Sequence[int]) -> None:
        """Close the row that ends now; `provisioned` was allocated in it."""
        before, self._before = self._before, now
        seconds = now.seconds - before.seconds
        if not seconds:
            return
        for number, rows in enumerate(self._rows):
            requests = (now.requests[number] - before.requests[number]).tolist()
            attempts = (now.attempts[number] - before.attempts[number]).tolist()
            starts = (now.starts[number] - before.starts[number]).tolist()
            throttled = sum(attempts[cause] for cause in THROTTLED)
            means = [
                float(getattr(now, name)[number] - getattr(before, name)[number]) / seconds
                for name in ("busy_seconds", "provisioned_seconds", "environment_seconds")
            ]
            counted = [
                int(getattr(now, name)[number] - getattr(before, name)[number])
                for name in ("billed_ms", "provisioned_ms", "init_ms")
            ]
            rows.append(
                (
                    before.seconds, seconds, *requests[:-1], *starts, sum(attempts), throttled,
                    attempts[API],
                    *_latencies(before, now, number), *means, provisioned[number], *counted,
                )
            )  # fmt: skip

    def columns(self) -> tuple[dict[str, NDArray[np.float64]], ...]:
        """For each function every column by name, one value for each minute."""
        return tuple(
            dict(zip(COLUMNS, np.array(rows).reshape(-1, len(COLUMNS)).T.copy(), strict=True))
            for rows in self._rows
        )


def _latencies(before: Totals, now: Totals, number: int) -> tuple[float, ...]:
    """Mean and quantiles of the answers of a row. [s]"""
    answered = int(now.requests[number, 0] - before.requests[number, 0])
    if not answered:
        return _UNKNOWN
    total = now.latency_seconds[number, 0] - before.latency_seconds[number, 0]
    reached = np.cumsum(now.histogram[number] - before.histogram[number])
    ranks = np.array(list(QUANTILES.values())) * reached[-1]
    return float(total) / answered, *MIDDLES[np.searchsorted(reached, ranks)].tolist()
