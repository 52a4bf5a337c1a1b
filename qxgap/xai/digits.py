"""The embedded images of digits, and the weights of the networks that were trained on others."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import InputError

DIGITS_NUM_MAPS = (16, 24, 32)
"""Numbers of feature maps of the embedded networks."""


def digits_images() -> tuple[Tensor, Tensor]:
    """Return the embedded MNIST digits, which were not used to train the embedded networks.

    Returns
    -------
    images : tensor of float32, shape (n, 1, 28, 28)
        Gray values in [0, 1].
    labels : tensor of int64, shape (n,)
        The digits.

    Notes
    -----
    The images are from MNIST (LeCun, Cortes, Burges). They are the test split of
    ``benchmarks/xai/train_digits.py``.

    Examples
    --------
    >>> from qxgap import xai
    >>> images, labels = xai.digits_images()
    >>> images.shape[1:], labels[:3].tolist()
    (torch.Size([1, 28, 28]), [8, 7, 9])
    """
    arrays = _embedded("digits_test.npz")
    images = torch.from_numpy(arrays["images"]).float()[:, None] / 255
    return images, torch.from_numpy(arrays["labels"]).long()


def digits_metadata(num_maps: int = 16) -> dict[str, Any]:
    """Return the record of the training of an embedded network.

    Parameters
    ----------
    num_maps : {16, 24, 32}, optional
        Number of feature maps of the network.

    Returns
    -------
    dict of str
        Seeds, sizes of the splits, accuracies, loss curves and the source of the images.

    Raises
    ------
    InputError
        If no network with that number of maps is embedded.

    Examples
    --------
    >>> from qxgap.xai import digits_metadata
    >>> digits_metadata(16)["test_accuracy"]
    0.966
    """
    metadata: dict[str, Any] = json.loads(str(_embedded(_weights_file(num_maps))["metadata"]))
    return metadata


def digits_weights(num_maps: int = 16) -> dict[str, NDArray[np.float32]]:
    """Return the parameters and BatchNorm statistics of an embedded network, by name."""
    arrays = _embedded(_weights_file(num_maps))
    return {name: array.astype(np.float32) for name, array in arrays.items() if name != "metadata"}


def _weights_file(num_maps: int) -> str:
    """Return the name of the file of an embedded network."""
    if num_maps not in DIGITS_NUM_MAPS:
        raise InputError(f"num_maps = {num_maps}; embedded are {DIGITS_NUM_MAPS}")
    return f"digits_nf{num_maps}.npz"


def _embedded(name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of an embedded file."""
    with (
        files(__package__).joinpath("data", name).open("rb") as file,
        np.load(file, allow_pickle=False) as archive,
    ):
        return {key: archive[key] for key in archive.files}
