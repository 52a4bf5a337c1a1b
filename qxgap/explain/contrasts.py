"""Differences between the QUBO's selection and every other method, in a table of images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError
from ..statistics import class_overlap, mean_overlap
from ..statistics.seeds import Seed, random_generator
from .disentanglement import SIMPLE_RULES, class_disentanglement
from .methods import ExplanationMethod
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
    percentages. It is cut there, unless a column holds negative drops, as those of a convention
    that counts gains may be.
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
    intervals: dict[str, dict[str, MeanInterval]] = {}
    for column in columns:
        limit = MAX_DIFFERENCE if used[column].min() >= 0 else np.inf
        intervals[column.removeprefix("drop_")] = {
            method: _cut(
                paired_difference(own[column], by_method[method][column], own.target, seed=rng),
                limit,
            )
            for method in others
        }
    return pd.DataFrame(intervals).rename_axis("minus")


def _cut(difference: MeanInterval, limit: float) -> MeanInterval:
    """Cut both intervals at the largest difference there can be, in either direction."""

    def within(interval: tuple[float, float]) -> tuple[float, float]:
        low, high = (min(max(bound, -limit), limit) for bound in interval)
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
    known = set(table.method)
    for method in ExplanationMethod:
        if not method.selects_maps or method.value not in known:
            continue
        rows = table[(table.method == method.value) & (table.num_qubits > 0)]
        names, classes = np.unique(rows.target, return_inverse=True)
        num_maps = int(table.num_maps.max())
        matrix = class_overlap(list(rows.selected), classes, num_maps, max(names.size, 1))
        means[method.value] = mean_overlap(matrix)
    return pd.Series(means, name="class overlap")


def describe(table: pd.DataFrame, *, seed: Seed = None) -> str:
    """Return in sentences what the explanations of some images show.

    Parameters
    ----------
    table : pandas.DataFrame
        A table of :func:`score`. Differences need two images or more.
    seed : int, Generator or None, optional
        Seed of the bootstrap of :func:`differences`.

    Returns
    -------
    str
        A line for each of: how many maps the QUBO selects, how much of the confidence its maps
        keep, and from which methods it differs; and whether it separates the classes better than
        simple rules, if there are at least 6 classes of at least 5 images. A difference is stated
        only if its interval excludes 0.
    """
    means = summary(table)
    number = int(means.images.max()) if len(means) else 0
    lines = []
    if number:
        images = "1 image" if number == 1 else f"{number} images"
        chosen = means.selected[ExplanationMethod.EXACT.value]
        selectable = table[table.num_qubits > 0].num_qubits.mean()
        mean = "" if number == 1 else " in the mean"
        lines.append(
            f"In {images} the QUBO chooses {_count(chosen)} of {_count(selectable)} selectable "
            f"maps{mean}."
        )
    if number and "drop_soft" in means:
        own = means.drop_soft[ExplanationMethod.EXACT.value]
        lines.append(
            f"Where only the pixels that its maps color are left, the network loses {own:.2g} % of "
            "its confidence in the class; a smaller loss is better."
        )
        if number > 1:
            lines.append(" ".join(_contrasts(differences(table, seed=seed).soft)))
    compared = table.method.isin([rule.value for rule in SIMPLE_RULES]).any()
    own = table[(table.method == ExplanationMethod.EXACT.value) & (table.num_qubits > 0)]
    if compared and own[own.selected.map(len) > 0].target.nunique() > 1:
        separation = class_disentanglement(table, seed=seed)
        if separation.can_decide:
            lines.append(str(separation).splitlines()[0])
    without = table.name.nunique() - number
    if without:
        images = "1 image has" if without == 1 else f"{without} images have"
        lines.append(f"{images} no map to select and {'is' if without == 1 else 'are'} left out.")
    return "\n".join(lines)


def _count(mean: float) -> str:
    """Return a mean number of maps with two digits, or whole if it has more."""
    return f"{mean:.2g}" if mean < 100 else f"{mean:.0f}"


def _contrasts(intervals: pd.Series) -> list[str]:
    """Return a sentence for each method that differs, and one about all those that do not."""
    parts, equal = [], []
    for method, difference in intervals.items():
        low, high = difference.wider_interval
        if difference.excludes_zero:
            word = "more" if difference.mean > 0 else "less"
            least, most = sorted(abs(bound) for bound in (low, high))
            parts.append(
                f"It loses {word} than with the maps of {method}, by {abs(difference.mean):.2g} "
                f"percentage points (95 % interval from {least:.2g} to {most:.2g})."
            )
        else:
            equal.append(str(method))
    if equal:
        parts.append(f"No difference from {', '.join(equal)} is shown.")
    return parts
