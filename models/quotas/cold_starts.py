"""How long a Lambda function takes to start cold, by runtime, package and architecture.

Measured by maxday/lambda-perf on one day, in one Region, with hello-world handlers: a lower bound.
What a function imports comes on top, and so does finding a place for it and loading its code.

Examples
--------
>>> zipped, image = init_seconds("nodejs22.x"), init_seconds("nodejs22.x", "image")
>>> round(zipped.median_seconds, 2), round(image.median_seconds, 2)
(0.14, 0.28)
>>> [round(first_run_seconds("dotnet8", memory), 2) for memory in (128, 1024)]
[0.71, 0.07]
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import numpy as np

from models.errors import InvalidInputError, UnknownNameError, did_you_mean
from models.files import DATA
from models.quotas.reading import read_cold_starts
from models.quotas.records import ColdStartRow, Fit

_Rows = tuple[ColdStartRow, ...]


@cache
def cold_starts() -> Mapping[tuple[str, str, str], _Rows]:
    """Every measurement, by runtime, package type and architecture; rows by memory.

    Examples
    --------
    >>> [row.memory_mb for row in cold_starts()["python3.12", "zip", "x86_64"]]
    [128, 256, 512, 1024]
    """
    found: dict[tuple[str, str, str], list[ColdStartRow]] = defaultdict(list)
    for row in read_cold_starts(DATA / "cold_starts.csv"):
        found[row.runtime, row.package_type, row.architecture].append(row)
    by_memory = {key: sorted(rows, key=lambda row: row.memory_mb) for key, rows in found.items()}
    return MappingProxyType({key: tuple(rows) for key, rows in by_memory.items()})


@cache
def runtimes() -> tuple[str, ...]:
    """The runtimes measured: AWS's identifiers, and functions that bring their own runtime.

    Examples
    --------
    >>> "python3.12" in runtimes(), "rust_on_provided_al2023" in runtimes()
    (True, True)
    """
    return tuple(sorted({runtime for runtime, _, _ in cold_starts()}))


@cache
def init_seconds(runtime: str, package_type: str = "zip", architecture: str = "x86_64") -> Fit:
    """How long the Init phase takes, as a lognormal over all memory sizes.

    Parameters
    ----------
    runtime : str
        One of `runtimes`.
    package_type : str
        ``zip`` or ``image``.
    architecture : str
        ``x86_64`` or ``arm64``.

    Returns
    -------
    Fit
        Median [s] and standard deviation of the logarithm.

    Raises
    ------
    UnknownNameError
        For what was not measured, with the nearest that was.

    Notes
    -----
    Init does not fall with memory, so the sizes are pooled: the median is the geometric mean of
    theirs, the variance of the logarithm that within the sizes plus that between their medians.
    Ten starts a size do not show the tail: single starts at several times the median exist.

    Examples
    --------
    >>> round(init_seconds("python3.12").median_seconds, 3)
    0.083
    """
    rows = _rows(runtime, package_type, architecture)
    logs = [math.log(row.init_median_ms / 1000) for row in rows]
    freedom = sum(row.n - 1 for row in rows)
    within = sum((row.n - 1) * row.init_sigma**2 for row in rows) / freedom
    return Fit(math.exp(statistics.fmean(logs)), math.sqrt(within + statistics.pvariance(logs)))


def first_run_seconds(
    runtime: str,
    memory_size_mb: int,
    package_type: str = "zip",
    architecture: str = "x86_64",
) -> float:
    """How long the first run of a hello-world handler takes, on average. [s]

    Parameters
    ----------
    runtime, package_type, architecture : str
        As `init_seconds`.
    memory_size_mb : int
        The function's memory setting. [MB]

    Raises
    ------
    UnknownNameError
        As `init_seconds`.
    InvalidInputError
        For a memory that Lambda does not offer.

    Notes
    -----
    At a measured size this is the measured mean; between two it lies on the straight line of the
    logarithms, which is exact where the time goes as 1 / memory. Below 128 MB there is nothing,
    and beyond the largest size measured it stays as there (assumed): what is left then is hardly
    processor time.

    Examples
    --------
    >>> round(first_run_seconds("dotnet8", 256), 3), round(first_run_seconds("dotnet8", 300), 3)
    (0.357, 0.301)
    """
    rows = _rows(runtime, package_type, architecture)
    _refuse_memory(memory_size_mb)
    sizes = [math.log(row.memory_mb) for row in rows]
    times = [math.log(row.first_run_ms / 1000) for row in rows]
    return math.exp(float(np.interp(math.log(memory_size_mb), sizes, times)))


def _rows(runtime: str, package_type: str, architecture: str) -> _Rows:
    held = cold_starts()
    if (runtime, package_type, architecture) in held:
        return held[runtime, package_type, architecture]
    if runtime not in runtimes():
        raise UnknownNameError(
            f"no cold starts are held for runtime {runtime!r}{did_you_mean(runtime, runtimes())};"
            f" held: {', '.join(runtimes())}"
        )
    kinds = [f"{package} {chip}" for name, package, chip in held if name == runtime]
    given = f"{package_type} {architecture}"
    raise UnknownNameError(
        f"no cold starts of {runtime} are held for {given!r}{did_you_mean(given, kinds)};"
        f" held: {', '.join(kinds)}"
    )


def _refuse_memory(memory_size_mb: int) -> None:
    from models.quotas import range_of  # the package imports this module

    low, high = range_of("lambda", "memory_size_mb")
    if not low <= memory_size_mb <= high or memory_size_mb != int(memory_size_mb):
        raise InvalidInputError(
            f"memory_size_mb is {memory_size_mb!r}; Lambda offers whole MB from {low} to {high:,}"
        )
