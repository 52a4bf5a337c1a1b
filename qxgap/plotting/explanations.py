"""Figures of explained images, and of the training of the network that explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    RED,
    PanelAxes,
    legend_below,
    panels,
    styled,
    whole_numbers,
)


def pixels_for_display(image: NDArray) -> NDArray[np.float64]:
    """Return the pixels of an image as matplotlib draws them.

    Parameters
    ----------
    image : ndarray, shape (C, H, W)
        Pixels. Three channels are colors; another number of channels is averaged.

    Returns
    -------
    ndarray of float, shape (H, W) or (H, W, 3)
        Pixels in [0, 1]; those of another range are shifted and scaled to it.
    """
    pixels = np.asarray(image, dtype=np.float64)
    if pixels.min() < 0 or pixels.max() > 1:
        pixels = (pixels - pixels.min()) / (np.ptp(pixels) or 1.0)
    return pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels.mean(axis=0)


@styled
def explanation_overlay(image: NDArray, cam: NDArray, title: str, ax: Axes | None = None) -> Figure:
    """One explanation map over its image.

    Parameters
    ----------
    image : ndarray of float, shape (H, W) or (H, W, 3)
        The image, with values in [0, 1].
    cam : ndarray of float, shape (H, W)
        The explanation map, not negative.
    title : str
        Title of the panel.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.
    """
    figure, ((axis,),) = panels(1, 1, 3.2, 3.4, ax)
    _draw_over(axis, image, cam)
    axis.grid(False)
    axis.set_title(title)
    return figure


@styled
def explanation_maps(
    images: Sequence[NDArray],
    maps: Mapping[str, Sequence[NDArray]],
    titles: Sequence[str],
    ax: PanelAxes = None,
) -> Figure:
    """Explanations over their images: a column for each image, a row for each method.

    The first row shows only the images.

    Parameters
    ----------
    images : sequence of ndarray of float, shape (H, W) or (H, W, 3)
        The n images.
    maps : dict of str to sequence of ndarray of float
        Name of each method and its n explanation maps, of any size; each map is scaled to its own
        maximum.
    titles : sequence of str
        Titles of the n columns.
    ax : Axes or sequence of Axes, optional
        Where to draw, row by row, one for each image and one for each map; by default a new figure
        is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.
    """
    rows, columns = 1 + len(maps), len(images)
    if ax is None:
        size = (1.1 * columns + 1.2, 1.15 * rows + 0.5)
        figure = Figure(figsize=size, layout="constrained")
        ax = list(figure.subplots(rows, columns, squeeze=False).ravel())
    figure, axes = panels(rows, columns, 1.1, 1.15, ax)
    for axis, image, title in zip(axes[0], images, titles, strict=True):
        axis.imshow(image, cmap="gray_r")
        axis.set_title(title, fontsize=8)
    for line, (name, cams) in zip(axes[1:], maps.items(), strict=True):
        line[0].set_ylabel(name, fontsize=8)
        for axis, image, cam in zip(line, images, cams, strict=True):
            axis.imshow(image, cmap="gray_r")
            height, width = image.shape[:2]
            strength = cam / max(float(cam.max()), 1e-12)
            axis.imshow(
                strength,
                extent=(-0.5, width - 0.5, height - 0.5, -0.5),
                interpolation="bilinear",
                cmap="plasma",
                alpha=0.85 * strength**0.8,
                vmin=0,
                vmax=1,
            )
    axes[0][0].set_ylabel("image", fontsize=8)
    for axis in axes.ravel():
        axis.grid(False)
        axis.set(xticks=[], yticks=[])
    return figure


@styled
def explanation_picture(
    title: str,
    image: NDArray,
    cams: Mapping[str, tuple[NDArray, str]],
    selected: Sequence[tuple[str, NDArray]],
    rewards: Sequence[tuple[str, float, bool]],
) -> Figure:
    """One image with the explanation map of every method, the selected maps and their rewards.

    The figure has its own layout, so it is always a new one.

    Parameters
    ----------
    title : str
        Title of the figure.
    image : ndarray of float, shape (H, W) or (H, W, 3)
        The image, with values in [0, 1].
    cams : dict of str to (ndarray of float, str)
        Name of each method, its map of shape (H, W), and the text below it.
    selected : sequence of (str, ndarray of float)
        Name and map, of shape (H, W), of the maps that the first method selected, with the most
        important first.
    rewards : sequence of (str, float, bool)
        Label and reward h of every selectable map, and whether it was selected.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.
    """
    columns = 1 + len(cams)
    figure = Figure(figsize=(2.1 * columns, 6.9), layout="constrained")
    grid = figure.add_gridspec(3, columns, height_ratios=[1.25, 1, 0.75])
    first_row = [figure.add_subplot(grid[0, i]) for i in range(columns)]
    _draw_over(first_row[0], image, None)
    first_row[0].set_title("image", fontsize=9)
    first_row[0].set_xlabel(
        "maps: purple to yellow,\nlow to high, each over\nits maximum", fontsize=7.5
    )
    for axis, (name, (cam, note)) in zip(first_row[1:], cams.items(), strict=True):
        _draw_over(axis, image, cam)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel(note, fontsize=7.5)
    for i, (name, single) in enumerate(selected[:columns]):
        axis = figure.add_subplot(grid[1, i])
        _draw_over(axis, image, single)
        axis.set_title(name, fontsize=8)
    if not selected:
        axis = figure.add_subplot(grid[1, :])
        axis.text(0.5, 0.5, "no map was chosen", ha="center", va="center")
        axis.axis("off")
    _draw_rewards(figure.add_subplot(grid[2, :]), rewards)
    figure.suptitle(title, fontsize=10)
    return figure


@styled
def loss_curves(
    training: Sequence[float],
    validation: Sequence[float],
    best_epoch: int,
    ax: Axes | None = None,
) -> Figure:
    """Training and validation loss of each epoch, with the best epoch marked.

    Parameters
    ----------
    training, validation : sequence of float
        Mean cross entropy after each epoch.
    best_epoch : int
        The epoch that provides the weights; the first is 1.
    ax : Axes, optional
        Where to draw; by default a new figure is made.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.
    """
    figure, ((axis,),) = panels(1, 1, 5.4, 3.8, ax)
    epochs = range(1, len(training) + 1)
    axis.plot(epochs, training, color=BLUE, marker="o", markersize=3, label="training")
    axis.plot(epochs, validation, color=RED, marker="s", markersize=3, label="validation")
    axis.axvline(best_epoch, color=INK, linestyle=":", label="weights kept")
    axis.set(xlabel="epoch", ylabel="mean cross entropy", yscale="log")
    whole_numbers(axis)
    legend_below(axis)
    return figure


def _draw_over(axis: Any, image: NDArray, cam: NDArray | None) -> None:
    """Draw the image; if there is a map, pale grey below it. Large values of the map hide it."""
    if cam is None:
        axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    else:
        grey = image if image.ndim == 2 else image @ np.array([0.299, 0.587, 0.114])
        strength = cam / max(float(cam.max()), 1e-300)
        axis.imshow(0.25 + 0.75 * grey, cmap="gray", vmin=0, vmax=1)
        axis.imshow(strength, cmap="plasma", vmin=0, vmax=1, alpha=0.85 * strength**0.8)
    axis.set(xticks=[], yticks=[])


def _draw_rewards(axis: Any, rewards: Sequence[tuple[str, float, bool]]) -> None:
    """Draw the rewards as bars, the largest first, with the selected maps in another color."""
    order = sorted(rewards, key=lambda reward: -reward[1])
    for selected, color, name in ((True, ORANGE, "chosen"), (False, GREY, "not chosen")):
        positions = [i for i, reward in enumerate(order) if reward[2] is selected]
        if positions:  # an empty container would put another color into the legend
            heights = [order[i][1] for i in positions]
            axis.bar(positions, heights, color=color, label=name)
    if len(order) <= 40:
        axis.set_xticks(range(len(order)), [reward[0] for reward in order], fontsize=7)
    else:
        axis.set_xticks([])
    axis.set(xlim=(-0.8, max(len(order), 8) - 0.2), ylim=(0, 1.05), ylabel="h")
    axis.set_xlabel(f"the {len(order)} selectable maps, by importance", fontsize=8)
    if order:
        axis.legend(frameon=False, fontsize=8)
