"""From the maps and gradients of one image to its feature-selection QUBO.

Source: Venturelli et al., arXiv 2604.25649. For maps f_a and the gradients of a logit z:

    alpha_a = mean over pixels of dz/df_a          importance; maps with alpha > 0 are kept
    h_p     = alpha_p / max(alpha)                 reward, in (0, 1] (or another RewardRule)
    J_pq    = |<f_p, f_q>| / (|f_p| |f_q|)         redundancy, in [0, 1]
    E(n)    = (1 - tradeoff) sum_{p<q} J_pq n_p n_q - tradeoff sum_p h_p n_p
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from ..errors import InputError
from ..problem import FeatureSelection, QuboProblem, RewardRule, ScaledTradeoff, SizeTerm


class SelectionStatus(Enum):
    """Whether an image's maps make a feature-selection problem; the value says it in words."""

    OK = "two or more maps can be selected"
    SINGLE_MAP = "d = 1: one map can be selected, there is nothing to trade off"
    NO_POSITIVE_MAP = (
        "d = 0: no map has positive importance and a non-zero norm, there is no problem to build"
    )
    NON_FINITE = "no map has finite values and a finite gradient, there is no problem to build"


@dataclass(frozen=True, eq=False)
class SelectableMaps:
    """The maps of one image that a QUBO can be built from, and why the others cannot.

    Every channel is counted once: ``labels``, ``num_nonpositive``, ``num_dead`` and
    ``num_nonfinite`` add up to C.

    Attributes
    ----------
    alpha : (C,) importance of every channel; NaN or infinite where the gradient is.
    labels : channels kept, ascending: finite, alpha > 0, map of non-zero norm.
    num_nonpositive : channels that are finite with alpha <= 0.
    num_dead : channels with alpha > 0 whose map is zero everywhere; they have no cosine.
    num_constant : kept channels whose map has one value everywhere; they are exact duplicates
        of each other (J = 1). BatchNorm makes them of dead ReLU maps.
    num_nonfinite : channels with a value, or an importance, that is not a finite number.
    status : OK, SINGLE_MAP, NO_POSITIVE_MAP, or NON_FINITE if *all* channels are non-finite.
    """

    alpha: NDArray[np.float64]
    labels: tuple[int, ...]
    num_nonpositive: int
    num_dead: int
    num_constant: int
    num_nonfinite: int
    status: SelectionStatus

    @property
    def counts(self) -> dict[str, int]:
        """The four counts by name."""
        names = ("num_nonpositive", "num_dead", "num_constant", "num_nonfinite")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        return (
            f"{self.status.value} (of {self.alpha.size} maps {len(self.labels)} are kept, "
            f"{self.num_constant} of them constant; {self.num_nonpositive} have alpha <= 0, "
            f"{self.num_dead} are zero, {self.num_nonfinite} are not finite)"
        )


def importance(gradients: Tensor | ArrayLike) -> Tensor:
    """alpha: the mean of the gradient over the pixels, shape S + (C, H, W) -> S + (C,), float64."""
    return as_double(gradients).mean(dim=(-2, -1))


def redundancy(maps: Tensor | ArrayLike) -> NDArray[np.float64]:
    """J: the absolute cosine of each pair of maps, shape (d, H, W) -> (d, d).

    Symmetric to the bit, in [0, 1], with zero diagonal. A map of zero norm has no cosine; its
    entries are 0.
    """
    flat = as_double(maps).flatten(1)
    flat = flat / _nonzero(flat.abs().amax(dim=1, keepdim=True))  # squares stay in range
    unit = flat / _nonzero(flat.norm(dim=1, keepdim=True))
    upper = (unit @ unit.T).abs().clamp(max=1.0).triu(1)
    return np.asarray((upper + upper.T).numpy(), dtype=np.float64)


def selectable_maps(maps: Tensor | ArrayLike, gradients: Tensor | ArrayLike) -> SelectableMaps:
    """Sort the channels of one image into those a QUBO can be built from and the others.

    Parameters
    ----------
    maps, gradients : (C, H, W) feature maps of the image and the gradients of its logit.

    Raises
    ------
    InputError : for wrong shapes. Never for the values: ``status`` and the counts tell.
    """
    maps, gradients = as_double(maps), as_double(gradients)
    if maps.ndim != 3 or not maps.numel() or maps.shape != gradients.shape:
        raise InputError(
            f"maps have shape {tuple(maps.shape)} and gradients {tuple(gradients.shape)}; "
            "give both as (C, H, W), the maps of one image"
        )
    alpha, flat = importance(gradients), maps.flatten(1)
    finite = flat.isfinite().all(dim=1) & alpha.isfinite()
    positive = finite & (alpha > 0)
    alive = flat.abs().amax(dim=1) > 0
    kept = positive & alive
    labels = tuple(kept.nonzero().flatten().tolist())
    if not finite.any():
        status = SelectionStatus.NON_FINITE
    elif len(labels) < 2:
        status = SelectionStatus.SINGLE_MAP if labels else SelectionStatus.NO_POSITIVE_MAP
    else:
        status = SelectionStatus.OK
    return SelectableMaps(
        alpha=alpha.numpy(),
        labels=labels,
        num_nonpositive=int((finite & ~positive).sum()),
        num_dead=int((positive & ~alive).sum()),
        num_constant=int((kept & (flat.amax(dim=1) == flat.amin(dim=1))).sum()),
        num_nonfinite=int((~finite).sum()),
        status=status,
    )


def feature_selection(
    maps: Tensor | ArrayLike,
    gradients: Tensor | ArrayLike,
    tradeoff: float | ScaledTradeoff = 0.7,
    *,
    reward_rule: RewardRule = RewardRule.MAX,
    pair_weight: int = 1,
    size_term: SizeTerm | None = None,
    label: int | None = None,
    pred: int | None = None,
    meta: Mapping[str, Any] | None = None,
) -> QuboProblem:
    """Build the feature-selection QUBO of one image.

    Parameters
    ----------
    maps, gradients : (C, H, W) feature maps of the image and the gradients of its logit.
    tradeoff : in [0, 1], the paper's beta: 1 selects every map of positive importance, 0 none; or
        a :class:`ScaledTradeoff`, which follows d.
    reward_rule : how importance becomes the reward h.
    pair_weight : 1 counts a pair of maps once (the paper's text), 2 twice (one of its scripts).
    size_term : a penalty on selections of another size, added to the energy.
    label, pred : int or None
        The class of the image, and the class that the network predicts; the problem's ``source``
        and its ``.npz`` file keep them.
    meta : remarks on where the problem comes from, added to the problem's ``meta``.

    Returns
    -------
    QuboProblem whose labels are the channel numbers of the kept maps, d >= 1 of them (d = 1 is a
    problem too, if a trivial one). Its ``source`` is the :class:`qxgap.FeatureSelection`, with
    ``alpha`` (d,) and ``num_maps``; its ``meta`` holds the counts of :class:`SelectableMaps`,
    ``status`` and ``reward_rule``.

    Raises
    ------
    InputError : if no map can be selected, with the reason; for wrong shapes or parameters.
    """
    maps = as_double(maps)
    found = selectable_maps(maps, gradients)
    if not found.labels:
        raise InputError(str(found))
    kept = list(found.labels)
    alpha = found.alpha[kept]
    origin = {
        "status": found.status.name,
        "reward_rule": reward_rule.value,
        **found.counts,
    }
    selection = FeatureSelection(
        reward_rule.rewards(alpha),
        redundancy(maps[kept]),
        tradeoff.value_at(len(kept)) if isinstance(tradeoff, ScaledTradeoff) else tradeoff,
        pair_weight=pair_weight,
        size_term=size_term,
        labels=found.labels,
        alpha=alpha,
        num_maps=found.alpha.size,
        label=label,
        pred=pred,
    )
    return selection.qubo(meta={**(meta or {}), **origin})


def as_double(values: Tensor | ArrayLike) -> Tensor:
    """Return ``values`` as a float64 tensor on the CPU, outside any graph."""
    if not isinstance(values, Tensor):
        values = torch.from_numpy(np.array(values, dtype=np.float64))
    return values.detach().to("cpu", torch.float64)


def _nonzero(scale: Tensor) -> Tensor:
    return torch.where(scale > 0, scale, 1.0)
