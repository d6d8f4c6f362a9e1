"""`compare_scenario`: every alternative against the same customers."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.architecture import Architecture
from models.comparison.crossings import load_curve
from models.comparison.measure import billed, measured, simulated
from models.comparison.pricing import Pricing
from models.comparison.result import Assessment, Compared, Figures
from models.comparison.verdict import verdict
from models.experiments import Comparison, compare, replicate, seeds
from models.prices import Catalogue
from models.scenario import Scenario


@dataclass(frozen=True)
class Experiment:
    """How often everything is run, from which seed, and by whom."""

    replications: int
    seed: int
    executor: Executor | None
    workers: int | str | None
    progress: bool

    def figures(
        self, able: Mapping[str, Architecture], arguments: Mapping[str, Any]
    ) -> tuple[dict[str, Figures], Comparison | None, bool]:
        """Means and intervals of each alternative, the runs, and whether all of them were made."""
        if len(able) > 1:
            runs = compare(
                {name: (measured, {"architecture": one}) for name, one in able.items()},
                self.replications, arguments=arguments, seed=self.seed, executor=self.executor,
                workers=self.workers, progress=self.progress,
            )  # fmt: skip
            by_name = runs.summary.groupby("alternative", sort=False)
            found = {str(name): _figures(rows.set_index("measure")) for name, rows in by_name}
            return found, runs, runs.complete
        for name, one in able.items():
            made = replicate(
                measured, self.replications, arguments={**arguments, "architecture": one},
                seed=self.seed, executor=self.executor, workers=self.workers,
                progress=self.progress,
            )  # fmt: skip
            return {name: _figures(made.summary)}, None, made.complete
        return {}, None, True


def compare_scenario(
    scenario: Scenario,
    *,
    replications: int = 8,
    seed: int = 0,
    catalogue: Catalogue | None = None,
    executor: Executor | None = None,
    workers: int | str | None = None,
    progress: bool = True,
) -> Compared:
    """Run the workload of a scenario through each of its alternatives, several times.

    Parameters
    ----------
    scenario : Scenario
        With a workload, and alternatives or one architecture.
    replications : int
        Each draws its customers, and the chances of AWS, anew; all alternatives meet the same
        ones.
    seed : int
        Of the replications: see `models.experiments.replicate`.
    catalogue : Catalogue, optional
    executor, workers, progress
        As for `models.experiments.compare`.

    Returns
    -------
    Compared

    Raises
    ------
    InvalidInputError
        Where there is no open workload, or an alternative cannot be simulated.
    UnknownPriceError
        Where an alternative uses what has no price.

    Notes
    -----
    An alternative that could not serve the workload however it scaled is neither simulated nor
    priced: it is reported with the reason.
    """
    trace, architectures = scenario.traffic(), scenario.architectures()
    why = {name: "; ".join(one.obstacles(trace)) for name, one in architectures.items()}
    able = {name: one for name, one in architectures.items() if not why[name]}
    pricing = Pricing(scenario.period, scenario.free_tier, catalogue)
    experiment = Experiment(replications, seed, executor, workers, progress)
    figures, runs, complete = experiment.figures(able, {"trace": trace, "pricing": pricing})
    first = seeds(seed, 1)[0]
    assessments = tuple(
        Assessment(
            name=name,
            architecture=one,
            infeasible=why[name],
            figures=figures.get(name, {}),
            headroom=float(one.headroom(trace)),
            availability=one.availability.share,
            bill=billed(simulated(one, trace, first), pricing) if name in able else None,
        )
        for name, one in architectures.items()
    )
    load, crossings = load_curve(architectures, trace, pricing)
    return Compared(
        name=scenario.name,
        assessments=assessments,
        runs=runs,
        load=load,
        crossings=crossings,
        verdict=verdict(assessments, runs, crossings),
        replications=replications,
        complete=complete,
    )


def _figures(summary: pd.DataFrame) -> Figures:
    """Mean and interval of each number of a summary with a row for each."""
    rows = zip(summary.index, summary["mean"], summary["low"], summary["high"], strict=True)
    return {str(name): (float(mean), float(low), float(high)) for name, mean, low, high in rows}
