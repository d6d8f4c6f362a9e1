"""The gate of a FOCUS table: every row against every rule that a simulated bill must keep.

The official validator asks of many rules whether *any* row keeps them; these ask it of each row.
They are stricter than FOCUS where FOCUS leaves a choice that our bills do not make: dollars only,
charge periods inside the billing period, credits without a unit price.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from models.focus import amounts, words
from models.focus.frame import column_type
from models.focus.vocabulary import COLUMNS

if TYPE_CHECKING:
    import pandas as pd


#: Every rule, in the order in which a row's problems are listed.
RULES = (*words.RULES, *amounts.RULES)


def check_focus(frame: pd.DataFrame) -> list[str]:
    """Every way in which a FOCUS table breaks a rule; an empty list means that it is right.

    Parameters
    ----------
    frame : pandas.DataFrame
        As from `focus_frame`.

    Returns
    -------
    list of str
        One line for each problem, naming row (counted from 0) and column. A column that is
        missing, unknown or of the wrong type is reported alone: no row can be judged then.
    """
    return list(_column_problems(frame)) or _row_problems(frame)


def _column_problems(frame: pd.DataFrame) -> Iterator[str]:
    for name in COLUMNS:
        if name not in frame:
            yield f"column {name}: is missing"
        elif (given := str(frame[name].dtype)) not in _accepted_types(name):
            yield f"column {name}: is of type {given}; it must be {column_type(name)}"
    for name in frame.columns:
        if name not in COLUMNS:
            yield f"column {name}: is no column of FOCUS 1.2 and none of ours"
    if not frame.columns.is_unique:
        yield "columns: a name occurs twice"


def _accepted_types(name: str) -> tuple[str, ...]:
    # Read back from Parquet, pandas 3 calls its own string type "str".
    wanted = column_type(name)
    return ("string", "str") if wanted == "string" else (wanted,)


def _row_problems(frame: pd.DataFrame) -> list[str]:
    frame = frame.reset_index(drop=True)
    problems: list[tuple[int, int, str]] = []
    for order, rule in enumerate(RULES):
        for row in np.flatnonzero(rule.broken(frame)):
            value = _shown(frame[rule.column].iloc[row])
            problems.append((int(row), order, f"row {row}: {rule.column} {value}: {rule.why}"))
    return [text for _, _, text in sorted(problems)]


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
