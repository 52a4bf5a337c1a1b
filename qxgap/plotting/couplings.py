"""Figures of couplings: the distribution of redundancies, and the size of selections."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .marks import instances_of
from .style import BLUE, GREEN, GREY, INK, ORANGE, RED, legend_below, panels, scatter, styled

LAW_STYLES = {
    "normal": {"color": RED, "linestyle": "--"},
    "half-normal": {"color": BLUE, "linestyle": "-"},
    "exponential": {"color": GREEN, "linestyle": "-."},
}


@styled
def coupling_histogram(
    values: NDArray, fits: pd.DataFrame, noun: str = "redundancies", ax: Axes | None = None
) -> Figure:
    """Histogram of couplings with the density of each fitted law.

    Parameters
    ----------
    values : ndarray of float, shape (m,)
        Finite couplings.
    fits : DataFrame
        A row for each law, as in :class:`qxgap.analysis.CouplingStatistics`.
    noun : {"redundancies", "couplings"}
        Name of the values: redundancies are cosines of two maps, couplings the J of any problem.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> values = np.array([0.1, 0.2, 0.2, 0.4])
    >>> figure = qx.plotting.coupling_histogram(values, qx.analysis.fit_laws(values))
    >>> figure.axes[0].get_title()
    '4 redundancies'
    """
    from scipy import stats

    laws = {"normal": stats.norm, "half-normal": stats.halfnorm, "exponential": stats.expon}
    figure, ((axis,),) = panels(1, 1, 5.6, 4.0, ax)
    low = min(float(values.min()), 0.0)
    bins = np.linspace(low, max(float(values.max()), low + 1e-12), 41).tolist()
    axis.hist(values, bins=bins, density=True, color=GREY, alpha=0.35)
    grid = np.linspace(low, bins[-1], 400)
    for name, row in fits.iterrows():
        density = laws[str(name)].pdf(grid, row.location, row.scale)
        label = f"{name}: AIC {row.aic:.0f}, KS {row.ks_distance:.3f}"
        axis.plot(grid, density, **LAW_STYLES[str(name)], label=label)
    xlabels = {"redundancies": "redundancy J (absolute cosine of two maps)"}
    axis.set(
        title=f"{values.size} {noun}",
        xlabel=xlabels.get(noun, "coupling J"),
        ylabel="density",
        xlim=(low, bins[-1]),
    )
    legend_below(axis, 1)
    return figure


@styled
def selection_sizes(table: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Mean-field estimate of the number of selected maps against that of the optimum.

    Parameters
    ----------
    table : DataFrame
        The columns mean_field, true_size, and status, which is OPTIMAL or BEST_KNOWN.
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
    >>> sizes = {"mean_field": [2.2, 3.1], "true_size": [2, 3], "status": ["OPTIMAL", "BEST_KNOWN"]}
    >>> figure = qx.plotting.selection_sizes(pd.DataFrame(sizes))
    >>> figure.axes[0].get_xlabel()
    'maps that the optimum selects'
    """
    figure, ((axis,),) = panels(1, 1, 5.0, 4.4, ax)
    top = 1.05 * float(table[["mean_field", "true_size"]].max().max()) + 0.5
    for status, color in (("OPTIMAL", BLUE), ("BEST_KNOWN", ORANGE)):
        part = table[table.status == status]
        if len(part):
            label = status.lower().replace("_", " ")
            dots = {"color": color, "alpha": 0.6, "s": 36, **instances_of(part)}
            scatter(axis, part.true_size, part.mean_field, **dots, label=label)
    axis.axline((0, 0), slope=1, color=INK, linestyle="--", linewidth=1, label="equal")
    axis.set(xlim=(0, top), ylim=(0, top), xlabel="maps that the optimum selects")
    axis.set(ylabel="mean field: 1/2 + mean(-h) / mean(J)")
    legend_below(axis)
    return figure
