"""The temperature of reads, by the method that the size of the problem allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import dimod

from ..errors import InputError
from ..problem.accept import ProblemLike, as_problem
from ..problem.proven_levels import MOST_ENUMERATED
from ..statistics.seeds import Seed
from .alignment import Reads, aligned_runs
from .energies import energy_levels, level_counts
from .pseudolikelihood import pseudolikelihood_temperature
from .temperature import EffectiveTemperature, level_temperature


def effective_temperature(
    problem: ProblemLike,
    samplesets: Sequence[dimod.SampleSet] | Sequence[Reads],
    *,
    confidence_level: float = 0.95,
    seed: Seed = None,
) -> EffectiveTemperature:
    """Estimate the temperature of the reads of one run of a problem or more.

    Up to 24 qubits the temperature is that of all energy levels (:func:`level_temperature`). Beyond
    that it is the one of single flips (:func:`pseudolikelihood_temperature`), which needs no list
    of levels; ``kind`` says so.

    Parameters
    ----------
    problem : QuboProblem or dimod.BinaryQuadraticModel
        The problem that was sampled.
    samplesets : sequence of dimod.SampleSet or of Reads
        The reads of each run.
    confidence_level : float
        Confidence level of the interval, in (0, 1).
    seed : int, numpy.random.Generator or None
        Seed of the bootstrap over runs.

    Returns
    -------
    EffectiveTemperature
        The temperature in the unit of the problem.

    Raises
    ------
    InputError
        If there are no runs, or if ``align`` refuses a sample set.

    Examples
    --------
    >>> import qxgap as qx
    >>> problem = qx.testing.random_feature_selection(4, seed=1)
    >>> cold = qx.gibbs(problem, s=1.0, temperature=0.2).sample(5000, seed=1)
    >>> round(qx.samples.effective_temperature(problem, [cold]).value, 1)
    0.2
    """
    problem = as_problem(problem)
    aligned = aligned_runs(problem, samplesets, "samplesets")
    if not aligned:
        raise InputError("samplesets is empty; give the reads of one run or more")
    if problem.num_qubits > MOST_ENUMERATED:
        flips = pseudolikelihood_temperature(aligned, confidence_level=confidence_level)
        return replace(flips, kind=f"single flips, {flips.kind}")
    levels = energy_levels(problem)
    counts = [level_counts(levels, run) for run in aligned]
    observed = counts if len(counts) > 1 else counts[0]
    return level_temperature(levels, observed, confidence_level=confidence_level, seed=seed)
