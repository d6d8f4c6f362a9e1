"""Reading the files of constants, and refusing those that are damaged or leave out a source."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from models.errors import PriceFileError
from models.files import is_date, read_table
from models.quotas.records import KINDS, InstanceType, Launch, Quota

QUOTA_COLUMNS = ("name", "value", "unit", "kind", "source", "date", "note")
LAUNCH_COLUMNS = (
    "date", "region", "instance_type", "scenario", "api_seconds", "pending_to_running_seconds",
    "boot_seconds", "source", "n",
)  # fmt: skip
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
        if row["kind"] not in KINDS:
            raise PriceFileError(
                f"{path}:{line}: kind {row['kind']!r} must be one of {', '.join(KINDS)}"
            )
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
        vcpus, memory = (_amount(path, line, row, column) for column in ("vcpus", "memory_gib"))
        if not isinstance(vcpus, int):
            raise PriceFileError(f"{path}:{line}: vcpus {row['vcpus']!r} must be a whole number")
        yield InstanceType(name, vcpus, memory, row["quota_bucket"], row["source"])


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
