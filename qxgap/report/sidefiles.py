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
SMALL_KEYS = ("names", "images", "maps", "peaks", "alpha")


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
        return cam_of(self.maps[i], self.alpha[i], selected)


@dataclass(frozen=True, eq=False)
class SmallImages:
    """Many images of one network, small and with 8 bits, for the sections of instances.

    Attributes
    ----------
    names : ndarray of str, shape (n,)
        Names of the images.
    images : ndarray of uint8, shape (n, H, W) or (n, H, W, 3)
        The images.
    maps : ndarray of int8, shape (m, N_f, h, w)
        The feature maps of the first m of them, each scaled so that its largest absolute value is
        127.
    peaks : ndarray of float, shape (m, N_f)
        The largest absolute value of each map.
    alpha : ndarray of float, shape (m, N_f)
        The importance of each map.
    """

    names: NDArray[Any]
    images: NDArray[np.uint8]
    maps: NDArray[np.int8]
    peaks: NDArray[Any]
    alpha: NDArray[Any]

    def position(self, name: str) -> int | None:
        """Return the number of an image; None if it is not here."""
        at = np.flatnonzero(self.names == name)
        return int(at[0]) if at.size else None

    def cam(self, i: int, selected: Sequence[int] | None) -> NDArray[np.float64]:
        """Return the explanation map of one image, as :meth:`ShownImages.cam` does."""
        maps = self.maps[i] * (self.peaks[i] / 127.0)[:, None, None]
        return cam_of(maps, self.alpha[i], selected)


@dataclass(frozen=True, eq=False)
class SideFiles:
    """The files beside the table; empty where there are none.

    Attributes
    ----------
    networks : dict of str to dict
        Facts about each network by its group: test_images, test_accuracy, num_images,
        num_without_problem, head, layer, num_maps, history, credit; any of them may be missing or
        None.
    settings : dict
        The settings of the study.
    run : dict
        The last run that computed rows: date, seconds and machine.
    shown : dict of str to ShownImages
        An image of each class of each network, by the name of its group in the name of the file.
    small : dict of str to SmallImages
        The small images of each network, by the same names.
    """

    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, ShownImages] = field(default_factory=dict)
    small: Mapping[str, SmallImages] = field(default_factory=dict)


def load_side_files(folder: str | Path) -> SideFiles:
    """Read the side files that exist; InputError for one that exists but cannot be read."""
    path = Path(folder)
    facts = _json(path / "study.json")
    start = "explanations-"
    files = sorted(path.glob(f"{start}*.npz"))
    shown, small = {}, {}
    for file in files:
        name = file.stem.removeprefix(start)
        images, small_images = _images(file)
        if images.names.size:
            shown[name] = images
        if small_images is not None:
            small[name] = small_images
    return SideFiles(
        networks=facts.get("networks", {}),
        settings=facts.get("settings", {}),
        run=facts.get("run", {}),
        shown=shown,
        small=small,
    )


def cam_of(
    maps: NDArray[Any], alpha: NDArray[Any], selected: Sequence[int] | None
) -> NDArray[np.float64]:
    """Return the class activation map, ReLU of the sum of the selected maps times alpha.

    Parameters
    ----------
    maps : ndarray of float, shape (N_f, h, w)
        The feature maps.
    alpha : ndarray of float, shape (N_f,)
        Their importance.
    selected : sequence of int, or None
        Numbers of the maps in the sum; None is all maps.

    Returns
    -------
    ndarray of float, shape (h, w)
        The map.
    """
    weights = alpha.astype(np.float64)
    if selected is not None:
        rows = np.array([int(number) for number in selected], dtype=int)
        weights = np.zeros_like(weights)
        weights[rows] = alpha[rows]
    return np.maximum(np.tensordot(weights, maps.astype(np.float64), 1), 0.0)


def _images(file: Path) -> tuple[ShownImages, SmallImages | None]:
    """Read one file; the small images are None in files of studies that did not write them."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            shown = ShownImages(**{key: stored[key] for key in KEYS})
            if not all(f"small_{key}" in stored for key in SMALL_KEYS):
                return shown, None
            return shown, SmallImages(**{key: stored[f"small_{key}"] for key in SMALL_KEYS})
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
