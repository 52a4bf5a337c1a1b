"""Differences between the QUBO's selection and every other method, in a table of images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError
from ..statistics import class_overlap, mean_overlap
from ..statistics.seeds import Seed, random_generator
from .explainer import ExplanationMethod
from .scores import summary

if TYPE_CHECKING:
    from ..statistics import MeanInterval

MAX_DIFFERENCE = 100.0
"""Largest possible difference of two percentages, in percentage points."""


def differences(
    table: pd.DataFrame,
    *,
    seed: Seed = None,
    reference: ExplanationMethod = ExplanationMethod.EXACT,
) -> pd.DataFrame:
    """Return mean differences of the drops, paired by image, with bootstrap intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        A table of :func:`score`; images without a selection are left out.
    seed : int, Generator or None, optional
        Seed of the bootstrap.
    reference : ExplanationMethod, optional
        The method from which the others are subtracted.

    Returns
    -------
    pandas.DataFrame
        A row per other method and a column per mask. A cell is the
        :class:`qxgap.statistics.MeanInterval` of ``reference - other`` in percentage points,
        clustered by the class explained. A negative difference is good for the reference.

    Raises
    ------
    InputError
        If the table has no rows of the reference.

    Notes
    -----
    Student's interval of few images may exceed -100 or 100, the limits of a difference of two
    percentages. It is cut there.
    """
    from ..statistics import paired_difference

    rng = random_generator(seed)
    used = table[table.num_qubits > 0]
    by_method = dict(tuple(used.groupby("method", sort=False)))
    if reference not in by_method:
        raise InputError(
            f"no image has a selection by {str(reference)!r}; give images that have one"
        )
    own = by_method[reference]
    others = [
        method.value for method in ExplanationMethod if method in by_method and method != reference
    ]
    columns = [column for column in table.columns if column.startswith("drop_")]
    intervals = {
        column.removeprefix("drop_"): {
            method: _cut(
                paired_difference(own[column], by_method[method][column], own.target, seed=rng)
            )
            for method in others
        }
        for column in columns
    }
    return pd.DataFrame(intervals).rename_axis("minus")


def _cut(difference: MeanInterval) -> MeanInterval:
    """Cut both intervals where no difference of two percentages can lie."""

    def within(interval: tuple[float, float]) -> tuple[float, float]:
        low, high = (min(max(bound, -MAX_DIFFERENCE), MAX_DIFFERENCE) for bound in interval)
        return low, high

    return replace(
        difference,
        interval=within(difference.interval),
        clustered_interval=within(difference.clustered_interval),
    )


def mean_overlaps(table: pd.DataFrame) -> pd.Series:
    """Return the mean class overlap of the selected maps by method; a lower one is more distinct.

    A low overlap of the QUBO is evidence for distinct selections only if it is below those of top-k
    and of all positive maps.

    Parameters
    ----------
    table : pandas.DataFrame
        A table of :func:`score`; images without a selection are left out.

    Returns
    -------
    pandas.Series
        Mean of :func:`qxgap.statistics.class_overlap` over pairs of classes explained, for every
        method that selects maps; NaN with fewer than two classes.
    """
    means = {}
    for method in ExplanationMethod:
        if not method.selects_maps:
            continue
        rows = table[(table.method == method.value) & (table.num_qubits > 0)]
        names, classes = np.unique(rows.target, return_inverse=True)
        num_maps = int(table.num_maps.max())
        matrix = class_overlap(list(rows.selected), classes, num_maps, max(names.size, 1))
        means[method.value] = mean_overlap(matrix)
    return pd.Series(means, name="class overlap")


BEST = {
    "drop": "low",
    "increase": "high",
    "insertion": "high",
    "deletion": "low",
    "coherency": "high",
    "complexity": "low",
    "adcc": "high",
}
"""Whether a low or a high value of a metric is good; the coverage is neither."""


def describe(table: pd.DataFrame, *, seed: Seed = None) -> str:
    """Return the means of the methods and their differences as text for a terminal.

    Parameters
    ----------
    table : pandas.DataFrame
        A table of :func:`score`. Differences and overlaps need two images or more.
    seed : int, Generator or None, optional
        Seed of the bootstrap of :func:`differences`.

    Returns
    -------
    str
        Several lines.
    """
    means = summary(table)
    number = int(means.images.max()) if len(means) else 0
    images = "1 image" if number == 1 else f"{number} images"
    without = table.name.nunique() - number
    metrics = means.drop(columns=["images", "selected"]).T
    best = [BEST.get(name.split("_")[0], "-") for name in metrics.index]
    blocks = [
        _answer(table, means, images, seed) if number else "",
        f"{without} images have no map to select and are left out" if without else "",
        f"\nnumber of maps selected, mean over {images}",
        means[["selected"]].T.to_string(float_format="{:.1f}".format),
        f"\nmetrics in percent, means over {images}; best: whether a low or a high value is good",
        metrics.assign(best=best).to_string(float_format="{:.1f}".format),
    ]
    if number > 1:
        overlap = mean_overlaps(table).dropna()
        blocks += [
            "\nAverage Drop of the QUBO minus that of the others, in percentage points, with 95 % "
            "intervals\n(cut at -100 and 100, which no difference can exceed)",
            differences(table, seed=seed).to_string(),
            "\nclass overlap of the maps selected, 0 to 1" if len(overlap) else "",
            overlap.to_string(float_format="{:.3f}".format) if len(overlap) else "",
        ]
    return "\n".join(block for block in blocks if block)


def _answer(table: pd.DataFrame, means: pd.DataFrame, images: str, seed: Seed) -> str:
    """Return what the images show, in two sentences: the selections, and the QUBO beside Grad-CAM.

    A difference is stated only if its interval excludes none.
    """
    exact, everything, cam = (
        method.value
        for method in (
            ExplanationMethod.EXACT,
            ExplanationMethod.ALL_POSITIVE,
            ExplanationMethod.GRAD_CAM,
        )
    )
    chosen, selectable = means.selected[exact], means.selected[everything]
    text = (
        f"In {images} the QUBO chooses {chosen:.2g} of {selectable:.2g} selectable maps"
        f"{'' if images == '1 image' else ' in the mean'}."
    )
    if "drop_soft" not in means or cam not in means.index:
        return text
    own, other = means.drop_soft[exact], means.drop_soft[cam]
    text += (
        f"\nWhere only the pixels that its maps color are left, the network loses {own:.2g} % of "
        f"its confidence in the class; with those of Grad-CAM, {other:.2g} %."
    )
    if images == "1 image":
        return text
    if differences(table, seed=seed).loc[cam, "soft"].excludes_zero:
        return f"{text}\nThat difference is larger than chance among such images would make it."
    return f"{text}\nThese images do not show which of the two is better."
