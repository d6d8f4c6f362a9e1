"""What goes wrong, by name, and how a refusal is worded.

Every error that a user can cause derives from `ModelError` and from the built-in it
resembles. Its message is one line: what was given, what is allowed, where.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ModelError(Exception):
    """Anything a user of the models can cause and mend."""

    def __str__(self) -> str:
        """Give the message itself; `KeyError` would put it in quotes."""
        return str(self.args[0]) if self.args else ""


class InvalidInputError(ModelError, ValueError):
    """An argument, a field or a file holds something that is not allowed.

    `problems` lists what is wrong as pairs of (path of field names, sentence), where known.
    """

    def __init__(self, message: str, problems: Iterable[tuple[tuple[str, ...], str]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class UnknownNameError(ModelError, LookupError):
    """A name (a region, a resource type, an exercise) that nothing goes by."""


class UnknownPriceError(ModelError, KeyError):
    """A usage that the catalogue holds no price for. There is never a default price."""


class PriceFileError(ModelError, ValueError):
    """A price file that is empty, truncated or contradicts itself."""


def nearest(given: str, known: Iterable[str], *, count: int = 3) -> list[str]:
    """The `count` known names closest to `given`, best first.

    >>> nearest("NatGateway-Hour", ["NatGateway-Hours", "NatGateway-Bytes", "BoxUsage"])
    ['NatGateway-Hours', 'NatGateway-Bytes']
    """
    by_folded: dict[str, str] = {}
    for name in known:
        by_folded.setdefault(name.casefold(), name)
    close = difflib.get_close_matches(given.casefold(), by_folded, n=count, cutoff=0.5)
    return [by_folded[name] for name in close]


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A closing half-sentence that offers the nearest names, or nothing.

    >>> did_you_mean("eu-west-11", ["eu-west-1", "global"])
    '; nearest: eu-west-1'
    >>> did_you_mean("zzz", ["eu-west-1"])
    ''
    """
    names = nearest(given, known)
    return f"; nearest: {', '.join(names)}" if names else ""
