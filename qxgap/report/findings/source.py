"""The reads of one source beside every model: what was measured, and which models survive."""

from __future__ import annotations

from ...samples import GroundProbability, Ladder
from ...statistics import Estimate
from .finding import Finding, Support
from .wording import counted, interval, percent, sentence, two

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
