"""Memory power tuning: how long a function takes at each memory size, and which size is cheapest.

The memory of a function also sets its processors (documented:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). What becomes of its
duration is a model: three kinds of work, fitted to measurements (`fit`) that a CSV or AWS Lambda
Power Tuning provides (`read_measurements`). No size costs more by the request than another, so
GB-seconds tell the cheapest without a price; the price by the GB-second differs between
architectures, so these are compared by bill.
"""

from __future__ import annotations

import base64
import csv
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from models.distributions import Positive, Seconds
from models.errors import InvalidInputError
from models.metering import Quantity
from models.quotas import range_of, value_of
from models.resource import Settings
from models.services.lambda_.rules import MS_PER_SECOND, billed_ms, gb_seconds, vcpus
from models.theory.numbers import amount, one, refusal, share
from models.units import MB_PER_GB

LEAST_MB, MOST_MB = (int(bound) for bound in range_of("lambda", "memory_size_mb"))
_ALLOWED_MEMORY = f"a whole number from {LEAST_MB} to {MOST_MB:,}"
#: The memory that comes with one whole processor. [MB]
MB_PER_VCPU = int(value_of("lambda", "memory_mb_per_vcpu"))
#: No invocation takes longer. [ms]
_MOST_MS = value_of("lambda", "timeout_seconds_max") * MS_PER_SECOND

#: Columns of a CSV of measurements.
MEMORY_COLUMN, DURATION_COLUMN = "memory_mb", "duration_ms"

#: Fewest sizes that tell three kinds of work apart.
_FEWEST_SIZES = 3
# A quotient that is whole but for the last digits of a double counts as whole.
_DECIMALS = 6

#: Where a measurement stands, its memory and its duration, as they were given.
_Given = tuple[str, Any, Any]


class Measurement(NamedTuple):
    """Mean duration at one memory size.

    Attributes
    ----------
    memory_mb : int
        [MB]
    seconds : float
        [s]
    """

    memory_mb: int
    seconds: float


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
    sizes = np.array([_memory(place, size) for place, size, _ in pairs], dtype=np.float64)
    seconds = np.array(
        [_within(place, "seconds", given, _MOST_MS / MS_PER_SECOND) for place, _, given in pairs]
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


def read_measurements(path: Path | str) -> tuple[Measurement, ...]:
    """Durations at rising memory sizes, from a CSV or from what AWS Lambda Power Tuning prints.

    Parameters
    ----------
    path : path
        A CSV with the columns ``memory_mb`` and ``duration_ms``, or the output of the tool as JSON:
        with ``stats`` (input ``includeOutputResults``), else the address of its picture is read,
        which holds the same as numbers of four bytes.

    Raises
    ------
    InvalidInputError
        Naming the file and the line, or the entry, with what was given and what is allowed.

    Notes
    -----
    Documented: https://github.com/alexcasalboni/aws-lambda-power-tuning/blob/master/README-INPUT-OUTPUT.md
    shows the output and an example of the address. That its three parts are sizes as int16 and
    durations [ms] and costs as float32, little-endian, is read from ``lambda/utils.js`` there.
    Costs are not read: they follow from the prices of the day. The tool leaves out its fastest
    and slowest fifth of invocations, so its means are of warm ones.
    """
    file = Path(path)
    text = _text(file)
    given = _tuned(file, text) if text.lstrip().startswith("{") else _rows(file, text)
    found: list[Measurement] = []
    for place, memory, duration in given:
        size = _memory(place, memory, MEMORY_COLUMN)
        if found and size <= found[-1].memory_mb:
            raise InvalidInputError(
                f"{place}: {MEMORY_COLUMN} {size} comes after {found[-1].memory_mb}; sizes must"
                " rise, each given once"
            )
        ms = _within(place, DURATION_COLUMN, duration, _MOST_MS)
        found.append(Measurement(size, ms / MS_PER_SECOND))
    if not found:
        raise InvalidInputError(f"{file}: holds no measurements; must hold at least one")
    return tuple(found)


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
        raise refusal("memory_size_mb", memory_size_mb, _ALLOWED_MEMORY, "MB")
    return sizes


def _memory(place: str, given: Any, name: str = "memory_size_mb") -> int:
    value = _number(given)
    if not LEAST_MB <= value <= MOST_MB or value != round(value):
        raise refusal(f"{place}: {name}", given, _ALLOWED_MEMORY, "MB")
    return int(value)


def _within(place: str, name: str, given: Any, most: float) -> float:
    value = _number(given)
    if not 0 < value <= most:
        unit = "s" if name == "seconds" else "ms"
        raise refusal(f"{place}: {name}", given, f"a number above 0, of at most {most:,}", unit)
    return value


def _number(given: Any) -> float:
    """`given` as a number, or one that no range holds."""
    try:
        return math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InvalidInputError(f"{file}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{file}: cannot be read ({error})") from None


def _rows(file: Path, text: str) -> Iterator[_Given]:
    """The rows of a CSV."""
    rows = csv.reader(text.splitlines(), strict=True)
    try:
        header = [name.strip().casefold() for name in next(rows, [])]
        for column in (MEMORY_COLUMN, DURATION_COLUMN):
            if column not in header:
                raise InvalidInputError(
                    f"{file}:1: must have a column {column}; it has {', '.join(header) or 'none'}"
                )
        for row in rows:
            if row and len(row) != len(header):
                raise InvalidInputError(
                    f"{file}:{rows.line_num}: {len(row)} fields in place of {len(header)}"
                )
            if row:
                cells = dict(zip(header, row, strict=True))
                yield f"{file}:{rows.line_num}", cells[MEMORY_COLUMN], cells[DURATION_COLUMN]
    except csv.Error as error:
        raise InvalidInputError(f"{file}:{rows.line_num}: is not CSV ({error})") from None


def _tuned(file: Path, text: str) -> Iterator[_Given]:
    """The measurements in the output of AWS Lambda Power Tuning."""
    output = _output(file, text)
    stats, machine = output.get("stats"), output.get("stateMachine")
    address = machine.get("visualization") if isinstance(machine, dict) else None
    if isinstance(stats, list):
        for number, entry in enumerate(stats):
            held = entry if isinstance(entry, dict) else {}
            yield f"{file}: stats[{number}]", held.get("value"), held.get("averageDuration")
    elif isinstance(address, str):
        for number, (memory, duration) in enumerate(_decoded(file, address)):
            yield f"{file}: visualization, size {number}", memory, duration
    else:
        raise InvalidInputError(
            f"{file}: must hold a list stats or stateMachine.visualization, as AWS Lambda Power"
            f" Tuning prints them; it holds {', '.join(output) or 'nothing'}"
        )


def _output(file: Path, text: str) -> dict[str, Any]:
    """The output itself, out of the ``output`` of an execution or the ``results`` it may be in."""
    try:
        found = json.loads(text)
        for wrapper in ("output", "results"):
            found = found.get(wrapper, found)
            found = json.loads(found) if isinstance(found, str) else found
            if not isinstance(found, dict):
                raise InvalidInputError(f"{file}: {wrapper} must be an object, or one as text")
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"{file}:{error.lineno}: is not JSON ({error.msg})") from None
    except RecursionError:
        raise InvalidInputError(f"{file}: is not the output of a tool; it is too deep") from None
    return dict(found)


def _decoded(file: Path, address: str) -> list[tuple[int, float]]:
    """Sizes and durations [ms] from the address of a picture."""
    try:
        parts = [base64.b64decode(part, validate=True) for part in address.split("#")[1].split(";")]
        sizes, durations, _ = (
            np.frombuffer(part, dtype=kind)
            for part, kind in zip(parts, ("<i2", "<f4", "<f4"), strict=True)
        )
        return list(zip(sizes.tolist(), durations.tolist(), strict=True))
    except (IndexError, ValueError):
        raise InvalidInputError(
            f"{file}: visualization {address[:60]!r} must end in # and three parts in base64, one"
            " each for sizes, durations and costs, parted by semicolons"
        ) from None
