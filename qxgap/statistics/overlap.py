"""The overlap of the feature maps that are selected in the images of two classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError


def class_overlap(
    selections: Sequence[Iterable[int]], classes: ArrayLike, num_maps: int, num_classes: int
) -> NDArray[np.float64]:
    """Return the overlap of every two classes in the feature maps that are selected in them.

    Let p_c be the histogram of the channel numbers that are selected in images of class c,
    normalized to 1. The overlap of the classes c and d is the Bhattacharyya coefficient
    ``sum_a sqrt(p_c(a) p_d(a))``: 1 for equal histograms, 0 if no map is selected in both.

    Parameters
    ----------
    selections : sequence of iterable of int
        Channel numbers that are selected in each of B images.
    classes : array_like of int, shape (B,)
        Class of each image.
    num_maps : int
        Number of channels.
    num_classes : int
        Number of classes.

    Returns
    -------
    ndarray of float, shape (num_classes, num_classes)
        Symmetric, in [0, 1], 1 on the diagonal; NaN in the rows and columns of classes in which
        nothing was selected.

    Raises
    ------
    InputError
        If there is not one class for each selection, or a number is out of range.

    Notes
    -----
    The overlap is that of Venturelli et al., arXiv 2604.25649, which prints values below 0.10 as 0.

    Examples
    --------
    >>> from qxgap.statistics import class_overlap
    >>> class_overlap([[0, 1], [1, 2]], classes=[0, 1], num_maps=3, num_classes=2).round(2)
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    rows = selection_counts(selections, classes, num_maps, num_classes)
    counts = np.zeros((num_classes, num_maps))
    np.add.at(counts, np.asarray(classes, dtype=np.intp), rows)
    totals = counts.sum(axis=1, keepdims=True)
    root = np.sqrt(np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0))
    overlap: NDArray[np.float64] = np.minimum(root @ root.T, 1.0)
    return overlap


def selection_counts(
    selections: Sequence[Iterable[int]], classes: ArrayLike, num_maps: int, num_classes: int
) -> NDArray[np.float64]:
    """Return how often each map is selected in each image, shape (B, num_maps).

    Parameters
    ----------
    selections, classes, num_maps, num_classes
        As in :func:`class_overlap`.

    Raises
    ------
    InputError
        If there is not one class for each selection, or a number is out of range.
    """
    groups = np.asarray(classes)
    if groups.shape != (len(selections),):
        raise InputError(
            f"{len(selections)} selections have classes of shape {groups.shape}; give one for each"
        )
    rows = np.zeros((len(selections), num_maps))
    for row, group, labels in zip(rows, groups.tolist(), selections, strict=True):
        if not 0 <= group < num_classes:
            raise InputError(f"class {group} is out of range; they are 0 to {num_classes - 1}")
        for label in labels:
            if not 0 <= label < num_maps:
                raise InputError(f"label {label} is no map; they are 0 to {num_maps - 1}")
            row[label] += 1
    return rows


def overlaps_with_references(
    selections: Sequence[Iterable[int]],
    alpha: ArrayLike,
    classes: ArrayLike,
    num_classes: int,
) -> Mapping[str, NDArray[np.float64]]:
    """Return the class overlap of selections beside that of two simpler rules.

    A low overlap is evidence for a distinct selection only if it is lower than both references.

    Parameters
    ----------
    selections : sequence of iterable of int
        Channel numbers that are selected in each of B images.
    alpha : array_like of float, shape (B, C)
        Importance of every channel in every image.
    classes : array_like of int, shape (B,)
        Class of each image.
    num_classes : int
        Number of classes.

    Returns
    -------
    dict of str
        Matrices as of :func:`class_overlap`: of the ``"selection"``; of ``"top-k"``, the most
        important maps of each image, as many as are selected; and of ``"all positive"``, every map
        with alpha > 0.

    Raises
    ------
    InputError
        If there is not one row of ``alpha`` for each selection, or as in :func:`class_overlap`.

    Examples
    --------
    >>> from qxgap.statistics import overlaps_with_references
    >>> alpha = [[1.0, 0.5, -1.0], [0.2, 1.0, -1.0]]
    >>> overlaps = overlaps_with_references([[0], [1]], alpha, [0, 1], 2)
    >>> overlaps["selection"][0, 1].item(), round(overlaps["all positive"][0, 1].item(), 6)
    (0.0, 1.0)
    """
    weights = np.asarray(alpha, dtype=np.float64)
    if weights.ndim != 2 or len(weights) != len(selections):
        raise InputError(
            f"{len(selections)} selections have alpha of shape {weights.shape}; give one row for "
            "each"
        )
    chosen = [sorted(labels) for labels in selections]
    ranked = np.argsort(-weights, axis=1, kind="stable")
    rules = {
        "selection": chosen,
        "top-k": [
            channels[: len(labels)].tolist()
            for channels, labels in zip(ranked, chosen, strict=True)
        ],
        "all positive": [np.flatnonzero(row > 0).tolist() for row in weights],
    }
    return {
        name: class_overlap(rule, classes, weights.shape[1], num_classes)
        for name, rule in rules.items()
    }


def mean_overlap(matrix: NDArray[np.float64]) -> float:
    """Return the mean overlap of two different classes; classes without a selection are left out.

    Parameters
    ----------
    matrix : ndarray of float, shape (c, c)
        The result of :func:`class_overlap`.

    Returns
    -------
    float
        The mean of the entries off the diagonal; NaN if there are none.

    Examples
    --------
    >>> from qxgap.statistics import class_overlap, mean_overlap
    >>> matrix = class_overlap([[0, 1], [1, 2]], classes=[0, 1], num_maps=3, num_classes=2)
    >>> round(mean_overlap(matrix), 3)
    0.5
    """
    pairs = matrix[np.triu_indices(len(matrix), 1)]
    known = pairs[~np.isnan(pairs)]
    return float(known.mean()) if known.size else float("nan")
