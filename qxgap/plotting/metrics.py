"""Figures of explanation metrics: Average Drop, its dependence on the tradeoff, class overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter
from numpy.typing import NDArray

from .style import (
    BLUE,
    INK,
    SKY,
    PanelAxes,
    PanelFigure,
    legend_below,
    panels,
    scatter,
    series_styles,
    styled,
)

SHOWN_OVERLAP = 0.10
"""Overlaps below this are not written into their cell."""


@styled
def average_drop(table: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Average Drop of every method: mean and interval over all images, and a dot for each class.

    Parameters
    ----------
    table : DataFrame
        The columns method, class_name (empty for all images), value, low and high.
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
    >>> drops = {"method": "QUBO", "class_name": ["", "3"], "value": [12.0, 15.0]}
    >>> table = pd.DataFrame(drops).assign(low=[9.0, 10.0], high=[16.0, 21.0])
    >>> figure = qx.plotting.average_drop(table)
    >>> figure.axes[0].get_xlabel()
    'Average Drop in percent (lower is better)'
    """
    methods = list(dict.fromkeys(table.method))
    figure, ((axis,),) = panels(1, 1, 5.6, 1.2 + 0.4 * len(methods), ax)
    height = np.array([methods.index(method) for method in table.method])
    of_class = (table.class_name != "").to_numpy()
    axis.scatter(
        table.value[of_class], height[of_class], s=18, alpha=0.5, color=SKY, label="a class"
    )
    whole = table[~of_class]
    axis.errorbar(
        whole.value,
        height[~of_class],
        xerr=(whole.value - whole.low, whole.high - whole.value),
        color=INK,
        marker="D",
        markersize=5,
        linestyle="none",
        capsize=4,
        label="all images, with interval",
    )
    axis.set_yticks(range(len(methods)), methods)
    axis.set(xlabel="Average Drop in percent (lower is better)", xlim=(-1, None))
    axis.invert_yaxis()
    legend_below(axis)
    return figure


@styled
def confidence_pairs(
    confidence: Sequence[float], masked: Sequence[float], ax: Axes | None = None
) -> Figure:
    """Confidence of a network with a mask against that on the whole image, a dot for each image.

    Parameters
    ----------
    confidence : sequence of float, length n
        Confidence on the whole image, in [0, 1].
    masked : sequence of float, length n
        Confidence on what the mask leaves.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.confidence_pairs([0.9, 0.8], [0.7, 0.85])
    >>> figure.axes[0].get_ylabel()
    'confidence with the mask'
    """
    figure, ((axis,),) = panels(1, 1, 4.4, 4.2, ax)
    scatter(axis, confidence, masked, color=BLUE)
    axis.axline((0, 0), slope=1, color=INK, linestyle="--", linewidth=1, label="nothing lost")
    axis.set(xlabel="confidence on the whole image", ylabel="confidence with the mask")
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    legend_below(axis)
    return figure


@styled
def tradeoff_curves(table: pd.DataFrame, ax: PanelAxes = None) -> Figure:
    """Average Drop and share of the maps selected, against the tradeoff (the paper's beta).

    Parameters
    ----------
    table : DataFrame
        The columns method, tradeoff, drop (in percent) and fraction, which is NaN for methods that
        select nothing.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each of the two quantities; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> drops = {"method": "QUBO", "tradeoff": [0.5, 0.7], "drop": [20.0, 12.0]}
    >>> figure = qx.plotting.tradeoff_curves(pd.DataFrame(drops).assign(fraction=[0.1, 0.3]))
    >>> [axis.get_ylabel() for axis in figure.axes]
    ['Average Drop in percent', 'selected, of the selectable maps']
    """
    figure, ((drop_axis, share_axis),) = panels(1, 2, 4.3, 3.9, ax)
    for name, style in series_styles(table.method).items():
        part = table[table.method == name].sort_values("tradeoff")
        drop_axis.plot(part.tradeoff, part["drop"], **style, markersize=4, label=name)
        if part.fraction.notna().any():
            share_axis.plot(part.tradeoff, part.fraction, **style, markersize=4)
    drop_axis.set(ylabel="Average Drop in percent")
    share_axis.set(ylabel="selected, of the selectable maps", ylim=(0, 1.03))
    share_axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    for axis in (drop_axis, share_axis):
        axis.set(xlabel="tradeoff (the paper's beta)")
    legend_below(drop_axis, 4)
    return figure


@styled
def class_overlap(
    matrices: Mapping[str, NDArray], classes: Sequence[str], ax: PanelAxes = None
) -> Figure:
    """Overlap of the maps that two classes select, a panel for each selection rule.

    Parameters
    ----------
    matrices : dict of str to ndarray of float, shape (c, c)
        Name of each rule and its Bhattacharyya coefficients; NaN for classes without selections.
    classes : sequence of str
        Names of the c classes.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each rule; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> overlap = np.array([[1.0, 0.3], [0.3, 1.0]])
    >>> figure = qx.plotting.class_overlap({"exact": overlap}, ["cat", "dog"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1.0', '.3', '.3', '1.0']
    """
    if ax is None:
        figure = PanelFigure(figsize=(4.1 * len(matrices) + 0.6, 4.4), layout="constrained")
        ax = list(figure.subplots(1, len(matrices), squeeze=False)[0])
    figure, (axes,) = panels(1, len(matrices), 4.1, 4.4, ax)
    for axis, (name, matrix) in zip(axes, matrices.items(), strict=True):
        axis.grid(False)
        image = axis.imshow(matrix, cmap="cividis", vmin=0, vmax=1)
        ticks = range(len(classes))
        axis.set(title=name, xticks=ticks, yticks=ticks, xticklabels=classes, yticklabels=classes)
        for i, j in np.argwhere(matrix >= SHOWN_OVERLAP):
            color = "white" if matrix[i, j] < 0.5 else "black"
            text = f"{matrix[i, j]:.1f}".replace("0.", ".")
            axis.text(j, i, text, ha="center", va="center", fontsize=7, color=color)
    figure.colorbar(
        image,
        ax=list(axes),
        shrink=0.8,
        label="overlap",
        format=FuncFormatter(lambda value, _: f"{value:g}"),
    )
    return figure
