"""Findings that are checked against the run they were written from.

Every finding that a notebook or a report states goes through `claim`, so that prose cannot
outlive its numbers. Under test, in CI and in the gallery (environment variable
``COSTLAB_STRICT=1``) a claim that does not hold raises. For a learner who has changed
something it says so and goes on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from models.errors import InvalidInputError, ModelError
from models.notes import Note

STRICT_VARIABLE = "COSTLAB_STRICT"


class BrokenClaimError(ModelError, AssertionError):
    """A stated finding that the numbers do not bear out, where that must not pass."""


@dataclass(frozen=True, repr=False)
class Claim:
    """A sentence, and whether the run bears it out. True and false as its finding is."""

    sentence: str
    holds: bool

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        return str(self._note)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._note._repr_html_()

    @property
    def _note(self) -> Note:
        if self.holds:
            return Note(self.sentence, tone="good")
        return Note(f"No longer true with your changes: {self.sentence}", tone="attention")


def claim(sentence: str, holds: bool | np.bool_) -> Claim:
    """State a finding together with the condition that makes it true.

    Parameters
    ----------
    sentence : str
        The finding, its figures filled in from the run.
    holds : bool
        The condition. An array is refused: say ``.all()`` or ``.any()``.

    Raises
    ------
    BrokenClaimError
        Where the condition is false and ``COSTLAB_STRICT`` is ``1``.
    InvalidInputError
        Where the sentence is empty or the condition is neither true nor false.

    Examples
    --------
    >>> claim("A month of 730 hours is longer than 30 days.", 730 > 30 * 24)
    A month of 730 hours is longer than 30 days.
    """
    if not isinstance(sentence, str) or not sentence.strip():
        raise InvalidInputError(f"sentence {sentence!r} must be a text that states a finding")
    if not isinstance(holds, bool | np.bool_):
        hint = "; reduce an array with .all() or .any()" if np.ndim(holds) else ""
        raise InvalidInputError(f"holds {holds!r} must be True or False{hint}")
    if not holds and os.environ.get(STRICT_VARIABLE) == "1":
        raise BrokenClaimError(f"not borne out by the run: {sentence}")
    return Claim(sentence, bool(holds))
