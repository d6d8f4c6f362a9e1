"""Flapping: which pairs of thresholds swing for ever, and what swinging costs."""

from __future__ import annotations

from collections.abc import Iterator

from models import theory
from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.services import ec2

_LESSON = "06_flapping"
_HIGH, _LOW, _CLOSE = 70.0, 30.0, 60.0
_MOST = 10


def _loads(low: float, adjustment: int = 1) -> tuple[int, ...]:
    return theory.whole_loads(
        theory.flapping_loads(_HIGH, low, adjustment, min_size=1, max_size=_MOST)
    )


def _on_three(prices: Catalogue) -> float:
    """Utilization of three instances with the load of four at 28 percent. [percent]"""
    return float(theory.little_length(4, 28.0)) / 3


def _on_three_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Four instances at 28 percent do the work of 4 x 28 = 112 percent of one instance."
    yield f"Three share it: 112 / 3 = {_on_three(prices):.1f} percent, far below 70."


def _least_low(prices: Catalogue) -> float:
    """The lower threshold above which 3 and 4 instances flap under an upper one of 70."""
    return _HIGH * 3 / (3 + 1)


def _least_low_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Just above 70 percent on 3 instances is a load of 210; on 4 that is 52.5 percent each."
    yield "A lower threshold above it takes the fourth instance away again at once."


def _two_steps(prices: Catalogue) -> float:
    return float(len(_loads(_LOW, adjustment=2)))


def _two_steps_working(prices: Catalogue) -> Iterator[str | Bill]:
    loads = _loads(_LOW, adjustment=2)
    yield "From 1 instance two more make 3: loads above 70 and below 3 x 30 = 90 swing."
    yield f"Whole percentages between: {loads[0]} to {loads[-1]}, which are {len(loads)}."


_SWINGS_A_DAY, _CHURN_DAYS = 72, 30


def _useless() -> ec2.Instance:
    """A month of launches that last a minute and serve nobody."""
    starts = _SWINGS_A_DAY * _CHURN_DAYS
    return ec2.Instance(name="launches", instance_type="m5.large", hours=starts / 60, starts=starts)


def _churn(prices: Catalogue) -> float:
    return cost_usd(prices, _useless())


def _churn_working(prices: Catalogue) -> Iterator[str | Bill]:
    launches = _SWINGS_A_DAY * _CHURN_DAYS
    yield f"{_SWINGS_A_DAY} swings a day for {_CHURN_DAYS} days are {launches:,} launches."
    yield priced(prices, _useless())


EXERCISES = (
    Exercise(
        id="flapping-on-three",
        topic="flapping",
        lesson=_LESSON,
        question="A guide lets four instances at 28 percent shrink to three, which then stand at 75"
        " percent and grow again. What do three instances really stand at?",
        unit="percent",
        kind="check a claim",
        difficulty="basic",
        answer=_on_three,
        look="The work does not change when an instance leaves. How much is it in all?",
        concept="Utilization times instances is the load. A load in percent of one instance is"
        " shared by those that are there.",
        formula="load of four instances / number that is left: 4 x 28 / 3",
        working=_on_three_working,
        why="The guide's example cannot happen: with 70 and 30 and one instance at a time no load"
        " swings, however many instances there are.",
        mistakes=(
            Mistake(lambda prices: 75.0, "That is the guide's figure. Multiply and divide."),
            Mistake(
                lambda prices: 28 + 28 / 4,
                "That gives the leaving instance's work to four. Three are left to share it.",
            ),
        ),
        source="The learning material on Auto Scaling describes flapping from 3 instances at 75"
        " percent to 4 at 28 and back; the arithmetic does not allow it.",
    ),
    Exercise(
        id="flapping-least-low",
        topic="flapping",
        lesson=_LESSON,
        question="One instance at a time, scale out above 70 percent. From which lower threshold on"
        " can a group swing between 3 and 4 instances under a steady load?",
        unit="percent",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_least_low,
        look="Take a load that is just too much for three. What does each of four do then?",
        concept="A pair of thresholds flaps between n and n + 1 where the lower one is above what"
        " n + 1 instances stand at just after growing.",
        formula="upper threshold x n / (n + 1), here with n = 3",
        working=_least_low_working,
        why="The gap must be wider than one instance's share: low / high below n / (n + 1). Small"
        " groups need the widest gap.",
        mistakes=(
            Mistake(
                lambda prices: _HIGH * 4 / 5,
                "That is for a swing between 4 and 5 instances. Count again from three.",
            ),
            Mistake(
                lambda prices: _HIGH - 100 / 4,
                "That takes a share of a whole instance off; take the share of the load.",
            ),
        ),
        source="The learning material on Auto Scaling asks for the cause of flapping and gives"
        " thresholds of 70 and 30, which never flap with one instance at a time.",
    ),
    Exercise(
        id="flapping-two-at-a-time",
        topic="flapping",
        lesson=_LESSON,
        question="Thresholds of 70 and 30, two instances at a time, at least 1 and at most 10. For"
        " how many whole loads, in percent of one instance, does the group swing for ever?",
        unit="loads",
        kind="break it",
        difficulty="advanced",
        answer=_two_steps,
        look="Start at one instance. Which loads are above 70 there?",
        concept="After adding two, the load is spread over n + 2. It swings where that is below 30"
        " percent each, and the group may shrink by two.",
        formula="whole loads above 70 x n and below 30 x (n + 2), for every n",
        working=_two_steps_working,
        why="Large steps are for large groups: from one instance, two more are three times the"
        " capacity.",
        mistakes=(
            Mistake(
                lambda prices: float(len(_loads(_CLOSE))),
                "That is for thresholds of 70 and 60 with one instance at a time.",
            ),
            Mistake(
                lambda prices: _two_steps(prices) + 2,
                "That counts 70 and 90 themselves. At a threshold nothing happens.",
            ),
        ),
        source="Worked out from the learning material's scenarios on Auto Scaling, whose policy"
        " adds and removes two instances at a time.",
        tolerance=0.001,
    ),
    Exercise(
        id="flapping-churn",
        topic="flapping",
        lesson=_LESSON,
        question="A group launches an m5.large in us-east-1 72 times a day and takes it away within"
        " a minute, for 30 days. What do these launches cost, when each start is charged for at"
        " least a minute?",
        unit="USD a month",
        kind="read a number",
        difficulty="intermediate",
        answer=_churn,
        look="How many minutes of instance time are that in the month?",
        concept="A start is charged for at least 60 seconds, however soon the instance is gone.",
        formula="72 x 30 x 60 s / 3,600 x price of an instance-hour",
        working=_churn_working,
        why="The bill of churn is small. What it really costs is that customers meet cold"
        " instances and cut connections all day.",
        mistakes=(
            Mistake(
                lambda prices: 60 * _churn(prices),
                "That charges a full hour for each start. Linux instances are charged by the"
                " second, at least 60.",
            ),
            Mistake(
                lambda prices: _churn(prices) / 30,
                "That is one day. The question asks for 30 of them.",
            ),
        ),
        source="The learning material calls flapping expensive without a figure; AWS charges at"
        " least a minute for each start.",
    ),
)
