"""What an exercise is: a question, and functions that compute its answer from the models.

Nothing here is a stored figure. The answer, every known wrong answer and the worked solution
are functions of a price catalogue, so that a change of prices re-marks every exercise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from models.billing import Bill, bill
from models.errors import InvalidInputError
from models.metering import Usage
from models.prices import Catalogue
from models.resource import Resource
from models.units import TYPICAL, BillingPeriod, quantity_text, unit_price_text, usd

#: A figure worked out from list prices.
Figure = Callable[[Catalogue], float]
#: A worked solution: sentences, and bills whose lines are shown.
Working = Callable[[Catalogue], Iterable[str | Bill]]

Kind = Literal[
    "read a number", "change something", "find the break-even", "break it", "check a claim"
]
Difficulty = Literal["basic", "intermediate", "advanced"]
DIFFICULTIES = get_args(Difficulty)


@dataclass(frozen=True)
class Mistake:
    """A wrong figure that people often arrive at, and the picture behind it."""

    figure: Figure
    misconception: str


@dataclass(frozen=True)
class Exercise:
    """A question whose answer the models compute when asked.

    Parameters
    ----------
    id : str
        What `check` and `hint` know it by.
    topic : str
        What `quiz` groups it by.
    lesson : str
        Notebook that asks it, without the ending.
    question : str
        Holds every figure that is needed except list prices.
    unit : str
        Of the answer. Starts with ``USD`` where it is money.
    kind, difficulty : str
    answer : function of a catalogue
    look, concept, formula : str
        Hints, from a first look to the formula.
    working : function of a catalogue
        The last hint: the solution step by step, with the lines of the bill.
    why : str
        What the answer teaches; shown once it is right.
    mistakes : tuple of Mistake
    source : str
        Where the learning material asks or claims it, and where it is mistaken.
    tolerance : float
        Largest relative distance from the answer that is still right. [share]
    """

    id: str
    topic: str
    lesson: str
    question: str
    unit: str
    kind: Kind
    difficulty: Difficulty
    answer: Figure
    look: str
    concept: str
    formula: str
    working: Working
    why: str
    mistakes: tuple[Mistake, ...]
    source: str
    tolerance: float = 0.005

    def text(self, figure: float) -> str:
        """`figure` with the unit of the answer, as a reader sees it."""
        if self.unit.startswith("USD"):
            return usd(figure) + self.unit.removeprefix("USD")
        return f"{quantity_text(round(figure, 4))} {self.unit}"


def priced(catalogue: Catalogue, *resources: Resource, period: BillingPeriod = TYPICAL) -> Bill:
    """The bill of these resources together, for one billing period."""
    parts = [resource.estimate(period) for resource in resources]
    return bill(Usage.sum(parts, period=period), catalogue)


def cost_usd(catalogue: Catalogue, *resources: Resource, period: BillingPeriod = TYPICAL) -> float:
    """What these resources cost together in one billing period. [USD]"""
    return float(priced(catalogue, *resources, period=period).total_usd)


def lines_text(priced_bill: Bill) -> str:
    """The lines of a bill, one each: whose, what, quantity x unit price = cost.

    A worked solution shows them, so that every step can be found on an AWS invoice.
    """
    rows = [
        f"{line.resource}: {line.meter.name or line.usage_type}: "
        f"{quantity_text(round(float(line.quantity), 4))} {line.unit}"
        f" x {unit_price_text(line.unit_price_usd)} = {usd(float(line.cost_usd))}"
        for line in priced_bill.lines
    ]
    return "\n".join([*rows, f"Total: {usd(float(priced_bill.total_usd))}"])


def crossing(excess: Callable[[float], float], low: float, high: float) -> float:
    """Where `excess` changes sign between `low` and `high`, by halving the interval.

    >>> round(crossing(lambda gb: 0.02 * gb - 36.5, 0, 10_000), 6)
    1825.0

    Raises
    ------
    InvalidInputError
        Where the sign is the same at both ends.
    """
    rising = excess(high) > 0
    if (excess(low) > 0) == rising:
        raise InvalidInputError(f"no crossing between {low:g} and {high:g}")
    for _ in range(64):
        middle = (low + high) / 2
        if (excess(middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2
