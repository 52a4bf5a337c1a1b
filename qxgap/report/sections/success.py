"""Will it succeed: success against d, the class, and null models."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ... import plotting
from ...statistics import Resampling
from ..findings import Context, success_findings
from .parts import Picture, Section, Table

TITLE = "Will it succeed?"


def write_section(context: Context) -> Section:
    """Answer with medians, trends in d, null models, and the best of d^2 reads."""
    section = Section(TITLE, findings=list(success_findings(context)))
    rows = context.results.success
    if rows.empty:
        section.missing.append("No success probability was computed.")
        return section
    section.pictures.extend(_pictures(rows))
    section.tables.append(_table(rows, context.seed))
    return section


def _pictures(rows: pd.DataFrame) -> list[Picture]:
    """Return the figures against d and, where classes are known, against the class."""
    pictures = [
        Picture(
            "success_by_size",
            plotting.success_by_size(rows),
            "Median success probability against the number of qubits for each anneal time.",
            "Success probability against d: a dot for each instance, medians with quartile bars. "
            "Dashed, the product of independent single-qubit sweeps; dotted, a random guess.",
        )
    ]
    named = rows[rows.class_name != ""]
    if named.class_name.nunique() > 1:
        pictures.append(
            Picture(
                "success_by_class",
                plotting.success_by_class(named),
                "Median success probability against the class for each anneal time.",
                "Success probability against the predicted class: a dot for each instance, "
                "medians with quartile bars.",
            )
        )
    return pictures


def _table(rows: pd.DataFrame, seed: int) -> Table:
    """Return the medians for every setting and tau."""
    lines = []
    for (setting, tau), part in rows.groupby(["setting", "tau"], sort=False):
        resampling = Resampling.of(part.cluster, seed=seed)
        null = part.null_product if "null_product" in part else pd.Series(np.nan, part.index)
        lines.append(
            [
                str(setting),
                f"{tau:g}",
                str(len(part)),
                resampling.median(part.success_probability),
                "-" if null.isna().any() else resampling.median(null),
                f"{part.random_guess.median():.2g}",
            ]
        )
    header = ["driver", "tau", "instances", "success", "independent qubits", "guess"]
    return Table("Median success probabilities, 95 % intervals.", header, lines, labels=2)
