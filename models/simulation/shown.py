"""How the results of simulations are read and shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd


def column_of(columns: Mapping[str, NDArray[np.float64]], name: str) -> NDArray[np.float64]:
    """One column of a timeline.

    Raises
    ------
    InvalidInputError
        Where there is no such column, naming those that there are.
    """
    if name not in columns:
        raise InvalidInputError(f"timeline has no column {name!r}; it has {', '.join(columns)}")
    return columns[name]


class WithTimeline:
    """What has rows of a timeline, a minute each unless another length was asked for.

    Traffic, latency and utilization are those of the row; sizes and lines are read at its end.
    """

    _columns: Mapping[str, NDArray[np.float64]]

    def column(self, name: str) -> NDArray[np.float64]:
        """One column of the timeline: a value for each row.

        Raises
        ------
        InvalidInputError
            Where there is no such column.
        """
        return column_of(self._columns, name)

    @cached_property
    def timeline(self) -> pd.DataFrame:
        """One row for each minute, or whatever length was asked for."""
        import pandas as pd

        return pd.DataFrame(dict(self._columns))


def as_table(rows: Iterable[tuple[str, str]], note: str = "") -> str:
    """Names and values as an HTML table, for the last line of a notebook cell.

    >>> as_table([("a < b", "1")])
    "<table><tr><th style='text-align:left'>a &lt; b</th><td>1</td></tr></table>"
    """
    cells = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(text)}</td></tr>"
        for name, text in rows
    )
    caption = f"<caption>{escape(note)}</caption>" if note else ""
    return f"<table>{caption}{cells}</table>"


def ms_text(seconds: float) -> str:
    """A response time in milliseconds, or a dash where there is none.

    >>> ms_text(1.2345), ms_text(float("nan"))
    ('1,234 ms', '-')
    """
    return "-" if math.isnan(seconds) else f"{seconds * 1000:,.0f} ms"
