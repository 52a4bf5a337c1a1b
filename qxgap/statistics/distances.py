"""Distances between distributions, and their size by chance for a number of reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Result, plain
from .bootstrap import (
    CONFIDENCE_LEVEL,
    frequency_draws,
    histogram_draws,
    percentile_interval,
    require_confidence_level,
    require_resamples,
)
from .seeds import Seed, random_generator

Distance = Callable[[ArrayLike, ArrayLike], float]
"""Distance of observed frequencies from a prediction, both (k,)."""


def total_variation(p: ArrayLike, q: ArrayLike) -> float:
    """Return the total variation distance, half the L1 distance of two distributions.

    Parameters
    ----------
    p, q : array_like of float, shape (k,)
        The two distributions.

    Returns
    -------
    float
        A number in [0, 1].

    Examples
    --------
    >>> from qxgap.statistics import total_variation
    >>> total_variation([0.5, 0.5], [0.75, 0.25])
    0.25
    """
    first, second = _same_shape(p, q)
    return float(np.abs(first - second).sum() / 2)


def hellinger(p: ArrayLike, q: ArrayLike) -> float:
    """Return the Hellinger distance ``sqrt(1 - sum sqrt(p q))`` of two distributions.

    Parameters
    ----------
    p, q : array_like of float, shape (k,)
        The two distributions.

    Returns
    -------
    float
        A number in [0, 1]; its square is at most the total variation distance.
    """
    first, second = _same_shape(p, q)
    return math.sqrt(max(0.0, 1.0 - float(np.sqrt(first * second).sum())))


def kullback_leibler(p: ArrayLike, q: ArrayLike) -> float:
    """Return the relative entropy ``sum p ln(p / q)`` in nats.

    Parameters
    ----------
    p, q : array_like of float, shape (k,)
        The two distributions.

    Returns
    -------
    float
        A number >= 0; inf where ``q`` rules out what ``p`` contains.
    """
    from scipy.special import rel_entr

    first, second = _same_shape(p, q)
    return float(rel_entr(first, second).sum())


def expected_total_variation(probabilities: ArrayLike, reads: int) -> float:
    """Return the mean total variation between a distribution and reads drawn from it.

    This is the distance that a finite number of reads shows even if the prediction is right.

    Parameters
    ----------
    probabilities : array_like of float, shape (k,)
        The distribution.
    reads : int
        Number n of independent reads.

    Returns
    -------
    float
        The exact mean.

    Raises
    ------
    InputError
        For fewer than one read.

    Notes
    -----
    The mean absolute deviation of a binomial number X of probability p,
    ``E|X - np| = 2 (m+1) C(n, m+1) p^(m+1) (1-p)^(n-m)`` with ``m = floor(np)`` (de Moivre 1730;
    Diaconis & Zabell, Statistical Science 6, 284 (1991)), is summed over the cells.
    """
    from scipy.special import gammaln, xlog1py, xlogy

    p = np.asarray(probabilities, dtype=np.float64)
    if reads < 1:
        raise InputError(f"reads = {reads}; give at least one")
    m = np.minimum(np.floor(reads * p), reads)
    log_deviation = gammaln(reads + 1) - gammaln(m + 1) - gammaln(reads - m)
    log_deviation += xlogy(m + 1, p) + xlog1py(reads - m, -np.minimum(p, 1.0))
    return float(np.exp(log_deviation).sum() / reads)


@dataclass(frozen=True, repr=False)
class MeasuredDistance(Result):
    """Distance between reads and a prediction.

    Attributes
    ----------
    value : float
        Distance of the observed frequencies.
    by_chance : float
        Mean distance, by simulation, if the reads followed the prediction: the bias of so many
        reads. A ``value`` near it is no evidence of a difference.
    interval : tuple of float
        Bootstrap interval of the distance. Its ends are quantiles of the distance of resampled
        frequencies, reflected about ``value`` (basic bootstrap), which removes the bias of finite
        reads, and cut at 0. It is valid for distances well above ``by_chance``. A true distance of
        0 lies at the limit of the possible values, where no bootstrap is valid
        (:func:`~qxgap.statistics.goodness_of_fit` tests that case).
    confidence_level : float
        Probability with which the interval covers the true distance.
    """

    value: float
    by_chance: float
    interval: tuple[float, float]
    confidence_level: float

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3g} [{low:.3g}, {high:.3g}], {self.by_chance:.3g} by chance alone"


def measured_distance(
    counts: ArrayLike,
    probabilities: ArrayLike,
    distance: Distance = total_variation,
    *,
    confidence_level: float = CONFIDENCE_LEVEL,
    num_resamples: int = 500,
    seed: Seed = None,
) -> MeasuredDistance:
    """Return the distance of read frequencies from a prediction, with interval and bias.

    Parameters
    ----------
    counts : array_like of int, shape (k,) or (m, k)
        Reads per cell; m runs are resampled whole.
    probabilities : array_like of float, shape (k,)
        The prediction.
    distance : callable
        :func:`total_variation`, :func:`hellinger`, :func:`kullback_leibler`, or another function of
        (frequencies, prediction).
    confidence_level : float
        Probability with which the interval covers the true distance, in (0, 1).
    num_resamples : int
        Number of resamples behind the interval, and of simulations behind the bias.
    seed : int, numpy.random.Generator or None
        Seed of both.

    Returns
    -------
    MeasuredDistance
        The distance, its interval, and its mean by chance.

    Raises
    ------
    InputError
        For shapes that differ, no reads, or a confidence level outside (0, 1).

    Notes
    -----
    Source: Davison & Hinkley, Bootstrap Methods and their Application (1997), section 5.2.

    Examples
    --------
    >>> from qxgap.statistics import measured_distance
    >>> round(measured_distance([60, 40], [0.5, 0.5], seed=1).value, 6)
    0.1
    """
    p, observed = np.asarray(probabilities, dtype=np.float64), np.asarray(counts)
    if observed.ndim not in (1, 2) or observed.shape[-1:] != p.shape:
        raise InputError(f"counts {observed.shape} and probabilities {p.shape}; the last axis is k")
    require_confidence_level(confidence_level)
    require_resamples(num_resamples)
    pooled = observed if observed.ndim == 1 else observed.sum(axis=0)
    reads = int(pooled.sum())
    if reads < 1 or np.any(observed < 0):
        raise InputError("a distance needs counts >= 0 and at least one read")
    rng = random_generator(seed)
    value = distance(pooled / reads, p)
    batches = histogram_draws(reads, p / p.sum(), num_resamples, rng)
    by_chance = float(np.mean([distance(f, p) for batch in batches for f in batch / reads]))
    if not math.isfinite(value):
        return MeasuredDistance(value, by_chance, (value, value), confidence_level)
    draws = np.array([distance(f, p) for f in frequency_draws(observed, num_resamples, rng)])
    low, high = percentile_interval(draws, (1 - confidence_level) / 2)
    interval = (max(0.0, 2 * value - high), max(0.0, 2 * value - low))
    return MeasuredDistance(value, by_chance, interval, confidence_level)


def _same_shape(p: ArrayLike, q: ArrayLike) -> tuple[NDArray, NDArray]:
    """Return two distributions as arrays; InputError if their shapes differ."""
    first, second = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    if first.shape != second.shape:
        raise InputError(f"distributions of shapes {first.shape} and {second.shape} do not compare")
    return first, second
