"""Masked images, which show only the part to which an explanation map points.

A mask m in [0, 1] is the fraction of each pixel that remains; a fill f replaces the rest:
``m * image + (1 - m) * f``. Every number that is measured on such images depends on both, and on
the part of the image that the mask keeps, which is its coverage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from ...errors import InputError
from ..cam import normalize


class Mask(Protocol):
    """A function from explanation maps (B, H, W), non-negative, to masks in [0, 1]."""

    def __call__(self, cams: Tensor) -> Tensor:
        """Return the masks, of the shape of the maps."""


class Fill(Protocol):
    """A function from images (B, C, H, W) to the pixels that replace the removed ones."""

    def __call__(self, images: Tensor) -> Tensor:
        """Return a tensor that broadcasts to the shape of the images."""


@dataclass(frozen=True)
class SoftMask:
    """A mask equal to the map divided by its largest value; a map of zeros keeps nothing.

    Notes
    -----
    This mask is that of Chattopadhay et al., WACV 2018, arXiv 1710.11063, section 5.1.
    """

    references: ClassVar[tuple[str, ...]] = ("chattopadhay2018",)

    def __call__(self, cams: Tensor) -> Tensor:
        """Return the masks of the maps (B, H, W)."""
        return normalize(cams)


@dataclass(frozen=True)
class MinMaxMask:
    """A mask that grows linearly from 0 at the smallest value of the map to 1 at the largest.

    Parameters
    ----------
    levels : int, optional
        Number of values to which the mask is cut down, as images of 8 bits have 256; 0 keeps it as
        it is.

    Raises
    ------
    InputError
        If ``levels`` is negative or 1.

    Notes
    -----
    A constant map keeps nothing. With 256 levels it is the mask of the programs behind the table of
    arXiv 2604.25649.

    Examples
    --------
    >>> import torch
    >>> from qxgap.xai import MinMaxMask
    >>> MinMaxMask()(torch.tensor([[[1.0, 2.0, 3.0]]])).tolist()
    [[[0.0, 0.5, 1.0]]]
    """

    references: ClassVar[tuple[str, ...]] = ()

    levels: int = 0

    def __post_init__(self) -> None:
        if self.levels < 0 or self.levels == 1:
            raise InputError(f"levels = {self.levels}; give at least 2, or 0 for no rounding")

    def __call__(self, cams: Tensor) -> Tensor:
        """Return the masks of the maps (B, H, W)."""
        masks = normalize(cams - cams.amin(dim=(-2, -1), keepdim=True))
        if self.levels:
            masks = (masks * (self.levels - 1)).floor() / (self.levels - 1)
        return masks


@dataclass(frozen=True)
class ThresholdMask:
    """A mask of 1 where the map is positive and reaches a fraction of its maximum, else 0.

    Parameters
    ----------
    fraction : float, optional
        The fraction of the largest value, from 0 to 1.

    Raises
    ------
    InputError
        If ``fraction`` lies outside [0, 1].
    """

    references: ClassVar[tuple[str, ...]] = ()

    fraction: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise InputError(f"fraction = {self.fraction}; give a number from 0 to 1")

    def __call__(self, cams: Tensor) -> Tensor:
        """Return the masks of the maps (B, H, W)."""
        return ((normalize(cams) >= self.fraction) & (cams > 0)).to(cams.dtype)


@dataclass(frozen=True)
class AreaMask:
    """A mask of 1 on the pixels with the largest values, of the same area for every map.

    Pixels with equal values at the edge of the area get equal parts of its rest. The area is
    therefore exact and no direction in the image is favored; a map of zeros gives ``share``
    everywhere.

    Parameters
    ----------
    share : float, optional
        The share of the pixels that the mask keeps, from 0 to 1.

    Raises
    ------
    InputError
        If ``share`` lies outside [0, 1].
    """

    references: ClassVar[tuple[str, ...]] = ()

    share: float = 0.25

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise InputError(f"share = {self.share}; give a number from 0 to 1")

    def __call__(self, cams: Tensor) -> Tensor:
        """Return the masks of the maps (B, H, W)."""
        flat = cams.flatten(1)
        area = self.share * flat.shape[1]
        ranked = flat.sort(dim=1, descending=True).values
        edge = ranked[:, min(int(area), flat.shape[1] - 1), None]
        above, tied = (flat > edge).to(cams.dtype), (flat == edge).to(cams.dtype)
        left = area - above.sum(dim=1, keepdim=True)
        return (above + tied * left / tied.sum(dim=1, keepdim=True)).reshape(cams.shape)


@dataclass(frozen=True)
class Constant:
    """A fill with the same value in every removed pixel, in the units of the images.

    Parameters
    ----------
    value : float or tuple of float, optional
        One value for all channels, or one for each.
    """

    references: ClassVar[tuple[str, ...]] = ()

    value: float | tuple[float, ...] = 0.0

    def __call__(self, images: Tensor) -> Tensor:
        """Return the fill of the images (B, C, H, W)."""
        value = torch.as_tensor(self.value, dtype=images.dtype, device=images.device)
        if value.ndim and len(value) != images.shape[1]:
            raise InputError(f"fill {self.value} is for {len(value)} of {images.shape[1]} channels")
        return value[:, None, None] if value.ndim else value


@dataclass(frozen=True)
class GaussianBlur:
    """A fill with a blurred copy of the image, which is reflected at its edges.

    Parameters
    ----------
    sigma : float, optional
        Standard deviation of the blur, in pixels.

    Notes
    -----
    This fill is that of Petsiuk et al., BMVC 2018, arXiv 1806.07421. Their code cuts the kernel at
    5 pixels.

    Examples
    --------
    >>> import torch
    >>> from qxgap.xai import GaussianBlur
    >>> blurred = GaussianBlur()(torch.eye(9)[None, None])
    >>> bool(blurred.max() < 1.0)
    True
    """

    references: ClassVar[tuple[str, ...]] = ("petsiuk2018",)

    sigma: float = 5.0

    def __call__(self, images: Tensor) -> Tensor:
        """Return the fill of the images (B, C, H, W)."""
        widths = (0, 0, self.sigma, self.sigma)
        return torch.from_numpy(gaussian_filter(images.cpu().numpy(), widths)).to(images)


def keep(images: Tensor, masks: Tensor, fill: Fill) -> Tensor:
    """Return ``m * image + (1 - m) * fill`` for images (B, C, H, W) and masks (B, H, W)."""
    return blend(images, masks, fill(images))


def blend(images: Tensor, masks: Tensor, filled: Tensor) -> Tensor:
    """Return the same as :func:`keep`, for a fill that was computed before.

    Raises
    ------
    InputError
        If the shapes do not fit.
    """
    if masks.ndim != 3 or images.ndim != 4 or masks.shape != images[:, 0].shape:
        raise InputError(
            f"masks have shape {tuple(masks.shape)} and images {tuple(images.shape)}; "
            "give (B, H, W) and (B, C, H, W), maps brought to the size of the image"
        )
    weight = masks[:, None].to(images)
    return weight * images + (1 - weight) * filled
