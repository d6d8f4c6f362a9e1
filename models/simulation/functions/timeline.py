"""What happened to each function in each minute of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.simulation.functions.outcomes import API, OK, OUTCOMES, THROTTLED
from models.simulation.functions.pool import Totals
from models.simulation.latency import MIDDLES

QUANTILES = {"p50_seconds": 0.5, "p99_seconds": 0.99}
_SHARES = np.array(list(QUANTILES.values()))
_STARTS = ("warm", "cold", "provisioned_starts")
#: Integrals over time, and the columns that hold their mean over a minute.
_MEANS = {
    "busy_seconds": "busy",
    "provisioned_seconds": "provisioned_busy",
    "environment_seconds": "environments",
}
_SUMS = ("billed_ms", "provisioned_ms", "init_ms")
_SEVERAL = ("requests", "attempts", "starts", "latency_seconds")


class FunctionTimeline:
    """One row for each minute (or longer) and function; sizes such as `busy` are means over it.

    Requests count for the minute in which their outcome was known, attempts and starts likewise.
    While the run goes on only the running totals are kept; the columns are worked out at its end.
    """

    def __init__(self, first: Totals) -> None:
        self._histogram = first.histogram
        self._seconds = [first.seconds]
        self._kept = [_flat(first)]
        self._quantiles: list[NDArray[np.float64]] = []
        self._areas = [np.zeros((2, len(first.histogram)))]

    def add(self, now: Totals, areas: NDArray[np.float64]) -> None:
        """Close the row that ends now; see `provisioned.Limits.areas`."""
        if now.seconds == self._seconds[-1]:
            return
        self._quantiles.append(_quantiles(now.histogram - self._histogram))
        self._histogram = now.histogram
        self._seconds.append(now.seconds)
        self._kept.append(_flat(now))
        self._areas.append(areas)

    def columns(self) -> tuple[dict[str, NDArray[np.float64]], ...]:
        """For each function every column by name, one value for each minute."""
        seconds = np.array(self._seconds)
        functions = self._histogram.shape[0]
        changes = np.diff(np.array(self._kept), axis=0).reshape(len(seconds) - 1, functions, -1)
        quantiles = np.array(self._quantiles).reshape(len(seconds) - 1, functions, -1)
        kept = np.diff(np.array(self._areas), axis=0)
        return tuple(
            _columns(seconds, changes[:, number], quantiles[:, number], kept[:, :, number])
            for number in range(functions)
        )


def _flat(totals: Totals) -> NDArray[np.float64]:
    """The running totals of each function in one row. Counts stay exact up to 2**53."""
    several = [getattr(totals, name) for name in _SEVERAL]
    single = [getattr(totals, name)[:, None] for name in (*_MEANS, *_SUMS)]
    return np.concatenate([*several, *single], axis=1, dtype=np.float64).ravel()


def _quantiles(histogram: NDArray[np.int64]) -> NDArray[np.float64]:
    """Quantiles of the response times of each function, NaN where nobody was answered. [s]"""
    found = np.full((len(histogram), len(_SHARES)), np.nan)
    for number, counts in enumerate(histogram):
        reached = np.cumsum(counts)
        if reached[-1]:
            found[number] = MIDDLES[np.searchsorted(reached, _SHARES * reached[-1])]
    return found


def _columns(
    seconds: NDArray[np.float64], changes: NDArray[np.float64],
    quantiles: NDArray[np.float64], provisioned: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    """The columns of one function from what changed in each minute."""
    lasted = np.diff(seconds)
    ends = np.cumsum([len(OUTCOMES), len(OUTCOMES), len(_STARTS), 2, len(_MEANS)])
    requests, attempts, starts, latency, means, sums = np.split(changes, ends, axis=1)
    answered = np.where(requests[:, OK] > 0, requests[:, OK], np.nan)
    return {
        "start_seconds": seconds[:-1],
        "seconds": lasted,
        **dict(zip(OUTCOMES[:-1], requests.T, strict=False)),
        **dict(zip(_STARTS, starts.T, strict=True)),
        "attempts": attempts.sum(axis=1),
        "throttled": attempts[:, list(THROTTLED)].sum(axis=1),
        "api_throttled": attempts[:, API],
        "mean_latency_seconds": latency[:, 0] / answered,
        **dict(zip(QUANTILES, quantiles.T, strict=True)),
        **dict(zip(_MEANS.values(), means.T / lasted, strict=True)),
        "provisioned": provisioned[:, 0] / lasted,
        "configured": provisioned[:, 1] / lasted,
        **dict(zip(_SUMS, sums.T, strict=True)),
    }
