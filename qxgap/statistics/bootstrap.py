"""The bootstrap over clusters, from which all intervals by resampling are computed.

Values of one cluster resemble each other: the reads of one run share a calibration, and the images
of one class share their importance alpha where the network's head is linear. Only the clusters are
independent, so whole clusters are drawn anew, with replacement. Source: Field and Welsh, J. R.
Stat. Soc. B 69, 369 (2007).

Clusters are drawn in two ways, each with a random stream of its own. :func:`cluster_draws` lists
the clusters of each resample, for a statistic that is computed resample by resample.
:class:`Resampling` stores how often each value is drawn, for many statistics of one table.
Independent reads, and those of a parametric bootstrap, come from :func:`histogram_draws`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import require_number, require_whole
from ..errors import InputError
from ..results import Result, plain
from .seeds import Seed, random_generator

NUM_RESAMPLES = 2000
"""Number of resamples of a :class:`Resampling`."""

CONFIDENCE_LEVEL = 0.95
"""Default probability with which an interval covers the true value."""

MAX_DRAWS = 1 << 22
"""Largest number of drawn clusters that are in memory at a time."""

MAX_COUNTS = 1 << 20
"""Largest number of counts of drawn histograms that are in memory at a time."""

MAX_WEIGHTS = 1 << 24
"""Largest number of weights that are accumulated at a time."""

UNDEFINED_SHARE = 0.1
"""Share of resamples that may leave a statistic undefined; beyond it there is no interval."""

Array = NDArray[np.float64]


def require_confidence_level(confidence_level: float) -> None:
    """Raise InputError unless the confidence level of an interval lies in (0, 1)."""
    require_number(confidence_level, "confidence_level", "a number inside (0, 1), such as 0.95")
    if not 0 < confidence_level < 1:
        raise InputError(
            f"confidence_level = {confidence_level} lies outside (0, 1); give a number such as 0.95"
        )


def require_resamples(num_resamples: int, least: int = 1) -> None:
    """Raise InputError for fewer resamples than ``least``, or for no whole number."""
    require_whole(num_resamples, "num_resamples", f"a whole number of at least {least}")
    if num_resamples < least:
        raise InputError(f"num_resamples = {num_resamples}; give at least {least}")


def cluster_draws(
    num_clusters: int, num_resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Draw m of m clusters with replacement, for each resample, and yield them in batches.

    Parameters
    ----------
    num_clusters : int
        The number m of clusters.
    num_resamples : int
        The number of resamples.
    rng : numpy.random.Generator
        The stream does not depend on the size of the batches.

    Yields
    ------
    ndarray of int, shape (rows, m)
        Positions of the clusters that each resample of the batch consists of.
    """
    batch = max(1, MAX_DRAWS // num_clusters)
    for start in range(0, num_resamples, batch):
        yield rng.integers(num_clusters, size=(min(batch, num_resamples - start), num_clusters))


def histogram_draws(
    reads: int, probabilities: NDArray, num_resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Draw the reads of many simulated experiments, and yield their histograms in batches.

    Parameters
    ----------
    reads : int
        Number of independent reads of an experiment.
    probabilities : ndarray of float, shape (k,)
        Probability of each cell, summing to 1.
    num_resamples : int
        The number of experiments.
    rng : numpy.random.Generator
        The stream does not depend on the size of the batches.

    Yields
    ------
    ndarray of int, shape (rows, k)
        Reads per cell in each experiment of the batch.
    """
    batch = max(1, MAX_COUNTS // max(probabilities.size, 1))
    for start in range(0, num_resamples, batch):
        yield rng.multinomial(reads, probabilities, size=min(batch, num_resamples - start))


def ratio_draws(totals: Array, sizes: Array, num_resamples: int, rng: np.random.Generator) -> Array:
    """Return ``sum(totals) / sum(sizes)`` of every resample of clusters, shape (R,).

    This is the mean over all values, where ``totals`` are the sums over the values of each cluster
    and ``sizes`` are the numbers of values.
    """
    batches = cluster_draws(totals.size, num_resamples, rng)
    return np.concatenate([totals[rows].sum(axis=1) / sizes[rows].sum(axis=1) for rows in batches])


def frequency_draws(
    counts: NDArray, num_resamples: int, rng: np.random.Generator
) -> Iterator[Array]:
    """Yield the relative frequencies of each resample of a histogram of reads.

    Parameters
    ----------
    counts : ndarray of int, shape (k,) or (m, k)
        Reads per cell. Reads of a single histogram are resampled; m runs are resampled whole.
    num_resamples : int
        The number of resamples.
    rng : numpy.random.Generator
        The source of randomness.

    Yields
    ------
    ndarray of float, shape (k,)
        The relative frequencies of the cells in one resample.
    """
    if counts.ndim == 1:
        reads = counts.sum()
        for histograms in histogram_draws(reads, counts / reads, num_resamples, rng):
            yield from histograms / reads
        return
    for batch in cluster_draws(len(counts), num_resamples, rng):
        for rows in batch:
            drawn = counts[rows].sum(axis=0)
            yield drawn / drawn.sum()


def student_quantile(freedom: int, confidence_level: float) -> float:
    """Return the factor of the standard error in Student's two-sided interval.

    Parameters
    ----------
    freedom : int
        Degrees of freedom.
    confidence_level : float
        Probability that the interval covers the true value, in (0, 1).
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + confidence_level) / 2))


def cluster_tail(num_clusters: int, confidence_level: float) -> float:
    """Return the tail probability at which the percentiles of resampled clusters are taken.

    It is ``Phi(-t sqrt(m / (m - 1)))`` instead of ``(1 - confidence_level) / 2``, where t is
    Student's quantile at m - 1 degrees of freedom. For normal totals the interval is then
    Student's; the plain percentile interval of few clusters is too narrow. Source: Hesterberg, The
    American Statistician 69, 371 (2015), section 4.4.

    Parameters
    ----------
    num_clusters : int
        The number m of clusters, two or more.
    confidence_level : float
        Probability that the interval covers the true value, in (0, 1).
    """
    from scipy.special import ndtr

    m = num_clusters
    return float(ndtr(-student_quantile(m - 1, confidence_level) * math.sqrt(m / (m - 1))))


def percentile_interval(
    draws: Array, tail: float, method: Literal["linear", "nearest"] = "linear"
) -> tuple[float, float]:
    """Return the quantiles of resampled ``draws`` at ``tail`` and ``1 - tail``.

    Parameters
    ----------
    draws : ndarray of float, shape (R,)
        The statistic in each resample.
    tail : float
        Share of the draws that lies beyond each end.
    method : {"linear", "nearest"}
        Whether quantiles are interpolated. ``"nearest"`` serves draws that may be infinite.
    """
    low, high = np.quantile(draws, [tail, 1 - tail], method=method)
    return float(low), float(high)


@dataclass(frozen=True, repr=False)
class Estimate(Result):
    """A number and its confidence interval from resampling clusters.

    Attributes
    ----------
    value : float
        The statistic of the data.
    low, high : float
        Ends of the interval; NaN if none is known, as with fewer than two clusters.
    num_clusters : int
        The number of clusters that were resampled.

    Examples
    --------
    >>> from qxgap.statistics import Estimate
    >>> Estimate(0.9, 0.7, 1.2, 10).side(1.0)
    0
    """

    value: float
    low: float
    high: float
    num_clusters: int

    def side(self, reference: float = 0.0) -> int:
        """Return on which side of a reference the whole interval lies.

        Parameters
        ----------
        reference : float
            The number to compare with.

        Returns
        -------
        int
            1 if the whole interval lies above ``reference``, -1 if it lies below, and 0 if it
            contains ``reference`` or is unknown, so that nothing can be claimed.
        """
        if self.low > reference:
            return 1
        return -1 if self.high < reference else 0

    def to_dict(self) -> dict[str, Any]:
        """Return value, ends and number of clusters as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        if math.isnan(self.low) or math.isnan(self.high):
            return f"{'unknown' if math.isnan(self.value) else f'{self.value:.3g}'} [no interval]"
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True, eq=False)
class Resampling:
    """The number of times that each of n values occurs in every resample of whole clusters.

    Several statistics of one table that share a ``Resampling`` are drawn together, so that their
    differences have intervals too. :meth:`of` draws the resamples.

    Parameters
    ----------
    weights : ndarray of int, shape (R, n)
        Number of times that each value occurs in each of R resamples; values of one cluster occur
        equally often.
    num_clusters : int
        The number of clusters.

    Examples
    --------
    >>> from qxgap.statistics import Resampling
    >>> resampling = Resampling.of(["cat", "cat", "dog", "eel"], seed=1)
    >>> resampling.mean([1.0, 1.2, 2.0, 3.0]).value
    1.8
    """

    weights: NDArray[np.int16]
    num_clusters: int

    @classmethod
    def of(
        cls, clusters: ArrayLike, *, seed: Seed = None, num_resamples: int = NUM_RESAMPLES
    ) -> Resampling:
        """Draw whole clusters with replacement, as many as there are.

        The number of times that each cluster is drawn is multinomial, and is drawn as such.

        Parameters
        ----------
        clusters : array_like, shape (n,)
            The cluster to which each value belongs; at least one value.
        seed : int, numpy.random.Generator or None
            Seed of the draws.
        num_resamples : int
            The number R of resamples.

        Returns
        -------
        Resampling
            The weights of all values in all resamples.

        Raises
        ------
        InputError
            Unless the clusters form a row of at least one.
        """
        names = np.asarray(clusters)
        if names.ndim != 1 or not names.size:
            raise InputError(
                f"clusters has the shape {names.shape}; give a row with the cluster of each value"
            )
        _, member = np.unique(names, return_inverse=True)
        count = int(member.max()) + 1
        drawn = random_generator(seed).multinomial(
            count, np.full(count, 1.0 / count), size=num_resamples
        )
        return cls(drawn.astype(np.int16)[:, member], count)

    def estimate(
        self, value: float, draws: Array, confidence_level: float = CONFIDENCE_LEVEL
    ) -> Estimate:
        """Return a statistic with the percentile interval of its resampled values.

        The tails are those of :func:`cluster_tail`. Resamples that leave the statistic undefined
        are left out. If these are more than a tenth, or if there are fewer than two clusters, there
        is no interval.

        Parameters
        ----------
        value : float
            The statistic of the data.
        draws : ndarray of float, shape (R,)
            The statistic of each resample; NaN where it is undefined.
        confidence_level : float
            Probability that the interval covers the true value.

        Returns
        -------
        Estimate
            The value and its interval.
        """
        m, defined = self.num_clusters, draws[~np.isnan(draws)]
        if m < 2 or defined.size < (1 - UNDEFINED_SHARE) * draws.size or math.isnan(value):
            return Estimate(value, math.nan, math.nan, m)
        tail = cluster_tail(m, confidence_level)
        return Estimate(value, *percentile_interval(defined, tail, method="nearest"), m)

    def median(self, values: ArrayLike, confidence_level: float = CONFIDENCE_LEVEL) -> Estimate:
        """Return the median of the values with its interval.

        Parameters
        ----------
        values : array_like of float, shape (n,)
            One value for each entry of ``clusters``; infinite ones are allowed.
        confidence_level : float
            Probability that the interval covers the true value.

        Returns
        -------
        Estimate
            The median and its interval.
        """
        data = np.asarray(values, dtype=np.float64)
        draws = weighted_quantile(data, self.weights, 0.5)
        return self.estimate(float(np.median(data)), draws, confidence_level)

    def mean(self, values: ArrayLike, confidence_level: float = CONFIDENCE_LEVEL) -> Estimate:
        """Return the mean of the values with its interval.

        Parameters
        ----------
        values : array_like of float, shape (n,)
            One value for each entry of ``clusters``.
        confidence_level : float
            Probability that the interval covers the true value.

        Returns
        -------
        Estimate
            The mean and its interval.
        """
        data = np.asarray(values, dtype=np.float64)
        draws = self.weights @ data / self.weights.sum(axis=1)
        return self.estimate(float(data.mean()), draws, confidence_level)

    def rank_correlation(self, x: ArrayLike, y: ArrayLike) -> Array:
        """Return Spearman's rank correlation, of the data and then of every resample.

        The ranks are those of the data, each as often as its value is drawn.

        Parameters
        ----------
        x, y : array_like of float, shape (n,)
            The values to correlate.

        Returns
        -------
        ndarray of float, shape (1 + R,)
            The correlations; NaN where x or y do not vary.
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
    """Return the quantile, as ``np.quantile`` defines it, of values that are repeated.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        The values; inf is allowed, NaN is not.
    weights : ndarray of int, shape (R, n)
        How often each value occurs, in each of R rows.
    q : float
        Order of the quantile, in [0, 1].

    Returns
    -------
    ndarray of float, shape (R,)
        The quantile of each row; NaN for a row of zeros.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    results, rows = [], max(1, MAX_WEIGHTS // max(values.size, 1))
    for start in range(0, len(weights), rows):
        counts = np.cumsum(weights[start : start + rows, order], axis=1, dtype=np.int64)
        rank = q * (counts[:, -1] - 1)
        below = np.floor(rank)
        ends = [_value_of_rank(counts, ordered, whole) for whole in (below, np.ceil(rank))]
        share = rank - below
        with np.errstate(invalid="ignore"):
            mixed = np.where(share == 0, ends[0], ends[0] + share * (ends[1] - ends[0]))
        mixed[np.isposinf(ends[1]) & (share > 0)] = np.inf
        mixed[counts[:, -1] == 0] = np.nan
        results.append(mixed)
    return np.concatenate(results)


def _value_of_rank(counts: NDArray[np.int64], ordered: Array, rank: Array) -> Array:
    """Return the value of a 0-based rank in every row of cumulated counts."""
    return np.asarray(ordered[np.argmax(counts > rank[:, None], axis=1)])
