"""A network and images in, one feature-selection problem per image out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..problem.qubo import QuboProblem

if TYPE_CHECKING:
    from torch import Tensor, nn

BATCH = 64


@dataclass(frozen=True, eq=False)
class ImageInstance:
    """One image seen through one layer of a network.

    Attributes
    ----------
    name : of the image.
    label : its true class; None if unknown.
    pred : the class that the network predicts, whose logit is differentiated.
    problem : the selection QUBO; None if no map can be selected.
    status : whether, and why not, in words.
    image : (C, H, W); maps : (N_f, H_f, W_f); alpha : (N_f,), float32 and float64.
    """

    name: str
    label: int | None
    pred: int
    problem: QuboProblem | None
    status: str
    image: NDArray[Any]
    maps: NDArray[Any]
    alpha: NDArray[np.float64]

    @property
    def num_qubits(self) -> int:
        """The number of selectable maps d; 0 if there is no problem."""
        return self.problem.num_qubits if self.problem else 0


def instances(
    network: nn.Module,
    layer: str,
    names: Sequence[str],
    images: Tensor,
    labels: Tensor | None = None,
    *,
    tradeoff: float = 0.7,
) -> Iterator[ImageInstance]:
    """Yield the instance of every image, in order, a batch of forward passes at a time.

    Parameters
    ----------
    layer : name of the module whose output maps are selected.
    names, images, labels : n of each; images (n, C, H, W).
    tradeoff : the paper's beta.

    Raises
    ------
    InputError : for an unknown layer, or images that the network does not take.
    """
    from .. import xai

    for first in range(0, len(images), BATCH):
        chunk = slice(first, first + BATCH)
        captured = xai.capture(network, images[chunk], layer, batch_size=BATCH)
        for i, (maps, gradients) in enumerate(
            zip(captured.maps, captured.gradients, strict=True), start=first
        ):
            found = xai.selectable_maps(maps, gradients)
            label = None if labels is None else int(labels[i])
            pred = int(captured.predicted[i - first])
            origin = {"pred": pred} if label is None else {"label": label, "pred": pred}
            yield ImageInstance(
                name=names[i],
                label=label,
                pred=pred,
                problem=xai.feature_selection(maps, gradients, tradeoff, meta=origin)
                if found.labels
                else None,
                status=str(found),
                image=images[i].numpy(),
                maps=maps.numpy(),
                alpha=found.alpha,
            )
