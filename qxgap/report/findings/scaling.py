"""How the gap falls with the number of qubits, and whether quantum mechanics has a part in it."""

from __future__ import annotations

import math

import pandas as pd

from ...analysis import Slope, power_laws
from ...statistics import Estimate
from .context import Context, once
from .finding import Finding, Support, judged
from .wording import counted, interval, sentence, two, under

CLASSICAL = "classical gap"
Fits = dict[str, dict[str, Slope]]


@once
def exponent_fits(context: Context) -> Fits:
    """Return the exponents k of gap ~ d^-k, by driver and by the choice of range and pooling.

    The last entry holds those of the classical gap; nothing is fitted to gaps of a single size.
    """
    rows = context.results.gap
    if rows.empty:
        return {}
    sizes = rows.groupby("setting", sort=False).num_qubits.nunique()
    settings = [str(name) for name in sizes.index[sizes > 1]]
    fits = {
        name: power_laws(rows[rows.setting == name], "gap", seed=context.seed) for name in settings
    }
    if fits:
        first = rows[rows.setting == settings[0]]
        fits[CLASSICAL] = power_laws(first, "classical_gap", seed=context.seed)
    return fits


@once
def scaling_findings(context: Context) -> tuple[Finding, ...]:
    """Return how fast the gap falls with d, beside the classical gap."""
    fits = dict(exponent_fits(context))
    if not fits:
        return ()
    classical = fits.pop(CLASSICAL)
    plain, several = next(iter(classical)), len(fits) > 1
    findings = []
    for setting, choices in fits.items():
        who = f"{under(setting)}," if several else ""
        estimates = [slope.estimate for slope in choices.values()]
        findings += [_exponent(estimates[0], who, setting), *_choices(estimates, who, setting)]
    setting = next(iter(fits))
    findings.append(_excess(fits[setting][plain].minus(classical[plain]), setting))
    rows = context.results.gap
    findings.append(_within_classes(rows[rows.setting == setting]))
    return tuple(findings)


def _exponent(estimate: Estimate, who: str, setting: str) -> Finding:
    """Return whether the gap falls as 1/d."""
    law = f"the typical gap goes as d^-k, k = {two(estimate.value, apart_from=1)}"
    sure = f"({interval(estimate, apart_from=1)}),"
    falls, constant = estimate.side(0.0) > 0, estimate.side(0.0) == 0
    words = {
        Support.ABOVE: sentence(who, law, sure, "a faster fall than 1/d"),
        Support.BELOW: sentence(
            who, law, sure, "a slower fall than 1/d" if falls else "which excludes 1/d"
        ),
        Support.EQUAL: sentence(who, "the typical gap goes exactly as 1/d"),
        Support.COMPATIBLE: sentence(
            who,
            law,
            sure,
            "excluding neither 1/d nor a constant" if constant else "which does not exclude 1/d",
        ),
        Support.UNDECIDED: sentence(
            who, "the trend of the gap in d cannot be given without an interval"
        ),
    }
    return judged("gap-exponent", estimate, 1.0, words, subject=setting)


def _choices(estimates: list[Estimate], who: str, setting: str) -> tuple[Finding, ...]:
    """Return the range of the exponent over all choices of range and pooling."""
    values = [each.value for each in estimates if not math.isnan(each.value)]
    sure = [each for each in estimates if not math.isnan(each.low)]
    if not sure:
        return ()
    holding = sum(each.side(1.0) == 0 for each in sure)
    falling = sum(each.side(0.0) > 0 for each in sure)
    words = sentence(
        who,
        f"other ranges and poolings give k from {two(min(values))} to {two(max(values))}; of their "
        f"{counted(len(sure), 'interval')}, {holding} contain 1, and above 0 there are {falling}",
    )
    return (Finding("gap-exponent-choices", words, subject=setting, minor=True),)


def _excess(excess: Estimate, setting: str) -> Finding:
    """Return whether the smallest gap falls with d in another way than the classical gap."""
    size, sure = two(abs(excess.value)), f"({interval(excess)} for the difference of the exponents)"
    words = {
        Support.ABOVE: sentence(
            f"the smallest gap falls faster with d than the classical gap, by {size} in the "
            f"exponent ({interval(excess)})"
        ),
        Support.BELOW: sentence(
            f"the smallest gap falls more slowly with d than the classical gap, by {size} in the "
            f"exponent ({interval(excess, factor=-1)})"
        ),
        Support.EQUAL: "The smallest gap has exactly the trend in d that the classical gap has.",
        Support.COMPATIBLE: sentence(
            "no difference between the trends of the smallest and the classical gap can be shown",
            sure,
        ),
        Support.UNDECIDED: "Whether the smallest and the classical gap have the same trend in d "
        "cannot be said without an interval.",
    }
    return judged("exponent-over-classical", excess, 0.0, words, subject=setting)


def _within_classes(rows: pd.DataFrame) -> Finding:
    """Return in how many classes d varies at all."""
    varies = rows.groupby("cluster").num_qubits.nunique() > 1
    count, total = int(varies.sum()), len(varies)
    words = f"d varies within {count or 'none'} of {counted(total, 'class')}"
    if varies.mean() < 0.5:
        words += ", so that the trend in d is one between classes and not of size alone"
    return Finding("size-within-classes", sentence("the number of qubits", words))
