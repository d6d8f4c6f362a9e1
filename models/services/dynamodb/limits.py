"""What DynamoDB refuses, with its limit and where it is stated."""

from __future__ import annotations

import numpy as np

from models.metering import Quantity
from models.quotas import quota, range_of, value_of


def refuse_large_item(item_kb: Quantity) -> Quantity:
    """The size of an item, refused where DynamoDB has no such item. [KB]

    Raises
    ------
    ValueError
        With the limit and its source; a field's validator passes it on.

    Examples
    --------
    >>> refuse_large_item(400.0)
    400.0
    """
    most = value_of("dynamodb", "item_kb_max")
    if np.any(np.asarray(item_kb) > most):
        page = quota("dynamodb", "item_kb_max").source
        raise ValueError(f"must be at most {most} [KB] ({page})")
    return item_kb


def refuse_wrong_capacity(units: Quantity) -> Quantity:
    """Units of capacity, refused where no table may have so many, or so few. [units]

    Raises
    ------
    ValueError
        With the limit and its source.

    Examples
    --------
    >>> refuse_wrong_capacity(40_000)
    40000
    """
    least, most = range_of("dynamodb", "capacity_units")
    if np.any((np.asarray(units) < least) | (np.asarray(units) > most)):
        page = quota("dynamodb", "capacity_units_max").source
        raise ValueError(f"must be from {least:,} to {most:,} [units] ({page})")
    return units
