"""Who asks, when, and how much work each request is.

A trace is a recipe with a seed of its own, never an array of a month's arrivals: whoever asks it
for requests gets the same ones, so that every architecture faces exactly the same customers.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.workload.calendar import BusinessHours, Diurnal, Weekly
from models.workload.closed_loop import ClosedLoop
from models.workload.counts import AtTimes, Counts
from models.workload.part import Part
from models.workload.patterns import Bursty, Constant, Ramp, Spike, Step
from models.workload.replay import Replay, from_alb_access_log, from_counts_csv
from models.workload.trace import Chunk, Trace

#: Any workload that a scenario file can spell, told apart by its `pattern`.
Workload = Annotated[
    Constant | BusinessHours | Diurnal | Weekly | Spike | Ramp | Step | Bursty | Counts | AtTimes
    | Replay | ClosedLoop,
    Field(discriminator="pattern"),
]  # fmt: skip

__all__ = [
    "AtTimes",
    "Bursty",
    "BusinessHours",
    "Chunk",
    "ClosedLoop",
    "Constant",
    "Counts",
    "Diurnal",
    "Part",
    "Ramp",
    "Replay",
    "Spike",
    "Step",
    "Trace",
    "Weekly",
    "Workload",
    "from_alb_access_log",
    "from_counts_csv",
]
