"""What every modelled resource has: a name, a region, checked fields, and an `estimate()`.

A service module describes each resource as one class: fields named after CloudFormation
properties with their unit, and `metered()`, which says what AWS counts. Fields are checked by
pydantic when the resource is made; amounts may be numpy arrays, one element per sweep point.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
)

from models.errors import InvalidInputError, did_you_mean
from models.metering import Meter, Quantity, Usage
from models.units import TYPICAL, BillingPeriod

#: More than anybody uses of anything, and little enough that no product overflows.
LARGEST_AMOUNT = 1e18


def _numbers(value: Any) -> NDArray[np.float64]:
    """`value` as an array of finite numbers; text, booleans, lists and NaN are not numbers here."""
    if not isinstance(value, int | float | np.number | np.ndarray) or isinstance(value, bool):
        raise ValueError("must be a number")
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("must be a number") from None
    if not np.all(np.isfinite(array)):
        raise ValueError("must be a finite number")
    if np.any(np.abs(array) > LARGEST_AMOUNT):
        raise ValueError(f"must be at most {LARGEST_AMOUNT:g}")
    return array


def _amount(value: Any) -> Quantity:
    array = _numbers(value)
    if np.any(array < 0):
        raise ValueError("must not be negative")
    return float(array) if array.ndim == 0 else array


def _count(value: Any) -> Quantity:
    amount = _amount(value)
    if np.any(amount != np.round(amount)):
        raise ValueError("must be a whole number")
    return int(amount) if np.ndim(amount) == 0 else amount


def _share(value: Any) -> Quantity:
    amount = _amount(value)
    if np.any(np.asarray(amount) > 1):
        raise ValueError("must be a share from 0 to 1")
    return amount


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


_AS_JSON = PlainSerializer(_plain)

#: A finite number of at least 0, or an array of them (one per sweep point).
Amount = Annotated[
    Quantity, PlainValidator(_amount), _AS_JSON, WithJsonSchema({"type": "number", "minimum": 0})
]
#: A whole number of at least 0, or an array of them.
Count = Annotated[
    Quantity, PlainValidator(_count), _AS_JSON, WithJsonSchema({"type": "integer", "minimum": 0})
]
#: A share from 0 to 1, or an array of them.
Share = Annotated[
    Quantity,
    PlainValidator(_share),
    _AS_JSON,
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
#: A name as it appears on the bill; anything printable, not empty, on one line.
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]

#: Where something is wrong, by names of fields, and what.
Problem = tuple[tuple[str, ...], str]


class Settings(BaseModel):
    """Checked, immutable fields; a mistake is one clear line that names the field."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        arbitrary_types_allowed=True,
    )

    def __init__(self, **fields: Any) -> None:
        plain = {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in fields.items()
        }  # numbers out of a numpy array are numbers
        try:
            super().__init__(**plain)
        except ValidationError as error:
            problems = [
                problem for found in error.errors() for problem in _problems(found, type(self))
            ]
            raise InvalidInputError(
                "; ".join(f"{_place(type(self), path)}: {text}" for path, text in problems),
                problems,
            ) from None

    def replace(self, **changes: Any) -> Self:
        """The same with some fields changed, checked again: a what-if is a keyword argument."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**{**given, **changes})


class Resource(Settings):
    """A thing with a name, in a region, that AWS meters."""

    #: Whether behaviour over time is simulated, beyond the closed form of `estimate`.
    simulated: ClassVar[bool] = False

    name: Name
    """Names it on the bill."""
    region: str = "us-east-1"
    """AWS region code."""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield what AWS counts in `period`: pairs of meter and quantity."""
        raise TypeError(f"{type(self).__name__} does not say what it meters")

    def estimate(self, period: BillingPeriod = TYPICAL) -> Usage:
        """Usage over one billing period, in closed form."""
        return Usage.of_resource(self.name, self.region, self.metered(period), period=period)


def _place(model: type[BaseModel], path: tuple[str, ...]) -> str:
    return ".".join((model.__name__, *path))


def _problems(found: Any, model: type[BaseModel]) -> list[Problem]:
    """A pydantic problem, or those that a part has found in itself, each with its own path."""
    cause = found.get("ctx", {}).get("error")
    path, text = _problem(found, model)
    if isinstance(cause, InvalidInputError) and cause.problems:
        return [((*path, *inner), what) for inner, what in cause.problems]
    return [(path, text)]


def _tags(kind: type[BaseModel]) -> set[str]:
    """What tells alternatives apart, such as the name of a pattern: pydantic puts it in paths."""
    own = {
        field.default
        for field in kind.model_fields.values()
        if typing.get_args(field.annotation) == (field.default,)
    }
    return own.union(*(_tags(one) for one in kind.__subclasses__()))


def _problem(found: Any, model: type[BaseModel]) -> Problem:
    """One pydantic problem as a path of field names and what is wrong there."""
    tags, kind, given = _tags(Settings), found["type"], found.get("input")
    path = tuple(str(part) for part in found["loc"] if part not in tags)
    if kind == "extra_forbidden":  # the last part is what was given, whatever it is called
        path = (*(str(part) for part in found["loc"][:-1] if part not in tags), found["loc"][-1])
    cause = found.get("ctx", {}).get("error")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _wrong_tag(path, given, found["ctx"])
    if kind == "extra_forbidden":
        known = _fields_at(model, found["loc"][:-1])
        hint = did_you_mean(path[-1], known) or f"; allowed: {', '.join(sorted(known))}"
        return path, f"there is no such field{hint if known else ''}"
    if kind == "missing":
        return path, "is missing"
    if isinstance(cause, InvalidInputError):  # it says itself what was given, and where
        return path, str(cause)
    message = found["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    message = message.replace("String should", "must")
    if kind == "string_pattern_mismatch":
        message = "must be printable text on one line"
    elif kind == "literal_error":
        message = f"must be one of {found['ctx']['expected']}{_nearest_option(found)}"
    elif not message.startswith("must"):
        message = f"must be {message[0].lower()}{message[1:]}"
    return path, f"{_shown(given)} {message}"


def _wrong_tag(path: tuple[str, ...], given: Any, context: Any) -> Problem:
    """Which alternative is meant is missing, or is none of them."""
    name = context["discriminator"].strip("'")
    expected = context.get("expected_tags", "")
    if "tag" not in context:
        return (*path, name), f"is missing{f'; one of {expected}' if expected else ''}"
    near = did_you_mean(str(context["tag"]), re.findall(r"'([^']*)'", expected))
    return (*path, name), f"{context['tag']!r} must be one of {expected}{near}"


def _nearest_option(found: Any) -> str:
    options = re.findall(r"'([^']*)'", found["ctx"]["expected"])
    return did_you_mean(found["input"], options) if isinstance(found["input"], str) else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _fields_at(model: Any, path: tuple[Any, ...]) -> list[str]:
    """Field names of the model found by following `path` from `model`."""
    for part in path:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return []
        if part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation)
    return (
        list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
    )


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation
    return next(
        (found for part in typing.get_args(annotation) if (found := _model_in(part)) is not None),
        None,
    )


__all__ = ["Amount", "Count", "Name", "Problem", "Resource", "Settings", "Share"]
