"""The gallery: every notebook as a page that needs no network and draws its figures."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from browser import probe, requests_of
from models.errors import InvalidInputError
from models.gallery import NotebookError, render, write_gallery

FIGURE = "import plotly.graph_objects as go\ngo.Figure(go.Scatter(x=[1, 2], y=[3, 4]))"


def notebook(path: Path, *sources: str, **metadata) -> Path:
    """Write a notebook of one heading and these code cells."""
    cells = [nbformat.v4.new_markdown_cell("# What is it?\n\nA lead in\ntwo lines.\n\nMore.")]
    cells += [nbformat.v4.new_code_cell(source, metadata=metadata) for source in sources]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    return render(notebook(folder / "05_lesson.ipynb", FIGURE, "'<b>text</b>'"))


def test_a_figure_that_a_notebook_holds_only_as_data_is_drawn_in_the_page(page):
    assert page.html.count("Plotly.newPlot(") == 1 + page.html.split("<main>")[0].count(
        "Plotly.newPlot("
    )
    assert 'id="figure-1"' in page.html


def test_a_page_with_figures_brings_the_library_that_draws_them(page):
    assert "plotly.js v" in page.html.split("<main>")[0]


def test_a_page_without_figures_leaves_the_library_out(tmp_path):
    html = render(notebook(tmp_path / "n.ipynb", "1 + 1")).html
    assert "plotly.js v" not in html
    assert len(html) < 100_000


def test_a_page_asks_for_nothing_from_the_network(page):
    assert requests_of(page.html) == []


def test_a_page_is_named_titled_and_introduced_by_its_first_cell(page):
    assert page.name == "05_lesson.html"
    assert page.title == "What is it?"
    assert page.lead == "A lead in two lines."


def test_a_solution_is_folded_away_with_its_output(tmp_path):
    html = render(notebook(tmp_path / "n.ipynb", "'the' + ' answer'", tags=["solution"])).html
    folded = re.search(r'<details class="solution">.*?</details>', html, re.DOTALL)
    assert folded
    assert "the answer" in folded[0]
    assert "the answer" not in html.replace(folded[0], "")


def test_a_link_to_another_lesson_leads_to_its_page(tmp_path):
    path = notebook(tmp_path / "n.ipynb")
    path.write_text(path.read_text().replace("More.", "See [00](00_start_here.ipynb)."))
    assert '<a href="00_start_here.html">00</a>' in render(path).html


def test_the_text_of_a_cell_is_escaped(page):
    assert "&lt;b&gt;text&lt;/b&gt;" in page.html


def test_a_broken_claim_stops_the_gallery_and_writes_nothing(tmp_path):
    source = "from models.claims import claim\nclaim('Nothing is true.', False)"
    notebook(tmp_path / "in" / "n.ipynb", source)
    with pytest.raises(NotebookError, match=r"n\.ipynb: BrokenClaimError: .*Nothing is true"):
        write_gallery(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="holds no notebooks"):
        write_gallery(tmp_path, tmp_path / "out")


def test_the_index_links_every_lesson_with_its_question(tmp_path):
    for name in ("00_a", "01_b"):
        notebook(tmp_path / "in" / f"{name}.ipynb", "1 + 1")
    written = write_gallery(tmp_path / "in", tmp_path / "out")
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert [path.name for path in written] == ["index.html", "00_a.html", "01_b.html"]
    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>', index) == [
        ("00_a.html", "What is it?"),
        ("01_b.html", "What is it?"),
    ]
    assert requests_of(index) == []


def test_progress_is_told_of_every_notebook(tmp_path):
    notebook(tmp_path / "in" / "n.ipynb", "1 + 1")
    seen = []
    write_gallery(tmp_path / "in", tmp_path / "out", progress=lambda p: [seen.append(p), p][1])
    assert seen == [[tmp_path / "in" / "n.ipynb"]]


@pytest.mark.browser
def test_a_browser_draws_nothing_where_the_library_is_missing(page, tmp_path):
    """The test above can fail: without the library no curve is in the page."""
    head, body = page.html.split("</head>")
    bare = tmp_path / "bare.html"
    bare.write_text(re.sub(r"<script>.*</script>", "", head, flags=re.DOTALL) + body)
    dom, found = probe(bare, tmp_path)
    assert 'class="trace' not in dom
    assert any("Plotly" in text for text in found["trouble"])
