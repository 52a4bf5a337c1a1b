"""Images of a study seen through its networks."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problem.errors import InputError
from .config import Network
from .instances import ImageInstance, instances

if TYPE_CHECKING:
    from torch import nn

    from ..xai import ImageSource

TRADEOFF = 0.7
CHECKED = 100
"""Images on which the head is checked."""


def open_network(network: Network, folder: Path) -> tuple[nn.Module, str, ImageSource]:
    """Return the network, its layer, and its images; a module may lie in ``folder``.

    Raises InputError for networks and images that are not there.
    """
    from .. import xai

    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    model = xai.load_network(network.model)
    known = getattr(model, "INPUT", (0, 0))
    layer = network.layer or str(getattr(model, "HOOK", ""))
    channels, size = network.channels or int(known[0]), network.size or int(known[1])
    if not (layer and channels and size):
        raise InputError(
            f"network {network.model!r} has no HOOK and INPUT; give layer, channels and size"
        )
    near = folder / network.images
    path = near if near.exists() and network.images != "digits" else network.images
    return model, layer, xai.open_images(path, channels, size, crop=True)


def network_instances(network: Network, folder: Path) -> tuple[list[ImageInstance], dict[str, Any]]:
    """Return an instance for every image taken, without image and maps, and what was seen.

    The facts: test_images (all that were looked at), test_accuracy, num_images (taken),
    num_without_problem, head (what the head check says), layer, num_maps.
    """
    from .. import xai

    model, layer, source = open_network(network, folder)
    taken: list[ImageInstance] = []
    looked_at, correct, of_class = 0, 0, Counter[int | None]()
    for item in _all_instances(model, layer, source):
        looked_at += 1
        right = item.label in (None, item.pred)
        correct += right
        if (right or not network.correct_only) and (
            network.per_class is None or of_class[item.label] < network.per_class
        ):
            of_class[item.label] += 1
            taken.append(replace(item, image=np.zeros(0), maps=np.zeros(0)))
        if len(taken) == network.limit:
            break
    facts = {
        "test_images": looked_at,
        "test_accuracy": correct / looked_at if source.labels is not None else None,
        "num_images": len(taken),
        "num_without_problem": sum(not item.problem for item in taken),
        "head": str(xai.check_layer(model, source.read(slice(0, CHECKED)), layer)),
        "layer": layer,
        "num_maps": len(taken[0].alpha) if taken else 0,
    }
    return taken, facts


def _all_instances(model: nn.Module, layer: str, source: ImageSource) -> Iterator[ImageInstance]:
    for batch in source.batches():
        yield from instances(model, layer, *batch, tradeoff=TRADEOFF)
