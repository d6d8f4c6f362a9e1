"""`simulate_table`: a table and who asks it in; what was served and what was throttled, out."""

from __future__ import annotations

import numpy as np

from models.errors import InvalidInputError
from models.services.dynamodb import Table
from models.simulation.clock import CONTROL, Clock
from models.simulation.engines import say_readable_instead
from models.simulation.tables import twin
from models.simulation.tables.assumptions import TableAssumptions
from models.simulation.tables.control import MINUTE_SECONDS, Control
from models.simulation.tables.demand import Asked, Demand
from models.simulation.tables.keys import KeyDistribution
from models.simulation.tables.run import TableRun
from models.simulation.tables.state import Serve

ENGINES = ("compiled", "readable")
#: Lengths of a row that divide an hour, by which usage is metered. [s]
ROWS_SECONDS = (60, 300, 900, 3600)


def simulate_table(
    table: Table,
    reads: Asked = None,
    writes: Asked = None,
    *,
    seed: int = 0,
    keys: KeyDistribution | None = None,
    engine: str = "compiled",
    row_seconds: int = 60,
    assumptions: TableAssumptions | None = None,
) -> TableRun:
    """Run reads and writes through a DynamoDB table, second by second.

    Parameters
    ----------
    table : Table
        A read and a write take the units that its own requests of a period take on average:
        without any, an eventually consistent read and a plain write of one item.
    reads, writes : Trace, or array
        Who asks and when; their work does not matter. An array holds the requests of each second.
    seed : int
        Of the keys and of the way to the partitions. The requests have the traces' own.
    keys : KeyDistribution, optional
        How requests are spread over partition keys; alike unless given.
    engine : str
        ``compiled`` or ``readable``: the same rules, the second as plain Python.
    row_seconds : int
        Length of a row of the timeline: 60, 300, 900 or 3600. [s]
    assumptions : TableAssumptions, optional
        What AWS does not document, and quotas that it raises on request.

    Returns
    -------
    TableRun

    Raises
    ------
    InvalidInputError
        Where there is no such engine or length of rows, nobody asks, reads and writes differ in
        length or start, or the table is a sweep.

    Notes
    -----
    Documented: bursts of 300 s
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html),
    the limits of a partition, which reads and writes have apart
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-key-range-limit-exceeded-mitigation.html),
    auto scaling and its budget of decreases, the previous peak on demand, writes that an index
    holds back. A partition takes any part of the table's capacity at once (adaptive capacity), but
    never more than its own limit. Assumed: what `TableAssumptions` says, and that a request that
    an index throttles uses nothing of the table.

    Leaves out: throttled requests are counted, not tried again; splits of a partition for its
    size; what maintenance takes of a burst; reads of indexes, their auto scaling, and the
    partitions of an index. The requests of a second go to the partitions as evenly as whole
    requests allow, which is more even than chance.
    """
    if engine not in ENGINES:
        raise InvalidInputError(f"engine {engine!r} must be one of {', '.join(ENGINES)}")
    if row_seconds not in ROWS_SECONDS:
        allowed = ", ".join(map(str, ROWS_SECONDS))
        raise InvalidInputError(f"row_seconds ({row_seconds}) must be one of {allowed} [s]")
    _refuse_sweep(table)
    demand, clock = Demand(reads, writes, seed=seed), Clock()
    control = Control(
        clock, table, demand, (keys or KeyDistribution()).weights(seed), _engine(engine),
        assumed=assumptions or TableAssumptions(), row_seconds=row_seconds,
    )  # fmt: skip
    clock.process(clock.every(MINUTE_SECONDS, demand.seconds, control.minute))
    clock.run(until=clock.at(demand.seconds, CONTROL))
    control.finish()
    return TableRun(
        duration_seconds=float(demand.seconds),
        engine=engine,
        seed=seed,
        table=table,
        counts=control.state.counts,
        partitions=len(control.state.heat),
        changes=tuple(control.changes),
        alarm_history=tuple(control.alarm_history()),
        _columns=control.timeline.columns(),
    )


def _refuse_sweep(table: Table) -> None:
    for part in (table, *table.global_secondary_indexes):
        for name, value in part:
            if isinstance(value, np.ndarray):
                raise InvalidInputError(f"{name} is a sweep; a simulation takes one table")


def _engine(name: str) -> Serve:
    if name == "compiled":
        try:
            from models.simulation.tables import kernel
        except ImportError:
            say_readable_instead()
        else:
            from models.simulation.compiled import tell_if_compiling

            tell_if_compiling(kernel.serve)
            compiled: Serve = kernel.serve
            return compiled
    return twin.serve
