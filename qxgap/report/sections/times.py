"""How long does it take until a ground state has been read with 99 % confidence?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ... import plotting
from ...analysis import median_slope, reference_claim
from ...dynamics.tts import time_to_solution
from ...statistics.bootstrap import Resampling
from ..findings import Context
from .parts import Picture, Section, Table

TITLE = "How long does a solution take?"


def write_section(context: Context) -> Section:
    """Answer with median times at the best tau of those computed, and their growth with d."""
    section = Section(TITLE)
    rows = context.results.success
    rows = rows[rows.tau > 0] if len(rows) else rows  # an anneal of no length finds nothing
    if rows.empty:
        section.missing.append("Without success probabilities there are no times to solution.")
        return section
    pairs = zip(rows.success_probability.clip(0, 1), rows.tau, strict=True)
    rows = rows.assign(tts=[time_to_solution(float(p), float(tau)) for p, tau in pairs])
    for setting in dict.fromkeys(rows.setting):
        section.findings.extend(_findings(rows[rows.setting == setting], setting, context.seed))
    section.pictures.append(
        Picture(
            "time_to_solution",
            plotting.time_to_solution(rows),
            "Median time to solution against anneal time and against the number of qubits.",
            "Median time to solution, tau times the reads until a ground state has been read with "
            "99 % confidence. Beside it 2^d, the states that an enumeration visits: a scale, for "
            "the two count different things.",
        )
    )
    section.tables.append(_table(rows, context.seed))
    return section


def _findings(part: pd.DataFrame, setting: str, seed: int) -> list[str]:
    """Return the best tau, the median time there, and its growth with d, for one setting."""
    medians = part.groupby("tau").tts.median()
    if not np.isfinite(medians).any():
        return [f"{setting}: at no tau do half of the instances ever succeed."]
    best, taus = float(medians.idxmin()), sorted(part.tau.unique())
    rows = part[part.tau == best]
    median = Resampling.of(rows.cluster, seed=seed).median(rows.tts)
    end = best in (taus[0], taus[-1])
    lines = [
        f"{setting}: the median time to solution is least at tau = {best:g}, {median}"
        + ("; the optimum may lie outside the times computed." if end else ".")
    ]
    known = rows[np.isfinite(rows.tts)]
    if known.num_qubits.nunique() > 1:
        resampling = Resampling.of(known.cluster, seed=seed)
        slope = median_slope(known.num_qubits, np.log2(known.tts), resampling)
        what = f"{setting}, tau = {best:g}: the growth of log2 of the time to solution per qubit"
        lines.append(reference_claim(what, 1.0, "2^d", slope.estimate))
    return lines


def _table(rows: pd.DataFrame, seed: int) -> Table:
    """Return the best tau and the median time for every setting and d."""
    lines = []
    for (setting, size), part in rows.groupby(["setting", "num_qubits"], sort=True):
        medians = part.groupby("tau").tts.median()
        best = float(medians.idxmin())
        rows_at_best = part[part.tau == best]
        median = Resampling.of(rows_at_best.cluster, seed=seed).median(rows_at_best.tts)
        lines.append([str(setting), str(int(size)), f"{best:g}", median, str(2 ** int(size))])
    header = ["driver", "d", "best tau", "time to solution", "2^d"]
    return Table(
        "Median time to solution at the best tau for each d; the interval takes that tau as given.",
        header,
        lines,
        labels=2,
    )
