"""What a section of the report is made of: findings, figures, tables."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...statistics import Estimate
from ..findings import Finding

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with the name of its files, what it shows, and how to read it.

    Attributes
    ----------
    name : str
        Name of the files without their ending.
    figure : Figure
        The figure.
    alt : str
        A description for those who cannot see it.
    caption : str
        What is drawn, and how to read it.
    """

    name: str
    figure: Figure
    alt: str
    caption: str


@dataclass(frozen=True)
class Table:
    """Rows of names and numbers under a header.

    Attributes
    ----------
    caption : str
        What the table shows.
    header : sequence of str
        Names of the columns.
    rows : sequence of sequences of str or Estimate
        The cells.
    labels : int
        Number of columns, the first ones, that hold names; the others hold numbers.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    labels: int = 1


@dataclass(frozen=True)
class Section:
    """A question and its answer.

    Attributes
    ----------
    title : str
        The question.
    headline : str
        The answer in one sentence, for the top of the page; empty if there is none.
    findings : list of Finding
        The answer in sentences, with what they rest on.
    pictures : list of Picture
        The figures that show it.
    tables : list of Table
        The numbers behind it.
    missing : list of str
        A sentence for each thing that was left out, with the reason.
    failure : str
        Why the question could not be answered at all; empty if it could.
    """

    title: str
    headline: str = ""
    findings: list[Finding] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failure: str = ""


def number(value: float) -> str:
    """Return a number with two significant digits, or as a whole number; a dash for NaN."""
    if value != value:
        return "-"
    return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"


def cell_text(cell: Any) -> str:
    """Return a cell as text; an estimate with its interval, with two significant digits."""
    if not isinstance(cell, Estimate):
        return str(cell)
    ends = f"{number(cell.low)}, {number(cell.high)}"
    known = not (math.isnan(cell.low) or math.isnan(cell.high))
    return f"{number(cell.value)} [{ends if known else 'no interval'}]"


def word(name: str) -> str:
    """Return a name as it may stand in the name of a file and in an id."""
    return re.sub(r"\W+", "_", name).strip("_")


def reason_of(error: BaseException) -> str:
    """Return the kind of an error and its message in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
