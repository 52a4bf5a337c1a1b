"""What sets the success probability: the gap, by Landau and Zener's law, or independent qubits."""

from __future__ import annotations

import pandas as pd

from ...analysis import PREDICTORS, collapse_points
from ...statistics import Resampling
from .claims import difference_finding, pattern_findings
from .context import Context, once
from .finding import Finding, Support, judged
from .wording import all_of, duration, interval, sentence, two, under

MIN_POINTS = 5
"""Smallest number of points for which a correlation is given."""


@once
def law_points(context: Context) -> pd.DataFrame:
    """Return a point for each success probability: -ln(1-P) beside what predicts it.

    It is empty if no predictor is known.
    """
    success = context.results.success
    if success.empty:
        return success
    points = collapse_points(success, context.results.gap)
    points = points[points.y > 0]
    return points.iloc[:0] if points[list(PREDICTORS)].isna().all(axis=None) else points


@once
def law_findings(context: Context) -> tuple[Finding, ...]:
    """Return where Landau and Zener's law applies, how well it holds, and its rivals."""
    points = law_points(context)
    if points.empty:
        return ()
    settings = list(dict.fromkeys(points.setting))
    findings: list[Finding] = []
    rivals: dict[str, dict[float, Finding]] = {}
    for setting in settings:
        part = points[points.setting == setting]
        several = len(settings) > 1
        findings.extend(_law(part, setting, f"{under(setting)}," if several else "", context.seed))
        rivals[setting] = _rivals(part, setting, several, context.seed)
    phrases = {
        Support.ABOVE: "independent qubits predict success better than the squared gap",
        Support.BELOW: "independent qubits predict success worse than the squared gap",
        Support.COMPATIBLE: "no difference between independent qubits and the squared gap as "
        "predictors can be shown",
        Support.UNDECIDED: "independent qubits and the squared gap cannot be compared as "
        "predictors",
    }
    return (*findings, *pattern_findings("predictors-by-time", rivals, phrases))


def _law(part: pd.DataFrame, setting: str, who: str, seed: int) -> list[Finding]:
    """Return to how many problems Landau and Zener's law applies, and how well it holds."""
    usable = part[part.landau_zener > 0]
    total, inside = part.instance.nunique(), usable.instance.nunique()
    words = sentence(
        who,
        f"Landau and Zener's law applies to {all_of(inside, total)}, those whose gap is "
        "smallest inside the anneal",
    )
    findings = [Finding("landau-zener-applies", words, subject=setting)]
    if inside < MIN_POINTS:
        return findings
    ratio = Resampling.of(usable.cluster, seed=seed).median(usable.y / usable.landau_zener)
    size, sure = two(ratio.value, apart_from=1), f"({interval(ratio, apart_from=1)})"
    what = "-ln(1-P), which grows with the success probability P, is"
    law = "times the value of Landau and Zener's law"
    texts = {
        Support.ABOVE: sentence(who, what, size, law, sure + ":", "success is above the law"),
        Support.BELOW: sentence(who, what, size, law, sure + ":", "success is below the law"),
        Support.EQUAL: sentence(who, "success is typically that of Landau and Zener's law"),
        Support.COMPATIBLE: sentence(
            who,
            "no difference between success and Landau and Zener's law can be shown",
            f"({interval(ratio, apart_from=1)} for the ratio of -ln(1-P))",
        ),
        Support.UNDECIDED: sentence(
            who, "whether Landau and Zener's law holds cannot be said without an interval"
        ),
    }
    findings.append(judged("landau-zener-holds", ratio, 1.0, texts, subject=setting))
    return findings


def _rivals(part: pd.DataFrame, setting: str, several: bool, seed: int) -> dict[float, Finding]:
    """Return which predictor orders the problems better at equal tau."""
    singles = {}
    where = f" ({setting})" if several else ""
    for tau, rows in part.dropna(subset=["gap_squared", "independent"]).groupby("tau"):
        if len(rows) < MIN_POINTS:
            continue
        resampling = Resampling.of(rows.cluster, seed=seed)
        draws = resampling.rank_correlation(rows.independent, rows.y) - resampling.rank_correlation(
            rows.gap_squared, rows.y
        )
        gain = resampling.estimate(float(draws[0]), draws[1:])
        singles[float(tau)] = difference_finding(
            f"the rank correlation with success at tau = {duration(tau)}{where}",
            "independent qubits",
            "the squared gap",
            gain,
            claim="predictors",
            subject=f"{setting}, {duration(tau)}",
            minor=True,
        )
    return singles
