"""Measured durations of a function by memory: a CSV, or the output of AWS Lambda Power Tuning."""

from __future__ import annotations

import base64
import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from models.errors import InvalidInputError
from models.quotas import range_of, value_of
from models.services.lambda_.rules import MS_PER_SECOND
from models.theory.numbers import refusal

LEAST_MB, MOST_MB = (int(bound) for bound in range_of("lambda", "memory_size_mb"))
ALLOWED_MEMORY = f"a whole number from {LEAST_MB} to {MOST_MB:,}"
#: No invocation takes longer. [ms]
MOST_MS = value_of("lambda", "timeout_seconds_max") * MS_PER_SECOND
#: Columns of a CSV of measurements.
MEMORY_COLUMN, DURATION_COLUMN = "memory_mb", "duration_ms"
#: Where a measurement stands, its memory and its duration, as they were given.
_Given = tuple[str, Any, Any]


class Measurement(NamedTuple):
    """Mean duration at one memory size.

    Attributes
    ----------
    memory_mb : int
        [MB]
    seconds : float
        [s]
    """

    memory_mb: int
    seconds: float


def read_measurements(path: Path | str) -> tuple[Measurement, ...]:
    """Durations at rising memory sizes, from a CSV or from what AWS Lambda Power Tuning prints.

    Parameters
    ----------
    path : path
        A CSV with the columns ``memory_mb`` and ``duration_ms``, or the output of the tool as JSON:
        with ``stats`` (input ``includeOutputResults``), else the address of its picture is read,
        which holds the same as numbers of four bytes.

    Raises
    ------
    InvalidInputError
        Naming the file and the line, or the entry, with what was given and what is allowed.

    Notes
    -----
    Documented: https://github.com/alexcasalboni/aws-lambda-power-tuning/blob/master/README-INPUT-OUTPUT.md
    shows the output and an example of the address. That its three parts are sizes as int16 and
    durations [ms] and costs as float32, little-endian, is read from ``lambda/utils.js`` there.
    Costs are not read: they follow from the prices of the day. The tool leaves out its fastest
    and slowest fifth of invocations, so its means are of warm ones.
    """
    file = Path(path)
    text = _text(file)
    given = _tuned(file, text) if text.lstrip().startswith("{") else _rows(file, text)
    found: list[Measurement] = []
    for place, memory, duration in given:
        size = checked_memory(place, memory, MEMORY_COLUMN)
        if found and size <= found[-1].memory_mb:
            raise InvalidInputError(
                f"{place}: {MEMORY_COLUMN} {size} comes after {found[-1].memory_mb}; sizes must"
                " rise, each given once"
            )
        ms = checked_amount(place, DURATION_COLUMN, duration, MOST_MS)
        found.append(Measurement(size, ms / MS_PER_SECOND))
    if not found:
        raise InvalidInputError(f"{file}: holds no measurements; must hold at least one")
    return tuple(found)


def checked_memory(place: str, given: Any, name: str = "memory_size_mb") -> int:
    """A memory size that Lambda offers; `place` says where it stands, for the refusal. [MB]"""
    value = _number(given)
    if not LEAST_MB <= value <= MOST_MB or value != round(value):
        raise refusal(f"{place}: {name}", given, ALLOWED_MEMORY, "MB")
    return int(value)


def checked_amount(place: str, name: str, given: Any, most: float) -> float:
    """A duration above 0 and of at most `most`. [s, where it is named `seconds`; else ms]"""
    value = _number(given)
    if not 0 < value <= most:
        unit = "s" if name == "seconds" else "ms"
        raise refusal(f"{place}: {name}", given, f"a number above 0, of at most {most:,}", unit)
    return value


def _number(given: Any) -> float:
    """`given` as a number, or one that no range holds."""
    try:
        return math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InvalidInputError(f"{file}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{file}: cannot be read ({error})") from None


def _rows(file: Path, text: str) -> Iterator[_Given]:
    """The rows of a CSV."""
    rows = csv.reader(text.splitlines(), strict=True)
    try:
        header = [name.strip().casefold() for name in next(rows, [])]
        for column in (MEMORY_COLUMN, DURATION_COLUMN):
            if column not in header:
                raise InvalidInputError(
                    f"{file}:1: must have a column {column}; it has {', '.join(header) or 'none'}"
                )
        for row in rows:
            if row and len(row) != len(header):
                raise InvalidInputError(
                    f"{file}:{rows.line_num}: {len(row)} fields in place of {len(header)}"
                )
            if row:
                cells = dict(zip(header, row, strict=True))
                yield f"{file}:{rows.line_num}", cells[MEMORY_COLUMN], cells[DURATION_COLUMN]
    except csv.Error as error:
        raise InvalidInputError(f"{file}:{rows.line_num}: is not CSV ({error})") from None


def _tuned(file: Path, text: str) -> Iterator[_Given]:
    """The measurements in the output of AWS Lambda Power Tuning."""
    output = _output(file, text)
    stats, machine = output.get("stats"), output.get("stateMachine")
    address = machine.get("visualization") if isinstance(machine, dict) else None
    if isinstance(stats, list):
        for number, entry in enumerate(stats):
            held = entry if isinstance(entry, dict) else {}
            yield f"{file}: stats[{number}]", held.get("value"), held.get("averageDuration")
    elif isinstance(address, str):
        for number, (memory, duration) in enumerate(_decoded(file, address)):
            yield f"{file}: visualization, size {number}", memory, duration
    else:
        raise InvalidInputError(
            f"{file}: must hold a list stats or stateMachine.visualization, as AWS Lambda Power"
            f" Tuning prints them; it holds {', '.join(output) or 'nothing'}"
        )


def _output(file: Path, text: str) -> dict[str, Any]:
    """The output itself, out of the ``output`` of an execution or the ``results`` it may be in."""
    try:
        found = json.loads(text)
        for wrapper in ("output", "results"):
            found = found.get(wrapper, found)
            found = json.loads(found) if isinstance(found, str) else found
            if not isinstance(found, dict):
                raise InvalidInputError(f"{file}: {wrapper} must be an object, or one as text")
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"{file}:{error.lineno}: is not JSON ({error.msg})") from None
    except RecursionError:
        raise InvalidInputError(f"{file}: is not the output of a tool; it is too deep") from None
    return dict(found)


def _decoded(file: Path, address: str) -> list[tuple[int, float]]:
    """Sizes and durations [ms] from the address of a picture."""
    try:
        parts = [base64.b64decode(part, validate=True) for part in address.split("#")[1].split(";")]
        sizes, durations, _ = (
            np.frombuffer(part, dtype=kind)
            for part, kind in zip(parts, ("<i2", "<f4", "<f4"), strict=True)
        )
        return list(zip(sizes.tolist(), durations.tolist(), strict=True))
    except (IndexError, ValueError):
        raise InvalidInputError(
            f"{file}: visualization {address[:60]!r} must end in # and three parts in base64, one"
            " each for sizes, durations and costs, parted by semicolons"
        ) from None
