"""How usage is priced, for every alternative alike."""

from __future__ import annotations

from dataclasses import dataclass

from models.architecture import Architecture
from models.billing import Bill, bill
from models.metering import Usage
from models.prices import Catalogue
from models.units import TYPICAL, BillingPeriod
from models.workload import Trace


@dataclass(frozen=True)
class Pricing:
    """The month, the free-tier plan and the prices; by default those of every bill.

    Parameters
    ----------
    period : BillingPeriod
    free_tier : str
    catalogue : Catalogue or None
        None for the prices that ship with the project.
    """

    period: BillingPeriod = TYPICAL
    free_tier: str = "none"
    catalogue: Catalogue | None = None

    def bill(self, usage: Usage) -> Bill:
        """The bill of a month."""
        return bill(usage, self.catalogue, free_tier=self.free_tier)

    def expected_usd(self, architecture: Architecture, trace: Trace) -> float:
        """Cost of a month in closed form; NaN where the load cannot be served. [USD]"""
        if architecture.obstacles(trace):
            return float("nan")
        return float(self.bill(architecture.estimate(trace, self.period)).total_usd)
