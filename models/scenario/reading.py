"""The file itself, and the resources it describes: built where they can be, else named."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.errors import InvalidInputError, ModelError, did_you_mean
from models.naming import region_names
from models.resource import Problem, Resource
from models.services import resource_type, resource_types
from models.yaml_text import MAX_BYTES, Document


def read(path: Path) -> str:
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


def refusal(problems: list[Problem], document: Document, source: str) -> InvalidInputError:
    """Everything that is wrong, each with its line and its path."""
    return InvalidInputError(
        " | ".join(
            f"{source}:{document.line(path)}: {'.'.join(path)}: {text}" for path, text in problems
        ),
        problems,
    )


def resources(raw: Any, region: Any) -> tuple[dict[str, Resource], list[Problem]]:
    """Build every resource that can be built, and say what is wrong with the others."""
    if raw is None:
        return {}, [
            (
                ("resources",),
                "is missing; list at least one resource, or name an architecture, or alternatives",
            )
        ]
    if not isinstance(raw, dict):
        return {}, [(("resources",), f"must be a mapping of names, not {kind_of(raw)}")]
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
        raise InvalidInputError(f"must be a mapping with a type, not {kind_of(fields)}")
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


def resource_schema(name: str, kind: type[Resource], definitions: dict[str, Any]) -> dict[str, Any]:
    schema = kind.model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(schema.pop("$defs", {}))
    schema["properties"].pop("name")
    schema["properties"]["type"] = {"const": name}
    schema["required"] = ["type", *(key for key in schema.get("required", []) if key != "name")]
    return schema


def kind_of(value: Any) -> str:
    names: Mapping[type, str] = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        type(None): "nothing",
    }
    return names.get(type(value), repr(value))
