"""The network of arXiv 2604.25649: ResNet-18 up to its third layer, and the last block."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...errors import InputError, MissingExtraError
from ..hooks import evaluating
from .last_block import LastBlockNet

RESNET_PARTS = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3")
"""Submodules of a ResNet-18 that make up the backbone, in the order in which they run."""


class PaperNet(LastBlockNet):
    """ResNet-18 up to layer3, conv 3 x 3 to ``num_maps``, ReLU, BatchNorm and a linear head.

    Images (B, 3, height, width) in [0, 1] are resampled bilinearly to 224 x 224 and shifted and
    scaled to ImageNet's mean and deviation. The backbone turns them into 256 maps of 14 x 14.

    Parameters
    ----------
    num_maps : int, optional
        Number of feature maps to select from; the paper takes 16, 24 and 32.
    backbone : torch.nn.Module, optional
        Network from (B, 3, 224, 224) to (B, 256, 14, 14); by default torchvision's ResNet-18 with
        ImageNet weights, cut by :func:`resnet18_to_layer3`. With weights from elsewhere, write
        ``PaperNet(16, resnet18_to_layer3(my_resnet18))``.
    num_classes : int, optional
        Number of classes.

    Attributes
    ----------
    INPUT : tuple of int
        Number of channels and side of the images.
    MEAN, DEVIATION : tuple of float
        Mean and standard deviation of ImageNet's red, green and blue values.

    Raises
    ------
    InputError
        If torchvision or its weights are missing, or the backbone returns maps of another shape.

    Notes
    -----
    The network is that of Venturelli et al., arXiv 2604.25649. The paper does not say whether the
    backbone is fitted too; ``network.backbone.requires_grad_(False)`` leaves it unchanged.
    """

    INPUT: ClassVar[tuple[int, int]] = (3, 224)
    MEAN: ClassVar[tuple[float, ...]] = (0.485, 0.456, 0.406)
    DEVIATION: ClassVar[tuple[float, ...]] = (0.229, 0.224, 0.225)

    def __init__(
        self, num_maps: int = 16, backbone: nn.Module | None = None, *, num_classes: int = 10
    ) -> None:
        backbone = _pretrained() if backbone is None else backbone
        super().__init__(backbone, 256, 14, num_maps, num_classes)
        with evaluating(backbone), torch.no_grad():
            shape = tuple(backbone(torch.zeros(1, 3, 224, 224)).shape)
        if shape != (1, 256, 14, 14):
            raise InputError(
                f"the backbone makes {shape} of (1, 3, 224, 224); give one that makes "
                "(1, 256, 14, 14)"
            )

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits (B, num_classes) of images.

        Parameters
        ----------
        images : tensor, shape (B, 3, H, W)
            Images in [0, 1] of any size.
        """
        if images.shape[2:] != (224, 224):
            images = functional.interpolate(
                images, (224, 224), mode="bilinear", align_corners=False
            )
        mean, deviation = (images.new_tensor(x)[:, None, None] for x in (self.MEAN, self.DEVIATION))
        return super().forward((images - mean) / deviation)


def resnet18_to_layer3(resnet: nn.Module) -> nn.Sequential:
    """Return the parts ``conv1`` to ``layer3`` of a network built as torchvision's ResNets are.

    Parameters
    ----------
    resnet : torch.nn.Module
        A network with the submodules of torchvision's ``resnet18``.

    Returns
    -------
    torch.nn.Sequential
        The parts, which share their weights with ``resnet``.

    Raises
    ------
    InputError
        If parts are missing; the message names them.
    """
    missing = [
        name for name in RESNET_PARTS if not isinstance(getattr(resnet, name, None), nn.Module)
    ]
    if missing:
        raise InputError(f"{type(resnet).__name__} has no {', '.join(missing)}; give a ResNet-18")
    return nn.Sequential(OrderedDict((name, getattr(resnet, name)) for name in RESNET_PARTS))


def _pretrained() -> nn.Module:
    """Return the backbone with torchvision's ImageNet weights."""
    remedy = "install a torchvision that fits your torch, or pass PaperNet a backbone"
    try:
        from torchvision.models import ResNet18_Weights, resnet18
    except (ImportError, RuntimeError) as error:  # a torchvision for another torch: RuntimeError
        reason = str(error).splitlines()[0]
        raise MissingExtraError(f"torchvision cannot be imported ({reason}); {remedy}") from error
    try:
        return resnet18_to_layer3(resnet18(weights=ResNet18_Weights.IMAGENET1K_V1))
    except OSError as error:
        raise InputError(
            f"the weights of ResNet-18 cannot be loaded ({error}); put them into torch's cache, or "
            "pass PaperNet a backbone"
        ) from error
