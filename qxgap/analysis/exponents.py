"""Exponents of medians in the number of qubits, and how far they depend on choices.

``log(median gap) = c - k log d``: the paper reads k = 1 off its figure. Here k is fitted for every
choice of range and pooling, with an interval from resampling classes; a claim that does not
survive these choices is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..statistics.bootstrap import Estimate, Resampling, weighted_quantile

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slope:
    """Slope of a line through medians, its value and its resampled draws.

    Attributes
    ----------
    value : of the data; NaN with fewer than two sizes.
    draws : (R,) of the resamples.
    resampling : where the draws are from.
    """

    value: float
    draws: Array
    resampling: Resampling

    @property
    def estimate(self) -> Estimate:
        """The slope with its 95 % interval."""
        return self.resampling.estimate(self.value, self.draws)

    def minus(self, other: Slope) -> Estimate:
        """Difference to another slope of the same resampling, drawn together."""
        return self.resampling.estimate(self.value - other.value, self.draws - other.draws)

    def times(self, factor: float) -> Slope:
        """The slope in another unit, or of the other sign."""
        return Slope(factor * self.value, factor * self.draws, self.resampling)


def median_slope(
    x: ArrayLike, y: ArrayLike, resampling: Resampling, *, by_number: bool = False
) -> Slope:
    """Least-squares slope of the median of y at each x.

    Parameters
    ----------
    x, y : (n,) of the instances, finite; x takes few values.
    by_number : whether a median counts as often as instances stand behind it; else all alike.
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
    """Least-squares slope through all instances.

    Parameters
    ----------
    x, y : (n,) finite.
    groups : (n,) with a constant for each group (each network its own), so that only differences
        within a group count.
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
    """Weighted least squares, a line per row of y and w, (R, m)."""
    total = np.maximum(w.sum(axis=1), 1e-300)
    x_mean = w @ x / total
    y_mean = (w * y).sum(axis=1) / total
    from_mean = x[None] - x_mean[:, None]
    numerator = (w * from_mean * (y - y_mean[:, None])).sum(axis=1)
    return _ratio(numerator, (w * from_mean**2).sum(axis=1))


def _ratio(numerator: Array, denominator: Array) -> Array:
    """NaN where x does not vary."""
    known = denominator > 1e-9
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=known)


def power_laws(
    frame: pd.DataFrame, column: str, *, seed: int | np.random.Generator
) -> dict[str, Slope]:
    """Exponent k of ``column ~ d^-k`` for every choice of range and pooling, by name.

    Parameters
    ----------
    frame : columns num_qubits, cluster, group and ``column``, positive; a row per instance.

    Choices that leave fewer than two sizes are left out; with fewer than two in all, so is
    everything. The first choice is the plain one: medians, every d counting once.
    """
    return {name: fit(frame, column, seed) for name, fit in _choices(frame)}


Fit = Callable[[pd.DataFrame, str, "int | np.random.Generator"], Slope]


def _choices(frame: pd.DataFrame) -> list[tuple[str, Fit]]:
    sizes = np.sort(frame.num_qubits.unique())
    if sizes.size < 2:
        return []
    found: list[tuple[str, Fit]] = [
        ("medians, each d once", _medians()),
        ("medians, by number of instances", _medians(by_number=True)),
        ("all instances", _pooled(within=False)),
    ]
    if frame.group.nunique() > 1 and frame.groupby("group").num_qubits.nunique().max() > 1:
        found.append(("all instances, within each group", _pooled(within=True)))
    if sizes.size > 2:
        found += [
            (f"medians, d > {sizes[0]}", _medians(low=sizes[1])),
            (f"medians, d < {sizes[-1]}", _medians(high=sizes[-2])),
        ]
    if sizes.size > 3:
        middle = sizes[sizes.size // 2]
        found.append((f"medians, upper half, d >= {middle}", _medians(low=middle)))
    return found


def _medians(low: float = 0, high: float = np.inf, by_number: bool = False) -> Fit:
    def fit(frame: pd.DataFrame, column: str, seed: int | np.random.Generator) -> Slope:
        part = frame[frame.num_qubits.between(low, high)]
        x, y, resampling = _logs(part, column, seed)
        return median_slope(x, y, resampling, by_number=by_number).times(-1)

    return fit


def _pooled(within: bool) -> Fit:
    def fit(frame: pd.DataFrame, column: str, seed: int | np.random.Generator) -> Slope:
        x, y, resampling = _logs(frame, column, seed)
        return pooled_slope(x, y, resampling, frame.group if within else None).times(-1)

    return fit


def _logs(
    frame: pd.DataFrame, column: str, seed: int | np.random.Generator
) -> tuple[Array, Array, Resampling]:
    x = np.log(frame.num_qubits.to_numpy(dtype=float))
    y = np.log(frame[column].to_numpy(dtype=float))
    return x, y, Resampling.of(frame.cluster, seed=seed)
