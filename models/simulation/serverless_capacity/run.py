"""The result of a simulation of serverless capacity: facts, and what is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.metering import Usage, UsageKey
from models.services.rds import DBCluster
from models.services.rds.meters import AURORA_SERVERLESS, AURORA_SERVERLESS_IO_OPTIMIZED
from models.simulation.metered import HourlyUsage, over_period
from models.simulation.shown import WithTimeline, as_table
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod, quantity_text

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class CapacityRun(WithTimeline):
    """What the capacity of serverless instances did under a load.

    Parameters
    ----------
    duration_seconds : float
        [s]
    engine : str
        ``compiled`` or ``readable``.
    seed : int
    cluster : DBCluster
    serverless_instances : int
        Instances that have this capacity, each.
    """

    duration_seconds: float
    engine: str
    seed: int
    cluster: DBCluster
    serverless_instances: int
    _columns: Mapping[str, NDArray[np.float64]] = field(repr=False)

    def _total(self, name: str) -> float:
        return float(self._columns[name].sum())

    @property
    def requests(self) -> int:
        """Requests that arrived."""
        return int(self._total("requests"))

    @property
    def acu_hours(self) -> float:
        """Capacity charged for in the run, of all instances. [ACU-h]"""
        return self._total("acu_seconds") * self.serverless_instances / SECONDS_PER_HOUR

    @property
    def mean_acu(self) -> float:
        """Capacity of an instance on average, pauses counting as 0. [ACU]"""
        return self._total("acu_seconds") / self._total("seconds")

    @property
    def utilisation(self) -> float:
        """Part of the capacity charged for that did work. [share]"""
        capacity = self._total("acu_seconds")
        return self._total("used_acu_seconds") / capacity if capacity else 0.0

    @property
    def paused_share(self) -> float:
        """Share of the time that it was paused. [share]"""
        return self._total("paused_seconds") / self._total("seconds")

    @property
    def resumes(self) -> int:
        """How often it resumed."""
        return int(self._total("resumes"))

    @property
    def deep_resumes(self) -> int:
        """How often it resumed from a pause of more than a day, which takes longer."""
        return int(self._total("deep_resumes"))

    @property
    def waited(self) -> int:
        """Requests that found it paused or resuming, and waited."""
        return int(self._total("waited"))

    @property
    def mean_wait_seconds(self) -> float:
        """How long these waited for it to resume, on average; 0 where there were none. [s]"""
        return self._total("wait_seconds") / self.waited if self.waited else 0.0

    @property
    def short(self) -> int:
        """Requests of seconds at whose end work was left over: capacity was too small."""
        return int(self._total("short"))

    def usage(self, period: BillingPeriod = TYPICAL) -> Usage:
        """What AWS counts in a billing period throughout which things go as in this run.

        Capacity as simulated; storage, requests to it and backups as the cluster has them.
        """
        standing = self.cluster.replace(serverless_acu_hours=0).estimate(period)
        return standing + over_period(self.metered_hourly(), self.duration_seconds, period)

    def metered_hourly(self) -> HourlyUsage:
        """Capacity charged for in each hour of the run."""
        optimized = self.cluster.storage_type == "aurora-iopt1"
        meter = AURORA_SERVERLESS_IO_OPTIMIZED if optimized else AURORA_SERVERLESS
        hours = (self._columns["start_seconds"] // SECONDS_PER_HOUR).astype(int)
        seconds = np.bincount(hours, weights=self._columns["acu_seconds"])
        key = UsageKey(self.cluster.name, self.cluster.region, meter)
        return {key: seconds * self.serverless_instances / SECONDS_PER_HOUR}

    def summary(self) -> dict[str, float]:
        """The figures that people compare runs by."""
        return {
            "requests": self.requests,
            "acu_hours": self.acu_hours,
            "mean_acu": self.mean_acu,
            "utilisation": self.utilisation,
            "paused_share": self.paused_share,
            "resumes": self.resumes,
            "deep_resumes": self.deep_resumes,
            "waited": self.waited,
            "mean_wait_seconds": self.mean_wait_seconds,
            "short": self.short,
        }

    def __repr__(self) -> str:
        hours = self.duration_seconds / SECONDS_PER_HOUR
        return (
            f"CapacityRun({quantity_text(hours)} h, {quantity_text(self.requests)} requests,"
            f" {self.acu_hours:,.1f} ACU-hours, {self.paused_share:.1%} paused,"
            f" {self.waited:,} waited, {self.short:,} short)"
        )

    def _repr_html_(self) -> str:
        rows = [
            ("Time simulated", f"{quantity_text(self.duration_seconds / SECONDS_PER_HOUR)} hours"),
            ("Requests", quantity_text(self.requests)),
            ("Capacity charged for", f"{self.acu_hours:,.1f} ACU-hours"),
            ("Mean capacity", f"{self.mean_acu:.2f} ACU"),
            ("Time paused", f"{self.paused_share:.1%}"),
            ("Requests that waited for it to resume", quantity_text(self.waited)),
            ("Requests that met too little capacity", quantity_text(self.short)),
        ]
        return as_table(rows)
