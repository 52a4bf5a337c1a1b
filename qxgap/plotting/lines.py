"""The figures of a single result: curves against one variable, in one panel or in several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .style import GREY, PanelAxes, legend_below, logarithmic, panels, series_styles, styled

NAMED_CURVES = 6
"""Number of curves of a panel that have a color and a name of their own."""

FEW_POINTS = 25
"""Number of points up to which each is marked."""


@styled
def curves(
    x: ArrayLike,
    series: Mapping[str, ArrayLike],
    xlabel: str,
    ylabel: str,
    *,
    log: str = "",
    markers: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Curves against one variable, such as energy levels against s, or success against tau.

    Parameters
    ----------
    x : array_like of float, shape (n,)
        The variable.
    series : dict of str to array_like of float, shape (n,)
        Name of each curve and its values; a curve with an empty name is not in the legend.
    xlabel, ylabel : str
        Names of the axes, with their units.
    log : {"", "x", "y", "xy"}, optional
        The axes with a logarithmic scale.
    markers : bool, optional
        Whether the points are marked.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> success = {"annealed": [0.3, 0.6, 0.9], "random guess": [0.25, 0.25, 0.25]}
    >>> figure = qx.plotting.curves([1, 5, 20], success, "anneal time tau", "success", log="x")
    >>> figure.axes[0].get_xscale()
    'log'
    """
    _, ((axis,),) = panels(1, 1, 5.6, 4.0, ax)
    for (name, values), style in zip(
        series.items(), series_styles(list(series)).values(), strict=True
    ):
        options: dict[str, Any] = style if markers else {"color": style["color"]}
        axis.plot(x, values, **options, markersize=4, label=name or "_nolegend_")
    axis.set(xlabel=xlabel, ylabel=ylabel)
    logarithmic(axis, log)
    legend_below(axis)
    return axis.figure


@styled
def curves_in_panels(
    x: ArrayLike,
    quantities: Sequence[tuple[str, Mapping[str, ArrayLike]]],
    xlabel: str,
    *,
    ax: PanelAxes = None,
) -> Figure:
    """Several quantities against one variable, each in a panel of its own.

    Parameters
    ----------
    x : array_like of float, shape (n,)
        The variable.
    quantities : sequence of (str, mapping of str to array_like of float, shape (n,))
        Label of the vertical axis of each panel, and its curves by their names. Of more than seven
        curves the first six have a color and a name; the others are thin and grey.
    xlabel : str
        Name of the horizontal axis.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each quantity; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> spins = {"0": [0.0, -0.5, -1.0], "1": [0.0, 0.2, 0.9]}
    >>> quantities = [("magnetization", spins), ("kinks", {"": [2.0, 1.0, 0.1]})]
    >>> figure = qx.plotting.curves_in_panels([0.0, 0.5, 1.0], quantities, "anneal fraction s")
    >>> [axis.get_ylabel() for axis in figure.axes]
    ['magnetization', 'kinks']
    """
    columns = len(quantities) if ax is not None or len(quantities) < 2 else 2
    rows = -(-len(quantities) // columns)
    figure, axes = panels(rows, columns, 4.2 if columns > 1 else 5.6, 3.4, ax)
    for axis, (ylabel, series) in zip(axes.flat, quantities, strict=False):
        _draw_series(axis, x, series)
        axis.set(xlabel=xlabel, ylabel=ylabel)
    for axis in axes.flat[len(quantities) :]:
        axis.remove()
    return figure


def _draw_series(axis: Axes, x: ArrayLike, series: Mapping[str, ArrayLike]) -> None:
    """Draw the curves of one panel, with their legend inside it."""
    named = list(series) if len(series) <= NAMED_CURVES + 1 else list(series)[:NAMED_CURVES]
    others = [name for name in series if name not in named]
    for number, name in enumerate(others):
        label = f"{len(others)} others" if number == 0 else "_nolegend_"
        axis.plot(x, series[name], color=GREY, linewidth=0.7, marker=_marker(x, "."), label=label)
    for name, style in series_styles(named).items():
        style["marker"] = _marker(x, style["marker"])
        axis.plot(x, series[name], **style, markersize=4, label=name or "_nolegend_")
    handles, labels = axis.get_legend_handles_labels()
    if handles:  # the curves with a name come first
        order = [*range(bool(others), len(handles)), *range(bool(others))]
        axis.legend([handles[i] for i in order], [labels[i] for i in order], fontsize=8.0)


def _marker(x: ArrayLike, marker: str) -> str:
    """Return the marker of the points if they are few, else none."""
    return marker if np.size(x) <= FEW_POINTS else ""
