"""The figures that answer the four questions of a report, large and at the size of a playing card.

A thumbnail has large text, few ticks and no legend, and shows one series only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import (
    FixedLocator,
    LogLocator,
    NullFormatter,
    NullLocator,
    PercentFormatter,
)

from .marks import instances_of
from .style import (
    BLUE,
    GREY,
    INK,
    STYLE,
    PanelAxes,
    legend_below,
    panels,
    scatter,
    series_styles,
    spread,
    styled,
)

P = ParamSpec("P")

THUMBNAIL_SIZE = (2.2, 1.5)
"""Width and height of a thumbnail in inches."""

SMALL_STYLE: Any = {
    **STYLE,
    "font.size": 9.5,
    "axes.labelpad": 4.0,  # the font of a browser may be wider
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
}


@styled
def success_by_time(points: pd.DataFrame, medians: pd.DataFrame, ax: PanelAxes = None) -> Figure:
    """Success against the anneal time: every instance, and the median with its interval.

    Parameters
    ----------
    points : DataFrame
        The columns setting, tau and success_probability, a row for each instance and tau.
    medians : DataFrame
        The columns setting, tau, value, low and high; the ends of an unknown interval are NaN.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each setting; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> table = pd.DataFrame({"setting": "paper", "tau": [5, 20]})
    >>> points = table.assign(success_probability=[0.4, 0.8])
    >>> medians = table.assign(value=[0.4, 0.8], low=[0.3, 0.7], high=[0.5, 0.9])
    >>> figure = qx.plotting.success_by_time(points, medians)
    >>> figure.axes[0].get_ylabel()
    'success of one anneal'
    """
    styles = series_styles(medians.setting)
    width = 5.4 if len(styles) == 1 else 4.2
    figure, (axes,) = panels(1, len(styles), width, 3.6, ax, sharey=True)
    taus = sorted(medians.tau.unique())
    steps = np.diff(taus)
    room = 0.3 * float(steps.min()) if len(steps) else 0.2
    for axis, (name, style) in zip(axes, styles.items(), strict=True):
        rows = medians[medians.setting == name].sort_values("tau")
        part = points[points.setting == name]
        dots = {"color": style["color"], "s": 12, "alpha": 0.4, **instances_of(part)}
        scatter(axis, part.tau + spread(len(part), room), part.success_probability, **dots)
        band = {"color": INK, "alpha": 0.15, "linewidth": 0, "label": "its 95 % interval"}
        axis.fill_between(rows.tau, rows.low, rows.high, **band)
        axis.plot(rows.tau, rows.value, color=INK, marker="D", markersize=5, label="median")
        axis.set(title=name, xlabel="anneal time tau", ylim=(-0.02, 1.02))
        axis.set_xticks(taus if len(taus) <= 8 else taus[:: len(taus) // 8 + 1])
        axis.xaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes[0].set_ylabel("success of one anneal")
    legend_below(axes[0])
    return figure


@styled
def agreement_of_instances(
    table: pd.DataFrame,
    ax: PanelAxes = None,
    *,
    across: str = "predicted share of ground states",
    log: bool = False,
) -> Figure:
    """Share of ground states among the reads against the predicted share, a dot per instance.

    Parameters
    ----------
    table : DataFrame
        The columns sampler, model, predicted and ground_probability; there is a panel for each
        sampler and a color for each model.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each sampler; by default a new figure is made.
    across : str
        What the column predicted holds, for the axis across.
    log : bool
        Whether this axis is logarithmic, for predictions that are tiny.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> reads = {"sampler": "sa", "model": "Gibbs", "predicted": [0.8, 0.5]}
    >>> table = pd.DataFrame(reads).assign(ground_probability=[0.7, 0.6])
    >>> figure = qx.plotting.agreement_of_instances(table)
    >>> figure.axes[0].get_title()
    'reads of sa'
    """
    samplers = list(dict.fromkeys(table.sampler))
    width = 5.6 if len(samplers) == 1 else 4.2
    styles = series_styles(table.model)
    height = 3.9 + 0.2 * len(styles)  # the legend has a line for each model
    figure, (axes,) = panels(1, len(samplers), width, height, ax, sharey=True)
    least = _decade_below(table.predicted) if log else 0.0
    for axis, sampler in zip(axes, samplers, strict=True):
        _equal_line(axis, least, label="equal")
        for name, style in styles.items():
            part = table[(table.sampler == sampler) & (table.model == name)]
            reads, predicted = part.ground_probability.astype(float), part.predicted.clip(least)
            scatter(axis, predicted, reads, **instances_of(part), **style, label=name)
        axis.set(title=f"reads of {sampler}", xlabel=across, ylim=(-0.02, 1.02))
        axis.yaxis.set_major_formatter(PercentFormatter(1.0))
        if not log:
            axis.set_xlim(-0.02, 1.02)
            axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes[0].set_ylabel("share of ground states read")
    legend_below(axes[0], 1 if max(map(len, map(str, styles))) > 30 else 2)
    return figure


@styled
def rule_shares(table: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Share of the problems that each simple rule solves, with its interval.

    Parameters
    ----------
    table : DataFrame
        The columns name, value, low and high, a row for each rule, the first at the top.
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
    >>> shares = {"name": ["top-k", "greedy"], "value": [0.2, 0.9]}
    >>> table = pd.DataFrame(shares).assign(low=[0.1, 0.8], high=[0.3, 0.95])
    >>> figure = qx.plotting.rule_shares(table)
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['top-k', 'greedy']
    """
    figure, ((axis,),) = panels(1, 1, 5.8, 1.1 + 0.42 * len(table), ax)
    height = np.arange(len(table))
    axis.barh(height, [1.0] * len(table), color=GREY, alpha=0.15)
    axis.barh(height, table.value, color=BLUE, height=0.7)
    bars = (table.value - table.low, table.high - table.value)
    axis.errorbar(table.value, height, xerr=bars, color=INK, linestyle="none", capsize=3)
    axis.set_yticks(height, list(table.name))
    axis.invert_yaxis()
    axis.set(xlabel="problems in which the rule finds an optimum", xlim=(0, 1.02))
    axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    axis.grid(False)
    return figure


def small(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw with ``SMALL_STYLE``, whatever the caller's settings of matplotlib are."""

    @wraps(draw)
    def draw_small(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(SMALL_STYLE):
            return draw(*args, **kwargs)

    return draw_small


@small
def gap_thumbnail(table: pd.DataFrame) -> Figure:
    """Minimum gap against classical gap, with the line on which they are equal.

    Parameters
    ----------
    table : DataFrame
        The columns gap and classical_gap, both positive; and ``estimated``, if some are estimates.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.
    """
    axis = _axes()
    values = table[["gap", "classical_gap"]].astype(float)
    low, high = 0.7 * float(values.min().min()), 1.4 * float(values.max().max())
    axis.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    axis.plot([low, high], [low, high], color=INK, linestyle="--", linewidth=1)
    open_ones = table.estimated.astype(bool) if "estimated" in table else values.gap < 0
    exact, some = values[~open_ones], values[open_ones]
    axis.scatter(exact.classical_gap, exact.gap, s=9, color=BLUE, alpha=0.6, linewidths=0)
    if len(some):
        axis.scatter(
            some.classical_gap, some.gap, s=9, marker="s", facecolors="none", edgecolors=BLUE
        )
    axis.annotate("equal", (0.04, 0.9), xycoords="axes fraction")
    axis.set(xlabel="classical gap", ylabel="gap")
    for direction in (axis.xaxis, axis.yaxis):
        direction.set_major_locator(FixedLocator(_decades(low, high)))
        direction.set_major_formatter("{x:g}")
        direction.set_minor_formatter(NullFormatter())
        direction.set_minor_locator(FixedLocator([]))
    return axis.figure  # type: ignore[return-value]


@small
def success_thumbnail(table: pd.DataFrame) -> Figure:
    """Median success probability against the anneal time, with its interval as a band.

    Parameters
    ----------
    table : DataFrame
        The columns tau, value, low and high, a row for each anneal time; the ends of an unknown
        interval are NaN.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.
    """
    axis = _axes()
    rows = table.sort_values("tau")
    axis.fill_between(rows.tau, rows.low, rows.high, color=BLUE, alpha=0.25, linewidth=0)
    axis.plot(rows.tau, rows.value, color=BLUE, marker="o", markersize=4)
    axis.set(xlabel="anneal time", ylabel="success", ylim=(0, 1.02))
    axis.yaxis.set_major_locator(FixedLocator([0.0, 0.5, 1.0]))
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.set_xticks([rows.tau.min(), rows.tau.max()])
    axis.xaxis.set_major_formatter("{x:g}")
    return axis.figure  # type: ignore[return-value]


def _decade_below(shares: pd.Series) -> float:
    """Return a power of ten below all shares that are not 0, at most 0.1."""
    known = shares[shares > 0]
    return min(0.1, 10.0 ** np.floor(np.log10(known.min()))) if len(known) else 0.1


def _equal_line(axis: Axes, least: float, **label: Any) -> None:
    """Draw the line on which both shares are equal; the axis across is logarithmic from a least."""
    shares = np.geomspace(least, 1.0, 200) if least else np.array([0.0, 1.0])
    axis.plot(shares, shares, color=INK, linestyle="--", linewidth=1, **label)
    if least:
        axis.set_xscale("log")
        axis.set_xlim(least / 1.5, 1.5)
        axis.xaxis.set_major_locator(LogLocator(numticks=6))
        axis.xaxis.set_minor_locator(NullLocator())


@small
def agreement_thumbnail(
    table: pd.DataFrame, across: str = "predicted", *, log: bool = False
) -> Figure:
    """Share of ground states among the reads against the predicted share, with the line of both.

    Parameters
    ----------
    table : DataFrame
        The columns predicted and ground_probability, a row for each instance.
    across : str
        What the column predicted holds, in a word or two.
    log : bool
        Whether its axis is logarithmic, for predictions that are tiny.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.
    """
    axis = _axes()
    least = _decade_below(table.predicted) if log else 0.0
    _equal_line(axis, least)
    measured, predicted = table.ground_probability.astype(float), table.predicted.clip(least)
    axis.scatter(predicted, measured, s=9, color=BLUE, alpha=0.6, linewidths=0, clip_on=False)
    axis.annotate("equal", (0.5, 0.3), xycoords="axes fraction")
    axis.set(xlabel=across, ylabel="read", ylim=(0, 1.02))
    if log:
        axis.xaxis.set_major_locator(FixedLocator([least, 1.0]))
    else:
        axis.set_xlim(0, 1.02)
    for direction in (axis.yaxis,) if log else (axis.xaxis, axis.yaxis):
        direction.set_major_locator(FixedLocator([0.0, 0.5, 1.0]))
        direction.set_major_formatter(PercentFormatter(1.0))
    return axis.figure  # type: ignore[return-value]


@small
def rules_thumbnail(table: pd.DataFrame) -> Figure:
    """Share of the problems that each simple rule solves, as bars.

    Parameters
    ----------
    table : DataFrame
        The columns name and value, a row for each rule, the first at the top.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.
    """
    axis = _axes()
    height = np.arange(len(table))
    axis.barh(height, [1.0] * len(table), color=GREY, alpha=0.18)
    axis.barh(height, table.value, color=BLUE)
    axis.set_yticks(height, list(table.name))
    axis.tick_params(axis="y", length=0)
    axis.invert_yaxis()
    axis.set(xlabel="problems solved", xlim=(0, 1))
    axis.xaxis.set_major_locator(FixedLocator([0.0, 0.5, 1.0]))
    axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    axis.grid(False)
    return axis.figure  # type: ignore[return-value]


def _axes() -> Axes:
    """Return the axes of a new thumbnail."""
    layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02)
    return Figure(figsize=THUMBNAIL_SIZE, layout=layout).subplots()


def _decades(low: float, high: float) -> list[float]:
    """Return two or three round numbers between two positive limits."""
    steps = (1.0, 2.0, 5.0)
    first, last = int(np.floor(np.log10(low))), int(np.ceil(np.log10(high)))
    powers = [10.0**power for power in range(first, last + 1) if low <= 10.0**power <= high]
    if len(powers) >= 2:
        return powers[:: max(1, (len(powers) + 1) // 3)]
    every = [s * 10.0**power for power in range(first, last + 1) for s in steps]
    inside = [value for value in every if low <= value <= high]
    return inside[:: max(1, (len(inside) + 1) // 3)] or [low]
