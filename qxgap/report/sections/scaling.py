"""How does the gap fall with d, and does that say anything about the annealer?"""

from __future__ import annotations

import pandas as pd

from ... import plotting
from ...analysis import Slope
from ...statistics import Estimate
from ..findings import Context, exponent_fits, scaling_findings
from .parts import Picture, Section, Table

TITLE = "Does the gap fall as 1/d?"


def write_section(context: Context) -> Section:
    """Answer with exponents of median gaps, for several choices of range and pooling."""
    section = Section(TITLE, findings=list(scaling_findings(context)))
    fits = exponent_fits(context)
    if not fits:
        section.missing.append("Gaps of fewer than two sizes are known, so no exponent is fitted.")
        return section
    table = _exponent_rows(fits)
    section.pictures.append(
        Picture(
            "exponents",
            plotting.gap_exponents(table),
            "Exponents of the median gap for several choices of range and pooling.",
            "Exponent k of gap ~ d^-k with 95 % intervals from resampling classes, for every "
            "choice of range and pooling. The choices are no independent tests; a claim should "
            "hold for all.",
        )
    )
    section.tables.append(_table(table))
    return section


def _exponent_rows(fits: dict[str, dict[str, Slope]]) -> pd.DataFrame:
    """Return a row for each quantity and choice, as the figure takes it."""
    rows = []
    for quantity, choices in fits.items():
        for choice, slope in choices.items():
            estimate: Estimate = slope.estimate
            rows.append(
                (
                    quantity,
                    choice,
                    estimate.value,
                    estimate.low,
                    estimate.high,
                    estimate.num_clusters,
                )
            )
    columns = ["quantity", "choice", "value", "low", "high", "clusters"]
    return pd.DataFrame(rows, columns=columns)


def _table(table: pd.DataFrame) -> Table:
    """Return the exponents as a table of the page."""
    lines = [
        [
            row.choice,
            row.quantity,
            Estimate(row.value, row.low, row.high, 0),
            str(row.clusters),
        ]
        for row in table.sort_values("choice", kind="stable").itertuples()
    ]
    header = ["choice", "gap", "exponent k", "classes"]
    return Table("Exponents k of gap ~ d^-k, 95 % intervals.", header, lines, labels=2)
