"""One instance of a study: its problem, or the reason why there is none, and its image."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..files import digest
from ..problem.qubo import QuboProblem
from .open_network import OpenNetwork

Pixels = NDArray[np.float32]


class Picture:
    """One image; its pixels are read when they are used or when it is sent to a worker.

    Attributes
    ----------
    name : str
        Name of the image.
    label : int or None
        True class; None if it is unknown.
    content : str
        Content hash of the pixels, 16 hexadecimal digits.
    """

    def __init__(
        self, name: str, label: int | None, content: str, read: Callable[[], Pixels]
    ) -> None:
        self.name, self.label, self.content = name, label, content
        self._read = read

    @property
    def pixels(self) -> Pixels:
        """Pixels of the image, shape (C, H, W)."""
        return self._read()

    def __reduce__(self) -> tuple:
        # A worker may not reach the file: the picture travels with its pixels.
        return ReadPicture, (self.name, self.label, self.content, self.pixels)


@dataclass(frozen=True, eq=False)
class ReadPicture:
    """An image together with its pixels, as workers receive it; attributes as in Picture."""

    name: str
    label: int | None
    content: str
    pixels: Pixels


def content_of(pixels: NDArray) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of the shape and the pixels of an image."""
    array = np.ascontiguousarray(pixels, dtype="<f4")
    return digest(repr(array.shape), array)


@dataclass(frozen=True, eq=False)
class Instance:
    """One instance at one tradeoff.

    Attributes
    ----------
    name : str
        File stem, image name, or ``instance-0000``.
    source : str
        File or image set that the instance comes from.
    group : str
        Name of the folder of the file, or of the network.
    problem : QuboProblem or None
        The problem; None if there is none.
    reason : str
        Why there is no problem; empty if there is one.
    failed : bool
        Whether the missing problem is an error. An image without a selectable map is none.
    label, pred, num_maps : int or None
        True class, predicted class and number of feature maps; None if unknown.
    tradeoff : float
        Tradeoff of the problem; NaN if unknown.
    picture : Picture or ReadPicture, optional
        The image; None for files.
    network : OpenNetwork, optional
        The network of the image; None for files.
    """

    name: str
    source: str
    group: str
    problem: QuboProblem | None
    reason: str = ""
    failed: bool = False
    label: int | None = None
    pred: int | None = None
    num_maps: int | None = None
    tradeoff: float = math.nan
    picture: Picture | ReadPicture | None = None
    network: OpenNetwork | None = None
