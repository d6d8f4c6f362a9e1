"""Marking: how far off an answer is, and what it says about the picture behind it."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from types import EllipsisType
from typing import NamedTuple

from models.errors import InvalidInputError, ModelError
from models.exercises.exercise import Exercise, Mistake
from models.notes import Note
from models.prices import Catalogue

UNANSWERED, RIGHT, WRONG = "unanswered", "right", "wrong"


@dataclass(frozen=True, repr=False)
class Mark(Note):
    """What `check` says about one answer. True where it is right."""

    verdict: str = UNANSWERED

    def __bool__(self) -> bool:
        return self.verdict == RIGHT


class _Slip(NamedTuple):
    """A factor between two units that are easily taken for each other."""

    factor: float
    #: The start of the units of the answer where this happens; empty for any.
    unit: str
    question: str


#: Factors of 1 unit in another. Sizes in steps of 1,000 and 1,024 are both in use.
_SLIPS = (
    _Slip(8, "GB", "bits in place of bytes"),
    _Slip(1000, "GB", "TB in place of GB, or GB in place of MB"),
    _Slip(1024, "GB", "TB in place of GB, or GB in place of MB"),
    _Slip(1024**2, "GB", "KB in place of GB"),
    _Slip(1000, "USD", "a price per thousand that was used per piece"),
    _Slip(1_000_000, "USD", "a price per million that was used per piece"),
    _Slip(100, "USD", "cents in place of dollars"),
    _Slip(1024, "USD", "TB in place of GB"),
    _Slip(100, "share", "percent in place of a share from 0 to 1"),
    _Slip(24, "", "hours in place of days"),
    _Slip(12, "", "a month in place of a year"),
    _Slip(730, "", "an hour in place of a month"),
    _Slip(730 / 24, "", "a day in place of a month"),
)

#: How near an answer must be to a known wrong figure, or to a unit's factor, to be taken for it.
_RECOGNIZED = 0.005


def mark(exercise: Exercise, answer: object, catalogue: Catalogue) -> Mark:
    """Mark `answer`; ``...`` means not answered yet.

    Raises
    ------
    InvalidInputError
        Where the answer is not a finite number.
    """
    if isinstance(answer, EllipsisType):
        return Mark(
            "Not answered yet.",
            (
                exercise.question,
                f"Set answer to a number [{exercise.unit}] and run the cell again.",
            ),
        )
    given = _number(exercise, answer)
    expected = exercise.answer(catalogue)
    if _near(given, expected, exercise.tolerance):
        exact = f"The models say {exercise.text(expected)}."
        return Mark(f"Right: {exercise.text(given)}.", (exact, exercise.why), "good", RIGHT)
    feedback = _misconception(exercise, given, catalogue) or _distance(exercise, given, expected)
    more = f'For a hint: hint("{exercise.id}"), and hint("{exercise.id}", 2) up to 4.'
    return Mark(f"Not yet: {exercise.text(given)}.", (feedback, more), "attention", WRONG)


def _number(exercise: Exercise, answer: object) -> float:
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real):
        hint = "; write it without quotes or signs" if isinstance(answer, str) else ""
        raise InvalidInputError(
            f"answer {_shown(answer)} to {exercise.id} must be a number [{exercise.unit}]{hint}"
        )
    if not math.isfinite(answer):
        raise InvalidInputError(
            f"answer {answer!r} to {exercise.id} must be a finite number [{exercise.unit}]"
        )
    return float(answer)


def _shown(answer: object) -> str:
    text = repr(answer)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _near(given: float, expected: float, tolerance: float) -> bool:
    return abs(given - expected) <= tolerance * abs(expected)


def _misconception(exercise: Exercise, given: float, catalogue: Catalogue) -> str:
    """The text of the known mistake that lies nearest, where one is near enough."""
    distances = [
        (abs(given - figure), mistake.misconception)
        for mistake in exercise.mistakes
        if _near(given, figure := _wrong_figure(mistake, catalogue), _RECOGNIZED)
    ]
    return min(distances)[1] if distances else ""


def _wrong_figure(mistake: Mistake, catalogue: Catalogue) -> float:
    """Where a mistake leads, or NaN where these prices leave no such figure."""
    try:
        return mistake.figure(catalogue)
    except ModelError:
        return math.nan


def _distance(exercise: Exercise, given: float, expected: float) -> str:
    """How far off, in words: wrong sign, a slip of units, a factor, or a share."""
    if given < 0 < expected:
        return f"Too low: the answer is not negative. {exercise.look}"
    if not (given and expected):
        return f"{'Too high' if given > expected else 'Too low'}. {exercise.look}"
    side = "high" if given > expected else "low"
    ratio = max(given / expected, expected / given)
    slip = _slip(exercise.unit, ratio)
    if slip:
        return f"Too {side} by a factor of {_rounded(slip.factor)}. Is it {slip.question}?"
    if ratio < 1.5:
        off = abs(given / expected - 1)
        return f"Close, but too {side} by {off:.1%}. {exercise.look}"
    return f"Too {side} by a factor of {_rounded(ratio)}. {exercise.look}"


def _slip(unit: str, ratio: float) -> _Slip | None:
    fitting = [
        slip
        for slip in _SLIPS
        if unit.startswith(slip.unit) and _near(ratio, slip.factor, _RECOGNIZED)
    ]
    return min(fitting, key=lambda slip: abs(ratio - slip.factor), default=None)


def _rounded(ratio: float) -> str:
    """A factor as a person says it.

    >>> _rounded(8.02), _rounded(2.47), _rounded(12345.6)
    ('8', '2.5', '12,000')
    """
    if ratio < 10:
        return f"{ratio:.1f}".removesuffix(".0")
    digits = 2 - len(str(int(ratio)))
    return f"{round(ratio, min(digits, 0)):,.0f}"
