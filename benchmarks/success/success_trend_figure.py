"""Figure of the success trend: a column per convention, a row per tau."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from qxgap.report import CONVENTION_NAMES

OURS, ALONE, GUESS = "#000000", "#0072B2", "#5B5B5B"
PUBLISHED = {16: ("#E69F00", "o"), 24: ("#CC79A7", "s"), 32: ("#009E73", "^")}
"""Colour and marker by the number of feature maps."""
SHIFT = {16: -0.16, 24: 0.0, 32: 0.16}
"""In d, so that bars do not cover each other."""


def draw_ours(axis: Axes, rows: pd.DataFrame) -> None:
    """Every instance as a dot, medians with quartile bars, and the two null models."""
    by_size = rows.groupby("d").success
    middle, low, high = by_size.median(), by_size.quantile(0.25), by_size.quantile(0.75)
    axis.scatter(rows.d, rows.success, s=9, color=OURS, alpha=0.3, linewidths=0)
    axis.errorbar(
        middle.index,
        middle,
        (middle - low, high - middle),
        **{"color": OURS, "marker": "D", "markersize": 4, "linewidth": 1.4, "capsize": 3},
        zorder=4,
        label="these instances (dots), median and quartiles",
    )
    alone = rows.groupby("d")["product"].median()
    label = "independent single-qubit sweeps, median"
    axis.plot(alone.index, alone, "--", color=ALONE, linewidth=1.4, label=label)
    sizes = np.arange(rows.d.min(), rows.d.max() + 1)
    axis.plot(sizes, 2.0**-sizes, ":", color=GUESS, linewidth=1.4, label="random guess, $2^{-d}$")


def draw_published(axis: Axes, published: pd.DataFrame) -> None:
    for num_maps, (colour, marker) in PUBLISHED.items():
        part = published[published.num_maps == num_maps]
        axis.errorbar(
            part.d + SHIFT[num_maps],
            part["median"],
            yerr=(part["median"] - part.q25, part.q75 - part["median"]),
            **{"color": colour, "marker": marker, "markersize": 6.5, "markeredgecolor": "black"},
            **{"markeredgewidth": 0.6, "linestyle": "none", "elinewidth": 2.0, "capsize": 0},
            label=f"published, $N_f$ = {num_maps}",
        )


def figure(rows: pd.DataFrame, published: pd.DataFrame) -> Figure:
    taus = sorted(rows.tau.unique())
    result = Figure(figsize=(9.0, 2.7 * len(taus) + 1.3), layout="constrained")
    axes = result.subplots(len(taus), 2, sharex=True, sharey="row", squeeze=False)
    for line, tau in zip(axes, taus, strict=True):
        for axis, convention in zip(line, CONVENTION_NAMES, strict=True):
            draw_ours(axis, rows[(rows.tau == tau) & (rows.convention == convention)])
            draw_published(axis, published[published.tau == tau])
            axis.set_yscale("log")
            axis.set_ylim(top=1.6)
            axis.grid(alpha=0.25)
            axis.set_xticks(np.arange(rows.d.min(), rows.d.max() + 1))
        line[0].set_ylabel(f"success probability, tau = {tau:g}")
    for axis, title in zip(axes[0], CONVENTION_NAMES.values(), strict=True):
        axis.set_title(title)
    for axis in axes[-1]:
        axis.set_xlabel("qubits d")
    handles, labels = axes[0][0].get_legend_handles_labels()
    result.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return result


def save_figure(rows: pd.DataFrame, published: pd.DataFrame, stem: Path) -> None:
    """Write ``stem`` with the endings .png and .svg, the same bytes for the same numbers."""
    drawn = figure(rows, published)
    with mpl.rc_context({"svg.hashsalt": "qxgap"}):
        for suffix, metadata in ((".png", None), (".svg", {"Date": None})):
            drawn.savefig(stem.with_suffix(suffix), dpi=150, metadata=metadata)
