"""What a table of explained images says of the QUBO's selection beside every other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError
from ..statistics.seeds import random_generator
from .explainer import METHODS, SELECTING
from .scores import summary

if TYPE_CHECKING:
    from ..statistics import MeanInterval

LARGEST = 100.0
"""Percentage points by which two percentages can differ at most."""


def differences(
    table: pd.DataFrame, *, seed: int | np.random.Generator, reference: str = "exact"
) -> pd.DataFrame:
    """Mean differences of the drops, paired by image, with bootstrap intervals.

    Parameters
    ----------
    table : of :func:`qxgap.explain.score`; images without a selection are left out.
    seed : of the bootstrap.
    reference : the method the others are subtracted from.

    Returns
    -------
    A row per other method and a column per mask; cells are
    :class:`qxgap.statistics.MeanInterval` of ``reference - other`` in percentage points, clustered
    by the class explained. Negative is good for the reference.
    Student's interval of few images may go beyond -100 or 100, which no difference of two
    percentages can: it is cut there.

    Raises
    ------
    InputError : if the table has no rows of the reference.
    """
    from ..statistics import paired_difference

    rng = random_generator(seed)
    used = table[table.num_qubits > 0]
    by_method = dict(tuple(used.groupby("method", sort=False)))
    if reference not in by_method:
        raise InputError(f"no image has a selection by {reference!r}; give images that do")
    own = by_method[reference]
    kinds = [column for column in table.columns if column.startswith("drop_")]
    found = {
        kind.removeprefix("drop_"): {
            method: _cut(paired_difference(own[kind], by_method[method][kind], own.pred, seed=rng))
            for method in METHODS
            if method in by_method and method != reference
        }
        for kind in kinds
    }
    return pd.DataFrame(found).rename_axis("minus")


def _cut(found: MeanInterval) -> MeanInterval:
    """Cut both intervals where no difference of two percentages can lie."""

    def within(interval: tuple[float, float]) -> tuple[float, float]:
        low, high = (min(max(bound, -LARGEST), LARGEST) for bound in interval)
        return low, high

    return replace(
        found,
        interval=within(found.interval),
        clustered_interval=within(found.clustered_interval),
    )


def overlaps(table: pd.DataFrame) -> pd.Series:
    """Mean class overlap of the maps selected, by method; lower is more distinct.

    A low overlap of the QUBO says something only if it is below those of top-k and of all positive
    maps. NaN with fewer than two classes.

    Source: :func:`qxgap.xai.class_overlap`, mean over pairs of predicted classes.
    """
    from ..xai import class_overlap, mean_overlap

    found = {}
    for method in SELECTING:
        rows = table[(table.method == method) & (table.num_qubits > 0)]
        names, classes = np.unique(rows.pred, return_inverse=True)
        num_maps = int(table.num_maps.max())
        matrix = class_overlap(list(rows.selected), classes, num_maps, max(names.size, 1))
        found[method] = mean_overlap(matrix)
    return pd.Series(found, name="class overlap")


def describe(table: pd.DataFrame, *, seed: int | np.random.Generator) -> str:
    """Means of the methods and what tells them apart, for a terminal.

    Parameters
    ----------
    table, seed : of :func:`differences`, which two images or more are needed for.
    """
    means = summary(table)
    number = int(means.images.max()) if len(means) else 0
    images = "1 image" if number == 1 else f"{number} images"
    without = table.name.nunique() - number
    blocks = [
        f"{without} images have no map to select and are left out" if without else "",
        f"number of maps selected, mean over {images}",
        means[["selected"]].T.to_string(float_format="{:.1f}".format),
        f"\nmetrics in percent, means over {images}",
        means.drop(columns=["images", "selected"]).T.to_string(float_format="{:.1f}".format),
    ]
    if number > 1:
        overlap = overlaps(table).dropna()
        blocks += [
            "\nAverage Drop of the QUBO minus that of the others, in percentage points, with 95 % "
            "intervals\n(cut at -100 and 100, which no difference can exceed)",
            differences(table, seed=seed).to_string(),
            "\nclass overlap of the maps selected, 0 to 1" if len(overlap) else "",
            overlap.to_string(float_format="{:.3f}".format) if len(overlap) else "",
        ]
    return "\n".join(block for block in blocks if block)
