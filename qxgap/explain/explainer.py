"""Images explained by the QUBO's selection and by every baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..problem import QuboProblem, ScaledTradeoff, selections

if TYPE_CHECKING:
    from torch import Tensor, nn

BATCH = 32
GRAD_CAM, GRAD_CAM_PP = "Grad-CAM", "Grad-CAM++"
SELECTING = ("exact", "greedy", "top-k", "random-k", "all positive")
"""Methods that select maps, named as in :class:`qxgap.problem.Selections`."""
METHODS = (*SELECTING, GRAD_CAM, GRAD_CAM_PP)


@dataclass(frozen=True, eq=False)
class Explanation:
    """One image, the maps that every method selects, and where these look.

    Attributes
    ----------
    name : of the image; ``label`` its true class, None if unknown.
    number : of the image among all that are explained; random-k is drawn with ``seed + number``.
    pred : the class explained; ``confidence`` the network's, in [0, 1].
    num_qubits, num_maps : selectable maps d, and all of them.
    problem : the selection QUBO; None if no map can be selected.
    status : whether the maps make a problem, in words.
    selections : method of ``SELECTING`` -> channel numbers; empty if there is no problem.
    alpha : (num_maps,) importance.
    image : (C, H, W); ``maps`` : (num_maps, H_f, W_f).
    cams : method of ``METHODS`` -> (H, W) float64 explanation map, not normalised.
    """

    name: str
    number: int
    label: int | None
    pred: int
    confidence: float
    num_qubits: int
    num_maps: int
    problem: QuboProblem | None
    status: str
    selections: Mapping[str, Sequence[Any]]
    alpha: NDArray[np.float64]
    image: Tensor
    maps: Tensor
    cams: Mapping[str, Tensor]


@dataclass(frozen=True)
class Explainer:
    """Explains images through one layer of a network.

    Attributes
    ----------
    layer : name of the module whose output maps are selected.
    tradeoff : the paper's beta.
    seed : of random-k; each image draws its own selection.
    options : others of ``qxgap.xai.feature_selection``: reward_rule, pair_weight, size_term.
    """

    network: nn.Module
    layer: str
    tradeoff: float | ScaledTradeoff = 0.7
    seed: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    def explain(
        self, names: Sequence[str], images: Tensor, labels: Tensor | None = None, *, first: int = 0
    ) -> Iterator[Explanation]:
        """Yield the explanation of the predicted class of every image, in order.

        Parameters
        ----------
        names, images, labels : n of each; images (n, C, H, W).
        first : number of the first image; image i draws random-k with ``seed + first + i``.
        """
        from .. import xai

        for start in range(0, len(images), BATCH):
            rows = slice(start, start + BATCH)
            seen = xai.capture(self.network, images[rows], self.layer)
            sure = seen.logits.double().softmax(dim=1).amax(dim=1)
            for i, (maps, gradients) in enumerate(zip(seen.maps, seen.gradients, strict=True)):
                at = start + i
                label, pred = None if labels is None else int(labels[at]), int(seen.predicted[i])
                problem, found = self._problem(maps, gradients, label, pred)
                chosen = self._select(problem, first + at)
                yield Explanation(
                    name=names[at],
                    number=first + at,
                    label=label,
                    pred=pred,
                    confidence=float(sure[i]),
                    num_qubits=len(found.labels),
                    num_maps=len(maps),
                    problem=problem,
                    status=str(found),
                    selections=chosen,
                    alpha=found.alpha,
                    image=images[at],
                    maps=maps,
                    cams={
                        method: _cam(method, maps, gradients, chosen, images.shape[-2:])
                        for method in METHODS
                    },
                )

    def cams(
        self,
        method: str,
        images: Tensor,
        targets: Tensor,
        numbers: Sequence[int] | None = None,
    ) -> Tensor:
        """Explanation maps (n, H, W) of given classes by one method.

        Parameters
        ----------
        method : one of ``METHODS``.
        images, targets : (n, C, H, W) and (n,).
        numbers : n integers or None
            The numbers of the images, with which random-k is drawn as it was by :meth:`explain`;
            None is 0 to n - 1.
        """
        import torch

        from .. import xai

        seen = xai.capture(self.network, images, self.layer, targets=targets)
        found = []
        for i, (maps, gradients) in enumerate(zip(seen.maps, seen.gradients, strict=True)):
            problem = self._problem(maps, gradients)[0] if method in SELECTING else None
            chosen = self._select(problem, i if numbers is None else numbers[i])
            found.append(_cam(method, maps, gradients, chosen, images.shape[-2:]))
        return torch.stack(found)

    def _problem(
        self, maps: Tensor, gradients: Tensor, label: int | None = None, pred: int | None = None
    ) -> tuple[QuboProblem | None, Any]:
        from .. import xai

        found = xai.selectable_maps(maps, gradients)
        if not found.labels:
            return None, found
        built = xai.feature_selection(
            maps, gradients, self.tradeoff, label=label, pred=pred, **self.options
        )
        return built, found

    def _select(self, problem: QuboProblem | None, number: int) -> Mapping[str, Sequence[Any]]:
        return selections(problem, seed=self.seed + number).by_method if problem else {}


def _cam(
    method: str,
    maps: Tensor,
    gradients: Tensor,
    chosen: Mapping[str, Sequence[Any]],
    size: Sequence[int],
) -> Tensor:
    from .. import xai

    shape = (size[0], size[1])
    if method == GRAD_CAM:
        return xai.grad_cam(maps, gradients, shape)
    if method == GRAD_CAM_PP:
        return xai.grad_cam_plus_plus(maps, gradients, shape)
    if method not in SELECTING:
        raise InputError(f"method {method!r} is unknown; there are {', '.join(METHODS)}")
    alpha = xai.importance(gradients)
    return xai.subset_cam(maps, alpha, chosen.get(method, ()), shape)
