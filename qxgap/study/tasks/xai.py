"""The task ``xai``: scores of the explanations of every image of a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ...explain.explainer import Explainer
from ...explain.methods import DEFAULT_METHODS, ExplanationMethod
from ...explain.scores import score
from ..cells import Cell, Position, Row, Settings
from ..instance import Instance, Picture, ReadPicture
from ..open_network import OpenNetwork, cached_model
from .base import Column, Grid, Kind, Memory, Task
from .work import Work

if TYPE_CHECKING:
    import pandas as pd

NETWORK = 500 << 20
"""Approximate number of bytes of PyTorch and a small network."""
ELSEWHERE = ("name", "label", "pred", "target", "num_qubits", "num_maps", "method")
"""Columns of :func:`qxgap.explain.score` that the table takes from other sources."""


@dataclass(frozen=True, eq=False)
class ImageCell(Cell):
    """A row about one image of a network, explained by one method.

    Attributes
    ----------
    picture : Picture or ReadPicture
        The image.
    network : OpenNetwork
        The network of the image.
    tradeoff : float
        Tradeoff of the selection problem.
    """

    picture: Picture | ReadPicture
    network: OpenNetwork
    tradeoff: float

    @property
    def explanation(self) -> str:
        """Method of explanation, a value of :class:`qxgap.explain.ExplanationMethod`."""
        method: str = self.position["explanation"]
        return method


class Xai(Task[ImageCell]):
    """Scores of the explanations of each image, one row for each method of explanation."""

    name = "xai"
    summary = "Scores of the explanations of each image by every method."
    axes = ("explanation",)
    further_columns = "Scores of :func:`qxgap.explain.score`, such as drop_soft or insertion."
    exponential = False
    references = ("chattopadhay2018", "petsiuk2018", "poppi2021")
    needs_images = True
    batch_order = 2
    columns: ClassVar[Mapping[str, Column]] = {
        "explanation": Column(Kind.TEXT, "Method of explanation."),
        "confidence": Column(Kind.FLOAT, "Confidence of the network in its predicted class."),
        "selected": Column(
            Kind.LABELS, "Channels that the method selects; empty for a method that takes all."
        ),
    }

    def positions(self, study: Grid) -> list[Position]:
        """Return one point for each method of explanation."""
        return [{"explanation": method.value} for method in DEFAULT_METHODS]

    def cell(self, instance: Instance, position: Position, settings: Settings) -> ImageCell | None:
        """Return the cell of an image; an image without a problem is explained too."""
        picture, network = instance.picture, instance.network
        if picture is None or network is None:
            return None
        question = {
            "image": picture.content,
            "network": [network.weights, network.layer, *_explained(network)],
            "tradeoff": instance.tradeoff,
            **position,
        }
        return ImageCell(
            task=self.name,
            key=self.key(question, settings),
            subject=picture.content,
            num_qubits=instance.problem.num_qubits if instance.problem else 0,
            position=position,
            settings=settings,
            picture=picture,
            network=network,
            tradeoff=instance.tradeoff,
        )

    def seconds(self, cell: ImageCell) -> float:
        """Return the time of the forward passes of a small network."""
        return 0.1

    def memory(self, cell: ImageCell) -> Memory:
        """Return the memory of PyTorch and a small network."""
        return Memory(NETWORK, 0)

    def compute(self, cell: ImageCell, work: Work) -> Row:
        """Score one method on one image; all methods are scored with the first one."""
        network = cell.network
        asked = (network.weights, network.layer, network.target)
        key = ("xai", cell.subject, *asked, cell.tradeoff)
        table: pd.DataFrame = work.once(key, lambda: _scores(cell))
        scores = table.loc[cell.explanation].drop(list(ELSEWHERE), errors="ignore").to_dict()
        selected = scores.pop("selected")
        return {
            **{name: float(value) for name, value in scores.items()},
            "selected": None if selected is None else [json.dumps(int(i)) for i in selected],
            "method": cell.explanation,
            "references": ExplanationMethod(cell.explanation).references,
        }


def _explained(network: OpenNetwork) -> list[int]:
    """Return the class that is explained in every image; empty for the predicted one."""
    return [] if network.target is None else [network.target]


def _scores(cell: ImageCell) -> pd.DataFrame:
    """Score every method on one image.

    The image passes through the network without others, so that no other image of the study can
    change its last digits.
    """
    import torch

    network = cached_model(cell.network)
    explainer = Explainer(
        network, cell.network.layer, cell.tradeoff, cell.seed("xai"), target=cell.network.target
    )
    picture = cell.picture
    images = torch.from_numpy(np.array(picture.pixels))[None]
    labels = None if picture.label is None else torch.tensor([picture.label])
    explanations = list(explainer.explain([picture.name], images, labels))
    return score(explainer, explanations, progress=False).set_index("method")
