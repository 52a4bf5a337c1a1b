"""What a command says in words: a block for each instance, or a compact table of many.

A block is a heading and lines of a label with a sentence. More than ``MOST_BLOCKS`` instances are
printed as a table with one row for each, and a last line that says in words what the table shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from .text_table import fill, grid, rendered, short_names, table
from .words import printable

Row = dict[str, Any]
"""A row of ``--json`` and ``--csv``."""

MOST_BLOCKS = 3
"""Largest number of instances that are printed as blocks."""

NARROWEST_TEXT = 24
"""Width of a sentence below which its label stands on a line of its own."""

INDENT = 2

MORE = "All columns and digits: --json or --csv."


@dataclass(frozen=True)
class Entry:
    """What is printed about one instance, or about a part of it.

    Attributes
    ----------
    file : str
        Path of the instance, of which only the name is printed.
    title : str
        The words after the name, such as the number of qubits.
    rows : sequence of dict
        The rows of ``--json`` and ``--csv``.
    facts : sequence of (str, str)
        The lines of the block: a label, and a short text.
    cells : mapping of str
        The cells of the compact table, by their headings.
    extra : callable, optional
        ``extra(width)`` returns the text below the block, such as a table of energy levels.
    """

    file: str
    title: str
    rows: Sequence[Row]
    facts: Sequence[tuple[str, str]]
    cells: Mapping[str, str] = field(default_factory=dict)
    extra: Callable[[int | None], str] | None = None


def joined(parts: Sequence[Entry]) -> Entry:
    """Return the parts of one instance as one entry.

    Parameters
    ----------
    parts : sequence of Entry
        At least one part.
    """
    first, *_ = parts
    below = [part.extra for part in parts if part.extra]
    return Entry(
        first.file,
        first.title,
        [row for part in parts for row in part.rows],
        [fact for part in parts for fact in part.facts],
        {heading: text for part in parts for heading, text in part.cells.items()},
        (lambda width: "\n\n".join(text(width) for text in below)) if below else None,
    )


def in_words(
    entries: Sequence[Entry], summary: Callable[[list[Row]], str], width: int | None
) -> str:
    """Return what a command found: a block for each entry, or a table of many and its summary.

    Parameters
    ----------
    entries : sequence of Entry
        At least one entry.
    summary : callable
        ``summary(rows)`` returns the last line of a table, from all rows.
    width : int or None
        Width of the terminal in characters; None if there is no limit.
    """
    names = short_names([entry.file for entry in entries])
    if len(entries) <= MOST_BLOCKS:
        return "\n\n".join(_block(entry, names[entry.file], width) for entry in entries)
    lines = [{"file": names[entry.file], **entry.cells} for entry in entries]
    last = f"{summary([row for entry in entries for row in entry.rows])} {MORE}"
    texts = [table(lines, width), fill(last, width)]
    texts += [
        f"{names[entry.file]}\n{entry.extra(width)}" for entry in entries if entry.extra is not None
    ]
    return "\n\n".join(texts)


def _block(entry: Entry, name: str, width: int | None) -> str:
    title = f"{name}: {printable(entry.title)}" if entry.title else name
    text = f"{fill(title, width)}\n{facts_text(entry.facts, width)}"
    return text if entry.extra is None else f"{text}\n\n{entry.extra(width)}"


def facts_text(facts: Iterable[tuple[str, str]], width: int | None) -> str:
    """Return labels and texts in two columns; on a narrow terminal a text is below its label.

    Parameters
    ----------
    facts : iterable of (str, str)
        The labels and the texts.
    width : int or None
        Width in characters; None if there is no limit.
    """
    pairs = [(label, printable(text)) for label, text in facts]
    labels = max((len(label) for label, _ in pairs), default=0)
    if width and width - labels - 2 * INDENT < NARROWEST_TEXT:
        below = [f"{' ' * INDENT}{label}\n{fill(text, width, 2 * INDENT)}" for label, text in pairs]
        return "\n".join(below)
    lines = grid(show_header=False)
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    for label, text in pairs:
        lines.add_row(Text(label), Text(text))
    shown = rendered(lines, width - INDENT if width else None)
    return "\n".join(" " * INDENT + line for line in shown.splitlines())
