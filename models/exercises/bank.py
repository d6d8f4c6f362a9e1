"""The exercises by id: every topic module of this package that defines ``EXERCISES``.

A new exercise is one more definition in its topic's tuple; a new topic is one more module.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from models.errors import InvalidInputError, UnknownNameError, did_you_mean
from models.exercises.exercise import DIFFICULTIES, Exercise

#: Modules of the package that are not topics.
_MACHINERY = {"bank", "exercise", "marking"}


@cache
def bank() -> Mapping[str, Exercise]:
    """Every exercise by id, lesson by lesson, easier ones first."""
    names = [found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)])]
    topics = [
        importlib.import_module(f"{__package__}.{name}") for name in names if name not in _MACHINERY
    ]
    every = [exercise for topic in topics for exercise in topic.EXERCISES]
    held: dict[str, Exercise] = {}
    for exercise in sorted(every, key=_reading_order):
        if exercise.id in held:
            raise InvalidInputError(f"two exercises go by the id {exercise.id!r}")
        held[exercise.id] = exercise
    return MappingProxyType(held)


def _reading_order(exercise: Exercise) -> tuple[str, int]:
    return exercise.lesson, DIFFICULTIES.index(exercise.difficulty)


def find(exercise_id: str) -> Exercise:
    """The exercise called `exercise_id`.

    Raises
    ------
    UnknownNameError
        Naming the nearest ids.
    """
    held = bank()
    if not isinstance(exercise_id, str) or exercise_id not in held:
        nearest = did_you_mean(str(exercise_id), held) or f"; known: {', '.join(held)}"
        raise UnknownNameError(f"exercise {exercise_id!r} is not in the bank{nearest}")
    return held[exercise_id]


def exercises(*, topic: str | None = None, lesson: str | None = None) -> tuple[Exercise, ...]:
    """The exercises of a topic, of a lesson, or all of them.

    Raises
    ------
    UnknownNameError
        Where no exercise belongs to that topic or lesson, naming the nearest.
    """
    every = tuple(bank().values())
    _known("topic", topic, {exercise.topic for exercise in every})
    _known("lesson", lesson, {exercise.lesson for exercise in every})
    return tuple(
        exercise
        for exercise in every
        if topic in (None, exercise.topic) and lesson in (None, exercise.lesson)
    )


def _known(field: str, given: str | None, known: set[str]) -> None:
    if given is not None and given not in known:
        nearest = did_you_mean(str(given), known)
        raise UnknownNameError(
            f"{field} {given!r} has no exercises{nearest}; known: {', '.join(sorted(known))}"
        )
