"""The files of a study beside its table: facts about networks, and a few of their images.

``study.json`` holds facts of each network. ``explanations-GROUP.npz`` holds an image of each class
with its feature maps; see :mod:`qxgap.study.store`.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..plotting import pixels_for_display

KEYS = ("names", "pred", "images", "maps", "alpha")


@dataclass(frozen=True, eq=False)
class ShownImages:
    """A few images of one network.

    Attributes
    ----------
    names : ndarray of str, shape (n,)
        Names of the images.
    pred : ndarray of int, shape (n,)
        The classes that are explained.
    images : ndarray of float, shape (n, C, H, W)
        The images as the network takes them.
    maps : ndarray of float, shape (n, N_f, h, w)
        Their feature maps.
    alpha : ndarray of float, shape (n, N_f)
        The importance of every map.
    """

    names: NDArray[Any]
    pred: NDArray[Any]
    images: NDArray[Any]
    maps: NDArray[Any]
    alpha: NDArray[Any]

    def display(self) -> list[NDArray[np.float64]]:
        """Return each image with shape (H, W) or (H, W, 3), scaled to [0, 1] if necessary."""
        return [pixels_for_display(image) for image in self.images]

    def cam(self, i: int, selected: Sequence[int] | None) -> NDArray[np.float64]:
        """Return the explanation map of one image: ReLU of the sum of its maps times alpha.

        Parameters
        ----------
        i : int
            Number of the image.
        selected : sequence of int, or None
            Numbers of the maps in the sum; None is all maps.

        Returns
        -------
        ndarray of float, shape (h, w)
            The class activation map.
        """
        alpha = self.alpha[i].astype(np.float64)
        if selected is not None:
            masked = np.zeros_like(alpha)
            rows = np.array([int(number) for number in selected], dtype=int)
            masked[rows] = alpha[rows]
            alpha = masked
        return np.maximum(np.tensordot(alpha, self.maps[i].astype(np.float64), 1), 0.0)


@dataclass(frozen=True, eq=False)
class SideFiles:
    """The files beside the table; empty where there are none.

    Attributes
    ----------
    networks : dict of str to dict
        Facts about each network by its group: test_images, test_accuracy, num_images,
        num_without_problem, head, layer, num_maps, history, credit; any of them may be missing or
        None.
    shown : dict of str to ShownImages
        The images of each network, by the name of its group in the name of the file.
    """

    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shown: Mapping[str, ShownImages] = field(default_factory=dict)


def load_side_files(folder: str | Path) -> SideFiles:
    """Read the side files that exist; InputError for one that exists but cannot be read."""
    path = Path(folder)
    networks = _json(path / "study.json").get("networks", {})
    start = "explanations-"
    files = sorted(path.glob(f"{start}*.npz"))
    groups = ((file.stem.removeprefix(start), _images(file)) for file in files)
    return SideFiles(networks, {name: images for name, images in groups if images.names.size})


def _images(file: Path) -> ShownImages:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return ShownImages(**{key: stored[key] for key in KEYS})
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{file}: cannot be read ({error}); remove it") from error


def _json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return facts
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error}); remove it") from error
