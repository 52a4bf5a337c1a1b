"""The reads of one source beside every model: what was measured, and which models survive."""

from __future__ import annotations

from collections.abc import Mapping

from ....problem import LevelStatus
from ....samples import GroundComparison, GroundProbability, Ladder, ShareStatus
from ....statistics import Estimate
from ..finding import Answer, Finding, Question, Story, Support
from ..wording import counted, interval, percent, sentence, two
from .origin import ASKED

SETTLED = 0.95
"""Share of the resamplings in which a model must be the nearest to be called the nearest."""


def source_findings(ladder: Ladder, measured: GroundProbability) -> tuple[Finding, ...]:
    """Return the findings about the reads of one source.

    Parameters
    ----------
    ladder : Ladder
        The models with which the reads were compared.
    measured : GroundProbability
        The ground probability of the reads.

    Returns
    -------
    tuple of Finding
        Which models may explain the reads first.
    """
    return (_acceptable(ladder), _ground(measured), *_nearest(ladder))


def share_findings(comparison: GroundComparison) -> tuple[Finding, ...]:
    """Return the findings about the share of ground states in the reads of one source.

    Parameters
    ----------
    comparison : GroundComparison
        The share of ground states against the shares that models predict.

    Returns
    -------
    tuple of Finding
        Which models predict this share first.
    """
    findings = [_agreeing(comparison)]
    if comparison.status is not ShareStatus.NOT_PROVEN:
        findings.append(_ground(comparison.measured))
    if comparison.measured.ground is LevelStatus.PROVEN:
        energy = f"{comparison.measured.ground_energy:.3g}"
        words = f"the lowest energy, {energy}, is proven by branch and bound"
        findings.append(Finding("optimum-proven", sentence(words), subject=comparison.source))
    return (*findings, *(Finding("left-out-of-shares", words) for words in comparison.left_out))


def unpredicted_answer(comparisons: Mapping[str, GroundComparison]) -> Answer:
    """Return the third answer for reads of a problem that is too large for a prediction.

    Parameters
    ----------
    comparisons : mapping of str to GroundComparison
        Name of each source, as sentences have it, and its reads beside the proven optimum. The last
        source is the one that the answer is about.
    """
    source, comparison = list(comparisons.items())[-1]
    measured = comparison.measured
    low, high = measured.interval
    estimate = Estimate(measured.value, low, high, len(measured.clusters))
    sure = interval(estimate, factor=100, unit="%")
    words = sentence(
        f"{percent(measured.value)} of the reads of {source} are ground states; the quantum "
        "prediction is not computed"
    )
    first = Finding("reads-without-prediction", words, Support.ESTIMATED, source, estimate)
    return Answer(
        Question.REALITY,
        "no prediction to compare with",
        words,
        sure,
        Story(
            ASKED,
            f"We counted the reads of {source} that have the lowest energy, which is proven.",
            f"{percent(measured.value)} of {counted(measured.num_reads, 'read')} are ground states "
            f"({sure}).",
            "How often the quantum model would find them stays open.",
            "The prediction needs all 2^d amplitudes of a state, which are too many.",
        ),
        (first, *(each for one in comparisons.values() for each in share_findings(one))),
        is_open=True,
    )


def _agreeing(comparison: GroundComparison) -> Finding:
    """Return which models predict the share of ground states, or that it is not known."""
    measured, source = comparison.measured, comparison.source
    if comparison.status is ShareStatus.NOT_PROVEN:
        words = (
            f"whether the reads are ground states is not known: {percent(measured.value)} of them "
            "have the lowest energy known, which is not proven to be the lowest"
        )
        return Finding("optimum-not-proven", sentence(words), subject=source)
    words = "the reads reject the share of ground states that every model predicts"
    if comparison.acceptable:
        models = "; ".join(comparison.acceptable)
        words = f"the reads do not reject the share of ground states that these predict: {models}"
    elif comparison.predictions.empty:
        words = "no model predicts a share of ground states for these reads"
    return Finding("shares-acceptable", sentence(words), subject=source)


def _acceptable(ladder: Ladder) -> Finding:
    accepted = ladder.acceptable
    runs = counted(ladder.num_runs, "run")
    words = f"each model is rejected by at least one of {runs}, so none of them explains the reads"
    if ladder.num_runs == 1:
        words = "the reads reject every model, so none of them explains the reads"
    if accepted:
        words = f"these models may explain the reads, as no run rejects them: {'; '.join(accepted)}"
    return Finding("models-acceptable", sentence(words), subject=ladder.source)


def _ground(measured: GroundProbability) -> Finding:
    low, high = measured.interval
    estimate = Estimate(measured.value, low, high, len(measured.clusters))
    where = f"in {counted(len(measured.clusters), 'run')}" if len(measured.clusters) > 1 else ""
    words = sentence(
        f"{percent(measured.value)} of the {measured.num_reads} reads are ground states",
        where,
        f"({interval(estimate, factor=100, unit='%')})",
    )
    return Finding("ground-share", words, Support.ESTIMATED, "", estimate)


def _nearest(ladder: Ladder) -> list[Finding]:
    """Return the nearest model, and whether that it is the nearest is settled."""
    first = ladder.table.iloc[0]
    share = float(first.nearest_share)
    estimate = Estimate(float(first.tv), float(first.tv_low), float(first.tv_high), ladder.num_runs)
    near = Finding(
        "nearest-model",
        sentence(
            f"the nearest model is {ladder.nearest}, at a distance of {two(estimate.value)}",
            f"({interval(estimate)}); by chance it would be {two(float(first.tv_by_chance))}",
        ),
        Support.ESTIMATED,
        ladder.nearest,
        estimate,
    )
    rivals = ladder.table[~ladder.table.fitted].iloc[1:2].model
    if rivals.empty or share >= SETTLED:
        return [near]
    words = (
        f"that it is the nearest is not settled: it is in {percent(share)} of all repetitions of "
        f"the sampling; the next is {rivals.iloc[0]}"
    )
    return [near, Finding("nearest-not-settled", sentence(words), subject=ladder.nearest)]
