"""Means and paired differences with bootstrap intervals; Student's where there are few values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

FEW = 30
"""With fewer values, or clusters, the interval is Student's: the bootstrap's is too narrow."""


@dataclass(frozen=True)
class MeanInterval:
    """A mean with two intervals; printing gives the mean and the wider of them.

    Attributes
    ----------
    mean : of all values.
    interval : from resampling values, as if they were independent.
    clustered_interval : from resampling whole clusters, for values of a cluster that resemble
        each other (the images of a class, where alpha is a constant of the class); NaN if
        there are fewer than two clusters.
    num_values, num_clusters : how many there are.
    """

    mean: float
    interval: tuple[float, float]
    clustered_interval: tuple[float, float]
    num_values: int
    num_clusters: int

    @property
    def wider(self) -> tuple[float, float]:
        """The wider of the two intervals."""
        both = [self.interval, self.clustered_interval]
        known = [pair for pair in both if not math.isnan(pair[0])]
        return max(known, key=lambda pair: pair[1] - pair[0], default=(math.nan, math.nan))

    @property
    def excludes_zero(self) -> bool:
        """Whether both intervals lie on one side of zero; False if neither is known."""
        known = [pair for pair in (self.interval, self.clustered_interval) if pair[0] == pair[0]]
        return bool(known) and (
            all(low > 0 for low, _ in known) or all(high < 0 for _, high in known)
        )

    def __str__(self) -> str:
        low, high = self.wider
        return f"{self.mean:.2f} [{low:.2f}, {high:.2f}]"


def mean_interval(
    values: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    seed: int | np.random.Generator,
    confidence_level: float = 0.95,
    num_resamples: int = 9999,
) -> MeanInterval:
    """Mean of values with bootstrap intervals, over values and over clusters of them.

    Parameters
    ----------
    values : (n,) finite numbers, n >= 1.
    clusters : (n,) a cluster for each value; none by default.
    num_resamples : of the bootstrap.

    Raises
    ------
    InputError : for no values, values that are not finite, and clusters that do not fit.

    From 30 values (or clusters) on the interval is the bootstrap's, with fewer Student's: at 95 %
    nominal the bootstrap covers the mean of 3, 5, 11 and 20 normal values in 72, 83, 90 and 93 % of
    400 samples, Student's in 94 to 96 % (exponential values: 66, 82, 88 and 92 %, and 90 to 93 %).

    Source: ``scipy.stats.bootstrap``; bias-corrected and accelerated over values (Efron, J. Am.
    Stat. Assoc. 82, 171, 1987), percentiles over clusters (Field and Welsh, J. R. Stat. Soc. B 69,
    369, 2007). Over few clusters the standard error of Liang and Zeger (Biometrika 73, 13, 1986)
    times the quantile of Student's law with one degree of freedom fewer than clusters.
    """
    data = np.asarray(values, dtype=np.float64)
    if data.ndim != 1 or not data.size or not np.isfinite(data).all():
        raise InputError(f"values of shape {data.shape}; give a row of finite numbers")
    groups = None if clusters is None else np.asarray(clusters)
    if groups is not None and groups.shape != data.shape:
        raise InputError(f"{data.size} values have clusters of shape {groups.shape}")
    rng = np.random.default_rng(seed)
    options = {"confidence_level": confidence_level, "n_resamples": num_resamples, "rng": rng}
    found = _interval(data, np.ones_like(data), "BCa", options)
    clustered, count = (math.nan, math.nan), 0
    if groups is not None:
        _, member = np.unique(groups, return_inverse=True)
        sums = np.bincount(member, data).astype(np.float64)
        count = sums.size
        clustered = _interval(sums, np.bincount(member).astype(np.float64), "percentile", options)
    return MeanInterval(float(data.mean()), found, clustered, data.size, count)


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    seed: int | np.random.Generator,
    confidence_level: float = 0.95,
    num_resamples: int = 9999,
) -> MeanInterval:
    """Mean of ``first - second``, both measured on the same images, resampled together.

    Parameters
    ----------
    first, second : (n,) values of two methods, image by image.

    The others, and what is raised: see :func:`mean_interval`.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != other.shape:
        raise InputError(f"values of shapes {one.shape} and {other.shape} cannot be paired")
    return mean_interval(
        one - other,
        clusters,
        seed=seed,
        confidence_level=confidence_level,
        num_resamples=num_resamples,
    )


def _ratio(sums: NDArray[np.float64], sizes: NDArray[np.float64], axis: int) -> Any:
    return sums.sum(axis=axis) / sizes.sum(axis=axis)


def _interval(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], method: str, options: dict[str, Any]
) -> tuple[float, float]:
    """For values or clusters; a point if their means are all equal, NaN for a single one."""
    means = sums / sizes
    if sums.size < 2:
        return math.nan, math.nan
    if means.min() == means.max():
        return float(means[0]), float(means[0])
    if sums.size < FEW:
        return _student(sums, sizes, options["confidence_level"])
    data, statistic = ((means,), np.mean) if method == "BCa" else ((sums, sizes), _ratio)
    from scipy.stats import bootstrap

    found = bootstrap(
        data, statistic, method=method, paired=True, vectorized=True, batch=1000, **options
    )
    low, high = found.confidence_interval
    return float(low), float(high)


def _student(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], confidence_level: float
) -> tuple[float, float]:
    """mean +- t sqrt(G / (G - 1) sum_g (sum_g - mean n_g)^2) / sum_g n_g, G units of n_g values."""
    count, mean = sums.size, sums.sum() / sizes.sum()
    error = np.sqrt(count / (count - 1) * ((sums - mean * sizes) ** 2).sum()) / sizes.sum()
    from scipy.special import stdtrit

    half = stdtrit(count - 1, (1 + confidence_level) / 2) * error
    return float(mean - half), float(mean + half)
