"""Figures that hold reads against predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .style import INK, below, looks, panels, scatter, spread, styled


@styled
def agreement(frame: pd.DataFrame) -> Figure:
    """Ground-state share of the reads minus the predicted one, a line of dots per model.

    Parameters
    ----------
    frame : DataFrame
        Columns sampler, model, predicted and ground_probability.
    """
    names = frame.sampler.astype(str) + ": " + frame.model.astype(str)
    rows = list(dict.fromkeys(names))
    figure, ((axis,),) = panels(1, 1, 7.2, 1.5 + 0.4 * len(rows))
    place = names.map({name: number for number, name in enumerate(rows)})
    difference = frame.ground_probability.astype(float) - frame.predicted.astype(float)
    for sampler, look in looks(frame.sampler).items():
        own = frame.sampler == sampler
        shift = spread(int(own.sum()), 0.3)
        scatter(axis, difference[own], place[own] + shift, **{**look, "alpha": 0.35})
    groups = difference.groupby(place)
    middle, low, high = groups.median(), groups.quantile(0.25), groups.quantile(0.75)
    axis.errorbar(
        middle,
        middle.index,
        xerr=(middle - low, high - middle),
        **{"color": INK, "marker": "D", "markersize": 5, "linestyle": "none", "capsize": 4},
        label="median, quartiles",
    )
    axis.axvline(0.0, color=INK, linestyle="--", linewidth=1, label="the prediction")
    axis.set_yticks(range(len(rows)), rows)
    axis.set(xlabel="ground-state share, read minus predicted", xlim=(-1.05, 1.05))
    axis.invert_yaxis()
    below(figure, axis)
    return figure


@styled
def ladder(table: pd.DataFrame) -> Figure:
    """Distance of every model from the reads, beside what chance alone would show.

    Parameters
    ----------
    table : columns sampler, model, distance, low, high (NaN where no interval is known), by_chance.
    """
    rows = [f"{row.sampler}: {row.model}" for row in table.itertuples()]
    figure, ((axis,),) = panels(1, 1, 7.2, 1.3 + 0.36 * len(rows))
    place = np.arange(len(rows))
    for sampler, look in looks(table.sampler).items():
        at = (table.sampler == sampler).to_numpy()
        part = table[at]
        bars = (part.distance - part.low, part.high - part.distance)
        axis.errorbar(part.distance, place[at], xerr=bars, **look, linestyle="none", capsize=3)
    axis.plot(table.by_chance, place, "|", color=INK, markersize=14, label="by chance alone")
    axis.set_yticks(place, rows)
    axis.set(xlabel="total variation, median", xlim=(0, 1.02))
    axis.invert_yaxis()
    below(figure, axis)
    return figure
