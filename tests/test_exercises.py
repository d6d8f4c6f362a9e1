"""Exercises: the models know every answer, marking says how far off one is and why."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from zlib import crc32

import nbformat
import numpy as np
import pytest

from models.errors import InvalidInputError, ModelError, UnknownNameError
from models.exercises import LEVELS, check, exercises, hint, nat, quiz
from models.exercises.bank import bank
from models.exercises.exercise import Exercise, Mistake, crossing
from models.exercises.marking import mark
from models.prices import Catalogue, Price, Tier

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
PRICES = Catalogue.load()

each_exercise = pytest.mark.parametrize("exercise", exercises(), ids=lambda found: found.id)
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [(exercise, mistake) for exercise in exercises() for mistake in exercise.mistakes],
    ids=lambda found: found.id if isinstance(found, Exercise) else found.misconception[:40],
)


#: Topics whose every answer is about prices, whatever its unit.
PRICED_TOPICS = {"nat", "endpoints", "s3"}


def is_priced(exercise: Exercise) -> bool:
    return exercise.unit.startswith("USD") or exercise.topic in PRICED_TOPICS


each_priced_exercise = pytest.mark.parametrize(
    "exercise", [one for one in exercises() if is_priced(one)], ids=lambda found: found.id
)
each_other_exercise = pytest.mark.parametrize(
    "exercise", [one for one in exercises() if not is_priced(one)], ids=lambda found: found.id
)


def dearer(factor: float) -> Catalogue:
    """The catalogue with every price multiplied, each by a slightly different factor.

    A common factor alone would leave break-evens, which are ratios of prices, where they are.
    """
    prices = [
        dataclasses.replace(
            price, tiers=tuple(_raised(price, tier, factor) for tier in price.tiers)
        )
        for price in PRICES
    ]
    regions = PRICES.regions.values()
    return Catalogue(prices, allowances=PRICES.allowances, regions=regions, pools=PRICES._pools)


def _raised(price: Price, tier: Tier, factor: float) -> Tier:
    own = 1 + crc32(price.usage_type.encode()) % 1000 / 1000
    return dataclasses.replace(tier, price_usd=tier.price_usd * factor * own)


# --- the bank ---------------------------------------------------------------------------------


def test_there_are_at_least_ten_exercises_on_three_topics():
    assert len(exercises()) >= 10
    assert {exercise.topic for exercise in exercises()} >= PRICED_TOPICS


def test_no_two_exercises_share_an_id_and_one_that_would_is_refused(monkeypatch):
    assert len({exercise.id for exercise in exercises()}) == len(exercises())
    monkeypatch.setattr(nat, "EXERCISES", (*nat.EXERCISES, nat.EXERCISES[0]))
    with pytest.raises(InvalidInputError, match="two exercises go by the id"):
        bank.__wrapped__()


@each_exercise
def test_the_models_answer_is_marked_right(exercise):
    found = check(exercise.id, exercise.answer(PRICES))
    assert found
    assert str(found).startswith("Right: ")
    assert exercise.why in str(found)


@each_mistake
def test_a_common_wrong_answer_is_recognized_and_not_right(exercise, mistake):
    found = check(exercise.id, mistake.figure(PRICES))
    assert found.verdict == "wrong"
    assert mistake.misconception in str(found)


@each_exercise
def test_every_exercise_knows_two_or_more_common_mistakes(exercise):
    assert len(exercise.mistakes) >= 2


@each_priced_exercise
def test_the_answer_follows_the_prices_so_nothing_is_stored(exercise):
    before, after = exercise.answer(PRICES), exercise.answer(dearer(1.5))
    assert abs(after - before) > exercise.tolerance * before
    assert check(exercise.id, after, dearer(1.5))
    assert not check(exercise.id, before, dearer(1.5))


@each_other_exercise
def test_an_answer_without_prices_is_worked_out_by_the_models(exercise):
    code = exercise.answer.__code__
    assert code.co_names or code.co_freevars, "a constant"


@each_exercise
def test_every_level_of_hint_says_something_of_its_own(exercise):
    texts = [str(hint(exercise.id, level)) for level in range(1, 5)]
    assert len(set(texts)) == 4
    assert all(len(text) > 40 for text in texts)


@each_exercise
def test_the_last_hint_holds_the_answer_and_lines_of_a_bill(exercise):
    text = str(hint(exercise.id, 4))
    assert f"Answer: {exercise.text(exercise.answer(PRICES))}" in text
    assert " x $" in text or not is_priced(exercise)


@each_exercise
def test_the_earlier_hints_do_not_hold_the_answer(exercise):
    figure = f"{exercise.answer(PRICES):,.2f}"
    assert all(figure not in str(hint(exercise.id, level)) for level in (1, 2, 3))


@each_exercise
def test_an_exercise_is_asked_in_its_lesson(exercise):
    notebook = nbformat.read(NOTEBOOKS / f"{exercise.lesson}.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert f'check("{exercise.id}", answer)' in code


@each_exercise
def test_an_exercise_says_where_it_comes_from(exercise):
    assert len(exercise.source) > 20


@each_exercise
def test_an_unanswered_exercise_is_not_right(exercise):
    assert not check(exercise.id, ...)


# --- marking ----------------------------------------------------------------------------------


def toy(answer: float, unit: str = "USD a month", mistakes: tuple[Mistake, ...] = ()) -> Exercise:
    """An exercise whose answer is known, for trying the marking alone."""
    return Exercise(
        id="toy", topic="toy", lesson="toy", question="How much?", unit=unit,
        kind="read a number", difficulty="basic", answer=lambda prices: answer,
        look="Look at the hours.", concept="", formula="", working=lambda prices: [],
        why="Because.", mistakes=mistakes, source="",
    )  # fmt: skip


def feedback(given: object, answer: float = 65.7, **fields) -> str:
    return str(mark(toy(answer, **fields), given, PRICES))


def test_three_dots_mean_not_answered_yet():
    found = mark(toy(1.0), ..., PRICES)
    assert found.verdict == "unanswered"
    assert str(found).startswith("Not answered yet.")
    assert "How much?" in str(found)


def test_an_answer_within_the_tolerance_is_right():
    assert mark(toy(65.7), 65.7 * 1.0049, PRICES)
    assert not mark(toy(65.7), 65.7 * 1.0051, PRICES)


def test_feedback_gives_the_order_of_magnitude_and_a_first_look():
    assert "Too low by a factor of 5. Look at the hours." in feedback(13.14)
    assert "Too high by a factor of 40. Look at the hours." in feedback(2628)


def test_a_near_miss_is_called_close():
    assert "Close, but too high by 10.0%" in feedback(65.7 * 1.1)


@pytest.mark.parametrize(
    ("given", "unit", "slip"),
    [
        (6570, "USD a month", "cents in place of dollars"),
        (65.7 / 730, "USD a month", "an hour in place of a month"),
        (65.7 * 12, "USD a month", "a month in place of a year"),
        (65.7 * 24, "USD a month", "hours in place of days"),
        (65.7e6, "USD a month", "a price per million"),
        (65.7 * 8, "GB a month", "bits in place of bytes"),
        (65.7 / 1024, "GB a month", "TB in place of GB"),
        (65.7 / 1000, "GB a month", "TB in place of GB"),
        (6570, "share of the data", "percent in place of a share"),
    ],
)
def test_a_slip_of_units_is_recognized(given, unit, slip):
    assert slip in feedback(given, unit=unit)


def test_bits_are_not_suspected_where_the_answer_is_money():
    assert "bits" not in feedback(65.7 * 8)


def test_a_known_mistake_is_explained_rather_than_measured():
    mistakes = (Mistake(lambda prices: 131.4, "You priced four gateways."),)
    assert "You priced four gateways." in feedback(131.4, mistakes=mistakes)
    assert "factor" not in feedback(131.4, mistakes=mistakes)


def test_of_two_known_mistakes_the_nearer_is_named():
    mistakes = (
        Mistake(lambda prices: 100.0, "The first."),
        Mistake(lambda prices: 100.2, "The second."),
    )
    assert "The second." in feedback(100.15, mistakes=mistakes)


def test_a_mistake_that_the_prices_rule_out_does_not_stop_the_marking():
    def impossible(prices):
        return crossing(lambda x: 1.0, 0, 1)

    assert "factor of 2" in feedback(131.4, mistakes=(Mistake(impossible, "Never."),))


def test_a_negative_answer_is_told_so():
    assert "not negative" in feedback(-65.7)


def test_zero_is_too_low_and_no_factor_is_made_up():
    assert "Too low. Look at the hours." in feedback(0)


def test_where_nothing_is_the_answer_anything_is_too_high():
    assert "Too high." in feedback(1, answer=0.0)
    assert mark(toy(0.0), 0, PRICES)


@pytest.mark.parametrize("answer", [65, np.float64(65.7), np.int64(65), 65.7])
def test_every_plain_number_is_an_answer(answer):
    assert mark(toy(65.7), answer, PRICES).verdict in ("right", "wrong")


@pytest.mark.parametrize("answer", ["65.70", None, True, [65.7], np.array([1.0, 2.0]), 1 + 2j])
def test_what_is_not_a_number_is_refused(answer):
    with pytest.raises(InvalidInputError, match=r"to nat-per-az must be a number \[USD a month\]"):
        check("nat-per-az", answer)


@pytest.mark.parametrize("answer", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(answer):
    with pytest.raises(InvalidInputError, match="must be a finite number"):
        check("nat-per-az", answer)


def test_text_is_told_to_come_without_quotes():
    with pytest.raises(InvalidInputError, match="without quotes"):
        check("nat-per-az", "$65.70")


# --- looking up -------------------------------------------------------------------------------


def test_an_unknown_exercise_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"nat-per-zone.*nearest: nat-per-az"):
        check("nat-per-zone", 1)


@pytest.mark.parametrize("given", [None, 7, "", ["nat-per-az"]])
def test_what_is_not_an_id_is_refused(given):
    with pytest.raises(ModelError, match="is not in the bank"):
        hint(given)


@pytest.mark.parametrize("level", [0, 5, -1, 1.5, "2", True, None])
def test_a_level_of_hint_that_does_not_exist_is_refused(level):
    with pytest.raises(InvalidInputError, match="must be 1 to 4"):
        hint("nat-per-az", level)


@pytest.mark.parametrize("topic", ["nat", "endpoints", "s3"])
def test_a_quiz_lists_every_question_of_its_topic_and_how_to_answer(topic):
    text = str(quiz(topic))
    for exercise in exercises():
        assert (exercise.question in text) == (exercise.topic == topic)
    assert 'check("' in text


def test_a_quiz_without_a_topic_asks_everything():
    assert all(exercise.id in str(quiz()) for exercise in exercises())


def test_an_unknown_topic_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="nearest: endpoints"):
        quiz("endpoint")
    with pytest.raises(UnknownNameError, match="nearest: 01_nat_and_endpoints"):
        exercises(lesson="01_nat_and_endpoint")


def test_exercises_of_a_lesson_are_in_that_lesson():
    found = exercises(lesson="02_s3_classes_and_lifecycle")
    assert found
    assert {exercise.topic for exercise in found} == {"s3"}


def test_notes_escape_html():
    bad = dataclasses.replace(toy(1.0), question="<script>alert(1)</script>")
    assert "<script>" not in mark(bad, ..., PRICES)._repr_html_()


def test_every_level_has_a_name():
    assert len(LEVELS) == 4


def test_a_crossing_is_found_from_either_side():
    assert crossing(lambda x: x - 3, 0, 10) == pytest.approx(3, abs=1e-12)
    assert crossing(lambda x: 3 - x, 0, 10) == pytest.approx(3, abs=1e-12)


def test_a_crossing_that_is_not_there_is_refused():
    with pytest.raises(InvalidInputError, match="no crossing between 4 and 10"):
        crossing(lambda x: x - 3, 4, 10)
