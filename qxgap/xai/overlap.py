"""How selections compare: the overlap of classes in the maps that they select."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError


def class_overlap(
    selections: Sequence[Iterable[int]], classes: ArrayLike, num_maps: int, num_classes: int
) -> NDArray[np.float64]:
    """Bhattacharyya coefficients ``sum_a sqrt(p_c(a) p_d(a))`` of the maps that classes select.

    ``p_c`` is the histogram of the channel numbers selected in images of class c, normalised to 1.

    Parameters
    ----------
    selections : for each image the channel numbers selected.
    classes : (B,) class of each image.
    num_maps, num_classes : how many channels and classes there are.

    Returns
    -------
    (num_classes, num_classes) symmetric, in [0, 1], 1 on the diagonal; NaN in the rows and columns
    of classes in which nothing was selected.

    Raises
    ------
    InputError : for a number of classes other than of selections, and for numbers out of range.

    Source: Venturelli et al., arXiv 2604.25649 (which prints values below 0.10 as 0).
    """
    groups = np.asarray(classes)
    if groups.shape != (len(selections),):
        raise InputError(
            f"{len(selections)} selections have classes of shape {groups.shape}; give one for each"
        )
    counts = np.zeros((num_classes, num_maps))
    for group, labels in zip(groups.tolist(), selections, strict=True):
        if not 0 <= group < num_classes:
            raise InputError(f"class {group} is out of range; they are 0 to {num_classes - 1}")
        for label in labels:
            if not 0 <= label < num_maps:
                raise InputError(f"label {label} is no map; they are 0 to {num_maps - 1}")
            counts[group, label] += 1
    totals = counts.sum(axis=1, keepdims=True)
    root = np.sqrt(np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0))
    overlap: NDArray[np.float64] = np.minimum(root @ root.T, 1.0)
    return overlap


def overlaps_with_references(
    selections: Sequence[Iterable[int]],
    alpha: ArrayLike,
    classes: ArrayLike,
    num_classes: int,
) -> Mapping[str, NDArray[np.float64]]:
    """Class overlap of selections beside what it would be without the selecting.

    A low overlap says something about the selection only if it is lower than both references.

    Parameters
    ----------
    selections, classes, num_classes : as in :func:`class_overlap`.
    alpha : (B, C) importance of every channel in every image.

    Returns
    -------
    name -> (num_classes, num_classes): ``"selection"``; ``"top-k"``, in each image as many maps
    as were selected, the most important ones; ``"all positive"``, every map with alpha > 0.
    """
    weights = np.asarray(alpha, dtype=np.float64)
    if weights.ndim != 2 or len(weights) != len(selections):
        raise InputError(f"{len(selections)} selections have alpha of shape {weights.shape}")
    chosen = [sorted(labels) for labels in selections]
    ranked = np.argsort(-weights, axis=1, kind="stable")
    rules = {
        "selection": chosen,
        "top-k": [row[: len(one)].tolist() for row, one in zip(ranked, chosen, strict=True)],
        "all positive": [np.flatnonzero(row > 0).tolist() for row in weights],
    }
    return {
        name: class_overlap(rule, classes, weights.shape[1], num_classes)
        for name, rule in rules.items()
    }


def mean_overlap(matrix: NDArray[np.float64]) -> float:
    """Mean of the entries off the diagonal, classes without a selection left out; NaN if none."""
    pairs = matrix[np.triu_indices(len(matrix), 1)]
    known = pairs[~np.isnan(pairs)]
    return float(known.mean()) if known.size else float("nan")
