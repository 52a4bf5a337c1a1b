"""Figures of one problem: its four panels, and the energies that simple rules reach."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import BLUE, GREY, INK, STYLE, PanelAxes, PanelFigure, panels, styled

NOTE_WIDTH = 44
"""Number of characters in a line of a note."""


def four_panels(titles: Sequence[str], ax: PanelAxes = None) -> tuple[Figure, NDArray[np.object_]]:
    """Return four empty panels with titles, to be filled by the ``plot`` methods of results.

    Parameters
    ----------
    titles : sequence of str
        A title for each of the four panels.
    ax : sequence of four Axes, optional
        The panels; by default a new figure is made, in which every panel keeps its legend.

    Returns
    -------
    figure : Figure
        The figure, which is neither shown nor saved.
    axes : ndarray of Axes, shape (4,)
        The panels in reading order.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure, axes = qx.plotting.four_panels(["gap", "success", "reads", "rules"])
    >>> [axis.get_title(loc="left") for axis in axes]
    ['gap', 'success', 'reads', 'rules']
    """
    with mpl.rc_context(STYLE):
        figure, axes = panels(2, 2, 5.2, 4.4, ax)
        if isinstance(figure, PanelFigure):
            figure.legend_in_panel = True
        for axis, title in zip(axes.ravel(), titles, strict=True):
            axis.set_title(title, loc="left", fontweight="bold")
        return figure, axes.ravel()


@styled
def note(text: str, ax: Axes) -> Figure:
    """Write in a panel why it shows nothing.

    Parameters
    ----------
    text : str
        The reason.
    ax : Axes
        The panel.

    Returns
    -------
    Figure
        The figure of the panel.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure, axes = qx.plotting.four_panels(["gap", "success", "reads", "rules"])
    >>> figure = qx.plotting.note("No reads were given.", axes[2])
    >>> axes[2].texts[0].get_text()
    'No reads were given.'
    """
    figure, ((axis,),) = panels(1, 1, 0.0, 0.0, ax)
    axis.set_axis_off()
    words = textwrap.fill(text, NOTE_WIDTH)
    axis.text(0.5, 0.5, words, ha="center", va="center", transform=axis.transAxes, color=INK)
    return figure


@styled
def baseline_energies(table: pd.DataFrame, unit: str = "", ax: Axes | None = None) -> Figure:
    """Energy above the best one of every method that needs no quantum annealing.

    Parameters
    ----------
    table : DataFrame
        The columns method, excess (energy above the best one) and is_optimal, a row for each
        method.
    unit : str, optional
        Unit of the energies; empty if they are dimensionless.
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
    >>> rules = {"method": ["exact", "top-k"], "excess": [0.0, 0.4], "is_optimal": [True, False]}
    >>> figure = qx.plotting.baseline_energies(pd.DataFrame(rules))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['an optimum', '+0.4']
    """
    figure, ((axis,),) = panels(1, 1, 5.6, 1.2 + 0.4 * len(table), ax)
    height = np.arange(len(table))
    excess = table.excess.to_numpy(dtype=float)
    best = table.is_optimal.to_numpy(dtype=bool)
    axis.axvline(0.0, color=INK, linestyle="--", linewidth=1)
    axis.hlines(height, 0.0, excess, color=GREY, linewidth=2)
    axis.plot(excess[best], height[best], "o", color=BLUE, markersize=9, linestyle="none")
    axis.plot(excess[~best], height[~best], "o", color=GREY, markersize=7, linestyle="none")
    largest = float(excess.max(initial=0.0))
    for y, value, hit in zip(height, excess, best, strict=True):
        text = "an optimum" if hit else f"+{value:.2g}"
        axis.annotate(text, (value, y), (8, 0), textcoords="offset points", va="center", fontsize=9)
    axis.set_yticks(height, list(table.method))
    axis.set(
        xlabel=f"energy above the best one{f' ({unit})' if unit else ''}",
        xlim=(-0.04 * largest if largest else -0.1, 1.25 * largest if largest else 1.0),
        ylim=(len(table) - 0.5, -0.5),
    )
    return figure
