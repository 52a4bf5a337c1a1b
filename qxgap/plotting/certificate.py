"""The figure of the proof behind a minimum gap."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .style import GREY, INK, ORANGE, legend_below, panels, styled

HEADROOM = 1.05
"""Height of the figure over the largest gap."""


@styled
def gap_proof(
    s: ArrayLike,
    lower: ArrayLike,
    solved_s: ArrayLike,
    solved_gaps: ArrayLike,
    unit: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Lower bound of the gap against s, and the eigen-solves that prove it.

    Parameters
    ----------
    s : array_like of float, shape (n,)
        Anneal fractions, ascending.
    lower : array_like of float, shape (n,)
        Lower bound of the gap; below it no gap can lie.
    solved_s, solved_gaps : array_like of float, shape (m,)
        The points of the eigen-solves, and the gaps there.
    unit : str, optional
        End of the label of the energies, such as ``" in GHz"``.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.gap_proof([0, 0.5, 1], [1.9, 0.1, 0.9], [0, 0.5, 1], [2.0, 0.4, 1.0])
    >>> figure.axes[0].get_ylabel()
    'gap'
    """
    _, ((axis,),) = panels(1, 1, 5.6, 3.8, ax)
    gaps, bound = np.asarray(solved_gaps, dtype=float), np.asarray(lower, dtype=float)
    smallest = float(gaps.min())
    axis.fill_between(s, 0.0, bound.clip(min=0.0), color=GREY, alpha=0.3, linewidth=0)
    axis.plot(s, bound, color=GREY, linewidth=1, label="the gap lies above this line")
    axis.axhline(
        smallest, color=INK, linestyle=":", linewidth=1, label=f"smallest gap found: {smallest:.2g}"
    )
    label = f"{gaps.size} eigen-solves"
    axis.plot(solved_s, gaps, "o", color=ORANGE, markersize=5, label=label, clip_on=False)
    axis.set(xlabel="anneal fraction s", ylabel=f"gap{unit}", xlim=(0, 1))
    axis.set_ylim(0, HEADROOM * float(gaps.max()))
    legend_below(axis, 2)
    return axis.figure
