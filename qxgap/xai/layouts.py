"""Feature maps in the output of a layer: channels first, channels last, or tokens of patches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

MAX_PREFIX = 8
"""Largest number of tokens before those of the patches (class, distillation, registers) that is
tried if the network does not state it."""


@dataclass(frozen=True)
class Layout:
    """The place of the feature maps in the output of a layer.

    Attributes
    ----------
    channels_last : bool
        Whether the last axis numbers the maps, as in a transformer.
    num_prefix : int
        Number of tokens before those of the patches, such as the class token.
    grid : tuple of int
        Rows and columns of the patches, for an output (B, tokens, features); empty for an output
        with four axes.
    """

    channels_last: bool = False
    num_prefix: int = 0
    grid: tuple[int, ...] = ()

    def maps(self, output: Tensor) -> Tensor:
        """Return the maps (B, C, H, W) in an output of the layer, or in its gradients.

        Parameters
        ----------
        output : tensor, shape (B, C, H, W), (B, H, W, C) or (B, tokens, C)
            The output or the gradients with respect to it.
        """
        if self.grid:
            patches = output[:, self.num_prefix :]
            output = patches.reshape(len(patches), *self.grid, patches.shape[2])
        return output.permute(0, 3, 1, 2) if self.channels_last else output


def layout_of(model: nn.Module, output: Any, images: Tensor) -> Layout | None:
    """Return the layout of an output of a layer, or None if it holds no maps.

    Four axes are (B, C, H, W), unless the last three fit the images only as (H, W, C). Three axes
    are (B, tokens, C), if the patches form a grid with the proportions of the images. Both readings
    with the channels last need a network with a normalization over as many features, such as a
    LayerNorm; without it nothing tells features from positions.

    Parameters
    ----------
    model : torch.nn.Module
        The network.
    output : object
        The output of one of its layers for the images.
    images : tensor, shape (B, C, H, W)
        The images.
    """
    if not isinstance(output, Tensor) or len(output) != len(images):
        return None
    size = (images.shape[2], images.shape[3])
    if output.ndim == 4:
        _, first, second, last = output.shape
        fits_first, fits_last = (
            _proportional((second, last), size),
            _proportional((first, second), size),
        )
        return Layout(not fits_first and fits_last and normalizes(model, last))
    if output.ndim == 3 and normalizes(model, output.shape[2]):
        return _tokens(model, output.shape[1], size)
    return None


def normalizes(module: nn.Module, num_features: int) -> bool:
    """Whether a network or a part of it normalizes over a last axis of so many features.

    Parameters
    ----------
    module : torch.nn.Module
        The network, or a part of it.
    num_features : int
        The number of features.
    """
    shapes = (getattr(part, "normalized_shape", None) for part in module.modules())
    return any(shape is not None and tuple(shape) == (num_features,) for shape in shapes)


def _tokens(model: nn.Module, number: int, size: tuple[int, int]) -> Layout | None:
    """Return the layout of so many tokens of images of this size."""
    known = getattr(model, "num_prefix_tokens", None)  # timm's networks have it
    prefixes = [known] if isinstance(known, int) else []
    for num_prefix in (*prefixes, *range(MAX_PREFIX + 1)):
        grid = _grid(number - num_prefix, size)
        if grid is not None:
            return Layout(True, num_prefix, grid)
    return None


def _grid(number: int, size: tuple[int, int]) -> tuple[int, int] | None:
    """Return rows and columns of so many patches, if images of this size divide into them."""
    height, width = size
    rows = math.isqrt(max(number, 0) * height // width)
    if number < 2 or not rows or number % rows:
        return None
    columns = number // rows
    whole = not height % rows and not width % columns
    return (rows, columns) if whole and _proportional((rows, columns), size) else None


def _proportional(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two sizes have the same ratio of height to width."""
    return one[0] * other[1] == one[1] * other[0]
