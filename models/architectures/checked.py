"""Arguments of the named architectures: their types are checked, and told to whoever asks."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal, ParamSpec

from pydantic import ConfigDict, Field, create_model

from models.architecture import Architecture
from models.resource import Settings

Given = ParamSpec("Given")

#: A whole number of something, perhaps none; at least one of it.
Count = Annotated[int, Field(ge=0)]
Number = Annotated[int, Field(ge=1)]
#: Processors, as Lambda spells them.
Processor = Literal["x86_64", "arm64"]
#: How much of something, perhaps nothing; more than nothing of it.
Amount = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
#: From nothing to all; from nothing to nearly all; from a little to all.
Share = Annotated[float, Field(ge=0, le=1)]
SomeShare = Annotated[float, Field(ge=0, lt=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Percent = Annotated[float, Field(gt=0, le=100)]

#: What JSON Schema calls them, and people do.
_TYPES = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
}
_BOUNDS = {
    "minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most",
    "exclusiveMaximum": "below",
}  # fmt: skip


class _Arguments(Settings):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


def named(make: Callable[..., Architecture]) -> str:
    """The name of an architecture, from that of its function: ``api-on-ec2``."""
    return make.__name__.replace("_", "-")


def checked(make: Callable[Given, Architecture]) -> Callable[Given, Architecture]:
    """The same function, which refuses arguments that are not of the types it declares.

    Raises
    ------
    InvalidInputError
        When it is called: in one line, each argument with what was given and what is allowed.
    """

    @functools.wraps(make)
    def made(*args: Given.args, **kwargs: Given.kwargs) -> Architecture:
        given = _model(make)(**kwargs)
        values: Any = {name: getattr(given, name) for name in given.model_fields_set}
        return make(*args, **values)

    return made


@functools.cache
def _model(make: Callable[..., Architecture]) -> type[Settings]:
    hints = typing.get_type_hints(make, include_extras=True)
    fields: Any = {
        name: (hints[name], one.default) for name, one in inspect.signature(make).parameters.items()
    }
    return create_model(named(make), __base__=_Arguments, **fields)


def types_of(make: Callable[..., Architecture]) -> dict[str, str]:
    """What may be given for each argument, in words."""
    schema = _model(inspect.unwrap(make)).model_json_schema()
    return {name: _told(one) for name, one in schema["properties"].items()}


def _told(schema: dict[str, Any]) -> str:
    """A type in words.

    >>> _told({"type": "integer", "minimum": 1}), _told({"enum": ["a", "b"], "type": "string"})
    ('whole number, at least 1', "'a' or 'b'")
    """
    if "anyOf" in schema:
        return ", or ".join(_told(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(repr(one) for one in schema["enum"])
    if "const" in schema:
        return repr(schema["const"])
    if schema["type"] == "null":
        return "nothing"
    bounds = [f"{word} {schema[name]:g}" for name, word in _BOUNDS.items() if name in schema]
    return ", ".join([_TYPES[schema["type"]], *bounds])
