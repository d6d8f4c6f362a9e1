"""What every notebook owes its reader: one shape, a run without errors, nothing left behind."""

from __future__ import annotations

import ast
import copy
import re
import statistics
import time
from functools import cache
from pathlib import Path

import nbformat
import pytest

from browser import probe, requests_of
from models.gallery import execute, set_page

FOLDER = Path(__file__).parent.parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))

SECTIONS = (
    "Guess first", "The model in words", "Does theory agree?", "What if", "What this leaves out",
    "Sources",
)  # fmt: skip

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@cache
def read(path):
    return nbformat.read(path, as_version=4)


@cache
def run(path):
    """The notebook with its outputs, every claim being strict, and the seconds it took."""
    started = time.perf_counter()
    return execute(path), time.perf_counter() - started


def cells(path, kind):
    return [cell for cell in read(path).cells if cell.cell_type == kind]


def markdown(path):
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def trees(path):
    return [ast.parse(cell.source) for cell in cells(path, "code")]


def shown(cell):
    """Everything a cell shows, as plain text."""
    return "\n".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


def is_solution(cell):
    return "solution" in cell.metadata.get("tags", [])


def test_there_are_three_lessons_numbered_in_reading_order():
    numbers = [int(path.stem[:2]) for path in PATHS]
    assert numbers == list(range(len(PATHS)))
    assert len(PATHS) >= 3


# --- as committed -----------------------------------------------------------------------------


@each_notebook
def test_no_outputs_are_committed(path):
    for cell in cells(path, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None


@each_notebook
def test_the_file_is_valid_and_names_the_plain_python_kernel(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@each_notebook
def test_cell_ids_are_words_that_stay(path):
    ids = [cell.id for cell in read(path).cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"\d\d-[a-z0-9-]+", cell_id) for cell_id in ids)


@each_notebook
def test_nothing_private_is_in_the_file(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.:/])/(home|Users|root|work|tmp|mnt)/|[A-Z]:\\\\", text)
    assert not re.search(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|aws_secret|\b\d{12}\b", text)


# --- shape ------------------------------------------------------------------------------------


@each_notebook
def test_the_title_is_one_question(path):
    first = read(path).cells[0]
    title = first.source.splitlines()[0]
    assert first.cell_type == "markdown"
    assert re.fullmatch(r"# [^?]+\?", title)
    assert "minutes" in first.source
    assert "Read first" in first.source


@each_notebook
def test_imports_stand_in_the_second_cell_and_nowhere_else(path):
    for cell in cells(path, "code"):
        imports = [
            node for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]  # fmt: skip
        assert bool(imports) == (cell is read(path).cells[1])


@each_notebook
def test_the_reader_guesses_before_anything_is_worked_out(path):
    second = cells(path, "code")[1]
    assert re.fullmatch(r"guess_\w+ = [\d._]+", second.source)


@each_notebook
def test_every_section_is_there_in_order(path):
    text = markdown(path)
    places = [text.find(f"## {section}") for section in SECTIONS]
    assert -1 not in places
    assert places == sorted(places)


@each_notebook
def test_code_cells_are_short(path):
    lengths = [
        sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in cells(path, "code")
    ]
    assert statistics.median(lengths) <= 5
    assert max(lengths) <= 15


@each_notebook
def test_nothing_is_defined_that_belongs_in_the_package(path):
    for tree in trees(path):
        for node in ast.walk(tree):
            assert not isinstance(node, ast.ClassDef)
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 12


@each_notebook
def test_there_are_no_magics_and_no_installs(path):
    for cell in cells(path, "code"):
        assert not re.search(r"^\s*[%!]", cell.source, re.MULTILINE)
        assert "sys.path" not in cell.source


@each_notebook
def test_prose_states_no_dollar_figure(path):
    assert not re.search(r"\$\s?\d", markdown(path))


@each_notebook
def test_findings_go_through_claims(path):
    stated = [cell for cell in cells(path, "code") if "claim(" in cell.source]
    assert len(stated) >= 3


@each_notebook
def test_every_figure_is_followed_by_prose(path):
    every = read(path).cells
    for cell, after in zip(every, [*every[1:], None], strict=True):
        if cell.cell_type == "code" and re.search(r"^plots\.", cell.source, re.MULTILINE):
            assert after is not None
            assert after.cell_type == "markdown"


@each_notebook
def test_every_exercise_is_unanswered_and_has_a_folded_solution(path):
    every = read(path).cells
    asked = 0
    for cell, after in zip(every, [*every[1:], None], strict=True):
        found = re.fullmatch(r'answer = \.\.\.\ncheck\("([\w-]+)", answer\)', cell.source)
        if not found:
            assert "answer = ..." not in cell.source
            continue
        asked += 1
        assert is_solution(after)
        assert after.source.endswith(f'check("{found[1]}", solution)')
        assert after.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    assert asked >= 2
    assert asked == sum(is_solution(cell) for cell in every)


@each_notebook
def test_links_between_lessons_lead_somewhere(path):
    linked = re.findall(r"\]\(([^)]+\.ipynb)\)", markdown(path))
    assert all((FOLDER / name).is_file() for name in linked)


@each_notebook
def test_sources_are_linked(path):
    assert "https://aws.amazon.com/" in markdown(path).split("## Sources")[1]


# --- as run -----------------------------------------------------------------------------------


@each_notebook
def test_the_notebook_runs_through_in_less_than_a_minute(path):
    _, seconds = run(path)
    assert seconds < 60


@each_notebook
def test_a_run_warns_of_nothing(path):
    for cell in run(path)[0].cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


@each_notebook
def test_an_unanswered_exercise_says_so(path):
    for cell in run(path)[0].cells:
        if cell.source.startswith("answer = ..."):
            assert shown(cell).startswith("Not answered yet.")


@each_notebook
def test_every_solution_is_marked_right(path):
    for cell in run(path)[0].cells:
        if is_solution(cell):
            assert shown(cell).startswith("Right: "), shown(cell)


@each_notebook
def test_every_claim_is_shown(path):
    for cell in run(path)[0].cells:
        if cell.cell_type == "code" and "claim(" in cell.source:
            assert shown(cell).strip()


@each_notebook
def test_figures_are_drawn(path):
    figures = [
        output
        for cell in run(path)[0].cells
        for output in cell.get("outputs", [])
        if "application/vnd.plotly.v1+json" in output.get("data", {})
    ]
    assert figures


def test_a_learner_who_changes_something_is_told_what_no_longer_holds(tmp_path):
    text = (FOLDER / "00_start_here.ipynb").read_text(encoding="utf-8")
    changed = text.replace("t3.small", "t3.large")
    assert changed != text
    copy = tmp_path / "00_start_here.ipynb"
    copy.write_text(changed, encoding="utf-8")
    told = [shown(cell) for cell in execute(copy, strict=False).cells if "claim(" in cell.source]
    assert any(text.startswith("No longer true with your changes: ") for text in told)


# --- as a page --------------------------------------------------------------------------------


@cache
def lesson(path):
    return set_page(path, copy.deepcopy(run(path)[0]))


@each_notebook
def test_every_figure_of_a_lesson_is_in_its_page(path):
    drawing = [cell for cell in cells(path, "code") if re.search(r"(?m)^plots\.", cell.source)]
    figures = len(drawing)
    assert figures >= 1
    assert len(re.findall(r'id="figure-\d+"', lesson(path).html)) == figures


@each_notebook
def test_a_lesson_asks_for_nothing_from_the_network(path):
    html = lesson(path).html
    assert [name for name in requests_of(html) if "://" in name] == []
    assert "mathjax" not in html.split("<main>")[1].lower()
    assert "require.js" not in html.split("<main>")[1]


@pytest.mark.browser
@each_notebook
def test_a_browser_draws_every_figure_of_a_lesson_without_a_network(path, tmp_path):
    page = tmp_path / lesson(path).name
    page.write_text(lesson(path).html, encoding="utf-8")
    dom, found = probe(page, tmp_path)
    figures = len(re.findall(r'id="figure-\d+"', lesson(path).html))
    drawn = [
        re.search(r'<g class="(?:scatterlayer|barlayer)[^"]*"><g class="trace', part) is not None
        for part in re.split(r'id="figure-\d+"', dom)[1:]
    ]
    assert drawn == [True] * figures
    assert found == {"trouble": [], "requests": []}
