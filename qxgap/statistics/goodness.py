"""Does a histogram of reads follow a prediction? Tests without asymptotics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .seeds import random_generator

IMPOSSIBLE = 1e-6
"""Cells that together expect fewer reads than this are impossible, be they exactly 0 or not."""

MAX_CELLS = 1 << 13
"""Pools that the bootstrap draws at most, about; more would only make it slow."""

BOOTSTRAP_CELLS = 1 << 20
"""Cells that the bootstrap holds at a time."""


Statistic = Callable[[NDArray, NDArray], NDArray[np.float64]]
"""Misfit of counts (..., k) from expected counts, over the last axis."""


def likelihood_ratio(counts: NDArray, expected: NDArray) -> NDArray[np.float64]:
    """``G = 2 sum c ln(c / e)`` over the last axis of counts (..., k)."""
    from scipy.special import xlogy

    return np.asarray(2 * xlogy(counts, counts / expected).sum(axis=-1))


def pearson(counts: NDArray, expected: NDArray) -> NDArray[np.float64]:
    """``X^2 = sum (c - e)^2 / e`` over the last axis of counts (..., k)."""
    return np.asarray((np.square(counts - expected) / expected).sum(axis=-1))


def goodness_of_fit(
    counts: ArrayLike,
    probabilities: ArrayLike,
    *,
    statistic: Statistic = likelihood_ratio,
    num_bootstrap: int = 2000,
    seed: int | np.random.Generator | None = 0,
    min_expected: float = 5.0,
) -> float:
    """Probability, under the prediction, of a misfit as large as observed.

    Cells that expect fewer than ``min_expected`` reads are pooled in ascending order first
    (fewer than ``reads / 8192``, if more than 8192 pools were left).
    The p-value comes from a parametric bootstrap and is never below ``1 / (num_bootstrap + 1)``.
    A read in a cell that the prediction rules out (the cells that together expect fewer than 1e-6
    reads) gives that minimum. Fewer than two cells after pooling are no evidence: 1.

    Parameters
    ----------
    counts : (k,) reads per cell: states, or energy levels.
    probabilities : (k,) prediction, summing to 1.
    statistic : :func:`likelihood_ratio` (G) or :func:`pearson` (chi-square).

    Raises InputError for shapes that differ, no reads, or probabilities that do not sum to 1.

    Source: Davison & Hinkley, Bootstrap Methods and their Application (1997), section 4.2.
    """
    observed, p = np.asarray(counts, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if observed.ndim != 1 or observed.shape != p.shape:
        raise InputError(f"counts {observed.shape} and probabilities {p.shape}; both must be (k,)")
    reads = int(observed.sum())
    if reads < 1 or np.any(observed < 0) or num_bootstrap < 1:
        raise InputError("a test needs counts >= 0, at least one read and one bootstrap sample")
    if not (np.all(p >= 0) and abs(p.sum() - 1) < 1e-6):
        raise InputError(f"probabilities must be >= 0 and sum to 1; their sum is {p.sum():g}")
    order = np.argsort(p, kind="stable")
    expected, observed = reads * p[order], observed[order]
    possible = int(np.searchsorted(np.cumsum(expected), IMPOSSIBLE))
    if np.any(observed[:possible]):
        return 1 / (num_bootstrap + 1)
    starts = _pool_starts(expected[possible:], min_expected)
    if starts.size > MAX_CELLS:
        starts = _pool_starts(expected[possible:], reads / MAX_CELLS)
    if starts.size < 2:
        return 1.0
    cells = np.add.reduceat(expected[possible:], starts)
    threshold = float(statistic(np.add.reduceat(observed[possible:], starts), cells)) - 1e-9
    rng = random_generator(seed)
    exceeding, batch = 0, max(1, BOOTSTRAP_CELLS // cells.size)
    for start in range(0, num_bootstrap, batch):
        size = min(batch, num_bootstrap - start)
        drawn = rng.multinomial(reads, cells / cells.sum(), size=size)
        exceeding += int((statistic(drawn, cells) >= threshold).sum())
    return (1 + exceeding) / (1 + num_bootstrap)


def pool_cells(
    expected: NDArray[np.float64], min_expected: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order that sorts the cells, and the first of each pool in it; pools expect so many reads."""
    order = np.argsort(expected, kind="stable")
    return order, _pool_starts(expected[order], min_expected)


def _pool_starts(expected: NDArray, min_expected: float) -> NDArray[np.int64]:
    """First index of each pool of the ascending cells; every pool but a sole small one expects
    ``min_expected``, which is for power only: a bootstrap needs no large cells."""
    small = int(np.searchsorted(expected, min_expected))
    total = np.cumsum(expected[:small])
    starts, begin, before = [], 0, 0.0
    while begin < small:
        end = int(np.searchsorted(total, before + min_expected)) + 1
        if end > small:
            break  # too few are left over: they stay in the pool before them
        starts.append(begin)
        begin, before = end, float(total[end - 1])
    if small and not starts:
        starts = [0]  # too few altogether: a pool of their own, as reads in it tell the most
    return np.array([*starts, *range(small, expected.size)], dtype=np.int64)


def adjusted_p_values(p_values: ArrayLike, *, independent: bool = True) -> NDArray[np.float64]:
    """P-values adjusted so that those below q hold a fraction q of false discoveries at most.

    ``scipy.stats.false_discovery_control``: Benjamini-Hochberg, or Benjamini-Yekutieli for tests
    that depend on each other in any way (the same reads against several models).

    Parameters
    ----------
    p_values : (m,), one per instance and model that is reported, *all* that were tested.

    Raises InputError for none, or values outside [0, 1].
    """
    from scipy.stats import false_discovery_control

    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or p.size == 0 or not np.all((p >= 0) & (p <= 1)):
        raise InputError("p-values must be (m,), m >= 1, in [0, 1]; leave out what was not tested")
    return np.asarray(false_discovery_control(p, method="bh" if independent else "by"))
