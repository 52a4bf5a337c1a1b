"""Explanation metrics of the images of a study: what is asked, and what a worker answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..explain.explainer import METHODS, Explainer
from ..explain.scores import score
from ..files import digest
from .plan import FORMAT, Settings, seed_of

if TYPE_CHECKING:
    import pandas as pd

    from ..xai import ImageSource
    from .network import OpenNetwork

WHOSE = ("name", "label", "pred", "num_qubits", "num_maps", "method")
"""Columns of :func:`score` that the table has from elsewhere."""


class Picture:
    """One image, read when it is wanted or sent to a worker.

    Attributes
    ----------
    name : of the image; label : its class or None.
    content : 16 hexadecimal digits of its pixels' SHA-256.
    """

    def __init__(
        self, name: str, label: int | None, content: str, source: ImageSource, row: int
    ) -> None:
        self.name, self.label, self.content = name, label, content
        self._source, self._row = source, row

    @property
    def pixels(self) -> NDArray[np.float32]:
        """(C, H, W)."""
        pixels: NDArray[np.float32] = self._source.read(slice(self._row, self._row + 1))[0].numpy()
        return pixels

    def __reduce__(self) -> tuple:
        return ReadPicture, (self.name, self.label, self.content, self.pixels)


@dataclass(frozen=True, eq=False)
class ReadPicture:
    """A picture with its pixels, as workers get it."""

    name: str
    label: int | None
    content: str
    pixels: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ImageCell:
    """One row of the task xai: an image through a network, and a method of explanation."""

    picture: Picture | ReadPicture
    network: OpenNetwork
    tradeoff: float
    num_qubits: int
    settings: Settings
    explanation: str
    task: str = field(default="xai", init=False)
    sampler: str = field(default="", init=False)
    tau: None = field(default=None, init=False)

    @property
    def subject(self) -> str:
        """The picture's content."""
        return self.picture.content

    @property
    def instance_hash(self) -> str:
        """Content hash of the picture; the table has that of the problem, if there is one."""
        return self.subject

    @cached_property
    def key(self) -> str:
        """What the row answers, as in :class:`.plan.Cell`."""
        asked = {
            "format": FORMAT,
            "task": self.task,
            "image": self.subject,
            "network": [self.network.weights, self.network.layer],
            "tradeoff": self.tradeoff,
            "explanation": self.explanation,
            "seed": self.settings.seed,
        }
        return digest(json.dumps(asked, sort_keys=True))

    @property
    def seconds(self) -> float:
        """Rough work on one slow core."""
        return 0.1

    def seed(self, purpose: str) -> int:
        """Return a seed below 2^31 of the study's seed, the image and ``purpose``."""
        return seed_of(self.settings.seed, self.subject, purpose)


def content_of(pixels: NDArray) -> str:
    """16 hexadecimal digits of the SHA-256 of shape and pixels."""
    array = np.ascontiguousarray(pixels, dtype="<f4")
    return digest(repr(array.shape), array)


def explained(cell: ImageCell) -> pd.DataFrame:
    """Score every method of explanation on the image of a cell, alone: no neighbour matters."""
    import torch

    network = _network(cell.network.model, cell.network.folder)
    explainer = Explainer(network, cell.network.layer, cell.tradeoff, cell.seed("xai"))
    picture = cell.picture
    images = torch.from_numpy(np.array(picture.pixels))[None]
    labels = None if picture.label is None else torch.tensor([picture.label])
    found = list(explainer.explain([picture.name], images, labels))
    return score(explainer, found, progress=False).set_index("method")


def explanation_row(cell: ImageCell, table: pd.DataFrame) -> dict[str, Any]:
    """Return the row of a cell from what :func:`explained` found."""
    assert cell.explanation in METHODS
    row = table.loc[cell.explanation].drop(list(WHOSE), errors="ignore").to_dict()
    chosen = row.pop("selected")
    return {
        **{name: float(value) for name, value in row.items()},
        "selected": None if chosen is None else [json.dumps(int(label)) for label in chosen],
        "method": cell.explanation,
    }


@lru_cache(maxsize=2)
def _network(model: str, folder: Path) -> Any:
    from .network import load_model

    return load_model(model, folder)
