"""Distances of distributions, and what finite reads alone make of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .intervals import require_level
from .seeds import Seed, random_generator

Distance = Callable[[ArrayLike, ArrayLike], float]
"""Distance of observed frequencies from a prediction, both (k,)."""


def total_variation(p: ArrayLike, q: ArrayLike) -> float:
    """Half the L1 distance of two distributions of the same shape; in [0, 1]."""
    first, second = _same_shape(p, q)
    return float(np.abs(first - second).sum() / 2)


def hellinger(p: ArrayLike, q: ArrayLike) -> float:
    """``sqrt(1 - sum sqrt(p q))``, in [0, 1]; its square is at most the total variation."""
    first, second = _same_shape(p, q)
    return math.sqrt(max(0.0, 1.0 - float(np.sqrt(first * second).sum())))


def kullback_leibler(p: ArrayLike, q: ArrayLike) -> float:
    """``sum p ln(p / q)`` in nats; inf where p has what q rules out."""
    from scipy.special import rel_entr

    first, second = _same_shape(p, q)
    return float(rel_entr(first, second).sum())


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


@dataclass(frozen=True)
class MeasuredDistance:
    """Distance between reads and a prediction.

    Attributes
    ----------
    value : of the observed frequencies.
    by_chance : mean distance if the reads followed the prediction, by simulation: the bias of so
        many reads. A ``value`` near it is no evidence of a difference.
    interval : bootstrap interval of the distance, at ``level``: quantiles of the distance of
        resampled frequencies, reflected about ``value`` (basic bootstrap), which takes the bias
        of finite reads off once; cut at 0. It is for distances well above ``by_chance``: a true
        distance of 0 lies on the edge of what is possible, where no bootstrap is right (test
        that with :func:`~qxgap.statistics.goodness_of_fit`).
    level : of the interval.
    """

    value: float
    by_chance: float
    interval: tuple[float, float]
    level: float


def measured_distance(
    counts: ArrayLike,
    probabilities: ArrayLike,
    distance: Distance = total_variation,
    *,
    level: float = 0.95,
    num_bootstrap: int = 500,
    seed: Seed = 0,
) -> MeasuredDistance:
    """Distance of read frequencies from a prediction, with interval and bias.

    Parameters
    ----------
    counts : (k,) reads per cell; or (m, k) for m runs, which are then resampled whole.
    probabilities : (k,) prediction.
    distance : :func:`total_variation`, :func:`hellinger`, :func:`kullback_leibler`, or another
        function of (frequencies, prediction).

    Raises InputError for shapes that differ, no reads, or a level outside (0, 1).

    Source: Davison & Hinkley, Bootstrap Methods and their Application (1997), section 5.2.
    """
    p, observed = np.asarray(probabilities, dtype=np.float64), np.asarray(counts)
    if observed.ndim not in (1, 2) or observed.shape[-1:] != p.shape:
        raise InputError(f"counts {observed.shape} and probabilities {p.shape}; the last axis is k")
    require_level(level)
    pooled = observed if observed.ndim == 1 else observed.sum(axis=0)
    reads = int(pooled.sum())
    if reads < 1 or np.any(observed < 0) or num_bootstrap < 1:
        raise InputError("a distance needs counts >= 0, at least one read and bootstrap sample")
    rng = random_generator(seed)
    value = distance(pooled / reads, p)
    draws = (rng.multinomial(reads, p / p.sum()) for _ in range(num_bootstrap))
    by_chance = float(np.mean([distance(drawn / reads, p) for drawn in draws]))
    if not math.isfinite(value):
        return MeasuredDistance(value, by_chance, (value, value), level)
    again = [distance(f, p) for f in _resampled(observed, num_bootstrap, rng)]
    low, high = np.quantile(again, [(1 - level) / 2, (1 + level) / 2])
    interval = (max(0.0, float(2 * value - high)), max(0.0, float(2 * value - low)))
    return MeasuredDistance(value, by_chance, interval, level)


def _resampled(
    counts: NDArray, num_bootstrap: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Frequencies (k,) of resampled reads, or of resampled runs for counts (m, k)."""
    for _ in range(num_bootstrap):
        if counts.ndim == 1:
            drawn = rng.multinomial(counts.sum(), counts / counts.sum())
        else:
            drawn = counts[rng.integers(len(counts), size=len(counts))].sum(axis=0)
        yield drawn / drawn.sum()


def _same_shape(p: ArrayLike, q: ArrayLike) -> tuple[NDArray, NDArray]:
    first, second = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    if first.shape != second.shape:
        raise InputError(f"distributions of shapes {first.shape} and {second.shape} do not compare")
    return first, second
