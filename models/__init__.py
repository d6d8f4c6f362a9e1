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
    from models import exercises, plots, scaling, services, theory, workload
    from models.billing import Bill, LineItem, bill
    from models.claims import claim
    from models.errors import ModelError
    from models.exercises import check, hint, quiz
    from models.metering import Meter, Usage, UsageKey
    from models.prices import Catalogue
    from models.report import write_report
    from models.scenario import Scenario
    from models.simulation import (
        ConsumerRun,
        FunctionRun,
        Run,
        simulate,
        simulate_functions,
        simulate_queue,
        simulate_stream,
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
    "Run": "simulation",
    "FunctionRun": "simulation",
    "ConsumerRun": "simulation",
    "Scenario": "scenario",
    "claim": "claims",
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
