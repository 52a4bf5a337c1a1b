"""How redundancies are distributed, and the size of selections."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import BLUE, GREEN, GREY, INK, ORANGE, RED, below, panels, styled


@styled
def coupling_histogram(values: NDArray, fits: pd.DataFrame, noun: str = "redundancies") -> Figure:
    """Histogram of couplings with the density of each fitted law.

    Parameters
    ----------
    values : (m,) array
        Finite couplings.
    fits : DataFrame
        A row for each law, as in :class:`qxgap.analysis.CouplingStatistics`.
    noun : "redundancies" or "couplings"
        What the values are: absolute cosines of two maps, or the J of any problem.
    """
    from scipy import stats

    laws = {"normal": stats.norm, "half-normal": stats.halfnorm, "exponential": stats.expon}
    colours = {"normal": RED, "half-normal": BLUE, "exponential": GREEN}
    lines = {"normal": "--", "half-normal": "-", "exponential": "-."}
    figure, ((axis,),) = panels(1, 1, 5.6, 4.0)
    low = min(float(values.min()), 0.0)
    bins = np.linspace(low, max(float(values.max()), low + 1e-12), 41).tolist()
    axis.hist(values, bins=bins, density=True, color=GREY, alpha=0.35)
    grid = np.linspace(low, bins[-1], 400)
    for name, row in fits.iterrows():
        density = laws[str(name)].pdf(grid, row.location, row.scale)
        label = f"{name}: AIC {row.aic:.0f}, KS {row.ks_distance:.3f}"
        line = {"color": colours[str(name)], "linestyle": lines[str(name)]}
        axis.plot(grid, density, **line, label=label)
    known = {"redundancies": "redundancy J (absolute cosine of two maps)"}
    axis.set(xlabel=known.get(noun, "coupling J"), ylabel="density")
    axis.set(title=f"{values.size} {noun}", xlim=(low, bins[-1]))
    below(figure, axis, 1)
    return figure


@styled
def subset_size(frame: pd.DataFrame) -> Figure:
    """Mean-field size against that of the optimum; columns mean_field, true_size,
    and status, OPTIMAL or BEST_KNOWN."""
    figure, ((axis,),) = panels(1, 1, 5.0, 4.4)
    top = 1.05 * float(frame[["mean_field", "true_size"]].max().max()) + 0.5
    for status, colour in (("OPTIMAL", BLUE), ("BEST_KNOWN", ORANGE)):
        part = frame[frame.status == status]
        if len(part):
            label = status.lower().replace("_", " ")
            axis.scatter(part.true_size, part.mean_field, color=colour, alpha=0.6, label=label)
    axis.axline((0, 0), slope=1, color=INK, linestyle="--", linewidth=1, label="equal")
    axis.set(xlim=(0, top), ylim=(0, top), xlabel="maps that the optimum selects")
    axis.set(ylabel="mean field: 1/2 + mean(-h) / mean(J)")
    below(figure, axis)
    return figure
