"""Tables of DynamoDB: who is throttled, why, and what is provisioned meanwhile.

Every second is served by a compiled kernel, whose readable twin is the specification; `Control`
decides at every minute. Documented are bursts, the limits of a partition, the shape of the alarms,
the budget of decreases and what on-demand serves; assumed are the delays and how partitions are
split: see `TableAssumptions`, and `data/quotas` for each figure with its source.
"""

from __future__ import annotations

from models.simulation.tables.assumptions import TableAssumptions
from models.simulation.tables.keys import KeyDistribution
from models.simulation.tables.run import TableRun
from models.simulation.tables.simulate import simulate_table

__all__ = ["KeyDistribution", "TableAssumptions", "TableRun", "simulate_table"]
