"""Who may import whom: data flows one way, and the heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import models

PACKAGE = Path(models.__file__).parent

#: Reading order. A module imports only from modules listed above it.
ORDER = (
    "errors", "files", "units", "naming", "notes", "metering", "resource", "billed_time",
    "distributions", "workload", "quotas", "theory", "prices", "focus", "tables", "billing",
    "scaling", "services", "simulation", "architecture", "architectures", "coverage", "yaml_text",
    "scenario", "experiments", "claims", "comparison", "plots", "report", "exercises", "gallery",
    "cli",
)  # fmt: skip

#: Library -> the only parts of the package that may import it.
ONLY_IN = {
    "plotly": {"plots", "report", "gallery"},
    "boto3": {"account"},
    "botocore": {"account"},
    "click": {"cli"},
    "yaml": {"yaml_text"},
    "xlsxwriter": {"report"},
    "jinja2": {"report", "gallery"},
    "simpy": {"simulation"},
    "numba": {"simulation"},
    "cronsim": {"scaling"},
    "distributed": {"experiments"},
}


def part_of(path):
    """The top-level part of the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def source_files():
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py" or path.parent != PACKAGE
    )


def imported_names(path):
    """Every dotted name a file imports when it runs, lazily or not; annotations do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "models":
            yield from (f"models.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def imported_parts(path):
    for name in imported_names(path):
        if name.startswith("models."):
            yield name.split(".")[1]


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_modules_listed_above_it(path):
    own = part_of(path)
    assert own in ORDER, f"{own} has no place in the reading order"
    allowed = set(ORDER[: ORDER.index(own) + 1])
    assert set(imported_parts(path)) <= allowed


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_stay_where_they_belong(path):
    own = part_of(path)
    misplaced = [
        name for name in imported_names(path) if own not in ONLY_IN.get(name.split(".")[0], {own})
    ]
    assert misplaced == []


@pytest.mark.parametrize("part", ["services", "simulation", "architecture", "architectures"])
def test_what_meters_never_sees_a_price(part):
    used = {
        name for path in source_files() if part_of(path) == part for name in imported_parts(path)
    }
    assert used.isdisjoint({"prices", "billing", "tables", "focus"})


def test_only_the_command_line_prints():
    printing = [
        str(path.relative_to(PACKAGE))
        for path in source_files()
        if part_of(path) != "cli"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert printing == []


def test_every_public_name_exists_and_has_a_docstring():
    for name in models.__all__:
        value = getattr(models, name)
        assert value.__doc__ or name == "TYPICAL", name


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'numpy', 'pandas', 'plotly', 'pydantic', 'pyarrow', 'simpy', 'boto3'}"
    code = f"import sys, models; found = {heavy} & set(sys.modules); assert not found, found"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
