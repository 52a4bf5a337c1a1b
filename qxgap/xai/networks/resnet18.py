"""ResNet-18 up to its third layer, with the names of torchvision, for weights from a file."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two convolutions 3 x 3 with BatchNorm, and the input added to their output.

    Parameters
    ----------
    inputs, outputs : int
        Number of maps of the input and of the output. If they differ, the block halves the height
        and the width, and a convolution 1 x 1 does the same to the input that is added.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module = nn.Identity()
        if stride > 1:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maps (B, outputs, H, W) of the block.

        Parameters
        ----------
        maps : tensor, shape (B, inputs, H, W)
            Maps of the block before.
        """
        inner = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(maps)))))
        added: Tensor = self.relu(inner + self.downsample(maps))
        return added


def untrained_resnet18_to_layer3() -> nn.Sequential:
    """Return ``conv1`` to ``layer3`` of a ResNet-18 with random weights.

    The entries of the state dict have the names and shapes of torchvision's ``resnet18``, so that
    its weights fit. Torchvision need not be installed.

    Returns
    -------
    torch.nn.Sequential
        Network from (B, 3, 224, 224) to (B, 256, 14, 14).

    Examples
    --------
    >>> from qxgap import xai
    >>> backbone = xai.untrained_resnet18_to_layer3()
    >>> network = xai.PaperNet(16, backbone, freeze_backbone=True)
    >>> sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
    68282
    """

    def layer(inputs: int, outputs: int) -> nn.Sequential:
        return nn.Sequential(ResidualBlock(inputs, outputs), ResidualBlock(outputs, outputs))

    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
            bn1=nn.BatchNorm2d(64),
            relu=nn.ReLU(),
            maxpool=nn.MaxPool2d(3, stride=2, padding=1),
            layer1=layer(64, 64),
            layer2=layer(64, 128),
            layer3=layer(128, 256),
        )
    )
