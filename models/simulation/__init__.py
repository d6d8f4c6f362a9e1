"""The moving parts: what serves the requests, and what AWS decides about it while it runs.

Every decision that AWS makes is a SimPy event; the requests between two of them are served by one
compiled kernel, whose readable twin is the specification. Nothing here knows a price.
"""

from __future__ import annotations

from models.simulation.activities import Activity
from models.simulation.assumptions import Assumptions
from models.simulation.functions import (
    ConsumerRun,
    FunctionAssumptions,
    FunctionRun,
    simulate_functions,
    simulate_queue,
    simulate_stream,
)
from models.simulation.metrics import Observed
from models.simulation.run import AlarmChange, Run
from models.simulation.simulate import simulate

__all__ = [
    "Activity",
    "AlarmChange",
    "Assumptions",
    "ConsumerRun",
    "FunctionAssumptions",
    "FunctionRun",
    "Observed",
    "Run",
    "simulate",
    "simulate_functions",
    "simulate_queue",
    "simulate_stream",
]
