"""Was annealing needed: exact optimum, baselines and reduction."""

from __future__ import annotations

import pandas as pd

from ...analysis.claims import share
from ...statistics.bootstrap import Resampling
from .parts import Context, Section, Table

TITLE = "Was annealing needed at all?"

BASELINES = {
    "top_k": "as many maps, by importance alone (top-k)",
    "greedy": "greedy single flips from the empty selection",
    "random_k": "as many maps, drawn at random",
    "all_positive": "all maps of positive importance",
}


def section(context: Context) -> Section:
    """How often trivial rules reach the optimum, and what reduction settles."""
    found = Section(TITLE)
    rows = context.results.instances
    named = [name for name in BASELINES if f"{name}_is_optimal" in rows and len(rows)]
    if not named or rows.selected.isna().all():
        found.missing.append("The table holds no selections to compare with.")
        return found
    rows = rows[rows.selected.notna()]
    fraction = rows.selected.map(len) / rows.num_qubits
    median = Resampling.of(rows.cluster, seed=context.seed).median(fraction)
    found.findings.append(
        f"The exact optimum selects {rows.selected.map(len).median():g} maps in the median, a "
        f"share of {median} of those selectable."
    )
    if "num_fixed" in rows:
        found.findings.append(
            "Reduction before any search (first-order persistency, dominance, roof duality) "
            f"settles {share(rows.num_fixed == rows.num_qubits)} entirely."
        )
    largest = int(rows.num_qubits.max())
    found.findings.append(
        f"The largest of these problems has 2^{largest} states"
        + (": enumeration solves all of them, and no annealer is needed." if largest <= 30 else ".")
    )
    found.findings.append(_rule(rows, "top_k") + " " + _rule(rows, "greedy"))
    found.tables.append(_table(rows, named))
    told = (
        f"Trivial rules reach an exact optimum in {int(_hits(rows, 'top_k').sum())} (top-k) and "
        f"{int(_hits(rows, 'greedy').sum())} (greedy) of {len(rows)} instances."
    )
    return Section(found.title, told, found.findings, [], found.tables, found.missing)


def _hits(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[f"{name}_is_optimal"].astype(bool)


def _rule(rows: pd.DataFrame, name: str) -> str:
    rule = BASELINES[name]
    return f"{rule[0].upper()}{rule[1:]}: an exact optimum in {share(_hits(rows, name))}."


def _table(rows: pd.DataFrame, named: list[str]) -> Table:
    lines = [[BASELINES[name], share(_hits(rows, name), "instances")] for name in named]
    caption = "How often a rule reaches an exact optimum; 95 % Jeffreys intervals."
    return Table(caption, ["rule", "optimal in"], lines)
