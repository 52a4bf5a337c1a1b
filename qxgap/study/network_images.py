"""The images of a study and the output of its networks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..explain.instances import ImageInstance, image_instances
from ..problem.rules import PAPER_TRADEOFF
from ..progress import Say, silent
from .config import Network
from .instance import Picture, Pixels, content_of
from .open_network import OpenNetwork, weights_of

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..xai import HookedNetwork, ImageSource

BATCH = 64
"""Number of images that go through a network together."""
MAX_SHOWN = 12
"""Largest number of images, one of each class, that a report shows."""
MAX_SMALL = 100
"""Largest number of images that are stored small, for the sections of a report about instances."""
SMALL_SIDE, SMALL_MAP_SIDE = 64, 14
"""Largest side of a small image, and of a small feature map, in pixels."""
MAX_MAP_BYTES = 3 << 20
"""Largest size of all small feature maps together, before compression."""
CHECKED = 100
"""Number of images on which the head is checked."""


@dataclass(frozen=True, eq=False)
class NetworkImage:
    """An image that a study takes.

    Attributes
    ----------
    instance : ImageInstance
        The problem of the image; its pixels and maps are dropped to save memory.
    picture : Picture
        The image itself.
    """

    instance: ImageInstance
    picture: Picture


@dataclass(frozen=True, eq=False)
class NetworkImages:
    """The images of a study for one of its networks.

    Attributes
    ----------
    network : OpenNetwork
        The data with which a worker opens the network again.
    items : list of NetworkImage
        The images that the study takes.
    facts, shown : dict
        Facts about network and images, and the images that a report shows, as in
        :class:`qxgap.study.sources.Instances`.
    """

    network: OpenNetwork
    items: list[NetworkImage]
    facts: dict[str, Any]
    shown: dict[str, NDArray[Any]]


def open_network_images(network: Network, folder: Path, say: Say = silent) -> NetworkImages:
    """Pass the images of a network through it and choose those that the study takes.

    ``say`` is called with a line of text about what is going on.

    Raises InputError for networks and images that do not exist.
    """
    from .. import xai

    say(f"opening the network {network.model}")
    hooked = xai.open_network(
        network.model,
        network.layer,
        network.channels,
        network.size,
        folder=folder,
        mean=network.mean,
        std=network.std,
        weights=network.weights,
    )
    near = folder / network.images
    path = near if near.exists() and network.images != "digits" else network.images
    source = hooked.open_images(path)
    target = _target_of(network, hooked, source)
    choice = _Choice(network)
    items, shown, small = _taken(hooked, source, choice, target, say)
    say(f"checking the head of the network {network.model}")
    head = hooked.check_layer(source.read(slice(0, CHECKED)))
    facts = {
        "test_images": choice.num_seen,
        "test_accuracy": None if source.labels is None else choice.correct / choice.num_seen,
        "num_images": len(items),
        "num_without_problem": sum(not item.instance.problem for item in items),
        "head": "; ".join([*hooked.notes, str(head), *source.notes]),
        "layer": hooked.layer,
        "num_maps": len(items[0].instance.alpha) if items else 0,
        **xai.training_history(hooked.module),
    }
    references = tuple(getattr(hooked.module, "references", ()))
    digits = weights_of(hooked.module)
    opened = OpenNetwork(
        network.model, folder, hooked.layer, digits, references, network.weights, target
    )
    return NetworkImages(opened, items, facts, {**_arrays_of(shown), **small.arrays()})


def _target_of(network: Network, hooked: HookedNetwork, source: ImageSource) -> int | None:
    """Return the number of the class that a study explains; None for the predicted ones."""
    from .. import xai

    if network.explained_class is None:
        return None
    names = hooked.class_names or source.folders
    target = xai.class_number(str(network.explained_class), names)
    number = xai.num_classes(hooked.module, source.read(slice(0, 1)))
    if target >= number:
        raise InputError(
            f"explained_class = {network.explained_class!r}; the network {network.model!r} has the "
            f"classes 0 to {number - 1}"
        )
    return target


def _taken(
    network: HookedNetwork,
    source: ImageSource,
    choice: _Choice,
    target: int | None,
    say: Say,
) -> tuple[list[NetworkImage], list[ImageInstance], _SmallImages]:
    """Return the chosen images, the first one of each class with pixels and maps, small images."""
    taken: list[NetworkImage] = []
    shown: dict[int, ImageInstance] = {}
    small = _SmallImages()
    for first, (names, images, labels) in zip(
        range(0, len(source), BATCH), source.batches(BATCH), strict=True
    ):
        say(f"feature maps of the images  {first} of {len(source)}")
        rows = choice.rows_of(network.module, images, labels)
        if rows:
            part = None if labels is None else labels[rows]
            seen = image_instances(
                network.module,
                network.layer,
                [names[i] for i in rows],
                images[rows],
                part,
                tradeoff=PAPER_TRADEOFF,
                target=target,
            )
            for row, item in zip(rows, seen, strict=True):
                picture = _picture(item, source, first + row)
                small.add(item)
                without_pixels = replace(item, image=np.zeros(0), maps=np.zeros(0))
                taken.append(NetworkImage(without_pixels, picture))
                if item.problem and len(shown) < MAX_SHOWN:
                    shown.setdefault(item.pred, item)
        if choice.is_full:
            break
    return taken, [shown[pred] for pred in sorted(shown)], small


def _picture(item: ImageInstance, source: ImageSource, row: int) -> Picture:
    def read() -> Pixels:
        pixels: Pixels = source.read(slice(row, row + 1))[0].numpy()
        return pixels

    return Picture(item.name, item.label, content_of(item.image), read)


def _arrays_of(items: Sequence[ImageInstance]) -> dict[str, NDArray[Any]]:
    return {
        "names": np.array([item.name for item in items]),
        "label": np.array([-1 if item.label is None else item.label for item in items]),
        "pred": np.array([item.explained_class for item in items]),
        "images": np.array([item.image for item in items]),
        "maps": np.array([item.maps for item in items]),
        "alpha": np.array([item.alpha for item in items]),
    }


@dataclass
class _SmallImages:
    """Images and feature maps of the first instances, reduced to a few pixels of 8 bits."""

    names: list[str] = field(default_factory=list)
    images: list[NDArray[np.uint8]] = field(default_factory=list)
    maps: list[NDArray[np.int8]] = field(default_factory=list)
    peaks: list[NDArray[np.float32]] = field(default_factory=list)
    alpha: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, item: ImageInstance) -> None:
        """Keep an image, and its maps too as long as all maps together stay small."""
        if len(self.names) == MAX_SMALL:
            return
        image = item.image.astype(np.float64)
        if image.min() < 0 or image.max() > 1:
            image = (image - image.min()) / (np.ptp(image) or 1.0)
        pixels = _reduced(image if len(image) == 3 else image.mean(axis=0)[None], SMALL_SIDE)
        self.names.append(item.name)
        pixels = pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels[0]
        self.images.append((255.0 * pixels).round().astype(np.uint8))
        maps = _reduced(np.nan_to_num(item.maps.astype(np.float64)), SMALL_MAP_SIDE)
        complete = len(self.maps) == len(self.names) - 1
        if complete and maps.size * (len(self.maps) + 1) <= MAX_MAP_BYTES:
            peaks = abs(maps).max(axis=(1, 2))
            scaled = maps / np.maximum(peaks, 1e-300)[:, None, None]
            self.maps.append((127.0 * scaled).round().astype(np.int8))
            self.peaks.append(peaks.astype(np.float32))
            self.alpha.append(np.asarray(item.alpha, dtype=np.float32))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays as the file of a report holds them."""
        return {
            "small_names": np.array(self.names, dtype=np.str_),
            "small_images": np.array(self.images, dtype=np.uint8),
            "small_maps": np.array(self.maps, dtype=np.int8),
            "small_peaks": np.array(self.peaks, dtype=np.float32),
            "small_alpha": np.array(self.alpha, dtype=np.float32),
        }


def _reduced(pixels: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return the means of square blocks of pixels of shape (C, H, W), at most ``side`` of them."""
    channels, height, width = pixels.shape
    step = -(-max(height, width) // side)
    rows, columns = max(height // step, 1), max(width // step, 1)
    cut = pixels[:, : rows * step, : columns * step]
    return cut.reshape(channels, rows, -1, columns, cut.shape[2] // columns).mean(axis=(2, 4))


@dataclass
class _Choice:
    """The choice of images for a study, in their order, with counts of correct predictions."""

    network: Network
    num_seen: int = 0
    correct: int = 0
    taken: int = 0
    of_class: Counter[int | None] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        return self.taken == self.network.limit

    def rows_of(self, model: nn.Module, images: Tensor, labels: Tensor | None) -> list[int]:
        """Return the rows of the next images that are taken, up to the limit."""
        from ..xai import predictions

        predicted = predictions(model, images).tolist()
        rows = []
        for row, pred in enumerate(predicted):
            if self.is_full:
                break
            label = None if labels is None else int(labels[row])
            right = label in (None, pred)
            self.num_seen += 1
            self.correct += right
            wanted = right or not self.network.correct_only
            if wanted and self.of_class[label] != self.network.per_class:
                self.of_class[label] += 1
                self.taken += 1
                rows.append(row)
        return rows
