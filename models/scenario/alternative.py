"""One of several ways to serve a workload: a named architecture, or resources spelled out."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SerializeAsAny

from models.architecture import Architecture, assembled
from models.architectures import arguments, build
from models.errors import InvalidInputError, ModelError
from models.resource import Name, Problem, Resource, Settings
from models.scenario.reading import kind_of, resources


class Alternative(Settings):
    """A named architecture with arguments, or resources spelled out."""

    architecture: str | None = None
    """Name of the architecture: see ``costlab architectures``."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Its arguments, where they are not as by default."""
    resources: dict[Name, SerializeAsAny[Resource]] = Field(default_factory=dict)
    """Resources by name, in place of an architecture."""

    def built(self, name: str, region: str) -> Architecture:
        """The architecture itself, in this region unless its arguments name another.

        Raises
        ------
        InvalidInputError, UnknownNameError
            Where it is not known, an argument is not allowed, or the resources do not fit together.
        """
        if self.architecture is None:
            return assembled(name, tuple(self.resources.values()))
        return _built(self.architecture, self.arguments, region)


def _built(name: str, given: dict[str, Any], region: str) -> Architecture:
    own = {"region": region} if "region" in arguments(name) else {}
    return build(name, **{**own, **given})


def named(name: Any, given: Any, region: Any) -> tuple[Architecture | None, list[Problem]]:
    """The architecture that a file names, or what is wrong with it."""
    if not isinstance(name, str):
        return None, [(("architecture",), f"must be a name, not {kind_of(name)}")]
    if not isinstance(given, dict | None):
        return None, [(("arguments",), f"must be a mapping of names, not {kind_of(given)}")]
    try:
        return _built(name, given or {}, str(region)), []
    except InvalidInputError as error:
        return None, [(("arguments",) if given else ("architecture",), str(error))]
    except ModelError as error:
        return None, [(("architecture",), str(error))]


def alternatives(raw: Any, region: Any) -> tuple[dict[str, Alternative], list[Problem]]:
    """Build every alternative that can be built, and say what is wrong with the others."""
    if not isinstance(raw, dict) or not raw:
        return {}, [(("alternatives",), "must be a mapping of names to architectures")]
    built: dict[str, Alternative] = {}
    problems: list[Problem] = []
    for name, fields in raw.items():
        made, wrong = _alternative(str(name), fields, region)
        problems += [(("alternatives", str(name), *path), text) for path, text in wrong]
        if made is not None:
            built[str(name)] = made
    return built, problems


def _alternative(name: str, fields: Any, region: Any) -> tuple[Alternative | None, list[Problem]]:
    if not isinstance(fields, dict):
        return None, [((), f"must be a mapping, not {kind_of(fields)}")]
    problems: list[Problem] = []
    given = dict(fields)
    if "resources" in given and "architecture" in given:
        problems.append((("architecture",), "must not be given beside resources"))
    elif "architecture" in given:
        _, problems = named(given["architecture"], given.get("arguments"), region)
    else:
        given["resources"], problems = resources(given.get("resources"), region)
    if problems:
        return None, problems
    try:
        made = Alternative(**given)
        made.built(name, str(region))
    except InvalidInputError as error:
        return None, list(error.problems) or [((), str(error))]
    return made, []
