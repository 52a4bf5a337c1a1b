"""The progress of long computations: a bar for terminals of any size, and reports in words."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from tqdm import tqdm

FORM = "{desc} {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
"""The format of the bar: its text, the percentage, and the elapsed and the remaining time."""
Say = Callable[[str], object]
"""A function that is called with a line of text about what is going on; empty when it is over."""
NARROW = 80
"""The width that is assumed for a terminal that reports a width of zero."""


def progress_bar(total: float, desc: str = "", **options: Any) -> tqdm:
    """Return a progress bar on stderr that shows the remaining time.

    Nothing is drawn if stderr is not a terminal.

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
    shape = {"ncols": NARROW, "nrows": 24} if not _columns() else {"dynamic_ncols": True}
    defaults = {"bar_format": FORM, "disable": None, **shape}
    return tqdm(total=total, desc=desc, **{**defaults, **options})


def logs_beside_bars() -> AbstractContextManager[None]:
    """Return a context in which log records are written above a progress bar, not into it.

    Where stderr is no terminal, as in a notebook, no bar is drawn and records need no such care.
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
