"""From the feature maps and gradients of one image to its feature-selection QUBO.

For feature maps f_a and a logit z of the network, the definitions of Venturelli et al.,
arXiv 2604.25649, are:

    alpha_a = mean over pixels of dz/df_a          importance; maps with alpha > 0 can be selected
    h_p     = alpha_p / max(alpha)                 reward, in (0, 1] (or another RewardRule)
    J_pq    = |<f_p, f_q>| / (|f_p| |f_q|)         redundancy, in [0, 1]
    E(n)    = (1 - tradeoff) sum_{p<q} J_pq n_p n_q - tradeoff sum_p h_p n_p
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from ..errors import InputError
from ..problem import (
    PAPER_TRADEOFF,
    FeatureSelection,
    QuboProblem,
    RewardRule,
    ScaledTradeoff,
    SizeTerm,
)
from ..results import Result, plain

if TYPE_CHECKING:
    import pandas as pd


class SelectionStatus(Enum):
    """Whether the feature maps of an image make a selection problem; the value is the message."""

    OK = "two or more maps can be selected"
    SINGLE_MAP = "d = 1: one map can be selected, there is nothing to trade off"
    NO_POSITIVE_MAP = (
        "d = 0: no map has positive importance and a non-zero norm, there is no problem to build"
    )
    NON_FINITE = "no map has finite values and a finite gradient, there is no problem to build"


@dataclass(frozen=True, eq=False, repr=False)
class SelectableMaps(Result):
    """The feature maps of one image that can be selected, and the reasons against the others.

    Every channel of the hooked layer is counted once: ``len(labels)``, ``num_nonpositive``,
    ``num_dead`` and ``num_nonfinite`` add up to the number of channels C.

    Attributes
    ----------
    alpha : ndarray of float, shape (C,)
        Importance of every channel; NaN or infinite where the gradient is.
    labels : tuple of int
        Channels that can be selected, ascending: their values are finite, alpha > 0, and the map
        has a non-zero norm.
    num_nonpositive : int
        Number of channels that are finite and have alpha <= 0.
    num_dead : int
        Number of channels with alpha > 0 and a map of zeros. Such a map has no cosine.
    num_constant : int
        Number of selectable channels with the same value everywhere in the map. They are exact
        duplicates of each other (J = 1). BatchNorm turns dead ReLU maps into constant maps.
    num_nonfinite : int
        Number of channels with a value, or an importance, that is not a finite number.
    status : SelectionStatus
        ``OK``, ``SINGLE_MAP``, ``NO_POSITIVE_MAP``, or ``NON_FINITE`` if *all* channels are
        non-finite.
    """

    COUNTS: ClassVar[tuple[str, ...]] = (
        "num_nonpositive",
        "num_dead",
        "num_constant",
        "num_nonfinite",
    )

    alpha: NDArray[np.float64]
    labels: tuple[int, ...]
    num_nonpositive: int
    num_dead: int
    num_constant: int
    num_nonfinite: int
    status: SelectionStatus

    @property
    def counts(self) -> dict[str, int]:
        """The four numbers of channels by name, as the files of a problem hold them."""
        return {name: getattr(self, name) for name in self.COUNTS}

    def to_dict(self) -> dict[str, Any]:
        """Return status, numbers of channels, labels and importance as plain Python values.

        Returns
        -------
        dict of str
            Keys ``status``, ``d``, ``num_maps``, those of ``counts``, ``labels`` and ``alpha``.
        """
        values: dict[str, Any] = plain(
            {
                "status": self.status,
                "d": len(self.labels),
                "num_maps": self.alpha.size,
                **self.counts,
                "labels": self.labels,
                "alpha": self.alpha,
            }
        )
        return values

    def plot(self, ax: Any = None) -> Any:
        """Draw the importance of every map, with the selectable ones in another color.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default a new figure is made.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, which is neither shown nor saved.
        """
        from ..plotting import bars  # loads matplotlib

        return bars(
            range(self.alpha.size),
            self.alpha,
            "map",
            "importance alpha",
            highlighted=self.labels,
            highlighted_name=f"the {len(self.labels)} selectable maps",
            ax=ax,
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row for each map.

        Returns
        -------
        pandas.DataFrame
            The columns map, alpha and selectable.
        """
        import pandas as pd

        numbers = range(self.alpha.size)
        chosen = [number in set(self.labels) for number in numbers]
        return pd.DataFrame({"map": numbers, "alpha": self.alpha, "selectable": chosen})

    def __str__(self) -> str:
        return (
            f"{self.status.value} (of {self.alpha.size} maps {len(self.labels)} are kept, "
            f"{self.num_constant} of them constant; {self.num_nonpositive} have alpha <= 0, "
            f"{self.num_dead} are zero, {self.num_nonfinite} are not finite)"
        )


def importance(gradients: Tensor | ArrayLike) -> Tensor:
    """Return the importance alpha of every feature map: the mean of its gradient over the pixels.

    Parameters
    ----------
    gradients : tensor or array_like, shape S + (C, H, W)
        Gradients of a logit with respect to the feature maps.

    Returns
    -------
    tensor of float64, shape S + (C,)
        The importance of every channel.
    """
    return as_double(gradients).mean(dim=(-2, -1))


def redundancy(maps: Tensor | ArrayLike) -> NDArray[np.float64]:
    """Return the redundancy J of every pair of feature maps: the absolute value of their cosine.

    Parameters
    ----------
    maps : tensor or array_like, shape (d, H, W)
        Feature maps. A map of zero norm has no cosine; its entries are 0.

    Returns
    -------
    ndarray of float, shape (d, d)
        Symmetric to the last bit, in [0, 1], with a zero diagonal.
    """
    flat = as_double(maps).flatten(1)
    flat = flat / _nonzero(flat.abs().amax(dim=1, keepdim=True))  # squares stay in range
    unit = flat / _nonzero(flat.norm(dim=1, keepdim=True))
    upper = (unit @ unit.T).abs().clamp(max=1.0).triu(1)
    return np.asarray((upper + upper.T).numpy(), dtype=np.float64)


def selectable_maps(maps: Tensor | ArrayLike, gradients: Tensor | ArrayLike) -> SelectableMaps:
    """Sort the channels of one image into those that can be selected and the others.

    Parameters
    ----------
    maps : tensor or array_like, shape (C, H, W)
        Feature maps of the image.
    gradients : tensor or array_like, shape (C, H, W)
        Gradients of the explained logit with respect to the maps.

    Returns
    -------
    SelectableMaps
        The selectable channels, the importance of all channels, and a status. Values that are not
        finite raise no error; the status and the counts report them.

    Raises
    ------
    InputError
        If the shapes are wrong.
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
    gradients: Tensor | ArrayLike | SelectableMaps,
    tradeoff: float | ScaledTradeoff = PAPER_TRADEOFF,
    *,
    reward_rule: RewardRule = RewardRule.MAX,
    pair_weight: int = 1,
    size_term: SizeTerm | None = None,
    label: int | None = None,
    pred: int | None = None,
    target: int | None = None,
    meta: Mapping[str, Any] | None = None,
) -> QuboProblem:
    """Build the feature-selection QUBO of one image.

    Parameters
    ----------
    maps : tensor or array_like, shape (C, H, W)
        Feature maps of the image.
    gradients : tensor or array_like, shape (C, H, W), or SelectableMaps
        Gradients of the explained logit with respect to the maps; or the result of
        :func:`selectable_maps` for these maps, so that it is not computed again.
    tradeoff : float or ScaledTradeoff, optional
        The paper's beta, in [0, 1]: 1 selects every map of positive importance, 0 selects none. A
        :class:`qxgap.problem.ScaledTradeoff` follows the number of selectable maps.
    reward_rule : RewardRule, optional
        How importance becomes the reward h.
    pair_weight : {1, 2}, optional
        1 counts a pair of maps once, as the paper's text does; 2 counts it twice, as one of the
        paper's scripts does.
    size_term : SizeTerm, optional
        A penalty on selections of another size, which is added to the energy.
    label : int, optional
        True class of the image, which the problem's ``source`` and its .npz file hold.
    pred : int, optional
        Class that the network predicts; ``source`` and the file hold it too.
    target : int, optional
        Class whose logit was differentiated, if that is not the predicted one; ``source`` and the
        file hold it too.
    meta : mapping, optional
        Remarks on where the problem comes from, which are added to its ``meta``.

    Returns
    -------
    QuboProblem
        The problem. Its labels are the channel numbers of the d >= 1 selectable maps; d = 1 is a
        trivial problem. Its ``source`` is the :class:`qxgap.FeatureSelection`, with
        ``alpha`` (d,) and ``num_maps``; its ``meta`` holds the counts of :class:`SelectableMaps`,
        ``status`` and ``reward_rule``.

    Raises
    ------
    InputError
        If no map can be selected, with the reason, or if a shape or a parameter is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> from qxgap import xai
    >>> maps = np.array([[[1.0, 0.0]], [[1.0, 1.0]], [[0.0, 2.0]]])
    >>> gradients = np.array([[[0.2, 0.2]], [[0.4, 0.4]], [[-0.1, 0.0]]])
    >>> problem = xai.feature_selection(maps, gradients, tradeoff=0.7)
    >>> problem.labels, problem.num_qubits
    ((0, 1), 2)
    """
    maps = as_double(maps)
    selectable = (
        gradients if isinstance(gradients, SelectableMaps) else selectable_maps(maps, gradients)
    )
    if maps.ndim != 3 or len(maps) != selectable.alpha.size:
        raise InputError(
            f"maps have shape {tuple(maps.shape)} and the selectable maps are of "
            f"{selectable.alpha.size} channels; give both of the same image"
        )
    if not selectable.labels:
        raise InputError(str(selectable))
    kept = list(selectable.labels)
    alpha = selectable.alpha[kept]
    origin = {
        "status": selectable.status.name,
        "reward_rule": reward_rule.value,
        **selectable.counts,
    }
    selection = FeatureSelection(
        reward_rule.rewards(alpha),
        redundancy(maps[kept]),
        tradeoff.value_at(len(kept)) if isinstance(tradeoff, ScaledTradeoff) else tradeoff,
        pair_weight=pair_weight,
        size_term=size_term,
        labels=selectable.labels,
        alpha=alpha,
        num_maps=selectable.alpha.size,
        label=label,
        pred=pred,
        target=target,
    )
    return selection.qubo(meta={**(meta or {}), **origin})


def as_double(values: Tensor | ArrayLike) -> Tensor:
    """Return ``values`` as a float64 tensor on the CPU, outside any graph."""
    if not isinstance(values, Tensor):
        values = torch.from_numpy(np.array(values, dtype=np.float64))
    return values.detach().to("cpu", torch.float64)


def _nonzero(scale: Tensor) -> Tensor:
    """Replace zeros by ones, so that dividing by the result leaves zero vectors as they are."""
    return torch.where(scale > 0, scale, 1.0)
