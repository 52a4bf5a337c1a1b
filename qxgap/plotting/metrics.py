"""Figures of explanation metrics, and of what depends on the tradeoff."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from .style import (
    BLUE,
    GREY,
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

MAX_NAMES = 30
"""More features are drawn without their names."""

SHOWN_OVERLAP = 0.10
"""Overlaps below this are written as 0, as in arXiv 2604.25649."""


MAPS_IN_A_ROW = 3
"""More class-class maps stand in two columns."""


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

    Values below 0.10 are written as 0.

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
    ['1.00', '.30', '.30', '1.00']
    """
    rows = 1 if len(matrices) < MAPS_IN_A_ROW + 1 else -(-len(matrices) // 2)
    columns = -(-len(matrices) // rows)
    if ax is None:
        size = (4.1 * columns + 0.6, 4.3 * rows)
        figure = PanelFigure(figsize=size, layout="constrained")
        ax = list(figure.subplots(rows, columns, squeeze=False).ravel()[: len(matrices)])
        for empty in figure.axes[len(matrices) :]:
            empty.remove()
    figure, (axes,) = panels(1, len(matrices), 4.1, 4.3, ax)
    for axis, (name, matrix) in zip(axes, matrices.items(), strict=True):
        axis.grid(False)
        image = axis.imshow(matrix, cmap="cividis", vmin=0, vmax=1)
        ticks = range(len(classes))
        axis.set(title=name, xticks=ticks, yticks=ticks, xticklabels=classes, yticklabels=classes)
        for i, j in np.argwhere(~np.isnan(matrix)):
            color = "white" if matrix[i, j] < 0.5 else "black"
            text = "0" if matrix[i, j] < SHOWN_OVERLAP else f"{matrix[i, j]:.2f}".lstrip("0")
            axis.text(j, i, text, ha="center", va="center", fontsize=7, color=color)
    figure.colorbar(
        image,
        ax=list(axes),
        shrink=0.8,
        label="overlap",
        format=FuncFormatter(lambda value, _: f"{value:g}"),
    )
    return figure


@styled
def selection_path(
    breakpoints: NDArray[np.float64],
    occupations: NDArray[np.uint8],
    labels: Sequence[Hashable],
    tradeoff: float,
    ax: PanelAxes = None,
) -> Figure:
    """The best selection at every tradeoff: how many features it has, and which.

    Parameters
    ----------
    breakpoints : ndarray of float, shape (m + 1,)
        The tradeoffs at which the selection changes, from 0 to 1.
    occupations : ndarray of uint8, shape (m, d)
        The selections between them, as bits.
    labels : sequence, length d
        Names of the features, in the order in which they are drawn from the top.
    tradeoff : float
        The tradeoff that is marked.
    ax : sequence of two Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> rows = np.array([[1, 0], [1, 1]], dtype=np.uint8)
    >>> figure = qx.plotting.selection_path(np.array([0.0, 0.3, 1.0]), rows, ["eye", "ear"], 0.7)
    >>> [axis.get_ylabel() for axis in figure.axes]
    ['number of selected features', 'feature']
    """
    height = 1.6 + 0.2 * min(max(len(labels), 11), 30)
    figure, ((sizes, bars),) = panels(1, 2, 4.3, height, ax)
    sizes.stairs(occupations.sum(axis=1), breakpoints, baseline=None, color=BLUE, linewidth=2)
    for row, chosen in enumerate(occupations.T):
        spans = [
            (low, high - low)
            for low, high, n in zip(breakpoints[:-1], breakpoints[1:], chosen, strict=True)
            if n
        ]
        bars.broken_barh(spans, (row - 0.35, 0.7), color=BLUE)
    if len(labels) <= MAX_NAMES:
        bars.set_yticks(range(len(labels)), [str(label) for label in labels], fontsize=7)
    else:
        bars.set_yticks([])
    sizes.set(ylabel="number of selected features", ylim=(0, None))
    bars.set(ylabel="feature", ylim=(len(labels) - 0.4, -0.6))
    bars.grid(False, axis="y")
    for axis in (sizes, bars):
        axis.axvline(tradeoff, color=INK, linestyle="--", linewidth=1.2, label=f"{tradeoff:g}")
        axis.set(xlabel="tradeoff (the paper's beta)", xlim=(0, 1))
    return figure


@styled
def hardness_path(
    table: pd.DataFrame,
    breakpoints: NDArray[np.float64],
    tradeoff: float,
    tau: float,
    ax: PanelAxes = None,
) -> Figure:
    """Gaps and success probability against the tradeoff, with the places of another selection.

    Parameters
    ----------
    table : DataFrame
        The columns tradeoff, classical_gap, gap and success_probability.
    breakpoints : ndarray of float, shape (m + 1,)
        The tradeoffs at which the best selection changes, from 0 to 1.
    tradeoff : float
        The tradeoff that is marked.
    tau : float
        Anneal time.
    ax : sequence of two Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> table = pd.DataFrame({"tradeoff": [0.2, 0.7], "classical_gap": [0.1, 0.3]})
    >>> table = table.assign(gap=[0.05, 0.3], success_probability=[0.4, 0.9])
    >>> figure = qx.plotting.hardness_path(table, np.array([0.0, 0.4, 1.0]), 0.7, 50.0)
    >>> [axis.get_ylabel() for axis in figure.axes]
    ['gap', 'success probability, tau = 50']
    """
    figure, ((gaps, success),) = panels(1, 2, 4.3, 3.7, ax)
    for axis in (gaps, success):
        axis.vlines(
            *(breakpoints[1:-1], 0, 1),
            transform=axis.get_xaxis_transform(),
            color=GREY,
            linewidth=0.7,
            label="the best selection changes",
        )
        label = f"tradeoff {tradeoff:g}"
        axis.axvline(tradeoff, color=INK, linestyle="--", linewidth=1.2, label=label)
        axis.set(xlabel="tradeoff (the paper's beta)", xlim=(0, 1))
    style = {"linestyle": "none", "markersize": 5}
    gaps.plot(
        *(table.tradeoff, table.classical_gap),
        **style,
        marker="s",
        color=SKY,
        label="two lowest energies of the problem",
    )
    gaps.plot(
        table.tradeoff, table.gap, **style, marker="o", color=BLUE, label="smallest in the anneal"
    )
    success.plot(table.tradeoff, table.success_probability, **style, marker="o", color=BLUE)
    gaps.set(ylabel="gap", yscale="log")
    success.set(ylabel=f"success probability, tau = {tau:g}", ylim=(0, 1.03))
    legend_below(gaps, 2)
    return figure


@styled
def drop_path(
    breakpoints: NDArray[np.float64],
    sizes: NDArray[np.int64],
    drops: NDArray[np.float64],
    tradeoff: float,
    hardness: pd.DataFrame | None = None,
    ax: PanelAxes = None,
) -> Figure:
    """The best selection at every tradeoff: its size, its drop, and how hard it is to find.

    Parameters
    ----------
    breakpoints : ndarray of float, shape (m + 1,)
        The tradeoffs at which the best selection changes, from 0 to 1.
    sizes : ndarray of int, shape (m,)
        Number of maps of each selection.
    drops : ndarray of float, shape (m,)
        Drop of the confidence with each selection, in percent.
    tradeoff : float
        The tradeoff that is marked; the band is where its selection stays the best.
    hardness : DataFrame, optional
        The columns tradeoff, gap and success_probability.
    ax : sequence of Axes, optional
        Where to draw, two or, with ``hardness``, four; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> sizes, drops = np.array([1, 3]), np.array([60.0, 20.0])
    >>> figure = qx.plotting.drop_path(np.array([0.0, 0.3, 1.0]), sizes, drops, 0.7)
    >>> [axis.get_ylabel() for axis in figure.axes]
    ['selected maps', 'drop in percent']
    """
    number = 2 if hardness is None else 4
    figure, columns = panels(number, 1, 5.6, 1.75, ax, sharex=True)
    axes = columns.ravel()
    here = int(np.searchsorted(breakpoints[1:-1], tradeoff, side="right"))
    for axis in axes:
        label = "the same selection as there"
        axis.axvspan(*breakpoints[here : here + 2], color=SKY, alpha=0.25, lw=0, label=label)
        label = f"tradeoff {tradeoff:g}"
        axis.axvline(tradeoff, color=INK, linestyle="--", linewidth=1.2, label=label)
        axis.set(xlim=(0, 1))
    for axis, heights in ((axes[0], sizes), (axes[1], drops)):
        axis.stairs(heights, breakpoints, baseline=None, color=BLUE, linewidth=2)
    axes[0].set(ylabel="selected maps", ylim=(0, None))
    axes[0].yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes[1].set(ylabel="drop in percent", ylim=(min(0.0, 1.05 * drops.min()), None))
    if hardness is not None:
        style = {"linestyle": "none", "marker": "o", "markersize": 4, "color": BLUE}
        axes[2].plot(hardness.tradeoff, hardness.gap, **style)
        axes[3].plot(hardness.tradeoff, hardness.success_probability, **style)
        axes[2].set(ylabel="smallest gap", yscale="log")
        axes[3].set(ylabel="success", ylim=(0, 1.03))
    axes[-1].set(xlabel="tradeoff (the paper's beta)")
    legend_below(axes[0], 2)
    return figure
