"""Memory power tuning: how long a function takes at each memory size, and which size is cheapest.

The memory of a function also sets its processors (documented:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). What becomes of its
duration is a model: three kinds of work, fitted to measurements (`fit`) that a CSV or AWS Lambda
Power Tuning provides (`read_measurements`). No size costs more by the request than another, so
GB-seconds tell the cheapest without a price; the price by the GB-second differs between
architectures, so these are compared by bill.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from models.distributions import Positive, Seconds
from models.errors import InvalidInputError
from models.metering import Quantity
from models.quotas import value_of
from models.resource import Settings
from models.services.lambda_.measurements import (
    ALLOWED_MEMORY,
    LEAST_MB,
    MOST_MB,
    MOST_MS,
    Measurement,
    checked_amount,
    checked_memory,
    read_measurements,
)
from models.services.lambda_.rules import MS_PER_SECOND, billed_ms, gb_seconds, vcpus
from models.theory.numbers import amount, one, refusal, share
from models.units import MB_PER_GB

#: The memory that comes with one whole processor. [MB]
MB_PER_VCPU = int(value_of("lambda", "memory_mb_per_vcpu"))
#: Fewest sizes that tell three kinds of work apart.
_FEWEST_SIZES = 3
# A quotient that is whole but for the last digits of a double counts as whole.
_DECIMALS = 6


class Fit(NamedTuple):
    """The work that explains measurements best, and how far it is off.

    Attributes
    ----------
    work : Work
    residual_rms_seconds : float
        Root of the mean square of what is left unexplained. [s]
    """

    work: Work
    residual_rms_seconds: float


class Work(Settings):
    """What one invocation does, apart from the memory it gets.

    Notes
    -----
    That 1,769 MB are one vCPU, and that processors are in proportion, is documented:
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html. The three kinds of
    work are a model (Amdahl's law); it leaves out what memory itself does: caches, garbage
    collection, and swapping that a function near its limit does not do but fails.
    """

    cpu_seconds: Seconds = 0.0
    """Work of one thread at a time, on one whole vCPU. [s]"""
    parallel_cpu_seconds: Seconds = 0.0
    """Work that any number of vCPUs share evenly, on one whole vCPU. [s]"""
    waiting_seconds: Seconds = 0.0
    """Waiting for others, whatever the memory. [s]"""
    speed: Positive = 1.0
    """How fast this architecture does the work, the one measured being 1; assumed."""

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if not self.cpu_seconds + self.parallel_cpu_seconds + self.waiting_seconds > 0:
            raise InvalidInputError(
                "one of cpu_seconds, parallel_cpu_seconds and waiting_seconds must be above 0 [s]"
            )
        return self

    def duration_seconds(self, memory_size_mb: Quantity) -> Quantity:
        """Duration at each memory size. [s]

        Parameters
        ----------
        memory_size_mb : int or array
            Whole, from 128 to 10,240. [MB]

        Raises
        ------
        InvalidInputError

        Notes
        -----
        With v vCPUs: cpu / min(v, 1) + parallel / v + waiting. At the largest memory v is 5.8,
        short of the six that a function may have, so nothing else limits the parallel part.

        Examples
        --------
        >>> Work(cpu_seconds=1, waiting_seconds=0.5).duration_seconds(np.array([1769, 3538]))
        array([1.5, 1.5])
        >>> Work(parallel_cpu_seconds=1).duration_seconds(3538)
        0.5
        """
        processors = vcpus(_sizes(memory_size_mb))
        one_thread = self._cpu / np.minimum(processors, 1.0)
        seconds = one_thread + self._parallel / processors + self.waiting_seconds
        return float(seconds) if np.ndim(seconds) == 0 else seconds

    def gb_seconds(self, memory_size_mb: Quantity) -> Quantity:
        """GB-seconds billed for one invocation: whole milliseconds by memory. [GB-s]

        Examples
        --------
        >>> Work(cpu_seconds=1).gb_seconds(1024)
        1.728
        """
        ms = self.duration_seconds(memory_size_mb) * MS_PER_SECOND
        found = gb_seconds(1, ms, np.asarray(memory_size_mb, dtype=np.float64))
        return float(found) if np.ndim(found) == 0 else found

    @property
    def _cpu(self) -> float:
        return self.cpu_seconds / self.speed

    @property
    def _parallel(self) -> float:
        return self.parallel_cpu_seconds / self.speed


def cheapest_memory_mb(work: Work, sizes_mb: Iterable[int] | None = None) -> int:
    """Memory with the fewest GB-seconds billed; of several the fastest, then the smallest. [MB]

    Parameters
    ----------
    work : Work
    sizes_mb : iterable of int, optional
        Sizes to choose from; every one that there is if None. [MB]

    Notes
    -----
    The charge for the request is the same at every size, so it decides nothing. Rounding up to a
    millisecond does where the work is short: see `cheapest_in_closed_form`.

    Examples
    --------
    >>> cheapest_memory_mb(Work(cpu_seconds=1))
    1769
    >>> cheapest_memory_mb(Work(cpu_seconds=1, waiting_seconds=1))
    128
    """
    sizes, seconds, charged = _choices(work, sizes_mb)
    return _first(sizes, seconds, charged)


def fastest_memory_mb(work: Work, sizes_mb: Iterable[int] | None = None) -> int:
    """Smallest memory with the least duration. [MB]

    Parameters as `cheapest_memory_mb`.

    Examples
    --------
    >>> fastest_memory_mb(Work(cpu_seconds=1)), fastest_memory_mb(Work(parallel_cpu_seconds=1))
    (1769, 10240)
    """
    sizes, seconds, _ = _choices(work, sizes_mb)
    return _first(sizes, seconds, seconds)


def balanced_memory_mb(
    work: Work,
    weight: float = 0.5,
    request_equivalent_gb_seconds: float = 0.0,
    sizes_mb: Iterable[int] | None = None,
) -> int:
    """Memory at which cost and time, each as a share of its largest, weigh least together. [MB]

    Parameters
    ----------
    work : Work
    weight : float
        Of the cost, from 0 (only time counts) to 1 (only cost).
    request_equivalent_gb_seconds : float
        GB-seconds for which the charge for one request would pay; 0 leaves it out, as the tool
        does. It makes sizes differ less in cost. [GB-s]
    sizes_mb : iterable of int, optional
        As in `cheapest_memory_mb`. The largest cost and time are among these, so sizes that nobody
        would choose move the balance. [MB]

    Raises
    ------
    InvalidInputError

    Notes
    -----
    The strategy ``balanced`` of AWS Lambda Power Tuning (documented:
    https://github.com/alexcasalboni/aws-lambda-power-tuning/blob/master/README-INPUT-OUTPUT.md).

    Examples
    --------
    >>> balanced_memory_mb(Work(cpu_seconds=1, waiting_seconds=0.2))
    1769
    >>> balanced_memory_mb(Work(cpu_seconds=1, waiting_seconds=0.2), weight=0.9)
    935
    """
    of_cost = share("weight", one("weight", weight))
    request = one("request_equivalent_gb_seconds", request_equivalent_gb_seconds, unit="GB-s")
    sizes, seconds, charged = _choices(work, sizes_mb)
    cost = charged + request * MS_PER_SECOND * MB_PER_GB
    value = of_cost * (cost / cost.max()) + (1 - of_cost) * (seconds / seconds.max())
    return _first(sizes, seconds, value)


def cheapest_in_closed_form(work: Work) -> int:
    """The cheapest memory, but for the rounding of durations to milliseconds. [MB]

    Notes
    -----
    **Derivation.** With cpu C, parallel P and waiting W the GB-seconds at m MB are
    ((C + P) 1769 + W m) / 1024 up to 1,769 MB, and (P 1769 + (C + W) m) / 1024 beyond: they never
    fall. So where there is any waiting, the smallest memory is the cheapest. Where there is none,
    every size up to 1,769 MB costs the same, and beyond as well if all work is parallel: then the
    largest of these is the fastest. Up to a millisecond of rounding comes on top at each size, so
    the size found here is billed at most its own memory for a millisecond above the least.

    Examples
    --------
    >>> [cheapest_in_closed_form(work) for work in (
    ...     Work(cpu_seconds=9, waiting_seconds=0.1), Work(cpu_seconds=9),
    ...     Work(parallel_cpu_seconds=9))]
    [128, 1769, 10240]
    """
    if work.waiting_seconds > 0:
        return LEAST_MB
    return MB_PER_VCPU if work.cpu_seconds > 0 else MOST_MB


def cheapest_within(work: Work, limit_seconds: float) -> int:
    """The cheapest memory that takes at most `limit_seconds`, but for rounding. [MB]

    Parameters
    ----------
    work : Work
    limit_seconds : float
        [s]

    Raises
    ------
    InvalidInputError
        Where even the largest memory takes longer.

    Notes
    -----
    GB-seconds never fall with memory (see `cheapest_in_closed_form`), so it is the smallest size
    that keeps the limit L: 1769 (C + P) / (L - W) where that is at most 1,769 MB, else
    1769 P / (L - W - C). Where a larger size costs the same it is that.

    Examples
    --------
    >>> cheapest_within(Work(cpu_seconds=1, waiting_seconds=0.5), 2.5)
    885
    """
    least = work.duration_seconds(MOST_MB)
    limit = one("limit_seconds", limit_seconds, unit="s")
    if limit < least:
        allowed = f"at least {least:.6g}, the duration at {MOST_MB:,} MB"
        raise refusal("limit_seconds", limit_seconds, allowed, "s")
    spare = limit - work.waiting_seconds
    if work._cpu + work._parallel <= spare:
        needed = _share_of(work._cpu + work._parallel, spare)
    else:
        needed = max(1.0, _share_of(work._parallel, spare - work._cpu))
    smallest = math.ceil(round(needed * MB_PER_VCPU, _DECIMALS))
    return max(smallest, cheapest_in_closed_form(work))


def fit(measurements: Iterable[tuple[float, float]]) -> Fit:
    """The work that comes closest to measured durations, none of its parts below 0.

    Parameters
    ----------
    measurements : iterable of pairs
        Memory [MB] and mean duration [s], in any order.

    Raises
    ------
    InvalidInputError
        Where there are fewer than three different sizes, or none below 1,769 MB: from there on
        one thread takes as long at every size, which looks like waiting.

    Notes
    -----
    Least squares in seconds, so the slow small sizes count most. Up to 1,769 MB parallel work
    looks like that of one thread: where nothing larger was measured, all of it is taken for one
    thread, and nothing is gained beyond (assumed; measure a larger size to know).

    Examples
    --------
    >>> work = Work(cpu_seconds=2, parallel_cpu_seconds=1, waiting_seconds=0.5)
    >>> found = fit([(size, work.duration_seconds(size)) for size in (128, 1024, 3008)])
    >>> round(found.work.cpu_seconds, 6), found.residual_rms_seconds < 1e-9
    (2.0, True)
    """
    from scipy.optimize import nnls

    pairs = [(f"measurement {number}", *pair) for number, pair in enumerate(measurements, start=1)]
    sizes = np.array([checked_memory(place, size) for place, size, _ in pairs], dtype=np.float64)
    seconds = np.array(
        [
            checked_amount(place, "seconds", given, MOST_MS / MS_PER_SECOND)
            for place, _, given in pairs
        ]
    )
    if len(np.unique(sizes)) < _FEWEST_SIZES:
        raise InvalidInputError(
            f"measurements are of {len(np.unique(sizes))} memory sizes; must be of at least"
            f" {_FEWEST_SIZES}, to tell three kinds of work apart"
        )
    if sizes.min() >= MB_PER_VCPU:
        raise InvalidInputError(
            f"measurements start at {sizes.min():g} MB; one must be below {MB_PER_VCPU:,} MB, to"
            " tell waiting from work"
        )
    processors = np.asarray(vcpus(sizes))
    shared = 1 / processors if sizes.max() > MB_PER_VCPU else np.zeros_like(sizes)
    kinds = np.column_stack((1 / np.minimum(processors, 1.0), shared, np.ones_like(sizes)))
    (cpu, parallel, waiting), residual = nnls(kinds, seconds)
    work = Work(cpu_seconds=cpu, parallel_cpu_seconds=parallel, waiting_seconds=waiting)
    return Fit(work, float(residual / math.sqrt(len(seconds))))


def _choices(
    work: Work, sizes_mb: Iterable[int] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sizes, durations [s], and charges in ms x MB, which are whole: equals stay equal."""
    chosen = range(LEAST_MB, MOST_MB + 1) if sizes_mb is None else sizes_mb
    sizes = _sizes(np.array(list(chosen)))
    if not sizes.size:
        raise InvalidInputError("sizes_mb must hold at least one memory size [MB]")
    seconds = np.asarray(work.duration_seconds(sizes))
    return sizes, seconds, np.asarray(billed_ms(seconds * MS_PER_SECOND)) * sizes


def _first(
    sizes: NDArray[np.float64], seconds: NDArray[np.float64], value: NDArray[np.float64]
) -> int:
    """The size of least `value`; of several the fastest, then the smallest."""
    return int(sizes[np.lexsort((sizes, seconds, value))[0]])


def _share_of(cpu_seconds: float, within_seconds: float) -> float:
    """Processors that do so much work in so much time; none where a double shows no time at all."""
    return cpu_seconds / within_seconds if within_seconds > 0 else 0.0


def _sizes(memory_size_mb: Any) -> NDArray[np.float64]:
    """Memory sizes that AWS accepts."""
    sizes = np.asarray(amount("memory_size_mb", memory_size_mb, unit="MB"))
    if not np.all((sizes >= LEAST_MB) & (sizes <= MOST_MB) & (sizes == np.round(sizes))):
        raise refusal("memory_size_mb", memory_size_mb, ALLOWED_MEMORY, "MB")
    return sizes


__all__ = [
    "LEAST_MB", "MB_PER_VCPU", "MOST_MB", "Fit", "Measurement", "Work", "balanced_memory_mb",
    "cheapest_in_closed_form", "cheapest_memory_mb", "cheapest_within", "fastest_memory_mb", "fit",
    "read_measurements",
]  # fmt: skip
