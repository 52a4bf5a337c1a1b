"""Rows as a table that fits the terminal."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

Texts = list[dict[str, str]]
"""One row each: heading -> what is printed; all rows have the same headings."""

SHOWN = 3
"""So many entries of a list that is longer than twice this are printed."""

PATHS = ("instance", "file", "source")
"""Columns of files, of which the name is printed."""

NOTHING = ("-", "", "nan", "inf", "-inf")
"""A column of these only is not printed."""


def terminal_width() -> int | None:
    """Columns that a table may have; None for no limit.

    They are those of the terminal. Where the output goes into a file or a pipe there is no limit,
    so that a row stays a line, unless the environment's ``COLUMNS`` sets one.
    """
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table(
    rows: Sequence[Mapping[str, Any]], width: int | None = None, minor: Sequence[str] = ()
) -> str:
    """Write rows as a table, in the first of these forms that ``width`` allows.

    A line for each row; a column for each row; a line for each row with headings of several lines
    and, above them, what all rows share; the same without the ``minor`` columns; columns for rows
    in several blocks, one below the other. Columns that hold nothing are left out.

    Parameters
    ----------
    rows : sequence of mappings
        Heading -> value; the headings of the first row are those of all.
    width : int, optional
        Columns of the terminal; by default there is no limit.
    minor : sequence of str
        Headings that may be left out, which a last line then says.
    """
    texts = _texts(rows)
    if width is None:
        return _across(texts)
    for form in _forms(texts, width, minor):
        if max(map(cell_len, form.splitlines()), default=0) <= width:
            return form
    return _blocks(texts, width)


def columns(rows: Sequence[Mapping[str, Any]], width: int | None = None) -> str:
    """Write rows as the columns of a table, in several blocks where ``width`` asks for them."""
    return _blocks(_texts(rows), width)


def cell(value: Any) -> str:
    """Write a value short: six digits, ``-`` for None, the beginning of a long list."""
    if isinstance(value, list | tuple):
        shown = len(value) if len(value) <= 2 * SHOWN else SHOWN
        items = [cell(item) for item in value[:shown]]
        left = len(value) - shown
        return f"[{', '.join([*items, f'... {left} more'] if left else items)}]"
    if isinstance(value, float):
        return f"{value:.6g}"
    return "-" if value is None else printable(str(value))


def printable(text: str) -> str:
    """``text`` with line breaks, terminal codes and bytes that are no text written as escapes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _texts(rows: Sequence[Mapping[str, Any]]) -> Texts:
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
        cells.append({heading: cell(value) for heading, value in {**values, **names}.items()})
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


def _forms(texts: Texts, width: int, minor: Sequence[str]) -> Iterator[str]:
    """All but the last of the forms that :func:`table` lists."""
    yield _across(texts)
    yield _down(texts)
    shared = {
        heading: texts[0][heading]
        for heading in (texts[0] if len(texts) > 1 else ())
        if len({row[heading] for row in texts}) == 1
    }
    said = textwrap.fill(
        "all rows: " + ", ".join(f"{heading} {text}" for heading, text in shared.items()), width
    )
    above = f"{said}\n" if shared else ""
    varied = [{k: v for k, v in row.items() if k not in shared} for row in texts]
    yield above + _across(varied, wrapped=True)
    left_out = [heading for heading in minor if heading in varied[0]]
    short = [{k: v for k, v in row.items() if k not in left_out} for row in varied]
    note = textwrap.fill(f"not shown, see --json: {', '.join(left_out)}", width)
    yield f"{above}{_across(short, wrapped=True)}\n{note}"


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
