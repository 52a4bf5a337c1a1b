"""Does the gap predict success, by Landau and Zener's law, or do independent qubits?"""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ...analysis import PREDICTORS
from ...statistics import Resampling
from ..findings import Context, law_findings, law_points
from ..findings.laws import MIN_POINTS
from .parts import Picture, Section, Table, cell_text

TITLE = "Is the success probability set by the gap?"

PREDICTOR_NAMES = {
    "landau_zener": "Landau-Zener",
    "gap_squared": "tau gap²",
    "independent": "independent qubits",
}


def write_section(context: Context) -> Section:
    """Answer with the collapse, and with the order of the instances by each predictor."""
    section = Section(TITLE, findings=list(law_findings(context)))
    points = law_points(context)
    if context.results.success.empty:
        section.missing.append("Without success probabilities no law can be tested.")
        return section
    if points.empty:
        section.missing.append("Neither gaps nor null models are known, so no law is tested.")
        return section
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
