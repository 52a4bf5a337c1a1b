"""Effective temperature by maximum likelihood on energy levels.

A Boltzmann law ``P(z) ~ exp(-E(z)/T)`` is an exponential family in the inverse temperature beta:
its likelihood is greatest where the law's mean energy is that of the reads, and the mean energy
falls strictly as beta grows. So the estimate, its intervals and its bootstrap all invert one
monotone function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..statistics.bootstrap import require_confidence_level
from ..statistics.intervals import cluster_interval
from ..statistics.seeds import Seed
from .energies import Levels


@dataclass(frozen=True)
class EffectiveTemperature:
    """A temperature estimated from reads.

    Attributes
    ----------
    value : in the unit of the energies; 0 if all reads are ground states (or local minima, for
        the pseudo-likelihood), negative above uniform reads, inf for uniform ones.
    interval : (low, high) in the same sense: the ends of the interval of the *inverse*
        temperature, turned over. Where that contains 0, the temperature's passes through
        infinity and ``low > high``; use ``inverse_interval`` then.
    inverse, inverse_interval : of beta = 1/T.
    level : of the intervals.
    kind : how the interval was made.
    offset : common field on all occupations, in units of T, where it was fitted too, else 0.
    """

    value: float
    interval: tuple[float, float]
    inverse: float
    inverse_interval: tuple[float, float]
    level: float
    kind: str
    offset: float = 0.0

    @classmethod
    def of_inverse(
        cls, beta: float, ends: tuple[float, float], level: float, kind: str, offset: float = 0.0
    ) -> EffectiveTemperature:
        """Make one from an inverse temperature and its interval."""
        low, high = ends
        interval = (_reciprocal(high), _reciprocal(low))
        return cls(_reciprocal(beta), interval, beta, (low, high), level, kind, offset)


def inverse_temperature(levels: Levels, excitations: ArrayLike) -> NDArray[np.float64]:
    """Inverse temperatures at which the Boltzmann law has these mean excitations, S -> S.

    Parameters
    ----------
    excitations : mean energies above the lowest level.

    inf (-inf) at the lowest (highest) level; 0 for a single level, which every beta fits.

    Raises InputError for a mean energy outside the levels.
    """
    x, width = _unit(levels)
    means = np.asarray(excitations, dtype=np.float64)
    if width == 0:
        return np.zeros(means.shape)
    above, below = means / width, 1 - means / width
    if not np.all((above > -1e-9) & (below > -1e-9)):
        raise InputError("a mean energy lies outside the levels")
    log_degeneracies = np.log(levels.degeneracies)
    uniform = float(levels.degeneracies @ x / levels.degeneracies.sum())
    beta = np.where(above <= 0, np.inf, -np.inf)
    low, high = (above > 0) & (above <= uniform), (below > 0) & (above > uniform)
    if np.any(low):
        beta[low] = _rate(log_degeneracies, x, above[low]) / width
    if np.any(high):
        beta[high] = -_rate(log_degeneracies, 1 - x, below[high]) / width
    return beta


def _rate(log_degeneracies: NDArray, x: NDArray, targets: NDArray) -> NDArray[np.float64]:
    """Rates b at which ``g exp(-b x) / Z`` has these means of x in [0, 1]: (n,) -> (n,)."""
    from scipy.optimize import elementwise

    def excess(b: NDArray, target: NDArray) -> NDArray[np.float64]:
        exponents = log_degeneracies - b[..., None] * x
        weights = np.exp(exponents - exponents.max(axis=-1, keepdims=True))
        return np.asarray((weights @ x) / weights.sum(axis=-1) - target)

    bracket = elementwise.bracket_root(excess, -1.0, 1.0, args=(targets,)).bracket
    return np.asarray(elementwise.find_root(excess, bracket, args=(targets,)).x)


def effective_inverse_temperature(
    level_energies: ArrayLike, level_degeneracies: ArrayLike, counts: ArrayLike
) -> float:
    """Maximum-likelihood inverse temperature of a Boltzmann law ``g_l exp(-beta E_l) / Z``.

    It makes the law's mean energy that of the reads. Negative where the reads lie higher than
    uniform ones; inf (-inf) where all are in the lowest (highest) level; 0 for a single level,
    which every beta fits.

    Parameters
    ----------
    level_energies : (k,) energies in any order; their unit is that of 1 / beta.
    level_degeneracies : (k,) states per level.
    counts : (k,) reads per level.

    Raises InputError for shapes that differ, no reads, or degeneracies below 1.

    Source: Raymond, Yarkoni & Andriyash, Frontiers in ICT 3, 23 (2016).
    """
    energies, degeneracies, reads = (
        np.asarray(a, dtype=np.float64) for a in (level_energies, level_degeneracies, counts)
    )
    if not (energies.ndim == 1 and energies.shape == degeneracies.shape == reads.shape):
        raise InputError("level energies, degeneracies and counts must all have one shape (k,)")
    if reads.sum() < 1:
        raise InputError("a temperature needs at least one read")
    inverted = reads @ energies / reads.sum() > degeneracies @ energies / degeneracies.sum()
    sign = -1.0 if inverted else 1.0  # excitations are exact from the end that the reads crowd
    order = np.argsort(sign * energies, kind="stable")
    levels = Levels(sign * energies[order], degeneracies[order])
    return sign * float(inverse_temperature(levels, _mean_excitation(levels, reads[order])))


def level_temperature(
    levels: Levels,
    counts: ArrayLike,
    *,
    level: float = 0.95,
    num_bootstrap: int = 4000,
    seed: Seed = 0,
) -> EffectiveTemperature:
    """Maximum-likelihood temperature of reads per level, with an interval.

    Parameters
    ----------
    counts : (k,) reads per level; the interval is that of the profile likelihood, for independent
        reads. (m, k) for m runs, two or more: the interval is the hull of that and of
        :func:`~qxgap.statistics.cluster_interval` of the mean energy, mapped to temperatures (a few
        runs that agree by luck do not make it narrower than their reads allow).
    level, num_bootstrap, seed : of the interval.

    Raises InputError for shapes that differ, no reads, or a level outside (0, 1).
    """
    observed = np.asarray(counts, dtype=np.float64)
    if observed.ndim not in (1, 2) or observed.shape[-1:] != levels.energies.shape:
        raise InputError(f"counts {observed.shape}; the last axis is {levels.energies.size} levels")
    require_confidence_level(level)
    pooled = observed if observed.ndim == 1 else observed.sum(axis=0)
    mean = _mean_excitation(levels, pooled)
    beta = float(inverse_temperature(levels, mean))
    ends = _profile_interval(levels, mean, float(pooled.sum()), beta, level)
    kind = "profile likelihood"
    if observed.ndim == 2:
        excitations, sizes = levels.energies - levels.energies[0], observed.sum(axis=1)
        means = cluster_interval(
            observed @ excitations,
            sizes,
            confidence_level=level,
            num_resamples=num_bootstrap,
            seed=seed,
        )
        high, low = inverse_temperature(levels, np.clip(means, 0.0, excitations[-1])).tolist()
        ends = (min(low, ends[0]), max(high, ends[1]))
        kind = f"profile likelihood and bootstrap over {len(observed)} runs"
    return EffectiveTemperature.of_inverse(beta, ends, level, kind)


def _profile_interval(
    levels: Levels, mean: float, reads: float, beta: float, level: float
) -> tuple[float, float]:
    """Where twice the log likelihood lies less than the chi-square quantile below its maximum."""
    from scipy.special import chdtri

    x, width = _unit(levels)
    if width == 0:
        return -math.inf, math.inf
    target, log_degeneracies = mean / width, np.log(levels.degeneracies)

    def log_likelihood(b: float) -> float:  # of one read
        return float(-b * target - np.logaddexp.reduce(log_degeneracies - b * x))

    if math.isfinite(beta):
        best = log_likelihood(beta * width)
    else:  # in the limit all reads are in the lowest, or highest, level
        best = -float(log_degeneracies[0 if beta > 0 else -1])
    drop = float(chdtri(1, 1 - level)) / (2 * reads)

    def fallen(b: float) -> float:
        return best - log_likelihood(b) - drop

    if math.isfinite(beta):
        b = beta * width
        return _crossing(fallen, b, -1.0) / width, _crossing(fallen, b, 1.0) / width
    side = math.copysign(1.0, beta)  # towards beta the likelihood only rises
    start = 0.0
    while fallen(start) > 0:
        start = 2 * start + side
    end = _crossing(fallen, start, -side) / width
    return (end, beta) if beta > 0 else (beta, end)


def _crossing(function: Callable[[float], float], start: float, step: float) -> float:
    """Zero of a function that is negative at ``start`` and grows along ``step``."""
    from scipy.optimize import brentq

    while function(start + step) < 0:
        step *= 2
    return float(brentq(function, start, start + step, xtol=1e-13, rtol=1e-12))


def _mean_excitation(levels: Levels, counts: NDArray[np.float64]) -> float:
    """Mean energy of the reads above the lowest level."""
    if counts.sum() < 1 or np.any(counts < 0):
        raise InputError("a temperature needs counts >= 0 and at least one read")
    excitations = levels.energies - levels.energies[0]
    return min(float(counts @ excitations / counts.sum()), float(excitations[-1]))


def _unit(levels: Levels) -> tuple[NDArray[np.float64], float]:
    """Energies scaled to [0, 1], and the width that they had."""
    width = float(np.ptp(levels.energies))
    return (levels.energies - levels.energies[0]) / (width or 1.0), width


def _reciprocal(beta: float) -> float:
    return math.inf if beta == 0 else 1 / beta
