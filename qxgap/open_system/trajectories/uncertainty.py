"""How certain the average of probabilities is that differ from trajectory to trajectory."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...statistics import jeffreys_interval
from ...statistics.bootstrap import CONFIDENCE_LEVEL, student_quantile

FEW = 15.0
"""Effective number of trajectories that carry an average, below which their spread says little."""

NO_SKEWNESS = 1e-6
"""Skewness, divided by the square root of the number of values, that is not corrected for."""


def mean_interval_of_probabilities(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the 95 % interval of the mean of probabilities, and its standard error.

    The interval is Student's with the correction for skewed values by Hall (J. R. Stat. Soc. B 54,
    221, 1992). If only a few of many trajectories carry the mean, or the mean of the complements,
    then a rare kind of trajectory may be missing, and its spread with it. The interval is then that
    of as many reads, which is wider than needed unless every probability is 0 or 1.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        Probabilities, two or more.

    Returns
    -------
    low, high : float
        The interval, inside [0, 1].
    error : float
        The standard error; in the case of few trajectories the half width of the interval in units
        of Student's factor.
    """
    n, values = values.size, np.clip(values, 0.0, 1.0)
    factor, mean = student_quantile(n - 1, CONFIDENCE_LEVEL), float(values.mean())
    if min(_carriers(values), _carriers(1.0 - values)) < min(FEW, n / 6):
        low, high = jeffreys_interval(float(values.sum()), n)
        return low, high, (high - low) / 2 / factor
    error = float(values.std(ddof=1)) / math.sqrt(n)
    low, high = (mean - error * _unskewed(x, values) for x in (factor, -factor))
    return max(low, 0.0), min(high, 1.0), error


def _unskewed(x: float, values: NDArray[np.float64]) -> float:
    """Return the deviation in units of the standard error that Hall's transformation takes to x."""
    deviations = values - values.mean()
    spread = math.sqrt(float(np.mean(deviations**2)))
    skewness = float(np.mean(deviations**3)) / spread**3 if spread else 0.0
    a = skewness / math.sqrt(values.size)
    if abs(a) < NO_SKEWNESS:
        return x
    return float(np.cbrt(1 + a * (x - a / 6)) - 1) * 3 / a


def _carriers(values: NDArray[np.float64]) -> float:
    """Return the effective number of values that a sum consists of; 0 for a sum of 0."""
    total = float(values.sum())
    return total**2 / float(values @ values) if total else 0.0
