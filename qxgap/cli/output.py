"""The output of the commands: words, JSON, CSV, and the folders that they write to."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import InputError
from ..results import plain
from .blocks import Entry, Row, in_words
from .text_table import hanging, terminal_width
from .words import printable

if TYPE_CHECKING:
    from ..report import Report
    from ..report.findings import Answer


class Form(Enum):
    """The form of what a command prints."""

    WORDS = "words for a person"
    JSON = "JSON with all keys and digits"
    CSV = "CSV with all columns and digits"

    @classmethod
    def of(cls, as_json: bool, as_csv: bool) -> Form:
        """Return the form that the options ``--json`` and ``--csv`` choose."""
        if as_json and as_csv:
            raise InputError("--json and --csv exclude each other; give one of them")
        return cls.JSON if as_json else cls.CSV if as_csv else cls.WORDS


def print_entries(
    entries: Sequence[Entry], form: Form, summary: Callable[[list[Row]], str]
) -> None:
    """Print what a command has computed.

    Parameters
    ----------
    entries : sequence of Entry
        At least one entry.
    form : Form
        The form.
    summary : callable
        ``summary(rows)`` returns a sentence about all rows, which ends the table of many entries.
    """
    if form is Form.WORDS:
        typer.echo(in_words(entries, summary, terminal_width()))
    else:
        print_rows([row for entry in entries for row in entry.rows], form)


def print_answers(answers: Sequence[Answer], place: str, next_step: str) -> None:
    """Print six lines: the four answers, where the results are, and what to do next.

    Parameters
    ----------
    answers : sequence of Answer
        The answers; each line has the question, the verdict, the sentence and how sure it is.
    place : str
        What was written, and where.
    next_step : str
        What to do next.
    """
    lines = [
        f"{answer} How sure: {answer.certainty}." if answer.known else str(answer)
        for answer in answers
    ]
    width = terminal_width()
    for line in (*lines, place, f"Next: {next_step}"):
        typer.echo(hanging(printable(line), width))


def print_rows(rows: Sequence[Row], form: Form) -> None:
    """Print rows with all digits, as JSON or as CSV."""
    if form is Form.JSON:
        print_json(rows)
    else:
        typer.echo(csv_text(rows), nl=False)


def print_json(value: Any) -> None:
    """Print JSON, with infinite and undefined numbers as null."""
    typer.echo(json.dumps(plain(value), indent=1, allow_nan=False))


def csv_text(rows: Sequence[Row]) -> str:
    """Return rows as CSV: a line of headings, then a line for each row.

    Cells without a value are empty, and lists are written as in JSON.

    Parameters
    ----------
    rows : sequence of dict
        The value under each heading; all headings of all rows become columns.
    """
    columns = list(dict.fromkeys(heading for row in rows for heading in row))
    sink = io.StringIO()
    writer = csv.DictWriter(sink, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({heading: _csv_cell(plain(value)) for heading, value in row.items()})
    return sink.getvalue()


def _csv_cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def refuse_inputs(outputs: Iterable[Path], inputs: Iterable[str | Path]) -> None:
    """Raise InputError if one of the ``outputs`` is an input, under this or another name."""
    read = {_identity(path) for path in inputs} - {None}
    for path in outputs:
        if _identity(path) in read:
            raise InputError(f"{path}: is an input, which must not change; choose another --out")


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Return the identity of a file, which all its names share; None if there is no file."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return None
    return status.st_dev, status.st_ino


@contextmanager
def results_folder(folder: Path) -> Iterator[None]:
    """Make ``folder`` unless it exists, and remove it if an error leaves it empty.

    Raises
    ------
    InputError
        If the folder cannot be made.
    """
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made a folder ({error.strerror})") from error
    try:
        yield
    except BaseException:
        with suppress(OSError):  # the first folder that is not empty ends the loop
            for path in new:
                path.rmdir()
        raise


def require_distinct(names: Iterable[str], what: str, suffix: str = "") -> None:
    """Refuse to write two results to one file."""
    ((name, number),) = Counter(names).most_common(1)
    if number > 1:
        raise InputError(f"{number} {what} would be written to {name}{suffix}; rename them")


def say_failures(written: Report) -> None:
    """Print on stderr the parts of the page that could not be made, and exit with status 1."""
    for failure in written.failures:
        typer.echo(f"qxgap: {failure}", err=True)
    if written.failures:
        raise typer.Exit(1)
