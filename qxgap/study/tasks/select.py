"""The task ``select``: the selections of every rule, at any number of qubits."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from ...problem import OptimumStatus, Selections
from ..cells import ProblemCell, Row
from .base import Column, Kind, ProblemTask
from .work import Work

RULES = {
    "top_k": "the k maps of the largest rewards, with k the size of the optimum",
    "greedy": "greedy descent",
    "random_k": "k random maps, with k the size of the optimum",
    "all_positive": "all selectable maps",
}
"""Attributes of :class:`qxgap.Selections`, and descriptions of the selections."""

SELECTION_COLUMNS: Mapping[str, Column] = {
    "num_fixed": Column(Kind.INTEGER, "Number of variables that the reduction fixes."),
    "selected": Column(Kind.LABELS, "Labels of the exact optimum."),
    **{name: Column(Kind.LABELS, f"Labels of {rule}.") for name, rule in RULES.items()},
    **{
        f"{name}_is_optimal": Column(Kind.BOOLEAN, f"Whether {rule} gives an exact optimum.")
        for name, rule in RULES.items()
    },
    "selected_is_optimal": Column(Kind.BOOLEAN, "Whether the exact optimum is proven to be one."),
}
"""Columns that are shared by the tasks ``gap`` and ``select``."""

REDUCTION = ("boros2002", "hammer1984")
"""BibTeX keys of the reduction before the exact search."""


class Select(ProblemTask):
    """The selections of every rule; problems above ``max_qubits`` are solved too."""

    name = "select"
    summary = "The exact selection by branch and bound, and those of simple rules, at any size."
    exponential = False
    batch_order = 1
    references = REDUCTION
    columns: ClassVar[Mapping[str, Column]] = {
        **SELECTION_COLUMNS,
        "optimum_energy": Column(Kind.FLOAT, "Energy of the exact optimum, with its offset."),
        "optimum_lower": Column(Kind.FLOAT, "Lower bound of the energy of every selection."),
    }

    def seconds(self, cell: ProblemCell) -> float:
        """Return the time of the starts of the search; the search itself is hard to foresee."""
        return 0.02 + 1e-3 * cell.num_qubits

    def compute(self, cell: ProblemCell, work: Work) -> Row:
        """Select by every rule. Without a proof, ``selected`` is the best selection known."""
        selections = work.selections(cell)
        optimum = selections.optimum
        return {
            **selection_columns(selections),
            "optimum_energy": optimum.energy,
            "optimum_lower": optimum.lower,
            "method": "branch and bound",
            "references": (),
            "tolerance": cell.problem.ground_tolerance,
            "status": optimum.status.name,
            "reason": "" if optimum.status is OptimumStatus.OPTIMAL else optimum.status.value,
        }


def selection_columns(selections: Selections) -> Row:
    """Return the columns that hold the selections of every rule, and which are optimal.

    Without a proof of the optimum, a rule whose energy is the lowest known is neither.
    """
    proven = selections.optimum.status is OptimumStatus.OPTIMAL
    columns: Row = {
        "selected": label_texts(selections.exact),
        "selected_is_optimal": proven,
        "num_fixed": selections.optimum.num_fixed,
    }
    for name in RULES:
        labels = getattr(selections, name)
        lowest = selections.is_optimal(labels)
        columns |= {
            name: label_texts(labels),
            f"{name}_is_optimal": lowest if proven or not lowest else None,
        }
    return columns


def label_texts(labels: Sequence[Hashable]) -> list[str]:
    """Return labels as JSON texts, which distinguish 3 and "3"; the table converts them back.

    Parameters
    ----------
    labels : sequence of hashable
        The labels.
    """
    return [json.dumps(label, default=repr) for label in labels]
