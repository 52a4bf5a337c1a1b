"""Figures of explanation metrics: Average Drop by method and against the tradeoff."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .style import INK, below, looks, panels, styled


@styled
def average_drop(table: pd.DataFrame) -> Figure:
    """Average Drop of every method, mean and interval over all images, a dot per class.

    Parameters
    ----------
    table : columns method, class_name (empty for all images), value, low, high.
    """
    methods = list(dict.fromkeys(table.method))
    figure, ((axis,),) = panels(1, 1, 5.6, 1.2 + 0.4 * len(methods))
    whole = table[table.class_name == ""]
    place = np.array([methods.index(m) for m in table.method])
    single = (table.class_name != "").to_numpy()
    axis.scatter(
        table.value[single], place[single], s=18, alpha=0.5, color="#56B4E9", label="a class"
    )
    axis.errorbar(
        whole.value,
        place[~single],
        xerr=(whole.value - whole.low, whole.high - whole.value),
        **{"color": INK, "marker": "D", "markersize": 5, "linestyle": "none", "capsize": 4},
        label="all images, with interval",
    )
    axis.set_yticks(range(len(methods)), methods)
    axis.set(xlabel="Average Drop in percent (lower is better)", xlim=(-1, None))
    axis.invert_yaxis()
    below(figure, axis)
    return figure


@styled
def tradeoff_curves(table: pd.DataFrame) -> Figure:
    """Average Drop and share of maps selected, against the tradeoff (the paper's beta).

    Parameters
    ----------
    table : columns method, tradeoff, drop and fraction (NaN for methods that select nothing).
    """
    figure, axes = panels(1, 2, 4.3, 3.9)
    for name, look in looks(table.method).items():
        part = table[table.method == name].sort_values("tradeoff")
        axes[0][0].plot(part.tradeoff, part["drop"], **look, markersize=4, label=name)
        if part.fraction.notna().any():
            axes[0][1].plot(part.tradeoff, part.fraction, **look, markersize=4)
    axes[0][0].set(ylabel="Average Drop in percent")
    axes[0][1].set(ylabel="selected, of the selectable maps", ylim=(0, 1.03))
    axes[0][1].yaxis.set_major_formatter(PercentFormatter(1.0))
    for axis in axes[0]:
        axis.set(xlabel="tradeoff (the paper's beta)")
    below(figure, axes[0][0], 4)
    return figure
