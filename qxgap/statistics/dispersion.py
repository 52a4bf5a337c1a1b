"""The agreement of runs of one problem: spread beyond the binomial law, and outliers."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Result, plain

MAD_TO_SIGMA = 1.482602218505602
"""Standard deviation of a normal variable over its median absolute deviation."""

CALIBRATION_DRAWS = 20_000
"""Simulated sets of runs behind the critical value of :func:`outlier_runs`."""

MAX_DRAWS = 1 << 20
"""Simulated numbers that are in memory at a time."""


@dataclass(frozen=True, repr=False)
class Overdispersion(Result):
    """The spread of the success counts of runs, compared with a common binomial law.

    Attributes
    ----------
    factor : float
        Variance over the binomial one (Pearson's X^2 over its degrees of freedom); 1 for
        independent reads of one probability. The spread in standard deviations is its root.
    p_value : float
        Probability of such a spread if all runs have one success probability, from X^2 at
        ``num_runs - 1`` degrees of freedom.
    num_runs : int
        Number of runs.
    """

    factor: float
    p_value: float
    num_runs: int

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as plain Python values.

        Returns
        -------
        dict of str
            The attributes by name.
        """
        return plain(vars(self))

    def __str__(self) -> str:
        return (
            f"The {self.num_runs} runs spread {self.factor:.2g} times as much as independent reads "
            f"of one probability would (in variance; such a spread has the probability "
            f"{self.p_value:.2g} there)."
        )


def overdispersion(successes: ArrayLike, reads: ArrayLike) -> Overdispersion:
    """Compare the spread of success counts over runs with that of a common binomial law.

    The factor is ``sum (k_i - n_i p)^2 / (n_i p (1-p)) / (m - 1)`` with the pooled p. If no read or
    all reads succeed, no spread can be seen: the factor and the p-value are 1.

    Parameters
    ----------
    successes : array_like of int, shape (m,)
        Number k_i of reads of each run that succeeded.
    reads : array_like of int, shape (m,)
        Number n_i of reads of each run.

    Returns
    -------
    Overdispersion
        The factor, its p-value and the number of runs.

    Raises
    ------
    InputError
        For fewer than two runs, or successes outside [0, reads].

    Notes
    -----
    Source: McCullagh & Nelder, Generalized Linear Models (1989), section 4.5.

    Examples
    --------
    >>> from qxgap.statistics import overdispersion
    >>> round(overdispersion([10, 30, 20], [100, 100, 100]).factor, 3)
    6.25
    """
    from scipy.special import chdtrc

    k, n = _successes_and_reads(successes, reads)
    if k.size < 2:
        raise InputError("over-dispersion needs two runs or more")
    p = k.sum() / n.sum()
    if p in (0.0, 1.0):
        return Overdispersion(1.0, 1.0, k.size)
    chi_square = float((np.square(k - n * p) / (n * p * (1 - p))).sum())
    freedom = k.size - 1
    return Overdispersion(chi_square / freedom, float(chdtrc(freedom, chi_square)), k.size)


def outlier_scores(successes: ArrayLike, reads: ArrayLike) -> NDArray[np.float64]:
    """Return robust standard scores of the runs.

    ``z_i = 2 sqrt(n_i) (a_i - median a)`` with Anscombe's ``a = arcsin sqrt((k+3/8)/(n+3/4))``, a
    scale on which binomial noise has unit variance, is divided by 1.4826 times the median of
    ``|z|`` where that exceeds 1. Runs are thus measured by how much most of them spread.

    Parameters
    ----------
    successes : array_like of int, shape (m,)
        Number of reads of each run that succeeded.
    reads : array_like of int, shape (m,)
        Number of reads of each run.

    Returns
    -------
    ndarray of float, shape (m,)
        The score of each run.
    """
    k, n = _successes_and_reads(successes, reads)
    angle = np.arcsin(np.sqrt((k + 0.375) / (n + 0.75)))
    z = 2 * np.sqrt(n) * (angle - np.median(angle))
    return z / max(1.0, MAD_TO_SIGMA * float(np.median(np.abs(z))))


def outlier_runs(
    successes: ArrayLike, reads: ArrayLike, *, false_alarm: float = 0.01
) -> NDArray[np.int64]:
    """Return the positions of the runs that differ from most others, ascending.

    A run is an outlier if its score (:func:`outlier_scores`) exceeds a critical value c in absolute
    value. Among m runs without any outlier, at least one exceeds c with probability ``false_alarm``
    at most, whatever their over-dispersion, if it is normal on the arcsine scale. The value c comes
    from a simulation of 20000 sets of m normal numbers (4.8 for m = 28, but 18 for m = 5: among few
    runs only gross outliers are recognized). Among fewer than three runs there is no outlier.

    Parameters
    ----------
    successes : array_like of int, shape (m,)
        Number of reads of each run that succeeded.
    reads : array_like of int, shape (m,)
        Number of reads of each run.
    false_alarm : float
        Probability in (0, 1) that a run is called an outlier although none is.

    Returns
    -------
    ndarray of int
        Positions of the outliers.

    Raises
    ------
    InputError
        For successes outside [0, reads], or a false alarm outside (0, 1).

    Examples
    --------
    >>> from qxgap.statistics import outlier_runs
    >>> outlier_runs([50, 48, 53, 51, 47, 49, 52, 5], [100] * 8).tolist()
    [7]
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
    """Return the quantile of the largest robust score among normal numbers.

    Their median score is not floored at 1, which gives the largest critical value.
    """
    rng, largest = np.random.default_rng(0), []
    batch = max(1, MAX_DRAWS // num_runs)
    for start in range(0, CALIBRATION_DRAWS, batch):
        x = rng.standard_normal((min(batch, CALIBRATION_DRAWS - start), num_runs))
        deviation = np.abs(x - np.median(x, axis=1, keepdims=True))
        largest.append(deviation.max(axis=1) / (MAD_TO_SIGMA * np.median(deviation, axis=1)))
    return float(np.quantile(np.concatenate(largest), 1 - false_alarm))


def effective_sample_size(successes: ArrayLike, reads: ArrayLike) -> float:
    """Return how many independent reads would leave the pooled probability as uncertain.

    It is the number of all reads over the over-dispersion factor, where that exceeds 1.

    Parameters
    ----------
    successes : array_like of int, shape (m,)
        Number of reads of each run that succeeded.
    reads : array_like of int, shape (m,)
        Number of reads of each run.

    Returns
    -------
    float
        At most the number of all reads.
    """
    _, n = _successes_and_reads(successes, reads)
    return float(n.sum()) / max(1.0, overdispersion(successes, reads).factor)


def serial_sample_size(values: ArrayLike) -> float:
    """Return the effective sample size of one run's reads in the order in which they were read.

    It is ``n / (1 + 2 sum rho_t)`` over Geyer's initial positive sequence: pairs of
    autocorrelations are added while they are positive.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        A number per read, such as its energy; not aggregated, not sorted.

    Returns
    -------
    float
        At most n; n too for reads that are all equal.

    Raises
    ------
    InputError
        For fewer than two values, or values that are not finite.

    Notes
    -----
    Source: Geyer, Statistical Science 7, 473 (1992), section 3.3.

    Examples
    --------
    >>> from qxgap.statistics import serial_sample_size
    >>> serial_sample_size([1, -1, 1, -1, 1, -1])
    6.0
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


def _successes_and_reads(successes: ArrayLike, reads: ArrayLike) -> tuple[NDArray, NDArray]:
    """Return both as arrays; InputError unless there are 0 <= successes <= reads of each run."""
    k, n = np.asarray(successes, dtype=np.float64), np.asarray(reads, dtype=np.float64)
    if k.ndim != 1 or k.shape != n.shape or k.size == 0:
        raise InputError(f"successes {k.shape} and reads {n.shape}; both must be (m,), m >= 1")
    if np.any(n < 1) or np.any(k < 0) or np.any(k > n):
        raise InputError("every run needs at least one read and 0 <= successes <= reads")
    return k, n
