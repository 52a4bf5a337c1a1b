"""What a report shows besides the table: explanation maps, and how the network was trained.

``explanations.npz`` holds names and titles (n,), images (n, H, W) or (n, H, W, 3) in [0, 1],
methods (m,) and cams (n, m, H, W) float32. ``network.json`` is one object of plain values, all of
them optional: name, layer, num_maps, test_accuracy, test_images, head, num_images,
num_without_problem, history {train_loss, validation_loss}, best_epoch, credit.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..problem.errors import InputError

if TYPE_CHECKING:
    from .explanations import Explanation

EXPLANATIONS, NETWORK = "explanations.npz", "network.json"
SHOWN = ("exact", "top-k", "all positive", "Grad-CAM", "Grad-CAM++")


@dataclass(frozen=True, eq=False)
class SideFiles:
    """What stands beside the table; empty where there is nothing.

    Attributes
    ----------
    network : facts of ``network.json``.
    titles : n of them; images : (n, H, W) or (n, H, W, 3).
    cams : method -> (n, H, W).
    """

    network: Mapping[str, Any] = field(default_factory=dict)
    titles: Sequence[str] = ()
    images: NDArray[Any] = field(default_factory=lambda: np.empty((0, 1, 1)))
    cams: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def save_explanations(
    folder: Path, found: Sequence[Explanation], methods: Sequence[str] = SHOWN
) -> Path:
    """Write ``explanations.npz`` of a few explanations, in order."""
    if not found:
        raise InputError("no explanations to save; give at least one")
    path = folder / EXPLANATIONS
    cams = [[item.cams[method].numpy() for method in methods] for item in found]
    titles = [
        f"{item.pred}: {len(item.selections.get('exact', ()))} of {item.num_qubits}"
        for item in found
    ]
    np.savez_compressed(
        path,
        names=np.array([item.name for item in found]),
        titles=np.array(titles),
        images=np.array([_display(item.image.double().numpy()) for item in found], np.float32),
        methods=np.array(methods),
        cams=np.array(cams, dtype=np.float32),
    )
    return path


def save_network(folder: Path, facts: Mapping[str, Any]) -> Path:
    """Write ``network.json``."""
    path = folder / NETWORK
    path.write_text(json.dumps(facts, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path


def load_side_files(folder: str | Path) -> SideFiles:
    """Read what there is of both files.

    Raises
    ------
    InputError : for a file that is there but is not what it should be.
    """
    network, arrays = Path(folder) / NETWORK, Path(folder) / EXPLANATIONS
    try:
        facts = json.loads(network.read_text(encoding="utf-8")) if network.is_file() else {}
        if not arrays.is_file():
            return SideFiles(facts)
        with np.load(arrays, allow_pickle=False) as stored:
            methods, cams = stored["methods"].tolist(), stored["cams"]
            by_method = {name: cams[:, i] for i, name in enumerate(methods)}
            return SideFiles(facts, stored["titles"].tolist(), stored["images"], by_method)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{folder}: {NETWORK} or {EXPLANATIONS} cannot be read ({error}); remove it or run the "
            "study again"
        ) from error


def _display(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """(C, H, W) as (H, W) or (H, W, 3) in [0, 1]; another range is stretched to it."""
    if pixels.min() < 0 or pixels.max() > 1:
        pixels = (pixels - pixels.min()) / (np.ptp(pixels) or 1.0)
    return pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels.mean(axis=0)
