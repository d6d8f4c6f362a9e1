"""Functions: pools of execution environments, who invokes them, and how their limits change."""

from __future__ import annotations

from models.simulation.functions.assumptions import FunctionAssumptions
from models.simulation.functions.provisioned import Allocation
from models.simulation.functions.run import FunctionRun
from models.simulation.functions.simulate import simulate_functions

__all__ = ["Allocation", "FunctionAssumptions", "FunctionRun", "simulate_functions"]
