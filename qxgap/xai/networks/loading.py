"""Networks by their names, from the package or from a file, and their training histories."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from ...errors import InputError
from ...files import digest
from ..digits import EMBEDDED, MNIST_CREDIT, digits_metadata, digits_weights
from .imagenet import EfficientNetLite0
from .last_block import DigitsNet
from .libraries import LIBRARIES, UNTRAINED, library_network
from .weights import load_weights


def load_network(
    spec: str, folder: str | Path | None = None, weights: str | Path | None = None
) -> nn.Module:
    """Return a network in eval mode.

    Parameters
    ----------
    spec : str
        ``"digits"``, ``"digits-24"`` or ``"digits-32"``, the embedded :class:`DigitsNet` with 16,
        24 or 32 maps and a linear head; ``"digits-nonlinear"``, the one with 16 maps and a hidden
        layer in its head, so that the importance of its maps depends on the image;
        ``"efficientnet-lite0"``, see :class:`EfficientNetLite0`; ``"torchvision:NAME"``,
        ``"timm:NAME"`` or ``"transformers:NAME"``, a network of these libraries if they are
        installed, or a folder of transformers; or ``"package.module:name"`` or
        ``"folder/file.py:name"``, where ``name`` is called without arguments and returns a
        ``torch.nn.Module``.
    folder : str or Path, optional
        A folder that may hold the module or the file, and the file of weights. It is put on
        ``sys.path``.
    weights : str or Path, optional
        A file of weights as :func:`load_weights` takes it. ``"none"`` stands for random weights of
        a network of these libraries. By default the libraries load their own weights, which they
        may download, and other networks keep the weights with which they are made.

    Returns
    -------
    torch.nn.Module
        The network.

    Raises
    ------
    InputError
        If there is no such module or name, if the call fails or returns something else, or if the
        weights cannot be had or do not fit.

    Examples
    --------
    >>> from qxgap import xai
    >>> network = xai.load_network("digits")
    >>> network.HOOK, network.INPUT
    ('norm', (1, 28))
    """
    near = None if folder is None else Path(folder)
    file = _weights_file(weights, near)
    module_name, colon, name = spec.rpartition(":")
    if module_name in LIBRARIES and name:
        if near is not None and (near / name).is_dir():
            name = str(near / name)
        return library_network(module_name, name, file).eval()
    if file == UNTRAINED:
        raise InputError(
            f"weights {UNTRAINED!r} are for networks of {', '.join(LIBRARIES)}, and the network is "
            f"{spec!r}; give a file"
        )
    if spec in EMBEDDED:
        network: nn.Module = _digits_network(spec)
    elif spec == "efficientnet-lite0":
        network = EfficientNetLite0()
    elif module_name and colon and name:
        network = _call(spec, _import(spec, module_name, name, near))
    else:
        known = ", ".join([*(repr(name) for name in EMBEDDED), "'efficientnet-lite0'"])
        raise InputError(
            f"network {spec!r} is unknown; use {known}, "
            f"{', '.join(f'{library}:NAME' for library in LIBRARIES)}, 'package.module:callable' "
            "or 'file.py:callable'"
        )
    if file is not None:
        load_weights(network, file)
    return network.eval()


def training_history(network: nn.Module) -> dict[str, Any]:
    """Return the training history of a network, as far as it is known.

    Parameters
    ----------
    network : torch.nn.Module
        A network. What is known stands in its attributes ``HISTORY``, a mapping with the keys of
        ``history`` below, and ``CREDIT``, a text; the embedded networks have both.

    Returns
    -------
    dict of str
        Keys ``history`` and ``credit``, each if it is known. ``history`` holds ``train_loss`` and
        ``validation_loss``, one number per epoch, and ``best_epoch``, counted from 1. ``credit``
        names the source of the images that the network was trained on.
    """
    known = {"history": getattr(network, "HISTORY", None), "credit": getattr(network, "CREDIT", "")}
    return {key: value for key, value in known.items() if value}


def _weights_file(weights: str | Path | None, folder: Path | None) -> str | Path | None:
    """Return the file of weights, which may lie in the folder; None and ``"none"`` stay."""
    if weights is None or weights == UNTRAINED:
        return weights
    near = Path(weights) if folder is None else folder / weights
    return near if near.is_file() else Path(weights)


def _call(spec: str, build: Callable[[], Any]) -> nn.Module:
    """Return the network that a function makes."""
    name = spec.rpartition(":")[2]
    try:
        network = build()
    except Exception as error:
        raise InputError(f"network {spec!r}: {name}() fails: {_describe(error)}") from error
    if not isinstance(network, nn.Module):
        raise InputError(
            f"network {spec!r}: {name}() returns {type(network).__name__}; return an nn.Module"
        )
    return network


def _import(spec: str, module_name: str, name: str, folder: Path | None) -> Callable[[], Any]:
    """Return the callable ``name`` of a module or of a Python file."""
    of_file = module_name.endswith(".py")
    path = Path(module_name)
    if folder is not None:
        path = folder / path if (folder / path).is_file() else path
        if str(folder.resolve()) not in sys.path:
            sys.path.insert(0, str(folder.resolve()))
    try:
        module = _module_of(path) if of_file else importlib.import_module(module_name)
    except Exception as error:
        remedy = "correct the file" if of_file else "install it or put its folder on PYTHONPATH"
        raise InputError(
            f"network {spec!r}: importing {module_name} fails: {_describe(error)}; {remedy}"
        ) from error
    build = getattr(module, name, None)
    if not callable(build):
        problem = "has no" if build is None else "cannot call its"
        raise InputError(
            f"network {spec!r}: {module_name} {problem} {name!r}; name a function without arguments"
        )
    return build


def _module_of(path: Path) -> ModuleType:
    """Run a file as a module, which may import its neighbors; the same file is run only once."""
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
    """Return the class of an error and the first line of its message."""
    return f"{type(error).__name__}: {(str(error).splitlines() or ['no message'])[0]}"


def _digits_network(name: str) -> DigitsNet:
    """Return an embedded network with its weights and its history, in eval mode."""
    weights = {key: torch.from_numpy(array) for key, array in digits_weights(name).items()}
    hidden = weights["head.0.bias"].numel() if "head.0.bias" in weights else 0
    network = DigitsNet(weights["norm.weight"].numel(), hidden)
    network.load_state_dict(weights)
    known = digits_metadata(name)
    network.HISTORY = {**known["history"], "best_epoch": known["best_epoch"]}
    network.CREDIT = MNIST_CREDIT
    return network.eval()
