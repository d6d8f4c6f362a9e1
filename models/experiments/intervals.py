"""What replications say about a mean: Student's t."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError

LOWER, HIGHER, EQUAL, UNCERTAIN = "lower", "higher", "equal", "uncertain"


def mean_and_half_width(values: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Mean of independent values and half the width of its confidence interval.

    A single value has no interval: NaN.
    """
    count = len(values)
    mean = float(np.mean(values)) if count else math.nan
    if count < 2:
        return mean, math.nan
    if np.all(values == values[0]):
        return float(values[0]), 0.0
    with np.errstate(invalid="ignore"):  # an infinite value leaves no interval either
        deviation = float(np.std(values, ddof=1))
    return mean, _quantile(confidence, count) * deviation / math.sqrt(count)


def sign(mean: float, half_width: float) -> str:
    """On which side of zero the interval lies, if on one.

    >>> sign(-2, 1), sign(2, 3), sign(0, 0), sign(2, math.nan)
    ('lower', 'uncertain', 'equal', 'uncertain')
    """
    if mean == 0 and half_width == 0:
        return EQUAL
    if mean + half_width < 0:
        return LOWER
    return HIGHER if mean - half_width > 0 else UNCERTAIN


def refuse_no_confidence(confidence: float) -> None:
    """Refuse what is not a share between 0 and 1."""
    if not isinstance(confidence, int | float) or not 0 < confidence < 1:
        raise InvalidInputError(
            f"confidence ({confidence!r}) must be between 0 and 1, such as 0.95"
        )


def refuse_no_precision(relative_precision: float | None) -> None:
    """Refuse what is neither left out nor a share above 0."""
    if relative_precision is None:
        return
    if not isinstance(relative_precision, int | float) or not 0 < relative_precision < math.inf:
        raise InvalidInputError(
            f"relative_precision ({relative_precision!r}) must be above 0, such as 0.01"
        )


@functools.cache
def _quantile(confidence: float, count: int) -> float:
    from scipy import stats

    return float(stats.t.ppf((1 + confidence) / 2, count - 1))
