"""How often reads are ground states, beside the share that a model gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from ....statistics import Estimate, Resampling
from ..context import Context
from ..finding import Finding, Support, common_support, judged, summed_up
from ..wording import duration, interval, sentence
from .origin import CLASSICAL, sampler_words


@dataclass(frozen=True)
class Reference:
    """A kind of model with which the success of reads is compared.

    Attributes
    ----------
    predicts : str
        The model and its verb, such as ``"the quantum model predicts"``.
    owns : str
        Its success as a noun, such as ``"the prediction of the quantum model"``.
    claim : str
        The kind of the claim about one anneal time.
    summed_claim : str
        The kind of the claim about all of them.
    """

    predicts: str
    owns: str
    claim: str
    summed_claim: str


QUANTUM = Reference(
    "the quantum model predicts",
    "the prediction of the quantum model",
    claim="reads-over-prediction",
    summed_claim="reads-over-predictions",
)
INDEPENDENT = Reference(
    "qubits that do not interact would",
    "that of qubits that do not interact",
    claim="reads-over-independent-qubits",
    summed_claim="reads-over-independent-qubits-always",
)


@dataclass(frozen=True)
class Excess:
    """How the ground-state share of the reads of one sampler compares with what a model gives.

    Attributes
    ----------
    summary : Finding
        The sentence for all anneal times and drivers, or for the main one if they differ.
    main : Finding
        The finding for the first driver and the longest anneal.
    singles : tuple of Finding
        The findings for every anneal time and driver.
    """

    summary: Finding
    main: Finding
    singles: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The summary, and the single findings if there are several."""
        return (self.summary, *(self.singles if len(self.singles) > 1 else ()))


def excess(
    context: Context, rows: pd.DataFrame, sampler: str, reference: Reference = QUANTUM
) -> Excess:
    """Return how the reads of one sampler compare with the column ``predicted``.

    Parameters
    ----------
    context : Context
        The results of the study.
    rows : DataFrame
        Comparisons of the sampler.
    sampler : str
        The sampler.
    reference : Reference
        The kind of model.
    """
    chosen = main_model(rows)
    several = rows.setting.nunique() > 1
    singles = {}
    for model, part in rows.groupby("model", sort=False):
        tau, setting = part.tau.iloc[0], part.setting.iloc[0]
        where = f"at tau = {duration(tau)}" + (f" ({setting})" if several else "")
        words = _words(context, sampler, where, reference)
        estimate, subject = excess_of(part, context.seed), f"{sampler}, {model}"
        singles[str(model)] = judged(
            reference.claim, estimate, 0.0, words, subject=subject, minor=True
        )
    main, every = singles[chosen], tuple(singles.values())
    summary = replace(main, minor=False)
    if len(every) > 1 and common_support(every) is not Support.MIXED:
        words = _words(context, sampler, "", reference)
        text = words[common_support(every)]
        summary = summed_up(reference.summed_claim, every, text, subject=sampler)
    return Excess(summary, main, every)


def main_model(rows: pd.DataFrame) -> str:
    """Return the model with the first driver and the longest anneal."""
    first = rows[rows.setting == rows.setting.iloc[0]]
    return str(first.model[first.tau == first.tau.max()].iloc[0])


def excess_of(rows: pd.DataFrame, seed: int) -> Estimate:
    """Return the ground-state share of reads minus the predicted one: the median over problems.

    For one problem it is the share with its Jeffreys interval.
    """
    over = (rows.ground_probability - rows.predicted).astype(float)
    if len(rows) > 1:
        return Resampling.of(rows.cluster, seed=seed).median(over)
    low, high = map(float, rows.ground_probability_interval.iloc[0])
    predicted = float(rows.predicted.iloc[0])
    return Estimate(float(over.iloc[0]), low - predicted, high - predicted, 1)


def _words(
    context: Context, sampler: str, where: str, reference: Reference
) -> Mapping[Support, str]:
    who, predicts = sampler_words(context, sampler), reference.predicts
    subject = f"{who}, a classical method," if sampler in CLASSICAL else who
    return {
        Support.ABOVE: sentence(subject, f"succeeds more often than {predicts}", where),
        Support.BELOW: sentence(subject, f"succeeds less often than {predicts}", where),
        Support.EQUAL: sentence(subject, f"succeeds as often as {predicts}", where),
        Support.COMPATIBLE: sentence(
            f"no difference between the success of {who} and {reference.owns} can be shown", where
        ),
        Support.UNDECIDED: sentence(
            f"whether {who} succeeds as often as {predicts} cannot be said without an interval",
            where,
        ),
    }


def certainty_of(finding: Finding) -> str:
    """Return how sure a difference is: its interval, if there is one."""
    estimate = finding.estimate
    if estimate is None or math.isnan(estimate.low):
        return "no interval: one class only"
    return f"difference {interval(estimate).removeprefix('95 % interval ')} (95 %)"


def middle(values: pd.Series) -> float:
    """Return the median of a column."""
    return float(values.astype(float).median())
