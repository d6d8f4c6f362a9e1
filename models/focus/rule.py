"""What a rule of a FOCUS table is, and the questions that rules are made of.

Every question takes the table and marks rows. "Unless it is a correction" is FOCUS's own
exception: such a row mends an earlier bill and may lack a price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Rows = NDArray[np.bool_]
#: Costs and prices are products of floats; anything beyond rounding is a wrong figure.
RELATIVE_TOLERANCE = 1e-9

UNIT_PRICES = (
    "ContractedUnitPrice", "ListUnitPrice", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyListUnitPrice",
)  # fmt: skip
COSTS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost")


class Rule(NamedTuple):
    """One rule: the column it blames, why, and which rows break it."""

    column: str
    why: str
    broken: Callable[[pd.DataFrame], Rows]


def null(frame: pd.DataFrame, column: str) -> Rows:
    """Rows without a value."""
    return frame[column].isna().to_numpy(dtype=np.bool_)


def one_of(frame: pd.DataFrame, column: str, *values: str) -> Rows:
    """Rows with one of `values`."""
    return frame[column].isin(values).to_numpy(dtype=np.bool_)


def texts(frame: pd.DataFrame, column: str) -> list[str | None]:
    """The texts of a column, None for null, whatever pandas calls null."""
    return [value if isinstance(value, str) else None for value in frame[column]]


def each(frame: pd.DataFrame, column: str, wrong: Callable[[str], bool]) -> Rows:
    """Rows with text that is `wrong`; null is another rule's matter."""
    found = texts(frame, column)
    return np.array([text is not None and wrong(text) for text in found], dtype=np.bool_)


def numbers(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """The numbers of a column, NaN for null."""
    return frame[column].to_numpy(dtype=np.float64)


def differ(first: NDArray[np.float64], second: NDArray[np.float64]) -> Rows:
    """Rows where two known numbers differ by more than rounding."""
    known = ~(np.isnan(first) | np.isnan(second))
    close = np.isclose(first, second, rtol=RELATIVE_TOLERANCE, atol=0)
    return np.asarray(known & ~close)


def distinct(frame: pd.DataFrame, column: str, other: str) -> Rows:
    """Rows where two columns do not hold the same text."""
    pairs = zip(texts(frame, column), texts(frame, other), strict=True)
    return np.array([one != two for one, two in pairs], dtype=np.bool_)


def unlike(frame: pd.DataFrame, column: str, key: str, names: dict[str, str]) -> Rows:
    """Rows whose `column` is not what `names` has for `key`, where both have anything."""
    pairs = zip(texts(frame, column), texts(frame, key), strict=True)
    return np.array(
        [text is not None and names.get(name or "", text) != text for text, name in pairs],
        dtype=np.bool_,
    )


def ordinary(frame: pd.DataFrame) -> Rows:
    """Rows that are no correction of an earlier bill."""
    return null(frame, "ChargeClass")


def usage(frame: pd.DataFrame) -> Rows:
    """Rows of usage."""
    return one_of(frame, "ChargeCategory", "Usage")


def priced(frame: pd.DataFrame) -> Rows:
    """Rows that must have a price: usage and purchases, corrections apart."""
    return one_of(frame, "ChargeCategory", "Usage", "Purchase") & ordinary(frame)


def committed(frame: pd.DataFrame) -> Rows:
    """Rows that have to do with a Savings Plan or a reservation."""
    return ~null(frame, "CommitmentDiscountId")


def consuming(frame: pd.DataFrame) -> Rows:
    """Rows of usage of something, not of a commitment that lies idle."""
    return usage(frame) & ~one_of(frame, "CommitmentDiscountStatus", "Unused")
