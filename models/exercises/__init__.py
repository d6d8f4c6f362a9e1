"""Exercises whose answers the models compute: predict, run, compare.

`exercises()` lists them, `quiz(topic)` shows the questions of a topic, `check(id, answer)` marks
an answer, `hint(id, level)` helps in four steps. No answer is stored anywhere.
"""

from __future__ import annotations

from models.errors import InvalidInputError
from models.exercises.bank import exercises, find
from models.exercises.exercise import Exercise, Mistake, lines_text
from models.exercises.marking import Mark, mark
from models.notes import Note
from models.prices import Catalogue

#: What each level of hint is, from a first look to the whole solution.
LEVELS = ("First look", "Concept", "Formula", "Worked solution")


def check(exercise_id: str, answer: object, catalogue: Catalogue | None = None) -> Mark:
    """Mark an answer to an exercise.

    Parameters
    ----------
    exercise_id : str
    answer : number, or ``...`` for not answered yet
        [the exercise's unit]
    catalogue : Catalogue, optional
        Prices to mark by; by default the ones that ship with the project.

    Raises
    ------
    UnknownNameError
        Where there is no such exercise, naming the nearest.
    InvalidInputError
        Where the answer is not a finite number.

    Examples
    --------
    >>> bool(check("nat-per-az", ...)), str(check("nat-per-az", ...)).splitlines()[0]
    (False, 'Not answered yet.')
    """
    return mark(find(exercise_id), answer, catalogue or Catalogue.load())


def hint(exercise_id: str, level: int = 1, catalogue: Catalogue | None = None) -> Note:
    """Help with an exercise, from a first look (1) to the worked solution (4).

    Raises
    ------
    UnknownNameError
        Where there is no such exercise, naming the nearest.
    InvalidInputError
        Where the level is not 1, 2, 3 or 4.
    """
    exercise = find(exercise_id)
    if isinstance(level, bool) or level not in range(1, len(LEVELS) + 1):
        raise InvalidInputError(f"level {level!r} must be 1 to {len(LEVELS)}: {', '.join(LEVELS)}")
    heading = f"{LEVELS[level - 1]} ({level} of {len(LEVELS)})"
    if level < len(LEVELS):
        return Note(heading, ((exercise.look, exercise.concept, exercise.formula)[level - 1],))
    prices = catalogue or Catalogue.load()
    steps = [
        step if isinstance(step, str) else lines_text(step) for step in exercise.working(prices)
    ]
    answer = f"Answer: {exercise.text(exercise.answer(prices))}."
    return Note(heading, (*steps, answer, exercise.why))


def quiz(topic: str | None = None) -> Note:
    """The questions of a topic, or all of them, with how to answer.

    Raises
    ------
    UnknownNameError
        Where no exercise belongs to the topic, naming the nearest.
    """
    chosen = exercises(topic=topic)
    questions = tuple(
        f"{number}. {exercise.id} ({exercise.kind}, {exercise.difficulty}): "
        f"{exercise.question} [{exercise.unit}]"
        for number, exercise in enumerate(chosen, start=1)
    )
    how = f'Answer with check("{chosen[0].id}", 12.34); ask for help with hint("{chosen[0].id}").'
    return Note(f"Quiz: {topic or 'everything'}", (*questions, how))


__all__ = [
    "LEVELS", "Exercise", "Mark", "Mistake", "check", "exercises", "hint", "quiz",
]  # fmt: skip
