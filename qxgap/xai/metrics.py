"""How well explanation maps point at what the network uses. All values are in percent.

With Y the softmax confidence of the explained class on the image and E that on the image masked by
its explanation map:

    drop       100 max(0, Y - E) / Y                            lower is better
    increase   100 if E > Y, else 0                             higher is better
    coverage   100 times the mean of the mask                   to be read beside both
    coherency  100 (1 + Pearson correlation of the map with that of the masked image) / 2
    complexity 100 times the mean of the map over its maximum   lower is better
    ADCC       harmonic mean of coherency, 100 - complexity and 100 - drop

A mask that keeps everything has no drop, so that drops compare only at like coverage.

Sources: drop and increase, Chattopadhay et al., WACV 2018, arXiv 1710.11063; the others, Poppi et
al., CVPR Workshops 2021, arXiv 2104.10252.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import InputError
from .cam import normalize
from .hooks import evaluating, forward
from .masks import Constant, Fill, Mask, SoftMask, keep

Explainer = Callable[[Tensor, Tensor], Tensor]
"""From images (B, C, H, W) and classes (B,) to explanation maps (B, H, W)."""


@dataclass(frozen=True, eq=False)
class MaskScores:
    """Confidence with and without a mask, one float64 value per image; printing gives the means.

    Attributes
    ----------
    confidence, masked : (B,) Y and E, in [0, 1].
    coverage : (B,) percent of the image that the mask keeps.
    """

    confidence: Tensor
    masked: Tensor
    coverage: Tensor

    @property
    def drop(self) -> Tensor:
        """(B,) relative loss of confidence, percent; 0 if there was none to lose."""
        loss = (self.confidence - self.masked).clamp(min=0)
        return 100 * loss / torch.where(self.confidence > 0, self.confidence, 1.0)

    @property
    def increase(self) -> Tensor:
        """(B,) 100 where the mask raises the confidence, 0 elsewhere."""
        return 100.0 * (self.masked > self.confidence).double()

    @property
    def average_drop(self) -> float:
        """Average Drop, percent."""
        return float(self.drop.mean())

    @property
    def average_increase(self) -> float:
        """Average Increase, percent of the images."""
        return float(self.increase.mean())

    @property
    def average_coverage(self) -> float:
        """Mean coverage, percent."""
        return float(self.coverage.mean())

    def __str__(self) -> str:
        return (
            f"Average Drop {self.average_drop:.1f} %, Average Increase "
            f"{self.average_increase:.1f} %, coverage {self.average_coverage:.1f} % "
            f"({len(self.confidence)} images)"
        )


@dataclass(frozen=True, eq=False)
class AdccScores:
    """ADCC and what it is made of, (B,) percent each."""

    coherency: Tensor
    complexity: Tensor
    drop: Tensor

    @property
    def adcc(self) -> Tensor:
        """(B,) harmonic mean; 0 where one of the three is as bad as can be."""
        parts = torch.stack([self.coherency, 100 - self.complexity, 100 - self.drop])
        return 3 / (1 / parts.clamp(min=0)).sum(dim=0)


def confidence(
    model: torch.nn.Module, images: Tensor, targets: Tensor, *, batch_size: int = 64
) -> Tensor:
    """Softmax probability of the class ``targets[b]`` on image b, (B,) float64; eval mode, no grad.

    Raises
    ------
    InputError : if there is not one class for each image, or the network cannot take the images.
    """
    if targets.shape != images.shape[:1]:
        raise InputError(
            f"{len(images)} images have targets of shape {tuple(targets.shape)}; give one for each"
        )
    with evaluating(model), torch.no_grad():
        parts = [
            forward(model, rows).cpu().double().softmax(dim=1).gather(1, classes[:, None])[:, 0]
            for rows, classes in zip(
                torch.split(images, batch_size), torch.split(targets.cpu(), batch_size), strict=True
            )
        ]
    return torch.cat(parts)


def mask_scores(
    model: torch.nn.Module,
    images: Tensor,
    cams: Tensor,
    targets: Tensor,
    mask: Mask | None = None,
    *,
    fill: Fill | None = None,
    batch_size: int = 64,
) -> MaskScores:
    """Average Drop, Average Increase and coverage of explanation maps.

    Parameters
    ----------
    images : (B, C, H, W) as the network takes them.
    cams : (B, H, W) non-negative maps, of any scale.
    targets : (B,) the classes explained.
    mask : from map to mask; by default :class:`SoftMask`.
    fill : what removed pixels become; by default ``Constant(0.0)``.

    Raises
    ------
    InputError : for shapes that do not fit and maps that are negative or not finite.
    """
    _require_maps(cams)
    masks = (mask or SoftMask())(cams)
    return MaskScores(
        confidence=confidence(model, images, targets, batch_size=batch_size),
        masked=confidence(
            model, keep(images, masks, fill or Constant()), targets, batch_size=batch_size
        ),
        coverage=100 * masks.double().mean(dim=(1, 2)),
    )


def adcc_scores(
    model: torch.nn.Module,
    images: Tensor,
    cams: Tensor,
    targets: Tensor,
    explain: Explainer,
    *,
    fill: Fill | None = None,
    batch_size: int = 64,
) -> AdccScores:
    """ADCC: does the map explain itself, is it small, does it keep the confidence?

    Parameters
    ----------
    explain : what made ``cams``; it is asked again for the images masked by them, same classes.

    The others are those of :func:`mask_scores`, whose soft mask ADCC is defined with.
    """
    scores = mask_scores(model, images, cams, targets, fill=fill, batch_size=batch_size)
    again = explain(keep(images, normalize(cams), fill or Constant()), targets)
    return AdccScores(coherency(cams, again), complexity(cams), scores.drop)


def coherency(cams: Tensor, again: Tensor) -> Tensor:
    """Pearson correlation of maps (B, H, W) brought to 0 to 100; (B,), 0 if a map is constant."""
    first, second = (
        maps.double().flatten(1) - maps.double().flatten(1).mean(dim=1, keepdim=True)
        for maps in (cams, again)
    )
    norms = first.norm(dim=1) * second.norm(dim=1)
    correlation = (first * second).sum(dim=1) / torch.where(norms > 0, norms, 1.0)
    return torch.where(norms > 0, 50 * (1 + correlation.clamp(-1, 1)), 0.0)


def complexity(cams: Tensor) -> Tensor:
    """Mean of maps (B, H, W) over their maximum, percent; (B,)."""
    return 100 * normalize(cams).double().mean(dim=(1, 2))


def _require_maps(cams: Tensor) -> None:
    if not cams.isfinite().all() or cams.min() < 0:
        raise InputError("the explanation maps hold negative or non-finite values; apply a ReLU")
