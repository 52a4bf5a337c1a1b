"""Images of a study seen through its networks."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..explain.history import training_history
from ..explain.image_instances import ImageInstance, instances
from ..files import digest
from .config import Network
from .images import Picture, content_of
from .sources import TRADEOFF

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..xai import ImageSource

BATCH = 64
MAX_SHOWN = 12
CHECKED = 100
"""Images on which the head is checked."""


@dataclass(frozen=True)
class OpenNetwork:
    """A network that a study uses, as workers find it again.

    Attributes
    ----------
    model : as in the study file; folder : where a module may lie; layer : whose maps are selected.
    weights : 16 hexadecimal digits of the SHA-256 of all parameters and buffers.
    """

    model: str
    folder: Path
    layer: str
    weights: str


def load_model(model: str, folder: Path) -> nn.Module:
    """Return a network in eval mode; its module or file may lie in ``folder``."""
    from .. import xai

    file, _, name = model.rpartition(":")
    if file.endswith(".py") and (folder / file).is_file():
        model = f"{folder / file}:{name}"
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return xai.load_network(model)


def network_instances(
    network: Network, folder: Path
) -> tuple[
    OpenNetwork, list[tuple[ImageInstance, Picture]], dict[str, Any], dict[str, NDArray[Any]]
]:
    """Return an instance and a picture for every image taken, the facts, and what to show.

    The instances have lost image and maps; facts and what to show are those of
    :class:`.sources.Instances`.

    Raises InputError for networks and images that are not there.
    """
    from .. import xai

    model = load_model(network.model, folder)
    layer, shape = _input_of(model, network)
    near = folder / network.images
    path = near if near.exists() and network.images != "digits" else network.images
    source = xai.open_images(path, *shape, crop=True).for_network(model)
    choice = _Choice(network)
    taken, shown = _taken(model, layer, source, choice)
    head = xai.check_layer(model, source.read(slice(0, CHECKED)), layer)
    facts = {
        "test_images": choice.looked_at,
        "test_accuracy": None if source.labels is None else choice.correct / choice.looked_at,
        "num_images": len(taken),
        "num_without_problem": sum(not item.problem for item, _ in taken),
        "head": "; ".join([str(head), *source.notes]),
        "layer": layer,
        "num_maps": len(taken[0][0].alpha) if taken else 0,
        **training_history(model),
    }
    opened = OpenNetwork(network.model, folder, layer, _weights_of(model))
    return opened, taken, facts, _arrays_of(shown)


def _taken(
    model: nn.Module, layer: str, source: ImageSource, choice: _Choice
) -> tuple[list[tuple[ImageInstance, Picture]], list[ImageInstance]]:
    """Instances and pictures of the images chosen, and the whole first one of each class."""
    taken: list[tuple[ImageInstance, Picture]] = []
    shown: dict[int, ImageInstance] = {}
    for first, (names, images, labels) in zip(
        range(0, len(source), BATCH), source.batches(BATCH), strict=True
    ):
        rows = choice.of(model, images, labels)
        if rows:
            part = None if labels is None else labels[rows]
            seen = instances(
                model, layer, [names[i] for i in rows], images[rows], part, tradeoff=TRADEOFF
            )
            for row, item in zip(rows, seen, strict=True):
                content = content_of(item.image)
                picture = Picture(item.name, item.label, content, source, first + row)
                taken.append((replace(item, image=np.zeros(0), maps=np.zeros(0)), picture))
                if item.problem and len(shown) < MAX_SHOWN:
                    shown.setdefault(item.pred, item)
        if choice.full:
            break
    return taken, [shown[pred] for pred in sorted(shown)]


def _arrays_of(items: Sequence[ImageInstance]) -> dict[str, NDArray[Any]]:
    return {
        "names": np.array([item.name for item in items]),
        "label": np.array([-1 if item.label is None else item.label for item in items]),
        "pred": np.array([item.pred for item in items]),
        "images": np.array([item.image for item in items]),
        "maps": np.array([item.maps for item in items]),
        "alpha": np.array([item.alpha for item in items]),
    }


def _input_of(model: nn.Module, network: Network) -> tuple[str, tuple[int, int]]:
    """Layer, channels and side as asked, or as the network's HOOK and INPUT say."""
    known = getattr(model, "INPUT", (0, 0))
    layer = network.layer or str(getattr(model, "HOOK", ""))
    channels, size = network.channels or int(known[0]), network.size or int(known[1])
    if not (layer and channels and size):
        raise InputError(
            f"network {network.model!r} has no HOOK and INPUT; give layer, channels and size"
        )
    return layer, (channels, size)


def _weights_of(model: nn.Module) -> str:
    weights = sorted(model.state_dict().items())
    parts = [part for name, tensor in weights for part in (name, tensor.cpu().numpy())]
    return digest(repr(model), *parts)


@dataclass
class _Choice:
    """Which images a study takes, in their order, and how many the network got right."""

    network: Network
    looked_at: int = 0
    correct: int = 0
    taken: int = 0
    of_class: Counter[int | None] = field(default_factory=Counter)

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self.taken == self.network.limit

    def of(self, model: nn.Module, images: Tensor, labels: Tensor | None) -> list[int]:
        """Return the rows to take of the next images; a limit ends the looking."""
        import torch

        with torch.no_grad():
            predicted = model(images).argmax(dim=1).tolist()
        rows = []
        for row, pred in enumerate(predicted):
            if self.full:
                break
            label = None if labels is None else int(labels[row])
            right = label in (None, pred)
            self.looked_at += 1
            self.correct += right
            wanted = right or not self.network.correct_only
            if wanted and self.of_class[label] != self.network.per_class:
                self.of_class[label] += 1
                self.taken += 1
                rows.append(row)
        return rows
