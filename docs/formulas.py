"""Show formulas as MathML, which every browser of today draws itself, without fonts or scripts.

docutils converts the TeX; a command that it does not know is a warning with page and line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx


log = logging.getLogger(__name__)

SPELLINGS = ((r"\\dots\b", r"\\ldots"), (r"\\[bB]igg?[lrm]?(?![A-Za-z])", ""))
"""What docutils has no command for, and what it has; brackets of MathML grow by themselves."""


def mathml(node: Any, as_block: bool) -> str:
    """Return a formula as MathML; the TeX itself, with a warning, if it cannot be converted."""
    tex = node.astext()
    for spelling, known in SPELLINGS:
        tex = re.sub(spelling, known, tex)
    try:
        return latex2mathml.tex2mathml(tex, as_block=as_block)
    except MathError as error:
        log.warning("%s in the formula %s", error, tex, location=node)
        return f"<code>{nodes.unescape(tex)}</code>"


def inline(translator: Any, node: Any) -> None:
    """Write a formula in a line of text."""
    translator.body.append(mathml(node, as_block=False))
    raise nodes.SkipNode


def block(translator: Any, node: Any) -> None:
    """Write a formula in a paragraph of its own, which scrolls where it is too wide."""
    translator.body.append(f'<div class="formula">{mathml(node, as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer; ``html_math_renderer = "mathml"`` chooses it."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
