"""What every finding is computed from: the table, the files beside it, and the seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, NamedTuple, TypeVar

import pandas as pd

from ..results_table import Results
from ..sidefiles import SideFiles

Value = TypeVar("Value")


class Terms(NamedTuple):
    """Names of what is looked for: of a feature selection, or of any other problem."""

    solution: str
    pair: str
    state: str


SELECTION = Terms("the best selection", "the two best selections", "selection")
GROUND = Terms("a ground state", "the two lowest energies", "state")


@dataclass(frozen=True, eq=False)
class Context:
    """The results of a study as findings and sections read them.

    Attributes
    ----------
    results : Results
        The table of the study.
    side : SideFiles
        The files beside the table; by default none.
    seed : int
        Seed of every bootstrap; by default 1.
    """

    results: Results
    side: SideFiles = field(default_factory=SideFiles)
    seed: int = 1
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)

    def once(self, function: Callable[[Context], Value]) -> Value:
        """Return ``function(self)``, which is computed the first time only."""
        if function not in self._known:
            self._known[function] = function(self)
        value: Value = self._known[function]
        return value

    @cached_property
    def terms(self) -> Terms:
        """The names of what is looked for."""
        frame = self.results.frame
        rows = frame[frame.task != "xai"]
        return SELECTION if len(rows) and rows.tradeoff.notna().all() else GROUND

    @cached_property
    def num_problems(self) -> int:
        """Number of problems in the table, computed or not; each file or image counts once.

        If there are rows about problems, rows that explain images do not count.
        """
        return len(self.problems)

    @cached_property
    def problems(self) -> pd.DataFrame:
        """One row for each problem, see :attr:`num_problems`."""
        frame = self.results.frame
        rows = frame[frame.task != "xai"]
        return distinct(rows if len(rows) else frame)


def distinct(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each instance, that is, for each file or image."""
    keys = [name for name in ("group", "source", "instance") if name in frame]
    return frame.drop_duplicates(keys)


def once(function: Callable[[Context], Value]) -> Callable[[Context], Value]:
    """Return a function of a context that computes its value once for each context."""

    @wraps(function)
    def remembered(context: Context) -> Value:
        return context.once(function)

    return remembered
