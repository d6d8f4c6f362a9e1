"""Reading the files of constants, and refusing those that are damaged or leave out a source."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.errors import PriceFileError
from models.files import is_date, read_table
from models.quotas.records import KINDS, ColdStartRow, InstanceType, Launch, Quota, Sla

QUOTA_COLUMNS = ("name", "value", "unit", "kind", "source", "date", "note")
LAUNCH_COLUMNS = (
    "date", "region", "instance_type", "scenario", "api_seconds", "pending_to_running_seconds",
    "boot_seconds", "source", "n",
)  # fmt: skip
COLD_START_COLUMNS = (
    "runtime", "package_type", "architecture", "memory_mb", "n", "init_median_ms", "init_sigma",
    "init_max_ms", "first_run_ms", "memory_used_mb", "source", "date",
)  # fmt: skip
SLA_COLUMNS = (
    "service", "configuration", "uptime_percent", "per", "source", "date", "confidence", "note",
)  # fmt: skip
COUNTED_BY = ("time", "request")
CONFIDENCES = ("high", "medium", "low")
PACKAGE_TYPES = ("zip", "image")
ARCHITECTURES = ("x86_64", "arm64")
INSTANCE_TYPE_COLUMNS = ("instance_type", "vcpus", "memory_gib", "quota_bucket", "source")


def read_quotas(path: Path) -> Iterator[Quota]:
    """Read one file of constants, checking every row.

    Raises
    ------
    PriceFileError
        Naming the line: a name twice or empty, a value that is no number, an unknown kind, a
        missing source, a date that is none; or that the file holds no rows.
    """
    seen: set[str] = set()
    for line, row in read_table(path, QUOTA_COLUMNS):
        name = row["name"]
        if not name.strip() or name in seen:
            fault = f"name {name!r} stands twice" if name in seen else "name is empty"
            raise PriceFileError(f"{path}:{line}: {fault}")
        seen.add(name)
        _one_of(path, line, row, "kind", KINDS)
        _need(path, line, row, "source")
        yield Quota(
            path.stem, name, _number(path, line, row, "value"), row["unit"], row["kind"],
            row["source"], _date(path, line, row), row["note"],
        )  # fmt: skip
    if not seen:
        raise PriceFileError(f"{path}: holds a header but no rows; is the file truncated?")


def read_instance_types(path: Path) -> Iterator[InstanceType]:
    """Read the table of instance types; refusals as `read_quotas`."""
    seen: set[str] = set()
    for line, row in read_table(path, INSTANCE_TYPE_COLUMNS):
        name = row["instance_type"]
        if name in seen:
            raise PriceFileError(f"{path}:{line}: instance_type {name!r} stands twice")
        seen.add(name)
        for column in ("instance_type", "quota_bucket", "source"):
            _need(path, line, row, column)
        yield InstanceType(
            name, _count(path, line, row, "vcpus"), _amount(path, line, row, "memory_gib"),
            row["quota_bucket"], row["source"],
        )  # fmt: skip


def read_launches(path: Path) -> Iterator[Launch]:
    """Read the measured starts of instances; refusals as `read_quotas`."""
    for line, row in read_table(path, LAUNCH_COLUMNS):
        yield Launch(
            _date(path, line, row), row["region"], row["instance_type"],
            _need(path, line, row, "scenario"),
            _amount(path, line, row, "api_seconds"),
            _amount(path, line, row, "pending_to_running_seconds"),
            _amount(path, line, row, "boot_seconds"),
            _need(path, line, row, "source"),
            int(_amount(path, line, row, "n")) if row["n"] else None,
        )  # fmt: skip


def read_cold_starts(path: Path) -> Iterator[ColdStartRow]:
    """Read the measured cold starts of Lambda functions; refusals as `read_quotas`."""
    seen: set[tuple[str, ...]] = set()
    for line, row in read_table(path, COLD_START_COLUMNS):
        key = tuple(row[column] for column in COLD_START_COLUMNS[:4])
        if key in seen:
            raise PriceFileError(f"{path}:{line}: {' '.join(key)} stands twice")
        seen.add(key)
        yield ColdStartRow(
            _need(path, line, row, "runtime"),
            _one_of(path, line, row, "package_type", PACKAGE_TYPES),
            _one_of(path, line, row, "architecture", ARCHITECTURES),
            _count(path, line, row, "memory_mb"), _count(path, line, row, "n"),
            _amount(path, line, row, "init_median_ms"), _amount(path, line, row, "init_sigma"),
            _amount(path, line, row, "init_max_ms"), _amount(path, line, row, "first_run_ms"),
            _amount(path, line, row, "memory_used_mb"),
            _need(path, line, row, "source"), _date(path, line, row),
        )  # fmt: skip
    if not seen:
        raise PriceFileError(f"{path}: holds a header but no rows; is the file truncated?")


def read_slas(path: Path) -> Iterator[Sla]:
    """Read the service level agreements; refusals as `read_quotas`, and more than 100 percent."""
    seen: set[tuple[str, str]] = set()
    for line, row in read_table(path, SLA_COLUMNS):
        key = row["service"], row["configuration"]
        if key in seen:
            raise PriceFileError(f"{path}:{line}: {' '.join(key).strip()} stands twice")
        seen.add(key)
        percent = _amount(path, line, row, "uptime_percent")
        if percent > 100:
            raise PriceFileError(f"{path}:{line}: uptime_percent {percent} must be at most 100")
        yield Sla(
            _need(path, line, row, "service"), row["configuration"], percent,
            _one_of(path, line, row, "per", COUNTED_BY), _need(path, line, row, "source"),
            _date(path, line, row), _one_of(path, line, row, "confidence", CONFIDENCES),
            row["note"],
        )  # fmt: skip
    if not seen:
        raise PriceFileError(f"{path}: holds a header but no rows; is the file truncated?")


def _one_of(path: Path, line: int, row: dict[str, str], column: str, allowed: Sequence[str]) -> str:
    if row[column] not in allowed:
        raise PriceFileError(
            f"{path}:{line}: {column} {row[column]!r} must be one of {', '.join(allowed)}"
        )
    return row[column]


def _need(path: Path, line: int, row: dict[str, str], column: str) -> str:
    if not row[column].strip():
        raise PriceFileError(f"{path}:{line}: {column} is empty; every row needs one")
    return row[column]


def _date(path: Path, line: int, row: dict[str, str]) -> str:
    if not is_date(row["date"]):
        raise PriceFileError(f"{path}:{line}: date {row['date']!r} must be a date as YYYY-MM-DD")
    return row["date"]


def _number(path: Path, line: int, row: dict[str, str], column: str) -> int | float:
    """A finite number; a whole one stays whole, so that it can count things."""
    text = row[column]
    try:
        value = int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PriceFileError(f"{path}:{line}: {column} {text!r} must be a finite number")
    return value


def _amount(path: Path, line: int, row: dict[str, str], column: str) -> int | float:
    value = _number(path, line, row, column)
    if value <= 0:
        raise PriceFileError(f"{path}:{line}: {column} {row[column]!r} must be above 0")
    return value


def _count(path: Path, line: int, row: dict[str, str], column: str) -> int:
    value = _amount(path, line, row, column)
    if not isinstance(value, int):
        raise PriceFileError(f"{path}:{line}: {column} {row[column]!r} must be a whole number")
    return value
