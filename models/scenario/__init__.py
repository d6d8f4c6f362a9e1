"""A scenario file: resources and their usage, or an architecture, or several to be compared.

All problems of a file are reported at once, each with its line and its path in the file.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, field_validator

from models.architecture import Architecture
from models.billing import Bill, bill
from models.errors import (
    InvalidInputError,
    UnknownNameError,
    UnknownPriceError,
    did_you_mean,
)
from models.files import DATA
from models.metering import Usage
from models.naming import region_names
from models.prices import Catalogue
from models.resource import Name, Problem, Resource, Settings
from models.scenario.alternative import Alternative, alternatives, named
from models.scenario.reading import kind_of, read, refusal, resource_schema, resources
from models.scenario.settings import change
from models.services import resource_types
from models.services.autoscaling import AutoScalingGroup
from models.services.elbv2 import ApplicationLoadBalancer
from models.simulation import Run, simulate
from models.units import BillingPeriod
from models.workload import ClosedLoop, Replay, Trace, Workload
from models.yaml_text import Document, read_yaml

SCENARIOS = DATA / "scenarios"
#: A scenario says in one of these ways what it is made of.
WAYS = ("resources", "architecture", "alternatives")


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
    """Who asks and when: for a simulation of the Auto Scaling groups among the resources, and for
    every architecture."""
    architecture: str | None = None
    """A named architecture in place of resources: see ``costlab architectures``."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """Arguments of the architecture, where they are not as by default."""
    alternatives: dict[Name, Alternative] = Field(default_factory=dict)
    """Several ways to serve the workload, by name, to be compared; in place of resources."""

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
        return cls.from_text(read(file), source=str(file))

    @classmethod
    def from_text(cls, text: str, *, source: str = "scenario") -> Scenario:
        """Read a scenario from YAML text; `source` names it in messages."""
        return cls._from_document(read_yaml(text, source), source)

    @classmethod
    def _from_document(cls, document: Document, source: str) -> Scenario:
        raw = document.data
        if not isinstance(raw, dict):
            raise InvalidInputError(
                f"{source}: a scenario must be a mapping with name and resources,"
                f" not {kind_of(raw)}"
            )
        region = raw.get("region", "us-east-1")
        built: dict[str, Any] = {}
        problems: list[Problem] = []
        if "alternatives" in raw:
            built["alternatives"], problems = alternatives(raw["alternatives"], region)
        elif "architecture" in raw:
            made, problems = named(raw["architecture"], raw.get("arguments"), region)
            built["resources"] = {one.name: one for one in made.resources} if made else {}
        else:
            built["resources"], problems = resources(raw.get("resources"), region)
        problems += _exclusive(raw)
        try:
            scenario = cls(**{**raw, **built})
        except InvalidInputError as error:
            problems = [*error.problems, *problems]
        if problems:
            raise refusal(problems, document, source)
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
        own_keys = [key for key in type(self).model_fields if key != "resources"]
        data = copy.deepcopy(self._document.data)
        if settings and not data:
            raise InvalidInputError("settings can be changed only in a scenario read from YAML")
        for setting in settings:
            path, equals, value = setting.partition("=")
            if not equals or not path:
                raise InvalidInputError(f"--set {setting!r} must be written as path=value")
            change(data, path, read_yaml(value, f"--set {path}").data, own_keys)
        source = " ".join((self._source, *(f"--set {setting}" for setting in settings)))
        return self._from_document(Document(data, self._document.lines), source)

    @property
    def period(self) -> BillingPeriod:
        """The billing period itself."""
        return BillingPeriod.of(self.billing_period)

    def estimate(self) -> Usage:
        """Usage of all resources over the billing period; of an architecture, in closed form.

        Raises
        ------
        InvalidInputError
            Naming every resource that does not fit the period, or where there are several
            alternatives.
        """
        if self.alternatives:
            raise InvalidInputError(
                f"{self._source}: alternatives: are {len(self.alternatives)} architectures, not"
                " one; see costlab compare"
            )
        if self.architecture is not None:
            (architecture,) = self.architectures().values()
            return architecture.estimate(self.traffic(), self.period)
        parts: list[Usage] = []
        problems: list[Problem] = []
        for name, resource in self.resources.items():
            try:
                parts.append(resource.estimate(self.period))
            except InvalidInputError as error:
                path = ("resources", name)
                problems.append((path, str(error).removeprefix(f"{name}: ")))
        if problems:
            raise refusal(problems, self._document, self._source)
        return Usage.sum(parts, period=self.period)

    def architectures(self) -> dict[str, Architecture]:
        """What is compared, by name: the alternatives, or the one architecture there is.

        Raises
        ------
        InvalidInputError
            Where resources are spelled out that no tier can be made of.
        """
        several = self.alternatives or {
            self.architecture or self.name: Alternative(
                architecture=self.architecture, arguments=self.arguments,
                resources={} if self.architecture else self.resources,
            )
        }  # fmt: skip
        return {name: one.built(name, self.region) for name, one in several.items()}

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
        workload = self._workload()
        if self.architecture or self.alternatives:
            raise InvalidInputError(
                f"{self._source}: names architectures; see costlab compare, which simulates them"
            )
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
            groups, workload, load_balancer=balancers[0] if balancers else None,
            seed=seed, engine=engine,
        )  # fmt: skip

    def traffic(self) -> Trace:
        """The workload as a trace: who asks, and when, whatever answers.

        Raises
        ------
        InvalidInputError
            Where there is none, or it is a closed loop.
        """
        workload = self._workload()
        if isinstance(workload, ClosedLoop):
            raise InvalidInputError(
                f"{self._source}: workload: is a closed loop, whose requests depend on the answers;"
                " architectures are compared on an open workload"
            )
        return workload

    def _workload(self) -> Trace | ClosedLoop:
        """The workload; a file that it names is looked for beside the scenario."""
        if self.workload is None:
            raise InvalidInputError(f"{self._source}: workload: is missing; who asks, and when?")
        if not isinstance(self.workload, Replay):
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
            definitions[name] = resource_schema(name, kind, definitions)
        schema["$defs"] = definitions
        schema["properties"]["resources"] = {
            "type": "object",
            "description": cls.model_fields["resources"].description,
            "additionalProperties": {
                "oneOf": [{"$ref": f"#/$defs/{name}"} for name in resource_types()]
            },
        }
        definitions["Alternative"]["properties"]["resources"] = schema["properties"]["resources"]
        schema["required"] = ["name"]
        schema["oneOf"] = [{"required": [key]} for key in WAYS]
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _exclusive(raw: dict[str, Any]) -> list[Problem]:
    """What a scenario is made of must be said in one way."""
    given = [key for key in WAYS if key in raw]
    problems: list[Problem] = []
    if len(given) > 1:
        problems.append(((given[1],), f"must not be given beside {given[0]}"))
    if "arguments" in raw and "architecture" not in raw:
        problems.append((("arguments",), "need an architecture"))
    return problems


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
