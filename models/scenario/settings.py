"""What-ifs of a scenario: single values changed in its raw data, by their path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.errors import UnknownNameError, did_you_mean

#: Keys of a scenario that hold more than one value.
NESTED = ("workload", "arguments", "alternatives")


def change(data: dict[str, Any], path: str, value: Any, own_keys: Sequence[str]) -> None:
    """Set the value at a dotted path of raw data; `own_keys` are the scenario's own.

    Raises
    ------
    UnknownNameError
        Where the path leads nowhere.
    """
    inside = path.removeprefix("resources.")
    if inside in own_keys:
        data[inside] = value
        return
    _make_room(data)
    resources = data.get("resources") or {}
    within = {**resources, **{key: data[key] for key in NESTED if key in data}}
    name = next((name for name in within if inside.startswith(f"{name}.")), None)
    if name is None:
        first, known = inside.partition(".")[0], [*resources, *own_keys]
        raise UnknownNameError(
            f"--set {path}: {first!r} is neither a resource nor a key of the scenario"
            f"{did_you_mean(first, known) or '; known: ' + ', '.join(known)}"
        )
    target = within[name]
    *way, last = inside.removeprefix(f"{name}.").split(".")
    for key in way:
        target = _step(target, key, path)
    if isinstance(target, list):
        _step(target, last, path)
        target[int(last)] = value
    elif isinstance(target, dict):
        target[last] = value
    else:
        raise UnknownNameError(f"--set {path}: there is nothing to set below {last!r}")


def _make_room(data: dict[str, Any]) -> None:
    """Let every architecture have arguments, so that one can be set that the file leaves out."""
    alternatives = data.get("alternatives")
    several = alternatives.values() if isinstance(alternatives, dict) else ()
    for named in (data, *several):
        if isinstance(named, dict) and "architecture" in named:
            named.setdefault("arguments", {})


def _step(target: Any, key: str, path: str) -> Any:
    known: list[str] = []
    if isinstance(target, list):
        if key.isdecimal() and int(key) < len(target):
            return target[int(key)]
        known = [str(number) for number in range(len(target))]
    elif isinstance(target, dict):
        if key in target:
            return target[key]
        known = list(target)
    raise UnknownNameError(f"--set {path}: there is no {key!r}{did_you_mean(key, known)}")
