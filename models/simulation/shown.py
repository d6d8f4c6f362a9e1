"""How the results of simulations are read and shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from html import escape

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError


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
