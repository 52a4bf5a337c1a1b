"""The figure of a check: a panel for each of the four questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ... import plotting
from ...dynamics import AnnealResult
from ...samples import Levels, Model, Reads, energy_levels, level_counts
from ..findings import Question
from .check_parts import CheckParts
from .check_rows import source_name


def draw_check(check: CheckParts, ax: Any = None) -> Any:
    """Draw a panel for each question; a panel of what is not computed says why."""
    figure, panels = plotting.four_panels([question.value for question in Question], ax)
    for panel, question in zip(panels, Question, strict=True):
        if draw_question(check, question, panel) is None:
            plotting.note(_why(check, question), panel)
    return figure


def draw_question(check: CheckParts, question: Question, ax: Axes | None = None) -> Figure | None:
    """Draw the figure of one question; None if nothing is computed that it could show."""
    return DRAWN[question](check, ax)


def _why(check: CheckParts, question: Question) -> str:
    """Return why a question has no figure."""
    answer = next(answer for answer in check.answers if answer.question is question)
    return answer.sentence


def _gap(check: CheckParts, ax: Axes | None) -> Figure | None:
    if check.gap is None or not np.isfinite(check.gap.value):
        return None
    return check.gap.plot(ax)


def _success(check: CheckParts, ax: Axes | None) -> Figure | None:
    if check.success is None:
        return None
    figure: Figure = check.success.plot(ax)
    figure_axis = ax or figure.axes[0]
    figure_axis.set_ylim(0.0, 1.05)
    return figure


def _reads(check: CheckParts, ax: Axes | None) -> Figure | None:
    """Draw the reads of the last source, which are the user's own if there are any."""
    if not check.reads:
        return None
    source, reads = list(check.reads.items())[-1]
    levels, laws = _levels(check, reads)
    counts = level_counts(levels, reads)
    energies = levels.energies - levels.energies[0]
    figure = plotting.level_histogram(counts, energies, laws, ax=ax)
    (ax or figure.axes[0]).set_xlabel(f"energy above the lowest, reads of {source_name(source)}")
    return figure


def _levels(check: CheckParts, reads: Reads) -> tuple[Levels, dict[str, Any]]:
    """Return the energy levels and the predictions on them; of the reads only if d is large."""
    if not check.anneals:
        energies = np.sort(reads.level_energies)
        first = np.diff(energies, prepend=-np.inf) > reads.problem.ground_tolerance
        return Levels(energies[first], np.ones(int(first.sum()), dtype=np.int64)), {}
    levels = energy_levels(check.problem)
    return levels, {f"predicted, tau = {run.tau:g}": _law(run) for run in check.anneals}


def _law(run: AnnealResult) -> Any:
    return Model.from_probabilities(run.problem, "anneal", run.probabilities).law


def _baselines(check: CheckParts, ax: Axes | None) -> Figure | None:
    table = baseline_table(check)
    return None if table.empty else plotting.baseline_energies(table, ax=ax)


DRAWN: Mapping[Question, Callable[[CheckParts, Axes | None], Figure | None]] = {
    Question.HARDNESS: _gap,
    Question.SUCCESS: _success,
    Question.REALITY: _reads,
    Question.NEED: _baselines,
}
"""The function that draws the figure of each question."""


def baseline_table(check: CheckParts) -> pd.DataFrame:
    """Return method, energy, excess and is_optimal of rules and of the best read of each source."""
    rows: list[dict[str, Any]] = []
    selections = check.selections
    if selections is None:
        return pd.DataFrame(columns=["method", "energy", "excess", "is_optimal"])
    proven = selections.optimum.status.name == "OPTIMAL"
    for row in selections.to_dataframe().reset_index().to_dict("records"):
        name = row["method"] if row["method"] != "exact" or proven else "best known"
        rows.append({**row, "method": name})
    best = selections.problem.energy(selections.optimum.occupations, offset=False)
    for source, reads in check.reads.items():
        excess = float(reads.level_energies.min() - best)
        rows.append(
            {
                "method": f"best read of\n{source_name(source)}",
                "energy": float(reads.energies.min()),
                "excess": excess,
                "is_optimal": excess <= selections.problem.ground_tolerance,
            }
        )
    return pd.DataFrame(rows)[["method", "energy", "excess", "is_optimal"]]
