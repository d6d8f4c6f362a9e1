"""What differs between two scenarios: the settings, and what each line of the bill costs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.billing import Bill
from models.report.rows import what
from models.resource import Resource
from models.scenario import Scenario

#: What differs by less than this is the same but for rounding of floats.
SAME_USD = 1e-9
#: A value of more characters is cut; the scenario files hold it whole.
_LONGEST_VALUE = 80
_SCENARIO_KEYS = ("region", "billing_period", "free_tier")


@dataclass(frozen=True)
class Change:
    """What a resource's line cost before and costs now."""

    name: str
    before_usd: float
    after_usd: float

    @property
    def change_usd(self) -> float:
        """Positive where it costs more now. [USD]"""
        return self.after_usd - self.before_usd


@dataclass(frozen=True)
class Setting:
    """One value that was changed, by its path in the scenario file."""

    path: str
    before: str
    after: str


def changed_lines(before: Bill, after: Bill) -> tuple[Change, ...]:
    """What the change did, line by line, the largest saving first."""
    old, new = _costs(before), _costs(after)
    changes = (
        Change(name, old.get(name, 0.0), new.get(name, 0.0)) for name in dict.fromkeys((*old, *new))
    )
    moved = [change for change in changes if abs(change.change_usd) > SAME_USD]
    return tuple(sorted(moved, key=lambda change: change.change_usd))


def _costs(bill: Bill) -> dict[str, float]:
    """Cost by resource and what was counted, tiers and allowances together. [USD]"""
    costs: dict[str, float] = {}
    for line in bill.lines:
        name = f"{line.resource}: {what(line)}"
        costs[name] = costs.get(name, 0.0) + float(line.cost_usd)
    return costs


def changed_settings(before: Scenario, after: Scenario) -> tuple[Setting, ...]:
    """Every value of the scenario, and of its resources, that is not what it was."""
    found = list(_differences("", _fields(before), _fields(after)))
    for name in dict.fromkeys((*before.resources, *after.resources)):
        old, new = before.resources.get(name), after.resources.get(name)
        if old is None or new is None or type(old) is not type(new):
            found.append(Setting(name, _kind(old), _kind(new)))
        else:
            found += _differences(f"{name}.", _own(old, before), _own(new, after))
    return tuple(found)


def _fields(scenario: Scenario) -> dict[str, Any]:
    return {key: getattr(scenario, key) for key in _SCENARIO_KEYS}


def _own(resource: Resource, scenario: Scenario) -> dict[str, Any]:
    """The resource's fields; its region only where it is not simply the scenario's."""
    fields = resource.model_dump(mode="json", exclude={"name"})
    if fields["region"] == scenario.region:
        fields["region"] = None
    return fields


def _differences(prefix: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Setting]:
    for key, value in old.items():
        if value != new[key]:
            yield Setting(f"{prefix}{key}", _shown(value), _shown(new[key]))


def _kind(resource: Resource | None) -> str:
    return type(resource).__name__ if resource else "not there"


def _shown(value: Any) -> str:
    text = "not given" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
