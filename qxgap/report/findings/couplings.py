"""What the couplings are like, and how many variables a selection therefore has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...analysis import LAWS, fit_laws
from ...statistics import Resampling
from .claims import difference_finding, reference_finding
from .context import Context, once
from .finding import Finding
from .wording import counted, listed, sentence, two


class Couplings(NamedTuple):
    """The couplings of all problems, the laws fitted to them, and what they are called.

    ``fits`` is None if the couplings do not differ.
    """

    values: NDArray[np.float64]
    fits: pd.DataFrame | None
    noun: str


@once
def all_couplings(context: Context) -> Couplings | None:
    """Return the couplings of all problems; None if the table has none."""
    rows = context.results.instances
    if "couplings" not in rows or rows.empty or rows.couplings.isna().all():
        return None
    rows, parts = rows[rows.couplings.notna()], [np.zeros(0)]
    for values, tradeoff in zip(rows.couplings, rows.tradeoff, strict=True):
        weight = 1 - tradeoff if tradeoff < 1 else 1.0
        parts.append(np.asarray(values, dtype=float) / weight)
    values = np.concatenate(parts)
    # The J of a feature selection is the absolute cosine of two maps.
    selections = values.size and rows.tradeoff.notna().all() and values.min() >= 0
    fits = fit_laws(values) if np.unique(values).size > 1 else None
    return Couplings(values, fits, "redundancies" if selections else "couplings")


@once
def sized_rows(context: Context) -> pd.DataFrame:
    """Return the instances with a mean-field size, and the size of their optimum as true_size."""
    rows = context.results.instances
    known = rows.dropna(subset=["mean_field"]) if "mean_field" in rows else rows.iloc[:0]
    known = known[known.selected.notna()] if "selected" in known else known.iloc[:0]
    if known.empty:
        return known
    return known.assign(true_size=known.selected.map(len).astype(float))


@once
def coupling_findings(context: Context) -> tuple[Finding, ...]:
    """Return the law of the couplings, their signs and mean, and the error of mean-field theory."""
    couplings = all_couplings(context)
    findings: list[Finding] = []
    if couplings is not None and couplings.fits is not None:
        findings += [*_laws(couplings), *_signs(context, couplings)]
    rows = sized_rows(context)
    if len(rows):
        error = Resampling.of(rows.cluster, seed=context.seed).mean(
            rows.mean_field.astype(float) - rows.true_size
        )
        findings.append(
            difference_finding(
                "the mean number of selected variables",
                "mean-field theory",
                "the optimum",
                error,
                claim="mean-field-size",
            )
        )
    return tuple(findings)


def _laws(couplings: Couplings) -> list[Finding]:
    """Return which law describes the couplings best; without a p-value, as they are dependent."""
    values, fits, noun = couplings
    assert fits is not None
    order = fits.sort_values("aic")
    best = order.index[0]
    laws = counted(len(order), "law")
    words = f"of {laws} fitted to the {values.size} {noun}, the {best} one fits best"
    if len(order) == 1:
        words = f"a {best} law is fitted to the {values.size} {noun}"
    listing = listed(f"{law} {two(float(row.ks_distance))}" for law, row in order.iterrows())
    findings = [
        Finding("coupling-law", sentence(words)),
        Finding(
            "coupling-distances",
            sentence(
                "the largest distance between the distribution functions (0 to 1) is:", listing
            ),
            minor=True,
        ),
        Finding(
            "coupling-no-p-value",
            "No p-value is given, because couplings that share a variable depend on each other.",
            minor=True,
        ),
    ]
    without = [law for law in LAWS if law not in fits.index]
    if without:
        words = (
            f"the {listed(without)} laws are not fitted: they begin at 0, and "
            f"{(values < 0).sum()} of the couplings are negative"
        )
        findings.append(Finding("laws-left-out", sentence(words)))
    return findings


def _signs(context: Context, couplings: Couplings) -> list[Finding]:
    """Return how many couplings are negative, and whether their mean is 0."""
    rows = context.results.instances.dropna(subset=["mean_coupling"])
    mean = Resampling.of(rows.cluster, seed=context.seed).mean(rows.mean_coupling)
    negative = int((couplings.values < 0).sum())
    words = f"{negative} of the {couplings.values.size} {couplings.noun} {{}} negative"
    words = words.format("is" if negative == 1 else "are")
    return [
        Finding("negative-couplings", sentence(words)),
        reference_finding(
            "the mean coupling", 0.0, "a Sherrington-Kirkpatrick model", mean, claim="mean-coupling"
        ),
    ]
