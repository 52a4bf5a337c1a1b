"""The backbone of ResNet-18: narrow and at hand, or of torchvision."""

import pytest
from torch import nn


class ResNetLike(nn.Module):
    """The parts of torchvision's ResNet-18, as narrow as can be: 224 -> 14, 256 maps."""

    def __init__(self, last=256):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Identity()
        self.layer2 = nn.Conv2d(4, 4, 3, stride=2, padding=1)
        self.layer3 = nn.Conv2d(4, last, 3, stride=2, padding=1)
        self.fc = nn.Linear(1, 1)


def torchvision_or_skip():
    """A torchvision for another torch fails with a RuntimeError instead of an ImportError."""
    try:
        import torchvision
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"no torchvision that fits this torch: {str(error).splitlines()[0]}")
    return torchvision
