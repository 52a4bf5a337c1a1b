"""The embedded images of digits, and the weights of the networks that were trained on others."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ..errors import InputError
from ..statistics.seeds import Seed, random_generator

SIDE, INK_SIDE = 28, 20
"""Side of the images, and largest side of a digit in them, in pixels."""
EMBEDDED = ("digits", "digits-24", "digits-32", "digits-nonlinear")
"""Names of the embedded networks. The first three, of 16, 24 and 32 maps, end in a linear head as
that of arXiv 2604.25649 does; the last, of 16 maps, has a hidden layer in its head."""
MNIST_CREDIT = "Images: MNIST (LeCun, Cortes, Burges), CC BY-SA 3.0."
"""Credit for the images that the embedded networks were trained on."""


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


def pasted_digits(
    seed: Seed = 0, *, side: int = 16, shift: int = 3, contrast: float = 0.4
) -> tuple[Tensor, Tensor, NDArray[np.int64]]:
    """Return the embedded digits, smaller and on a texture, with the box of each digit.

    With the boxes one can ask whether an explanation marks the digit or the background. The
    networks were trained on larger digits on black, so that they recognise only a part of these
    images; score those that are classified correctly.

    Parameters
    ----------
    seed : int, Generator or None, optional
        Seed of the places and of the textures.
    side : int, optional
        Largest side of a digit in pixels, from 1 to 28; that of the embedded images is 20.
    shift : int, optional
        Largest distance of a digit from the middle, in pixels and in each direction.
    contrast : float, optional
        Largest gray value of the texture, in [0, 1].

    Returns
    -------
    images : tensor of float32, shape (n, 1, 28, 28)
        Gray values in [0, 1]; a pixel is the brighter one of digit and texture.
    labels : tensor of int64, shape (n,)
        The digits.
    boxes : ndarray of int, shape (n, 4)
        First row, first column, and the row and the column after the last of each digit.

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> from qxgap import xai
    >>> images, labels, boxes = xai.pasted_digits(seed=1)
    >>> images.shape, boxes[0].tolist()
    (torch.Size([500, 1, 28, 28]), [3, 12, 19, 22])
    """
    if not 1 <= side <= SIDE or shift < 0 or not 0 <= contrast <= 1:
        raise InputError(
            f"side = {side}, shift = {shift}, contrast = {contrast}; give a side from 1 to {SIDE}, "
            "a shift of at least 0 and a contrast from 0 to 1"
        )
    rng = random_generator(seed)
    images, labels = digits_images()
    pasted, boxes = np.empty((len(images), SIDE, SIDE)), np.empty((len(images), 4), dtype=np.int64)
    for row, image in enumerate(images[:, 0]):
        digit = _shrunk(image, side / INK_SIDE)
        pasted[row] = _texture(rng, contrast)
        first = [
            int(np.clip((SIDE - size) // 2 + rng.integers(-shift, shift + 1), 0, SIDE - size))
            for size in digit.shape
        ]
        boxes[row] = [*first, first[0] + digit.shape[0], first[1] + digit.shape[1]]
        place = (slice(boxes[row, 0], boxes[row, 2]), slice(boxes[row, 1], boxes[row, 3]))
        pasted[row][place] = np.maximum(pasted[row][place], digit)
    return torch.from_numpy(pasted).float()[:, None], labels, boxes


def _shrunk(image: Tensor, factor: float) -> NDArray[np.float64]:
    """Return the part of an image that is not black, smaller or larger by a factor."""
    rows, columns = (image.amax(dim=1 - axis).nonzero()[:, 0] for axis in (0, 1))
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].double()
    size = [min(max(1, round(length * factor)), SIDE) for length in ink.shape]
    resized = functional.interpolate(
        ink[None, None], size, mode="bilinear", antialias=True, align_corners=False
    )
    return np.asarray(resized[0, 0].numpy())


def _texture(rng: np.random.Generator, contrast: float) -> NDArray[np.float64]:
    """Return noise of single pixels within larger, softer patches of different brightness."""
    coarse = torch.from_numpy(rng.random((1, 1, 7, 7)))
    patches = functional.interpolate(coarse, (SIDE, SIDE), mode="bilinear", align_corners=False)
    return np.asarray(contrast * patches[0, 0].numpy() * rng.random((SIDE, SIDE)))


def digits_metadata(network: str = "digits") -> dict[str, Any]:
    """Return the record of the training of an embedded network.

    Parameters
    ----------
    network : str, optional
        ``"digits"``, ``"digits-24"``, ``"digits-32"`` or ``"digits-nonlinear"``.

    Returns
    -------
    dict of str
        Seeds, sizes of the splits, accuracies, loss curves and the source of the images.

    Raises
    ------
    InputError
        If no network of that name is embedded.

    Examples
    --------
    >>> from qxgap.xai import digits_metadata
    >>> digits_metadata("digits-nonlinear")["test_accuracy"]
    0.974
    """
    metadata: dict[str, Any] = json.loads(str(_embedded(_weights_file(network))["metadata"]))
    return metadata


def digits_weights(network: str = "digits") -> dict[str, NDArray[np.float32]]:
    """Return the parameters and BatchNorm statistics of an embedded network, by name."""
    arrays = _embedded(_weights_file(network))
    return {name: array.astype(np.float32) for name, array in arrays.items() if name != "metadata"}


def _weights_file(network: str) -> str:
    """Return the name of the file of an embedded network."""
    if network not in EMBEDDED:
        raise InputError(f"network = {network!r}; embedded are {', '.join(map(repr, EMBEDDED))}")
    return f"{network}.npz"


def _embedded(name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of an embedded file."""
    with (
        files(__package__).joinpath("data", name).open("rb") as file,
        np.load(file, allow_pickle=False) as archive,
    ):
        return {key: archive[key] for key in archive.files}
