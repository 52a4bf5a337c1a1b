"""Figures of success probabilities and of times to solution.

Every frame has a row per instance, setting and tau: columns setting, num_qubits, tau,
success_probability, null_product, random_guess, tts and the class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .gaps import quartiles
from .style import GREY, INK, below, logarithmic, looks, panels, styled, whole_numbers

LINE_SPACING = 0.06
"""Distance of the names of two lines at least, in heights of the panel."""


@styled
def success_by_size(frame: pd.DataFrame) -> Figure:
    """Success against d for each tau, with quartile bars, the product null model and a guess."""
    names, taus = list(dict.fromkeys(frame.setting)), looks(sorted(frame.tau.unique()))
    figure, axes = panels(1, len(names), 5.4 if len(names) == 1 else 4.4, 4.3, sharey=True)
    for axis, name in zip(axes[0], names, strict=True):
        part = frame[frame.setting == name]
        _success(axis, part, "num_qubits", taus)
        for tau, look in taus.items():
            null = part[part.tau == tau].groupby("num_qubits").null_product.median()
            axis.plot(null, color=look["color"], linestyle="--", linewidth=1.1)
        guess = part.groupby("num_qubits").random_guess.median()
        axis.plot(guess, color=GREY, linestyle=":")
        axis.set(title=name, xlabel="qubits d")
        whole_numbers(axis)
    axes[0][0].plot([], [], color=INK, linestyle="--", label="independent qubits (null)")
    axes[0][0].plot([], [], color=GREY, linestyle=":", label="random guess")
    axes[0][0].set_ylabel("success probability")
    axes[0][0].set_ylim(top=1.5)
    below(figure, axes[0][0])
    return figure


@styled
def success_by_class(frame: pd.DataFrame) -> Figure:
    """Success against the class that the network predicts, for each tau, with quartile bars.

    Parameters
    ----------
    frame : with the column class_name besides; classes are drawn in the order of their names.
    """
    names, taus = list(dict.fromkeys(frame.setting)), looks(sorted(frame.tau.unique()))
    classes = sorted(frame.class_name.unique())
    place = frame.class_name.map({name: i for i, name in enumerate(classes)})
    width = max(4.4, 0.28 * len(classes) + 1.5)
    figure, axes = panels(1, len(names), width, 4.3, sharey=True)
    for axis, name in zip(axes[0], names, strict=True):
        rows = frame.setting == name
        _success(axis, frame[rows].assign(place=place[rows]), "place", taus, line="none")
        axis.set(title=name, xlabel="class", xticks=range(len(classes)))
        long = max(len(str(c)) for c in classes) > 2
        axis.set_xticklabels(classes, rotation=60 if long else 0, ha="right" if long else "center")
    axes[0][0].set_ylabel("success probability")
    axes[0][0].set_ylim(top=1.5)
    below(figure, axes[0][0])
    return figure


def _success(axis: Any, part: pd.DataFrame, by: str, taus: dict, line: str = "-") -> None:
    """Medians with quartile bars of every tau, side by side so that bars do not hide bars."""
    step = 0.5 / max(len(taus), 3)
    for i, (tau, look) in enumerate(taus.items()):
        rows = part[part.tau == tau]
        moved = rows.assign(**{by: rows[by] + step * (i - (len(taus) - 1) / 2)})
        if len(rows):
            options = {**look, "linestyle": line, "label": f"tau = {tau:g}"}
            quartiles(axis, moved, by, "success_probability", **options)
    logarithmic(axis, "y")


@styled
def time_to_solution(frame: pd.DataFrame) -> Figure:
    """Median time to solution: above against tau for each d, below against d for each tau.

    Beside the latter 2^d, the states that an enumeration visits. Medians that are infinite (more
    than half of the instances never succeed) are not drawn.
    """
    names = list(dict.fromkeys(frame.setting))
    figure, axes = panels(2, len(names), 5.2 if len(names) == 1 else 4.4, 3.6, sharey=True)
    tables = []
    for (above, under), name in zip(axes.T, names, strict=True):
        part = frame[frame.setting == name]
        table = part.pivot_table("tts", "num_qubits", "tau", aggfunc="median")
        table = table.where(np.isfinite(table))
        tables.append(table)
        _by_tau(above, table)
        for tau, look in looks(list(table.columns)).items():
            under.plot(table[tau], **look, markersize=4, label=f"tau = {tau:g}")
        sizes = np.array(table.index, dtype=float)
        under.plot(sizes, 2.0**sizes, color=INK, linestyle=":", label="2^d states")
        above.set(title=name, xlabel="tau")
        logarithmic(above)
        above.set_xticks(list(table.columns), [f"{tau:g}" for tau in table.columns])
        above.set_xticks([], minor=True)
        under.set(xlabel="qubits d")
        logarithmic(under, "y")
        whole_numbers(under)
    for axis in axes[:, 0]:
        axis.set_ylabel("median time to solution")
    for axis, table in zip(axes[0], tables, strict=True):  # the limits are final now
        _name_lines(axis, table)
    below(figure, axes[1][0], 4)
    return figure


def _by_tau(axis: Any, table: pd.DataFrame) -> None:
    """A line per d, darker for larger d."""
    for size, row in table.iterrows():
        axis.plot(row.index, row, color=_shade(table, size), marker=".")


def _shade(table: pd.DataFrame, size: Any) -> Any:
    from matplotlib import colormaps

    place = list(table.index).index(size) / max(len(table) - 1, 1)
    return colormaps["viridis"](0.25 + 0.5 * place)


def _name_lines(axis: Any, table: pd.DataFrame) -> None:
    """Name the d of every line at the right of its end, so far apart that all can be read."""
    ends = {size: row.dropna().iloc[-1] for size, row in table.iterrows() if row.notna().any()}
    if not ends:
        return
    scale = axis.transData + axis.transAxes.inverted()
    heights = {size: scale.transform((table.columns[-1], end))[1] for size, end in ends.items()}
    order = sorted(heights, key=lambda size: heights[size])
    place = np.array([heights[size] for size in order])
    for i in range(1, len(place)):  # each as far above the one under it as is needed
        place[i] = max(place[i], place[i - 1] + LINE_SPACING)
    place -= np.mean(place - [heights[size] for size in order])  # as far down as up
    for size, height in zip(order, place, strict=True):
        text = {"fontsize": 7.5, "va": "center", "color": _shade(table, size)}
        axis.text(1.01, height, f"d = {size}", transform=axis.transAxes, **text)
