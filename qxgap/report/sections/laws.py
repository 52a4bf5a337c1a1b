"""Does the gap, by Landau and Zener's law, predict success, or do single qubits?"""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ...analysis.claims import against, difference
from ...analysis.collapse import PREDICTORS, collapse_points
from ...statistics.bootstrap import Resampling
from .parts import Context, Picture, Section, Table

TITLE = "Is the success probability set by the gap?"

NAMES = {
    "landau_zener": "Landau-Zener",
    "gap_squared": "tau gap²",
    "independent": "independent qubits",
}
FEWEST = 5
"""Points below which no correlation is given."""


def section(context: Context) -> Section:
    """The collapse, and how well each predictor orders the instances at equal tau."""
    found = Section(TITLE)
    success = context.results.success
    if success.empty:
        found.missing.append("Without success probabilities no law can be tested.")
        return found
    points = collapse_points(success, context.results.gap)
    points = points[points.y > 0]
    if points[list(PREDICTORS)].isna().all(axis=None):
        found.missing.append("Neither gaps nor null models are known, so no law is tested.")
        return found
    for setting in dict.fromkeys(points.setting):
        part = points[points.setting == setting]
        found.findings.extend(_law(part, setting, context.seed))
        found.findings.extend(_rivals(part, setting, context.seed))
    found.pictures.append(
        Picture(
            "collapse",
            plotting.success_collapse(points),
            "Minus ln(1-P) against three predictors, a dot per instance and anneal time.",
            "If a law described all instances, its dots would fall on one line: Landau and Zener's "
            "on the dashed one. Only minima inside the anneal have a slope; tau gap² needs none; "
            "the last takes every qubit as swept alone.",
        )
    )
    found.tables.append(_table(points, context.seed))
    return found


def _law(part: pd.DataFrame, setting: str, seed: int) -> list[str]:
    known = part[part.landau_zener > 0]
    total, inside = part.instance.nunique(), known.instance.nunique()
    lines = [
        f"{setting}: {inside} of {total} instances have their minimum at an avoided crossing "
        "inside the anneal, so that Landau and Zener's law applies at all."
    ]
    if inside >= FEWEST:
        median = Resampling.of(known.cluster, seed=seed).median(known.y / known.landau_zener)
        what = f"{setting}: -ln(1-P) over the law's value, in the median over instances and tau,"
        lines.append(against(what, 1.0, "the law itself", median))
    return lines


def _rivals(part: pd.DataFrame, setting: str, seed: int) -> list[str]:
    """At equal tau: which orders the instances better, the gap or independent qubits?"""
    lines = []
    for tau, rows in part.dropna(subset=["gap_squared", "independent"]).groupby("tau"):
        if len(rows) < FEWEST:
            continue
        resampling = Resampling.of(rows.cluster, seed=seed)
        draws = resampling.rank_correlation(rows.independent, rows.y) - resampling.rank_correlation(
            rows.gap_squared, rows.y
        )
        told = resampling.estimate(float(draws[0]), draws[1:])
        what = f"{setting}, tau = {tau:g}: the rank correlation with -ln(1-P)"
        lines.append(difference(what, "independent qubits", "the squared gap", told))
    return lines


def _table(points: pd.DataFrame, seed: int) -> Table:
    lines = []
    for (setting, tau), rows in points.groupby(["setting", "tau"], sort=False):
        lines.append([str(setting), f"{tau:g}", *(_ranks(rows, name, seed) for name in PREDICTORS)])
    header = ["driver", "tau", *(NAMES[name] for name in PREDICTORS)]
    caption = "Rank correlation of -ln(1-P) with each predictor at equal tau, 95 % intervals."
    return Table(caption, header, lines, labels=2)


def _ranks(rows: pd.DataFrame, name: str, seed: int) -> str:
    known = rows.dropna(subset=[name])
    if len(known) < FEWEST:
        return "-"
    resampling = Resampling.of(known.cluster, seed=seed)
    draws = resampling.rank_correlation(known[name], known.y)
    return str(resampling.estimate(float(draws[0]), draws[1:]))
