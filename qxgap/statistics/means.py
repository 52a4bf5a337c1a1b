"""Means and paired differences with intervals, for independent values and for clustered ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Result, plain
from .bootstrap import (
    CONFIDENCE_LEVEL,
    percentile_interval,
    ratio_draws,
    require_confidence_level,
    require_resamples,
    student_quantile,
)
from .seeds import Seed, random_generator

BOOTSTRAP_FROM = 30
"""Smallest number of values, or of clusters, at which the interval comes from the bootstrap.

With fewer the bootstrap is too narrow, and the interval is Student's.
"""

NUM_RESAMPLES = 9999
"""Number of resamples behind a mean, which is the default of scipy.stats.bootstrap."""

Interval = tuple[float, float]


@dataclass(frozen=True, repr=False)
class MeanInterval(Result):
    """A mean with two intervals; printing it gives the mean and the wider of them.

    Attributes
    ----------
    mean : float
        Mean of all values.
    interval : tuple of float
        Interval for values that are independent of each other.
    clustered_interval : tuple of float
        Interval for values that resemble each other within a cluster, such as the images of a class
        where alpha is a constant of the class; NaN if there are fewer than two clusters.
    num_values, num_clusters : int
        Number of values, and of clusters.
    """

    mean: float
    interval: Interval
    clustered_interval: Interval
    num_values: int
    num_clusters: int

    @property
    def wider_interval(self) -> Interval:
        """The wider of the two intervals; NaN if neither is known."""
        widths = {pair: pair[1] - pair[0] for pair in self._known_intervals()}
        return max(widths, key=lambda pair: widths[pair], default=(math.nan, math.nan))

    @property
    def excludes_zero(self) -> bool:
        """Whether both intervals lie on one side of zero; False if neither is known."""
        pairs = self._known_intervals()
        return bool(pairs) and (
            all(low > 0 for low, _ in pairs) or all(high < 0 for _, high in pairs)
        )

    def _known_intervals(self) -> list[Interval]:
        """Return those of the two intervals that are not NaN."""
        both = (self.interval, self.clustered_interval)
        return [pair for pair in both if not math.isnan(pair[0])]

    def to_dict(self) -> dict[str, Any]:
        """Return the mean, both intervals and the numbers as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        low, high = self.wider_interval
        return f"{self.mean:.2f} [{low:.2f}, {high:.2f}]"


def mean_interval(
    values: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    confidence_level: float = CONFIDENCE_LEVEL,
    num_resamples: int = NUM_RESAMPLES,
    seed: Seed = None,
) -> MeanInterval:
    """Return the mean of values with its intervals, over values and over clusters of them.

    From 30 values (or clusters) on an interval is the bootstrap's, with fewer it is Student's.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite numbers, at least one.
    clusters : array_like or None, shape (n,)
        The cluster to which each value belongs; None leaves the clustered interval out.
    confidence_level : float
        Probability that an interval covers the true mean, in (0, 1).
    num_resamples : int
        Number of resamples of the bootstrap.
    seed : int, numpy.random.Generator or None
        Seed of the resamples.

    Returns
    -------
    MeanInterval
        The mean and its intervals.

    Raises
    ------
    InputError
        For no values, values that are not finite, and clusters that do not fit.

    Notes
    -----
    Over values the bootstrap is bias-corrected and accelerated (Efron, J. Am. Stat. Assoc. 82, 171,
    1987; ``scipy.stats.bootstrap``), over clusters it is that of percentiles (Field and Welsh,
    J. R. Stat. Soc. B 69, 369, 2007). Over few clusters the standard error of Liang and Zeger
    (Biometrika 73, 13, 1986) is multiplied by the quantile of Student's law with one degree of
    freedom fewer than clusters.

    At 95 % nominal the bootstrap covers the mean of 3, 5, 11 and 20 normal values in 72, 83, 90 and
    93 % of 400 samples, Student's interval in 94 to 96 % (of exponential values: 66, 82, 88 and
    92 %, and 90 to 93 %).

    Examples
    --------
    >>> from qxgap.statistics import mean_interval
    >>> print(mean_interval([1.0, 2.0, 3.0, 4.0, 5.0]))
    3.00 [1.04, 4.96]
    """
    data = np.asarray(values, dtype=np.float64)
    if data.ndim != 1 or not data.size or not np.isfinite(data).all():
        raise InputError(f"values of shape {data.shape}; give a row of finite numbers")
    groups = None if clusters is None else np.asarray(clusters)
    if groups is not None and groups.shape != data.shape:
        raise InputError(f"{data.size} values have clusters of shape {groups.shape}")
    require_confidence_level(confidence_level)
    require_resamples(num_resamples)
    rng = random_generator(seed)
    interval = _value_interval(data, confidence_level, num_resamples, rng)
    if groups is None:
        return MeanInterval(float(data.mean()), interval, (math.nan, math.nan), data.size, 0)
    _, member = np.unique(groups, return_inverse=True)
    sums = np.bincount(member, data).astype(np.float64)
    sizes = np.bincount(member).astype(np.float64)
    clustered = _cluster_interval(sums, sizes, confidence_level, num_resamples, rng)
    return MeanInterval(float(data.mean()), interval, clustered, data.size, sums.size)


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    confidence_level: float = CONFIDENCE_LEVEL,
    num_resamples: int = NUM_RESAMPLES,
    seed: Seed = None,
) -> MeanInterval:
    """Return the mean of ``first - second``, where both are measured on the same images.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        Values of two methods, image by image; both of an image are resampled together.
    clusters : array_like or None, shape (n,)
        The cluster to which each image belongs; None leaves the clustered interval out.
    confidence_level : float
        Probability that an interval covers the true mean, in (0, 1).
    num_resamples : int
        Number of resamples of the bootstrap.
    seed : int, numpy.random.Generator or None
        Seed of the resamples.

    Returns
    -------
    MeanInterval
        The mean difference and its intervals.

    Raises
    ------
    InputError
        For values that cannot be paired, and as :func:`mean_interval`.

    Examples
    --------
    >>> from qxgap.statistics import paired_difference
    >>> print(paired_difference([0.9, 0.8, 0.7], [0.5, 0.5, 0.4]))
    0.33 [0.19, 0.48]
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != other.shape:
        raise InputError(f"values of shapes {one.shape} and {other.shape} cannot be paired")
    return mean_interval(
        one - other,
        clusters,
        confidence_level=confidence_level,
        num_resamples=num_resamples,
        seed=seed,
    )


def _value_interval(
    values: NDArray[np.float64], level: float, num_resamples: int, rng: np.random.Generator
) -> Interval:
    """Return the interval of the mean of independent values."""
    if (simple := _simple_interval(values, np.ones_like(values), level)) is not None:
        return simple
    from scipy.stats import bootstrap

    result = bootstrap(
        (values,),
        np.mean,
        confidence_level=level,
        n_resamples=num_resamples,
        rng=rng,
        method="BCa",
        vectorized=True,
        batch=1000,
    )
    low, high = result.confidence_interval
    return float(low), float(high)


def _cluster_interval(
    sums: NDArray[np.float64],
    sizes: NDArray[np.float64],
    level: float,
    num_resamples: int,
    rng: np.random.Generator,
) -> Interval:
    """Return the interval of the mean over clusters of these sums and sizes."""
    if (simple := _simple_interval(sums, sizes, level)) is not None:
        return simple
    return percentile_interval(ratio_draws(sums, sizes, num_resamples, rng), (1 - level) / 2)


def _simple_interval(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], level: float
) -> Interval | None:
    """Return the interval where no bootstrap is taken, else None.

    It is NaN for a single cluster, a point where all clusters have one mean, and Student's
    ``mean +- t sqrt(G / (G - 1) sum_g (sum_g - mean n_g)^2) / sum_g n_g`` for few clusters, where
    cluster g of G has the sum ``sum_g`` over ``n_g`` values.
    """
    means, count = sums / sizes, sums.size
    if count < 2:
        return math.nan, math.nan
    if means.min() == means.max():
        return float(means[0]), float(means[0])
    if count >= BOOTSTRAP_FROM:
        return None
    mean = sums.sum() / sizes.sum()
    error = np.sqrt(count / (count - 1) * ((sums - mean * sizes) ** 2).sum()) / sizes.sum()
    half = student_quantile(count - 1, level) * error
    return float(mean - half), float(mean + half)
