"""Intervals from resampling whole classes, and what may be claimed of them.

The images of a class share their importance alpha where the network's head is linear, and are not
independent: so classes are drawn anew, not instances. Source: Field and Welsh, J. R. Stat. Soc. B
69, 369 (2007). The tails are widened for few classes as in
:func:`qxgap.statistics.cluster_interval` (Hesterberg, The American Statistician 69, 371, 2015).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .intervals import cluster_tail

NUM_RESAMPLES = 2000
LEVEL = 0.95
CELLS = 1 << 24
"""Weights that are held at a time."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number with its interval.

    Attributes
    ----------
    value : the number.
    low, high : of its interval; NaN if none is known (fewer than two clusters).
    num_clusters : classes that were resampled.
    """

    value: float
    low: float
    high: float
    num_clusters: int

    def side(self, reference: float = 0.0) -> int:
        """1 if the whole interval lies above ``reference``, -1 if below; 0 if it holds it.

        0 too without an interval: then nothing can be said.
        """
        if self.low > reference:
            return 1
        return -1 if self.high < reference else 0

    def __str__(self) -> str:
        if math.isnan(self.low) or math.isnan(self.high):
            return f"{'unknown' if math.isnan(self.value) else f'{self.value:.3g}'} [no interval]"
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True, eq=False)
class Resampling:
    """Bootstrap over clusters: how often each of n values is drawn, resample by resample.

    Attributes
    ----------
    weights : (num_resamples, n); the values of a cluster have the same weight.
    num_clusters : how many there are.
    """

    weights: NDArray[np.int16]
    num_clusters: int

    @classmethod
    def of(
        cls,
        clusters: ArrayLike,
        *,
        seed: int | np.random.Generator,
        num_resamples: int = NUM_RESAMPLES,
    ) -> Resampling:
        """Draw whole clusters with replacement, as many as there are.

        Parameters
        ----------
        clusters : (n,), n >= 1, the cluster of each value.
        """
        names = np.asarray(clusters)
        if names.ndim != 1 or not names.size:
            raise InputError(f"clusters of shape {names.shape}; give a row of them")
        _, member = np.unique(names, return_inverse=True)
        count = int(member.max()) + 1
        drawn = np.random.default_rng(seed).multinomial(
            count, np.full(count, 1.0 / count), size=num_resamples
        )
        return cls(drawn.astype(np.int16)[:, member], count)

    def estimate(self, value: float, draws: Array, level: float = LEVEL) -> Estimate:
        """Return ``value`` with the percentile interval of its resampled ``draws``, (R,).

        Draws that are NaN (a statistic that a resample leaves undefined) are left out; with more
        than a tenth of them, or fewer than two clusters, no interval is given.
        """
        m, known = self.num_clusters, draws[~np.isnan(draws)]
        if m < 2 or known.size < 0.9 * draws.size or math.isnan(value):
            return Estimate(value, math.nan, math.nan, m)
        tail = cluster_tail(m, level)
        low, high = np.quantile(known, [tail, 1 - tail], method="nearest")
        return Estimate(value, float(low), float(high), m)

    def median(self, values: ArrayLike, level: float = LEVEL) -> Estimate:
        """Median of (n,) values."""
        data = np.asarray(values, dtype=np.float64)
        return self.estimate(
            float(np.median(data)), weighted_quantile(data, self.weights, 0.5), level
        )

    def mean(self, values: ArrayLike, level: float = LEVEL) -> Estimate:
        """Mean of (n,) values."""
        data = np.asarray(values, dtype=np.float64)
        draws = self.weights @ data / self.weights.sum(axis=1)
        return self.estimate(float(data.mean()), draws, level)

    def rank_correlation(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Spearman's correlation of (n,) x and y: of the data, then of every resample, (1 + R,).

        The ranks are those of the data, each as often as its value is drawn. NaN where x or y do
        not vary.
        """
        from scipy.stats import rankdata

        first, second = rankdata(x), rankdata(y)
        weights = np.vstack([np.ones(first.size), self.weights])
        total = weights.sum(axis=1)

        def mean(values: Array) -> Array:
            return np.asarray(weights @ values / total)

        a, b = mean(first), mean(second)
        covariance = mean(first * second) - a * b
        variances = (mean(first**2) - a**2) * (mean(second**2) - b**2)
        root = np.sqrt(np.maximum(variances, 0.0))
        return np.divide(covariance, root, out=np.full_like(root, np.nan), where=root > 1e-9)


def weighted_quantile(values: Array, weights: NDArray, q: float) -> Array:
    """Quantile, as ``np.quantile`` has it, of values that occur as often as the weights say.

    Parameters
    ----------
    values : (n,); inf is allowed, NaN is not.
    weights : (R, n) whole numbers.

    Returns
    -------
    (R,) one per row; NaN for a row of zeros.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    results, rows = [], max(1, CELLS // max(values.size, 1))
    for start in range(0, len(weights), rows):
        counts = np.cumsum(weights[start : start + rows, order], axis=1, dtype=np.int64)
        place = q * (counts[:, -1] - 1)
        below = np.floor(place)
        ends = [_first_beyond(counts, ordered, at) for at in (below, np.ceil(place))]
        share = place - below
        with np.errstate(invalid="ignore"):
            mixed = np.where(share == 0, ends[0], ends[0] + share * (ends[1] - ends[0]))
        mixed[np.isposinf(ends[1]) & (share > 0)] = np.inf
        mixed[counts[:, -1] == 0] = np.nan
        results.append(mixed)
    return np.concatenate(results)


def _first_beyond(counts: NDArray[np.int64], ordered: Array, place: Array) -> Array:
    """The value of 0-based rank ``place`` in every row of cumulated counts."""
    return np.asarray(ordered[np.argmax(counts > place[:, None], axis=1)])
