"""How much each column of a table says about a target, and how much two columns say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.feature_selection import (
    f_classif,
    f_regression,
    mutual_info_classif,
    mutual_info_regression,
)
from sklearn.utils.multiclass import type_of_target

from ..checks import kind_of
from ..errors import InputError

Array = NDArray[np.float64]

Score = Callable[[Array, NDArray], Any]
"""A function of columns (n, d) and a target (n,): it gives scores (d,), or scores and p-values."""

Redundancy = Callable[[Array], ArrayLike]
"""A function of columns (n, d) that returns a symmetric matrix (d, d)."""

MOST_CLASSES = 20
"""A numerical target with more distinct values counts as real numbers, not as classes."""

SCORES = ("mutual_info", "f")
REDUNDANCIES = ("correlation", "mutual_info")


def scores_of(columns: Array, target: NDArray, score: str | Score, random_state: Any) -> Array:
    """Return the score of each column, not negative.

    Parameters
    ----------
    columns : ndarray of float, shape (n, d)
        The features.
    target : ndarray, shape (n,)
        Classes, or real numbers: numbers that are not whole, or of more than MOST_CLASSES values.
    score : str or callable
        ``"mutual_info"``, ``"f"``, or a function as those of :mod:`sklearn.feature_selection`.
    random_state : int, numpy.random.RandomState or None
        Seed of the mutual information, whose estimate breaks ties at random.

    Raises
    ------
    InputError
        For an unknown name, and for scores of another shape.
    """
    is_real = _is_real(target)
    if score == "mutual_info":
        measure = mutual_info_regression if is_real else mutual_info_classif
        found = measure(columns, target, random_state=random_state)
    elif score == "f":
        with np.errstate(divide="ignore", invalid="ignore"):  # constant columns have no F
            found = (f_regression if is_real else f_classif)(columns, target)
    elif callable(score):
        found = score(columns, target)
    else:
        raise InputError(f"score_func = {score!r}; give one of {SCORES}, or a function of X and y")
    values = np.asarray(found[0] if isinstance(found, tuple) else found, dtype=np.float64)
    if values.shape != columns.shape[1:]:
        raise InputError(f"the scores have shape {values.shape}; give {columns.shape[1:]}")
    largest = np.finfo(np.float64).max
    return np.clip(np.nan_to_num(values, nan=0.0, posinf=largest), 0.0, None)


def _is_real(target: NDArray) -> bool:
    """Return whether a target consists of real numbers and not of classes."""
    if type_of_target(target).startswith("continuous"):
        return True
    return target.dtype.kind in "iuf" and np.unique(target).size > MOST_CLASSES


def redundancy_of(
    columns: Array, measure: str | ArrayLike | Redundancy, random_state: Any
) -> Array:
    """Return how much any two columns say the same, (d, d), with a zero diagonal.

    Parameters
    ----------
    columns : ndarray of float, shape (n, d)
        The features.
    measure : str, array_like or callable
        ``"correlation"`` (the absolute value of Pearson's), ``"mutual_info"`` (mutual information,
        over the largest one), a matrix, or a function that returns one.
    random_state : int, numpy.random.RandomState or None
        Seed of the mutual information.

    Raises
    ------
    InputError
        For an unknown name, and for a matrix of another shape or that is not symmetric.
    """
    d = columns.shape[1]
    if isinstance(measure, str):
        if measure == "correlation":
            matrix = _correlation(columns)
        elif measure == "mutual_info":
            matrix = _mutual_information(columns, random_state)
        else:
            raise InputError(
                f"redundancy = {measure!r}; give one of {REDUNDANCIES}, a matrix, or a function "
                "of X"
            )
    else:
        given = measure(columns) if callable(measure) else measure
        try:
            matrix = np.array(given, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"redundancy is {kind_of(given)}; give a matrix") from error
    if matrix.shape != (d, d) or not np.allclose(matrix, matrix.T, equal_nan=True):
        raise InputError(f"the redundancy has shape {matrix.shape}; give a symmetric ({d}, {d})")
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _correlation(columns: Array) -> Array:
    """Return the absolute correlations; those of constant columns are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        matrix = np.abs(np.corrcoef(columns, rowvar=False)).reshape(2 * columns.shape[1:])
    return np.nan_to_num(matrix, nan=0.0)


def _mutual_information(columns: Array, random_state: Any) -> Array:
    """Return the mutual information of any two columns, over the largest one."""
    d = columns.shape[1]
    matrix = np.zeros((d, d))
    for q in range(1, d):
        matrix[:q, q] = mutual_info_regression(
            columns[:, :q], columns[:, q], random_state=random_state
        )
    largest = float(matrix.max())
    return (matrix + matrix.T) / (largest or 1.0)
