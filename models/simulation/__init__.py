"""The moving parts: what serves the requests, and what AWS decides about it while it runs.

Every decision that AWS makes is a SimPy event; the requests between two of them are served by one
compiled kernel, whose readable twin is the specification. Nothing here knows a price.
"""

from __future__ import annotations

from models.simulation.activities import Activity
from models.simulation.assumptions import Assumptions
from models.simulation.database import Database, Failover
from models.simulation.deployment import DeploymentRun, simulate_deployment
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
from models.simulation.serverless_capacity import CapacityRun, simulate_capacity
from models.simulation.service import Rollout, ServiceRun, simulate_service
from models.simulation.simulate import simulate
from models.simulation.tables import KeyDistribution, TableAssumptions, TableRun, simulate_table

__all__ = [
    "Activity",
    "AlarmChange",
    "Assumptions",
    "CapacityRun",
    "ConsumerRun",
    "Database",
    "DeploymentRun",
    "Failover",
    "FunctionAssumptions",
    "FunctionRun",
    "KeyDistribution",
    "Observed",
    "Rollout",
    "Run",
    "ServiceRun",
    "TableAssumptions",
    "TableRun",
    "simulate",
    "simulate_capacity",
    "simulate_deployment",
    "simulate_functions",
    "simulate_queue",
    "simulate_service",
    "simulate_stream",
    "simulate_table",
]
