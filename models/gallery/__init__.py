"""Every notebook as a page to read: executed, self-contained, figures drawn offline.

nbconvert has no way to show a plotly figure that a notebook holds as data: it leaves it out,
with a warning at most. Here each figure becomes a drawing instruction in the page, and the
plotly library is in the page too, so that nothing is fetched from anywhere. A claim that does
not hold, or any other error in a cell, stops the run.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.claims import STRICT_VARIABLE
from models.errors import InvalidInputError, ModelError
from models.files import write_atomically

#: A cell that takes longer than this is stuck. [s]
CELL_SECONDS = 120

#: Terminal colors, in which a kernel words its errors.
_COLOR_CODE = re.compile(r"\x1b\[[0-9;]*m")
#: A link from one lesson to another, which leads to its page here.
_LESSON_LINK = re.compile(r'href="(\w+)\.ipynb"')
_PLOTLY = "application/vnd.plotly.v1+json"
_HERE = Path(__file__).resolve().parent


class NotebookError(ModelError, RuntimeError):
    """A notebook whose cells do not run through."""


@dataclass(frozen=True)
class Page:
    """One rendered lesson: file name, title (a question), what it is about, and the HTML."""

    name: str
    title: str
    lead: str
    html: str


def write_gallery(
    notebooks: Path,
    out: Path,
    *,
    progress: Callable[[Sequence[Path]], Iterable[Path]] = iter,
) -> list[Path]:
    """Execute every notebook of a folder and write each as HTML, with an ``index.html``.

    Nothing is written unless every notebook runs through.

    Parameters
    ----------
    notebooks : Path
        Folder that holds ``*.ipynb``.
    out : Path
        Folder to write to; made where it is missing.
    progress : callable, optional
        Wraps the list of notebooks, to show how far the work is.

    Raises
    ------
    InvalidInputError
        Where the folder holds no notebooks.
    NotebookError
        Where a cell raises, naming notebook and error.
    """
    paths = sorted(notebooks.glob("*.ipynb"))
    if not paths:
        raise InvalidInputError(f"{notebooks}: holds no notebooks (*.ipynb)")
    pages = [render(path) for path in progress(paths)]
    written = [out / "index.html", *(out / page.name for page in pages)]
    for path, html in zip(written, [_index(pages), *(page.html for page in pages)], strict=True):
        write_atomically(path, html)
    return written


def render(path: Path) -> Page:
    """Execute the notebook at `path` and set it as one HTML page."""
    return set_page(path, execute(path))


def set_page(path: Path, notebook: Any) -> Page:
    """An executed notebook as one HTML page; its figures are taken out of its outputs."""
    title, lead = _opening(notebook)
    figures = _draw_figures(notebook)
    html = _template("page.html.j2").render(
        title=title,
        body=_cells_html(notebook),
        style=_style(),
        plotly=_plotly_script() if figures else "",
    )
    return Page(f"{path.stem}.html", title, lead, html)


def execute(path: Path, *, strict: bool = True) -> Any:
    """Run every cell of the notebook at `path` and return it with its outputs.

    Parameters
    ----------
    path : Path
    strict : bool
        Whether a claim that does not hold stops the run.

    Raises
    ------
    NotebookError
        Where a cell raises or takes too long.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    client = NotebookClient(
        _library("nbformat").read(path, as_version=4),
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        # A kernel that writes no history can run beside others and without a home folder.
        extra_arguments=["--log-level=ERROR", "--HistoryManager.enabled=False"],
    )
    environment = {
        **os.environ,
        STRICT_VARIABLE: "1" if strict else "0",
        "PLOTLY_RENDERER": "plotly_mimetype",
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    try:
        return client.execute(env=environment)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        last = _COLOR_CODE.sub("", str(error)).strip().splitlines()[-1]
        raise NotebookError(f"{path}: {last}") from error


def _library(name: str) -> Any:
    """A library that comes without types, loaded on first use."""
    return importlib.import_module(name)


def _opening(notebook: Any) -> tuple[str, str]:
    """Title and lead of a notebook: heading and first paragraph of its first cell."""
    heading, _, rest = notebook.cells[0].source.partition("\n")
    lead = rest.strip().split("\n\n")[0].replace("\n", " ")
    return heading.lstrip("# ").strip(), lead


def _draw_figures(notebook: Any) -> int:
    """Turn every plotly figure among the outputs into HTML that draws it; return how many."""
    from plotly.io import to_html

    drawn = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            figure = output.get("data", {}).pop(_PLOTLY, None)
            if figure is None:
                continue
            drawn += 1
            output["data"]["text/html"] = to_html(
                {"data": figure["data"], "layout": figure["layout"]},
                config={"displayModeBar": False, "responsive": True},
                include_plotlyjs=False,
                full_html=False,
                default_height="27rem",
                div_id=f"figure-{drawn}",
            )
    return drawn


def _cells_html(notebook: Any) -> str:
    from jinja2 import FileSystemLoader

    exporter = _library("nbconvert").HTMLExporter(
        template_file="cells.html.j2",
        extra_loaders=[FileSystemLoader(_HERE)],
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    return _LESSON_LINK.sub(r'href="\1.html"', str(body))


def _index(pages: Iterable[Page]) -> str:
    return str(_template("index.html.j2").render(pages=pages, style=_style()))


def _template(name: str) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_HERE)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(name)


@cache
def _style() -> str:
    """Our style sheet and the colors of highlighted code."""
    code = (
        _library("pygments.formatters").HtmlFormatter(style="default").get_style_defs(".highlight")
    )
    return f"{(_HERE / 'style.css').read_text(encoding='utf-8')}\n{code}"


@cache
def _plotly_script() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())
