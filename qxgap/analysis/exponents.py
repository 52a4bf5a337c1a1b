"""Exponents of medians in the number of qubits, and their dependence on the choice of the fit.

The law is ``log(median gap) = c - k log d``; the paper estimates k = 1 from its figure. Here k is
fitted for every choice of range and pooling, with an interval from resampling classes. A claim that
does not hold for all of these choices should not be made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..statistics import Estimate, Resampling, Seed
from ..statistics.bootstrap import weighted_quantile

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slope:
    """Slope of a line through data, and the slopes of the resamples.

    Attributes
    ----------
    value : float
        Slope of the data; NaN with fewer than two sizes.
    draws : ndarray of float, shape (R,)
        Slopes of the R resamples.
    resampling : Resampling
        The resamples of the classes.
    """

    value: float
    draws: Array
    resampling: Resampling

    @property
    def estimate(self) -> Estimate:
        """The slope with its 95 % interval."""
        return self.resampling.estimate(self.value, self.draws)

    def minus(self, other: Slope) -> Estimate:
        """Return the difference to another slope of the same resampling, with its interval.

        Parameters
        ----------
        other : Slope
            The slope that is subtracted; it must come from the same resampling.

        Returns
        -------
        Estimate
            The difference; its interval comes from the differences of the draws.
        """
        return self.resampling.estimate(self.value - other.value, self.draws - other.draws)

    def times(self, factor: float) -> Slope:
        """Return the slope multiplied by a factor, as in another unit or of the other sign.

        Parameters
        ----------
        factor : float
            The factor.

        Returns
        -------
        Slope
            The new slope.
        """
        return Slope(factor * self.value, factor * self.draws, self.resampling)

    def __str__(self) -> str:
        return f"slope {self.estimate}"


def median_slope(
    x: ArrayLike, y: ArrayLike, resampling: Resampling, *, by_number: bool = False
) -> Slope:
    """Return the least-squares slope of the median of y at each x.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Finite values of the instances; x takes few values.
    resampling : Resampling
        How the instances are resampled.
    by_number : bool
        Whether a median counts as often as there are instances behind it; otherwise all medians
        count once.

    Returns
    -------
    Slope
        The slope, and those of the resamples.

    Examples
    --------
    >>> from qxgap.analysis import median_slope
    >>> from qxgap.statistics import Resampling
    >>> resampling = Resampling.of(["cat", "dog", "cat", "dog"], seed=1)
    >>> round(median_slope([1, 1, 2, 2], [0.0, 1.0, 2.0, 3.0], resampling).value, 6)
    2.0
    """
    place, value = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    sizes, member = np.unique(place, return_inverse=True)
    weights = np.vstack([np.ones((1, value.size), np.int16), resampling.weights])
    medians = np.empty((len(weights), sizes.size))
    counts = np.empty_like(medians)
    for i in range(sizes.size):
        rows = np.flatnonzero(member == i)
        counts[:, i] = weights[:, rows].sum(axis=1)
        medians[:, i] = weighted_quantile(value[rows], weights[:, rows], 0.5)
    known = counts > 0
    slopes = _slopes(sizes, np.where(known, medians, 0.0), counts if by_number else known)
    return Slope(float(slopes[0]), slopes[1:], resampling)


def pooled_slope(
    x: ArrayLike, y: ArrayLike, resampling: Resampling, groups: ArrayLike | None = None
) -> Slope:
    """Return the least-squares slope through all instances.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Finite values of the instances.
    resampling : Resampling
        How the instances are resampled.
    groups : array_like, shape (n,), optional
        Group of each instance. With it, each group has its own constant, so that only differences
        within groups count.

    Returns
    -------
    Slope
        The slope, and those of the resamples.

    Examples
    --------
    >>> from qxgap.analysis import pooled_slope
    >>> from qxgap.statistics import Resampling
    >>> x = [1.0, 2.0, 3.0, 4.0]
    >>> slope = pooled_slope(x, [2.0, 4.0, 6.0, 8.0], Resampling.of(["a", "b", "c", "d"], seed=1))
    >>> round(slope.estimate.value, 6)
    2.0
    """
    place, value = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weights = np.vstack([np.ones((1, value.size)), resampling.weights]).astype(np.float64)
    names = np.zeros(value.size) if groups is None else np.asarray(groups)
    numerator, denominator = np.zeros(len(weights)), np.zeros(len(weights))
    for name in pd.unique(names):
        rows = names == name
        w, x_here, y_here = weights[:, rows], place[rows], value[rows]
        total = np.maximum(w.sum(axis=1), 1.0)
        x_mean, y_mean = w @ x_here / total, w @ y_here / total
        numerator += w @ (x_here * y_here) - total * x_mean * y_mean
        denominator += w @ x_here**2 - total * x_mean**2
    slopes = _ratio(numerator, denominator)
    return Slope(float(slopes[0]), slopes[1:], resampling)


def _slopes(x: Array, y: Array, w: NDArray) -> Array:
    """Return slopes by weighted least squares, one for each row of y and w, shape (R, m)."""
    total = np.maximum(w.sum(axis=1), 1e-300)
    x_mean = w @ x / total
    y_mean = (w * y).sum(axis=1) / total
    from_mean = x[None] - x_mean[:, None]
    numerator = (w * from_mean * (y - y_mean[:, None])).sum(axis=1)
    return _ratio(numerator, (w * from_mean**2).sum(axis=1))


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Return the ratio; NaN where x does not vary."""
    known = denominator > 1e-9
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=known)


def power_laws(frame: pd.DataFrame, column: str, *, seed: Seed = None) -> dict[str, Slope]:
    """Return the exponent k of ``column ~ d^-k`` for every choice of range and pooling.

    Choices that leave fewer than two sizes are left out; with fewer than two sizes in all there is
    none. The first choice is the plain one: medians, every d counting once.

    Parameters
    ----------
    frame : DataFrame
        A row for each instance, with columns num_qubits, cluster, group and ``column``, which is
        positive.
    column : str
        Name of the column that follows the power law.
    seed : int, numpy.random.Generator or None
        Seed of the intervals. An integer resamples every choice in the same way.

    Returns
    -------
    dict
        Name of the choice -> exponent.

    Examples
    --------
    >>> import pandas as pd
    >>> from qxgap.analysis import power_laws
    >>> sizes = [2, 2, 4, 4, 8, 8]
    >>> frame = pd.DataFrame({"num_qubits": sizes, "gap": [1 / d for d in sizes]})
    >>> frame = frame.assign(cluster=["cat", "dog"] * 3, group="")
    >>> round(power_laws(frame, "gap", seed=1)["medians, each d once"].value, 6)
    1.0
    """
    return {name: fit(frame, column, seed) for name, fit in _choices(frame)}


Fit = Callable[[pd.DataFrame, str, Seed], Slope]


def _choices(frame: pd.DataFrame) -> list[tuple[str, Fit]]:
    """Return the choices that leave at least two sizes, by name."""
    sizes = np.sort(frame.num_qubits.unique())
    if sizes.size < 2:
        return []
    choices: list[tuple[str, Fit]] = [
        ("medians, each d once", _medians()),
        ("medians, by number of instances", _medians(by_number=True)),
        ("all instances", _pooled(within=False)),
    ]
    if frame.group.nunique() > 1 and frame.groupby("group").num_qubits.nunique().max() > 1:
        choices.append(("all instances, within each group", _pooled(within=True)))
    if sizes.size > 2:
        choices += [
            (f"medians, d > {sizes[0]}", _medians(low=sizes[1])),
            (f"medians, d < {sizes[-1]}", _medians(high=sizes[-2])),
        ]
    if sizes.size > 3:
        middle = sizes[sizes.size // 2]
        choices.append((f"medians, upper half, d >= {middle}", _medians(low=middle)))
    return choices


def _medians(low: float = 0, high: float = np.inf, by_number: bool = False) -> Fit:
    def fit(frame: pd.DataFrame, column: str, seed: Seed) -> Slope:
        part = frame[frame.num_qubits.between(low, high)]
        x, y, resampling = _logs(part, column, seed)
        return median_slope(x, y, resampling, by_number=by_number).times(-1)

    return fit


def _pooled(within: bool) -> Fit:
    def fit(frame: pd.DataFrame, column: str, seed: Seed) -> Slope:
        x, y, resampling = _logs(frame, column, seed)
        return pooled_slope(x, y, resampling, frame.group if within else None).times(-1)

    return fit


def _logs(frame: pd.DataFrame, column: str, seed: Seed) -> tuple[Array, Array, Resampling]:
    x = np.log(frame.num_qubits.to_numpy(dtype=float))
    y = np.log(frame[column].to_numpy(dtype=float))
    return x, y, Resampling.of(frame.cluster, seed=seed)
