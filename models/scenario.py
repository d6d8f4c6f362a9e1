"""A scenario file: resources and their usage, a region, a month, a free-tier plan.

All problems of a file are reported at once, each with its line and its path in the file.
"""

from __future__ import annotations

import copy
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, field_validator

from models.billing import Bill, bill
from models.errors import (
    InvalidInputError,
    ModelError,
    UnknownNameError,
    UnknownPriceError,
    did_you_mean,
)
from models.files import DATA
from models.metering import Usage
from models.naming import region_names
from models.prices import Catalogue
from models.resource import Name, Resource, Settings
from models.services import resource_type, resource_types
from models.services.autoscaling import AutoScalingGroup
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation import Run, simulate
from models.units import BillingPeriod
from models.workload import ClosedLoop, Replay, Trace, Workload
from models.yaml_text import MAX_BYTES, Document, read_yaml

SCENARIOS = DATA / "scenarios"

Problem = tuple[tuple[str, ...], str]


class Scenario(Settings):
    """Resources with their usage over one month, to be priced together.

    Examples
    --------
    >>> Scenario.load("three-tier-web").resources["nat"].count
    2
    """

    name: Name
    """Heads the report."""
    description: str = ""
    """What it is about, in a sentence or two."""
    region: str = "us-east-1"
    """AWS region code of every resource that does not name its own."""
    billing_period: str = "typical"
    """``typical`` (730 hours) or a calendar month as YYYY-MM."""
    free_tier: Literal["none", "always-free", "legacy-12-months", "credits-2025"] = "none"
    """Free-tier plan of the account: none for most; always-free is everybody's; legacy-12-months
    for accounts opened before 2025-07-15, credits-2025 for those since."""
    assumptions: list[str] = Field(default_factory=list)
    """What was assumed, one sentence each; printed on the report."""
    resources: dict[Name, Resource] = Field(default_factory=dict)
    """Resources by name."""
    workload: Workload | None = None
    """Who asks and when, for a simulation of the Auto Scaling groups among the resources."""

    _document: Document = PrivateAttr(default_factory=lambda: Document({}))
    _source: str = PrivateAttr(default="scenario")

    @field_validator("region")
    @classmethod
    def _known_region(cls, value: str) -> str:
        if value not in region_names():
            raise ValueError(f"must be an AWS region{did_you_mean(value, region_names())}")
        return value

    @field_validator("billing_period")
    @classmethod
    def _known_period(cls, value: str) -> str:
        try:
            BillingPeriod.of(value)
        except InvalidInputError:
            raise ValueError("must be 'typical' (730 hours) or a month as 'YYYY-MM'") from None
        return value

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """Read a scenario from a file, or a bundled one by its name.

        Raises
        ------
        InvalidInputError
            Listing everything that is wrong with the file.
        UnknownNameError
            Where there is neither such a file nor such a bundled scenario.
        """
        file = _find(Path(path))
        return cls.from_text(_read(file), source=str(file))

    @classmethod
    def from_text(cls, text: str, *, source: str = "scenario") -> Scenario:
        """Read a scenario from YAML text; `source` names it in messages."""
        return cls._from_document(read_yaml(text, source), source)

    @classmethod
    def _from_document(cls, document: Document, source: str) -> Scenario:
        raw = document.data
        if not isinstance(raw, dict):
            raise InvalidInputError(
                f"{source}: a scenario must be a mapping with name and resources, not {_kind(raw)}"
            )
        resources, problems = _resources(raw.get("resources"), raw.get("region", "us-east-1"))
        try:
            scenario = cls(**{**raw, "resources": resources})
        except InvalidInputError as error:
            problems = [*error.problems, *problems]
        if problems:
            raise _refusal(problems, document, source)
        scenario._document, scenario._source = document, source
        return scenario

    def with_settings(self, settings: Iterable[str]) -> Scenario:
        """The same scenario with some values changed, each given as ``path=value``.

        A path is a resource and its field (``nat.count``) or a key of the scenario (``region``).

        Raises
        ------
        InvalidInputError, UnknownNameError
            Where a path leads nowhere or a value is not allowed.
        """
        settings = list(settings)
        data = copy.deepcopy(self._document.data)
        if settings and not data:
            raise InvalidInputError("settings can be changed only in a scenario read from YAML")
        for setting in settings:
            path, equals, value = setting.partition("=")
            if not equals or not path:
                raise InvalidInputError(f"--set {setting!r} must be written as path=value")
            _change(data, path, read_yaml(value, f"--set {path}").data)
        source = " ".join((self._source, *(f"--set {setting}" for setting in settings)))
        return self._from_document(Document(data, self._document.lines), source)

    @property
    def period(self) -> BillingPeriod:
        """The billing period itself."""
        return BillingPeriod.of(self.billing_period)

    def estimate(self) -> Usage:
        """Usage of all resources over the billing period.

        Raises
        ------
        InvalidInputError
            Naming every resource that does not fit the period.
        """
        parts: list[Usage] = []
        problems: list[Problem] = []
        for name, resource in self.resources.items():
            try:
                parts.append(resource.estimate(self.period))
            except InvalidInputError as error:
                path = ("resources", name)
                problems.append((path, str(error).removeprefix(f"{name}: ")))
        if problems:
            raise _refusal(problems, self._document, self._source)
        return Usage.sum(parts, period=self.period)

    def simulate(self, *, seed: int = 0, engine: str = "compiled") -> Run:
        """Run the workload through the scenario's Auto Scaling groups, behind its load balancer.

        Raises
        ------
        InvalidInputError
            Where there is no workload, no group, or more than one application load balancer.
        """
        groups = [one for one in self.resources.values() if isinstance(one, AutoScalingGroup)]
        balancers = [
            one for one in self.resources.values() if isinstance(one, ApplicationLoadBalancer)
        ]
        if self.workload is None:
            raise InvalidInputError(f"{self._source}: workload: is missing; who asks, and when?")
        if not groups:
            raise InvalidInputError(
                f"{self._source}: resources: need an autoscaling.AutoScalingGroup to simulate"
            )
        if len(balancers) > 1:
            names = ", ".join(one.name for one in balancers)
            raise InvalidInputError(
                f"{self._source}: resources: {names} are several application load balancers; one"
                " is simulated"
            )
        return simulate(
            groups, self._traffic(), load_balancer=balancers[0] if balancers else None,
            seed=seed, engine=engine,
        )  # fmt: skip

    def _traffic(self) -> Trace | ClosedLoop:
        """The workload; a file that it names is looked for beside the scenario."""
        if not isinstance(self.workload, Replay):
            assert self.workload is not None
            return self.workload
        beside = Path(self._source).parent / self.workload.path
        return self.workload.replace(path=beside if beside.exists() else self.workload.path).trace()

    def bill_of(self, run: Run, catalogue: Catalogue | None = None) -> Bill:
        """The bill of a month that goes as the run did; what it did not simulate is estimated.

        Raises
        ------
        UnknownPriceError
            Naming every line that has no price in its region, all at once.
        """
        simulated = {run.load_balancer.name, *(group.name for group in run.groups)}
        others = {name: one for name, one in self.resources.items() if name not in simulated}
        rest = self.replace(resources=others).estimate()
        return self._priced(run.usage(self.period) + rest, catalogue)

    def bill(self, catalogue: Catalogue | None = None) -> Bill:
        """The bill of the month at list price.

        Raises
        ------
        UnknownPriceError
            Naming every line that has no price in its region, all at once.
        """
        return self._priced(self.estimate(), catalogue)

    def _priced(self, usage: Usage, catalogue: Catalogue | None) -> Bill:
        try:
            return bill(usage, catalogue, free_tier=self.free_tier)
        except UnknownPriceError as error:
            raise UnknownPriceError(f"{self._source}: {error}") from None

    @staticmethod
    def bundled() -> dict[str, Path]:
        """The scenarios that ship with the project, by name."""
        return {path.stem: path for path in sorted(SCENARIOS.glob("*.yaml"))}

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """JSON Schema of a scenario file, for editors."""
        schema = cls.model_json_schema()
        definitions = schema.get("$defs", {})
        definitions.pop("Resource", None)
        for name, kind in resource_types().items():
            definitions[name] = _resource_schema(name, kind, definitions)
        schema["$defs"] = definitions
        schema["properties"]["resources"] = {
            "type": "object",
            "description": cls.model_fields["resources"].description,
            "additionalProperties": {
                "oneOf": [{"$ref": f"#/$defs/{name}"} for name in resource_types()]
            },
        }
        schema["required"] = ["name", "resources"]
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _refusal(problems: list[Problem], document: Document, source: str) -> InvalidInputError:
    """Everything that is wrong, each with its line and its path."""
    return InvalidInputError(
        " | ".join(
            f"{source}:{document.line(path)}: {'.'.join(path)}: {text}" for path, text in problems
        ),
        problems,
    )


def _resource_schema(
    name: str, kind: type[Resource], definitions: dict[str, Any]
) -> dict[str, Any]:
    schema = kind.model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(schema.pop("$defs", {}))
    schema["properties"].pop("name")
    schema["properties"]["type"] = {"const": name}
    schema["required"] = ["type", *(key for key in schema.get("required", []) if key != "name")]
    return schema


def _resources(raw: Any, region: Any) -> tuple[dict[str, Resource], list[Problem]]:
    """Build every resource that can be built, and say what is wrong with the others."""
    if raw is None:
        return {}, [(("resources",), "is missing; list at least one resource")]
    if not isinstance(raw, dict):
        return {}, [(("resources",), f"must be a mapping of names, not {_kind(raw)}")]
    if not raw:
        return {}, [(("resources",), "must list at least one resource")]
    built: dict[str, Resource] = {}
    problems: list[Problem] = []
    for name, fields in raw.items():
        path = ("resources", str(name))
        try:
            built[str(name)] = _resource(name, fields, region)
        except InvalidInputError as error:
            found = error.problems or (((), str(error)),)
            problems += [((*path, *inner), text) for inner, text in found]
        except ModelError as error:
            problems.append(((*path, "type"), str(error)))
    return built, problems


def _resource(name: Any, fields: Any, region: Any) -> Resource:
    if not isinstance(name, str):
        raise InvalidInputError(f"a resource's name must be text; put {name!r} in quotes")
    if not isinstance(fields, dict):
        raise InvalidInputError(f"must be a mapping with a type, not {_kind(fields)}")
    if not isinstance(fields.get("type"), str):
        raise InvalidInputError(
            "is missing", [(("type",), f"is missing; one of {', '.join(sorted(resource_types()))}")]
        )
    given = {key: value for key, value in fields.items() if key != "type"}
    if "name" in given:
        raise InvalidInputError(
            "", [(("name",), "must not be given; the key of the resource is its name")]
        )
    if not all(isinstance(key, str) for key in given):
        raise InvalidInputError("every key must be text")
    own = given.pop("region", region)
    if not isinstance(own, str) or own not in region_names():
        # A wrong region of the scenario is reported once, at the scenario.
        if "region" in fields:
            hint = did_you_mean(str(own), region_names())
            raise InvalidInputError("", [(("region",), f"{own!r} must be an AWS region{hint}")])
        own = "us-east-1"
    return resource_type(fields["type"])(name=name, region=own, **given)


def _change(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path of a scenario's raw data."""
    inside = path.removeprefix("resources.")
    own_keys = [key for key in Scenario.model_fields if key != "resources"]
    if inside in own_keys:
        data[inside] = value
        return
    resources = data["resources"]
    within = {**resources, **{key: data[key] for key in ("workload",) if key in data}}
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


def _find(path: Path) -> Path:
    if path.exists():
        return path
    bundled = Scenario.bundled()
    if str(path) in bundled:
        return bundled[str(path)]
    raise UnknownNameError(
        f"{path}: there is no such file, nor a bundled scenario of that name"
        f"{did_you_mean(path.stem, bundled)}; bundled: {', '.join(bundled)}"
    )


def _read(path: Path) -> str:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InvalidInputError(f"{path}: must be a file")
    if status.st_size > MAX_BYTES:
        raise InvalidInputError(
            f"{path}: is {status.st_size:,} bytes; a scenario has at most {MAX_BYTES:,}"
        )
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path}: is not UTF-8 text (byte {error.start})") from None


def _kind(value: Any) -> str:
    names: Mapping[type, str] = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        type(None): "nothing",
    }
    return names.get(type(value), repr(value))
