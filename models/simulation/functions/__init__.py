"""Functions: pools of execution environments, who invokes them, and how their limits change."""

from __future__ import annotations

from models.simulation.functions.assumptions import FunctionAssumptions
from models.simulation.functions.consumer import ConsumerRun
from models.simulation.functions.provisioned import Allocation
from models.simulation.functions.queue import simulate_queue
from models.simulation.functions.run import FunctionRun
from models.simulation.functions.simulate import simulate_functions
from models.simulation.functions.stream import simulate_stream

__all__ = [
    "Allocation",
    "ConsumerRun",
    "FunctionAssumptions",
    "FunctionRun",
    "simulate_functions",
    "simulate_queue",
    "simulate_stream",
]
