"""A short note below a notebook cell: plain text in a terminal, escaped HTML in a browser."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from html import escape

#: Color of the bar at the left of a note, by tone. Readable on white and on dark.
_BARS = {"plain": "#7a869a", "good": "#2e9e5b", "attention": "#c77700"}


@dataclass(frozen=True, repr=False)
class Note:
    """A heading and a few paragraphs, shown when it is a cell's last expression.

    Parameters
    ----------
    heading : str
        One line; may be empty.
    paragraphs : tuple of str
        Line breaks inside a paragraph are kept, and several lines are set as a table would be.
    tone : str
        ``plain``, ``good`` or ``attention``.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    tone: str = "plain"

    def __str__(self) -> str:
        return "\n".join(part for part in (self.heading, *self.paragraphs) if part)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        heading = f"<strong>{escape(self.heading)}</strong>" if self.heading else ""
        body = "".join(_paragraph(text) for text in self.paragraphs)
        return (
            f'<div class="costlab-note" style="border-left:4px solid {_BARS[self.tone]};'
            f'padding:2px 0 2px 12px;margin:4px 0;max-width:60em">{heading}{body}</div>'
        )


def announce(note: Note) -> None:
    """Show a note at once in a notebook, for what takes long; elsewhere say nothing."""
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        shell.display.display(note)


def _paragraph(text: str) -> str:
    if "\n" in text:
        return f'<pre style="margin:4px 0;white-space:pre-wrap">{escape(text)}</pre>'
    return f'<p style="margin:4px 0">{escape(text)}</p>'
