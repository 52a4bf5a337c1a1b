"""Tests of hypotheses about reads, by simulation instead of asymptotic laws.

:func:`goodness_of_fit` tests whether reads follow a prediction, :func:`same_distribution` whether
two sets of reads follow one distribution, and :func:`adjusted_p_values` corrects for many tests.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .bootstrap import histogram_draws, require_resamples
from .seeds import Seed, random_generator

IMPOSSIBLE = 1e-6
"""Cells that together expect fewer reads than this count as ruled out by the prediction.

Rounding may leave them a probability that is not exactly 0.
"""

SIGNIFICANCE_LEVEL = 0.05
"""A prediction is called rejected if its p-value lies below this."""

MAX_CELLS = 1 << 13
"""Approximate largest number of pools; more would only make the test slow."""

ROUNDING = 1e-9
"""A simulated misfit that is smaller than the observed one by at most this counts as equally
large."""

Statistic = Callable[[NDArray, NDArray], NDArray[np.float64]]
"""Misfit of counts (..., k) from expected counts, over the last axis."""


def likelihood_ratio(counts: NDArray, expected: NDArray) -> NDArray[np.float64]:
    """Return ``G = 2 sum c ln(c / e)`` of counts c and expected counts e.

    Parameters
    ----------
    counts : ndarray, shape (..., k)
        Reads per cell.
    expected : ndarray, shape (..., k)
        Expected reads per cell, positive.

    Returns
    -------
    ndarray of float
        The sum over the last axis.
    """
    from scipy.special import xlogy

    return np.asarray(2 * xlogy(counts, counts / expected).sum(axis=-1))


def pearson(counts: NDArray, expected: NDArray) -> NDArray[np.float64]:
    """Return ``X^2 = sum (c - e)^2 / e`` of counts c and expected counts e.

    Parameters
    ----------
    counts : ndarray, shape (..., k)
        Reads per cell.
    expected : ndarray, shape (..., k)
        Expected reads per cell, positive.

    Returns
    -------
    ndarray of float
        The sum over the last axis.
    """
    return np.asarray((np.square(counts - expected) / expected).sum(axis=-1))


def goodness_of_fit(
    counts: ArrayLike,
    probabilities: ArrayLike,
    *,
    statistic: Statistic = likelihood_ratio,
    num_resamples: int = 2000,
    seed: Seed = None,
    min_expected: float = 5.0,
) -> float:
    """Return the probability, under a prediction, of a misfit as large as the observed one.

    The p-value comes from a parametric bootstrap: reads are drawn from the prediction. It is never
    below ``1 / (num_resamples + 1)``. A read in a cell that the prediction rules out gives this
    minimum. Fewer than two cells after pooling are no evidence, and give 1.

    Parameters
    ----------
    counts : array_like of int, shape (k,)
        Reads per cell, which may be a state or an energy level.
    probabilities : array_like of float, shape (k,)
        The prediction, which sums to 1.
    statistic : callable
        The misfit: :func:`likelihood_ratio` (G), :func:`pearson` (chi-square), or a function like
        them.
    num_resamples : int
        Number of simulated experiments.
    seed : int, numpy.random.Generator or None
        Seed of the simulated experiments.
    min_expected : float
        Cells that expect fewer reads than this are pooled in ascending order first (cells that
        expect fewer than ``reads / 8192``, if more than 8192 pools were left).

    Returns
    -------
    float
        The p-value.

    Raises
    ------
    InputError
        For shapes that differ, no reads, or probabilities that do not sum to 1.

    Notes
    -----
    Source: Davison & Hinkley, Bootstrap Methods and their Application (1997), section 4.2.

    Examples
    --------
    >>> from qxgap.statistics import goodness_of_fit
    >>> goodness_of_fit([500, 300, 200], [0.5, 0.3, 0.2], seed=1)
    1.0
    >>> goodness_of_fit([300, 500, 200], [0.5, 0.3, 0.2], num_resamples=99, seed=1)
    0.01
    """
    observed, p = np.asarray(counts, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if observed.ndim != 1 or observed.shape != p.shape:
        raise InputError(f"counts {observed.shape} and probabilities {p.shape}; both must be (k,)")
    reads = int(observed.sum())
    require_resamples(num_resamples)
    if reads < 1 or np.any(observed < 0):
        raise InputError("a test needs counts >= 0 and at least one read")
    if not (np.all(p >= 0) and abs(p.sum() - 1) < 1e-6):
        raise InputError(f"probabilities must be >= 0 and sum to 1; their sum is {p.sum():g}")
    order = np.argsort(p, kind="stable")
    expected, observed = reads * p[order], observed[order]
    possible = int(np.searchsorted(np.cumsum(expected), IMPOSSIBLE))
    if np.any(observed[:possible]):
        return 1 / (num_resamples + 1)
    starts = _pool_starts(expected[possible:], min_expected)
    if starts.size > MAX_CELLS:
        starts = _pool_starts(expected[possible:], reads / MAX_CELLS)
    if starts.size < 2:
        return 1.0
    cells = np.add.reduceat(expected[possible:], starts)
    misfit = float(statistic(np.add.reduceat(observed[possible:], starts), cells))
    draws = histogram_draws(reads, cells / cells.sum(), num_resamples, random_generator(seed))
    exceeding = sum(int((statistic(d, cells) >= misfit - ROUNDING).sum()) for d in draws)
    return (1 + exceeding) / (1 + num_resamples)


def pool_cells(
    expected: NDArray[np.float64], min_expected: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pool cells until each pool expects enough reads.

    Returns the order that sorts the cells by their expected reads, and the position in this order
    at which each pool starts.
    """
    order = np.argsort(expected, kind="stable")
    return order, _pool_starts(expected[order], min_expected)


def _pool_starts(expected: NDArray, min_expected: float) -> NDArray[np.int64]:
    """Return the first index of each pool of cells that are sorted by their expected reads.

    Every pool expects ``min_expected`` reads, but for a pool that is the only small one. This
    serves the power of the test only; the bootstrap is right for cells of any size.
    """
    small = int(np.searchsorted(expected, min_expected))
    total = np.cumsum(expected[:small])
    starts, begin, before = [], 0, 0.0
    while begin < small:
        end = int(np.searchsorted(total, before + min_expected)) + 1
        if end > small:
            break  # too few reads are left over for a pool: these cells stay in the one before
        starts.append(begin)
        begin, before = end, float(total[end - 1])
    if small and not starts:
        # all small cells together expect too few reads, and still are a pool of their own, since
        # reads in it are the strongest evidence
        starts = [0]
    return np.array([*starts, *range(small, expected.size)], dtype=np.int64)


def same_distribution(
    first: ArrayLike,
    second: ArrayLike,
    *,
    statistic: Statistic = likelihood_ratio,
    num_resamples: int = 2000,
    seed: Seed = None,
    min_expected: float = 5.0,
) -> float:
    """Return the permutation p-value of two sets of reads having one distribution.

    The statistic is summed over both rows of the 2 x k table against the products of its margins.
    Counts of shape (k,) are independent reads: reads are exchanged between the two sets, which is
    exact. Counts of shape (m, k) are m runs: whole runs are exchanged, so that the spread between
    runs does not pass for a difference. With few runs the p-value cannot be small (2 and 3 runs:
    0.1).

    Parameters
    ----------
    first, second : array_like of int, shape (k,) or (m, k)
        Reads per cell (state or level), of all reads or of each of m runs; the same form for both.
    statistic : callable
        The misfit, such as :func:`likelihood_ratio` or :func:`pearson`.
    num_resamples : int
        Number of permutations.
    seed : int, numpy.random.Generator or None
        Seed of the permutations.
    min_expected : float
        Cells that expect fewer reads than this in the smaller set are pooled.

    Returns
    -------
    float
        The p-value.

    Raises
    ------
    InputError
        For shapes that differ, or no reads.

    Notes
    -----
    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses (2005), chapter 3.

    Examples
    --------
    >>> from qxgap.statistics import same_distribution
    >>> same_distribution([50, 50], [90, 10], num_resamples=99, seed=1)
    0.01
    """
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if a.ndim not in (1, 2) or a.ndim != b.ndim or a.shape[-1] != b.shape[-1]:
        raise InputError(f"counts {a.shape} and {b.shape}; both must be (k,) or (m, k)")
    require_resamples(num_resamples)
    if min(a.sum(), b.sum()) < 1 or np.any(a < 0) or np.any(b < 0):
        raise InputError("a test needs counts >= 0 and at least one read in each set")
    runs = np.vstack([a, b])
    pooled = runs.sum(axis=0)
    smaller_share = min(a.sum(), b.sum()) / runs.sum()
    used = pooled > 0
    order, starts = pool_cells(pooled[used] * smaller_share, min_expected)
    if starts.size < 2:
        return 1.0
    runs = np.add.reduceat(runs[:, used][:, order], starts, axis=1)
    rng = random_generator(seed)
    split = 1 if a.ndim == 1 else len(a)
    observed = _misfit(runs[:split].sum(axis=0), runs, statistic)
    if a.ndim == 1:
        drawn = rng.multivariate_hypergeometric(runs.sum(axis=0), int(a.sum()), size=num_resamples)
    else:
        positions = np.tile(np.arange(len(runs)), (num_resamples, 1))
        drawn = runs[rng.permuted(positions, axis=1)[:, :split]].sum(axis=1)
    exceeding = int((_misfit(drawn, runs, statistic) >= observed - ROUNDING).sum())
    return (1 + exceeding) / (1 + num_resamples)


def _misfit(
    part: NDArray[np.int64], runs: NDArray[np.int64], statistic: Statistic
) -> NDArray[np.float64]:
    """Return the statistic of the table (part, rest), part (..., k), against independence."""
    total = runs.sum(axis=0)
    share = part.sum(axis=-1, keepdims=True) / total.sum()
    rest = total - part
    return statistic(part, share * total) + statistic(rest, (1 - share) * total)


def adjusted_p_values(p_values: ArrayLike, *, independent: bool = True) -> NDArray[np.float64]:
    """Adjust p-values so that among those below q at most a fraction q are false discoveries.

    Parameters
    ----------
    p_values : array_like of float, shape (m,)
        One for each instance and model that was tested; *all* of them, also those that are not
        reported.
    independent : bool
        True takes Benjamini and Hochberg's rule for independent tests. False takes Benjamini and
        Yekutieli's, for tests that depend on each other in any way, such as those of the same reads
        against several models.

    Returns
    -------
    ndarray of float, shape (m,)
        The adjusted p-values, by ``scipy.stats.false_discovery_control``.

    Raises
    ------
    InputError
        For no p-values, or values outside [0, 1].

    Examples
    --------
    >>> from qxgap.statistics import adjusted_p_values
    >>> adjusted_p_values([0.01, 0.04, 0.5]).round(3).tolist()
    [0.03, 0.06, 0.5]
    """
    from scipy.stats import false_discovery_control

    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or p.size == 0 or not np.all((p >= 0) & (p <= 1)):
        raise InputError("p-values must be (m,), m >= 1, in [0, 1]; leave out what was not tested")
    return np.asarray(false_discovery_control(p, method="bh" if independent else "by"))
