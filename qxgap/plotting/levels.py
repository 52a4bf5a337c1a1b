"""Reads on the energy levels of one problem, against the laws of models."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import GREY, INK, below, looks, panels, styled

SHOWN_MASS = 0.999
"""Levels are drawn until they hold this part of the reads and of every law but the uniform."""

MOST_BARS = 30
REFERENCES: dict[str, dict[str, str]] = {
    "uniform guess": {"color": INK, "linestyle": ":"},
    "classical Gibbs, fitted": {"color": INK, "linestyle": "--"},
}
"""Laws that are no prediction are drawn as plain lines."""


@styled
def level_histogram(
    counts: NDArray[np.int64],
    energies: NDArray[np.float64],
    laws: Mapping[str, NDArray[np.float64]],
) -> Figure:
    """Share of the reads on each level as bars, the laws as markers, on a logarithmic axis.

    Parameters
    ----------
    counts : (k,) reads per level.
    energies : (k,) above the lowest, ascending.
    laws : model -> (k,) probabilities.
    """
    reads = int(counts.sum())
    share = counts / reads
    number = min(MOST_BARS, int(np.searchsorted(np.cumsum(share), SHOWN_MASS)) + 2, counts.size)
    figure, ((axis,),) = panels(1, 1, 7.4, 4.4)
    place = np.arange(number)
    axis.bar(place, share[:number], color=GREY, alpha=0.4, width=0.85, label=f"{reads} reads")
    known = {name: look for name, look in REFERENCES.items() if name in laws}
    for name, look in (looks([name for name in laws if name not in known]) | known).items():
        values = np.where(laws[name][:number] > 0, laws[name][:number], np.nan)
        axis.plot(place, values, **look, markersize=4, linewidth=0.9, label=name)
    axis.set_yscale("log")
    axis.set_ylim(0.3 / reads, 1.6)
    axis.axhline(1 / reads, color=INK, linestyle=":", linewidth=0.8)
    axis.annotate("one read", (number - 0.6, 1 / reads), ha="right", va="bottom", fontsize=8)
    shown = np.unique(np.linspace(0, number - 1, min(number, 8)).round().astype(int))
    axis.set_xticks(shown, [f"{energies[i]:.3g}" for i in shown])
    axis.set(xlabel="energy of the level above the ground level", ylabel="share of the reads")
    below(figure, axis, 3)
    return figure


@styled
def model_distances(table: pd.DataFrame) -> Figure:
    """Distance of every model of one source from its reads, beside what chance would show.

    Parameters
    ----------
    table : columns model, tv, tv_low, tv_high, tv_by_chance, acceptable; the nearest first.
    """
    figure, ((axis,),) = panels(1, 1, 6.4, 1.2 + 0.36 * len(table))
    place = np.arange(len(table))
    for accepted, look in looks([True, False]).items():
        at = (table.acceptable == accepted).to_numpy()
        if not at.any():
            continue
        part = table[at]
        low = np.minimum(part.tv_low, part.tv)
        high = np.maximum(part.tv_high, part.tv)
        axis.errorbar(
            part.tv,
            place[at],
            xerr=(part.tv - low, high - part.tv),
            **look,
            linestyle="none",
            capsize=3,
            label="acceptable" if accepted else "rejected",
        )
    axis.plot(table.tv_by_chance, place, "|", color=INK, markersize=13, label="by chance alone")
    axis.set_yticks(place, list(table.model))
    axis.set(xlabel="total variation from the reads, over energy levels", xlim=(-0.01, 1.02))
    axis.invert_yaxis()
    below(figure, axis)
    return figure
