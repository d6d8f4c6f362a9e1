"""What an experiment calls: measures, their arguments, and the seeds of replications."""

from __future__ import annotations

import functools
import inspect
import numbers
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.errors import InvalidInputError, did_you_mean

#: Called by name; a function of a module, or a `functools.partial` of one, can go anywhere.
Measure = Callable[..., float | Mapping[str, float]]
Arguments = Mapping[str, Any]
#: What one run gave: numbers by name.
Row = dict[str, float]

#: What the number of a measure is called that returns only one.
VALUE = "value"
SEED = "seed"
#: Columns that every table has, and no argument or number may be called.
POINT, REPLICATION, ALTERNATIVE = "point", "replication", "alternative"
RESERVED = (POINT, REPLICATION, ALTERNATIVE, SEED)


@dataclass(frozen=True)
class Call:
    """One run: a measure and all its arguments, the seed among them."""

    measure: Measure
    arguments: Arguments

    def row(self) -> Row:
        """What the measure returns, by name.

        Raises
        ------
        InvalidInputError
            Where that is neither a number nor a mapping of names to numbers.
        """
        given = self.measure(**self.arguments)
        named = given if isinstance(given, Mapping) else {VALUE: given}
        if not named:
            raise InvalidInputError("returned nothing; it must return at least one number")
        return {_checked_name(name): _checked_number(name, value) for name, value in named.items()}

    def __str__(self) -> str:
        given = ", ".join(f"{name}={_short(value)}" for name, value in self.arguments.items())
        return f"{name_of(self.measure)}({given})"


def caller(measure: Measure) -> Callable[[Arguments, int], Call]:
    """Makes calls of a measure from arguments and a seed, which it gets if it takes one."""
    seeded = takes_seed(measure)

    def call(arguments: Arguments, seed: int) -> Call:
        return Call(measure, {**arguments, SEED: seed} if seeded else arguments)

    return call


def seeds(seed: int, count: int) -> list[int]:
    """The seeds of the first `count` replications: whole numbers below 2**32, all different.

    They are the words of ``numpy.random.SeedSequence(seed).generate_state``, which numpy keeps
    stable, in order, repeated ones left out. Replication `i` has seed `i` whatever `count` is.

    >>> seeds(0, 2)
    [2968811710, 3677149159]
    >>> seeds(0, 1000)[:2] == seeds(0, 2)
    True
    """
    words = np.random.SeedSequence(whole("seed", seed, at_least=0)).generate_state(2 * count + 8)
    return list(dict.fromkeys(words.tolist()))[:count]


def whole(name: str, value: int, *, at_least: int) -> int:
    """`value`, if it is a whole number and large enough."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or value < at_least:
        raise InvalidInputError(f"{name} ({value!r}) must be a whole number of at least {at_least}")
    return int(value)


def name_of(measure: Measure) -> str:
    """What a person calls the measure.

    >>> name_of(functools.partial(seeds, 0))
    'seeds'
    """
    inner = innermost(measure)
    return str(getattr(inner, "__qualname__", type(inner).__name__))


def innermost(measure: Measure) -> Measure:
    """The function inside a `functools.partial`."""
    return innermost(measure.func) if isinstance(measure, functools.partial) else measure


def takes_seed(measure: Measure) -> bool:
    """Whether the measure is to be given a seed; one that takes none has no noise."""
    parameters = _parameters(measure)
    return parameters is None or SEED in parameters or _takes_anything(parameters)


def refuse_unfit(measure: Measure, given: Iterable[str]) -> None:
    """Refuse what cannot be called with these arguments, before anything runs.

    Raises
    ------
    InvalidInputError
        Naming an argument that the measure does not have, or that it lacks.
    """
    if not callable(measure):
        raise InvalidInputError(f"measure {_short(measure)} must be a function")
    names = list(given)
    parameters = _parameters(measure)
    for name in names:
        if name in RESERVED:
            raise InvalidInputError(f"argument {name!r} is set by the experiment itself")
        if parameters is not None and not _takes_anything(parameters) and name not in parameters:
            known = [known for known in parameters if known not in RESERVED]
            hint = did_you_mean(str(name), known)
            hint = hint or f"; it takes {', '.join(known) or 'none'}"
            raise InvalidInputError(f"measure {name_of(measure)} has no argument {name!r}{hint}")
    for name, parameter in (parameters or {}).items():
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise InvalidInputError(
                f"measure {name_of(measure)} must take {name!r} by name, not by position only"
            )
        variadic = parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        if not variadic and parameter.default is parameter.empty and name not in [SEED, *names]:
            raise InvalidInputError(f"measure {name_of(measure)} needs argument {name!r}")


def alternatives(
    measures: Mapping[str, Measure | tuple[Measure, Arguments]], arguments: Arguments | None
) -> dict[str, tuple[Measure, Arguments]]:
    """Each alternative with its own arguments on top of those that all share."""
    if not isinstance(measures, Mapping):
        raise InvalidInputError(f"measures {_short(measures)} must be a mapping of names to them")
    found: dict[str, tuple[Measure, Arguments]] = {}
    for name, given in measures.items():
        measure, own = given if isinstance(given, tuple) else (given, {})
        found[str(name)] = measure, {**mapping(arguments), **mapping(own)}
    return found


def mapping(arguments: Arguments | None) -> Arguments:
    """`arguments`, if they go by name."""
    if not isinstance(arguments, Mapping | None):
        raise InvalidInputError(f"arguments {_short(arguments)} must be a mapping of names")
    return arguments or {}


def columns_of(rows: Iterable[Row | None]) -> list[str]:
    """The names that all rows have in common, which must be all their names.

    Raises
    ------
    InvalidInputError
        Where two runs returned different names.
    """
    first: list[str] | None = None
    for row in rows:
        if row is not None and first is None:
            first = list(row)
        if row is not None and first is not None and row.keys() != set(first):
            different = ", ".join(sorted(set(first) ^ row.keys()))
            raise InvalidInputError(f"not every run returned {different}; all must return the same")
    return first or [VALUE]


def _parameters(measure: Measure) -> Mapping[str, inspect.Parameter] | None:
    try:
        return inspect.signature(measure).parameters
    except (TypeError, ValueError):  # some built-in functions do not say
        return None


def _takes_anything(parameters: Mapping[str, inspect.Parameter]) -> bool:
    return any(one.kind is one.VAR_KEYWORD for one in parameters.values())


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or name in RESERVED:
        raise InvalidInputError(f"returned a number called {name!r}, which is not allowed")
    return name


def _checked_number(name: str, value: Any) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not isinstance(value, numbers.Real | np.bool_):
        raise InvalidInputError(f"returned {_short(value)} for {name!r}; it must be a number")
    return float(value)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
