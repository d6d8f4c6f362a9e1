"""What the functions of theory accept: finite numbers, alone or in arrays, in their range."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import InvalidInputError

#: One number, or an array of them (one per sweep point).
Number = float | NDArray[np.float64]


def amount(name: str, value: Any, *, unit: str = "", above_zero: bool = False) -> Number:
    """`value` as a finite float, or array of floats, that is not negative (or is above 0).

    >>> amount("seconds", 3)
    3.0
    >>> amount("seconds", -1, unit="s")
    Traceback (most recent call last):
        ...
    models.errors.InvalidInputError: seconds -1 must be a finite number of at least 0 [s]
    """
    allowed = f"a finite number {'above 0' if above_zero else 'of at least 0'}"
    array = _array(name, value, allowed, unit)
    if np.any(array < 0) or (above_zero and np.any(array == 0)):
        raise refusal(name, value, allowed, unit)
    return plain(array)


def share(name: str, value: Any) -> Number:
    """`value` as a share from 0 to 1, or an array of them."""
    allowed = "a share from 0 to 1"
    array = _array(name, value, allowed, "")
    if np.any((array < 0) | (array > 1)):
        raise refusal(name, value, allowed)
    return plain(array)


def whole(name: str, value: Any, *, least: int = 1) -> int:
    """`value` as one whole number of at least `least`."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or value < least:
        raise refusal(name, value, f"a whole number of at least {least}")
    return int(value)


def one(name: str, value: Any, *, unit: str = "", above_zero: bool = False) -> float:
    """`value` as one finite number; what is found by search takes no arrays."""
    found = amount(name, value, unit=unit, above_zero=above_zero)
    if not isinstance(found, float):
        raise refusal(name, value, "one number, not an array", unit)
    return found


def level_below_one(value: Any) -> Number:
    """`value` as the level of a quantile: a share from 0 to below 1, or an array of them."""
    found = amount("level", value)
    if np.any(np.asarray(found) >= 1):
        raise refusal("level", value, "a share from 0 to below 1")
    return found


def plain(value: Any) -> Number:
    """A float where `value` has no dimensions, else the array."""
    array = np.asarray(value, dtype=np.float64)
    return float(array) if array.ndim == 0 else array


def refusal(name: str, given: Any, allowed: str, unit: str = "") -> InvalidInputError:
    """The error that says what was given and what is allowed."""
    shown = repr(given) if len(repr(given)) <= 60 else f"{repr(given)[:57]}..."
    return InvalidInputError(f"{name} {shown} must be {allowed}{f' [{unit}]' if unit else ''}")


def _array(name: str, value: Any, allowed: str, unit: str) -> NDArray[np.float64]:
    numeric = isinstance(value, int | float | np.number | np.ndarray)
    if not numeric or isinstance(value, bool) or getattr(value, "dtype", None) == np.bool_:
        raise refusal(name, value, allowed, unit)
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise refusal(name, value, allowed, unit) from None
    if not np.all(np.isfinite(array)):
        raise refusal(name, value, allowed, unit)
    return array
