"""What DynamoDB counts: units of requests, size of storage, partitions. Pure rules."""

from __future__ import annotations

from typing import Literal

import numpy as np

from models.metering import Quantity
from models.quotas import value_of
from models.units import BYTES_PER_GB, KB_PER_GB

Consistency = Literal["eventual", "strong", "transactional"]

#: Units of a read of up to 4 KB, and of a write of up to 1 KB, in a transaction. Documented:
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
READ_FACTORS = {"eventual": 0.5, "strong": 1.0, "transactional": 2.0}
TRANSACTION_FACTOR = 2.0
_BYTES_PER_KB = BYTES_PER_GB // KB_PER_GB
#: Floats leave less than this behind in a division; it must not be rounded up to a unit.
_DECIMALS = 9


def _rounded_up(size_kb: Quantity, unit_kb: float) -> Quantity:
    """Whole units that a size takes, one at least."""
    units: Quantity = np.maximum(np.ceil(np.round(np.asarray(size_kb) / unit_kb, _DECIMALS)), 1.0)
    return units


def read_units(item_kb: Quantity, consistency: Consistency = "strong") -> Quantity:
    """Read units of one item: one for each 4 KB or part of them, half or double as it is read.

    Parameters
    ----------
    item_kb : float or array
        Names and values of its attributes together. [KB]
    consistency : str
        ``eventual``, ``strong`` or ``transactional``.

    Notes
    -----
    Documented:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html.
    An item that is not there costs as much as a small one.

    Examples
    --------
    >>> [float(read_units(3.5, kind)) for kind in ("eventual", "strong", "transactional")]
    [0.5, 1.0, 2.0]
    >>> float(read_units(4)), float(read_units(4.1)), float(read_units(0))
    (1.0, 2.0, 1.0)
    """
    return READ_FACTORS[consistency] * _rounded_up(item_kb, value_of("dynamodb", "read_unit_kb"))


def write_units(item_kb: Quantity, *, transactional: bool = False) -> Quantity:
    """Write units of one item: one for each KB or part of it, double in a transaction.

    Parameters
    ----------
    item_kb : float or array
        The larger of what it was and what it becomes. [KB]
    transactional : bool

    Notes
    -----
    Documented:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html

    Examples
    --------
    >>> float(write_units(3.5)), float(write_units(3.5, transactional=True)), float(write_units(1))
    (4.0, 8.0, 1.0)
    """
    factor = TRANSACTION_FACTOR if transactional else 1.0
    return factor * _rounded_up(item_kb, value_of("dynamodb", "write_unit_kb"))


def query_units(items: Quantity, item_kb: Quantity, *, strong: bool = False) -> Quantity:
    """Read units of one Query or Scan: the sizes of a page are added up before they are rounded.

    Parameters
    ----------
    items : float or array
        Items that it reads, before any filter.
    item_kb : float or array
        One of them. [KB]
    strong : bool
        Whether it is strongly consistent; it is not unless asked for.

    Notes
    -----
    Documented:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    and, for pages of 1 MB,
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html.
    Assumed: pages are filled to the last byte.

    Examples
    --------
    Forty items of 100 bytes share a unit, where forty single reads take forty.

    >>> float(query_units(40, 0.1, strong=True)), 40 * float(read_units(0.1))
    (1.0, 40.0)
    >>> float(query_units(3000, 1)), float(query_units(0, 1))
    (375.0, 0.5)
    """
    page, unit = value_of("dynamodb", "page_kb_max"), value_of("dynamodb", "read_unit_kb")
    size = np.round(np.asarray(items, dtype=np.float64) * item_kb, _DECIMALS)
    full = np.floor(size / page)
    rest = np.ceil(np.round((size - full * page) / unit, _DECIMALS))
    units: Quantity = np.maximum(full * (page / unit) + rest, 1.0)
    return READ_FACTORS["strong" if strong else "eventual"] * units


def stored_gb(items: Quantity, item_kb: Quantity) -> Quantity:
    """Storage that is charged for: the items, and 100 bytes more for each. [GB]

    Notes
    -----
    Documented:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html

    Examples
    --------
    >>> round(float(stored_gb(100e6, 0.1)), 2)  # half of it is overhead
    18.85
    """
    each = np.asarray(item_kb) * _BYTES_PER_KB + value_of("dynamodb", "index_overhead_bytes")
    return np.asarray(items) * each / BYTES_PER_GB


def partitions(read_units_per_second: float, write_units_per_second: float, gb: float = 0.0) -> int:
    """Partitions of a table that serves so much and holds so much.

    Parameters
    ----------
    read_units_per_second, write_units_per_second : float
        [1/s]
    gb : float
        [GB]

    Notes
    -----
    Measured: AWS published this formula in former years and no longer does. The limits of a
    partition are documented
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html).

    Examples
    --------
    >>> partitions(1000, 500), partitions(3000, 1000), partitions(10, 10, gb=25)
    (1, 2, 3)
    """
    reads = read_units_per_second / value_of("dynamodb", "partition_read_units")
    writes = write_units_per_second / value_of("dynamodb", "partition_write_units")
    by_size = np.ceil(gb / value_of("dynamodb", "partition_gb"))
    return max(int(np.ceil(round(reads + writes, _DECIMALS))), int(by_size), 1)


def burst_seconds(load: float, capacity: float, idle_seconds: float) -> float:
    """How long a provisioned table serves a load above its capacity after it has been idle. [s]

    Parameters
    ----------
    load, capacity : float
        Units a second. [1/s]
    idle_seconds : float
        For how long nobody asked before; more than 300 s add nothing. [s]

    Notes
    -----
    Documented:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html.
    AWS does not promise it: maintenance may use the burst without notice.

    Examples
    --------
    >>> burst_seconds(200, 100, idle_seconds=300), burst_seconds(200, 150, idle_seconds=3600)
    (300.0, 900.0)
    """
    if load <= capacity:
        return float("inf")
    kept = min(idle_seconds, value_of("dynamodb", "burst_seconds")) * capacity
    return kept / (load - capacity)
