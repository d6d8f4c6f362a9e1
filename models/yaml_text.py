"""YAML read within bounds: plain data only, and nothing that surprises.

The values of YAML 1.2's core schema, so that ``1e3`` is a number, ``010`` is ten and ``12:30`` is
text. No tags, anchors, aliases, merges or duplicate keys; size, depth and number of values have a
limit, so that a hostile file is refused before it is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from models.errors import InvalidInputError

#: Bounds of a file. Ours: the bundled scenarios are a hundredth of each.
MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000

Path = tuple[str, ...]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader with YAML 1.2's core schema in place of 1.1's."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - replaced, not shared


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.")),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), _first
    )


def _number(value: str) -> float:
    """A whole number, or infinity for one that no float holds, which every field refuses."""
    return int(value) if len(value) <= MAX_DIGITS else float("inf")


#: Digits of the largest whole number that a float holds, and a few more.
MAX_DIGITS = 320
_Loader.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: _number(loader.construct_scalar(node))
)
_Loader.add_constructor(
    "tag:yaml.org,2002:float",
    lambda loader, node: float(
        re.sub(r"\.(inf|nan)", r"\1", loader.construct_scalar(node).lower())
    ),
)


@dataclass(frozen=True)
class Document:
    """Plain data, and the line that each path of keys stands on."""

    data: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Line of the longest part of `path` that the file holds."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str, source: str) -> Document:
    """Read one YAML document of plain data.

    Raises
    ------
    InvalidInputError
        Naming `source`, line and column.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidInputError(f"{source}: is larger than {MAX_BYTES:,} bytes")
    try:
        lines = _Outline(source).scan(text)
        return Document(yaml.load(text, Loader=_Loader), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        raise InvalidInputError(f"{place}: is not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise InvalidInputError(f"{source}: is not YAML: {' '.join(str(error).split())}") from None


class _Outline:
    """One pass over the events of a document: bounds, forbidden constructs, lines of keys."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[Path, int] = {}
        self.documents = 0
        # One frame for each open collection: path, keys seen (None in a sequence), current key.
        self.frames: list[_Frame] = []

    def scan(self, text: str) -> dict[Path, int]:
        for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
            if count > MAX_NODES:
                self._refuse(event, f"holds more than {MAX_NODES:,} values")
            self._check(event)
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.frames.pop()
        return self.lines

    def _check(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._refuse(event, "holds a second document; one is allowed")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "aliases (*name) are not allowed; write the value out")
        if getattr(event, "anchor", None):
            self._refuse(event, "anchors (&name) are not allowed")
        if getattr(event, "tag", None):
            self._refuse(event, f"tags ({event.tag}) are not allowed")

    def _open(self, event: Any) -> None:
        if len(self.frames) >= MAX_DEPTH:
            self._refuse(event, f"is nested deeper than {MAX_DEPTH} levels")
        path = self._value_path(event)
        self.frames.append(_Frame(path, isinstance(event, yaml.MappingStartEvent)))

    def _scalar(self, event: Any) -> None:
        frame = self.frames[-1] if self.frames else None
        if frame and frame.is_mapping and frame.key is None:
            if event.value == "<<":
                self._refuse(event, "merge keys (<<) are not allowed")
            if event.value in frame.keys:
                self._refuse(event, f"key {event.value!r} occurs twice")
            frame.keys.add(event.value)
            frame.key = event.value
            self.lines[(*frame.path, event.value)] = event.start_mark.line + 1
        else:
            self._value_path(event)

    def _value_path(self, event: Any) -> Path:
        """Path of the value that starts here; its parent then waits for the next."""
        if not self.frames:
            return ()
        frame = self.frames[-1]
        if not frame.is_mapping:
            frame.items += 1
            return (*frame.path, str(frame.items - 1))
        if frame.key is None:
            self._refuse(event, "a key must be text")
        path = (*frame.path, frame.key or "")
        frame.key = None
        return path

    def _refuse(self, event: Any, why: str) -> None:
        mark = event.start_mark
        raise InvalidInputError(f"{self.source}:{mark.line + 1}:{mark.column + 1}: {why}")


@dataclass
class _Frame:
    """An open collection while its events are read."""

    path: Path
    is_mapping: bool
    keys: set[str] = field(default_factory=set)
    key: str | None = None
    items: int = 0
