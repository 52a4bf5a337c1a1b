"""A network and images in, one feature-selection problem per image out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..problem.qubo import QuboProblem
from ..problem.rules import ScaledTradeoff

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..xai import SelectableMaps

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
    selectable : which maps can be selected, and how many of the others cannot for which reason.
    image : (C, H, W); maps : (N_f, H_f, W_f); float32.
    """

    name: str
    label: int | None
    pred: int
    problem: QuboProblem | None
    selectable: SelectableMaps
    image: NDArray[Any]
    maps: NDArray[Any]

    @property
    def alpha(self) -> NDArray[np.float64]:
        """Importance of every map, (N_f,)."""
        return self.selectable.alpha

    @property
    def status(self) -> str:
        """Whether there is a problem, and why not, in words."""
        return str(self.selectable)

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
    tradeoff: float | ScaledTradeoff = 0.7,
    **options: Any,
) -> Iterator[ImageInstance]:
    """Yield the instance of every image, in order, a batch of forward passes at a time.

    Parameters
    ----------
    layer : name of the module whose output maps are selected.
    names, images, labels : n of each; images (n, C, H, W).
    tradeoff : the paper's beta.
    options : others of ``qxgap.xai.feature_selection``: reward_rule, pair_weight, size_term.

    Raises
    ------
    InputError : for an unknown layer, or images that the network does not take.
    """
    from .. import xai

    chunks = (images[first : first + BATCH] for first in range(0, len(images), BATCH))
    seen = (
        row
        for batch in xai.capture_batches(network, chunks, layer)
        for row in zip(batch.maps, batch.gradients, batch.predicted, strict=True)
    )
    for i, (maps, gradients, predicted) in enumerate(seen):
        found = xai.selectable_maps(maps, gradients)
        label, pred = None if labels is None else int(labels[i]), int(predicted)
        problem = None
        if found.labels:
            problem = xai.feature_selection(
                maps, gradients, tradeoff, label=label, pred=pred, **options
            )
        yield ImageInstance(
            name=names[i],
            label=label,
            pred=pred,
            problem=problem,
            selectable=found,
            image=images[i].numpy(),
            maps=maps.numpy(),
        )
