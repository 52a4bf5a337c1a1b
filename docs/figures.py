"""The directive ``drawing``: a figure that its code draws while the pages are built.

The content is Python. The drawings of a page share their variables, as the cells of a notebook do.
The last line is an expression: the figure, its axes, an ``HtmlFigure``, or nothing (``None``), for
preparations that only compute. Paths start from the folder of the repository. The page shows the
figure, its caption and the code below it. The figure is an SVG in the text color of the page, so
that it can be read on a dark page too. Options:

``:caption:``
    The caption of the figure, also read to those who cannot see it.
``:width:``
    The width in pixels, if the page has room for it; 560 by default.
``:fold:``
    Fold the code away below a line with this text.
"""

from __future__ import annotations

import ast
import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import matplotlib as mpl
import matplotlib.pyplot as plt
from docutils import nodes
from docutils.parsers.rst import directives
from matplotlib.figure import Figure
from sphinx.util.docutils import SphinxDirective

from qxgap.plotting import HtmlFigure, inline_svg, save
from qxgap.plotting.style import STYLE

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WIDTH = 560


def evaluate(code: str, variables: dict[str, Any], source: str) -> Any:
    """Run code as a notebook runs a cell, and return the value of its last line.

    Parameters
    ----------
    code : str
        Python statements; the last may be an expression.
    variables : dict
        The variables that the code reads and sets.
    source : str
        The page, for tracebacks.
    """
    body = ast.parse(code, source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), source, "exec"), variables)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), source, "eval"), variables)


def figure_of(value: Any) -> Figure | HtmlFigure | None:
    """Return the figure that a last line shows: it, that of its axes, or none."""
    if value is None or isinstance(value, Figure | HtmlFigure):
        return value
    axes = value
    while not hasattr(axes, "figure"):
        axes = axes[0]
    return axes.figure


class Drawing(SphinxDirective):
    """A figure, its caption, and the code that draws it."""

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "caption": directives.unchanged,
        "width": directives.positive_int,
        "fold": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Run the code and return the nodes of the page."""
        pages = self.env.temp_data
        variables = pages.setdefault("drawing-variables", {"__name__": "__drawing__"})
        pages["drawing-number"] = number = pages.get("drawing-number", 0) + 1
        code = "\n".join(self.content)
        with mpl.rc_context(STYLE), contextlib.chdir(Path(self.env.srcdir).parent):
            figure = figure_of(evaluate(code, variables, self.get_source_info()[0]))
        shown = [] if figure is None else self._picture(figure, f"drawing-{number}")
        plt.close("all")
        listing = nodes.literal_block(code, code, language="python")
        if "fold" not in self.options:
            return [*shown, listing]
        opening = f'<details class="code"><summary>{self.options["fold"]}</summary>'
        return [*shown, _html(opening), listing, _html("</details>")]

    def _picture(self, figure: Figure | HtmlFigure, name: str) -> list[nodes.Node]:
        caption = self.options.get("caption", "")
        if isinstance(figure, HtmlFigure):
            svg = figure.html
        else:
            with tempfile.TemporaryDirectory() as folder:
                text = save(figure, Path(folder) / "figure")
            svg = inline_svg(text, name, caption, self.options.get("width", WIDTH))
        words, messages = self.parse_inline(caption)
        under = nodes.paragraph("", "", *words, classes=["caption"])
        return [_html(f'<div class="drawing">{svg}</div>'), under, *messages]


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("drawing", Drawing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
