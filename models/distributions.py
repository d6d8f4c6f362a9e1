"""Durations that know their own mean: the same object feeds theory, estimates and simulation.

Each is a frozen record that YAML can spell, with `draw` for numbers and `mean_seconds` and `cv2`
(the squared coefficient of variation: variance over squared mean) for closed forms.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, model_validator

from models.errors import InvalidInputError
from models.resource import Settings

Draws = NDArray[np.float64]


def _number(value: Any) -> Any:
    """Refuse what Python would quietly turn into a number."""
    if isinstance(value, bool | np.bool_ | str | bytes):
        raise ValueError("must be a number")
    return value


#: A finite number; text and booleans are not numbers here. Bounds are added where it is used.
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
#: From nothing to thirty years. [s]
Seconds = Annotated[Number, Field(ge=0, le=1e9)]
#: A length of time that is not nothing. [s]
Positive = Annotated[Number, Field(gt=0, le=1e9)]


class Fixed(Settings):
    """Always the same.

    >>> Fixed(seconds=2).draw(np.random.default_rng(0), 2).tolist()
    [2.0, 2.0]
    """

    distribution: Literal["fixed"] = "fixed"
    """Name of the distribution."""
    seconds: Seconds
    """[s]"""

    @property
    def mean_seconds(self) -> float:
        """Mean. [s]"""
        return self.seconds

    @property
    def cv2(self) -> float:
        """Squared coefficient of variation."""
        return 0.0

    def draw(self, rng: np.random.Generator, size: int) -> Draws:
        """So many values; `rng` is not used. [s]"""
        return np.full(size, self.seconds)


class Exponential(Settings):
    """Without memory: what is left does not depend on what has passed.

    >>> Exponential(mean_seconds=0.1).cv2
    1.0
    """

    distribution: Literal["exponential"] = "exponential"
    """Name of the distribution."""
    mean_seconds: Positive
    """Mean. [s]"""

    @property
    def cv2(self) -> float:
        """Squared coefficient of variation."""
        return 1.0

    def draw(self, rng: np.random.Generator, size: int) -> Draws:
        """So many values. [s]"""
        values = rng.standard_exponential(size)
        values *= self.mean_seconds
        return values


class LogNormal(Settings):
    """Most values near the median, a few much longer: what request and boot times look like.

    >>> work = LogNormal.of_mean(0.1, cv=0.5)
    >>> round(work.mean_seconds, 12), round(work.cv2, 12)
    (0.1, 0.25)
    """

    distribution: Literal["lognormal"] = "lognormal"
    """Name of the distribution."""
    median_seconds: Positive
    """Half of the values are below. [s]"""
    sigma: Annotated[Number, Field(ge=0, le=5)]
    """Standard deviation of the natural logarithm; 0 is always the median."""

    @classmethod
    def of_mean(cls, mean_seconds: float, cv: float) -> Self:
        """With this mean and coefficient of variation.

        Parameters
        ----------
        mean_seconds : float
            [s]
        cv : float
            Standard deviation over mean.

        Raises
        ------
        InvalidInputError
            Where the mean is not above 0, or `cv` is negative.

        Notes
        -----
        ``sigma**2 = ln(1 + cv**2)`` and ``mean = median exp(sigma**2 / 2)``.
        """
        if not mean_seconds > 0 or not 0 <= cv < math.inf:
            raise InvalidInputError(
                f"mean_seconds ({mean_seconds}) must be above 0 [s] and cv ({cv}) at least 0"
            )
        variance = math.log1p(cv**2)
        return cls(median_seconds=mean_seconds * math.exp(-variance / 2), sigma=math.sqrt(variance))

    @property
    def mean_seconds(self) -> float:
        """Mean. [s]"""
        return self.median_seconds * math.exp(self.sigma**2 / 2)

    @property
    def cv2(self) -> float:
        """Squared coefficient of variation."""
        return math.expm1(self.sigma**2)

    def draw(self, rng: np.random.Generator, size: int) -> Draws:
        """So many values. [s]"""
        values = rng.standard_normal(size)
        values *= self.sigma
        np.exp(values, out=values)
        values *= self.median_seconds
        return values


class Uniform(Settings):
    """Anything between two bounds, equally likely.

    >>> Uniform(low_seconds=0, high_seconds=3).mean_seconds
    1.5
    """

    distribution: Literal["uniform"] = "uniform"
    """Name of the distribution."""
    low_seconds: Seconds
    """[s]"""
    high_seconds: Seconds
    """[s]"""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low_seconds > self.high_seconds:
            raise InvalidInputError(
                f"low_seconds ({self.low_seconds}) must be at most high_seconds"
                f" ({self.high_seconds}) [s]"
            )
        return self

    @property
    def mean_seconds(self) -> float:
        """Mean. [s]"""
        return (self.low_seconds + self.high_seconds) / 2

    @property
    def cv2(self) -> float:
        """Squared coefficient of variation."""
        width = self.high_seconds - self.low_seconds
        return width**2 / 12 / self.mean_seconds**2 if self.mean_seconds else 0.0

    def draw(self, rng: np.random.Generator, size: int) -> Draws:
        """So many values. [s]"""
        return rng.uniform(self.low_seconds, self.high_seconds, size)


class Gamma(Settings):
    """A given mean and a given spread; the exponential is the one with spread 1.

    >>> Gamma(mean_seconds=0.1, cv=0.5).cv2
    0.25
    """

    distribution: Literal["gamma"] = "gamma"
    """Name of the distribution."""
    mean_seconds: Positive
    """Mean. [s]"""
    # Below a millionth the squared spread would leave what a float can divide by.
    cv: Annotated[Number, Field(ge=1e-6, le=10)]
    """Coefficient of variation: standard deviation over mean."""

    @property
    def cv2(self) -> float:
        """Squared coefficient of variation."""
        return self.cv**2

    def draw(self, rng: np.random.Generator, size: int) -> Draws:
        """So many values. [s]"""
        return rng.gamma(1 / self.cv2, self.mean_seconds * self.cv2, size)


class Empirical(Settings):
    """Measured values: between each two neighbors in order, equally likely.

    >>> Empirical(quantile_seconds=(0, 1, 5)).mean_seconds
    1.75
    """

    distribution: Literal["empirical"] = "empirical"
    """Name of the distribution."""
    quantile_seconds: Annotated[tuple[Seconds, ...], Field(min_length=2, max_length=100_000)]
    """Equally spaced quantiles, from the smallest value to the largest. [s]"""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if np.any(self._widths < 0):
            number = int(np.argmax(self._widths < 0)) + 1
            raise InvalidInputError(
                f"quantile_seconds must not fall from one to the next; number {number + 1} is"
                f" {self._quantiles[number]:g} after {self._quantiles[number - 1]:g} [s]"
            )
        return self

    # Pydantic compares what is kept for later as well, and an array has no single truth value.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Empirical) and self.quantile_seconds == other.quantile_seconds

    def __hash__(self) -> int:
        return hash(self.quantile_seconds)

    @cached_property
    def _quantiles(self) -> Draws:
        return np.array(self.quantile_seconds)

    @cached_property
    def _widths(self) -> Draws:
        """Of the ranges between neighbors. [s]"""
        return np.diff(self._quantiles)

    @cached_property
    def _middles(self) -> Draws:
        """Of the ranges between neighbors. [s]"""
        return (self._quantiles[1:] + self._quantiles[:-1]) / 2

    @property
    def mean_seconds(self) -> float:
        """Mean. [s]"""
        return float(np.mean(self._middles))

    @property
    def cv2(self) -> float:
        """Squared coefficient of variation."""
        mean = self.mean_seconds
        # Within a range, a uniform variable; between ranges, the spread of their middles.
        variance = np.mean(self._widths**2 / 12 + (self._middles - mean) ** 2)
        return float(variance) / mean**2 if mean else 0.0

    def draw(self, rng: np.random.Generator, size: int) -> Draws:
        """So many values. [s]"""
        # The ranges are equally likely, so no search is needed: this is four times as fast as
        # `np.interp`.
        ranges = len(self._widths)
        values = rng.random(size)
        values *= ranges
        place = np.minimum(values.astype(np.intp), ranges - 1)
        values -= place
        values *= self._widths[place]
        values += self._quantiles[place]
        return values


#: Any of them, told apart by the field `distribution`.
Duration = Annotated[
    Fixed | Exponential | LogNormal | Uniform | Gamma | Empirical,
    Field(discriminator="distribution"),
]


def scaled(duration: Duration, factor: float) -> Duration:
    """The same law, `factor` times as long.

    >>> scaled(Exponential(mean_seconds=0.1), 3).mean_seconds
    0.30000000000000004
    >>> scaled(Uniform(low_seconds=1, high_seconds=2), 2)
    Uniform(distribution='uniform', low_seconds=2.0, high_seconds=4.0)

    Raises
    ------
    InvalidInputError
        Where the factor is not above 0.
    """
    if not 0 < factor < math.inf:
        raise InvalidInputError(f"factor ({factor}) must be above 0")
    fields: dict[str, Any] = {
        name: tuple(one * factor for one in value) if isinstance(value, tuple) else value * factor
        for name in type(duration).model_fields
        if name.endswith("seconds") and (value := getattr(duration, name)) is not None
    }
    return duration.replace(**fields)
