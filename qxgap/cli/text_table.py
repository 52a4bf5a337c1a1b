"""Rows as a text table that fits the terminal."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .words import number, printable

Texts = list[dict[str, str]]
"""The printed text of each row by its heading; all rows have the same headings."""

MIN_WIDTH = 30
"""Smallest width of a table; a narrower terminal breaks its lines."""

HANG = 2
"""Number of spaces in front of the lines that continue a sentence."""

SHOWN_ITEMS = 3
"""Number of items that are printed of a list with more than twice as many."""

PATHS = ("instance", "file", "source")
"""Headings of paths; only the names of the files are printed."""

EMPTY_TEXTS = ("", "inf", "-inf")
"""Texts without information; a column that has only these is not printed."""


def terminal_width() -> int | None:
    """Return the width of the terminal, at least ``MIN_WIDTH``; None where there is no limit.

    Where the output goes into a file or a pipe there is no limit, so that every row is one line,
    unless the environment variable ``COLUMNS`` sets one.
    """
    columns_variable = os.environ.get("COLUMNS", "")
    if columns_variable.isdecimal() and int(columns_variable):
        return max(int(columns_variable), MIN_WIDTH)
    if sys.stdout is None or not sys.stdout.isatty():  # None if the shell closed it
        return None
    return max(shutil.get_terminal_size().columns, MIN_WIDTH)


def table(rows: Sequence[Mapping[str, Any]], width: int | None = None, *, digits: int = 3) -> str:
    """Return rows as a table, in the first of four forms that fits into ``width``.

    The forms are: (1) a line for each row; (2) the same with headings broken into several lines;
    (3) a column for each row; (4) the same in several blocks, one below the other. Columns without
    any information are left out.

    Parameters
    ----------
    rows : sequence of mappings
        The value under each heading.
    width : int, optional
        Width of the terminal in characters; by default there is no limit.
    digits : int, optional
        Number of significant digits.
    """
    texts = _texts(rows, digits)
    if width is None:
        return _across(texts)
    for form in (_across(texts), _across(texts, wrapped=True), _down(texts)):
        if max(map(cell_len, form.splitlines()), default=0) <= width:
            return form
    return _blocks(texts, width)


def fill(text: str, width: int | None, indent: int = 0) -> str:
    """Break a text into lines of at most ``width`` characters; None leaves it in one line.

    Parameters
    ----------
    text : str
        The text.
    width : int or None
        Width of the terminal in characters.
    indent : int, optional
        Number of spaces in front of each line.
    """
    lines = grid(show_header=False)
    lines.add_column(overflow="fold")
    lines.add_row(Text(text))
    shown = rendered(lines, width - indent if width else None)
    return "\n".join(" " * indent + line for line in shown.splitlines())


def hanging(text: str, width: int | None) -> str:
    """Break a text into lines like :func:`fill`, all but the first one indented."""
    first, *others = fill(text, width - HANG if width else None).splitlines() or [""]
    return "\n".join([first, *(" " * HANG + line for line in others)])


def cell(value: Any, digits: int = 6) -> str:
    """Return a short text of a value: few digits, nothing for None and NaN, the first items."""
    if isinstance(value, list | tuple):
        shown = len(value) if len(value) <= 2 * SHOWN_ITEMS else SHOWN_ITEMS
        items = [cell(item, digits) for item in value[:shown]]
        left = len(value) - shown
        return f"[{', '.join([*items, f'... {left} more'] if left else items)}]"
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return number(value, digits)
    return printable(str(value))


def _texts(rows: Sequence[Mapping[str, Any]], digits: int) -> Texts:
    """Return the cells as texts, paths as file names, without columns that have no information."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    short = {heading: short_names([row.get(heading) for row in rows]) for heading in PATHS}
    cells: Texts = []
    for row in rows:
        values = {heading: row.get(heading) for heading in headings}
        names = {
            heading: names[values[heading]]
            for heading, names in short.items()
            if values.get(heading)
        }
        cells.append(
            {heading: cell(value, digits) for heading, value in {**values, **names}.items()}
        )
    informative = [
        heading for heading in headings if any(row[heading] not in EMPTY_TEXTS for row in cells)
    ]
    return [{heading: row[heading] for heading in informative} for row in cells]


def short_names(paths: Sequence[Any]) -> dict[Any, str]:
    """Return the name of each path, with as many parent folders as make all names differ."""
    parts = {path: PurePath(path).parts for path in paths if path}
    names: dict[Any, str] = {}
    for length in range(1, 1 + max(map(len, parts.values()), default=0)):
        names = {path: str(PurePath(*part[-length:])) for path, part in parts.items()}
        if len(set(names.values())) == len(names):
            break
    return names


def _across(texts: Texts, wrapped: bool = False) -> str:
    """Return a line for each row; ``wrapped`` headings have a line for each word."""
    lines = grid()
    for heading in texts[0]:
        left = any(_is_word(row[heading]) for row in texts)
        title = heading.replace("_", " ").replace(" ", "\n") if wrapped else heading
        lines.add_column(Text(title), justify="left" if left else "right", vertical="bottom")
    for row in texts:
        lines.add_row(*map(Text, row.values()))
    return rendered(lines)


def _down(texts: Texts, width: int | None = None) -> str:
    """Return a column for each row, beside the headings."""
    lines = grid(show_header=False)
    for _ in range(1 + len(texts)):
        lines.add_column(overflow="fold")
    for heading in texts[0]:
        lines.add_row(Text(heading), *(Text(row[heading]) for row in texts))
    return rendered(lines, width)


def _blocks(texts: Texts, width: int | None) -> str:
    """Return a column for each row, in blocks that fit into ``width``.

    A block takes as many rows as fit; a single row that does not fit is folded.
    """
    blocks: list[Texts] = [[]]
    for row in texts:
        trial = [*blocks[-1], row]
        if width and blocks[-1] and max(map(cell_len, _down(trial).splitlines())) > width:
            blocks.append([row])
        else:
            blocks[-1] = trial
    return "\n\n".join(_down(block, width) for block in blocks)


def _is_word(text: str) -> bool:
    """Return whether a cell is a word or a list, and not a number."""
    try:
        float(text.removesuffix("%"))
    except ValueError:
        return text not in EMPTY_TEXTS
    return False


def grid(show_header: bool = True) -> Table:
    """Return an empty table without lines, for :func:`rendered`."""
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=show_header)


def rendered(lines: Table, width: int | None = None) -> str:
    """Return the table as plain text; without a ``width`` nothing is folded."""
    file = io.StringIO()
    Console(file=file, width=width or 1 << 20, color_system=None).print(lines)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
