"""Do runs of the same problem agree? Spread beyond the binomial, and runs that stand out."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

MAD_TO_SIGMA = 1.482602218505602
"""Standard deviation of a normal variable over its median absolute deviation."""

CALIBRATION_DRAWS = 20_000
"""Simulated sets of runs behind the critical value of :func:`outlier_runs`."""


@dataclass(frozen=True)
class Overdispersion:
    """How far success counts of runs spread beyond a common binomial.

    Attributes
    ----------
    factor : variance over the binomial one (Pearson's X^2 over its degrees of freedom); 1 for
        independent reads of one probability. The spread in standard deviations is its root.
    p_value : of a common probability, from X^2 at ``num_runs - 1`` degrees of freedom.
    num_runs : runs.
    """

    factor: float
    p_value: float
    num_runs: int


def overdispersion(successes: ArrayLike, reads: ArrayLike) -> Overdispersion:
    """``sum (k_i - n_i p)^2 / (n_i p (1-p)) / (m - 1)`` with the pooled p.

    If no or all reads succeed, no spread is seen: factor 1, p-value 1.

    Raises InputError for fewer than two runs, or successes outside [0, reads].

    Source: McCullagh & Nelder, Generalized Linear Models (1989), section 4.5.
    """
    from scipy.special import chdtrc

    k, n = _checked(successes, reads)
    if k.size < 2:
        raise InputError("over-dispersion needs two runs or more")
    p = k.sum() / n.sum()
    if p in (0.0, 1.0):
        return Overdispersion(1.0, 1.0, k.size)
    chi_square = float((np.square(k - n * p) / (n * p * (1 - p))).sum())
    freedom = k.size - 1
    return Overdispersion(chi_square / freedom, float(chdtrc(freedom, chi_square)), k.size)


def outlier_scores(successes: ArrayLike, reads: ArrayLike) -> NDArray[np.float64]:
    """Robust standard scores of the runs, (m,).

    ``z_i = 2 sqrt(n_i) (a_i - median a)`` with Anscombe's ``a = arcsin sqrt((k+3/8)/(n+3/4))``, a
    scale on which binomial noise has unit variance; divided by 1.4826 times the median of
    ``|z|`` where that exceeds 1. So runs are measured by how much the bulk of them spreads.
    """
    k, n = _checked(successes, reads)
    angle = np.arcsin(np.sqrt((k + 0.375) / (n + 0.75)))
    z = 2 * np.sqrt(n) * (angle - np.median(angle))
    return z / max(1.0, MAD_TO_SIGMA * float(np.median(np.abs(z))))


def outlier_runs(
    successes: ArrayLike, reads: ArrayLike, *, false_alarm: float = 0.01
) -> NDArray[np.int64]:
    """Positions of the runs that do not belong to the bulk, ascending.

    Rule: ``|score| > c`` with :func:`outlier_scores` and c such that among m runs without any
    outlier, at least one is named with probability ``false_alarm`` at most, whatever their
    over-dispersion, if it is normal on the arcsine scale. c comes from a simulation of 20000 sets
    of m normal numbers (4.8 for m = 28, but 18 for m = 5: few runs name only gross outliers).
    Fewer than three runs name none.

    Raises InputError for successes outside [0, reads], or a false alarm outside (0, 1).
    """
    if not 0 < false_alarm < 1:
        raise InputError(f"false_alarm = {false_alarm} lies outside (0, 1)")
    scores = outlier_scores(successes, reads)
    if scores.size < 3:
        return np.empty(0, dtype=np.int64)
    critical = _critical_score(scores.size, false_alarm)
    return np.flatnonzero(np.abs(scores) > critical).astype(np.int64)


@functools.cache
def _critical_score(num_runs: int, false_alarm: float) -> float:
    """Quantile of the largest robust score among normal numbers; not floored, hence the largest."""
    rng, largest = np.random.default_rng(0), []
    batch = max(1, (1 << 20) // num_runs)
    for start in range(0, CALIBRATION_DRAWS, batch):
        x = rng.standard_normal((min(batch, CALIBRATION_DRAWS - start), num_runs))
        away = np.abs(x - np.median(x, axis=1, keepdims=True))
        largest.append(away.max(axis=1) / (MAD_TO_SIGMA * np.median(away, axis=1)))
    return float(np.quantile(np.concatenate(largest), 1 - false_alarm))


def effective_sample_size(successes: ArrayLike, reads: ArrayLike) -> float:
    """Independent reads that would leave the pooled probability as uncertain as these runs do.

    All reads over the over-dispersion factor, where that exceeds 1.
    """
    _, n = _checked(successes, reads)
    return float(n.sum()) / max(1.0, overdispersion(successes, reads).factor)


def serial_sample_size(values: ArrayLike) -> float:
    """Effective sample size of one run's reads in the order in which they were read.

    ``n / (1 + 2 sum rho_t)`` over Geyer's initial positive sequence: pairs of autocorrelations
    are added while they are positive. At most n; n too for reads that are all equal.

    Parameters
    ----------
    values : (n,) a number per read, such as its energy; not aggregated, not sorted.

    Source: Geyer, Statistical Science 7, 473 (1992), section 3.3.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or x.size < 2 or not np.all(np.isfinite(x)):
        raise InputError("give at least two finite values, (n,), in the order of the reads")
    x = x - x.mean()
    if not np.any(x):
        return float(x.size)
    size = 1 << math.ceil(math.log2(2 * x.size))
    power = np.square(np.abs(np.fft.rfft(x, size)))
    rho = np.fft.irfft(power, size)[: x.size]
    rho /= rho[0]
    pairs = rho[: x.size - x.size % 2].reshape(-1, 2).sum(axis=1)
    positive = pairs[: int(np.argmax(pairs <= 0)) if np.any(pairs <= 0) else pairs.size]
    return float(x.size / max(1.0, 2 * positive.sum() - 1))


def _checked(successes: ArrayLike, reads: ArrayLike) -> tuple[NDArray, NDArray]:
    k, n = np.asarray(successes, dtype=np.float64), np.asarray(reads, dtype=np.float64)
    if k.ndim != 1 or k.shape != n.shape or k.size == 0:
        raise InputError(f"successes {k.shape} and reads {n.shape}; both must be (m,), m >= 1")
    if np.any(n < 1) or np.any(k < 0) or np.any(k > n):
        raise InputError("every run needs at least one read and 0 <= successes <= reads")
    return k, n
