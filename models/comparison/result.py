"""What a comparison found: one row for each alternative, the crossings, and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.architecture import Architecture
from models.billing import Bill
from models.comparison.crossings import Crossing, LoadCurve
from models.experiments import Comparison
from models.units import quantity_text, usd

if TYPE_CHECKING:
    import pandas as pd

    from models.claims import Claim


#: Mean of each number, and the two ends of its confidence interval.
Figures = Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Assessment:
    """One alternative, assessed.

    Parameters
    ----------
    name : str
    architecture : Architecture
    infeasible : str
        Why it cannot serve the workload; empty where it can. Such an alternative is neither
        simulated nor priced.
    figures : mapping of str to (mean, low, high)
        Each number of `measured`, with its confidence interval; empty where infeasible.
    headroom : float
        Most requests that it can answer over those of the busiest hour.
    availability : float
        Composite, from the SLAs of what every request passes; NaN where none is known. [share]
    bill : Bill or None
        Of the first replication, line by line.
    """

    name: str
    architecture: Architecture
    infeasible: str
    figures: Figures
    headroom: float
    availability: float
    bill: Bill | None

    def mean(self, figure: str) -> float:
        """Mean of one number; NaN where the alternative is infeasible."""
        return self.figures.get(figure, (math.nan,) * 3)[0]

    @property
    def cost_per_thousand_usd(self) -> float:
        """Cost of a month over its thousands of requests. [USD]"""
        requests = self.mean("requests")
        return self.mean("cost_usd") / requests * 1000 if requests else math.nan

    def record(self) -> dict[str, Any]:
        """Plain data for scripts; what is not known is None."""
        cost, low, high = self.figures.get("cost_usd", (math.nan,) * 3)
        others = ("p50_ms", "p95_ms", "p99_ms", "error_share")
        causes = {
            name: mean
            for name, (mean, _, _) in self.figures.items()
            if name not in ("cost_usd", "requests", *others)
        }
        numbers = {
            "cost_usd": cost,
            "cost_low": low,
            "cost_high": high,
            "cost_per_1000_requests_usd": self.cost_per_thousand_usd,
            **{name: self.mean(name) for name in others},
            "availability": self.availability,
            "headroom": self.headroom,
        }
        return {
            "alternative": self.name,
            "architecture": self.architecture.name,
            **{name: _known(value) for name, value in numbers.items()},
            "errors": {name: _known(value) for name, value in causes.items()},
            "infeasible": self.infeasible or None,
        }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Verdict:
    """What the numbers say, in sentences that were checked against them.

    Parameters
    ----------
    claims : tuple of Claim
    """

    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        return " ".join(one.sentence for one in self.claims)


@dataclass(frozen=True, repr=False)
class Compared:
    """Several architectures against the same customers.

    Parameters
    ----------
    name : str
        Of the scenario.
    assessments : tuple of Assessment
        In the order of the scenario.
    runs : Comparison or None
        The replications themselves, with their paired differences; None for fewer than two that
        are feasible.
    load : LoadCurve or None
        Cost against the load in closed form; None where the workload cannot be scaled.
    crossings : tuple of Crossing
    verdict : Verdict
    replications : int
    complete : bool
        Whether everything ran; Ctrl-C leaves it false.
    """

    name: str
    assessments: tuple[Assessment, ...]
    runs: Comparison | None
    load: LoadCurve | None
    crossings: tuple[Crossing, ...]
    verdict: Verdict
    replications: int
    complete: bool

    @property
    def feasible(self) -> tuple[Assessment, ...]:
        """Those that can serve the workload."""
        return tuple(one for one in self.assessments if not one.infeasible)

    def records(self) -> list[dict[str, Any]]:
        """One object for each alternative."""
        return [one.record() for one in self.assessments]

    @property
    def table(self) -> pd.DataFrame:
        """One row for each alternative."""
        import pandas as pd

        rows = [{k: v for k, v in one.items() if k != "errors"} for one in self.records()]
        return pd.DataFrame(rows)

    def rows(self) -> list[tuple[str, ...]]:
        """One row of text for each alternative, under `HEADER`."""
        return [_row(one) for one in self.assessments]

    def __repr__(self) -> str:
        table = [HEADER, *self.rows()]
        widths = [max(len(row[column]) for row in table) for column in range(len(HEADER))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
        reasons = [f"{one.name}: {one.infeasible}" for one in self.assessments if one.infeasible]
        return "\n".join([*lines, *reasons, str(self.verdict)])

    def _repr_html_(self) -> str:
        return f"{self.table.to_html(index=False)}<p>{self.verdict}</p>"


HEADER = (
    "alternative", "USD a month", "95 % interval", "USD per 1,000", "p50", "p99", "errors",
    "availability", "headroom",
)  # fmt: skip


def _row(one: Assessment) -> tuple[str, ...]:
    if one.infeasible:
        return (one.name, "infeasible", *("",) * (len(HEADER) - 2))
    _, low, high = one.figures["cost_usd"]
    return (
        one.name,
        usd(one.mean("cost_usd")),
        f"{usd(low)} to {usd(high)}" if math.isfinite(low) else "one run",
        f"{one.cost_per_thousand_usd:.4g}",
        _ms(one.mean("p50_ms")),
        _ms(one.mean("p99_ms")),
        f"{one.mean('error_share'):.2%}",
        f"{one.availability:.3%}" if math.isfinite(one.availability) else "unknown",
        f"{one.headroom:,.3g}x" if math.isfinite(one.headroom) else "no limit",
    )


def _ms(value: float) -> str:
    return f"{quantity_text(round(value))} ms" if math.isfinite(value) else "unknown"
