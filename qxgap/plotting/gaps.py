"""Figures of minimum gaps: against the number of qubits d and the classical gap, and in s.

Every table has a row for each instance and setting (driver and schedule), with the columns setting,
instance, num_qubits, gap, classical_gap, s_star, interior_gap and interior_s. Gaps that are not
known are NaN. A table may say which gaps are ``estimated``, and give the ends ``low`` and ``high``
of their intervals; these have another marker, and error bars.
"""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .marks import instances_of
from .style import (
    GREY,
    INK,
    RED,
    PanelAxes,
    diagonal,
    legend_below,
    logarithmic,
    panels,
    quartiles,
    scatter,
    series_styles,
    spread,
    styled,
    whole_numbers,
)

GAP = "minimum gap"
HARDEST = 5
"""Number of instances that are ringed in the figure of the gap against d."""
LINES = ("-", "--", "-.")
"""Line styles of the cumulative curves, which repeat after three."""


@styled
def gap_histogram(table: pd.DataFrame, unit: str = "", ax: Axes | None = None) -> Figure:
    """Histogram of minimum gaps, with cumulative curves for all settings and the classical gap.

    Parameters
    ----------
    table : DataFrame
        The columns setting, gap and classical_gap; the bars are those of the first setting.
    unit : str, optional
        Unit of the gaps; empty if they are dimensionless.
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
    >>> gaps = {"setting": "paper", "gap": [0.3, 0.8], "classical_gap": [0.3, 0.9]}
    >>> figure = qx.plotting.gap_histogram(pd.DataFrame(gaps), unit="GHz")
    >>> figure.axes[0].get_xlabel()
    'minimum gap (GHz)'
    """
    _, ((counts,),) = panels(1, 1, 5.6, 4.0, ax)
    shares = counts.twinx()
    styles = series_styles(table.setting)
    first = table[table.setting == next(iter(styles))]
    top = max(float(table[["gap", "classical_gap"]].max().max()), 1e-12) * 1.02
    counts.hist(first.gap, bins=np.linspace(0.0, top, 21), color=GREY, alpha=0.35)
    for (name, style), line in zip(styles.items(), cycle(LINES), strict=False):
        gaps = table.gap[table.setting == name].dropna()
        if len(gaps):
            shares.ecdf(gaps, color=style["color"], linestyle=line, linewidth=1.8, label=name)
    shares.ecdf(first.classical_gap, color=INK, linestyle=":", linewidth=1.4, label="classical gap")
    counts.set(xlabel=_with_unit(GAP, unit), ylabel="instances (bars, first driver)", xlim=(0, top))
    counts.yaxis.set_major_locator(MaxNLocator(integer=True))
    shares.set(ylabel="share with a smaller gap (lines)", ylim=(0, 1.02))
    shares.yaxis.set_major_formatter(PercentFormatter(1.0))
    shares.spines["right"].set_visible(True)
    legend_below(shares, 2)
    return counts.figure


@styled
def gap_by_size(table: pd.DataFrame, unit: str = "", ax: PanelAxes = None) -> Figure:
    """Minimum gap against d: every instance, medians with quartile bars, the smallest gaps ringed.

    Parameters
    ----------
    table : DataFrame
        The columns setting, num_qubits, gap and classical_gap; there is a panel for each setting.
    unit : str, optional
        Unit of the gaps; empty if they are dimensionless.
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
    >>> gaps = {"num_qubits": [3, 3, 4], "gap": [0.5, 0.7, 0.2], "classical_gap": [0.5, 0.9, 0.3]}
    >>> table = pd.DataFrame(gaps).assign(setting="paper")
    >>> figure = qx.plotting.gap_by_size(table)
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('qubits d', 'minimum gap (dimensionless)')
    """
    styles = series_styles(table.setting)
    width = 5.2 if len(styles) == 1 else 4.4
    figure, (axes,) = panels(1, len(styles), width, 4.2, ax, sharey=True)
    for axis, (name, style) in zip(axes, styles.items(), strict=True):
        part = table[(table.setting == name) & (table.gap > 0)]
        positions = part.num_qubits + spread(len(part))
        dots = {"color": style["color"], "alpha": 0.4}
        _dots(axis, part, positions, part.gap, bars="y", **dots)
        quartiles(axis, part, "num_qubits", "gap", color=INK, marker="D", label="median, quartiles")
        classical = part.groupby("num_qubits").classical_gap.median()
        axis.plot(classical, color=GREY, linestyle=":", label="classical gap, median")
        hardest = part.nsmallest(HARDEST, "gap")
        axis.scatter(
            positions.loc[hardest.index],
            hardest.gap,
            s=70,
            facecolors="none",
            edgecolors=RED,
            linewidths=1.4,
            label=f"the {len(hardest)} hardest",
        )
        axis.set(title=name, xlabel="qubits d")
        logarithmic(axis, "y")
        whole_numbers(axis)
    axes[0].set_ylabel(_with_unit(GAP, unit))
    legend_below(axes[0])
    return figure


@styled
def gap_against_classical(table: pd.DataFrame, unit: str = "", ax: Axes | None = None) -> Figure:
    """Minimum gap against the classical gap; the two are equal on the line.

    Parameters
    ----------
    table : DataFrame
        The columns setting, gap and classical_gap.
    unit : str, optional
        Unit of the gaps; empty if they are dimensionless.
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
    >>> gaps = {"setting": "paper", "gap": [0.3, 0.8], "classical_gap": [0.3, 0.9]}
    >>> figure = qx.plotting.gap_against_classical(pd.DataFrame(gaps))
    >>> figure.axes[0].get_xlabel()
    'classical gap (dimensionless)'
    """
    figure, ((axis,),) = panels(1, 1, 5.2, 4.4, ax)
    for name, style in series_styles(table.setting).items():
        part = table[(table.setting == name) & (table.gap > 0)]
        _dots(axis, part, part.classical_gap, part.gap, bars="y", **style, label=name)
    logarithmic(axis)
    diagonal(axis)
    axis.set(xlabel=_with_unit("classical gap", unit), ylabel=_with_unit(GAP, unit))
    legend_below(axis, 2)
    return figure


@styled
def minimum_position(table: pd.DataFrame, unit: str = "", ax: PanelAxes = None) -> Figure:
    """Position of the minimum, s* = t_min / tau: against the gap, and as a histogram.

    Parameters
    ----------
    table : DataFrame
        The columns setting, gap and s_star.
    unit : str, optional
        Unit of the gaps; empty if they are dimensionless.
    ax : sequence of two Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> minima = {"setting": "paper", "gap": [0.3, 0.8], "s_star": [0.7, 1.0]}
    >>> figure = qx.plotting.minimum_position(pd.DataFrame(minima))
    >>> [axis.get_xlabel() for axis in figure.axes]
    ['minimum gap (dimensionless)', 'instances']
    """
    figure, ((scatter_axis, histogram_axis),) = panels(1, 2, 4.6, 3.9, ax, sharey=True)
    styles, bins = series_styles(table.setting), np.linspace(0, 1, 41)
    known = table.dropna(subset=["s_star"])
    for name, style in styles.items():
        part = known[known.setting == name]
        _dots(scatter_axis, part, part.gap, part.s_star, bars="x", **style, label=name)
    values = [known.s_star[known.setting == name] for name in styles]
    colors = [style["color"] for style in styles.values()]
    histogram_axis.hist(values, bins=bins, orientation="horizontal", color=colors)
    scatter_axis.set(xlabel=_with_unit(GAP, unit), ylabel="s* = t_min / tau", ylim=(0, 1.03))
    histogram_axis.set(xlabel="instances")
    whole_numbers(histogram_axis)
    legend_below(scatter_axis, 2)
    return figure


@styled
def interior_gaps(table: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Smallest minimum strictly inside the anneal, over the classical gap, against its s.

    Parameters
    ----------
    table : DataFrame
        The columns setting, classical_gap, interior_gap and interior_s; the last two are NaN where
        the gap has no minimum inside the anneal.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> from math import nan
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> minima = {"classical_gap": [0.5, 0.9], "interior_gap": [0.4, nan], "interior_s": [0.7, nan]}
    >>> table = pd.DataFrame(minima).assign(setting="paper")
    >>> figure = qx.plotting.interior_gaps(table)
    >>> figure.legends[0].texts[0].get_text()
    'paper: 1 of 2'
    """
    figure, ((axis,),) = panels(1, 1, 5.2, 3.8, ax)
    known = table[np.isfinite(table.interior_gap) & (table.classical_gap > 0)]
    for name, style in series_styles(table.setting).items():
        part = known[known.setting == name]
        label = f"{name}: {len(part)} of {(table.setting == name).sum()}"
        ratio = part.interior_gap / part.classical_gap
        _dots(axis, part, part.interior_s, ratio, **style, label=label)
    axis.axhline(1.0, color=INK, linestyle="--", linewidth=1, label="the classical gap")
    axis.set(xlabel="s of the interior minimum", ylabel="interior gap / classical gap")
    axis.xaxis.set_major_locator(MaxNLocator(4))  # minima close to s = 1 have long labels
    legend_below(axis, 1)
    return figure


@styled
def setting_comparison(
    tables: dict[str, pd.DataFrame], first: str, second: str, ax: PanelAxes = None
) -> Figure:
    """The same instances under two settings: a panel for each quantity, a dot for each instance.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Title of each panel, and a table with the columns first and second, both positive. Its
        column instance, if it has one, names the points in the SVG, and its column estimated
        says which have another marker.
    first, second : str
        Names of the two settings, for the axes.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each quantity; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> gaps = pd.DataFrame({"first": [0.3, 0.8], "second": [0.1, 0.25]})
    >>> figure = qx.plotting.setting_comparison({"minimum gap": gaps}, "paper", "authors' code")
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('paper', "authors' code")
    """
    figure, (axes,) = panels(1, len(tables), 3.8, 3.9, ax)
    styles = series_styles(list(tables)).values()
    for axis, (title, table), style in zip(axes, tables.items(), styles, strict=True):
        _dots(axis, table, table["first"], table["second"], **style)
        axis.set(title=title, xlabel=first)
        logarithmic(axis)
        diagonal(axis)
    axes[0].set_ylabel(second)
    return figure


def _dots(
    axis: Axes,
    table: pd.DataFrame,
    x: pd.Series,
    y: pd.Series,
    bars: str = "",
    label: str = "",
    **style: Any,
) -> None:
    """Draw a dot for each row; estimates are open squares, with bars in the direction ``bars``."""
    is_estimate = (
        table.estimated.astype(bool) if "estimated" in table else pd.Series(False, table.index)
    )
    exact = ~is_estimate
    if exact.any() or table.empty:
        own = {"label": label} if label else {}
        scatter(axis, x[exact], y[exact], **instances_of(table[exact]), **style, **own)
    if not is_estimate.any():
        return
    some = table[is_estimate]
    if bars:
        ends = np.maximum([some.gap - some.low, some.high - some.gap], 0.0)
        line: dict[str, Any] = {"color": style["color"], "linewidth": 1.0, "linestyle": "none"}
        line |= {f"{bars}err": ends, "zorder": 1}
        axis.errorbar(x[is_estimate], y[is_estimate], **line)
    square = {"marker": "s", "s": 24, "linewidths": 1.2, "edgecolors": style["color"]}
    square |= {"facecolors": to_rgba(style["color"], 0.15), "alpha": None}
    words = f"{label}, estimated" if label else "estimated"
    shown = instances_of(some)
    scatter(axis, x[is_estimate], y[is_estimate], **shown, **square, label=words)


def _with_unit(quantity: str, unit: str) -> str:
    return f"{quantity} ({unit or 'dimensionless'})"
