"""Networks that end in the last block of arXiv 2604.25649."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from torch import Tensor, nn

from ...errors import InputError


class LastBlockNet(nn.Module):
    """A backbone and the last block of arXiv 2604.25649.

    The modules are ``backbone``, then ``conv`` 3 x 3, ``relu``, ``norm``, ``flatten`` and ``head``,
    which is linear unless it has a hidden layer.

    Parameters
    ----------
    backbone : torch.nn.Module
        Network from images to maps (B, backbone_maps, side, side).
    backbone_maps : int
        Number of maps of the backbone.
    side : int
        Height and width of the maps of the backbone.
    num_maps : int
        Number of feature maps to select from.
    num_classes : int
        Number of classes.
    hidden : int, optional
        Number of units of a hidden layer (linear, then ReLU) in the head; the paper's network has
        none.

    Attributes
    ----------
    HOOK : str
        ``"norm"``, the layer that the paper hooks. If it feeds a linear head, alpha depends on the
        class but not on the image, as :func:`check_head` reports. Behind a hidden layer it depends
        on both.
    NONLINEAR_HOOK : str
        ``"conv"``, the same maps before the ReLU, where alpha depends on the image with any head.

    Raises
    ------
    InputError
        If there is no map or no class, or if the number of hidden units is negative.
    """

    references: ClassVar[tuple[str, ...]] = ("venturelli2026",)

    HOOK: ClassVar[str] = "norm"
    NONLINEAR_HOOK: ClassVar[str] = "conv"

    def __init__(
        self,
        backbone: nn.Module,
        backbone_maps: int,
        side: int,
        num_maps: int,
        num_classes: int,
        hidden: int = 0,
    ) -> None:
        super().__init__()
        if min(num_maps, num_classes) < 1:
            raise InputError(f"num_maps = {num_maps}, num_classes = {num_classes}; give at least 1")
        if hidden < 0:
            raise InputError(f"hidden = {hidden}; give a number of units, or 0 for a linear head")
        self.backbone = backbone
        self.conv = nn.Conv2d(backbone_maps, num_maps, 3, padding=1)
        self.relu = nn.ReLU()
        self.norm = nn.BatchNorm2d(num_maps)
        self.flatten = nn.Flatten()
        pixels = num_maps * side * side
        self.head: nn.Module = nn.Linear(pixels, num_classes)
        if hidden:
            self.head = nn.Sequential(
                nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, num_classes)
            )

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits (B, num_classes) of images.

        Parameters
        ----------
        images : tensor, shape (B, C, H, W)
            Images as the backbone takes them.
        """
        maps = self.norm(self.relu(self.conv(self.backbone(images))))
        logits: Tensor = self.head(self.flatten(maps))
        return logits


class DigitsNet(LastBlockNet):
    """A small CNN for 28 x 28 digits that ends in the last block of arXiv 2604.25649.

    It takes images (B, 1, 28, 28) in [0, 1] of 10 classes; the backbone gives 32 maps of 14 x 14.

    Parameters
    ----------
    num_maps : int, optional
        Number of feature maps to select from.
    hidden : int, optional
        Number of units of a hidden layer in the head, as in :class:`LastBlockNet`.

    Attributes
    ----------
    INPUT : tuple of int
        Number of channels and side of the images.
    HISTORY : mapping
        The course of the training, as :func:`training_history` returns it; empty if it is unknown.
    CREDIT : str
        The source of the images that the network was trained on; empty if it is unknown.
    """

    INPUT: ClassVar[tuple[int, int]] = (1, 28)
    HISTORY: Mapping[str, Any] = MappingProxyType({})
    CREDIT: str = ""

    def __init__(self, num_maps: int = 16, hidden: int = 0) -> None:
        backbone = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
        )
        super().__init__(backbone, 32, 14, num_maps, num_classes=10, hidden=hidden)
