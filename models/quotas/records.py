"""What a row of ``data/quotas/`` becomes, and of the tables of types, cold starts and SLAs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

#: What a number rests on, best first: AWS says so; somebody observed it; nobody knows.
KINDS = ("documented", "measured", "assumed")


@dataclass(frozen=True)
class Quota:
    """One behavioural constant, and what it rests on.

    Parameters
    ----------
    service : str
        boto3 name of the service, as the file is called.
    name : str
        AWS's property in snake case with its unit.
    value : int or float
        In `unit`.
    unit : str
    kind : str
        One of `KINDS`.
    source : str
        AWS page, or who measured it.
    date : str
        When the source said so. [YYYY-MM-DD]
    note : str
        What a reader should know before relying on it.
    """

    service: str
    name: str
    value: int | float
    unit: str
    kind: str
    source: str
    date: str
    note: str = ""

    def __str__(self) -> str:
        """The number, how sure it is and where it comes from, in a sentence."""
        amount = f"{self.value:,} {self.unit}".rstrip()
        said = f"{self.service} {self.name} is {amount} ({self.kind}, {self.date})."
        return " ".join(part for part in (said, self.note, f"Source: {self.source}") if part)


class InstanceType(NamedTuple):
    """What an instance type brings, and which vCPU quota it counts against."""

    name: str
    vcpus: int
    memory_gib: float
    quota_bucket: str
    source: str


class Launch(NamedTuple):
    """One measured start of an instance, in its phases.

    `n` is how many starts the row is a mean of, or None where the source does not say.
    """

    date: str
    region: str
    instance_type: str
    scenario: str
    api_seconds: float
    pending_to_running_seconds: float
    boot_seconds: float
    source: str
    n: int | None

    @property
    def launch_seconds(self) -> float:
        """From the request to `running`: call and `pending` together. [s]"""
        return self.api_seconds + self.pending_to_running_seconds


@dataclass(frozen=True)
class ColdStartRow:
    """Cold starts of one Lambda function, measured one after the other.

    Parameters
    ----------
    runtime : str
        AWS's identifier, or the name of the measured function where it brings its own runtime.
    package_type : str
        ``zip`` or ``image``.
    architecture : str
        ``x86_64`` or ``arm64``.
    memory_mb : int
    n : int
        Starts.
    init_median_ms, init_sigma, init_max_ms : float
        Init Duration: median, standard deviation of its logarithm, largest. [ms, 1, ms]
    first_run_ms : float
        Mean duration of the handler's first run. [ms]
    memory_used_mb : float
        Mean of the most memory used. [MB]
    source : str
    date : str
        Day of the measurement. [YYYY-MM-DD]
    """

    runtime: str
    package_type: str
    architecture: str
    memory_mb: int
    n: int
    init_median_ms: float
    init_sigma: float
    init_max_ms: float
    first_run_ms: float
    memory_used_mb: float
    source: str
    date: str


@dataclass(frozen=True)
class Sla:
    """What AWS commits itself to in a service level agreement. Less gives credit, nothing else.

    Parameters
    ----------
    service : str
        boto3 name of the service.
    configuration : str
        What the commitment holds for; empty where the agreement makes one only.
    uptime_percent : float
        Monthly uptime, as AWS prints it. [%]
    per : str
        ``time`` where minutes are counted, ``request`` where failed requests are.
    source : str
    date : str
        When the agreement was last changed, or read. [YYYY-MM-DD]
    confidence : str
        ``high``, ``medium`` or ``low``, as for prices.
    note : str
    """

    service: str
    configuration: str
    uptime_percent: float
    per: str
    source: str
    date: str
    confidence: str
    note: str = ""

    @property
    def availability(self) -> float:
        """The monthly uptime as a share from 0 to 1."""
        return self.uptime_percent / 100

    def __str__(self) -> str:
        """What is promised, for what, and where it says so, in a sentence."""
        what = " ".join(part for part in (self.service, self.configuration) if part)
        said = f"{what}: {self.uptime_percent:g} % a month by {self.per} ({self.date})."
        return " ".join(part for part in (said, self.note, f"Source: {self.source}") if part)


class Fit(NamedTuple):
    """A lognormal duration: its median, and the standard deviation of its logarithm."""

    median_seconds: float
    sigma: float
