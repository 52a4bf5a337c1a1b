"""What are the couplings like, and how many maps does a selection therefore have?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ... import plotting
from ...analysis import LAWS, fit_laws, reference_claim
from ...statistics.bootstrap import Resampling
from ..findings import Context
from .parts import Picture, Section

TITLE = "What are the couplings like?"


def write_section(context: Context) -> Section:
    """Answer with laws of the redundancies J, and the mean-field size of the optimum."""
    section = Section(TITLE)
    rows = context.results.instances
    if "couplings" not in rows or rows.empty or rows.couplings.isna().all():
        section.missing.append("The table holds no couplings.")
        return section
    values = _couplings(rows)
    if np.unique(values).size < 2:
        section.missing.append(f"{values.size} couplings do not differ, so no law is fitted.")
        _add_sizes(section, rows, context.seed)
        return section
    noun = "redundancies" if _are_redundancies(rows, values) else "couplings"
    fits = fit_laws(values)
    laws = ", ".join(
        f"{law} (AIC {row.aic:.0f}, Kolmogorov-Smirnov distance {row.ks_distance:.3f})"
        for law, row in fits.sort_values("aic").iterrows()
    )
    section.findings.append(
        f"Laws fitted to the {values.size} {noun} J, the best first: {laws}. No p-value is "
        "given: couplings that share a variable are not independent."
    )
    without = [law for law in LAWS if law not in fits.index]
    if without:
        section.findings.append(
            f"The {' and '.join(without)} laws are not fitted: they begin at 0, and "
            f"{(values < 0).sum()} of the couplings are negative."
        )
    section.findings.append(_sign_finding(rows, values, context.seed))
    section.pictures.append(
        Picture(
            "coupling_histogram",
            plotting.coupling_histogram(values, fits, noun),
            f"Histogram of the {noun} with the laws fitted to them.",
            f"The {noun} J of all pairs of variables of all instances, with the laws that are "
            "fitted to them by maximum likelihood (AIC: lower is better; KS: largest distance of "
            "the distribution functions).",
        )
    )
    _add_sizes(section, rows, context.seed)
    return section


def _are_redundancies(rows: pd.DataFrame, values: NDArray[np.float64]) -> bool:
    """Return whether all are feature selections, whose J is the absolute cosine of two maps."""
    return bool(rows.tradeoff.notna().all() and values.min() >= 0)


def _couplings(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return the couplings of all instances, divided by ``1 - tradeoff`` where it is known."""
    parts = [np.zeros(0)]
    for values, tradeoff in zip(rows.couplings, rows.tradeoff, strict=True):
        if values is not None:
            weight = 1 - tradeoff if tradeoff < 1 else 1.0
            parts.append(np.asarray(values, dtype=float) / weight)
    return np.concatenate(parts)


def _sign_finding(rows: pd.DataFrame, values: NDArray[np.float64], seed: int) -> str:
    """Return how many couplings are negative, and their mean."""
    known = rows.dropna(subset=["mean_coupling"])
    mean = Resampling.of(known.cluster, seed=seed).mean(known.mean_coupling)
    what = f"{(values < 0).sum()} of {values.size} couplings are negative; their mean per instance"
    return reference_claim(what, 0.0, "a Sherrington-Kirkpatrick model", mean)


def _add_sizes(section: Section, rows: pd.DataFrame, seed: int) -> None:
    """Add how far the mean-field size is from the true one, where both are known."""
    known = rows.dropna(subset=["mean_field"]) if "mean_field" in rows else rows.iloc[:0]
    known = known[known.selected.notna()] if "selected" in known else known.iloc[:0]
    if known.empty:
        return
    sizes = known.selected.map(len).astype(float)
    error = known.mean_field.astype(float) - sizes
    mean = Resampling.of(known.cluster, seed=seed).mean(error)
    section.findings.append(
        reference_claim(
            "The mean-field size of the selection minus the true one, mean,",
            0.0,
            "an estimate without bias",
            mean,
        )
    )
    frame = known.assign(true_size=sizes, status="OPTIMAL")
    section.pictures.append(
        Picture(
            "subset_size",
            plotting.selection_sizes(frame),
            "Mean-field size of the selection against the true one.",
            "Number of maps that the optimum selects, against its mean-field estimate "
            "1/2 + mean(-h) / mean(J), which does not depend on d.",
        )
    )
