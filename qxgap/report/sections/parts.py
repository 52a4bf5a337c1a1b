"""What a section of the report is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..results import Results
from ..sidefiles import SideFiles

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Context:
    """What every section starts from.

    Attributes
    ----------
    results, side : the table and the side files.
    seed : of the bootstrap.
    """

    results: Results
    side: SideFiles
    seed: int


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with the name of its files, what it shows, and how to read it."""

    name: str
    figure: Figure
    alt: str
    caption: str


@dataclass(frozen=True)
class Table:
    """Rows of text under a header; the first ``labels`` columns are names, the others numbers."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    labels: int = 1


@dataclass(frozen=True)
class Section:
    """A question and what the table says of it.

    Attributes
    ----------
    title : the question.
    headline : its answer in a sentence, for the top of the page; empty if there is none.
    findings : sentences.
    pictures, tables : what they rest on.
    missing : what was left out, and why, a sentence each.
    failure : the reason why the question could not be answered at all; empty if it could.
    """

    title: str
    headline: str = ""
    findings: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failure: str = ""


def number(value: float) -> str:
    """Three significant digits; a dash for what is not known."""
    return "-" if value != value else f"{value:.3g}"


def word(name: str) -> str:
    """A name as part of a file's name and of an id."""
    return re.sub(r"\W+", "_", name).strip("_")


def reason_of(error: BaseException) -> str:
    """Return the kind of an error and its message in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def plural(count: int, noun: str) -> str:
    """``1 instance``, ``2 instances``."""
    ending = "" if count == 1 else "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{ending}"
