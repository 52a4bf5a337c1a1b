"""Rows as a table that fits the terminal."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

Texts = list[dict[str, str]]
"""One row each: heading -> what is printed; all rows have the same headings."""

NARROWEST = 30
"""A terminal of fewer columns breaks the lines of a table of these."""

SHOWN = 3
"""So many entries of a list that is longer than twice this are printed."""

PATHS = ("instance", "file", "source")
"""Columns of files, of which the name is printed."""

NOTHING = ("-", "", "inf", "-inf")
"""A column of these only is not printed."""


def terminal_width() -> int | None:
    """Columns that a table may have, ``NARROWEST`` at least; None for no limit.

    They are those of the terminal. Where the output goes into a file or a pipe there is no limit,
    so that a row stays a line, unless the environment's ``COLUMNS`` sets one.
    """
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return max(int(told), NARROWEST)
    if sys.stdout is None or not sys.stdout.isatty():  # None: closed by the shell
        return None
    return max(shutil.get_terminal_size().columns, NARROWEST)


def table(
    rows: Sequence[Mapping[str, Any]],
    width: int | None = None,
    *,
    minor: Sequence[str] = (),
    shared: Sequence[str] = (),
    digits: int = 6,
) -> str:
    """Write rows as a table, in the first of these forms that ``width`` allows.

    A line for each row; the same with headings of several lines and, above them, the ``shared``
    columns if all rows are the same there; a column for each row; the second form without the
    ``minor`` columns; columns for rows in several blocks, one below the other. Columns that hold
    nothing are left out.

    Parameters
    ----------
    rows : sequence of mappings
        Heading -> value.
    width : int, optional
        Columns of the terminal; by default there is no limit.
    minor : sequence of str
        Headings that may be left out, which a last line then says.
    shared : sequence of str
        Headings that may stand above the table, with their value.
    digits : int
        Significant digits of numbers.
    """
    texts = _texts(rows, digits)
    if width is None:
        return _across(texts)
    for form in _forms(texts, width, minor, shared):
        if max(map(cell_len, form.splitlines()), default=0) <= width:
            return form
    return _blocks(texts, width)


def columns(rows: Sequence[Mapping[str, Any]], width: int | None = None) -> str:
    """Write rows as the columns of a table, in several blocks where ``width`` asks for them."""
    return _blocks(_texts(rows, 6), width)


def fill(text: str, width: int | None) -> str:
    """Break ``text`` into lines of ``width``, if there is one."""
    return textwrap.fill(text, width) if width else text


def cell(value: Any, digits: int = 6) -> str:
    """Write a value short: few digits, ``-`` for None and nan, the beginning of a long list."""
    if isinstance(value, list | tuple):
        shown = len(value) if len(value) <= 2 * SHOWN else SHOWN
        items = [cell(item, digits) for item in value[:shown]]
        left = len(value) - shown
        return f"[{', '.join([*items, f'... {left} more'] if left else items)}]"
    if value is None or value != value:
        return "-"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    return printable(str(value))


def printable(text: str) -> str:
    """``text`` with line breaks, terminal codes and bytes that are no text written as escapes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _texts(rows: Sequence[Mapping[str, Any]], digits: int) -> Texts:
    """Cells as text, files by their names, without the columns that hold nothing."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    short = {heading: _short_names([row.get(heading) for row in rows]) for heading in PATHS}
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
    told = [heading for heading in headings if any(row[heading] not in NOTHING for row in cells)]
    return [{heading: row[heading] for heading in told} for row in cells]


def _short_names(paths: Sequence[Any]) -> dict[Any, str]:
    """Path -> its name, with as many of its folders as tell all of them apart."""
    parts = {path: PurePath(path).parts for path in paths if path}
    names: dict[Any, str] = {}
    for length in range(1, 1 + max(map(len, parts.values()), default=0)):
        names = {path: str(PurePath(*part[-length:])) for path, part in parts.items()}
        if len(set(names.values())) == len(names):
            break
    return names


def _forms(texts: Texts, width: int, minor: Sequence[str], shared: Sequence[str]) -> Iterator[str]:
    """All but the last of the forms that :func:`table` lists."""
    yield _across(texts)
    first = texts[0]
    above = {
        heading: first[heading]
        for heading in shared
        if heading in first and all(row[heading] == first[heading] for row in texts)
    }
    said = ", ".join(f"{heading} {text}" for heading, text in above.items())
    head = f"{fill(said, width)}\n" if above else ""
    left_out = [heading for heading in minor if heading in first and heading not in above]
    note = fill(f"not shown, see --json: {', '.join(left_out)}", width)
    yield head + _across(_without(texts, above), wrapped=True)
    yield _down(texts)
    yield f"{head}{_across(_without(texts, {*above, *left_out}), wrapped=True)}\n{note}"


def _without(texts: Texts, headings: Container[str]) -> Texts:
    return [{k: text for k, text in row.items() if k not in headings} for row in texts]


def _across(texts: Texts, wrapped: bool = False) -> str:
    """A line for each row; ``wrapped`` headings have a line for each word."""
    grid = _grid()
    for heading in texts[0]:
        left = any(_is_word(row[heading]) for row in texts)
        title = heading.replace("_", "\n") if wrapped else heading
        grid.add_column(Text(title), justify="left" if left else "right", vertical="bottom")
    for row in texts:
        grid.add_row(*map(Text, row.values()))
    return _rendered(grid)


def _down(texts: Texts, width: int | None = None) -> str:
    """A column for each row, beside the headings."""
    grid = _grid(show_header=False)
    for _ in range(1 + len(texts)):
        grid.add_column(overflow="fold")
    for heading in texts[0]:
        grid.add_row(Text(heading), *(Text(row[heading]) for row in texts))
    return _rendered(grid, width)


def _blocks(texts: Texts, width: int | None) -> str:
    """Columns for rows, as many beside each other as fit; what is too wide alone is folded."""
    blocks: list[Texts] = [[]]
    for row in texts:
        trial = [*blocks[-1], row]
        if width and blocks[-1] and max(map(cell_len, _down(trial).splitlines())) > width:
            blocks.append([row])
        else:
            blocks[-1] = trial
    return "\n\n".join(_down(block, width) for block in blocks)


def _is_word(text: str) -> bool:
    """Whether a cell holds a word or a list, not a number."""
    try:
        float(text)
    except ValueError:
        return text not in NOTHING
    return False


def _grid(show_header: bool = True) -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=show_header)


def _rendered(grid: Table, width: int | None = None) -> str:
    """The table as plain text; without a ``width`` nothing is folded."""
    file = io.StringIO()
    Console(file=file, width=width or 1 << 20, color_system=None).print(grid)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
