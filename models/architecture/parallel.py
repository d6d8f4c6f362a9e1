"""Tiers side by side: each request goes to one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import isclose, nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.architecture.balancing import balancer_usage, requests_by_hour
from models.architecture.load import Load
from models.architecture.tiers import Served, Tier
from models.errors import InvalidInputError
from models.metering import Usage
from models.resource import Resource
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation.latency import quantile_seconds
from models.units import BillingPeriod
from models.workload import Part, Trace


@dataclass(frozen=True)
class Branch:
    """One of several tiers side by side, or several alike.

    Parameters
    ----------
    tier : Tier
    share : float
        Of the requests, to all of its copies together. [share]
    copies : int
        How many there are of it; they share its requests evenly, and one of them is simulated.
    standing : tuple of Resource
        What stands with each copy, whoever asks.
    """

    tier: Tier
    share: float
    copies: int = 1
    standing: tuple[Resource, ...] = ()

    def load(self, load: Load) -> Load:
        """What one of its copies is asked for."""
        return load.times(self.share / self.copies)

    def all_of_it(self, usage: Usage, period: BillingPeriod) -> Usage:
        """Usage of all copies, from that of the tier of one."""
        stood = [one.estimate(period) for one in self.standing]
        return Usage.sum([usage, *stood], period=period).scaled(self.copies)


class _Ran(NamedTuple):
    branch: Branch
    run: Served


@dataclass(frozen=True)
class ParallelRun:
    """What happened at tiers side by side.

    Parameters
    ----------
    parallel : Parallel
    ran : tuple of (Branch, run)
        The run of one copy of each.
    hourly_requests : array
        Requests to all of them in each hour.
    """

    parallel: Parallel
    ran: tuple[_Ran, ...]
    hourly_requests: NDArray[np.float64]

    records = None

    @property
    def duration_seconds(self) -> float:
        """Time simulated. [s]"""
        return self.ran[0].run.duration_seconds

    @property
    def outcomes(self) -> Mapping[str, float]:
        """Requests by how they ended, at whichever tier."""
        ended: dict[str, float] = {}
        for branch, run in self.ran:
            for name, count in run.outcomes.items():
                ended[name] = ended.get(name, 0.0) + count * branch.copies
        return ended

    @property
    def histogram(self) -> NDArray[Any] | None:
        """Answers of all tiers by the time that they took; none where one is not known."""
        found = [run.histogram for _, run in self.ran]
        known = [one * ran.branch.copies for one, ran in zip(found, self.ran, strict=True)
                 if one is not None]  # fmt: skip
        return np.sum(known, axis=0) if len(known) == len(found) else None

    def latency_seconds(self, share: float) -> float:
        """Time within which `share` of the answers came; NaN where one tier's is unknown. [s]"""
        return nan if self.histogram is None else quantile_seconds(self.histogram, share)

    def usage(self, period: BillingPeriod) -> Usage:
        """What AWS counts of all copies."""
        each = [branch.all_of_it(run.usage(period), period) for branch, run in self.ran]
        return self.parallel.together(each, self.hourly_requests, self.duration_seconds, period)


@dataclass(frozen=True)
class Parallel:
    """Tiers side by side: each request goes to one of them, by their shares.

    Parameters
    ----------
    name : str
    branches : tuple of Branch
        Their shares add up to 1.
    load_balancer : ApplicationLoadBalancer, optional
        In front of those whose own has the same name: they share it, and it is charged once.

    Raises
    ------
    InvalidInputError
        Where the shares do not add up to 1, or a branch has none.
    """

    name: str
    branches: tuple[Branch, ...]
    load_balancer: ApplicationLoadBalancer | None = None

    def __post_init__(self) -> None:
        shares = [branch.share for branch in self.branches]
        if not shares or min(shares) <= 0 or not isclose(sum(shares), 1):
            raise InvalidInputError(
                f"{self.name}: shares ({', '.join(f'{one:g}' for one in shares)}) must be above 0"
                " and add up to 1"
            )

    @property
    def asynchronous(self) -> bool:
        """Whether nobody waits for any of them."""
        return all(branch.tier.asynchronous for branch in self.branches)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The load balancer, and those of one copy of each branch."""
        front = () if self.load_balancer is None else (self.load_balancer,)
        return *front, *(
            one
            for branch in self.branches
            for one in (*branch.tier.resources, *branch.standing)
            if not self._shared(one.name)
        )

    def _shared(self, name: str) -> bool:
        return self.load_balancer is not None and name == self.load_balancer.name

    def capacity_per_second(self, load: Load) -> float:
        """Requests, shared out as they are, that the first branch to fail can answer. [1/s]"""
        return min(
            branch.tier.capacity_per_second(branch.load(load)) * branch.copies / branch.share
            for branch in self.branches
        )

    def obstacles(self, load: Load) -> Iterator[str]:
        """Those of any branch."""
        for branch in self.branches:
            yield from branch.tier.obstacles(branch.load(load))

    def simulate(self, trace: Trace, *, seed: int, keep_records: bool = False) -> ParallelRun:
        """Share out the requests of a trace, and run one copy of each branch."""
        ran = []
        lots = [0.0, *accumulate(branch.share for branch in self.branches)]
        lots[-1] = 1.0  # whatever rounding made of it: every request goes somewhere
        for branch, (low, high) in zip(self.branches, pairwise(lots), strict=True):
            first = low + (high - low) / branch.copies
            part = trace if (low, first) == (0.0, 1.0) else Part.of(trace, low, first)
            ran.append(_Ran(branch, branch.tier.simulate(part, seed=seed)))
        return ParallelRun(self, tuple(ran), requests_by_hour(trace))

    def estimate(self, load: Load, period: BillingPeriod) -> Usage:
        """What AWS counts in closed form."""
        each = [
            branch.all_of_it(branch.tier.estimate(branch.load(load), period), period)
            for branch in self.branches
        ]
        return self.together(each, load.hourly_requests, load.duration_seconds, period)

    def together(
        self, each: list[Usage], hourly_requests: NDArray[np.float64], duration_seconds: float,
        period: BillingPeriod,
    ) -> Usage:  # fmt: skip
        """Usage of all branches, in which a load balancer that they share is counted once."""
        summed = Usage.sum(each, period=period)
        if self.load_balancer is None:
            return summed
        own = {key: value for key, value in summed.items() if not self._shared(key.resource)}
        return Usage(period, own) + balancer_usage(
            self.load_balancer, hourly_requests, duration_seconds, period
        )
