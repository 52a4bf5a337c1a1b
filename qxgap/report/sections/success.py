"""Will it succeed: success against d, the class, and null models."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from ... import plotting
from ...analysis import difference_claim, median_slope, reference_claim, share_claim
from ...statistics.bootstrap import Resampling
from ..findings import Context
from .parts import Picture, Section, Table

TITLE = "Will it succeed?"

SURE = 0.999
"""Probability of at least one success that counts as certain."""


def write_section(context: Context) -> Section:
    """Answer with medians, trends in d, null models, and the best of d^2 reads."""
    section = Section(TITLE)
    rows = context.results.success
    if rows.empty:
        section.missing.append("No success probability was computed.")
        return section
    headlines = []
    for setting in dict.fromkeys(rows.setting):
        part = rows[rows.setting == setting]
        longest = part[part.tau == part.tau.max()]
        median = Resampling.of(longest.cluster, seed=context.seed).median(
            longest.success_probability
        )
        headlines.append(f"{median} ({setting})")
        section.findings.extend(_trends(part, setting, context.seed))
        section.findings.extend(_null(longest, setting, context.seed))
        section.findings.append(_squared(part, setting))
    for first, second in pairwise(list(dict.fromkeys(rows.setting))[:2]):
        section.findings.extend(_driver_differences(rows, first, second, context.seed))
    section.findings.append(
        f"The largest error estimate of these is {rows.error_estimate.max():.0e}."
    )
    section.pictures.extend(_pictures(rows))
    section.tables.append(_table(rows, context.seed))
    medians = ", ".join(headlines)
    return replace(
        section,
        headline=f"At tau = {rows.tau.max():g} the median success probability is {medians}.",
    )


def _trends(part: pd.DataFrame, setting: str, seed: int) -> list[str]:
    """Return the slope of the median of ln P in d, at every tau: is success constant in d?"""
    lines = []
    for tau, rows in part[part.success_probability > 0].groupby("tau"):
        if rows.num_qubits.nunique() < 2:
            continue
        resampling = Resampling.of(rows.cluster, seed=seed)
        slope = median_slope(rows.num_qubits, np.log(rows.success_probability), resampling)
        what = f"{setting}, tau = {tau:g}: the slope of ln P in d"
        lines.append(reference_claim(what, 0.0, "a constant success", slope.estimate))
    return lines


def _null(rows: pd.DataFrame, setting: str, seed: int) -> list[str]:
    """Return the ratio of the success to that of independent qubits."""
    known = rows[rows.null_product > 0] if "null_product" in rows else rows.iloc[:0]
    if known.empty:
        return []
    ratio = known.success_probability / known.null_product
    median = Resampling.of(known.cluster, seed=seed).median(ratio)
    what = (
        f"{setting}, tau = {rows.tau.iloc[0]:g}: success over that of every qubit swept alone, at "
        "the cost of flipping it in the optimum, in the median"
    )
    return [reference_claim(what, 1.0, "qubits independent of each other", median)]


def _squared(part: pd.DataFrame, setting: str) -> str:
    """Return the success of the best of d^2 reads, which hides that of a single read."""
    middle = sorted(part.tau.unique())[(part.tau.nunique() - 1) // 2]
    rows = part[part.tau == middle]
    best = 1 - (1 - rows.success_probability.clip(0, 1)) ** (rows.num_qubits**2)
    return (
        f"{setting}, tau = {middle:g}: the best of d^2 reads is a ground state with probability "
        f"above {SURE} in {share_claim(best > SURE)}, though a single read is one with "
        f"{rows.success_probability.median():.3g} in the median."
    )


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


def _driver_differences(rows: pd.DataFrame, first: str, second: str, seed: int) -> list[str]:
    """Compare ln P of two settings on the same instances, at every tau."""
    lines = []
    for tau, part in rows[rows.success_probability > 0].groupby("tau"):
        one, other = (part[part.setting == name].set_index("instance") for name in (first, second))
        shared = one.index.intersection(other.index)
        if shared.empty:
            continue
        values = np.log(other.success_probability[shared] / one.success_probability[shared])
        median = Resampling.of(one.cluster[shared], seed=seed).median(values)
        lines.append(difference_claim(f"ln P at tau = {tau:g}, median", second, first, median))
    return lines
