"""How long does it take until a ground state has been read with 99 % confidence?"""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ...statistics import Resampling
from ..findings import Context, time_findings, timed_rows
from .parts import Picture, Section, Table

TITLE = "How long does a solution take?"


def write_section(context: Context) -> Section:
    """Answer with median times at the best tau of those computed, and their growth with d."""
    section = Section(TITLE, findings=list(time_findings(context)))
    rows = timed_rows(context)
    if rows.empty:
        section.missing.append("Without success probabilities there are no times to solution.")
        return section
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
