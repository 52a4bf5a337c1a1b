"""Figures of single results: bars by name, values of groups, success and time against tau."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from .levels import caption
from .style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    PanelAxes,
    legend_below,
    logarithmic,
    panels,
    styled,
    whole_numbers,
)

MAX_NAMES = 40
"""Largest number of names that are written below bars."""

REFERENCES = ({"linestyle": "--", "color": PURPLE}, {"linestyle": ":", "color": GREY})


@styled
def bars(
    names: Sequence[Any],
    values: ArrayLike,
    xlabel: str,
    ylabel: str,
    *,
    reference: float | None = None,
    reference_name: str = "",
    highlighted: Collection[int] | None = None,
    highlighted_name: str = "",
    ax: Axes | None = None,
) -> Figure:
    """One bar for each name, such as the length of each chain.

    Parameters
    ----------
    names : sequence, length n
        Names below the bars; more than 40 are left out.
    values : array_like of float, shape (n,)
        Heights of the bars.
    xlabel, ylabel : str
        Names of the axes, with their units.
    reference : float, optional
        Height of a dashed line.
    reference_name : str, optional
        Meaning of that line.
    highlighted : collection of int, optional
        Numbers of the bars that are drawn in another color.
    highlighted_name : str, optional
        Meaning of that color.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.bars(["a", "b"], [3, 5], "variable", "qubits in its chain")
    >>> len(figure.axes[0].patches)
    2
    """
    heights = np.asarray(values, dtype=float)
    marked = set(highlighted or ())
    figure, ((axis,),) = panels(1, 1, 6.0, 3.6, ax)
    for chosen, color, name in ((False, GREY, ""), (True, ORANGE, highlighted_name)):
        at = [i for i in range(heights.size) if (i in marked) is chosen]
        if at:
            axis.bar(at, heights[at], color=color, alpha=0.8, label=name or "_nolegend_")
    if reference is not None:
        axis.axhline(reference, color=INK, linestyle="--", linewidth=1.2, label=reference_name)
    if heights.size <= MAX_NAMES:
        long = max((len(str(name)) for name in names), default=0) * heights.size > 60
        axis.set_xticks(range(heights.size), [str(name) for name in names])
        axis.tick_params(axis="x", rotation=90 if long else 0, labelsize=8)
    else:
        axis.set_xticks([])
    if np.array_equal(heights, np.round(heights)):
        axis.yaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set(xlabel=xlabel, ylabel=ylabel)
    axis.grid(False, axis="x")
    legend_below(axis, 2)
    return figure


@styled
def group_values(
    names: Sequence[Any],
    values: ArrayLike,
    pooled: float,
    interval: tuple[float, float],
    xlabel: str,
    ylabel: str,
    *,
    outliers: Collection[int] = (),
    ax: Axes | None = None,
) -> Figure:
    """One value for each group of reads, with the common value and its interval as a band.

    Parameters
    ----------
    names : sequence, length n
        Names of the groups; more than 40 are left out.
    values : array_like of float, shape (n,)
        Value of each group.
    pooled : float
        Value of all groups together.
    interval : tuple of float
        Its interval (low, high).
    xlabel, ylabel : str
        Names of the axes.
    outliers : collection of int, optional
        Numbers of the groups that are far from the others.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.group_values([1, 2], [0.7, 0.9], 0.8, (0.6, 0.95), "run", "share")
    >>> figure.axes[0].get_xlabel()
    'run'
    """
    heights = np.asarray(values, dtype=float)
    at = np.arange(heights.size)
    apart = np.isin(at, list(outliers))
    figure, ((axis,),) = panels(1, 1, 6.0, 3.8, ax)
    label = f"interval of all together, {interval[0]:.2g} to {interval[1]:.2g}"
    axis.axhspan(*interval, color=GREEN, alpha=0.25, linewidth=0, label=label)
    axis.axhline(pooled, color=GREEN, linewidth=1.6, label=f"all together, {pooled:.2g}")
    axis.plot(at[~apart], heights[~apart], "o", color=BLUE, markersize=5, label=f"each {xlabel}")
    if apart.any():
        axis.plot(at[apart], heights[apart], "X", color=RED, markersize=7, label="far from others")
    if heights.size <= MAX_NAMES:
        axis.set_xticks(at, [str(name) for name in names])
        axis.tick_params(axis="x", rotation=90 if heights.size > 12 else 0, labelsize=8)
    else:
        axis.set_xticks([])
    axis.set(xlabel=xlabel, ylabel=ylabel)
    axis.margins(x=0.03)
    legend_below(axis, 2)
    return figure


@styled
def success_against_time(
    taus: ArrayLike,
    success: ArrayLike,
    errors: ArrayLike,
    references: Mapping[str, ArrayLike] | None = None,
    *,
    best: int | None = None,
    unit: str = "",
    ylabel: str = "success probability",
    ax: Axes | None = None,
) -> Figure:
    """Success probability against the anneal time, beside those of simpler models.

    Parameters
    ----------
    taus : array_like of float, shape (n,)
        Anneal times, ascending.
    success : array_like of float, shape (n,)
        Success probability at each.
    errors : array_like of float, shape (n,)
        Its estimated error, for error bars.
    references : dict of str to array_like of float, shape (n,), optional
        Name of each other law, such as a random guess, and its success probabilities.
    best : int, optional
        Number of the anneal time that is marked as the best.
    unit : str, optional
        Unit of the anneal times; empty if they are dimensionless.
    ylabel : str, optional
        What the probability is of.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.success_against_time(
    ...     [1, 5, 20], [0.3, 0.6, 0.9], [0, 0, 0], {"random guess": [0.25] * 3}, best=1
    ... )
    >>> figure.axes[0].get_ylabel()
    'success probability'
    """
    times, values = np.asarray(taus, dtype=float), np.asarray(success, dtype=float)
    figure, ((axis,),) = panels(1, 1, 6.0, 4.0, ax)
    bar = np.asarray(errors, dtype=float)
    options: Any = {"color": BLUE, "marker": "o", "markersize": 5, "capsize": 3}
    axis.errorbar(times, values, bar, **options, label="this anneal")
    for i, (name, law) in enumerate((references or {}).items()):
        axis.plot(times, np.asarray(law, dtype=float), **REFERENCES[i % 2], label=name)
    if best is not None:
        label = f"shortest time to a solution: tau = {times[best]:g}"
        ring: Any = {"markersize": 12, "markerfacecolor": "none", "markeredgewidth": 1.8}
        axis.plot(times[best], values[best], "o", color=RED, **ring, linestyle="", label=label)
    if times.size > 1 and times.min() > 0 and times.max() > 8 * times.min():
        logarithmic(axis, "x")
    axis.set(xlabel=f"anneal time tau{unit and f' in {unit}'}", ylabel=ylabel)
    axis.set_ylim(0, None)
    legend_below(axis, 2)
    return figure


@styled
def time_against_tau(
    taus: ArrayLike,
    times: ArrayLike,
    best: float,
    interval: tuple[float, float],
    confidence: float = 0.99,
    solution: str = "a solution",
    ax: Axes | None = None,
) -> Figure:
    """Time to solution against the anneal time of a single run, with its smallest value.

    Parameters
    ----------
    taus : array_like of float, shape (n,)
        Anneal times, ascending.
    times : array_like of float, shape (n,)
        Time to solution at each; infinite ones are not drawn.
    best : float
        Anneal time of the smallest.
    interval : tuple of float
        Lower and upper bound of the smallest time.
    confidence : float, optional
        Probability with which a solution has been read by then.
    solution : str, optional
        What counts as a solution.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.time_against_tau([1, 5, 20], [90, 40, 60], 5, (39, 41))
    >>> figure.axes[0].get_xlabel()
    'anneal time tau of one run'
    """
    tau, time = np.asarray(taus, dtype=float), np.asarray(times, dtype=float)
    drawn = np.isfinite(time)
    figure, ((axis,),) = panels(1, 1, 6.0, 3.8, ax)
    axis.plot(tau[drawn], time[drawn], color=BLUE, marker="o", markersize=5)
    if drawn.any():
        if np.all(np.isfinite(interval)) and interval[1] > interval[0]:
            low, high = interval
            label = f"bounds of the smallest, {low:.2g} to {high:.2g}"
            axis.axhspan(low, high, color=GREEN, alpha=0.3, linewidth=0, label=label)
        axis.axvline(best, color=RED, linestyle="--", linewidth=1.2, label=f"best: tau = {best:g}")
        logarithmic(axis)
    axis.set(xlabel="anneal time tau of one run", ylabel=f"time to {solution} ({confidence:.0%})")
    legend_below(axis, 2)
    return figure


@styled
def selection_matrix(
    labels: Sequence[Any],
    selections: Mapping[str, Collection[Any]],
    excess: Sequence[float],
    ax: PanelAxes = None,
) -> Figure:
    """Which variables each rule selects, as dots, and how far its energy is above the best one.

    Parameters
    ----------
    labels : sequence, length d
        The variables, in the order of the columns.
    selections : dict of str to collection
        Name of each rule and the labels that it selects.
    excess : sequence of float
        Energy of each selection above the lowest one.
    ax : sequence of two Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> chosen = {"exact": [3, 8], "top-k": [3, 5]}
    >>> figure = qx.plotting.selection_matrix([3, 5, 8], chosen, [0.0, 0.4])
    >>> [axis.get_xlabel() for axis in figure.axes]
    ['variable', 'energy above the best']
    """
    position = {label: i for i, label in enumerate(labels)}
    rules = list(selections)
    height = 1.3 + 0.34 * len(rules)
    options = {"width_ratios": [2.2, 1.0]} if ax is None else {}
    figure, ((dots, energies),) = panels(1, 2, 3.9, height, ax, sharey=True, **options)
    for row, chosen in enumerate(selections.values()):
        at = [position[label] for label in chosen]
        rest = sorted(set(range(len(labels))) - set(at))
        dots.plot(rest, [row] * len(rest), "o", color=GREY, markersize=2, alpha=0.6)
        dots.plot(at, [row] * len(at), "o", color=BLUE, markersize=6)
        energies.barh(row, excess[row], color=ORANGE, height=0.6)
        text = "lowest" if excess[row] <= 0 else f"+{excess[row]:.2g}"
        energies.annotate(f" {text}", (max(excess[row], 0), row), va="center", fontsize=8)
    if len(labels) <= MAX_NAMES:
        dots.set_xticks(range(len(labels)), [str(label) for label in labels])
        dots.tick_params(axis="x", rotation=90, labelsize=7)
    else:
        dots.set_xticks([])
    dots.set_yticks(range(len(rules)), [f"{rule} ({len(selections[rule])})" for rule in rules])
    dots.set(xlabel="variable", xlim=(-0.7, len(labels) - 0.3))
    energies.set(xlabel="energy above the best", xlim=(0, 1.35 * max([*excess, 1e-12])))
    dots.invert_yaxis()
    dots.grid(False, axis="y")
    return figure


@styled
def reads_needed(
    reads: float,
    interval: tuple[float, float],
    confidence: float,
    *,
    source: str = "the measured share of solutions",
    solution: str = "a solution",
    ax: Axes | None = None,
) -> Figure:
    """Probability that a solution has been read, against the number of reads.

    Parameters
    ----------
    reads : float
        Number of reads after which the probability is ``confidence``; inf if it is not known.
    interval : tuple of float
        Lower and upper bound of this number.
    confidence : float
        The probability that is wanted.
    source : str, optional
        From what the number follows, for the legend.
    solution : str, optional
        What counts as a solution.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.reads_needed(40, (30, 60), 0.99)
    >>> figure.axes[0].get_xlabel()
    'number of reads'
    """
    figure, ((axis,),) = panels(1, 1, 6.0, 3.8, ax)
    known = [number for number in (*interval, reads) if np.isfinite(number)]
    number = np.linspace(0, 1.5 * max([*known, 2.0]), 200)
    fast, slow = (1 - (1 - confidence) ** (number / bound) for bound in interval)
    if interval[0] < interval[1]:
        axis.fill_between(number, slow, fast, color=BLUE, alpha=0.2, linewidth=0, label="interval")
    if np.isfinite(reads):
        likely = 1 - (1 - confidence) ** (number / reads)
        axis.plot(number, likely, color=BLUE, label=f"from {source}")
        axis.axvline(reads, color=RED, linestyle=":", label=f"{reads:.3g} reads")
    axis.axhline(confidence, color=INK, linestyle="--", linewidth=1, label=f"{confidence:.0%}")
    axis.set(xlabel="number of reads", ylabel=f"probability of {solution}", ylim=(0, 1.03))
    whole_numbers(axis, number[-1])
    legend_below(axis, 2)
    return figure


@styled
def two_gaps(
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    unit: str,
    thermal: float | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Gaps along several anneals of one problem, with the energy of heat beside them.

    Parameters
    ----------
    curves : dict of str to (array_like of float, array_like of float)
        Name of each anneal, its anneal fractions, and the gaps there.
    unit : str
        Unit of the gaps.
    thermal : float, optional
        Thermal energy of the qubits in that unit.
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
    >>> curves = {"with chains": ([0, 1], [4.0, 0.2]), "without chains": ([0, 1], [4.0, 0.5])}
    >>> figure = qx.plotting.two_gaps(curves, "GHz", thermal=0.3)
    >>> figure.axes[0].get_ylabel()
    'gap in GHz'
    """
    figure, ((axis,),) = panels(1, 1, 6.0, 4.0, ax)
    for (name, (s, gaps)), color in zip(curves.items(), (BLUE, ORANGE, GREEN), strict=False):
        axis.plot(s, gaps, color=color, marker=".", label=name)
    if thermal is not None:
        label = f"thermal energy of the qubits, {thermal:.2g} {unit}"
        axis.axhline(thermal, color=RED, linestyle="--", linewidth=1.2, label=label)
    axis.set(xlabel="anneal fraction s", ylabel=f"gap in {unit}")
    caption(axis, title)
    logarithmic(axis, "y")
    legend_below(axis, 2)
    return figure
