"""The figure of a single result: one or more curves against one variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .style import legend_below, logarithmic, panels, series_styles, styled


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
