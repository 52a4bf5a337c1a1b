"""Figures. Each function takes numbers and returns a matplotlib Figure; nothing is shown or saved.

Colours are those of Okabe and Ito, distinguishable with every common colour blindness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from numpy.typing import NDArray

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#5B5B5B"
CONVENTION_NAMES = {"paper": "driver weight 1 (paper)", "authors-code": "driver weight 1/d (code)"}


def gap_histogram(frame: pd.DataFrame) -> Figure:
    """Histogram of the minimum gap, and cumulative curves beside that of the classical gap.

    Parameters
    ----------
    frame : columns convention, gap, classical_gap; a row per instance and convention.
    """
    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    counts = figure.add_subplot()
    share = counts.twinx()
    paper = frame[frame.convention == "paper"]
    top = float(frame[["gap", "classical_gap"]].max().max())
    bins = np.linspace(0.0, top * 1.02, 21).tolist()
    counts.hist(paper.gap, bins=bins, color=BLUE, alpha=0.35, label="instances (paper driver)")
    curves = [
        ("paper driver", paper.gap, BLUE, "-"),
        ("1/d driver", frame[frame.convention == "authors-code"].gap, ORANGE, "-"),
        ("classical gap", paper.classical_gap, GREY, "--"),
    ]
    for label, values, colour, style in curves:
        share.ecdf(values, color=colour, linestyle=style, linewidth=1.8, label=label)
    counts.set(xlabel="minimum gap (dimensionless)", ylabel="instances", xlim=(0, top * 1.02))
    counts.yaxis.set_major_locator(MaxNLocator(integer=True))
    share.set(ylabel="share of instances with a smaller gap", ylim=(0, 1.02))
    share.yaxis.set_major_formatter(PercentFormatter(1.0))
    share.legend(loc="center right", frameon=False, title="cumulative share")
    counts.set_title("How hard: the minimum gap")
    return figure


def success_by_size(frame: pd.DataFrame) -> Figure:
    """Median success probability against d for each anneal time, with quartile bars.

    Beside it the median of the product null model (same colour, dashed) and a random guess.
    """
    figure = Figure(figsize=(9.6, 4.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (convention, title) in zip(axes, CONVENTION_NAMES.items(), strict=True):
        part = frame[frame.convention == convention]
        sizes = sorted(part.num_qubits.unique())
        for at, (tau, colour) in enumerate(zip(part.tau.iloc[0], (RED, BLUE, GREEN), strict=False)):
            success = [_column(part, d, "success_probability", at) for d in sizes]
            middle = np.array([np.median(values) for values in success])
            low, high = np.array([np.quantile(values, [0.25, 0.75]) for values in success]).T
            place = np.array(sizes) + 0.08 * (at - 1)
            bars, name = (middle - low, high - middle), f"tau = {tau:g}"
            axis.errorbar(place, middle, bars, color=colour, marker="o", capsize=3, label=name)
            null = [np.median(_column(part, d, "null_product", at)) for d in sizes]
            axis.plot(place, null, color=colour, linestyle="--", linewidth=1.1)
        axis.plot(sizes, 2.0 ** -np.array(sizes), color=GREY, linestyle=":")
        axis.set(title=title, xlabel="qubits d", yscale="log")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].set_ylabel("success probability")
    axes[0].plot([], [], color=GREY, linestyle="--", label="independent qubits (null model)")
    axes[0].plot([], [], color=GREY, linestyle=":", label="random guess")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    figure.suptitle("How likely: medians with quartile bars")
    return figure


def agreement(frame: pd.DataFrame) -> Figure:
    """Ground probability of simulated annealing against the predicted success probability."""
    figure = Figure(figsize=(5.4, 4.8), layout="constrained")
    axis = figure.add_subplot()
    for (convention, title), colour in zip(CONVENTION_NAMES.items(), (BLUE, ORANGE), strict=True):
        part = frame[frame.convention == convention]
        low, high = np.array(part.sa_ground_probability_interval.tolist()).T
        measured = part.sa_ground_probability.to_numpy()
        bars = np.maximum([measured - low, high - measured], 0.0)
        axis.errorbar(
            part.sa_predicted, measured, bars, fmt="o", markersize=4, color=colour, label=title
        )
    axis.axline((0, 0), slope=1, color=GREY, linestyle="--", linewidth=1)
    tau = frame.compared_at_tau.iloc[0]
    axis.set(
        xlim=(0, 1.02),
        ylim=(0, 1.02),
        xlabel=f"predicted success probability (Schrödinger, tau = {tau:g})",
        ylabel="ground-state share of simulated-annealing reads",
        title="Does simulated annealing agree?",
    )
    axis.legend(loc="lower right", frameon=False)
    return figure


def explanation_maps(
    images: Sequence[NDArray], rows: Mapping[str, Sequence[NDArray]], titles: Sequence[str]
) -> Figure:
    """Explanations over their images: a column per image, the image itself and then a row each.

    Parameters
    ----------
    images : n of shape (H, W).
    rows : name of the method -> n explanation maps (H, W), each scaled to its own maximum.
    titles : n column titles.
    """
    height = 1.15 * (1 + len(rows)) + 0.5
    figure = Figure(figsize=(1.1 * len(images) + 1.2, height), layout="constrained")
    axes = figure.subplots(1 + len(rows), len(images), squeeze=False)
    for axis, image, title in zip(axes[0], images, titles, strict=True):
        axis.imshow(image, cmap="gray_r")
        axis.set_title(title, fontsize=8)
    for line, (name, cams) in zip(axes[1:], rows.items(), strict=True):
        line[0].set_ylabel(name, fontsize=8)
        for axis, image, cam in zip(line, images, cams, strict=True):
            axis.imshow(image, cmap="gray_r")
            axis.imshow(cam, cmap="inferno", alpha=0.65, vmin=0, vmax=max(float(cam.max()), 1e-12))
    axes[0][0].set_ylabel("image", fontsize=8)
    for axis in axes.ravel():
        axis.set(xticks=[], yticks=[])
    return figure


def explanation_picture(
    title: str,
    image: NDArray,
    cams: Mapping[str, tuple[NDArray, str]],
    chosen: Sequence[tuple[str, NDArray]],
    rewards: Sequence[tuple[str, float, bool]],
) -> Figure:
    """One image: where every method looks, the maps that were chosen, and their rewards.

    Parameters
    ----------
    image : (H, W) or (H, W, 3) in [0, 1].
    cams : method -> its map (H, W), and what is printed below it.
    chosen : name and map (H, W) of maps that the first method chose, the most important first.
    rewards : label, h and whether chosen, of every selectable map.
    """
    columns = 1 + len(cams)
    figure = Figure(figsize=(2.1 * columns, 6.9), layout="constrained")
    grid = figure.add_gridspec(3, columns, height_ratios=[1.25, 1, 0.75])
    panels = [figure.add_subplot(grid[0, i]) for i in range(columns)]
    _overlay(panels[0], image, None)
    panels[0].set_title("image", fontsize=9)
    panels[0].set_xlabel(
        "maps: purple to yellow,\nlow to high, each over\nits maximum", fontsize=7.5
    )
    for axis, (name, (cam, note)) in zip(panels[1:], cams.items(), strict=True):
        _overlay(axis, image, cam)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel(note, fontsize=7.5)
    for i, (name, single) in enumerate(chosen[:columns]):
        axis = figure.add_subplot(grid[1, i])
        _overlay(axis, image, single)
        axis.set_title(name, fontsize=8)
    if not chosen:
        axis = figure.add_subplot(grid[1, :])
        axis.text(0.5, 0.5, "no map was chosen", ha="center", va="center")
        axis.axis("off")
    _reward_bars(figure.add_subplot(grid[2, :]), rewards)
    figure.suptitle(title, fontsize=10)
    return figure


def _overlay(axis: Any, image: NDArray, cam: NDArray | None) -> None:
    """The image; over a map it is grey and pale, and the map covers it where it is large."""
    if cam is None:
        axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    else:
        grey = image if image.ndim == 2 else image @ np.array([0.299, 0.587, 0.114])
        strength = cam / max(float(cam.max()), 1e-300)
        axis.imshow(0.25 + 0.75 * grey, cmap="gray", vmin=0, vmax=1)
        axis.imshow(strength, cmap="plasma", vmin=0, vmax=1, alpha=0.85 * strength**0.8)
    axis.set(xticks=[], yticks=[])


def _reward_bars(axis: Any, rewards: Sequence[tuple[str, float, bool]]) -> None:
    order = sorted(rewards, key=lambda reward: -reward[1])
    for picked, colour, name in ((True, ORANGE, "chosen"), (False, GREY, "not chosen")):
        place = [i for i, reward in enumerate(order) if reward[2] is picked]
        if place:  # an empty container would put another colour into the legend
            axis.bar(place, [order[i][1] for i in place], color=colour, label=name)
    if len(order) <= 40:
        axis.set_xticks(range(len(order)), [reward[0] for reward in order], fontsize=7)
    else:
        axis.set_xticks([])
    axis.set(xlim=(-0.8, max(len(order), 8) - 0.2), ylim=(0, 1.05), ylabel="h")
    axis.set_xlabel(f"the {len(order)} selectable maps, by importance", fontsize=8)
    if order:
        axis.legend(frameon=False, fontsize=8)


def class_overlap(matrices: Mapping[str, NDArray], classes: Sequence[str]) -> Figure:
    """Class-class overlap of the selected maps, one panel per selection rule.

    Parameters
    ----------
    matrices : name -> (c, c) Bhattacharyya coefficients; NaN for classes without selections.
    classes : c names.
    """
    figure = Figure(figsize=(4.1 * len(matrices) + 0.6, 4.4), layout="constrained")
    axes = figure.subplots(1, len(matrices), squeeze=False)[0]
    for axis, (name, matrix) in zip(axes, matrices.items(), strict=True):
        picture = axis.imshow(matrix, cmap="cividis", vmin=0, vmax=1)
        ticks = range(len(classes))
        axis.set(title=name, xticks=ticks, yticks=ticks, xticklabels=classes, yticklabels=classes)
        for i, j in np.argwhere(matrix >= 0.10):
            colour = "white" if matrix[i, j] < 0.5 else "black"
            text = f"{matrix[i, j]:.1f}".replace("0.", ".")
            axis.text(j, i, text, ha="center", va="center", fontsize=7, color=colour)
    figure.colorbar(
        picture, ax=axes, shrink=0.8, label="overlap", format=FuncFormatter(lambda x, _: f"{x:g}")
    )
    return figure


def coupling_histogram(values: NDArray, fits: pd.DataFrame) -> Figure:
    """Histogram of redundancies with the density of each fitted law.

    Parameters
    ----------
    values : (m,) couplings in [0, 1].
    fits : of :class:`qxgap.study.CouplingStatistics`.
    """
    from scipy import stats

    laws = {"normal": stats.norm, "half-normal": stats.halfnorm, "exponential": stats.expon}
    colours = {"normal": RED, "half-normal": BLUE, "exponential": GREEN}
    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axis = figure.add_subplot()
    bins = np.linspace(0.0, max(float(values.max()), 1e-12), 41).tolist()
    axis.hist(values, bins=bins, density=True, color=GREY, alpha=0.35)
    grid = np.linspace(0.0, bins[-1], 400)
    for name, row in fits.iterrows():
        density = laws[str(name)].pdf(grid, row.location, row.scale)
        label = f"{name}: AIC {row.aic:.0f}, KS {row.ks_distance:.3f}"
        axis.plot(grid, density, color=colours[str(name)], label=label)
    axis.set(
        xlabel="redundancy J (absolute cosine of two maps)",
        ylabel="density",
        title=f"{values.size} couplings",
        xlim=(0, bins[-1]),
    )
    axis.legend(frameon=False)
    return figure


def subset_size(frame: pd.DataFrame) -> Figure:
    """Mean-field size against that of the optimum; columns as of ``study.subset_sizes``."""
    figure = Figure(figsize=(4.8, 4.6), layout="constrained")
    axis = figure.add_subplot()
    top = 1.05 * float(frame[["mean_field", "true_size"]].max().max()) + 0.5
    for status, colour in (("OPTIMAL", BLUE), ("BEST_KNOWN", ORANGE)):
        part = frame[frame.status == status]
        if len(part):
            label = status.lower().replace("_", " ")
            axis.scatter(part.true_size, part.mean_field, color=colour, alpha=0.6, label=label)
    axis.axline((0, 0), slope=1, color=GREY, linestyle="--", linewidth=1)
    axis.set(
        xlim=(0, top),
        ylim=(0, top),
        xlabel="variables that the optimum selects",
        ylabel="mean field: 1/2 + mean(-h) / mean(J)",
        title=f"Size of the selection, mean error {frame.error.mean():+.2f}",
    )
    axis.legend(frameon=False)
    return figure


def loss_curves(train: Sequence[float], validation: Sequence[float], best_epoch: int) -> Figure:
    """Training and validation loss per epoch, with the epoch whose weights were kept."""
    figure = Figure(figsize=(5.4, 3.8), layout="constrained")
    axis = figure.add_subplot()
    epochs = range(1, len(train) + 1)
    axis.plot(epochs, train, color=BLUE, marker="o", markersize=3, label="training")
    axis.plot(epochs, validation, color=RED, marker="s", markersize=3, label="validation")
    axis.axvline(best_epoch, color=GREY, linestyle=":", label="weights kept")
    axis.set(xlabel="epoch", ylabel="mean cross entropy", yscale="log")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend(frameon=False)
    return figure


def _column(part: pd.DataFrame, num_qubits: int, name: str, at: int) -> NDArray[np.float64]:
    """Element ``at`` of a list column, for the instances of one size."""
    return np.array([values[at] for values in part[part.num_qubits == num_qubits][name]])
