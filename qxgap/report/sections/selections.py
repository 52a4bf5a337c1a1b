"""Was annealing needed: the exact optimum, simple rules, and reduction."""

from __future__ import annotations

import pandas as pd

from ..findings import Context, need_findings, share_words
from ..findings.need import rule_rows
from .parts import Section, Table

TITLE = "Was annealing needed at all?"

BASELINES = {
    "top_k": "as many maps, by importance alone (top-k)",
    "greedy": "greedy single flips from the empty selection",
    "random_k": "as many maps, drawn at random",
    "all_positive": "all maps of positive importance",
}


def write_section(context: Context) -> Section:
    """Answer with how often simple rules reach the optimum, and what reduction settles."""
    section = Section(TITLE, findings=list(need_findings(context)))
    rows = rule_rows(context)
    named = [name for name in BASELINES if f"{name}_is_optimal" in rows and len(rows)]
    if not named:
        section.missing.append("The table holds no selections to compare with.")
        return section
    section.tables.append(_table(rows, named))
    return section


def _table(rows: pd.DataFrame, named: list[str]) -> Table:
    """Return how often each of the rules reaches an optimum."""
    lines = [[BASELINES[name], share_words(rows[f"{name}_is_optimal"])] for name in named]
    caption = "How often a rule reaches an exact optimum; 95 % Jeffreys intervals."
    return Table(caption, ["rule", "optimal in"], lines)
