"""An architecture: what serves the requests, what is always on, and what follows the traffic.

`simulate_architecture` sends a trace through its serving tiers and meters everything;
`Architecture.estimate` says the same in closed form. Nothing here knows a price.
"""

from __future__ import annotations

from models.architecture.assembled import assembled
from models.architecture.availability import Availability, availability
from models.architecture.design import Architecture, Traffic
from models.architecture.edge import Static
from models.architecture.fleet import Fleet, Tasks
from models.architecture.functions import Functions
from models.architecture.load import Load
from models.architecture.parallel import Branch, Parallel
from models.architecture.pods import Pods
from models.architecture.queued import Queued
from models.architecture.run import ArchitectureRun, simulate_architecture
from models.architecture.tiers import Served, Tier
from models.architecture.workflow import Step, Workflow

__all__ = [
    "Architecture",
    "ArchitectureRun",
    "Availability",
    "Branch",
    "Fleet",
    "Functions",
    "Load",
    "Parallel",
    "Pods",
    "Queued",
    "Served",
    "Static",
    "Step",
    "Tasks",
    "Tier",
    "Traffic",
    "Workflow",
    "assembled",
    "availability",
    "simulate_architecture",
]
