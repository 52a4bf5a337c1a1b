"""Sentences about the rows of a study that hold no result: rows left out and rows that failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from .cells import FAILED, LEFT_OUT

SHOWN = 3
"""Number of names, and of reasons of failures, that are written out; the others are counted."""


def left_out(frame: pd.DataFrame) -> list[str]:
    """Return a sentence for each reason why instances were left out, with numbers and names.

    Parameters
    ----------
    frame : DataFrame
        Rows of a results table, see :mod:`qxgap.study.table`.
    """
    rows = frame[frame.status == LEFT_OUT]
    total = len(_instances(frame))
    lines = []
    for reason, part in rows.groupby(_kinds(rows), sort=False):
        names = _instances(part)
        one = len(names) == 1
        lines.append(
            f"{len(names)} of {total} instances {'is' if one else 'are'} left out of "
            f"{_listed(part.task.unique())}: {reason} ({_folded(names)})"
        )
    return lines


def failures(frame: pd.DataFrame) -> list[str]:
    """Return a sentence for each of the first reasons why rows failed, and one for the others.

    Parameters
    ----------
    frame : DataFrame
        Rows of a results table, see :mod:`qxgap.study.table`.
    """
    rows = frame[frame.status == FAILED]
    lines = []
    groups = list(rows.groupby(_reasons(rows), sort=False))
    for reason, part in groups[:SHOWN]:
        number = "1 row" if len(part) == 1 else f"{len(part)} rows"
        what = f"{_listed(part.task.unique())} of {_folded(_instances(part))}"
        lines.append(f"{number} failed ({what}): {reason}")
    rest = sum(len(part) for _, part in groups[SHOWN:])
    if rest:
        lines.append(
            f"{rest} more rows failed for {len(groups) - SHOWN} other reasons: see the columns "
            "status and reason of the table"
        )
    return lines


def _kinds(rows: pd.DataFrame) -> pd.Series:
    """Return the reasons without the counts in brackets, which differ from image to image."""
    return _reasons(rows).str.split(" (", regex=False).str[0]


def _reasons(rows: pd.DataFrame) -> pd.Series:
    unknown = pd.Series("for an unknown reason", rows.index, dtype=object)
    return (rows.reason if "reason" in rows else unknown).astype(str)


def _instances(rows: pd.DataFrame) -> list[str]:
    """Return the names of the instances, each file or image once."""
    keys = [name for name in ("group", "source", "instance") if name in rows]
    return [str(name) for name in rows.drop_duplicates(keys).instance]


def _folded(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else str(last)
