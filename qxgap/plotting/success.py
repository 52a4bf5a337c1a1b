"""Figures of success probabilities and of times to solution.

Every table has a row for each instance, setting (driver and schedule) and anneal time tau, with the
columns setting, num_qubits, tau, success_probability, null_product, random_guess, tts and
class_name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .marks import instances_of
from .style import (
    BLUE,
    GREY,
    INK,
    PanelAxes,
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

LINE_SPACING = 0.06
"""Smallest distance between the names of two lines, in heights of the panel."""


@styled
def success_by_size(table: pd.DataFrame, ax: PanelAxes = None) -> Figure:
    """Success against d for each tau: instances, medians with quartile bars, and two guesses.

    The guesses are independent qubits and a uniformly random state.

    Parameters
    ----------
    table : DataFrame
        The columns setting, num_qubits, tau, success_probability, null_product and random_guess.
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
    >>> success = {"num_qubits": [3, 4], "success_probability": [0.9, 0.6], "tau": 5.0}
    >>> table = pd.DataFrame(success).assign(setting="paper", null_product=0.4)
    >>> figure = qx.plotting.success_by_size(table.assign(random_guess=[1 / 8, 1 / 16]))
    >>> [text.get_text() for text in figure.legends[0].texts]
    ['independent qubits (null)', 'random guess', 'tau = 5']
    """
    settings = list(dict.fromkeys(table.setting))
    taus = series_styles(sorted(table.tau.unique()))
    width = 5.4 if len(settings) == 1 else 4.4
    figure, (axes,) = panels(1, len(settings), width, 4.3, ax, sharey=True)
    for axis, setting in zip(axes, settings, strict=True):
        part = table[table.setting == setting]
        _draw_success(axis, part, "num_qubits", taus)
        for tau, style in taus.items():
            null = part[part.tau == tau].groupby("num_qubits").null_product.median()
            axis.plot(null, color=style["color"], linestyle="--", linewidth=1.1)
        guess = part.groupby("num_qubits").random_guess.median()
        axis.plot(guess, color=GREY, linestyle=":")
        axis.set(title=setting, xlabel="qubits d")
        whole_numbers(axis)
    axes[0].plot([], [], color=INK, linestyle="--", label="independent qubits (null)")
    axes[0].plot([], [], color=GREY, linestyle=":", label="random guess")
    axes[0].set_ylabel("success probability")
    axes[0].set_ylim(top=1.5)
    legend_below(axes[0])
    return figure


@styled
def success_by_class(table: pd.DataFrame, ax: PanelAxes = None) -> Figure:
    """Success against the class that the network predicts: instances, medians, quartile bars.

    Parameters
    ----------
    table : DataFrame
        The columns setting, tau, success_probability and class_name; classes are drawn in the
        order of their names.
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
    >>> success = {"class_name": ["dog", "cat"], "success_probability": [0.9, 0.6], "tau": 5.0}
    >>> figure = qx.plotting.success_by_class(pd.DataFrame(success).assign(setting="paper"))
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['cat', 'dog']
    """
    settings = list(dict.fromkeys(table.setting))
    taus = series_styles(sorted(table.tau.unique()))
    classes = sorted(table.class_name.unique())
    position = table.class_name.map({name: i for i, name in enumerate(classes)})
    long = max(len(str(name)) for name in classes) > 2
    width = max(4.4, 0.28 * len(classes) + 1.5)
    figure, (axes,) = panels(1, len(settings), width, 4.3, ax, sharey=True)
    for axis, setting in zip(axes, settings, strict=True):
        rows = table.setting == setting
        part = table[rows].assign(position=position[rows])
        _draw_success(axis, part, "position", taus, line="none")
        axis.set(title=setting, xlabel="class", xticks=range(len(classes)))
        axis.set_xticklabels(classes, rotation=60 if long else 0, ha="right" if long else "center")
    axes[0].set_ylabel("success probability")
    axes[0].set_ylim(top=1.5)
    legend_below(axes[0])
    return figure


@styled
def schedule_gains(
    table: pd.DataFrame, schedules: Mapping[str, str], ax: PanelAxes = None
) -> Figure:
    """Success by each schedule against that of an even anneal, problem by problem.

    Parameters
    ----------
    table : DataFrame
        The columns tau, even_success, and ``NAME_success`` of each schedule.
    schedules : mapping of str to str
        The titles of the panels by the names of the schedules.
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each schedule; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> table = pd.DataFrame({"tau": [5.0, 5.0], "even_success": [0.4, 0.6]})
    >>> table = table.assign(local_success=[0.5, 0.8])
    >>> figure = qx.plotting.schedule_gains(table, {"local": "slow at the gap"})
    >>> figure.axes[0].get_title()
    'slow at the gap'
    """
    taus = series_styles(sorted(table.tau.unique()))
    figure, (axes,) = panels(1, len(schedules), 3.6, 3.6, ax, sharey=True)
    for axis, (name, title) in zip(axes, schedules.items(), strict=True):
        for tau, style in taus.items():
            rows = table[table.tau == tau].dropna(subset=[f"{name}_success"])
            dots = {"color": style["color"], "s": 12, "alpha": 0.6, **instances_of(rows)}
            scatter(axis, rows.even_success, rows[f"{name}_success"], **dots)
        axis.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1.1)
        axis.set(title=title, xlabel="success, even anneal", xlim=(0, 1), ylim=(0, 1))
    for tau, style in taus.items():
        axes[0].plot([], [], "o", color=style["color"], markersize=4, label=f"tau = {tau:g}")
    axes[0].set_ylabel("success, this schedule")
    legend_below(axes[0])
    return figure


def _draw_success(axis: Any, table: pd.DataFrame, by: str, taus: dict, line: str = "-") -> None:
    """Draw dots, and medians with quartile bars, for every tau side by side."""
    step = 0.5 / max(len(taus), 3)
    for i, (tau, style) in enumerate(taus.items()):
        rows = table[table.tau == tau]
        moved = rows.assign(**{by: rows[by] + step * (i - (len(taus) - 1) / 2)})
        seen = rows[rows.success_probability > 0]  # the axis is logarithmic
        if len(seen):
            x = moved[by][rows.success_probability > 0] + spread(len(seen), 0.8 * step)
            dots = {"color": style["color"], "s": 7, "alpha": 0.3, **instances_of(seen)}
            scatter(axis, x, seen.success_probability, **dots)
        if len(rows):
            options = {**style, "linestyle": line, "label": f"tau = {tau:g}"}
            quartiles(axis, moved, by, "success_probability", **options)
    logarithmic(axis, "y")


@styled
def time_to_solution(table: pd.DataFrame, ax: PanelAxes = None) -> Figure:
    """Median time to solution: above against tau for each d, below against d for each tau.

    The lower panels also show 2^d, the number of states that an enumeration visits. Infinite
    medians, where more than half of the instances never succeed, are not drawn.

    Parameters
    ----------
    table : DataFrame
        The columns setting, num_qubits, tau and tts.
    ax : sequence of Axes, optional
        Where to draw: the upper panel of each setting, then the lower ones; by default a new figure
        is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import pandas as pd
    >>> import qxgap as qx
    >>> times = {"num_qubits": [3, 3, 4, 4], "tau": [5, 20, 5, 20], "tts": [40, 60, 90, 80]}
    >>> figure = qx.plotting.time_to_solution(pd.DataFrame(times).assign(setting="paper"))
    >>> [axis.get_xlabel() for axis in figure.axes]
    ['tau', 'qubits d']
    """
    settings = list(dict.fromkeys(table.setting))
    width = 5.2 if len(settings) == 1 else 4.4
    figure, axes = panels(2, len(settings), width, 3.6, ax, sharey="row")
    all_medians = []
    for (upper, lower), setting in zip(axes.T, settings, strict=True):
        part = table[table.setting == setting]
        medians = part.pivot_table("tts", "num_qubits", "tau", aggfunc="median")
        medians = medians.where(np.isfinite(medians))
        all_medians.append(medians)
        for size, row in medians.iterrows():
            upper.plot(row.index, row, color=_size_color(medians, size), marker=".")
        for tau, style in series_styles(list(medians.columns)).items():
            lower.plot(medians[tau], **style, markersize=4, label=f"tau = {tau:g}")
        sizes = np.array(medians.index, dtype=float)
        lower.plot(sizes, 2.0**sizes, color=INK, linestyle=":", label="2^d states")
        upper.set(title=setting, xlabel="tau")
        logarithmic(upper)
        upper.set_xticks(list(medians.columns), [f"{tau:g}" for tau in medians.columns])
        upper.set_xticks([], minor=True)
        lower.set(xlabel="qubits d")
        logarithmic(lower, "y")
        whole_numbers(lower)
    for axis in axes[:, 0]:
        axis.set_ylabel("median time to solution")
    # the positions of the names depend on the limits of the axes, which are final only now
    for axis, medians in zip(axes[0], all_medians, strict=True):
        _name_lines(axis, medians)
    legend_below(axes[1][0], 4)
    return figure


def _size_color(medians: pd.DataFrame, size: Any) -> Any:
    """Return the color of the line of one size: the larger d, the lighter."""
    from matplotlib import colormaps

    share = list(medians.index).index(size) / max(len(medians) - 1, 1)
    return colormaps["viridis"](0.25 + 0.5 * share)


def _name_lines(axis: Any, medians: pd.DataFrame) -> None:
    """Write the d of every line to the right of its end, with enough distance to be read."""
    ends = {size: row.dropna().iloc[-1] for size, row in medians.iterrows() if row.notna().any()}
    if not ends:
        return
    scale = axis.transData + axis.transAxes.inverted()
    heights = {size: scale.transform((medians.columns[-1], end))[1] for size, end in ends.items()}
    order = sorted(heights, key=lambda size: heights[size])
    position = np.array([heights[size] for size in order])
    # From the lowest upwards, every name is moved up until it clears the one below it. Then all
    # are moved down together, so that on average they are as high as the ends of their lines, and
    # further if they would stand above the panel.
    for i in range(1, len(position)):
        position[i] = max(position[i], position[i - 1] + LINE_SPACING)
    position -= np.mean(position - [heights[size] for size in order])
    position -= max(position[-1] - 1.0, 0.0)
    for size, height in zip(order, position, strict=True):
        axis.text(
            1.01,
            height,
            f"d = {size}",
            transform=axis.transAxes,
            fontsize=7.5,
            va="center",
            color=_size_color(medians, size),
        )


@styled
def followed_anneal(
    s: ArrayLike,
    weight_left: ArrayLike,
    interval: tuple[float, float],
    success: float | None,
    followed_until: float,
    ax: Axes | None = None,
) -> Figure:
    """Draw how much of a state may have left the configurations that are followed.

    Parameters
    ----------
    s : array_like of float, shape (k,)
        Anneal fractions.
    weight_left : array_like of float, shape (k,)
        Bound of the weight that has left until then.
    interval : tuple of float
        Proven bounds of the success probability at the end.
    success : float or None
        The success probability; None if only the bounds are known.
    followed_until : float
        Anneal fraction until which the state is proven to be followed.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.followed_anneal([0, 0.5, 1], [0, 0.1, 0.2], (0.3, 0.6), 0.4, 1.0)
    >>> figure.axes[0].get_xlabel()
    'anneal fraction s'
    """
    figure, ((axis,),) = panels(1, 1, 5.6, 4.0, ax)
    axis.plot(s, weight_left, color=INK, label="weight that left, at most")
    low, high = interval
    line = {"color": BLUE, "linewidth": 3.0, "solid_capstyle": "butt", "clip_on": False}
    axis.plot([1.0, 1.0], [low, high], label="success probability, proven bounds", **line)
    if success is not None:
        axis.plot(1.0, success, "o", color=BLUE, clip_on=False, label="success probability")
    if followed_until < 1:
        axis.axvline(followed_until, color=GREY, linestyle=":")
        axis.axvspan(followed_until, 1.0, color=GREY, alpha=0.12, linewidth=0)
        axis.plot([], [], color=GREY, linestyle=":", label="the state is followed until here")
    axis.set(xlabel="anneal fraction s", ylabel="probability", xlim=(0, 1), ylim=(0, 1))
    legend_below(axis, columns=1)
    return figure
