"""Weights of networks from files: safetensors, PyTorch's state dicts, and numpy archives."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...errors import UNREADABLE, InputError, MissingExtraError

PYTORCH = (".pt", ".pth", ".bin", ".ckpt", ".tar")
"""Endings of files that PyTorch has written."""
NESTED = ("state_dict", "model_state_dict", "model", "network")
"""Keys under which checkpoints keep a state dict beside other things, such as the epoch."""
MAX_NAMED = 3
"""Largest number of entries of each kind that a message names."""
COUNTER = "num_batches_tracked"
"""Number of batches that a BatchNorm has seen. Older files lack it; no output depends on it."""


def load_weights(network: nn.Module, file: str | Path) -> None:
    """Load the weights of a file into a network, which must fit it exactly.

    Parameters
    ----------
    network : torch.nn.Module
        The network, which is changed in place. If the file does not fit, it stays as it was.
    file : str or Path
        A ``.safetensors`` file (package ``safetensors``); a ``.pt``, ``.pth``, ``.bin``, ``.ckpt``
        or ``.tar`` file of PyTorch with a state dict, alone or under one of the keys
        ``state_dict``, ``model_state_dict``, ``model`` and ``network``; or an ``.npz`` file with
        one array for each entry of the state dict. A first word that all names of the file share
        is dropped if the network has no part of this name, such as ``module.`` of
        ``torch.nn.DataParallel``.

    Raises
    ------
    InputError
        If the file cannot be read, holds no weights, or has other entries or shapes than the
        network; the message names the first of them. Files with other Python objects than tensors
        and numbers are refused, because to read them can run any code.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import torch
    >>> from qxgap import xai
    >>> one, other = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "weights.pt"
    ...     torch.save({"epoch": 7, "state_dict": one.state_dict()}, file)
    ...     xai.load_weights(other, file)
    >>> torch.equal(one.weight, other.weight)
    True
    """
    apply_weights(network, read_weights(file), file)


def read_weights(file: str | Path) -> dict[str, Tensor]:
    """Return the state dict of a file; see :func:`load_weights`."""
    path = Path(file)
    if not path.is_file():
        raise InputError(f"{path}: no such file of weights")
    try:
        if path.suffix == ".safetensors":
            return _safetensors(path)
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return {name: torch.from_numpy(arrays[name]) for name in arrays.files}
        if path.suffix in PYTORCH:
            return _state_dict(path, torch.load(path, map_location="cpu", weights_only=True))
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path} holds more than weights, such as a whole network; in the program that made it "
            "write torch.save(network.state_dict(), file)"
        ) from error
    except InputError:
        raise
    except UNREADABLE as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path}: the weights cannot be read ({reason}); write them anew") from (
            error
        )
    raise InputError(
        f"{path}: weights of another kind; give .safetensors, {', '.join(PYTORCH)} or .npz"
    )


def apply_weights(network: nn.Module, state: Mapping[str, Tensor], file: str | Path) -> None:
    """Load a state dict into a network; ``file`` names it in messages."""
    state = without_prefix(network, state)
    misfit = _misfit(network.state_dict(), state)
    if misfit:
        raise InputError(
            f"{file} does not fit the network {type(network).__name__}: {misfit}; give the weights "
            "of this architecture, or a function that builds the architecture of the file"
        )
    network.load_state_dict(dict(state), strict=False)  # all but COUNTER was compared


def without_prefix(network: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Drop first words that all names share, as long as the network has no part of this name."""
    state = dict(state)
    while True:
        words = {name.partition(".")[0] for name in state}
        if len(words) != 1 or not all("." in name for name in state):
            return state
        (word,) = words
        if hasattr(network, word):
            return state
        state = {name.partition(".")[2]: tensor for name, tensor in state.items()}


def num_classes_in(own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> int | None:
    """Return the number of classes of a file that fits a network but for the rows of the head.

    It is None if the file fits, or if it differs in another way too.
    """
    if {n for n in own if COUNTER not in n} != {n for n in state if COUNTER not in n}:
        return None
    shapes = [(own[name].shape, state[name].shape) for name in state if name in own]
    different = [(mine, others) for mine, others in shapes if mine != others]
    if any(not mine or not others or mine[1:] != others[1:] for mine, others in different):
        return None
    rows = {(mine[0], others[0]) for mine, others in different}
    return rows.pop()[1] if len(rows) == 1 else None


def _safetensors(path: Path) -> dict[str, Tensor]:
    """Read a file of safetensors."""
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError as error:
        raise MissingExtraError(
            f"{path} needs the package safetensors; install it with: pip install safetensors"
        ) from error
    try:
        state: dict[str, Tensor] = load_file(path)
    except SafetensorError as error:
        raise InputError(f"{path}: no file of safetensors ({error}); write it anew") from error
    return state


def _state_dict(path: Path, content: Any) -> dict[str, Tensor]:
    """Return the state dict that PyTorch has read, or that is nested in it."""
    if isinstance(content, Mapping):
        for state in (content, *(content.get(key) for key in NESTED)):
            if not isinstance(state, Mapping) or not state:
                continue
            if all(isinstance(value, Tensor) for value in state.values()):
                return dict(state)
    raise InputError(
        f"{path} holds no state dict, alone or under the keys {', '.join(NESTED)}; write "
        "torch.save(network.state_dict(), file)"
    )


def _misfit(own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> str:
    """Return what keeps a state dict from fitting a network; empty if it fits."""
    missing = [name for name in own if name not in state and not name.endswith(COUNTER)]
    unknown = [name for name in state if name not in own]
    shaped = [
        f"{name} (file {tuple(state[name].shape)}, network {tuple(own[name].shape)})"
        for name in own
        if name in state and own[name].shape != state[name].shape
    ]
    parts = [
        f"{words} {_some(names)}"
        for words, names in (
            ("the file lacks", missing),
            ("the network has no", unknown),
            ("shapes differ in", shaped),
        )
        if names
    ]
    return "; ".join(parts)


def _some(names: list[str]) -> str:
    """Return the first names, and the number of the others."""
    more = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
