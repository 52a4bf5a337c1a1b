"""Does the gap predict success, by Landau and Zener's law, or do independent qubits?"""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ...analysis import PREDICTORS, collapse_points, difference_claim, reference_claim
from ...statistics.bootstrap import Resampling
from ..findings import Context
from .parts import Picture, Section, Table, cell_text

TITLE = "Is the success probability set by the gap?"

PREDICTOR_NAMES = {
    "landau_zener": "Landau-Zener",
    "gap_squared": "tau gap²",
    "independent": "independent qubits",
}
MIN_POINTS = 5
"""Smallest number of points for which a correlation is given."""


def write_section(context: Context) -> Section:
    """Answer with the collapse, and with the order of the instances by each predictor."""
    section = Section(TITLE)
    success = context.results.success
    if success.empty:
        section.missing.append("Without success probabilities no law can be tested.")
        return section
    points = collapse_points(success, context.results.gap)
    points = points[points.y > 0]
    if points[list(PREDICTORS)].isna().all(axis=None):
        section.missing.append("Neither gaps nor null models are known, so no law is tested.")
        return section
    for setting in dict.fromkeys(points.setting):
        part = points[points.setting == setting]
        section.findings.extend(_law(part, setting, context.seed))
        section.findings.extend(_rivals(part, setting, context.seed))
    section.pictures.append(
        Picture(
            "collapse",
            plotting.success_collapse(points),
            "Minus ln(1-P) against three predictors, a dot per instance and anneal time.",
            "If a law described all instances, its dots would fall on one line: Landau and Zener's "
            "on the dashed one. Only minima inside the anneal have a slope; tau gap² needs none; "
            "the last takes every qubit as swept alone.",
        )
    )
    section.tables.append(_table(points, context.seed))
    return section


def _law(part: pd.DataFrame, setting: str, seed: int) -> list[str]:
    """Return to how many instances Landau and Zener's law applies, and how well it holds."""
    known = part[part.landau_zener > 0]
    total, inside = part.instance.nunique(), known.instance.nunique()
    lines = [
        f"{setting}: {inside} of {total} instances have their minimum at an avoided crossing "
        "inside the anneal, so that Landau and Zener's law applies at all."
    ]
    if inside >= MIN_POINTS:
        median = Resampling.of(known.cluster, seed=seed).median(known.y / known.landau_zener)
        what = f"{setting}: -ln(1-P) over the law's value, in the median over instances and tau,"
        lines.append(reference_claim(what, 1.0, "the law itself", median))
    return lines


def _rivals(part: pd.DataFrame, setting: str, seed: int) -> list[str]:
    """Return which orders the instances better at equal tau: the gap or independent qubits."""
    lines = []
    for tau, rows in part.dropna(subset=["gap_squared", "independent"]).groupby("tau"):
        if len(rows) < MIN_POINTS:
            continue
        resampling = Resampling.of(rows.cluster, seed=seed)
        draws = resampling.rank_correlation(rows.independent, rows.y) - resampling.rank_correlation(
            rows.gap_squared, rows.y
        )
        gain = resampling.estimate(float(draws[0]), draws[1:])
        what = f"{setting}, tau = {tau:g}: the rank correlation with -ln(1-P)"
        lines.append(difference_claim(what, "independent qubits", "the squared gap", gain))
    return lines


def _table(points: pd.DataFrame, seed: int) -> Table:
    """Return the rank correlation with each predictor, for every setting and tau."""
    lines = []
    for (setting, tau), rows in points.groupby(["setting", "tau"], sort=False):
        lines.append([str(setting), f"{tau:g}", *(_ranks(rows, name, seed) for name in PREDICTORS)])
    header = ["driver", "tau", *(PREDICTOR_NAMES[name] for name in PREDICTORS)]
    caption = "Rank correlation of -ln(1-P) with each predictor at equal tau, 95 % intervals."
    return Table(caption, header, lines, labels=2)


def _ranks(rows: pd.DataFrame, name: str, seed: int) -> str:
    """Return the rank correlation of -ln(1-P) with a predictor, with its interval."""
    known = rows.dropna(subset=[name])
    if len(known) < MIN_POINTS:
        return "-"
    resampling = Resampling.of(known.cluster, seed=seed)
    draws = resampling.rank_correlation(known[name], known.y)
    return cell_text(resampling.estimate(float(draws[0]), draws[1:]))
