"""Cost and scaling models of AWS architectures.

The public names, in reading order: what was used, what it costs, and whether you guessed right.
They load on first use, so that ``import models`` is quick.

>>> from models import BillingPeriod
>>> BillingPeriod.of("2026-11").hours
720
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models import architectures, exercises, plots, scaling, services, theory, workload
    from models.architecture import Architecture, ArchitectureRun, simulate_architecture
    from models.billing import Bill, LineItem, bill
    from models.claims import claim
    from models.comparison import compare_scenario
    from models.errors import ModelError
    from models.exercises import check, hint, quiz
    from models.experiments import break_even, compare, replicate, sweep
    from models.metering import Meter, Usage, UsageKey
    from models.prices import Catalogue
    from models.report import write_report
    from models.scenario import Scenario
    from models.simulation import (
        ConsumerRun,
        Database,
        DeploymentRun,
        FunctionRun,
        Run,
        ServiceRun,
        TableRun,
        simulate,
        simulate_deployment,
        simulate_functions,
        simulate_queue,
        simulate_service,
        simulate_stream,
        simulate_table,
    )
    from models.units import TYPICAL, BillingPeriod, usd

_HOMES = {
    "ModelError": "errors",
    "BillingPeriod": "units",
    "TYPICAL": "units",
    "usd": "units",
    "Meter": "metering",
    "UsageKey": "metering",
    "Usage": "metering",
    "Catalogue": "prices",
    "LineItem": "billing",
    "Bill": "billing",
    "bill": "billing",
    "workload": "",
    "theory": "",
    "scaling": "",
    "services": "",
    "simulate": "simulation",
    "simulate_functions": "simulation",
    "simulate_queue": "simulation",
    "simulate_stream": "simulation",
    "simulate_service": "simulation",
    "simulate_deployment": "simulation",
    "simulate_table": "simulation",
    "Database": "simulation",
    "Run": "simulation",
    "FunctionRun": "simulation",
    "ConsumerRun": "simulation",
    "ServiceRun": "simulation",
    "DeploymentRun": "simulation",
    "TableRun": "simulation",
    "Architecture": "architecture",
    "simulate_architecture": "architecture",
    "ArchitectureRun": "architecture",
    "architectures": "",
    "Scenario": "scenario",
    "replicate": "experiments",
    "compare": "experiments",
    "sweep": "experiments",
    "break_even": "experiments",
    "claim": "claims",
    "compare_scenario": "comparison",
    "plots": "",
    "write_report": "report",
    "check": "exercises",
    "hint": "exercises",
    "quiz": "exercises",
    "exercises": "",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'models' has no attribute {name!r}")
    home = _HOMES[name]
    if not home:
        return importlib.import_module(f"models.{name}")
    value = getattr(importlib.import_module(f"models.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
