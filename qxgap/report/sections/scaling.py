"""How does the gap fall with d, and does that say anything about the annealer?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ... import plotting
from ...analysis import Slope, difference_claim, power_laws, reference_claim
from ...statistics.bootstrap import Estimate
from ..findings import Context
from .parts import Picture, Section, Table

TITLE = "Does the gap fall as 1/d?"


def write_section(context: Context) -> Section:
    """Answer with exponents of median gaps, for several choices of range and pooling."""
    section = Section(TITLE)
    rows = context.results.gap
    settings = _settings_of_several_sizes(rows)
    if not settings:
        section.missing.append("Gaps of fewer than two sizes are known, so no exponent is fitted.")
        return section
    fits = {
        name: power_laws(rows[rows.setting == name], "gap", seed=context.seed) for name in settings
    }
    first = rows[rows.setting == settings[0]]
    classical = power_laws(first, "classical_gap", seed=context.seed)
    for name, choices in fits.items():
        section.findings.extend(_findings(name, choices))
    plain = next(iter(classical))
    excess = fits[settings[0]][plain].minus(classical[plain])
    section.findings.append(
        difference_claim(
            "The exponent", f"the minimum gap ({settings[0]})", "the classical gap", excess
        )
        + " Where no difference is shown, the trend is that of the QUBO's own levels and needs no "
        "quantum mechanics."
    )
    section.findings.append(_confounded(first))
    table = _exponent_rows({**fits, "classical gap": classical})
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


def _settings_of_several_sizes(rows: pd.DataFrame) -> list[str]:
    """Return the settings with gaps of two sizes or more; the others have no exponent."""
    if rows.empty:
        return []
    sizes = rows.groupby("setting", sort=False).num_qubits.nunique()
    return [str(name) for name in sizes.index[sizes > 1]]


def _findings(name: str, choices: dict[str, Slope]) -> list[str]:
    """Return the exponent of one quantity, and its range over all choices."""
    estimates = {choice: slope.estimate for choice, slope in choices.items()}
    plain = next(iter(estimates.values()))
    known = [e for e in estimates.values() if not np.isnan(e.value)]
    low, high = min(e.value for e in known), max(e.value for e in known)
    with_interval = [e for e in known if not np.isnan(e.low)]
    holding = sum(e.side(1.0) == 0 for e in with_interval)
    falling = sum(e.side(0.0) > 0 for e in with_interval)
    lines = [
        reference_claim(f"{name}: the exponent k of the median gap, d^-k,", 1.0, "a law 1/d", plain)
    ]
    if with_interval:
        lines.append(
            f"Over {len(known)} choices of range and pooling it goes from {low:.3g} to {high:.3g}; "
            f"1 lies in the interval of {holding} of {len(with_interval)}, and a fall with d at "
            f"all (k above 0) is shown by {falling}."
        )
    return lines


def _confounded(rows: pd.DataFrame) -> str:
    """Return in how many classes d varies at all."""
    varies = rows.groupby("cluster").num_qubits.nunique() > 1
    return f"d varies within {int(varies.sum())} of {len(varies)} classes" + (
        ": the trend in d is one between classes, not one of size alone."
        if varies.mean() < 0.5
        else "."
    )


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
