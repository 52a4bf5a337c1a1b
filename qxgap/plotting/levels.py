"""Figures of one problem along its anneal: energy levels, the gap with its bracket, populations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from ..digits import label_of, suffix_of
from .style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    RED,
    legend_below,
    logarithmic,
    panels,
    series_styles,
    styled,
)

FRACTION = "anneal fraction s"
WIDE = 30
"""Gaps that differ by more than this factor are drawn on a logarithmic axis."""
MAX_LEVELS = 24
"""Largest number of levels that are drawn as bars."""


@styled
def spectrum_levels(
    s: ArrayLike,
    energies: ArrayLike,
    unit: str = "",
    *,
    above_ground: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """Lowest energy levels along an anneal, with the place where the lowest two are closest.

    Parameters
    ----------
    s : array_like of float, shape (n,)
        Anneal fractions, from 0 to 1.
    energies : array_like of float, shape (n, k)
        The k lowest levels at each of them, ascending.
    unit : str, optional
        Unit of the energies; empty if they are dimensionless.
    above_ground : bool, optional
        Whether to draw the energies above the lowest level, which shows small gaps better.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.spectrum_levels([0, 0.5, 1], [[-1, 1], [-0.7, 0.2], [-1, 0]])
    >>> figure.axes[0].get_xlabel()
    'anneal fraction s'
    """
    fractions, levels = np.asarray(s, dtype=float), np.asarray(energies, dtype=float)
    order = np.argsort(fractions, kind="stable")
    fractions, levels = fractions[order], levels[order]
    if above_ground:
        levels = levels - levels[:, :1]
    figure, ((axis,),) = panels(1, 1, 6.0, 4.0, ax)
    for number in range(levels.shape[1] - 1, -1, -1):
        color, width = {0: (BLUE, 2.0), 1: (ORANGE, 2.0)}.get(number, (GREY, 1.0))
        name = {0: "lowest level", 1: "next level", 2: "higher levels"}.get(number, "_nolegend_")
        axis.plot(fractions, levels[:, number], color=color, linewidth=width, label=name)
    if levels.shape[1] > 1:
        at = int(np.argmin(levels[:, 1] - levels[:, 0]))
        ends = levels[at, :2]
        where = f"{ends[1] - ends[0]:.2g}{suffix_of(unit)} at s = {_short(fractions[at])}"
        label = f"closest on this grid: {where}"
        axis.vlines(fractions[at], *ends, color=RED, linewidth=2.5, label=label, zorder=3)
    above = " above the lowest level" if above_ground else ""
    axis.set(xlabel=FRACTION, ylabel=f"energy{above}{label_of(unit)}")
    axis.margins(x=0.02)
    legend_below(axis, 2)
    return figure


@styled
def gap_bracket(
    s: ArrayLike,
    gaps: ArrayLike,
    lower: float,
    classical_gap: float,
    unit: str = "",
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Gap along an anneal, with the proven interval of its minimum as a band.

    Parameters
    ----------
    s : array_like of float, shape (n,)
        Anneal fractions where the gap was computed.
    gaps : array_like of float, shape (n,)
        The gap there; the smallest is the upper end of the band.
    lower : float
        Proven lower bound of the gap over all s.
    classical_gap : float
        Difference of the two lowest energies of the problem itself.
    unit : str, optional
        Unit of the energies; empty if they are dimensionless.
    title : str, optional
        A caption above the figure.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.gap_bracket([0, 0.6, 1], [2.0, 0.30, 0.5], 0.29, 0.5)
    >>> figure.axes[0].get_ylabel()
    'gap between the two lowest levels'
    """
    order = np.argsort(np.asarray(s, dtype=float), kind="stable")
    fractions, values = np.asarray(s, dtype=float)[order], np.asarray(gaps, dtype=float)[order]
    figure, ((axis,),) = panels(1, 1, 6.0, 4.0, ax)
    axis.plot(fractions, values, color=BLUE, linewidth=1.6, marker=".", label="computed gap")
    if values.size:
        at = int(np.argmin(values))
        name = (
            f"the minimum is proven to lie here: {lower:.3g} to {values[at]:.3g}{suffix_of(unit)}"
        )
        axis.axhspan(lower, values[at], color=GREEN, alpha=0.35, linewidth=1.2, label=name)
        where = f"smallest computed gap, at s = {_short(fractions[at])}"
        axis.plot(fractions[at], values[at], "o", color=RED, markersize=7, zorder=4, label=where)
    if np.isfinite(classical_gap):
        own = f"spacing of the problem's own two lowest energies, {classical_gap:.3g}"
        axis.axhline(classical_gap, color=INK, linestyle=":", linewidth=1.4, label=own)
    axis.set(xlabel=FRACTION, ylabel=f"gap between the two lowest levels{label_of(unit)}")
    caption(axis, title)
    axis.margins(x=0.02)
    if values.size and values.max() > WIDE * values.min() > 0:
        logarithmic(axis, "y")
    else:
        axis.set_ylim(bottom=0)
    legend_below(axis, 1)
    return figure


@styled
def estimated_gap(
    s: ArrayLike,
    gaps: ArrayLike,
    interval: tuple[float, float],
    proven: tuple[float, float, float],
    classical_gap: float,
    unit: str = "",
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Estimated gap along an anneal, with the interval of its minimum and what is proven of it.

    Where everything happens near the end of the anneal, the axis of s is stretched there.

    Parameters
    ----------
    s : array_like of float, shape (n,)
        Anneal fractions where the gap was estimated.
    gaps : array_like of float, shape (n,)
        The gap there; the smallest has the error bar.
    interval : tuple of float
        The 95 % interval of the minimum.
    proven : tuple of float
        The s from which on a lower bound is proven, that bound, and the proven upper bound of the
        minimum; NaN for what is not proven.
    classical_gap : float
        Difference of the two lowest energies of the problem itself.
    unit : str, optional
        Unit of the energies; empty if they are dimensionless.
    title : str, optional
        A caption above the figure.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> proven = (0.95, 0.27, 0.31)
    >>> figure = qx.plotting.estimated_gap(
    ...     [0, 0.97, 1], [2.0, 0.30, 0.5], (0.29, 0.31), proven, 0.5
    ... )
    >>> figure.axes[0].get_ylabel()
    'gap between the two lowest levels'
    """
    order = np.argsort(np.asarray(s, dtype=float), kind="stable")
    fractions, values = np.asarray(s, dtype=float)[order], np.asarray(gaps, dtype=float)[order]
    figure, ((axis,),) = panels(1, 1, 6.0, 4.0, ax)
    axis.plot(fractions, values, color=BLUE, linewidth=1.6, marker=".", label="estimated gap")
    suffix, (since, lower, upper) = suffix_of(unit), proven
    if values.size:
        at = int(np.argmin(values))
        low, high = interval
        span = f"95 %: {low:.3g} to {high:.3g}{suffix}, at s = {_short(fractions[at])}"
        errors = [[max(values[at] - low, 0.0)], [max(high - values[at], 0.0)]]
        axis.errorbar(
            fractions[at],
            values[at],
            yerr=errors,
            color=RED,
            marker="s",
            markerfacecolor="none",
            capsize=4,
            linestyle="none",
            zorder=4,
            label=f"estimated minimum, {span}",
        )
    if np.isfinite(upper):
        name = f"the minimum is proven to be at most {upper:.3g}{suffix}"
        axis.axhline(upper, color=GREEN, linestyle="--", linewidth=1.2, label=name)
    if np.isfinite(since):
        name = f"proven: no smaller than {lower:.3g}{suffix} from s = {_short(since)} on"
        axis.fill_between([since, 1.0], 0.0, lower, color=GREEN, alpha=0.35, label=name)
    if np.isfinite(classical_gap):
        own = f"spacing of the problem's own two lowest energies, {classical_gap:.3g}"
        axis.axhline(classical_gap, color=INK, linestyle=":", linewidth=1.4, label=own)
    axis.set(xlabel=FRACTION, ylabel=f"gap between the two lowest levels{label_of(unit)}")
    caption(axis, title)
    if values.size and values.max() > WIDE * values.min() > 0:
        axis.set_ylim(0.5 * values.min(), 1.5 * values.max())
        logarithmic(axis, "y")
    else:
        axis.set_ylim(bottom=0)
    _stretch_end(axis, [*fractions, since])
    legend_below(axis, 1)
    return figure


def _stretch_end(axis: Any, marks: list[float]) -> None:
    """Stretch the end of an axis of s, if points lie so near to it that they would coincide."""
    distances = [1 - s for s in marks if np.isfinite(s) and s < 1]
    nearest = min(distances, default=1.0)
    if nearest > 0.03:
        axis.margins(x=0.02)
        return
    offset = max(0.5 * nearest, 1e-9)

    def place(s: Any) -> Any:
        return -np.log(np.maximum(1 - np.asarray(s), 0.0) + offset)

    def back(position: Any) -> Any:
        return 1 - (np.exp(-np.asarray(position)) - offset)

    axis.set_xscale("function", functions=(place, back))
    axis.set_xlim(0.0, 1.0)
    steps = (10.0**-count for count in range(1, 10))
    ticks = [0.0, 0.5, *(1 - step for step in steps if step > 3 * offset), 1.0]
    axis.set_xticks(ticks, [f"{tick:.9g}" for tick in ticks])
    axis.minorticks_off()
    axis.set_xlabel(f"{FRACTION} (the end is stretched)")


@styled
def level_shares(
    energies: ArrayLike,
    shares: ArrayLike,
    references: Mapping[str, ArrayLike] | None = None,
    *,
    ylabel: str = "probability",
    xlabel: str = "energy of the level",
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Probability of each energy level as bars, beside what other laws would give.

    Parameters
    ----------
    energies : array_like of float, shape (k,)
        Energies of the levels, ascending. The lowest 24 are drawn.
    shares : array_like of float, shape (k,)
        Probability of each level.
    references : dict of str to array_like of float, shape (k,), optional
        Name of each other law, and its probabilities of the levels.
    ylabel, xlabel : str, optional
        Names of the axes.
    title : str, optional
        A caption above the figure.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.level_shares([-1, 0, 1], [0.8, 0.15, 0.05], {"guess": [0.3, 0.3, 0.4]})
    >>> len(figure.axes[0].patches)
    3
    """
    levels, heights = np.asarray(energies, dtype=float), np.asarray(shares, dtype=float)
    number = min(levels.size, MAX_LEVELS)
    figure, ((axis,),) = panels(1, 1, 6.0, 4.0, ax)
    at = np.arange(number)
    for part, color, name in (
        (slice(0, 1), BLUE, "lowest level"),
        (slice(1, None), GREY, "others"),
    ):
        if at[part].size:
            shown = heights[:number][part]
            axis.bar(at[part], shown, color=color, alpha=0.75, width=0.8, label=name)
    others = references or {}
    styles = series_styles(["", *others])  # the first one is that of the bars
    for name, law in others.items():
        values = np.asarray(law, dtype=float)[:number]
        axis.plot(at, values, **styles[name], linestyle="none", label=name)
    if heights.max(initial=0.0) >= 1 and np.array_equal(heights, np.round(heights)):
        axis.yaxis.set_major_locator(MaxNLocator(integer=True))
    label_levels(axis, levels[:number])
    hidden = levels.size - number
    axis.set(xlabel=xlabel + (f" ({hidden} higher ones not drawn)" if hidden else ""))
    axis.set(ylabel=ylabel, ylim=(0, None))
    axis.grid(False, axis="x")
    caption(axis, title)
    legend_below(axis, 2)
    return figure


def label_levels(axis: Any, energies: Any) -> None:
    """Write energies below bars that stand side by side; where there are many, below some."""
    shown = np.unique(np.linspace(0, len(energies) - 1, min(len(energies), 8)).round().astype(int))
    axis.set_xticks(shown, [f"{energies[i]:.3g}" for i in shown])


def caption(axis: Any, title: str) -> None:
    """Write a caption above an axis, if there is one and the caller has not written another."""
    if title and not axis.get_title(loc="left"):
        axis.set_title(title, loc="left", fontsize=9.5)


def _short(s: float) -> str:
    return f"{s:.3g}" if s == 1 or s < 0.999 else f"{s:.6g}"
