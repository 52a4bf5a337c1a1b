"""The figure of a check: a panel for each of the four questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ... import plotting
from ...dynamics import AnnealResult
from ...samples import Levels, Model, Reads, energy_levels, level_counts
from ..findings import Question
from .check_parts import CheckParts
from .check_rows import source_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_check(check: CheckParts, ax: Any = None) -> Any:
    """Draw gap, success, reads and baselines; a panel of what is not computed says why."""
    figure, panels = plotting.four_panels([question.value for question in Question], ax)
    for panel, draw in zip(panels, (_gap, _success, _reads, _baselines), strict=True):
        draw(check, panel)
    return figure


def _why(check: CheckParts, what: str) -> str:
    return " ".join(check.missing) or f"{what} not computed."


def _gap(check: CheckParts, ax: Axes) -> None:
    if check.gap is None or not np.isfinite(check.gap.value):
        why = check.gap.status.value if check.gap else _why(check, "The minimum gap is")
        plotting.note(why, ax)
        return
    check.gap.plot(ax)


def _success(check: CheckParts, ax: Axes) -> None:
    if check.success is None:
        plotting.note(_why(check, "The success probability is"), ax)
        return
    check.success.plot(ax)
    ax.set_ylim(0.0, 1.05)


def _reads(check: CheckParts, ax: Axes) -> None:
    """Draw the reads of the last source, which are the user's own if there are any."""
    if not check.reads:
        plotting.note(_why(check, "Reads are"), ax)
        return
    source, reads = list(check.reads.items())[-1]
    levels, laws = _levels(check, reads)
    counts = level_counts(levels, reads)
    plotting.level_histogram(counts, levels.energies - levels.energies[0], laws, ax=ax)
    ax.set_xlabel(f"energy above the lowest, reads of {source_name(source)}")


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


def _baselines(check: CheckParts, ax: Axes) -> None:
    table = baseline_table(check)
    if table.empty:
        plotting.note(_why(check, "The exact selection is"), ax)
        return
    plotting.baseline_energies(table, ax=ax)


def baseline_table(check: CheckParts) -> pd.DataFrame:
    """Return method, energy, excess and is_optimal of rules and of the best read of each source."""
    rows: list[dict[str, Any]] = []
    selections = check.selections
    if selections is None:
        return pd.DataFrame(columns=["method", "energy", "excess", "is_optimal"])
    proven = selections.optimum.status.name == "OPTIMAL"
    for row in selections.to_frame().reset_index().to_dict("records"):
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
