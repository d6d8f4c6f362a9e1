"""A FOCUS table as Parquet and as CSV text."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.files import spreadsheet_text, write_atomically
from models.focus.vocabulary import DECIMAL_COLUMNS, TIME_COLUMNS

if TYPE_CHECKING:
    import pandas as pd


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a FOCUS table as Parquet, in one step.

    Strings are strings even where a column is empty, numbers are float64, and the periods are
    microseconds in UTC: what validators and query engines expect.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _arrow_type(pa, name)) for name in frame.columns])
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    write_atomically(path, buffer.getvalue())


def _arrow_type(pa: Any, name: str) -> Any:
    if name in DECIMAL_COLUMNS:
        return pa.float64()
    return pa.timestamp("us", tz="UTC") if name in TIME_COLUMNS else pa.string()


def focus_csv(frame: pd.DataFrame) -> str:
    """A FOCUS table as CSV text: null is empty, no number is in scientific notation.

    FOCUS wants an exponent written ``E-5`` where Python writes ``e-05``, so numbers are written
    out in full, with all their digits. CSV is what people open in spreadsheets, so text that a
    spreadsheet would run as a formula is escaped; Parquet has every character as it was.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(zip(*(_column_text(frame, name) for name in frame.columns), strict=True))
    return text.getvalue()


def _column_text(frame: pd.DataFrame, name: str) -> list[str]:
    column = frame[name]
    if name in DECIMAL_COLUMNS:
        return [_decimal_text(value) for value in column]
    if name in TIME_COLUMNS:
        return [str(value) for value in column.dt.strftime("%Y-%m-%dT%H:%M:%SZ")]
    return [spreadsheet_text(str(value)) for value in column.fillna("")]


def _decimal_text(value: float) -> str:
    """`value` in full; adding zero turns -0.0 into 0.0.

    >>> _decimal_text(2e-07), _decimal_text(1e22), _decimal_text(-0.0), _decimal_text(float("nan"))
    ('0.0000002', '10000000000000000000000', '0', '')
    """
    return "" if np.isnan(value) else np.format_float_positional(value + 0.0, trim="-")
