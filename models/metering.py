"""What was used, in the words and units of the AWS bill. No money here.

A `Meter` is one thing AWS counts; `Usage` holds how much of it each resource used, by hour.
Usage adds and scales, cost does not: combine usage first and price it once, because tiers
make cost a curve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import InvalidInputError
from models.units import TYPICAL, BillingPeriod

Quantity = float | NDArray[np.float64]


@dataclass(frozen=True)
class Meter:
    """One thing AWS counts in order to charge for it.

    Parameters
    ----------
    service_code : str
        AWS's service code, e.g. ``"AmazonEC2"``.
    usage_type : str
        AWS's usage type with the region prefix left off, e.g. ``"NatGateway-Bytes"``.
    unit : str
        AWS's pricing unit, e.g. ``"GB"``.
    operation : str
        AWS's operation, only where it decides the price.
    name : str
        What a reader calls it.
    rule : str
        How AWS counts it, in a sentence. Shown by ``bill.explain``.
    lever : str
        What would lower it, in a sentence. Shown beside the largest lines of a report.
    """

    service_code: str
    usage_type: str
    unit: str
    operation: str = ""
    name: str = field(default="", compare=False)
    rule: str = field(default="", compare=False)
    lever: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Service code, usage type and operation, as error messages name a meter."""
        return " ".join(
            part for part in (self.service_code, self.usage_type, self.operation) if part
        )


class UsageKey(NamedTuple):
    """Whose usage, where, of what."""

    resource: str
    region: str
    meter: Meter


class Usage(Mapping[UsageKey, NDArray[np.float64]]):
    """Quantities by resource, region and meter over one billing period. Immutable.

    Each quantity is an array whose last axis is time: either the hours of the period, or a
    single element that stands for the whole period and falls evenly on its hours. Leading
    axes are the points of a sweep.

    Parameters
    ----------
    period : BillingPeriod
    quantities : mapping of UsageKey to array, shape (..., 1) or (..., hours)
        [the meter's unit]

    Raises
    ------
    InvalidInputError
        Where a quantity is negative, not finite, or its last axis fits neither.
    """

    def __init__(
        self, period: BillingPeriod, quantities: Mapping[UsageKey, ArrayLike] | None = None
    ) -> None:
        self.period = period
        self._quantities = {
            key: _checked(key, value, period)
            for key, value in sorted((quantities or {}).items(), key=_order)
        }

    @classmethod
    def of_resource(
        cls,
        resource: str,
        region: str,
        metered: Iterable[tuple[Meter, Quantity]],
        *,
        period: BillingPeriod = TYPICAL,
    ) -> Usage:
        """Usage of one resource from (meter, quantity in the whole period) pairs.

        A quantity is a number, or an array of sweep points; nothing that is zero throughout
        is kept.
        """
        parts: dict[UsageKey, list[NDArray[np.float64]]] = {}
        for meter, quantity in metered:
            key = UsageKey(resource, region, meter)
            whole = np.asarray(quantity, dtype=np.float64)[..., None]
            parts.setdefault(key, []).append(_checked(key, whole, period))
        totals = {key: _combined(key, values, period) for key, values in parts.items()}
        return cls(period, {key: value for key, value in totals.items() if np.any(value)})

    def total(self, key: UsageKey) -> Quantity:
        """Quantity over the whole period: a number, or one for each sweep point."""
        summed = self._quantities[key].sum(axis=-1)
        return float(summed) if summed.ndim == 0 else summed

    def hourly(self, key: UsageKey) -> NDArray[np.float64]:
        """Quantity in each hour, shape (..., hours)."""
        return _by_hour(self._quantities[key], self.period)

    def scaled(self, factor: float) -> Usage:
        """The same usage `factor` times over."""
        return Usage(self.period, {key: value * factor for key, value in self.items()})

    def of(self, *, resource: str | None = None, service_code: str | None = None) -> Usage:
        """The part that belongs to one resource, one service, or both."""
        return Usage(
            self.period,
            {
                key: value
                for key, value in self.items()
                if resource in (None, key.resource)
                and service_code in (None, key.meter.service_code)
            },
        )

    def __add__(self, other: Usage) -> Usage:
        if not isinstance(other, Usage):
            return NotImplemented
        return Usage.sum((self, other), period=self.period)

    @staticmethod
    def sum(parts: Iterable[Usage], *, period: BillingPeriod = TYPICAL) -> Usage:
        """All of `parts` together. They must share the billing period."""
        found: dict[UsageKey, list[NDArray[np.float64]]] = {}
        for part in parts:
            if part.period != period:
                raise InvalidInputError(
                    f"usage of {part.period} cannot be added to usage of {period}"
                )
            for key, value in part.items():
                found.setdefault(key, []).append(value)
        return Usage(period, {key: _combined(key, values, period) for key, values in found.items()})

    def __getitem__(self, key: UsageKey) -> NDArray[np.float64]:
        return self._quantities[key]

    def __iter__(self) -> Iterator[UsageKey]:
        return iter(self._quantities)

    def __len__(self) -> int:
        return len(self._quantities)

    def to_frame(self) -> Any:
        """Totals as a pandas data frame, one row per resource and meter (sweeps: one per point)."""
        import pandas as pd

        rows = [
            {
                "resource": key.resource,
                "region": key.region,
                "service_code": key.meter.service_code,
                "usage_type": key.meter.usage_type,
                "operation": key.meter.operation,
                "unit": key.meter.unit,
                "point": point,
                "quantity": quantity,
            }
            for key in self
            for point, quantity in enumerate(np.ravel(self.total(key)))
        ]
        frame = pd.DataFrame(rows)
        swept = len(frame) > 0 and frame["point"].any()
        return frame if swept or frame.empty else frame.drop(columns="point")

    def __repr__(self) -> str:
        resources = len({key.resource for key in self})
        return f"Usage({len(self)} meters of {resources} resources, {self.period})"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


def hours_lasted(hours: float) -> NDArray[np.float64]:
    """How much of each hour a stretch of so many `hours` lasts: 1, but for the last. [h]

    >>> hours_lasted(2.5).tolist()
    [1.0, 1.0, 0.5]
    """
    return np.minimum(hours - np.arange(0.0, hours), 1.0)


def _order(item: tuple[UsageKey, Any]) -> tuple[str, ...]:
    resource, region, meter = item[0]
    return (resource, region, meter.service_code, meter.usage_type, meter.operation)


def _checked(key: UsageKey, value: ArrayLike, period: BillingPeriod) -> NDArray[np.float64]:
    array = np.array(value, dtype=np.float64, ndmin=1)
    if not np.all(np.isfinite(array)) or np.any(array < 0):
        raise InvalidInputError(
            f"{key.resource}: quantity of {key.meter} must be finite and not negative"
            f" [{key.meter.unit}]"
        )
    if array.shape[-1] not in (1, period.hours):
        raise InvalidInputError(
            f"{key.resource}: quantity of {key.meter} has {array.shape[-1]} hours;"
            f" the last axis must be 1 or {period.hours}"
        )
    array.flags.writeable = False
    return array


def _by_hour(array: NDArray[np.float64], period: BillingPeriod) -> NDArray[np.float64]:
    if array.shape[-1] == period.hours:
        return array
    return np.repeat(array / period.hours, period.hours, axis=-1)


def _combined(
    key: UsageKey, parts: list[NDArray[np.float64]], period: BillingPeriod
) -> NDArray[np.float64]:
    """Sum of `parts`, added in the order of their size: the same to the last bit in any order."""
    if len({part.shape[-1] for part in parts}) > 1:
        parts = [_by_hour(part, period) for part in parts]
    try:
        stacked = np.stack(np.broadcast_arrays(*parts))
    except ValueError:
        shapes = ", ".join(str(part.shape[:-1]) for part in parts)
        raise InvalidInputError(
            f"{key.resource}: sweeps of {key.meter} have points of shapes {shapes},"
            " which do not fit together"
        ) from None
    return reduce(np.add, np.sort(stacked, axis=0))
