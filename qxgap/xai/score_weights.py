"""Score-CAM, which weights every feature map by what the network says of the image behind it."""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from ..errors import InputError
from .cam import resize, subset_cam
from .features import as_double
from .hooks import evaluating, forward

FLAT = 1e-6
"""Spread of a map, relative to its largest magnitude, below which it has the same value everywhere.

What is left then is rounding, which the scale of the masks would blow up to the range of 0 to 1."""


def score_cam(
    model: nn.Module,
    image: Tensor,
    maps: Tensor | ArrayLike,
    target: int,
    size: tuple[int, int] | None = None,
    *,
    batch_size: int = 64,
) -> Tensor:
    """Return the Score-CAM map: the ReLU of the sum of ``w_a f_a`` over all feature maps.

    No gradient is taken. Every map is laid over the image as a mask, and the weights are the
    softmax, over the maps, of the logits of the masked images. The network runs once for each map.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits (B, K); it runs in eval mode.
    image : tensor, shape (c, height, width)
        The image, as the network takes it.
    maps : tensor or array_like, shape (C, H, W)
        Feature maps of the image.
    target : int
        The class that is explained.
    size : tuple of int, optional
        Height and width to which the map is interpolated, as in :func:`subset_cam`.
    batch_size : int, optional
        Number of masked images in one forward pass.

    Returns
    -------
    tensor of float64, shape (H, W) or ``size``
        The explanation map, not normalized.

    Raises
    ------
    InputError
        If shapes do not fit, a map is not finite, the network has no such class, or it cannot take
        the images.

    Notes
    -----
    The definition is that of Wang et al., arXiv 1910.01279, algorithm 1:

        M_a = x * s(U(f_a)),   w = softmax over a of z(M_a)

    for the image x, the logit z, the interpolation U to the size of the image, and the scale s
    from the smallest value of a map, 0, to its largest, 1. The paper subtracts the logit of a
    baseline image from every z(M_a), which the softmax cancels; so no baseline is given here. A
    map that has the same value everywhere has no such scale; its mask is 0, and its weight that of
    a black image. A mask multiplies what the network takes: in an image that was standardized, 0
    is the mean color and not black.

    Examples
    --------
    >>> from qxgap import xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> seen = xai.capture(network.module, images[:1], network.layer)
    >>> xai.score_cam(network.module, images[0], seen.maps[0], int(labels[0]), (28, 28)).shape
    torch.Size([28, 28])
    """
    maps = as_double(maps)
    if maps.ndim != 3 or not maps.numel() or image.ndim != 3:
        raise InputError(
            f"maps have shape {tuple(maps.shape)} and the image {tuple(image.shape)}; give "
            "(C, H, W) and (channels, height, width), both of one image"
        )
    if not maps.isfinite().all():
        raise InputError("the maps hold values that are not finite; Score-CAM needs finite ones")
    masks = resize(maps, (image.shape[-2], image.shape[-1]))
    masks = masks - masks.amin(dim=(1, 2), keepdim=True)
    largest = masks.amax(dim=(1, 2), keepdim=True)
    varied = largest > FLAT * maps.abs().amax(dim=(1, 2), keepdim=True)
    masks = torch.where(varied, masks / torch.where(varied, largest, 1.0), 0.0)
    with evaluating(model), torch.no_grad():
        parts = [
            forward(model, image.detach().cpu() * part[:, None]).cpu().double()
            for part in torch.split(masks, batch_size)
        ]
    logits = torch.cat(parts)
    if logits.ndim != 2 or not 0 <= target < logits.shape[1]:
        raise InputError(
            f"target {target} is no class of the network, which returns {tuple(logits.shape)} for "
            f"{len(masks)} images"
        )
    return subset_cam(maps, logits[:, target].softmax(dim=0), range(len(maps)), size)
