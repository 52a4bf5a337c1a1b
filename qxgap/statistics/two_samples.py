"""Do two samplers return the same distribution? A permutation test, of reads or of whole runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .goodness import Statistic, likelihood_ratio, pool_cells
from .seeds import Seed, random_generator


def same_distribution(
    first: ArrayLike,
    second: ArrayLike,
    *,
    statistic: Statistic = likelihood_ratio,
    num_permutations: int = 2000,
    seed: Seed = 0,
    min_expected: float = 5.0,
) -> float:
    """Permutation p-value of two sets of reads having one distribution.

    The statistic is summed over both rows of the 2 x k table against the products of its
    margins, cells with few reads pooled by the pooled counts. Counts (k,) are independent reads:
    reads are dealt out anew, which is exact. Counts (m, k) are m runs, and whole runs are dealt
    out, so that over-dispersion does not pass for a difference; with few runs the p-value cannot
    be small (2 and 3 runs: 0.1).

    Parameters
    ----------
    first, second : (k,) reads per cell (states or levels), or (m, k) of m runs; both alike.

    Raises InputError for shapes that differ, or no reads.

    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses (2005), chapter 3.
    """
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    if a.ndim not in (1, 2) or a.ndim != b.ndim or a.shape[-1] != b.shape[-1]:
        raise InputError(f"counts {a.shape} and {b.shape}; both must be (k,) or (m, k)")
    if min(a.sum(), b.sum()) < 1 or np.any(a < 0) or np.any(b < 0) or num_permutations < 1:
        raise InputError("a test needs counts >= 0, a read of each, and one permutation")
    runs = np.vstack([a, b])
    pooled = runs.sum(axis=0)
    smaller = min(a.sum(), b.sum()) / runs.sum()
    used = pooled > 0
    order, starts = pool_cells(pooled[used] * smaller, min_expected)
    if starts.size < 2:
        return 1.0
    runs = np.add.reduceat(runs[:, used][:, order], starts, axis=1)
    rng, number = random_generator(seed), num_permutations
    split = 1 if a.ndim == 1 else len(a)
    threshold = _misfit(runs[:split].sum(axis=0), runs, statistic) - 1e-9
    if a.ndim == 1:
        drawn = rng.multivariate_hypergeometric(runs.sum(axis=0), int(a.sum()), size=number)
    else:
        dealt = rng.permuted(np.tile(np.arange(len(runs)), (number, 1)), axis=1)[:, :split]
        drawn = runs[dealt].sum(axis=1)
    exceeding = int((_misfit(drawn, runs, statistic) >= threshold).sum())
    return (1 + exceeding) / (1 + number)


def _misfit(
    part: NDArray[np.int64], runs: NDArray[np.int64], statistic: Statistic
) -> NDArray[np.float64]:
    """Statistic of the table (part, rest), part (..., k), against independence."""
    total = runs.sum(axis=0)
    share = part.sum(axis=-1, keepdims=True) / total.sum()
    rest = total - part
    return statistic(part, share * total) + statistic(rest, (1 - share) * total)
