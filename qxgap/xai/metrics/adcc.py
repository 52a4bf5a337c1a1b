"""ADCC, one number from three properties of an explanation map, in percent.

    coherency  100 (1 + Pearson correlation of the map with that of the masked image) / 2
    complexity 100 times the mean of the map over its maximum   lower is better
    ADCC       harmonic mean of coherency, 100 - complexity and 100 - drop

They are defined by Poppi et al., CVPR Workshops 2021, arXiv 2104.10252.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from ...digits import counted
from ...results import Result, plain
from ..cam import normalize
from .drops import mask_scores
from .masks import Constant, Fill, keep

if TYPE_CHECKING:
    import pandas as pd

ExplanationFunction = Callable[[Tensor, Tensor], Tensor]
"""A function from images (B, C, H, W) and classes (B,) to explanation maps (B, H, W)."""


@dataclass(frozen=True, eq=False, repr=False)
class AdccScores(Result):
    """ADCC and the three metrics that it consists of; printing gives the means.

    Attributes
    ----------
    coherency : tensor of float64, shape (B,)
        Similarity of the map of the masked image and the map itself, in percent.
    complexity : tensor of float64, shape (B,)
        Mean of the map over its maximum, in percent.
    drop : tensor of float64, shape (B,)
        Relative loss of confidence by the soft mask, in percent.
    """

    references: ClassVar[tuple[str, ...]] = ("poppi2021",)

    coherency: Tensor
    complexity: Tensor
    drop: Tensor

    @property
    def adcc(self) -> Tensor:
        """(B,) harmonic mean; 0 where one of the three has its worst value."""
        parts = torch.stack([self.coherency, 100 - self.complexity, 100 - self.drop])
        return 3 / (1 / parts.clamp(min=0)).sum(dim=0)

    def to_dict(self) -> dict[str, Any]:
        """Return the values of every image as plain Python values.

        Returns
        -------
        dict of str
            Lists ``coherency``, ``complexity``, ``drop`` and ``adcc``.
        """
        names = ("coherency", "complexity", "drop", "adcc")
        return {name: plain(getattr(self, name)) for name in names}

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row for each image.

        Returns
        -------
        pandas.DataFrame
            The columns coherency, complexity, drop and adcc.
        """
        import pandas as pd

        return pd.DataFrame(self.to_dict())

    def __str__(self) -> str:
        return (
            f"The explanation maps score {float(self.adcc.mean()):.1f} of 100 (ADCC, mean of "
            f"{counted(len(self.drop), 'image')}): coherency {float(self.coherency.mean()):.1f} %, "
            f"complexity {float(self.complexity.mean()):.1f} %, drop {float(self.drop.mean()):.1f} "
            "%."
        )


def adcc_scores(
    model: torch.nn.Module,
    images: Tensor,
    cams: Tensor,
    targets: Tensor,
    explain: ExplanationFunction,
    *,
    fill: Fill | None = None,
    batch_size: int = 64,
) -> AdccScores:
    """Measure ADCC, which rewards maps that are coherent, small and preserve the confidence.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits (B, K).
    images : tensor, shape (B, C, H, W)
        Images as the network takes them.
    cams : tensor, shape (B, H, W)
        Non-negative explanation maps of any scale. ADCC is defined with the soft mask of them.
    targets : tensor of int, shape (B,)
        The explained class of each image.
    explain : callable
        The function that made ``cams`` from images and classes. It is called again with the images
        masked by their maps, and the same classes.
    fill : Fill, optional
        The replacement of removed pixels; by default ``Constant(0.0)``.
    batch_size : int, optional
        Number of images in one forward pass.

    Returns
    -------
    AdccScores
        The metrics of every image.
    """
    scores = mask_scores(model, images, cams, targets, fill=fill, batch_size=batch_size)
    masked_cams = explain(keep(images, normalize(cams), fill or Constant()), targets)
    return AdccScores(coherency(cams, masked_cams), complexity(cams), scores.drop)


def coherency(cams: Tensor, masked_cams: Tensor) -> Tensor:
    """Return the similarity of maps (B, H, W) of images and of their masked copies, in percent.

    This is the Pearson correlation of the two maps, shifted and scaled from [-1, 1] to 0 to 100;
    it is 0 where one of them is constant.
    """
    first, second = (
        maps.double().flatten(1) - maps.double().flatten(1).mean(dim=1, keepdim=True)
        for maps in (cams, masked_cams)
    )
    norms = first.norm(dim=1) * second.norm(dim=1)
    correlation = (first * second).sum(dim=1) / torch.where(norms > 0, norms, 1.0)
    return torch.where(norms > 0, 50 * (1 + correlation.clamp(-1, 1)), 0.0)


def complexity(cams: Tensor) -> Tensor:
    """Return the mean of each map (B, H, W) over its maximum, in percent."""
    return 100 * normalize(cams).double().mean(dim=(1, 2))
