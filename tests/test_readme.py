"""What the README shows is what happens."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from running import costlab

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "DESIGN.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md")
COMMANDS = re.findall(r"^costlab .+$", README, re.MULTILINE)


def test_the_example_gives_what_the_readme_prints():
    test = doctest.DocTestParser().get_doctest(README, {}, "README", "README.md", 0)
    assert doctest.DocTestRunner().run(test) == doctest.TestResults(failed=0, attempted=4)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = costlab(*shlex.split(command)[1:])
    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_to_one(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_every_lesson_is_in_the_index_with_its_question():
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        title = re.search(r'"# ([^"\\]+)', notebook.read_text(encoding="utf-8"))[1]
        assert f"(notebooks/{notebook.name}) | {title} |" in README


def test_every_make_target_the_readme_names_exists():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE)) <= set(targets)


def test_the_design_lists_every_part_in_reading_order():
    parts = re.findall(r"^\| `([a-z_]+)(?:\.py|/)`", (ROOT / "DESIGN.md").read_text(), re.MULTILINE)
    from test_layers import ORDER

    assert tuple(parts) == ORDER
