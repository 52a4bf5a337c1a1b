"""What a report shows besides the table: explanation maps, and how networks were trained.

``study.json`` of the study tells what was seen of each network. :func:`qxgap.study.save_showcase`
writes ``explanations.npz``: names and titles (n,), images (n, H, W) or (n, H, W, 3) in [0, 1],
methods (m,), cams (n, m, H, W) float32; and ``training.json``: for each network its history
(train_loss, validation_loss, best_epoch) and credit, a line on where images and weights are from.
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

from ..problem.errors import InputError

EXPLANATIONS, TRAINING, STUDY = "explanations.npz", "training.json", "study.json"


@dataclass(frozen=True, eq=False)
class SideFiles:
    """What stands beside the table; empty where there is nothing.

    Attributes
    ----------
    networks : name -> facts: test_images, test_accuracy, num_images, num_without_problem, head,
        layer, num_maps, history, credit; any of them may be missing or None.
    titles : n of them; images : (n, H, W) or (n, H, W, 3).
    cams : method -> (n, H, W).
    """

    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    titles: Sequence[str] = ()
    images: NDArray[Any] = field(default_factory=lambda: np.empty((0, 1, 1)))
    cams: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def load_side_files(folder: str | Path) -> SideFiles:
    """Read what there is of the side files.

    Raises
    ------
    InputError : for a file that is there but is not what it should be.
    """
    path = Path(folder)
    networks = dict(_json(path / STUDY).get("networks", {}))
    for name, facts in _json(path / TRAINING).items():
        networks[name] = {**networks.get(name, {}), **facts}
    arrays = path / EXPLANATIONS
    if not arrays.is_file():
        return SideFiles(networks)
    try:
        with np.load(arrays, allow_pickle=False) as stored:
            methods, cams = stored["methods"].tolist(), stored["cams"]
            by_method = {name: cams[:, i] for i, name in enumerate(methods)}
            return SideFiles(networks, stored["titles"].tolist(), stored["images"], by_method)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{arrays}: cannot be read ({error}); remove it") from error


def _json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error}); remove it") from error
