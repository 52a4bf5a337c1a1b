"""The embedded networks, and networks of the user's own."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from ..errors import InputError
from ..files import digest
from .data import digits_weights
from .imagenet import EfficientNetLite0

EMBEDDED = {"digits": 16, "digits-24": 24, "digits-32": 32}
"""Embedded networks and how many maps they have."""


class LastBlockNet(nn.Module):
    """A backbone and the last block of arXiv 2604.25649.

    ``backbone``, then ``conv`` 3 x 3, ``relu``, ``norm``, ``flatten``, ``head`` (linear).

    Parameters
    ----------
    backbone : from images to (B, backbone_maps, side, side).
    num_maps : maps to select from.

    Attributes
    ----------
    HOOK : ``"norm"``, the layer the paper hooks. It feeds the linear head, so that alpha depends
        on the class but not on the image; ``check_head`` says so.
    NONLINEAR_HOOK : ``"conv"``, the same maps before the ReLU, where alpha depends on the image.
    """

    HOOK: ClassVar[str] = "norm"
    NONLINEAR_HOOK: ClassVar[str] = "conv"

    def __init__(
        self, backbone: nn.Module, backbone_maps: int, side: int, num_maps: int, num_classes: int
    ) -> None:
        super().__init__()
        if min(num_maps, num_classes) < 1:
            raise InputError(f"num_maps = {num_maps}, num_classes = {num_classes}; give at least 1")
        self.backbone = backbone
        self.conv = nn.Conv2d(backbone_maps, num_maps, 3, padding=1)
        self.relu = nn.ReLU()
        self.norm = nn.BatchNorm2d(num_maps)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(num_maps * side * side, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, num_classes)."""
        maps = self.norm(self.relu(self.conv(self.backbone(images))))
        logits: Tensor = self.head(self.flatten(maps))
        return logits


class DigitsNet(LastBlockNet):
    """A small CNN for 28 x 28 digits that ends in the last block of arXiv 2604.25649.

    Input (B, 1, 28, 28) in [0, 1]; the backbone gives 32 maps of 14 x 14; 10 classes.

    Attributes
    ----------
    INPUT : channels and side of the images.
    """

    INPUT: ClassVar[tuple[int, int]] = (1, 28)

    def __init__(self, num_maps: int = 16) -> None:
        backbone = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
        )
        super().__init__(backbone, backbone_maps=32, side=14, num_maps=num_maps, num_classes=10)


def load_network(spec: str) -> nn.Module:
    """Return a network in eval mode.

    Parameters
    ----------
    spec : ``"digits"``, ``"digits-24"`` or ``"digits-32"``, the embedded :class:`DigitsNet` with
        16, 24 or 32 maps; ``"efficientnet-lite0"``, see :class:`EfficientNetLite0`; or
        ``"package.module:name"`` or ``"folder/file.py:name"``, where ``name`` is called without
        arguments and returns an ``nn.Module``.

    Raises
    ------
    InputError : if there is no such module or name, if the call fails or returns something else.
    """
    if spec in EMBEDDED:
        return _digits_network(EMBEDDED[spec])
    if spec == "efficientnet-lite0":
        return EfficientNetLite0().eval()
    module_name, colon, name = spec.rpartition(":")
    if not (module_name and colon and name):
        known = ", ".join([*(repr(name) for name in EMBEDDED), "'efficientnet-lite0'"])
        raise InputError(
            f"network {spec!r} is unknown; use {known}, 'package.module:callable' or "
            "'file.py:callable'"
        )
    build = _import(spec, module_name, name)
    try:
        network = build()
    except Exception as error:
        raise InputError(f"network {spec!r}: {name}() fails: {_describe(error)}") from error
    if not isinstance(network, nn.Module):
        raise InputError(
            f"network {spec!r}: {name}() returns {type(network).__name__}; return an nn.Module"
        )
    return network.eval()


def _import(spec: str, module_name: str, name: str) -> Callable[[], Any]:
    of_file = module_name.endswith(".py")
    try:
        module = _module_of(Path(module_name)) if of_file else importlib.import_module(module_name)
    except Exception as error:
        remedy = "correct the file" if of_file else "install it or put its folder on PYTHONPATH"
        raise InputError(
            f"network {spec!r}: importing {module_name} fails: {_describe(error)}; {remedy}"
        ) from error
    build = getattr(module, name, None)
    if not callable(build):
        what = "has no" if build is None else "cannot call its"
        raise InputError(
            f"network {spec!r}: {module_name} {what} {name!r}; name a function without arguments"
        )
    return build


def _module_of(path: Path) -> ModuleType:
    """Run a file as a module, which may import its neighbours; the same file is run once."""
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    path = path.resolve()
    name = f"_qxgap_network_{digest(str(path))}"
    if name in sys.modules:
        return sys.modules[name]
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs, as dataclasses and pickle look it up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or ['no message'])[0]}"


def _digits_network(num_maps: int) -> DigitsNet:
    weights = {name: torch.from_numpy(array) for name, array in digits_weights(num_maps).items()}
    network = DigitsNet(num_maps)
    network.load_state_dict(weights)
    return network.eval()
