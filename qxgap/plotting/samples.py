"""Figures that compare reads with predictions: of one problem, and of a table of many."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from .levels import label_levels
from .marks import instances_of
from .style import BLUE, GREY, INK, legend_below, panels, scatter, series_styles, spread, styled

SHOWN_SHARE = 0.999
"""The lowest levels that together have this share of the reads are drawn, and one more."""

MAX_LEVELS = 30
"""Largest number of levels that are drawn."""

REFERENCE_STYLES: dict[str, dict[str, str]] = {
    "uniform guess": {"color": INK, "linestyle": ":"},
    "classical Gibbs, fitted": {"color": INK, "linestyle": "--"},
}
"""Laws that predict nothing are drawn as lines without markers."""


@styled
def level_histogram(
    counts: NDArray[np.int64],
    energies: NDArray[np.float64],
    laws: Mapping[str, NDArray[np.float64]],
    ax: Axes | None = None,
) -> Figure:
    """Share of the reads on each energy level as bars, and the laws of models as markers.

    Parameters
    ----------
    counts : ndarray of int, shape (k,)
        Number of reads on each level.
    energies : ndarray of float, shape (k,)
        Energies of the levels above the lowest one, ascending.
    laws : dict of str to ndarray of float, shape (k,)
        Name of each model and its probabilities of the levels.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> counts, energies = np.array([90, 10]), np.array([0.0, 0.4])
    >>> figure = qx.plotting.level_histogram(counts, energies, {"Gibbs": np.array([0.8, 0.2])})
    >>> [text.get_text() for text in figure.legends[0].texts]
    ['Gibbs', '100 reads']
    """
    reads = int(counts.sum())
    share = counts / reads
    number = min(MAX_LEVELS, int(np.searchsorted(np.cumsum(share), SHOWN_SHARE)) + 2, counts.size)
    figure, ((axis,),) = panels(1, 1, 7.4, 4.4, ax)
    level = np.arange(number)
    axis.bar(level, share[:number], color=GREY, alpha=0.4, width=0.85, label=f"{reads} reads")
    references = {name: style for name, style in REFERENCE_STYLES.items() if name in laws}
    models = series_styles([name for name in laws if name not in references])
    for name, style in (models | references).items():
        values = np.where(laws[name][:number] > 0, laws[name][:number], np.nan)
        axis.plot(level, values, **style, markersize=4, linewidth=0.9, label=name)
    axis.set_yscale("log")
    axis.set_ylim(0.3 / reads, 1.6)
    axis.axhline(1 / reads, color=INK, linestyle=":", linewidth=0.8)
    axis.annotate("one read", (number - 0.6, 1 / reads), ha="right", va="bottom", fontsize=8)
    shown = np.unique(np.linspace(0, number - 1, min(number, 8)).round().astype(int))
    axis.set_xticks(shown, [f"{energies[i]:.3g}" for i in shown])
    axis.set(xlabel="energy of the level above the ground level", ylabel="share of the reads")
    legend_below(axis, 3)
    return figure


@styled
def reads_against_prediction(
    energies: ArrayLike,
    counts: ArrayLike,
    predicted: ArrayLike,
    intervals: ArrayLike,
    ax: Axes | None = None,
) -> Figure:
    """Share of the reads on each energy level with its interval, beside the predicted share.

    Parameters
    ----------
    energies : array_like of float, shape (k,)
        Energies of the levels above the lowest one, ascending.
    counts : array_like of int, shape (k,)
        Number of reads on each level.
    predicted : array_like of float, shape (k,)
        Predicted probability of each level.
    intervals : array_like of float, shape (k, 2)
        Interval (low, high) of the share of the reads.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.reads_against_prediction(
    ...     [0.0, 0.4], [90, 10], [0.8, 0.2], [[0.82, 0.95], [0.05, 0.18]]
    ... )
    >>> figure.axes[0].get_ylabel()
    'share of the reads'
    """
    reads, law = np.asarray(counts, dtype=float), np.asarray(predicted, dtype=float)
    share = reads / reads.sum()
    both = np.maximum(share, law)
    number = min(MAX_LEVELS, int(np.searchsorted(np.cumsum(both), SHOWN_SHARE)) + 1, both.size)
    figure, ((axis,),) = panels(1, 1, 6.0, 4.0, ax)
    level = np.arange(number)
    bounds = np.asarray(intervals, dtype=float)[:number]
    error = np.abs(bounds.T - share[:number])
    axis.bar(level, share[:number], color=GREY, alpha=0.45, width=0.8, label="reads")
    axis.errorbar(
        level,
        share[:number],
        yerr=error,
        color=INK,
        linestyle="none",
        capsize=3,
        linewidth=1,
        label="interval of the reads",
    )
    axis.plot(level, law[:number], "D", color=BLUE, markersize=6, label="prediction")
    label_levels(axis, np.asarray(energies, dtype=float)[:number])
    axis.set(xlabel="energy of the level above the lowest", ylabel="share of the reads")
    axis.set_ylim(0, None)
    axis.grid(False, axis="x")
    legend_below(axis, 3)
    return figure


@styled
def reads_on_known_levels(
    energies: ArrayLike,
    counts: ArrayLike,
    num_higher: int,
    predicted: Mapping[str, float],
    interval: tuple[float, float],
    ax: Axes | None = None,
) -> Figure:
    """Share of the reads on each known level and above them, beside predicted shares of the lowest.

    Parameters
    ----------
    energies : array_like of float, shape (k,)
        Energies of the known levels above the lowest one, ascending.
    counts : array_like of int, shape (k,)
        Number of reads on each level.
    num_higher : int
        Number of reads above all known levels.
    predicted : dict of str to float
        Name of each model, and the share of the lowest level that it predicts.
    interval : tuple of float
        Interval (low, high) of the share of the lowest level.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.reads_on_known_levels(
    ...     [0.0, 0.4], [60, 30], 10, {"independent qubits": 0.5}, (0.5, 0.7)
    ... )
    >>> [text.get_text() for text in figure.axes[0].get_xticklabels()]
    ['0', '0.4', 'higher']
    """
    reads, levels = np.asarray(counts, dtype=float), np.asarray(energies, dtype=float)
    number = min(MAX_LEVELS, int(np.max(np.flatnonzero(reads), initial=0)) + 1)
    total = reads.sum() + num_higher
    higher = num_higher + reads[number:].sum()
    shares = np.append(reads[:number], higher) / total
    figure, ((axis,),) = panels(1, 1, 6.4, 4.0, ax)
    axis.bar(np.arange(number + 1), shares, color=GREY, alpha=0.45, width=0.8, label="reads")
    low, high = interval
    axis.errorbar(
        [0],
        [shares[0]],
        yerr=[[max(shares[0] - low, 0.0)], [max(high - shares[0], 0.0)]],
        color=INK,
        capsize=3,
        linewidth=1,
        linestyle="none",
        label="interval of the lowest level",
    )
    places = spread(len(predicted), 0.3)
    for place, (name, style) in zip(places, series_styles(list(predicted)).items(), strict=True):
        dot = {**style, "linestyle": "none", "clip_on": False, "zorder": 3}
        axis.plot([place], [predicted[name]], **dot, label=f"prediction: {name}")
    last = max(number - 1 - number // 8, 0)  # room for the word below the bar of the others
    shown = np.unique(np.linspace(0, last, min(number, 7)).round().astype(int))
    names = [f"{levels[i]:.2g}" for i in shown]
    axis.set_xticks([*shown, number], [*names, "higher"])
    axis.set(xlabel="energy of the level above the lowest", ylabel="share of the reads")
    axis.set_ylim(0, None)
    axis.grid(False, axis="x")
    legend_below(axis, 2)
    return figure


@styled
def model_distances(table: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Distance of every model from the reads of one source, beside its mean by chance.

    Parameters
    ----------
    table : DataFrame
        The columns model, tv, tv_low, tv_high, tv_by_chance and acceptable, with the nearest model
        first.
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
    >>> distances = {"model": ["Gibbs", "uniform guess"], "tv": [0.04, 0.6]}
    >>> table = pd.DataFrame(distances).assign(tv_low=[0.02, 0.5], tv_high=[0.07, 0.7])
    >>> table = table.assign(tv_by_chance=0.03, acceptable=[True, False])
    >>> figure = qx.plotting.model_distances(table)
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['Gibbs', 'uniform guess']
    """
    figure, ((axis,),) = panels(1, 1, 6.4, 1.2 + 0.36 * len(table), ax)
    height = np.arange(len(table))
    for accepted, style in series_styles([True, False]).items():
        rows = (table.acceptable == accepted).to_numpy()
        if not rows.any():
            continue
        part = table[rows]
        low = np.minimum(part.tv_low, part.tv)
        high = np.maximum(part.tv_high, part.tv)
        axis.errorbar(
            part.tv,
            height[rows],
            xerr=(part.tv - low, high - part.tv),
            **style,
            linestyle="none",
            capsize=3,
            label="acceptable" if accepted else "rejected",
        )
    axis.plot(table.tv_by_chance, height, "|", color=INK, markersize=13, label="by chance alone")
    axis.set_yticks(height, list(table.model))
    axis.set(xlabel="total variation from the reads, over energy levels", xlim=(-0.01, 1.02))
    axis.invert_yaxis()
    legend_below(axis)
    return figure


@styled
def prediction_errors(table: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Ground-state share of the reads minus the predicted one, a line of dots for each model.

    Parameters
    ----------
    table : DataFrame
        The columns sampler, model, predicted and ground_probability, a row for each instance.
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
    >>> reads = {"sampler": "sa", "model": "Gibbs", "predicted": [0.8, 0.5]}
    >>> table = pd.DataFrame(reads).assign(ground_probability=[0.7, 0.6])
    >>> figure = qx.plotting.prediction_errors(table)
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['sa: Gibbs']
    """
    names = table.sampler.astype(str) + ": " + table.model.astype(str)
    lines = list(dict.fromkeys(names))
    figure, ((axis,),) = panels(1, 1, 7.2, 1.5 + 0.4 * len(lines), ax)
    height = names.map({name: number for number, name in enumerate(lines)})
    difference = table.ground_probability.astype(float) - table.predicted.astype(float)
    for sampler, style in series_styles(table.sampler).items():
        rows = table.sampler == sampler
        shift = spread(int(rows.sum()), 0.3)
        dots = {**style, "alpha": 0.35, **instances_of(table[rows])}
        scatter(axis, difference[rows], height[rows] + shift, **dots)
    groups = difference.groupby(height)
    middle, low, high = groups.median(), groups.quantile(0.25), groups.quantile(0.75)
    axis.errorbar(
        middle,
        middle.index,
        xerr=(middle - low, high - middle),
        color=INK,
        marker="D",
        markersize=5,
        linestyle="none",
        capsize=4,
        label="median, quartiles",
    )
    axis.axvline(0.0, color=INK, linestyle="--", linewidth=1, label="the prediction")
    axis.set_yticks(range(len(lines)), lines)
    axis.set(xlabel="ground-state share, read minus predicted", xlim=(-1.05, 1.05))
    axis.invert_yaxis()
    legend_below(axis)
    return figure


@styled
def model_ranking(table: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Median distance of every model from the reads of a study, beside its mean by chance.

    Parameters
    ----------
    table : DataFrame
        The columns sampler, model, distance, low, high and by_chance; the bounds low and high are
        NaN where no interval is known.
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
    >>> distances = {"sampler": "sa", "model": ["Gibbs", "uniform guess"], "distance": [0.04, 0.6]}
    >>> table = pd.DataFrame(distances).assign(low=[0.02, 0.5], high=[0.07, 0.7], by_chance=0.03)
    >>> figure = qx.plotting.model_ranking(table)
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['sa: Gibbs', 'sa: uniform guess']
    """
    names = [f"{row.sampler}: {row.model}" for row in table.itertuples()]
    figure, ((axis,),) = panels(1, 1, 7.2, 1.3 + 0.36 * len(names), ax)
    height = np.arange(len(names))
    for sampler, style in series_styles(table.sampler).items():
        rows = (table.sampler == sampler).to_numpy()
        part = table[rows]
        bars = (part.distance - part.low, part.high - part.distance)
        axis.errorbar(part.distance, height[rows], xerr=bars, **style, linestyle="none", capsize=3)
    axis.plot(table.by_chance, height, "|", color=INK, markersize=14, label="by chance alone")
    axis.set_yticks(height, names)
    axis.set(xlabel="total variation, median", xlim=(0, 1.02))
    axis.invert_yaxis()
    legend_below(axis)
    return figure


@styled
def reverse_shares(
    targets: ArrayLike,
    shares: ArrayLike,
    laws: Mapping[str, ArrayLike],
    ax: Axes | None = None,
) -> Figure:
    """Share of the spins that kept their state in reverse anneals, with the laws of theory.

    Parameters
    ----------
    targets : array_like of float, shape (n,)
        The smallest control bias of each anneal.
    shares : array_like of float, shape (n,)
        The share of the spins that were read as they began.
    laws : dict of str to array_like of float, shape (n,)
        Name of each law and the shares that it predicts.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.reverse_shares([0.3, 0.4], [0.6, 0.9], {"theory": [0.5, 1.0]})
    >>> [text.get_text() for text in figure.legends[0].texts]
    ['reads', 'theory']
    """
    figure, ((axis,),) = panels(1, 1, 9.0, 3.6, ax)
    x = np.asarray(targets, dtype=np.float64)
    order = np.argsort(x)
    axis.plot(x, shares, ".", color=INK, markersize=4, label="reads")
    for (name, values), style in zip(laws.items(), series_styles(list(laws)).values(), strict=True):
        line = {"color": style["color"], "linestyle": style.get("linestyle", "-")}
        axis.plot(x[order], np.asarray(values)[order], **line, linewidth=1.0, label=name)
    axis.set_ylim(-0.03, 1.05)
    axis.set(
        xlabel="target: the smallest control bias c that the anneal reaches",
        ylabel="share of spins as they began",
    )
    legend_below(axis, 3)
    return figure
