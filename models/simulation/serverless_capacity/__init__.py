"""The capacity of a serverless Aurora instance, second by second.

What AWS documents is kept: the range, steps of 0.5 ACU, a larger capacity that scales faster,
pauses after a time without connections, how long it takes to resume. How fast it scales AWS does
not say; these rules are parameters (`CapacityAssumptions`).
"""

from __future__ import annotations

from models.simulation.serverless_capacity.assumptions import CapacityAssumptions, settled_acu
from models.simulation.serverless_capacity.run import CapacityRun
from models.simulation.serverless_capacity.simulate import simulate_capacity

__all__ = ["CapacityAssumptions", "CapacityRun", "settled_acu", "simulate_capacity"]
