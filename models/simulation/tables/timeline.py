"""What happened to a table in each minute of a run, or in each row of another length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.simulation.tables.state import KINDS, REASONS, SERVED, State

#: Running totals in a row: counts by kind and outcome, capacity over time, consumed units.
_OUTCOMES = 1 + len(REASONS)
_TOTALS = len(KINDS) * (_OUTCOMES + 2)


class TableTimeline:
    """Rows of running totals, from which the columns are worked out at the end.

    Parameters
    ----------
    seconds : int
        How long the run lasts. [s]
    row_seconds : int
        Length of a row. [s]
    """

    def __init__(self, seconds: int, row_seconds: int) -> None:
        rows = -(-seconds // row_seconds)
        self._at, self._rows = np.zeros(rows + 1), 0
        self._totals = np.zeros((rows + 1, _TOTALS))
        self._sizes = np.zeros((rows + 1, 1 + len(KINDS)))

    def add(
        self, now: int, state: State, areas: NDArray[np.float64], consumed: NDArray[np.float64]
    ) -> None:
        """Close the row that ends now.

        `areas` is the capacity, `consumed` the units, both summed over time until now.
        """
        if now == self._at[self._rows]:
            return
        self._rows += 1
        self._at[self._rows] = now
        self._totals[self._rows] = np.concatenate((state.counts.ravel(), areas, consumed))
        self._sizes[self._rows] = (len(state.heat), *state.bank)

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """Every column by name. Capacity is a mean, partitions and banks are those at the end.

        On demand the capacity is what is served at once.
        """
        changes = np.diff(self._totals, axis=0)
        counts = changes[:, : len(KINDS) * _OUTCOMES].reshape(-1, len(KINDS), _OUTCOMES)
        areas, consumed = np.split(changes[:, len(KINDS) * _OUTCOMES :], 2, axis=1)
        lasted = np.diff(self._at)
        found = {"start_seconds": self._at[:-1], "seconds": lasted}
        for kind, name in enumerate(KINDS):
            asked = counts[:, kind].sum(axis=1)
            found |= {
                f"{name}s": asked,
                f"{name}s_throttled": asked - counts[:, kind, SERVED],
                f"{name}_units": consumed[:, kind],
                f"{name}_capacity": areas[:, kind] / lasted,
                f"{name}_bank": self._sizes[1:, 1 + kind],
            }
        reasons = counts[:, :, 1:].sum(axis=1)
        return {
            **found,
            **dict(zip(REASONS, reasons.T, strict=True)),
            "partitions": self._sizes[1:, 0],
        }
