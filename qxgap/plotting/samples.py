"""Figures that hold reads against predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .style import INK, below, looks, panels, styled


@styled
def agreement(frame: pd.DataFrame) -> Figure:
    """Ground probability that was read against the predicted one, a panel per sampler.

    Parameters
    ----------
    frame : columns sampler, model (legend), predicted, ground_probability and
        ground_probability_interval, (low, high).
    """
    samplers, names = list(dict.fromkeys(frame.sampler)), looks(frame.model)
    figure, axes = panels(
        1, len(samplers), 4.8 if len(samplers) == 1 else 3.8, 4.4, sharex=True, sharey=True
    )
    for axis, sampler in zip(axes[0], samplers, strict=True):
        for name, look in names.items():
            part = frame[(frame.sampler == sampler) & (frame.model == name)]
            if part.empty:
                continue
            low, high = np.array(part.ground_probability_interval.tolist(), dtype=float).T
            measured = part.ground_probability.to_numpy(dtype=float)
            bars = np.maximum([measured - low, high - measured], 0.0)
            options = {**look, "fmt": look["marker"], "markersize": 4, "alpha": 0.7, "lw": 0.8}
            del options["marker"]
            axis.errorbar(part.predicted, measured, bars, **options, label=name)
        axis.axline((0, 0), slope=1, color=INK, linestyle="--", linewidth=1)
        axis.set(title=sampler, xlim=(0, 1.02), ylim=(0, 1.02), xlabel="predicted")
    axes[0][0].set_ylabel("ground-state share of the reads")
    below(figure, axes[0][0], 1)
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
