"""Reading price files, and refusing those that are damaged or contradict themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

from models.errors import PriceFileError
from models.files import is_date, read_table
from models.prices.records import (
    CONFIDENCES,
    FREE_TIER_PLANS,
    Allowance,
    Credit,
    Price,
    Region,
    Tier,
)

PRICE_COLUMNS = (
    "service_code", "usage_type", "operation", "region", "unit", "tier_from", "tier_to",
    "price_usd", "effective_date", "source", "confidence",
)  # fmt: skip
FREE_TIER_COLUMNS = (
    "plan", "name", "service_code", "usage_type", "operation", "scope", "quantity", "unit",
    "effective_date", "source", "confidence",
)  # fmt: skip
CREDIT_COLUMNS = (
    "name", "amount_usd", "granted", "valid_months", "effective_date", "source", "confidence",
)  # fmt: skip
REGION_COLUMNS = ("region", "name", "usage_type_prefix", "source")
POOL_COLUMNS = ("pool", "service_code", "usage_type", "source")


def read_prices(path: Path) -> Iterator[Price]:
    """Read one price file, checking every row.

    Raises
    ------
    PriceFileError
        Naming the line: a tier that does not join the one before, a duplicate, a missing date or
        source, an unknown confidence, a price that is not a finite number of at least 0.
    """
    rows = [(_row_key(row), line, row) for line, row in read_table(path, PRICE_COLUMNS)]
    if not rows:
        raise PriceFileError(f"{path}: holds a header but no prices; is the file truncated?")
    rows.sort(key=lambda item: (item[0], _number(path, item[1], item[2], "tier_from")))
    for _, group in groupby(rows, key=lambda item: item[0]):
        lines = [(line, row) for _, line, row in group]
        tiers = tuple(_tier(path, line, row) for line, row in lines)
        _check_chain(path, lines, tiers)
        first = lines[0][1]
        for line, row in lines:
            _check_row(path, line, row, first)
        yield Price(
            service_code=first["service_code"],
            usage_type=first["usage_type"],
            operation=first["operation"],
            region=first["region"],
            unit=first["unit"],
            tiers=tiers,
            effective_date=first["effective_date"],
            source=first["source"],
            confidence=max((row["confidence"] for _, row in lines), key=CONFIDENCES.index),
        )


def _row_key(row: dict[str, str]) -> tuple[str, str, str, str]:
    return (row["service_code"], row["usage_type"], row["operation"], row["region"])


def _tier(path: Path, line: int, row: dict[str, str]) -> Tier:
    start, end, price = (
        _number(path, line, row, name) for name in ("tier_from", "tier_to", "price_usd")
    )
    if price < 0 or math.isinf(price):
        raise PriceFileError(
            f"{path}:{line}: price_usd {row['price_usd']!r} must be finite and at least 0"
        )
    if end <= start:
        raise PriceFileError(
            f"{path}:{line}: tier_to {row['tier_to']} must be above tier_from {row['tier_from']}"
        )
    return Tier(start, end, price)


def _check_chain(
    path: Path, lines: list[tuple[int, dict[str, str]]], tiers: tuple[Tier, ...]
) -> None:
    name = " ".join(part for part in _row_key(lines[0][1]) if part)
    if tiers[0].start != 0:
        raise PriceFileError(f"{path}:{lines[0][0]}: the first tier of {name} must start at 0")
    for (before, after), (line, _) in zip(pairwise(tiers), lines[1:], strict=True):
        if after.start == before.start:
            raise PriceFileError(f"{path}:{line}: duplicate tier of {name} from {after.start:g}")
        if after.start != before.end:
            kind = "overlaps" if after.start < before.end else "leaves a gap after"
            raise PriceFileError(
                f"{path}:{line}: tier of {name} from {after.start:g} {kind} the one to"
                f" {before.end:g}"
            )
    if not math.isinf(tiers[-1].end):
        raise PriceFileError(f"{path}:{lines[-1][0]}: the last tier of {name} must end at Inf")


def _check_row(path: Path, line: int, row: dict[str, str], first: dict[str, str]) -> None:
    for column in ("service_code", "usage_type", "region", "unit", "effective_date", "source"):
        if not row[column].strip():
            raise PriceFileError(f"{path}:{line}: {column} is empty; every price needs one")
    if not is_date(row["effective_date"]):
        raise PriceFileError(
            f"{path}:{line}: effective_date {row['effective_date']!r} must be a date as YYYY-MM-DD"
        )
    if row["confidence"] not in CONFIDENCES:
        raise PriceFileError(
            f"{path}:{line}: confidence {row['confidence']!r} must be one of"
            f" {', '.join(CONFIDENCES)}"
        )
    if row["unit"] != first["unit"]:
        raise PriceFileError(
            f"{path}:{line}: unit {row['unit']} differs from {first['unit']} of the first tier"
        )


def _number(path: Path, line: int, row: dict[str, str], column: str) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise PriceFileError(f"{path}:{line}: {column} {row[column]!r} must be a number")
    return value


def read_allowances(path: Path) -> Iterator[Allowance]:
    for line, row in read_table(path, FREE_TIER_COLUMNS):
        if row["scope"] not in ("all-regions", "each-region"):
            raise PriceFileError(
                f"{path}:{line}: scope {row['scope']!r} must be all-regions or each-region"
            )
        if row["plan"] not in FREE_TIER_PLANS[1:]:
            raise PriceFileError(
                f"{path}:{line}: plan {row['plan']!r} must be one of {FREE_TIER_PLANS[1:]}"
            )
        yield Allowance(
            plan=row["plan"],
            name=row["name"],
            service_code=row["service_code"],
            usage_types=tuple(row["usage_type"].split("|")),
            operations=tuple(filter(None, row["operation"].split("|"))),
            scope=row["scope"],
            quantity=_number(path, line, row, "quantity"),
            unit=row["unit"],
            effective_date=row["effective_date"],
            source=row["source"],
            confidence=row["confidence"],
        )


def read_credits(path: Path) -> Iterator[Credit]:
    for line, row in read_table(path, CREDIT_COLUMNS):
        yield Credit(
            row["name"], _number(path, line, row, "amount_usd"), row["granted"],
            int(_number(path, line, row, "valid_months")), row["effective_date"], row["source"],
        )  # fmt: skip


def read_regions(path: Path) -> Iterator[Region]:
    """Read the table of regions."""
    for _, row in read_table(path, REGION_COLUMNS):
        yield Region(row["region"], row["name"], row["usage_type_prefix"])


def read_pools(path: Path) -> dict[tuple[str, str], str]:
    """Read which usage types share a tier pool beyond their own."""
    rows = read_table(path, POOL_COLUMNS)
    return {(row["service_code"], row["usage_type"]): row["pool"] for _, row in rows}
