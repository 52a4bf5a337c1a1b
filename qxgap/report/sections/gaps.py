"""How hard is it: minimum gaps, classical gaps, and the position of the minima."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from ... import plotting
from ...digits import fraction
from ..findings import Context, ends_of, gap_findings
from .parts import Picture, Section, Table, number

TITLE = "How hard is it?"


def write_section(context: Context) -> Section:
    """Answer with findings, and with figures for every unit in which gaps are given."""
    section = Section(TITLE, findings=list(gap_findings(context)))
    rows, requested = context.results.gap, context.results.rows("gap")
    if requested.empty:
        section.missing.append("No gap was computed, so nothing is said of hardness.")
        return section
    if len(rows) < len(requested):
        unknown = len(requested) - len(rows)
        section.missing.append(f"{unknown} of {len(requested)} gaps are unknown or 0.")
    if rows.empty:
        return section
    for unit, part in rows.groupby("unit", sort=False):
        name = str(unit) if unit not in ("", "dimensionless", "1") else ""
        _add_unit(section, part.reset_index(drop=True), name, context)
    return section


def _add_unit(section: Section, rows: pd.DataFrame, unit: str, context: Context) -> None:
    """Add the figures and tables about the gaps in one unit."""
    end = f"_{unit}" if unit else ""
    settings = list(dict.fromkeys(rows.setting))
    section.pictures.extend(_pictures(rows, unit, end))
    for first, second in pairwise(settings[:2]):
        _add_comparison(section, rows, first, second, end, context)
    section.tables.append(_hardest(rows[rows.setting == settings[0]], settings[0]))


def _pictures(rows: pd.DataFrame, unit: str, end: str) -> list[Picture]:
    """Return the figures of the gaps in one unit; ``end`` is appended to their names."""
    count = rows.instance.nunique()
    open_squares = " Open squares are estimates, with their 95 % intervals." * any(rows.estimated)
    pictures = [
        Picture(
            f"gap_histogram{end}",
            plotting.gap_histogram(rows, unit),
            f"Histogram and cumulative curves of the minimum gaps of {count} instances.",
            "Minimum gap of every instance (bars: the first driver), with cumulative curves for "
            "every driver and for the classical gap."
            + " Estimated gaps are counted at their estimate."
            * any(rows.estimated),
        ),
        Picture(
            f"gap_by_size{end}",
            plotting.gap_by_size(rows, unit),
            "Minimum gap against the number of qubits, a dot per instance.",
            "Minimum gap against d, with medians and quartile bars; ringed, the hardest instances."
            + open_squares,
        ),
        Picture(
            f"gap_against_classical{end}",
            plotting.gap_against_classical(rows, unit),
            "Minimum gap against classical gap, with the line of equality.",
            "Minimum gap against the gap between the QUBO's own two lowest energies. On the line "
            "the gap tells of classical level spacing, not of a quantum bottleneck." + open_squares,
        ),
        Picture(
            f"minimum_place{end}",
            plotting.minimum_position(rows, unit),
            "Place of the minimum, s*, against the gap and as a histogram.",
            "Where the minimum lies, s* = t_min / tau, against the gap, and as a histogram."
            + open_squares,
        ),
    ]
    if np.isfinite(rows.interior_gap.astype(float)).any():
        pictures.append(
            Picture(
                f"interior_gaps{end}",
                plotting.interior_gaps(rows),
                "Smallest interior minimum of the gap over the classical gap, against its s.",
                "Minima strictly inside the anneal, where there are any: below the line they are "
                "narrower than the classical gap."
                + " Open squares are estimates."
                * any(rows.estimated),
            )
        )
    return pictures


def _add_comparison(
    section: Section, rows: pd.DataFrame, first: str, second: str, end: str, context: Context
) -> None:
    """Draw two settings instance by instance: the gap, and success where it is known."""
    one, other = (rows[rows.setting == name].set_index("instance") for name in (first, second))
    shared = one.index.intersection(other.index)
    if shared.empty:
        return
    either = one.estimated[shared] | other.estimated[shared]
    gaps = _pair(one.loc[shared], other.loc[shared], "gap")
    pairs = {"minimum gap": gaps.assign(estimated=either.to_numpy())}
    success = context.results.success
    for tau in sorted(success.tau.unique()) if len(success) else []:
        sides = [
            success[(success.setting == name) & (success.tau == tau)].set_index("instance")
            for name in (first, second)
        ]
        both = sides[0].index.intersection(sides[1].index)
        pair = _pair(sides[0].loc[both], sides[1].loc[both], "success_probability")
        if len(both) and (pair[["first", "second"]] > 0).all(axis=None):
            pairs[f"success, tau = {tau:g}"] = pair.assign(tau=tau)
    section.pictures.append(
        Picture(
            f"side_by_side{end}",
            plotting.setting_comparison(pairs, first, second),
            f"{first} against {second}, a dot per instance.",
            f"The same instances with {first} and with {second}; on the line both agree."
            + " Open squares are estimates." * any(either),
        )
    )


def _pair(one: pd.DataFrame, other: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a column of two tables of the same instances, with what names the instances."""
    known = [name for name in ("group", "class_name", "num_qubits") if name in one]
    return one[known].assign(first=one[column], second=other[column]).reset_index()


def _place(s: float) -> str:
    """Return an anneal fraction in two digits, or in as many as tell it from the end."""
    return fraction(s) if s < 1 and number(s) == "1" else number(s)


def _hardest(rows: pd.DataFrame, setting: str) -> Table:
    """Return a table of the instances with the smallest gaps."""
    some = bool(rows.estimated.any())
    lines = [
        [
            str(row.instance),
            row.class_name.strip() or "-",
            str(int(row.num_qubits)),
            number(row.gap),
            number(row.gap_lower),
            _place(row.s_star),
            number(row.classical_gap),
            *([ends_of(row) if row.estimated else "certified"] * some),
        ]
        for row in rows.nsmallest(5, "gap").itertuples()
    ]
    header = ["instance", "class", "d", "gap", "at least", "s*", "classical gap"]
    header += ["95 % interval"] * some
    return Table(f"The hardest instances ({setting}).", header, lines)
