"""What a report shows besides the table: what was seen of networks, and a few of their images.

``study.json`` holds facts of each network, ``explanations-GROUP.npz`` an image of each class with
its feature maps; see :mod:`qxgap.study.store`.
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
    names, pred : (n,) of the images, and the classes explained.
    images : (n, C, H, W); maps : (n, N_f, h, w); alpha : (n, N_f).
    """

    names: NDArray[Any]
    pred: NDArray[Any]
    images: NDArray[Any]
    maps: NDArray[Any]
    alpha: NDArray[Any]

    def display(self) -> list[NDArray[np.float64]]:
        """(H, W) or (H, W, 3) each, in [0, 1]; images of another range are stretched to it."""
        return [pixels_for_display(image) for image in self.images]

    def cam(self, i: int, selected: Sequence[int] | None) -> NDArray[np.float64]:
        """ReLU of the sum of selected maps of image i weighted by alpha, (h, w); None: all maps."""
        alpha = self.alpha[i].astype(np.float64)
        if selected is not None:
            kept = np.zeros_like(alpha)
            rows = np.array([int(a) for a in selected], dtype=int)
            kept[rows] = alpha[rows]
            alpha = kept
        return np.maximum(np.tensordot(alpha, self.maps[i].astype(np.float64), 1), 0.0)


@dataclass(frozen=True, eq=False)
class SideFiles:
    """What stands beside the table; empty where there is nothing.

    Attributes
    ----------
    networks : group -> facts: test_images, test_accuracy, num_images, num_without_problem, head,
        layer, num_maps, history, credit; any of them may be missing or None.
    shown : file name of the group -> its images.
    """

    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shown: Mapping[str, ShownImages] = field(default_factory=dict)


def load_side_files(folder: str | Path) -> SideFiles:
    """Read what there is of the side files.

    Raises
    ------
    InputError : for a file that is there but is not what it should be.
    """
    path = Path(folder)
    networks = _json(path / "study.json").get("networks", {})
    start = "explanations-"
    files = sorted(path.glob(f"{start}*.npz"))
    found = ((file.stem.removeprefix(start), _images(file)) for file in files)
    return SideFiles(networks, {name: images for name, images in found if images.names.size})


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
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error}); remove it") from error
