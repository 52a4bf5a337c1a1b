"""The networks of a study, and how a worker opens them again."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import digest

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class OpenNetwork:
    """What a worker needs to open a network again.

    Attributes
    ----------
    model : str
        Name of the network, as in the study file.
    folder : Path
        Folder in which a module or file of the network may lie.
    layer : str
        Name of the layer whose maps are selected.
    weights : str
        16 hexadecimal digits of the SHA-256 of all parameters and buffers.
    """

    model: str
    folder: Path
    layer: str
    weights: str


def load_model(model: str, folder: Path) -> nn.Module:
    """Return a network in evaluation mode; its module or file may lie in ``folder``."""
    from .. import xai

    file, _, name = model.rpartition(":")
    if file.endswith(".py") and (folder / file).is_file():
        model = f"{folder / file}:{name}"
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return xai.load_network(model)


@lru_cache(maxsize=2)
def cached_model(network: OpenNetwork) -> Any:
    """Return the network; a worker that explains several of its images loads it once."""
    return load_model(network.model, network.folder)


def weights_of(model: nn.Module) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of all parameters and buffers of a network."""
    weights = sorted(model.state_dict().items())
    parts = [part for name, tensor in weights for part in (name, tensor.cpu().numpy())]
    return digest(repr(model), *parts)
