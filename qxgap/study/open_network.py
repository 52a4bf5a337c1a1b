"""The networks of a study in a form with which a worker opens them again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import digest

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class OpenNetwork:
    """The data with which a worker opens a network again.

    Attributes
    ----------
    model : str
        Name of the network, as in the study file.
    folder : Path
        Folder in which a module or file of the network may lie.
    layer : str
        Name of the layer that outputs the feature maps.
    weights : str
        16 hexadecimal digits of the SHA-256 of all parameters and buffers.
    references : tuple of str
        BibTeX keys of the network, which the rows of all its images cite.
    file : str or None
        The file of weights, as in the study file.
    target : int or None
        Class that is explained in every image; None for the predicted one.
    """

    model: str
    folder: Path
    layer: str
    weights: str
    references: tuple[str, ...] = ()
    file: str | None = None
    target: int | None = None


@lru_cache(maxsize=2)
def cached_model(network: OpenNetwork) -> Any:
    """Return the network; a worker that explains several of its images loads it once."""
    from .. import xai

    return xai.load_network(network.model, network.folder, network.file)


def weights_of(model: nn.Module) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of all parameters and buffers of a network."""
    weights = sorted(model.state_dict().items())
    parts = [part for name, tensor in weights for part in (name, tensor.cpu().numpy())]
    return digest(repr(model), *parts)
