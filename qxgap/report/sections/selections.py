"""Was annealing needed: the exact optimum, simple rules, and reduction."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ...analysis import share_claim
from ...statistics.bootstrap import Resampling
from ..findings import Context
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
    section = Section(TITLE)
    rows = context.results.instances
    named = [name for name in BASELINES if f"{name}_is_optimal" in rows and len(rows)]
    if not named or rows.selected.isna().all():
        section.missing.append("The table holds no selections to compare with.")
        return section
    rows = rows[rows.selected.notna()]
    fraction = rows.selected.map(len) / rows.num_qubits
    median = Resampling.of(rows.cluster, seed=context.seed).median(fraction)
    section.findings.append(
        f"The exact optimum selects {rows.selected.map(len).median():g} maps in the median, a "
        f"share of {median} of those selectable."
    )
    if "num_fixed" in rows:
        section.findings.append(
            "Reduction before any search (first-order persistency, dominance, roof duality) "
            f"settles {share_claim(rows.num_fixed == rows.num_qubits)} entirely."
        )
    largest = int(rows.num_qubits.max())
    section.findings.append(
        f"The largest of these problems has 2^{largest} states"
        + (": enumeration solves all of them, and no annealer is needed." if largest <= 30 else ".")
    )
    section.findings.append(_success_of(rows, "top_k") + " " + _success_of(rows, "greedy"))
    section.tables.append(_table(rows, named))
    headline = (
        f"Trivial rules reach an exact optimum in {int(_hits(rows, 'top_k').sum())} (top-k) and "
        f"{int(_hits(rows, 'greedy').sum())} (greedy) of {len(rows)} instances."
    )
    return replace(section, headline=headline)


def _hits(rows: pd.DataFrame, name: str) -> pd.Series:
    """Return for every instance whether a rule reaches an optimum."""
    return rows[f"{name}_is_optimal"].astype(bool)


def _success_of(rows: pd.DataFrame, name: str) -> str:
    """Return how often a rule reaches an optimum, as a sentence."""
    rule = BASELINES[name]
    return f"{rule[0].upper()}{rule[1:]}: an exact optimum in {share_claim(_hits(rows, name))}."


def _table(rows: pd.DataFrame, named: list[str]) -> Table:
    """Return how often each of the rules reaches an optimum."""
    lines = [[BASELINES[name], share_claim(_hits(rows, name), "instances")] for name in named]
    caption = "How often a rule reaches an exact optimum; 95 % Jeffreys intervals."
    return Table(caption, ["rule", "optimal in"], lines)
