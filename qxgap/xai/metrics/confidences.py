"""The confidence of a network in a class, and what explanation maps must be for metrics."""

from __future__ import annotations

import torch
from torch import Tensor

from ...errors import InputError
from ..hooks import evaluating, forward


def confidence(
    model: torch.nn.Module, images: Tensor, targets: Tensor, *, batch_size: int = 64
) -> Tensor:
    """Return the softmax probability of one class of every image, in eval mode.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits (B, K).
    images : tensor, shape (B, C, H, W)
        Images as the network takes them.
    targets : tensor of int, shape (B,)
        The class of which the probability is returned, for each image.
    batch_size : int, optional
        Number of images in one forward pass.

    Returns
    -------
    tensor of float64, shape (B,)
        The probabilities.

    Raises
    ------
    InputError
        If there is not one class for each image, or the network cannot take the images.
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


def require_maps(cams: Tensor) -> None:
    """Refuse explanation maps that are negative or not finite."""
    if not cams.isfinite().all() or cams.min() < 0:
        raise InputError("the explanation maps hold negative or non-finite values; apply a ReLU")
