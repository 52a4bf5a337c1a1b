"""Intervals, times to solution, distances and temperatures: functions of counts alone."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ..dynamics.tts import runs_to_solution as runs_to_solution
from ..dynamics.tts import time_to_solution as time_to_solution
from ..problem.errors import InputError


def jeffreys_interval(successes: int, reads: int, level: float = 0.95) -> tuple[float, float]:
    """Equal-tailed interval of a probability from ``successes`` in ``reads``.

    Quantiles of Beta(k + 1/2, n - k + 1/2), with the lower end 0 for k = 0 and the upper end 1
    for k = n. Source: Brown, Cai & DasGupta, Statistical Science 16, 101 (2001).

    Raises InputError for no reads, successes outside [0, reads], a level outside (0, 1).
    """
    from scipy.special import betaincinv

    if not (reads >= 1 and 0 <= successes <= reads):
        raise InputError(f"{successes} successes in {reads} reads; give 0 <= successes <= reads")
    if not 0 < level < 1:
        raise InputError(f"level = {level} lies outside (0, 1)")
    a, b, tail = successes + 0.5, reads - successes + 0.5, (1 - level) / 2
    low = 0.0 if successes == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if successes == reads else float(betaincinv(a, b, 1 - tail))
    return low, high


def total_variation(p: ArrayLike, q: ArrayLike) -> float:
    """Half the L1 distance of two distributions of the same shape; in [0, 1]."""
    first, second = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    if first.shape != second.shape:
        raise InputError(f"distributions of shapes {first.shape} and {second.shape} do not compare")
    return float(np.abs(first - second).sum() / 2)


def expected_total_variation(probabilities: ArrayLike, reads: int) -> float:
    """Mean total variation between a distribution and ``reads`` draws from it.

    This is what finite reads alone give. Exact, from the mean absolute deviation of a binomial,
    ``E|X - np| = 2 (m+1) C(n, m+1) p^(m+1) (1-p)^(n-m)`` with ``m = floor(np)`` (de Moivre 1730;
    Diaconis & Zabell, Statistical Science 6, 284 (1991)), summed over the cells.
    """
    from scipy.special import gammaln, xlog1py, xlogy

    p = np.asarray(probabilities, dtype=np.float64)
    if reads < 1:
        raise InputError(f"reads = {reads}; give at least one")
    m = np.minimum(np.floor(reads * p), reads)
    log_deviation = gammaln(reads + 1) - gammaln(m + 1) - gammaln(reads - m)
    log_deviation += xlogy(m + 1, p) + xlog1py(reads - m, -np.minimum(p, 1.0))
    return float(np.exp(log_deviation).sum() / reads)


def effective_inverse_temperature(
    level_energies: ArrayLike, level_degeneracies: ArrayLike, counts: ArrayLike
) -> float:
    """Maximum-likelihood inverse temperature of a Boltzmann law ``g_l exp(-beta E_l) / Z``.

    It makes the law's mean energy that of the reads. Negative where the reads lie higher than
    uniform ones; inf (-inf) where all are in the lowest (highest) level; 0 for a single level,
    which every beta fits.

    Parameters
    ----------
    level_energies : (k,) distinct energies; their unit is that of 1 / beta.
    level_degeneracies : (k,) states per level.
    counts : (k,) reads per level.

    Raises InputError for shapes that differ, no reads, or degeneracies below 1.

    Source: Raymond, Yarkoni & Andriyash, Frontiers in ICT 3, 23 (2016).
    """
    from scipy.optimize import brentq

    energies, degeneracies, reads = (
        np.asarray(a, dtype=np.float64) for a in (level_energies, level_degeneracies, counts)
    )
    if not (energies.ndim == 1 and energies.shape == degeneracies.shape == reads.shape):
        raise InputError("level energies, degeneracies and counts must all have one shape (k,)")
    if reads.sum() < 1 or np.any(reads < 0) or np.any(degeneracies < 1):
        raise InputError("a temperature needs counts >= 0, at least one read, degeneracies >= 1")
    width = float(np.ptp(energies))
    if width == 0:
        return 0.0
    inverted = reads @ energies / reads.sum() > degeneracies @ energies / degeneracies.sum()
    sign = -1.0 if inverted else 1.0  # measured from the end that the reads crowd, beta is >= 0
    x = (sign * energies - (sign * energies).min()) / width
    mean = float(reads @ x / reads.sum())
    if mean == 0:
        return sign * math.inf

    def excess(beta: float) -> float:
        exponents = np.log(degeneracies) - beta * x
        weights = np.exp(exponents - exponents.max())
        return float(weights @ x / weights.sum()) - mean

    if excess(0.0) <= 0:
        return 0.0
    end = 1.0
    while excess(end) > 0:
        end *= 2
    return sign * float(brentq(excess, 0.0, end, rtol=1e-12)) / width
