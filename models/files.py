"""Where the data lies, and files that are written whole or not at all."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

from models.errors import PriceFileError

_PACKAGE = Path(__file__).resolve().parent

#: The project's data: inside the package in a wheel, beside it in a checkout.
DATA = _PACKAGE / "_data" if (_PACKAGE / "_data").is_dir() else _PACKAGE.parent / "data"

#: A cell that starts so is a formula to a spreadsheet (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def read_table(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and row of a CSV file that has exactly `columns`.

    Raises
    ------
    PriceFileError
        Where the file is missing, empty, not UTF-8, has other columns, or a row is short or long.
    """
    text = _text(path)
    rows = csv.reader(text.splitlines(), strict=True)
    try:
        header = next(rows, None)
        if header is None:
            raise PriceFileError(
                f"{path}: the file is empty; it must start with {','.join(columns)}"
            )
        if header != list(columns):
            raise PriceFileError(
                f"{path}:1: columns are {','.join(header)}; they must be {','.join(columns)}"
            )
        for row in rows:
            if len(row) != len(header):
                raise PriceFileError(
                    f"{path}:{rows.line_num}: {len(row)} fields in place of {len(header)};"
                    " is the file truncated?"
                )
            yield rows.line_num, dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise PriceFileError(
            f"{path}:{rows.line_num}: is not CSV ({error}); is the file truncated?"
        ) from None


@cache
def is_date(text: str) -> bool:
    """Whether a cell is a date as YYYY-MM-DD, which sorts as a date.

    `fromisoformat` also takes 20260901 and 2026-W36-2, which do not.
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PriceFileError(f"{path}: there is no such file") from None
    except OSError as error:
        raise PriceFileError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise PriceFileError(f"{path}: is not UTF-8 text (byte {error.start})") from None


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write `content` to `path` in one step: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def spreadsheet_text(value: str) -> str:
    """`value` such that a spreadsheet shows it as text and never runs it as a formula.

    >>> spreadsheet_text("=HYPERLINK(1)"), spreadsheet_text("web-a")
    ("'=HYPERLINK(1)", 'web-a')
    """
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
