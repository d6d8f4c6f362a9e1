"""What an architecture is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from models.architecture.availability import Availability, availability
from models.architecture.describing import configuration_of, type_of
from models.architecture.load import Load
from models.architecture.tiers import Tier
from models.errors import InvalidInputError, UnknownNameError, did_you_mean
from models.metering import Usage
from models.resource import Resource
from models.units import SECONDS_PER_HOUR, TYPICAL, BillingPeriod
from models.workload import Constant, Trace

if TYPE_CHECKING:
    import pandas as pd


class Traffic(NamedTuple):
    """What an architecture was asked for in a billing period.

    Parameters
    ----------
    requests : float
        Requests that arrived.
    per_second : float
        Their mean rate. [1/s]
    """

    requests: float
    per_second: float

    def shared(self, copies: int) -> Traffic:
        """What each of several copies was asked for."""
        return Traffic(self.requests / copies, self.per_second / copies)


def _nothing(traffic: Traffic) -> Iterable[Resource]:
    return ()


@dataclass(frozen=True)
class Architecture:
    """Serving tiers, what is always on, and what follows the traffic.

    Parameters
    ----------
    name : str
    summary : str
        What it is, in a sentence.
    tiers : tuple of Tier
        In series: whatever one has answered arrives at the next. A nested database belongs to
        its tier.
    standing : tuple of Resource
        Always on, whoever asks.
    following : function of Traffic
        Resources whose usage follows from the requests of a period: log bytes, units of a table.
    path : tuple of str
        Names of the resources that every request needs, in order, for picture and availability.
    links : tuple of (str, str)
        What else is connected: from, to; names of resources.
    copies : int
        How many of all of it stand side by side and share the requests evenly; `Parallel` has
        copies of single tiers.
    clients : str
        Who asks, for the picture.
    left_out : str
        What is neither simulated nor priced, beyond what its services say.

    Raises
    ------
    InvalidInputError
        Where two resources share a name, or a name in `path` or `links` is none of them.
    """

    name: str
    summary: str
    tiers: tuple[Tier, ...]
    standing: tuple[Resource, ...] = ()
    following: Callable[[Traffic], Iterable[Resource]] = field(default=_nothing, repr=False)
    path: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    copies: int = 1
    clients: str = "users"
    left_out: str = ""

    def __post_init__(self) -> None:
        names = [one.name for one in self.resources]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise InvalidInputError(f"{self.name}: two resources are called {twice!r}")
        wanted = [*self.path, *(end for link in self.links for end in link)]
        if stray := next((name for name in wanted if name not in names), None):
            raise InvalidInputError(
                f"{self.name}: {stray!r} in path or links is no resource; there are"
                f" {', '.join(names)}"
            )

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Its inventory: those of its tiers, the standing ones, and those that follow traffic."""
        served = tuple(one for tier in self.tiers for one in tier.resources)
        return (*served, *self.standing, *self.following(Traffic(0.0, 0.0)))

    def resource(self, name: str) -> Resource:
        """The resource of that name.

        Raises
        ------
        UnknownNameError
            Where there is none, with the nearest.
        """
        found = {one.name: one for one in self.resources}
        if name not in found:
            raise UnknownNameError(
                f"{self.name} has no resource {name!r}{did_you_mean(name, found)}"
            )
        return found[name]

    @property
    def availability(self) -> Availability:
        """What AWS's commitments for the resources on `path` come to, multiplied."""
        return availability(self.resource(name) for name in self.path)

    def copies_of(self, name: str) -> int:
        """How many there are of a resource, beside what its own fields say."""
        branches = [one for tier in self.tiers for one in getattr(tier, "branches", ())]
        held = (
            one.copies
            for one in branches
            if name in [each.name for each in (*one.tier.resources, *one.standing)]
        )
        return self.copies * next(held, 1)

    def inventory(self) -> pd.DataFrame:
        """A row for each resource: what it is, how it is configured, what decides its bill.

        Columns
        -------
        name, type, region : str
        copies : int
            How many there are, beside what the configuration says.
        configuration : str
            The one line that matters.
        charged_for : str
            Meters that count at one request a second.
        """
        import pandas as pd

        nominal = Constant(rate_per_second=1, duration_seconds=SECONDS_PER_HOUR)
        meters: dict[str, list[str]] = {}
        for key in self.estimate(nominal, TYPICAL):
            meters.setdefault(key.resource, []).append(key.meter.name)
        rows = [
            {
                "name": one.name,
                "type": type_of(one),
                "region": one.region,
                "copies": self.copies_of(one.name),
                "configuration": configuration_of(one),
                "charged_for": ", ".join(meters.get(one.name, ["nothing"])),
            }
            for one in self.resources
        ]
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        table = self.inventory().to_html(index=False, border=0)
        return f"<p><b>{escape(self.name)}</b>: {escape(self.summary)}</p>{table}"

    def load(self, trace: Trace) -> Load:
        """What one of its copies is asked for."""
        return Load.of(trace).times(1 / self.copies)

    def obstacles(self, trace: Trace) -> tuple[str, ...]:
        """Why it could not serve a workload, however it scales within its limits."""
        load = self.load(trace)
        return tuple(why for tier in self.tiers for why in tier.obstacles(load))

    def capacity_per_second(self, trace: Trace) -> float:
        """Such requests that it can answer when it is as large as it may become. [1/s]"""
        load = self.load(trace)
        each = [tier.capacity_per_second(load) for tier in self.tiers]
        return min(each, default=float("inf")) * self.copies

    def headroom(self, trace: Trace) -> float:
        """Capacity over the mean rate of the busiest hour: below 1 it cannot keep up."""
        return self.capacity_per_second(trace) / Load.of(trace).busiest_per_second

    def estimate(self, trace: Trace, period: BillingPeriod) -> Usage:
        """What AWS counts in a period of such traffic, in closed form."""
        load = self.load(trace)
        tiers = [tier.estimate(load, period) for tier in self.tiers]
        return self.completed(tiers, load.requests_in(period) * self.copies, period)

    def completed(self, tiers: Iterable[Usage], requests: float, period: BillingPeriod) -> Usage:
        """Usage of all copies: their tiers, what stands, and what follows so many requests.

        Parameters
        ----------
        tiers : iterable of Usage
            Of one copy.
        requests : float
            Of all copies, in the period.
        """
        traffic = Traffic(requests, requests / (period.hours * SECONDS_PER_HOUR))
        own = traffic.shared(self.copies)
        others = [one.estimate(period) for one in (*self.standing, *self.following(own))]
        return Usage.sum([*tiers, *others], period=period).scaled(self.copies)
