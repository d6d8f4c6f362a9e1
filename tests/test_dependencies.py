"""pyproject.toml, environment.yml and requirements.lock say the same."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
LOCK = (ROOT / "requirements.lock").read_text().splitlines()


def by_name(requirements):
    return {entry.name.lower(): entry.specifier for entry in map(Requirement, requirements)}


def test_conda_users_get_the_same_dependencies():
    packages = [
        line for line in CONDA if isinstance(line, str) and not line.startswith(("python", "pip"))
    ]
    assert by_name(packages) == by_name(PROJECT["dependencies"])


def test_conda_users_get_the_same_python():
    (python,) = (line for line in CONDA if isinstance(line, str) and line.startswith("python"))
    assert SpecifierSet(python.removeprefix("python")) == SpecifierSet(PROJECT["requires-python"])


def test_conda_users_get_the_package_itself():
    assert {"pip": ["-e ."]} in CONDA


def test_the_lock_pins_every_dependency_at_a_version_that_is_allowed():
    locked = {entry.name.lower(): str(entry.specifier) for entry in map(Requirement, LOCK)}
    wanted = by_name([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
    for name, specifier in wanted.items():
        assert re.fullmatch(r"==[^,]+", locked[name]), name
        assert locked[name].removeprefix("==") in specifier, name


def test_the_lock_pins_exactly_and_names_no_address():
    assert all("==" in line and "://" not in line and "index" not in line for line in LOCK)


def test_the_six_libraries_the_suite_is_fixed_on_are_there():
    assert {"jupyterlab", "pandas", "numpy", "plotly", "simpy", "boto3"} <= set(
        by_name(PROJECT["dependencies"])
    )
