"""Values with their intervals, one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import BLUE, GREY, INK, legend_below, panels, styled


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
