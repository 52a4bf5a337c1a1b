"""The progress bar of what takes long, for terminals of any size."""

from __future__ import annotations

import os
import sys
from typing import Any

from tqdm import tqdm

FORM = "{desc} {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
NARROW = 80
"""Columns that are assumed where a terminal says that it has none."""


def progress_bar(total: float, desc: str = "", **options: Any) -> tqdm:
    """Return a bar on stderr with the time that is left; none is drawn where no one looks.

    Parameters
    ----------
    total : float
        Work in all, in any unit.
    desc : str
        What is written before the bar.
    options
        Others of :class:`tqdm.tqdm`.
    """
    shape = {"ncols": NARROW, "nrows": 24} if not _columns() else {"dynamic_ncols": True}
    defaults = {"bar_format": FORM, "disable": None, **shape}
    return tqdm(total=total, desc=desc, **{**defaults, **options})


def _columns() -> int:
    """Columns of the terminal; 0 if there is none or it does not say."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return 0
