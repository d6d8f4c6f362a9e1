"""Lines of files that AWS or its users write: counts by the minute, and access logs."""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError

#: Names that the columns of a CSV of counts may have: ours, and those of CloudWatch's exports.
TIME_COLUMNS = ("time", "timestamp")
COUNT_COLUMNS = ("count", "value", "requestcount", "sum")
#: Numbers from here on are seconds since 1970 (this is 2001), smaller ones since the start. [s]
FIRST_UNIX_SECONDS = 1e9
#: Later than any date that a trace may start at: it is milliseconds, then. [s]
LAST_UNIX_SECONDS = 1e10
#: Most rows of a CSV, and entries of a log, that are read into memory.
MOST_ROWS = 20_000_000

#: Kinds of request in an access log, and the places of its fields, counted from 0. Documented:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
#: ("Access log entry syntax").
LOG_TYPES = frozenset({"http", "https", "h2", "grpcs", "ws", "wss"})
LOG_TIME, LOG_TARGET_SECONDS, LOG_FIELDS = 1, 6, 12
#: request_processing_time, target_processing_time, response_processing_time.
LOG_PROCESSING = slice(5, 8)

Column = NDArray[np.float64]


def moment(seconds: float) -> datetime | None:
    """The date of a time in a file, or nothing where it counts from the start of the trace.

    >>> moment(1780272000.0).isoformat(), moment(60.0)
    ('2026-06-01T00:00:00+00:00', None)
    """
    return datetime.fromtimestamp(seconds, UTC) if seconds >= FIRST_UNIX_SECONDS else None


def count_rows(file: Path) -> tuple[list[int], Column, Column]:
    """Line numbers, times [s] and counts of a CSV; at least two rows.

    Raises
    ------
    InvalidInputError
        Where the header has no such columns, or a row cannot be read.
    """
    rows: list[tuple[int, float, float]] = []
    with _opened(file) as text:
        reader = csv.reader(text)
        header = [name.strip().casefold() for name in next(reader, [])]
        time, count = (_place(file, header, names) for names in (TIME_COLUMNS, COUNT_COLUMNS))
        for row in reader:
            if row:
                _refuse_too_many(file, len(rows))
                rows.append(_row(f"{file}:{reader.line_num}", reader.line_num, row, time, count))
    if len(rows) < 2:
        raise InvalidInputError(
            f"{file}: has {len(rows)} rows of time and count; must have at least two, to tell how"
            " long an interval is"
        )
    lines, times, counts = zip(*rows, strict=True)
    return list(lines), np.array(times), np.array(counts)


def log_entries(file: Path) -> tuple[Column, Column]:
    """When each request of an access log arrived, since 1970, and how long its target took. [s]

    Raises
    ------
    InvalidInputError
        Where a line is not an entry, or there is none.
    """
    entries: list[tuple[float, float]] = []
    with _opened(file) as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                _refuse_too_many(file, len(entries))
                entries.append(_log_entry(f"{file}:{number}", line))
    if not entries:
        raise InvalidInputError(f"{file}: holds no entries; must hold at least one")
    arrivals, work = np.array(entries).T.copy()
    return arrivals, work


@contextmanager
def _opened(file: Path) -> Iterator[io.TextIOBase]:
    """The lines of a text, compressed or not."""
    try:
        with (gzip.open if file.suffix == ".gz" else open)(
            file, "rt", encoding="utf-8-sig", newline=""
        ) as text:
            yield text
    except FileNotFoundError:
        raise InvalidInputError(f"{file}: there is no such file") from None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise InvalidInputError(f"{file}: cannot be read ({error})") from None


def _refuse_too_many(file: Path, rows: int) -> None:
    if rows >= MOST_ROWS:
        raise InvalidInputError(f"{file}: must have at most {MOST_ROWS:,} rows")


def _place(file: Path, header: list[str], names: tuple[str, ...]) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    raise InvalidInputError(
        f"{file}:1: must have a column named one of {', '.join(names)}; it has"
        f" {', '.join(header) or 'none'}"
    )


def _row(place: str, line: int, row: list[str], time: int, count: int) -> tuple[int, float, float]:
    try:
        seconds, requests = _seconds(row[time]), float(row[count])
    except (IndexError, ValueError, OverflowError):
        raise InvalidInputError(
            f"{place}: {', '.join(row)!r} must hold a time (ISO 8601, or seconds) and a count"
        ) from None
    if not 0 <= seconds < LAST_UNIX_SECONDS:
        raise InvalidInputError(
            f"{place}: time {row[time]!r} must be a date from 1970 on, or seconds from 0 to"
            f" {LAST_UNIX_SECONDS:g}"
        )
    if not 0 <= requests < math.inf or requests != round(requests):
        raise InvalidInputError(
            f"{place}: count {row[count]!r} must be a whole number of at least 0"
        )
    return line, seconds, requests


def _seconds(text: str) -> float:
    """A time as seconds since 1970, or as the seconds it says."""
    try:
        return float(text)
    except ValueError:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _log_entry(place: str, text: str) -> tuple[float, float]:
    """When a request arrived, and the seconds its target took (-1: it gave no answer)."""
    # None of the first fields is quoted, so a blank parts them; this is ten times as fast as csv.
    fields = text.split(" ", LOG_FIELDS)
    try:
        if len(fields) < LOG_FIELDS or fields[0] not in LOG_TYPES:
            raise ValueError
        answered = datetime.fromisoformat(fields[LOG_TIME])
        if answered.tzinfo is None:
            raise ValueError
        spent = [float(seconds) for seconds in fields[LOG_PROCESSING]]
        if not all(seconds == -1 or 0 <= seconds < math.inf for seconds in spent):
            raise ValueError
    except ValueError:
        raise InvalidInputError(
            f"{place}: must be an entry of an Application Load Balancer's access log (kind, time,"
            " balancer, client, target, three processing times in seconds, ...)"
        ) from None
    arrived = answered.timestamp() - sum(seconds for seconds in spent if seconds > 0)
    return arrived, float(fields[LOG_TARGET_SECONDS])
