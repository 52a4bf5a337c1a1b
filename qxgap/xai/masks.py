"""From an explanation map to an image in which only what it points at is left.

A mask m in [0, 1] says how much of each pixel stays; a fill f says what takes the place of the
rest: ``m * image + (1 - m) * f``. Every number that is measured on such images depends on both,
and on how much of the image the mask keeps, its coverage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from ..errors import InputError
from .cam import normalize


class Mask(Protocol):
    """Maps (B, H, W), non-negative, to masks of the same shape in [0, 1]."""

    def __call__(self, cams: Tensor) -> Tensor:
        """Return the masks."""


class Fill(Protocol):
    """What removed pixels of images (B, C, H, W) become."""

    def __call__(self, images: Tensor) -> Tensor:
        """Return a tensor that broadcasts to the images' shape."""


@dataclass(frozen=True)
class SoftMask:
    """The map divided by its largest value; a map of zeros keeps nothing.

    Source: Chattopadhay et al., WACV 2018, arXiv 1710.11063, section 5.1.
    """

    def __call__(self, cams: Tensor) -> Tensor:
        """See the class."""
        return normalize(cams)


@dataclass(frozen=True)
class ThresholdMask:
    """1 where the map reaches ``fraction`` of its largest value and is positive, 0 elsewhere."""

    fraction: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise InputError(f"fraction = {self.fraction}; give a number from 0 to 1")

    def __call__(self, cams: Tensor) -> Tensor:
        """See the class."""
        return ((normalize(cams) >= self.fraction) & (cams > 0)).to(cams.dtype)


@dataclass(frozen=True)
class AreaMask:
    """1 on the ``share`` of the pixels with the largest values, the same area for every map.

    Pixels that tie at the edge share what is left of the area between them in equal parts, so
    that the area is exact and no direction in the image is favoured: a map of zeros gives
    ``share`` everywhere.
    """

    share: float = 0.25

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise InputError(f"share = {self.share}; give a number from 0 to 1")

    def __call__(self, cams: Tensor) -> Tensor:
        """See the class."""
        flat = cams.flatten(1)
        area = self.share * flat.shape[1]
        ranked = flat.sort(dim=1, descending=True).values
        edge = ranked[:, min(int(area), flat.shape[1] - 1), None]
        above, tied = (flat > edge).to(cams.dtype), (flat == edge).to(cams.dtype)
        left = area - above.sum(dim=1, keepdim=True)
        return (above + tied * left / tied.sum(dim=1, keepdim=True)).reshape(cams.shape)


@dataclass(frozen=True)
class Constant:
    """One value for every removed pixel, or one for each channel, in the units of the images."""

    value: float | tuple[float, ...] = 0.0

    def __call__(self, images: Tensor) -> Tensor:
        """See the class."""
        value = torch.as_tensor(self.value, dtype=images.dtype, device=images.device)
        if value.ndim and len(value) != images.shape[1]:
            raise InputError(f"fill {self.value} is for {len(value)} of {images.shape[1]} channels")
        return value[:, None, None] if value.ndim else value


@dataclass(frozen=True)
class GaussianBlur:
    """The image itself, blurred with ``sigma`` pixels and reflected at its edges.

    Source: Petsiuk et al., BMVC 2018, arXiv 1806.07421, whose code cuts the kernel at 5 pixels.
    """

    sigma: float = 5.0

    def __call__(self, images: Tensor) -> Tensor:
        """See the class."""
        widths = (0, 0, self.sigma, self.sigma)
        return torch.from_numpy(gaussian_filter(images.cpu().numpy(), widths)).to(images)


def keep(images: Tensor, masks: Tensor, fill: Fill) -> Tensor:
    """Return ``m * image + (1 - m) * fill`` for images (B, C, H, W) and masks (B, H, W)."""
    return blend(images, masks, fill(images))


def blend(images: Tensor, masks: Tensor, filled: Tensor) -> Tensor:
    """The same with a fill that was computed before.

    Raises
    ------
    InputError : for shapes that do not fit.
    """
    if masks.ndim != 3 or images.ndim != 4 or masks.shape != images[:, 0].shape:
        raise InputError(
            f"masks have shape {tuple(masks.shape)} and images {tuple(images.shape)}; "
            "give (B, H, W) and (B, C, H, W), maps brought to the size of the image"
        )
    weight = masks[:, None].to(images)
    return weight * images + (1 - weight) * filled
