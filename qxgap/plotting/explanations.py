"""Pictures of explained images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import GREY, ORANGE, styled


@styled
def explanation_maps(
    images: Sequence[NDArray], rows: Mapping[str, Sequence[NDArray]], titles: Sequence[str]
) -> Figure:
    """Explanations over their images: a column per image, the image itself and then a row each.

    Parameters
    ----------
    images : n of shape (H, W) or (H, W, 3).
    rows : name of the method -> n explanation maps of any size, each scaled to its own maximum.
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
            height, width = image.shape[:2]
            extent = (-0.5, width - 0.5, height - 0.5, -0.5)
            strength = cam / max(float(cam.max()), 1e-12)
            options = {"extent": extent, "interpolation": "bilinear", "cmap": "plasma"}
            axis.imshow(strength, **options, alpha=0.85 * strength**0.8, vmin=0, vmax=1)
    axes[0][0].set_ylabel("image", fontsize=8)
    for axis in axes.ravel():
        axis.set(xticks=[], yticks=[])
    return figure


@styled
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
