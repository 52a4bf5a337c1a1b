"""The output of the commands: rows, JSON, progress lines and folders."""

from __future__ import annotations

import json
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from ..dynamics import IntegrationError
from ..errors import InputError
from ..linalg import ConvergenceError
from ..results import plain
from .interrupt import Interrupted
from .text_table import columns, printable, table, terminal_width

if TYPE_CHECKING:
    from ..report import Report

T = TypeVar("T")
Row = dict[str, Any]
Say = Callable[[str], None]
"""A function that shows a text on the progress line."""

ERRORS: tuple[type[Exception], ...] = (InputError, ConvergenceError, IntegrationError)
"""The errors with a message for the user."""

PROGRESS_DELAY = 2.0
"""Seconds after which a command begins to show its progress."""


def print_each(
    items: Sequence[tuple[str, T]],
    compute: Callable[[str, T, Say], Iterable[Row]],
    show: Callable[[list[Row]], None],
) -> list[Row]:
    """Compute the rows of every file, print them, and return them.

    If a bad file or Ctrl-C stops the computation, the rows that were computed before are printed
    nevertheless, and the message of the error names the file.

    Parameters
    ----------
    items : sequence of (str, T)
        Name of each file, and its content.
    compute : callable
        ``compute(file, item, say)`` yields rows one by one; meanwhile ``say(text)`` shows its
        progress.
    show : callable
        ``show(rows)`` prints all rows at the end.
    """
    rows: list[Row] = []
    try:
        with progress_line() as line:
            for number, (file, item) in enumerate(items, 1):
                of = f"{number} of {len(items)}  " if len(items) > 1 else ""
                say = partial(_say, line, f"{of}{printable(Path(file).name)}")
                say("")
                with naming(file):
                    for row in compute(file, item, say):
                        rows.append(row)  # not extend: an error must lose none of them
    except KeyboardInterrupt:
        if rows:
            raise Interrupted("interrupted; the results so far are printed") from None
        raise
    finally:
        if rows:
            show(rows)
    return rows


def _say(line: Say, head: str, text: str) -> None:
    line(f"{head}  {text}")


@contextmanager
def progress_line() -> Iterator[Say]:
    """Show a progress line on stderr after ``PROGRESS_DELAY``, if stderr is a terminal."""
    console = Console(stderr=True)
    parts = TimeElapsedColumn(), TextColumn("{task.description}", markup=False)
    line = Progress(*parts, console=console, transient=True, disable=not console.is_terminal)
    task = line.add_task("")
    start = Timer(PROGRESS_DELAY, line.start)
    start.daemon = True
    start.start()
    try:
        yield lambda text: line.update(task, description=text)
    finally:
        start.cancel()
        start.join()
        line.stop()


@contextmanager
def kept_in(checkpoint: Path | None) -> Iterator[None]:
    """Raise Interrupted after Ctrl-C, with a message on whether the progress was written."""
    try:
        yield
    except KeyboardInterrupt:
        if checkpoint and checkpoint.exists():
            left = f"{checkpoint} stores the progress: the same command continues from there"
        else:
            left = "the progress of this anneal is lost; --checkpoint FILE stores it"
        raise Interrupted(f"interrupted; {left}") from None


@contextmanager
def naming(file: str, kinds: tuple[type[Exception], ...] = ERRORS) -> Iterator[None]:
    """Prefix the messages of errors of these ``kinds`` with the name of the file."""
    try:
        yield
    except kinds as error:
        if str(error).startswith(f"{file}:"):
            raise
        raise type(error)(f"{file}: {error}") from error


@contextmanager
def warning_lines(kind: type[Warning]) -> Iterator[None]:
    """Print every warning of a kind as a line on stderr; other warnings are shown as ever."""
    with warnings.catch_warnings():  # it restores ``showwarning`` too
        warnings.simplefilter("always", kind)
        show = warnings.showwarning

        def show_line(
            message: Warning | str, category: type[Warning], *place: Any, **more: Any
        ) -> None:
            if issubclass(category, kind):
                typer.echo(f"qxgap: {message}", err=True)
            else:
                show(message, category, *place, **more)

        warnings.showwarning = show_line
        yield


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


def print_rows(
    rows: list[Row],
    as_json: bool,
    *,
    minor: Sequence[str] = (),
    shared: Sequence[str] = (),
    group: str | None = None,
) -> None:
    """Print rows as JSON or as a table.

    Parameters
    ----------
    rows : list of dict
        The value under each heading.
    as_json : bool
        Whether to print JSON, with all digits, and infinite and undefined numbers as null.
    minor : sequence of str, optional
        Headings that are left out where the terminal is narrow.
    shared : sequence of str, optional
        Headings that are printed once above the table, where the terminal is narrow and all rows
        agree in them.
    group : str, optional
        A heading; on a terminal, rows that agree in it form a table of their own.
    """
    if as_json:
        print_json(rows)
        return
    width = terminal_width()
    groups = [rows]
    if group and width:
        values = dict.fromkeys(row[group] for row in rows)
        groups = [[row for row in rows if row[group] == value] for value in values]
    texts = [table(some, width, minor=minor, shared=shared) for some in groups]
    typer.echo("\n\n".join(texts))


def without_unknown(rows: list[Row]) -> list[Row]:
    """Return the rows without the headings under which every value is None."""
    unknown = [key for key in rows[0] if all(row[key] is None for row in rows)]
    return [{key: value for key, value in row.items() if key not in unknown} for row in rows]


def print_columns(rows: list[Row], as_json: bool) -> None:
    """Print rows with many headings: as JSON, or each row as a column of a table."""
    if as_json:
        print_json(rows)
    else:
        typer.echo(columns(rows, terminal_width()))


def print_json(value: Any) -> None:
    """Print JSON, with infinite and undefined numbers as null."""
    typer.echo(json.dumps(plain(value), indent=1, allow_nan=False))


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
