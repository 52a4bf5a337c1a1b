"""The progress of long computations: a bar for terminals of any size, and reports in words."""

from __future__ import annotations

import html
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tqdm import tqdm

from .errors import InputError

FORM = "{desc} {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
"""The format of the bar: its text, the percentage, and the elapsed and the remaining time."""
Say = Callable[[str], object]
"""A function that is called with a line of text about what is going on; empty when it is over."""
Progress = Say | bool | None
"""Who follows a computation: a function that is called with lines of text; True for a line on
stderr; False for nobody; None for a line after ``DELAY`` where a person looks on, in a terminal or
a notebook."""
DELAY = 2.0
"""Seconds after which a computation begins to show what is going on."""
INTERVAL = 0.2
"""Least number of seconds between two texts of the line on stderr."""
NARROW = 80
"""The width that is assumed for a terminal that reports a width of zero."""


def progress_bar(total: float, desc: str = "", **options: Any) -> tqdm:
    """Return a progress bar on stderr that shows the remaining time.

    In a notebook it is a widget if ipywidgets is installed, else text, and nothing of it is left at
    the end. Nothing is drawn outside of terminals and notebooks, where nobody looks on.

    Parameters
    ----------
    total : float
        The whole amount of work, in any unit.
    desc : str
        The text before the bar.
    **options
        Other parameters of :class:`tqdm.tqdm`.

    Returns
    -------
    tqdm.tqdm
        The bar; call its ``update`` with the amount of work that was done.
    """
    if in_notebook() and find_spec("ipywidgets"):
        from tqdm.notebook import tqdm as widget

        return widget(total=total, desc=desc, **{"bar_format": FORM, "leave": False, **options})
    shape = {"ncols": NARROW, "nrows": 24} if not _columns() else {"dynamic_ncols": True}
    defaults: dict[str, Any] = {"bar_format": FORM, "disable": None, **shape}
    if in_notebook():
        defaults |= {"disable": False, "leave": False, "file": NotebookLine()}
    return tqdm(total=total, desc=desc, **{**defaults, **options})


class NotebookLine(io.TextIOBase):
    """A file whose last line a notebook shows in place; of an empty line nothing is left.

    Text on stderr would stay in the saved notebook, and on every page that is made of it.
    """

    def __init__(self) -> None:
        self._display: Any = None

    def write(self, text: str) -> int:
        """Show what follows the last carriage return."""
        output: Any = import_module("IPython.display")  # only a notebook has it
        line = text.rsplit("\r", 1)[-1].strip()
        shown = output.HTML(f'<pre style="margin:0">{html.escape(line)}</pre>' if line else "")
        if self._display is not None:
            self._display.update(shown)
        elif line:
            self._display = output.display(shown, display_id=True)
        return len(text)


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _is_watched() -> bool:
    """Return whether a person can see what is written to stderr."""
    return in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


_lines = threading.local()
"""``_lines.shown``: whether this thread shows a line, or must not; others in it are left out."""


@contextmanager
def quiet() -> Iterator[None]:
    """Return a context in which no computation of this thread shows a line by itself."""
    before = getattr(_lines, "shown", False)
    _lines.shown = True
    try:
        yield
    finally:
        _lines.shown = before


@contextmanager
def followed(progress: Progress, head: str = "") -> Iterator[Say]:
    """Return a context that provides the function with which a computation reports.

    Within another computation that shows its line, a computation shows nothing by itself.

    Parameters
    ----------
    progress : callable, bool or None
        Who follows the computation, as the user said it.
    head : str, optional
        What is computed, for the beginning of the line on stderr.

    Raises
    ------
    InputError
        If ``progress`` is none of these.
    """
    if callable(progress):
        yield progress
        return
    if progress is not None and not isinstance(progress, bool):
        raise InputError(f"progress = {progress!r}; give True, False, or a function of a text")
    if progress is False or getattr(_lines, "shown", False) or not (progress or _is_watched()):
        yield silent
        return
    line = Line(head)
    try:
        with quiet():
            yield line
    finally:
        line.close()


class Line:
    """A line on stderr that says what is going on; it appears after ``DELAY`` and goes at the end.

    Parameters
    ----------
    head : str
        What is computed.
    """

    def __init__(self, head: str) -> None:
        self._head, self._text, self._shown_at = head, "", 0.0
        self._bar: tqdm | None = None
        self._changing = threading.Lock()
        self._is_open, self._is_due = True, False
        self._timer = threading.Timer(DELAY, self._begin)
        self._timer.daemon = True
        self._timer.start()

    def __call__(self, text: str) -> None:
        """Show a text after the head."""
        with self._changing:
            self._text = text
            if self._is_due and time.monotonic() - self._shown_at >= INTERVAL:
                self._show()

    def close(self) -> None:
        """Remove the line."""
        self._timer.cancel()
        with self._changing:
            self._is_open = False
            if self._bar is not None:
                self._bar.close()

    def _begin(self) -> None:
        with self._changing:
            self._is_due = True
            if self._is_open:
                self._show()

    def _show(self) -> None:
        self._shown_at = time.monotonic()
        if self._bar is None:
            width = {"ncols": NARROW} if not _columns() else {"dynamic_ncols": True}
            form = "{desc} [{elapsed}]"
            file = NotebookLine() if in_notebook() else None  # None is stderr
            self._bar = tqdm(bar_format=form, leave=False, disable=False, file=file, **width)
        self._bar.set_description_str(": ".join(filter(None, (self._head, self._text))))


def logs_beside_bars() -> AbstractContextManager[None]:
    """Return a context in which log records are written above a progress bar, not into it.

    Elsewhere, as in a notebook, records are written as they come.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        return nullcontext()
    from tqdm.contrib.logging import logging_redirect_tqdm  # in a notebook it asks for ipywidgets

    return logging_redirect_tqdm()


def _columns() -> int:
    """Return the width of the terminal; 0 if there is none or its width is unknown."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return 0


def silent(text: str) -> None:
    """Do nothing: the report of a computation that nobody follows.

    Parameters
    ----------
    text : str
        What is going on.
    """
