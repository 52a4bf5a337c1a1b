"""Figures that hold success against laws, and exponents with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .style import INK, below, diagonal, logarithmic, looks, panels, scatter, styled

AXES = {
    "landau_zener": "π gap² tau / (2 slope)",
    "gap_squared": "tau gap²",
    "independent": "-ln(1 - P of independent qubits)",
}


@styled
def collapse(points: pd.DataFrame) -> Figure:
    """``-ln(1 - P)`` against three predictors; on the dashed line Landau and Zener's law holds.

    Parameters
    ----------
    points : columns setting, y, and x by predictor (landau_zener, gap_squared, independent); NaN
        where a predictor is not known. A predictor that is never known is left out.
    """
    shown = [name for name in AXES if points[name].gt(0).any()]
    figure, axes = panels(1, len(shown), 3.9, 4.0, sharey=True)
    for axis, name in zip(axes[0], shown, strict=True):
        for setting, look in looks(points.setting).items():
            part = points[(points.setting == setting) & (points[name] > 0) & (points.y > 0)]
            scatter(axis, part[name], part.y, **look, label=setting)
        axis.set(xlabel=AXES[name])
        logarithmic(axis)
        if name != "gap_squared":
            diagonal(axis)
    axes[0][0].set_ylabel("-ln(1 - P)")
    below(figure, axes[0][0])
    return figure


@styled
def exponents(table: pd.DataFrame) -> Figure:
    """Exponents of ``gap ~ d^-k`` with intervals: a line per choice of range and pooling.

    Parameters
    ----------
    table : columns quantity, choice, value, low, high; NaN bounds where no interval is known.
    """
    choices = list(dict.fromkeys(table.choice))
    names = looks(table.quantity)
    figure, ((axis,),) = panels(1, 1, 5.6, 1.4 + 0.42 * len(choices))
    step = 0.6 / max(len(names), 2)
    for i, (name, look) in enumerate(names.items()):
        part = table[(table.quantity == name) & np.isfinite(table.value)]
        place = np.array([choices.index(c) for c in part.choice])
        place = place + step * (i - (len(names) - 1) / 2)
        bars = (part.value - part.low, part.high - part.value)
        axis.errorbar(part.value, place, xerr=bars, **look, linestyle="none", capsize=3, label=name)
    axis.axvline(1.0, color=INK, linestyle="--", linewidth=1, label="1/d (the paper)")
    axis.set(xlabel="exponent k of median gap ~ d^-k")
    axis.set_yticks(range(len(choices)), choices)
    axis.invert_yaxis()
    below(figure, axis, 2)
    return figure
