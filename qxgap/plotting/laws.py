"""Figures that compare success with laws, and exponents with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .marks import instances_of
from .style import (
    INK,
    PanelAxes,
    diagonal,
    legend_below,
    logarithmic,
    panels,
    scatter,
    series_styles,
    styled,
)

PREDICTOR_LABELS = {
    "landau_zener": "π gap² tau / (2 slope)",
    "gap_squared": "tau gap²",
    "independent": "-ln(1 - P of independent qubits)",
}


@styled
def success_collapse(points: pd.DataFrame, ax: PanelAxes = None) -> Figure:
    """``-ln(1 - P)`` against three predictors; on the dashed line Landau and Zener's law holds.

    Parameters
    ----------
    points : DataFrame
        The columns setting, y = -ln(1 - P), and one for each predictor: landau_zener, gap_squared,
        independent; NaN where a predictor is not known. A predictor that is never known is left
        out.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each predictor that is known; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> from math import nan
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> points = pd.DataFrame({"setting": "paper", "y": [0.2, 1.1], "landau_zener": [0.2, 1.0]})
    >>> points = points.assign(gap_squared=[0.3, 1.4], independent=nan)
    >>> figure = qx.plotting.success_collapse(points)
    >>> [axis.get_xlabel() for axis in figure.axes]
    ['π gap² tau / (2 slope)', 'tau gap²']
    """
    shown = [name for name in PREDICTOR_LABELS if points[name].gt(0).any()]
    figure, (axes,) = panels(1, len(shown), 3.9, 4.0, ax, sharey=True)
    for axis, name in zip(axes, shown, strict=True):
        for setting, style in series_styles(points.setting).items():
            part = points[(points.setting == setting) & (points[name] > 0) & (points.y > 0)]
            scatter(axis, part[name], part.y, **instances_of(part), **style, label=setting)
        axis.set(xlabel=PREDICTOR_LABELS[name])
        logarithmic(axis)
        if name != "gap_squared":
            diagonal(axis)
    axes[0].set_ylabel("-ln(1 - P)")
    legend_below(axes[0])
    return figure


@styled
def gap_exponents(table: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Exponents k of ``gap ~ d^-k`` with intervals: a line for each choice of range and pooling.

    Parameters
    ----------
    table : DataFrame
        The columns quantity, choice, value, low and high; the bounds are NaN where no interval is
        known.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> fit = {"quantity": "gap", "choice": "d = 3 to 12", "value": 0.9, "low": 0.6, "high": 1.2}
    >>> figure = qx.plotting.gap_exponents(pd.DataFrame([fit]))
    >>> [text.get_text() for text in figure.legends[0].texts]
    ['1/d (the paper)', 'gap']
    """
    choices = list(dict.fromkeys(table.choice))
    styles = series_styles(table.quantity)
    figure, ((axis,),) = panels(1, 1, 5.6, 1.4 + 0.42 * len(choices), ax)
    step = 0.6 / max(len(styles), 2)
    for i, (name, style) in enumerate(styles.items()):
        part = table[(table.quantity == name) & np.isfinite(table.value)]
        height = np.array([choices.index(choice) for choice in part.choice])
        height = height + step * (i - (len(styles) - 1) / 2)
        bars = (part.value - part.low, part.high - part.value)
        axis.errorbar(
            part.value, height, xerr=bars, **style, linestyle="none", capsize=3, label=name
        )
    axis.axvline(1.0, color=INK, linestyle="--", linewidth=1, label="1/d (the paper)")
    axis.set(xlabel="exponent k of median gap ~ d^-k")
    axis.set_yticks(range(len(choices)), choices)
    axis.invert_yaxis()
    legend_below(axis, 2)
    return figure
