"""Values with their intervals: one below the other, or layer by layer of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import (
    BLUE,
    GREY,
    INK,
    PALETTE,
    PanelAxes,
    legend_below,
    panels,
    series_styles,
    styled,
    whole_numbers,
)


@styled
def values_with_intervals(
    values: Mapping[str, Sequence[float]],
    xlabel: str,
    *,
    reference: float | None = None,
    reference_name: str = "no difference",
    ax: Axes | None = None,
) -> Figure:
    """Values with their intervals; grey ones cannot be distinguished from a reference.

    Parameters
    ----------
    values : dict of str to sequence of float
        Name of each quantity, and its value, lower bound and upper bound. Bounds that are not known
        are NaN.
    xlabel : str
        Name of the quantities, with their unit.
    reference : float, optional
        A value to compare with, drawn as a dashed line.
    reference_name : str, optional
        Meaning of that line.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> drops = {"top-k": (-1.0, -3.0, 1.0), "random-k": (-9.0, -14.0, -4.0)}
    >>> figure = qx.plotting.values_with_intervals(drops, "QUBO minus other", reference=0.0)
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['top-k', 'random-k']
    """
    figure, ((axis,),) = panels(1, 1, 6.0, 1.3 + 0.34 * len(values), ax)
    for place, (value, low, high) in enumerate(values.values()):
        unclear = reference is not None and not (low > reference or high < reference)
        color = GREY if unclear else BLUE
        if np.isfinite(low) and np.isfinite(high):
            axis.plot([low, high], [place, place], color=color, linewidth=2.5)
        axis.plot(value, place, "D", color=color, markersize=6)
    if reference is not None:
        axis.axvline(reference, color=INK, linestyle="--", linewidth=1, label=reference_name)
    axis.set_yticks(range(len(values)), list(values))
    axis.set_ylim(len(values) - 0.4, -0.6)
    axis.set(xlabel=xlabel)
    axis.grid(False, axis="y")
    legend_below(axis)
    return figure


@styled
def randomized_layers(table: pd.DataFrame, num_behind: int, ax: PanelAxes = None) -> Figure:
    """Rank correlation of explanation maps before and after layers get random weights.

    On the left all layers from the output on are random, one more at each step; on the right it is
    one layer alone. A line that stays near 1 belongs to a method that ignores those weights.

    Parameters
    ----------
    table : DataFrame
        The columns order ("cascading" or "independent"), number and layer, method,
        rank_correlation, rank_correlation_low and rank_correlation_high.
    num_behind : int
        Number of layers behind the one that provides the feature maps; a line marks them.
    ax : sequence of two Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> rows = {"number": [1, 2], "layer": ["head", "conv"], "rank_correlation": [0.9, 0.3]}
    >>> table = pd.DataFrame(rows).assign(method="QUBO", order="cascading")
    >>> table = table.assign(rank_correlation_low=[0.8, 0.2], rank_correlation_high=[1.0, 0.4])
    >>> figure = qx.plotting.randomized_layers(table, 1)
    >>> [axis.get_xlabel() for axis in figure.axes]
    ['all random from the output to this layer', 'this layer alone is random']
    """
    figure, axes = panels(1, 2, 4.8, 4.2, ax)
    names = list(dict.fromkeys(table.method))
    layers = table.drop_duplicates("number").set_index("number").layer
    for axis, (order, words) in zip(axes[0], ORDERS.items(), strict=True):
        for i, (name, style) in enumerate(series_styles(names).items()):
            part = table[(table.method == name) & (table.order == order)].sort_values("number")
            aside = 0.5 * (i - (len(names) - 1) / 2) / max(len(names), 1)  # bars stay apart
            axis.errorbar(
                part.number + aside,
                part.rank_correlation,
                yerr=(
                    part.rank_correlation - part.rank_correlation_low,
                    part.rank_correlation_high - part.rank_correlation,
                ),
                **style,
                linestyle=("-" if i < len(PALETTE) else "--") if order == "cascading" else "none",
                linewidth=1.0,
                elinewidth=0.8,
                markersize=4,
                label=name,
            )
        if 0 < num_behind < len(layers):
            axis.axvline(num_behind + 0.5, color=INK, linestyle=":", label="the hooked layer")
        axis.axhline(0, color=GREY, linewidth=0.8)
        if len(layers) <= MAX_LAYERS:
            axis.set_xticks(list(layers.index), list(layers), fontsize=8)
        else:
            whole_numbers(axis)
            words = f"{words}, by its number"
        axis.set(xlabel=words, ylim=(min(-0.25, axis.get_ylim()[0]), 1.05))
    axes[0][0].set_ylabel("rank correlation with the trained map")
    legend_below(axes[0][0], 6)
    return figure


MAX_LAYERS = 8
"""Largest number of layers whose names are written; of more their numbers are."""
ORDERS = {
    "cascading": "all random from the output to this layer",
    "independent": "this layer alone is random",
}
"""The two orders in which layers get random weights, and the words below their panels."""
