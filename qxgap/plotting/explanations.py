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
    PanelFigure,
    legend_below,
    panels,
    styled,
    whole_numbers,
)

MAX_LABELS = 24
"""Largest number of selectable maps that are all labelled below their bars."""
LABEL_SPACING = 0.055
"""Smallest distance of the labels above bars, in widths of the panel."""
FLAT = 1e-9
"""Spread of an explanation map, relative to its maximum, below which it shows no place."""
SLIDE_PIXELS = 640
"""Smallest longer side of :func:`bare_overlay`, in pixels."""
MAX_SHOWN_MAPS = 4
"""Largest number of selected maps that are drawn beside an explanation."""


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

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> qx.plotting.pixels_for_display(np.array([[[-1.0, 0.0, 1.0]]])).tolist()
    [[0.0, 0.5, 1.0]]
    """
    pixels = np.asarray(image, dtype=np.float64)
    if pixels.min() < 0 or pixels.max() > 1:
        pixels = (pixels - pixels.min()) / (np.ptp(pixels) or 1.0)
    return pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels.mean(axis=0)


@styled
def image_panel(image: NDArray, title: str, ax: Axes | None = None) -> Figure:
    """One image without anything over it.

    Parameters
    ----------
    image : ndarray of float, shape (H, W) or (H, W, 3)
        The image, with values in [0, 1].
    title : str
        Title of the panel.
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
    >>> qx.plotting.image_panel(np.eye(8), "a line").axes[0].get_title()
    'a line'
    """
    figure, ((axis,),) = panels(1, 1, 2.4, 2.6, ax)
    _draw_over(axis, image, None)
    axis.grid(False)
    axis.set_title(title)
    return figure


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

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> figure = qx.plotting.explanation_overlay(np.eye(8), np.tri(8), "QUBO")
    >>> figure.axes[0].get_title()
    'QUBO'
    """
    figure, ((axis,),) = panels(1, 1, 3.2, 3.4, ax)
    _draw_over(axis, image, cam)
    axis.grid(False)
    axis.set_title(title)
    return figure


@styled
def bare_overlay(image: NDArray, cam: NDArray) -> Figure:
    """One explanation map over its image, without a title or a margin, for a slide.

    Parameters
    ----------
    image : ndarray of float, shape (H, W) or (H, W, 3)
        The image, with values in [0, 1].
    cam : ndarray of float, shape (H, W)
        The explanation map, not negative.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved. Saved with its own resolution, a pixel of the
        image becomes a square of pixels, and the longer side has at least 640 of them.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> figure = qx.plotting.bare_overlay(np.eye(8), np.tri(8))
    >>> (figure.get_size_inches() * figure.dpi).tolist()
    [640.0, 640.0]
    """
    height, width = image.shape[:2]
    factor = max(1, -(-SLIDE_PIXELS // max(height, width)))
    figure = Figure(figsize=(width * factor / 100, height * factor / 100), dpi=100)
    _draw_over(figure.add_axes((0.0, 0.0, 1.0, 1.0), frameon=False), image, cam, smooth=True)
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

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> maps = {"QUBO": [np.tri(8)], "Grad-CAM": [np.tri(4)]}
    >>> figure = qx.plotting.explanation_maps([np.eye(8)], maps, ["a line"])
    >>> [axis.get_ylabel() for axis in figure.axes]
    ['image', 'QUBO', 'Grad-CAM']
    """
    rows, columns = 1 + len(maps), len(images)
    if ax is None:
        size = (1.1 * columns + 1.2, 1.15 * rows + 0.5)
        figure = PanelFigure(figsize=size, layout="constrained")
        ax = list(figure.subplots(rows, columns, squeeze=False).ravel())
    figure, axes = panels(rows, columns, 1.1, 1.15, ax)
    for axis, image, title in zip(axes[0], images, titles, strict=True):
        _draw_over(axis, image, None)
        axis.set_title(title, fontsize=8)
    for line, (name, cams) in zip(axes[1:], maps.items(), strict=True):
        line[0].set_ylabel(name, fontsize=8)
        for axis, image, cam in zip(line, images, cams, strict=True):
            _draw_over(axis, image, cam, smooth=True)
    axes[0][0].set_ylabel("image", fontsize=8)
    for axis in axes.ravel():
        axis.grid(False)
        axis.set(xticks=[], yticks=[])
    return figure


@styled
def selected_maps(
    image: NDArray,
    cam: NDArray,
    title: str,
    selected: Sequence[tuple[str, NDArray]],
) -> Figure:
    """The image, its explanation map, and the largest of the selected maps, side by side.

    The figure has its own layout, so it is always a new one.

    Parameters
    ----------
    image : ndarray of float, shape (H, W) or (H, W, 3)
        The image, with values in [0, 1].
    cam : ndarray of float, shape (H, W)
        The explanation map, not negative.
    title : str
        Title of the explanation map.
    selected : sequence of (str, ndarray of float)
        Name and map, of shape (H, W), of the selected maps, with the most important first; the
        first four are drawn.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> image = np.eye(8)
    >>> figure = qx.plotting.selected_maps(image, image, "QUBO", [("map 3", image)])
    >>> [axis.get_title() for axis in figure.axes]
    ['image', 'QUBO', 'map 3']
    """
    shown = [("image", None), (title, cam), *selected[:MAX_SHOWN_MAPS]]
    figure = PanelFigure(figsize=(1.5 * len(shown), 1.9), layout="constrained")
    axes = figure.subplots(1, len(shown), squeeze=False)[0]
    for axis, (name, single) in zip(axes, shown, strict=True):
        _draw_over(axis, image, single)
        axis.set_title(name, fontsize=9)
    return figure


@styled
def explanation_picture(
    title: str,
    image: NDArray,
    cams: Mapping[str, tuple[NDArray, str]],
    selected: Sequence[tuple[str, NDArray]],
    rewards: Sequence[tuple[str, float, bool]],
    guide: str = "",
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
    guide : str, optional
        Text that explains the picture, for the space beside the rewards.

    Returns
    -------
    Figure
        The figure, which is neither shown nor saved.

    Examples
    --------
    >>> import numpy as np
    >>> import qxgap as qx
    >>> maps, rewards = {"QUBO": (np.tri(8), "1 map")}, [("3", 1.0, True), ("5", 0.4, False)]
    >>> selected = [("map 3", np.tri(8))]
    >>> figure = qx.plotting.explanation_picture("a line", np.eye(8), maps, selected, rewards)
    >>> [axis.get_title() for axis in figure.axes[:3]]
    ['image', 'QUBO', 'map 3']
    """
    columns = 1 + len(cams)
    figure = PanelFigure(figsize=(2.1 * columns, 7.3), layout="constrained")
    grid = figure.add_gridspec(3, columns, height_ratios=[1.25, 1, 0.95])
    first_row = [figure.add_subplot(grid[0, i]) for i in range(columns)]
    _draw_over(first_row[0], image, None)
    first_row[0].set_title("image", fontsize=9)
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
    half = max(columns // 2, 1)
    _draw_rewards(figure.add_subplot(grid[2, :half]), rewards, len(selected))
    if columns > half:
        _draw_guide(figure.add_subfigure(grid[2, half:]), guide)
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

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.loss_curves([0.9, 0.5, 0.3], [1.0, 0.6, 0.7], best_epoch=2)
    >>> figure.axes[0].get_ylabel()
    'mean cross entropy'
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


def _draw_over(axis: Any, image: NDArray, cam: NDArray | None, smooth: bool = False) -> None:
    """Draw the image; if there is a map, pale grey below it. Large values of the map hide it.

    A map that has the same value everywhere shows no place; words say so instead of colors.
    """
    if cam is None:
        axis.imshow(image, cmap="gray", vmin=0, vmax=1)
    else:
        grey = image if image.ndim == 2 else image @ np.array([0.299, 0.587, 0.114])
        axis.imshow(0.25 + 0.75 * grey, cmap="gray", vmin=0, vmax=1)
        lowest, highest = float(cam.min()), float(cam.max())
        if highest - lowest > FLAT * abs(highest):
            strength = np.clip(cam / highest, 0.0, 1.0)
            height, width = grey.shape
            axis.imshow(
                strength,
                extent=(-0.5, width - 0.5, height - 0.5, -0.5),
                interpolation="bilinear" if smooth else "antialiased",
                **_heat(strength),
            )
        else:
            _write_on(
                axis,
                "the same everywhere:\nno place stands out" if highest else "no positive pixel",
            )
    axis.set(xticks=[], yticks=[])


def _heat(strength: NDArray) -> dict[str, Any]:
    """Return the colors of a map that is at most 1; low values are transparent."""
    return {"cmap": "plasma", "vmin": 0, "vmax": 1, "alpha": 0.85 * strength**0.8}


def _write_on(axis: Any, text: str) -> None:
    """Write a text into the middle of an image."""
    box = {"facecolor": INK, "edgecolor": "none", "alpha": 0.75, "boxstyle": "round"}
    where = {"transform": axis.transAxes, "ha": "center", "va": "center"}
    axis.text(0.5, 0.5, text, **where, fontsize=7.5, color="white", bbox=box)


def _draw_guide(part: Any, guide: str) -> None:
    """Draw the color bar of the maps, and below it the text that explains the picture."""
    bar, words = part.subplots(2, 1, gridspec_kw={"height_ratios": [1, 7]})
    strength = np.linspace(0.0, 1.0, 256)[None, :]
    bar.imshow(np.full_like(strength, 0.6), cmap="gray", vmin=0, vmax=1, aspect="auto")
    bar.imshow(strength, aspect="auto", **_heat(strength))
    bar.set(yticks=[])
    bar.set_xticks([0, 255], ["0", "maximum of the map"], fontsize=7.5)
    bar.xaxis.tick_top()
    bar.tick_params(length=0)
    bar.get_xticklabels()[0].set_ha("left")
    bar.get_xticklabels()[1].set_ha("right")
    words.axis("off")
    words.text(0.0, 1.0, guide, fontsize=8, va="top", linespacing=1.35)


def _label_bars(axis: Any, bars: Sequence[tuple[int, str, float]], spacing: float) -> None:
    """Write labels above some bars, from left to right at least ``spacing`` apart."""
    position = -spacing
    for rank, label, height in bars:
        position = max(rank, position + spacing)
        line = {"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
        place = {"xytext": (position, 1.12), "ha": "center", "va": "bottom", "fontsize": 6.5}
        axis.annotate(label, (rank, height), **place, arrowprops=line)


def _draw_rewards(axis: Any, rewards: Sequence[tuple[str, float, bool]], num_shown: int) -> None:
    """Draw the rewards as bars, the largest first, with the selected maps in another color.

    If there is no room for all labels, only those of the first ``num_shown`` selected maps are
    written, which the picture shows one by one.
    """
    order = sorted(rewards, key=lambda reward: -reward[1])
    for selected, color, name in ((True, ORANGE, "chosen"), (False, GREY, "not chosen")):
        positions = [i for i, reward in enumerate(order) if reward[2] is selected]
        if positions:  # an empty container would put another color into the legend
            heights = [order[i][1] for i in positions]
            axis.bar(positions, heights, color=color, label=name)
    if len(order) <= MAX_LABELS:
        axis.set_xticks(range(len(order)), [reward[0] for reward in order], fontsize=7)
        labels = "numbers of the maps"
    else:
        shown = [i for i, reward in enumerate(order) if reward[2]][:num_shown]
        _label_bars(axis, [(i, *order[i][:2]) for i in shown], LABEL_SPACING * len(order))
        axis.set_xticks([0, len(order) - 1], ["most important", "least important"], fontsize=7)
        for label, side in zip(axis.get_xticklabels(), ("left", "right"), strict=True):
            label.set_ha(side)
        labels = "the numbers are those of the maps above"
    margin = max(0.8, 0.5 * (8 - len(order)))  # a few bars stay narrow, and in the middle
    axis.set(xlim=(-margin, len(order) - 1 + margin), ylim=(0, 1.3), yticks=[0, 0.5, 1])
    axis.set_ylabel("importance h", fontsize=8)
    axis.set_xlabel(f"the {len(order)} selectable maps, by importance; {labels}", fontsize=8)
    if order:
        axis.legend(frameon=False, fontsize=8, loc="upper right")
