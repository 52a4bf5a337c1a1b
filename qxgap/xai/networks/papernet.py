"""The network of arXiv 2604.25649: ResNet-18 up to its third layer, and the last block."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...errors import InputError, MissingExtraError
from ..hooks import evaluating
from .last_block import LastBlockNet
from .resnet18 import untrained_resnet18_to_layer3
from .weights import apply_weights, read_weights

RESNET_PARTS = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3")
"""Submodules of a ResNet-18 that make up the backbone, in the order in which they run."""


class PaperNet(LastBlockNet):
    """ResNet-18 up to layer3, conv 3 x 3 to ``num_maps``, ReLU, BatchNorm and a linear head.

    Images (B, 3, height, width) in [0, 1] are resampled bilinearly to 224 x 224 and, unless
    ``standardize`` is False, shifted and scaled to ImageNet's mean and deviation. The backbone
    turns them into 256 maps of 14 x 14.

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
    standardize : bool, optional
        Whether the backbone gets images of ImageNet's mean and deviation, on which it was trained.
        False passes the pixels from 0 to 1 on, as the authors' code does.
    freeze_backbone : bool, optional
        Whether the parameters of the backbone stay as they are in training.

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
    backbone is fitted too. In the training script of its authors (github.com/checc1/scoreCamTest,
    src/trainModel.py) the parameters of the backbone are frozen and Adam with step size 0.001 fits
    the others. The script puts the whole network into train mode, so that the BatchNorms of the
    backbone standardize with each batch and their statistics move; it does not standardize the
    images, and it keeps the last epoch. Hence ``PaperNet(16, standardize=False,
    freeze_backbone=True)`` with ``fit(..., freeze_statistics=False)`` trains as the script does,
    except that :func:`fit` shuffles the images and keeps the best validation epoch.
    """

    INPUT: ClassVar[tuple[int, int]] = (3, 224)
    MEAN: ClassVar[tuple[float, ...]] = (0.485, 0.456, 0.406)
    DEVIATION: ClassVar[tuple[float, ...]] = (0.229, 0.224, 0.225)

    def __init__(
        self,
        num_maps: int = 16,
        backbone: nn.Module | None = None,
        *,
        num_classes: int = 10,
        standardize: bool = True,
        freeze_backbone: bool = False,
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
        self.standardize = standardize
        if freeze_backbone:
            backbone.requires_grad_(False)

    @classmethod
    def from_authors(cls, file: str | Path) -> PaperNet:
        """Return the network with weights that the authors' code has written.

        Their network (github.com/checc1/FS_QA, src/utils/models.py) has the same layers under the
        names ``features``, ``reduce`` and ``classifier``, and takes images that are not
        standardized. Torchvision need not be installed.

        Parameters
        ----------
        file : str or Path
            A file as :func:`load_weights` takes it, such as a checkpoint of their training with
            the key ``model_state_dict``. A file that holds the whole network is refused, because
            to read it can run any code; in their code write
            ``torch.save(model.state_dict(), file)``.

        Returns
        -------
        PaperNet
            The network in eval mode, with as many maps and classes as the file has.

        Raises
        ------
        InputError
            If the file cannot be read, or is not of this network.
        """
        state = {_own_name(name): tensor for name, tensor in read_weights(file).items()}
        sizes = []
        for own, name in (("conv.weight", "reduce.0.weight"), ("head.weight", "classifier.weight")):
            if own not in state or not state[own].ndim:
                raise InputError(f"{file} holds no network of the authors: it lacks {name}")
            sizes.append(len(state[own]))
        num_maps, num_classes = sizes
        backbone = untrained_resnet18_to_layer3()
        network = cls(num_maps, backbone, num_classes=num_classes, standardize=False)
        apply_weights(network, state, file)
        return network.eval()

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
        if not self.standardize:
            return super().forward(images)
        mean, deviation = (images.new_tensor(x)[:, None, None] for x in (self.MEAN, self.DEVIATION))
        return super().forward((images - mean) / deviation)


def _own_name(name: str) -> str:
    """Return the name of an entry of the authors' state dict in ours; others stay."""
    part, _, rest = name.partition(".")
    number, _, inner = rest.partition(".")
    if part == "features" and number.isdigit() and int(number) < len(RESNET_PARTS):
        return f"backbone.{RESNET_PARTS[int(number)]}.{inner}"
    if part == "reduce" and number in ("0", "2"):
        return f"{'conv' if number == '0' else 'norm'}.{inner}"
    return f"head.{rest}" if part == "classifier" else name


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
