"""Effective temperature by maximum likelihood on energy levels.

A Boltzmann law ``P(z) ~ exp(-E(z)/T)`` is an exponential family in the inverse temperature beta.
Its likelihood is greatest where the mean energy of the law equals that of the reads, and this mean
falls strictly as beta grows. So the estimate, its intervals and its bootstrap all invert one
monotone function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from ..results import Result, plain
from ..statistics.bootstrap import require_confidence_level
from ..statistics.intervals import cluster_interval
from ..statistics.seeds import Seed
from .energies import Levels

OUTSIDE_TOLERANCE = 1e-9
"""A mean energy may lie outside the levels by this fraction of their width, by rounding."""


class TemperatureStatus(Enum):
    """How well reads determine a temperature; the value is the message."""

    DETERMINED = "the interval of the inverse temperature is finite and does not contain 0"
    ONE_SIDED = (
        "no read is excited (or, at negative temperature, none is de-excited): only one end of the "
        "temperature is known; measure more reads"
    )
    INFINITE_POSSIBLE = (
        "the interval of the inverse temperature contains 0, so the temperature may be infinite or "
        "of either sign; use inverse_interval, or measure more reads"
    )


@dataclass(frozen=True, repr=False)
class EffectiveTemperature(Result):
    """A temperature that was estimated from reads, with its interval.

    Attributes
    ----------
    value : float
        Temperature in the unit of the energies. It is 0 if all reads are ground states (or, for
        the pseudo-likelihood, local minima), inf if the reads are distributed uniformly, and
        negative if they lie higher than uniform reads.
    interval : tuple of float
        The reciprocals of the high and the low end of ``inverse_interval``. Where
        ``inverse_interval`` contains 0, the temperature passes through infinity and ``interval``
        has ``low > high``; use ``inverse_interval`` then.
    inverse : float
        Inverse temperature: beta = 1/T.
    inverse_interval : tuple of float
        Interval (low, high) of the inverse temperature.
    confidence_level : float
        Confidence level of the intervals.
    kind : str
        Name of the method that computed the interval.
    offset : float
        Field that is common to all occupations, in units of T, if it was fitted too; else 0.
    """

    value: float
    interval: tuple[float, float]
    inverse: float
    inverse_interval: tuple[float, float]
    confidence_level: float
    kind: str
    offset: float = 0.0

    @classmethod
    def from_inverse(
        cls,
        beta: float,
        interval: tuple[float, float],
        confidence_level: float,
        kind: str,
        offset: float = 0.0,
    ) -> EffectiveTemperature:
        """Make an effective temperature from an inverse temperature and its interval.

        Parameters
        ----------
        beta : float
            The inverse temperature.
        interval : tuple of float
            Its interval (low, high).
        confidence_level : float
            Confidence level of the interval.
        kind : str
            Name of the method that computed the interval.
        offset : float
            Field that is common to all occupations, in units of T.

        Returns
        -------
        EffectiveTemperature
            The temperature with both intervals.
        """
        low, high = interval
        return cls(
            value=_reciprocal(beta),
            interval=(_reciprocal(high), _reciprocal(low)),
            inverse=beta,
            inverse_interval=(low, high),
            confidence_level=confidence_level,
            kind=kind,
            offset=offset,
        )

    @property
    def status(self) -> TemperatureStatus:
        """How well the reads determine the temperature."""
        low, high = self.inverse_interval
        if low <= 0 <= high:
            return TemperatureStatus.INFINITE_POSSIBLE
        if math.isinf(low) or math.isinf(high):
            return TemperatureStatus.ONE_SIDED
        return TemperatureStatus.DETERMINED

    def to_dict(self) -> dict[str, Any]:
        """Return the temperature as plain Python values.

        Returns
        -------
        dict
            The temperature as ``effective_temperature``, the intervals, and the status; infinite
            numbers are None.
        """
        values = {
            "effective_temperature": self.value,
            "effective_temperature_interval": self.interval,
            "inverse": self.inverse,
            "inverse_interval": self.inverse_interval,
            "confidence_level": self.confidence_level,
            "kind": self.kind,
            "offset": self.offset,
            "status": self.status,
        }
        return {name: plain(value) for name, value in values.items()}

    def __str__(self) -> str:
        if self.status is TemperatureStatus.INFINITE_POSSIBLE:
            low, high = self.inverse_interval
            return (
                "The reads may be no colder than uniformly random ones: the inverse temperature is "
                f"{self.inverse:.2g} (interval {low:.2g} to {high:.2g}, which contains 0; "
                f"{self.kind})."
            )
        low, high = self.interval
        return (
            f"The reads look like those of a temperature of {self.value:.3g} (interval {low:.3g} "
            f"to {high:.3g}; {self.kind})."
        )


def inverse_temperature(levels: Levels, excitations: ArrayLike) -> NDArray[np.float64]:
    """Return the inverse temperatures at which the Boltzmann law has these mean energies.

    The result is inf at the lowest level and -inf at the highest, and 0 if there is a single level,
    which every temperature fits.

    Parameters
    ----------
    levels : Levels
        The energy levels.
    excitations : array_like of float
        Mean energies above the lowest level, in any shape.

    Returns
    -------
    ndarray of float
        Inverse temperatures, in the shape of ``excitations``.

    Raises
    ------
    InputError
        If a mean energy lies outside the levels.
    """
    x, width = _scaled_energies(levels)
    means = np.asarray(excitations, dtype=np.float64)
    if width == 0:
        return np.zeros(means.shape)
    above, below = means / width, 1 - means / width
    if not np.all((above > -OUTSIDE_TOLERANCE) & (below > -OUTSIDE_TOLERANCE)):
        raise InputError("a mean energy lies outside the levels; give reads of the same problem")
    log_degeneracies = np.log(levels.degeneracies)
    uniform = float(levels.degeneracies @ x / levels.degeneracies.sum())
    # The ends of the spectrum are limits. Between them the equation is solved from the nearer end,
    # where the distance to the end is small and keeps its digits.
    beta = np.where(above <= 0, np.inf, -np.inf)
    low, high = (above > 0) & (above <= uniform), (below > 0) & (above > uniform)
    if np.any(low):
        beta[low] = _rate(log_degeneracies, x, above[low]) / width
    if np.any(high):
        beta[high] = -_rate(log_degeneracies, 1 - x, below[high]) / width
    return beta


def _rate(log_degeneracies: NDArray, x: NDArray, targets: NDArray) -> NDArray[np.float64]:
    """Return the rates b, shape (n,), at which ``g exp(-b x) / Z`` has the given means of x."""
    from scipy.optimize import elementwise

    def excess(b: NDArray, target: NDArray) -> NDArray[np.float64]:
        exponents = log_degeneracies - b[..., None] * x
        weights = np.exp(exponents - exponents.max(axis=-1, keepdims=True))
        return np.asarray((weights @ x) / weights.sum(axis=-1) - target)

    bracket = elementwise.bracket_root(excess, -1.0, 1.0, args=(targets,)).bracket
    return np.asarray(elementwise.find_root(excess, bracket, args=(targets,)).x)


def level_temperature(
    levels: Levels,
    counts: ArrayLike,
    *,
    confidence_level: float = 0.95,
    num_resamples: int = 4000,
    seed: Seed = None,
) -> EffectiveTemperature:
    """Estimate the temperature of reads by maximum likelihood on the energy levels.

    Parameters
    ----------
    levels : Levels
        The energy levels of the problem, in ascending order.
    counts : array_like of int, shape (k,) or (m, k)
        Number of reads of each level. For one row the interval is that of the profile likelihood,
        which holds for independent reads. For m >= 2 runs, a row each, the interval is the hull of
        that one and of the bootstrap interval of the mean energy over runs
        (:func:`~qxgap.statistics.cluster_interval`), mapped to temperatures; so a few runs that
        agree by luck do not make it narrower than their reads allow.
    confidence_level : float
        Confidence level of the interval, in (0, 1).
    num_resamples : int
        Number of bootstrap resamples of the runs.
    seed : int, numpy.random.Generator or None
        Seed of the bootstrap over runs.

    Returns
    -------
    EffectiveTemperature
        The temperature, and the inverse temperature as ``inverse``, with their intervals.

    Raises
    ------
    InputError
        If the shapes differ, there are no reads, or the confidence level lies outside (0, 1).

    References
    ----------
    Raymond, Yarkoni & Andriyash, Frontiers in ICT 3, 23 (2016).

    Examples
    --------
    >>> from qxgap.samples import Levels, level_temperature
    >>> two_levels = Levels([0.0, 1.0], [1, 1])
    >>> round(level_temperature(two_levels, [731, 269]).value, 2)
    1.0
    """
    observed = np.asarray(counts, dtype=np.float64)
    if observed.ndim not in (1, 2) or observed.shape[-1:] != levels.energies.shape:
        raise InputError(
            f"counts have the shape {observed.shape}; the last axis must have the "
            f"{levels.energies.size} levels"
        )
    require_confidence_level(confidence_level)
    pooled = observed if observed.ndim == 1 else observed.sum(axis=0)
    beta, ends = _estimate(levels, pooled, confidence_level)
    kind = "profile likelihood"
    if observed.ndim == 2:
        excitations, sizes = levels.energies - levels.energies[0], observed.sum(axis=1)
        means = cluster_interval(
            observed @ excitations,
            sizes,
            confidence_level=confidence_level,
            num_resamples=num_resamples,
            seed=seed,
        )
        high, low = inverse_temperature(levels, np.clip(means, 0.0, excitations[-1])).tolist()
        ends = (min(low, ends[0]), max(high, ends[1]))
        kind = f"profile likelihood and bootstrap over {len(observed)} runs"
    return EffectiveTemperature.from_inverse(beta, ends, confidence_level, kind)


def _estimate(
    levels: Levels, counts: NDArray[np.float64], confidence_level: float
) -> tuple[float, tuple[float, float]]:
    """Return the inverse temperature of reads per level, and its profile-likelihood interval.

    Reads above the uniform mean are measured from the highest level, by the energies with the
    opposite sign: their distance from that level is small, and as a difference of distances from
    the lowest level it would lose its digits.
    """
    excitations = levels.energies - levels.energies[0]
    uniform = levels.degeneracies @ excitations / levels.degeneracies.sum()
    inverted = _mean_excitation(levels, counts) > uniform
    if inverted:
        levels = Levels(-levels.energies[::-1], levels.degeneracies[::-1])
        counts = counts[::-1]
    mean = _mean_excitation(levels, counts)
    beta = float(inverse_temperature(levels, mean))
    low, high = _profile_interval(levels, mean, float(counts.sum()), beta, confidence_level)
    return (-beta, (-high, -low)) if inverted else (beta, (low, high))


def _profile_interval(
    levels: Levels, mean: float, reads: float, beta: float, confidence_level: float
) -> tuple[float, float]:
    """Return the interval of inverse temperatures with a likelihood close to the maximum.

    In it, twice the log likelihood lies below its maximum by less than the chi-square quantile at
    one degree of freedom.
    """
    from scipy.special import chdtri

    x, width = _scaled_energies(levels)
    if width == 0:
        return -math.inf, math.inf
    target, log_degeneracies = mean / width, np.log(levels.degeneracies)

    def log_likelihood(b: float) -> float:
        """Log likelihood of one read, on average."""
        return float(-b * target - np.logaddexp.reduce(log_degeneracies - b * x))

    if math.isfinite(beta):
        best = log_likelihood(beta * width)
    else:  # in the limit all reads are in the lowest, or highest, level
        best = -float(log_degeneracies[0 if beta > 0 else -1])
    drop = float(chdtri(1, 1 - confidence_level)) / (2 * reads)

    def excess(b: float) -> float:
        """Distance below the maximum, minus the distance at which the interval ends."""
        return best - log_likelihood(b) - drop

    if math.isfinite(beta):
        b = beta * width
        return _crossing(excess, b, -1.0) / width, _crossing(excess, b, 1.0) / width
    # The likelihood rises monotonically towards the infinite estimate. First a point inside the
    # interval is found in that direction, then the one finite end in the other.
    side = math.copysign(1.0, beta)
    start = 0.0
    while excess(start) > 0:
        start = 2 * start + side
    end = _crossing(excess, start, -side) / width
    return (end, beta) if beta > 0 else (beta, end)


def _crossing(function: Callable[[float], float], start: float, step: float) -> float:
    """Return the zero of a function that is negative at ``start`` and grows along ``step``."""
    from scipy.optimize import brentq

    while function(start + step) < 0:
        step *= 2
    return float(brentq(function, start, start + step, xtol=1e-13, rtol=1e-12))


def _mean_excitation(levels: Levels, counts: NDArray[np.float64]) -> float:
    """Return the mean energy of the reads above the lowest level."""
    if counts.sum() < 1 or np.any(counts < 0):
        raise InputError("a temperature needs counts >= 0 and at least one read")
    excitations = levels.energies - levels.energies[0]
    return min(float(counts @ excitations / counts.sum()), float(excitations[-1]))


def _scaled_energies(levels: Levels) -> tuple[NDArray[np.float64], float]:
    """Return the energies scaled to [0, 1], and the width of the spectrum."""
    width = float(np.ptp(levels.energies))
    return (levels.energies - levels.energies[0]) / (width or 1.0), width


def _reciprocal(beta: float) -> float:
    """Return 1 / beta, and inf for 0."""
    return math.inf if beta == 0 else 1 / beta
