"""Docstrings say `name : what it is`, as the types stand in the annotations; numpydoc wants types.

Moves what follows the colon to a line of its own, where numpydoc looks for descriptions, and makes
one line of what is returned. In signatures arrays are called NDArray, as in the source.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LISTS = ("Parameters", "Attributes", "Raises")
ENTRY = re.compile(r"(?P<names>\*{0,2}\w+(?:, \*{0,2}\w+)*) : (?P<text>.*)")
ARRAY = re.compile(
    r"~?(?:numpy\.)?ndarray\[tuple\[~?(?:typing\.)?Any, \.\.\.\], "
    r"~?(?:numpy\.)?dtype\[~?(?:numpy\.)?(\w+)\]\]"
)


def on_docstring(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Rewrite a docstring in place, as Sphinx wants it."""
    lines[:] = rewritten(lines)


def on_signature(
    app: Sphinx, what: str, name: str, obj: object, options: object, *parts: str | None
) -> tuple[str | None, ...]:
    """Name arrays in a signature and what it returns."""
    return tuple(part and ARRAY.sub(r"NDArray[\1]", part) for part in parts)


def rewritten(lines: list[str]) -> list[str]:
    """Return the lines of a docstring with the entries of its sections as numpydoc reads them."""
    section, found = "", []
    for line, under in itertools.pairwise([*lines, ""]):
        if line.strip() and set(under.strip()) == {"-"}:
            section = line.strip()
        entry = ENTRY.fullmatch(line) if section in LISTS else None
        if entry:
            found += [entry["names"], f"    {entry['text']}"]
        elif section == "Returns" and line[:1] not in " -" and found[-1][:1] not in ("", "-"):
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found


def setup(app: Sphinx) -> dict[str, bool]:
    """Run before numpydoc."""
    app.connect("autodoc-process-docstring", on_docstring, priority=100)
    app.connect("autodoc-process-signature", on_signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
