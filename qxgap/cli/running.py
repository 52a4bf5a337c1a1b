"""How a command runs: its progress line, what Ctrl-C leaves, and which file an error names."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock, Timer
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from ..errors import InputError
from ..progress import Say as Say
from ..progress import quiet
from .blocks import Entry, joined
from .failures import failures
from .interrupt import Interrupted
from .words import printable

T = TypeVar("T")

PROGRESS_DELAY = 2.0
"""Seconds after which a command begins to show its progress."""


def compute_each(
    items: Sequence[tuple[str, T]],
    compute: Callable[[str, T, Say], Iterable[Entry]],
    show: Callable[[list[Entry]], None],
) -> list[Entry]:
    """Compute the entries of every file, print them, and return them.

    If a bad file or Ctrl-C stops the computation, the entries that were computed before are printed
    nevertheless, and the message of the error names the file.

    Parameters
    ----------
    items : sequence of (str, T)
        Name of each file, and its content.
    compute : callable
        ``compute(file, item, say)`` yields the parts of the file's entry one by one; meanwhile
        ``say(text)`` shows its progress.
    show : callable
        ``show(entries)`` prints the entries of all files at the end.
    """
    entries: list[Entry] = []
    try:
        with progress_line() as line:
            for position, (file, item) in enumerate(items, 1):
                of = f"{position} of {len(items)}  " if len(items) > 1 else ""
                say = partial(_say, line, f"{of}{printable(Path(file).name)}")
                say("")
                parts: list[Entry] = []
                try:
                    with naming(file):
                        for part in compute(file, item, say):
                            parts.append(part)  # not extend: an error must lose none of them
                finally:
                    if parts:
                        entries.append(joined(parts))
    except KeyboardInterrupt:
        if entries:
            raise Interrupted("interrupted; the results so far are printed") from None
        raise
    finally:
        if entries:
            show(entries)
    return entries


def _say(line: Say, head: str, text: str) -> None:
    line(f"{head}  {text}")


class ProgressLine:
    """A line on stderr with the elapsed time and what is going on; called with the text.

    It appears once the command has run for ``PROGRESS_DELAY``, if stderr is a terminal, and is
    hidden while the text is empty.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        text = TextColumn(
            "{task.description}",
            markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis"),
        )
        self._line = Progress(
            TimeElapsedColumn(),
            text,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._line.add_task("")
        self._text, self._is_due = "", False
        self._changing = Lock()
        self._timer = Timer(PROGRESS_DELAY, self._begin)
        self._timer.daemon = True
        self._timer.start()

    def __call__(self, text: str) -> None:
        """Show a text; an empty one hides the line."""
        with self._changing:
            self._text = text
            self._show()

    def close(self) -> None:
        """Remove the line."""
        self._timer.cancel()
        self("")

    def _begin(self) -> None:
        with self._changing:
            self._is_due = True
            self._show()

    def _show(self) -> None:
        self._line.update(self._task, description=self._text)
        if self._is_due and self._text:
            self._line.start()
        else:
            self._line.stop()


@contextmanager
def progress_line() -> Iterator[ProgressLine]:
    """Show a progress line on stderr while a command computes; see :class:`ProgressLine`."""
    line = ProgressLine()
    try:
        with quiet():  # computations show no line of their own beside this one
            yield line
    finally:
        line.close()


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
def naming(file: str, kinds: tuple[type[Exception], ...] | None = None) -> Iterator[None]:
    """Prefix the messages of errors with the name of the file.

    These are the errors of certain ``kinds``, by default all that have a message for the user.
    """
    try:
        yield
    except Exception as error:
        known: tuple[type[Exception], ...] = (InputError, *failures()) if kinds is None else kinds
        if not isinstance(error, known) or str(error).startswith(f"{file}:"):
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
