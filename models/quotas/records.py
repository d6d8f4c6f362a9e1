"""What a row of ``data/quotas/``, ``instance_types.csv`` and ``cold_starts.csv`` becomes."""

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


class Fit(NamedTuple):
    """A lognormal duration: its median, and the standard deviation of its logarithm."""

    median_seconds: float
    sigma: float
