"""Pictures of explained images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from .. import plotting
from ..problem import save
from .explanations import BATCH, METHODS, Explainer, Explanation
from .scores import Metrics, score

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..xai import ImageSource

SHOWN = {
    "exact": "QUBO, exact",
    "top-k": "top-k",
    "all positive": "all positive",
    "Grad-CAM": "Grad-CAM",
    "Grad-CAM++": "Grad-CAM++",
}
"""Methods in the picture and what they are called there."""
MAX_MAPS = 6
"""Chosen maps that are shown one by one, the most important first."""


def picture_file(name: str) -> str:
    """File name of the picture of an image."""
    return name.replace("/", "_") + ".png"


def problem_file(name: str) -> str:
    """File name of the selection problem of an image."""
    return name.replace("/", "_") + ".npz"


def explain_images(
    explainer: Explainer,
    source: ImageSource,
    folder: Path,
    metrics: Metrics | None = None,
    *,
    limit: int | None = None,
) -> pd.DataFrame:
    """Write picture and problem of every image, and ``metrics.csv``, into a folder that is there.

    Images are read, explained and let go of by batches.

    Parameters
    ----------
    limit : only the first so many images.

    Returns
    -------
    The table of :func:`qxgap.study.score`, which metrics.csv holds.
    """
    count = len(source) if limit is None else min(limit, len(source))
    tables = []
    with tqdm(total=count, desc="explain", unit="image", disable=None) as bar:
        for first in range(0, count, BATCH):
            rows = slice(first, min(first + BATCH, count))
            labels = None if source.labels is None else source.labels[rows]
            found = list(
                explainer.explain(source.names[rows], source.read(rows), labels, first=first)
            )
            table = score(explainer, found, metrics, progress=False)
            for i, item in enumerate(found):
                own = table.iloc[i * len(METHODS) : (i + 1) * len(METHODS)]
                picture(item, own).savefig(folder / picture_file(item.name), dpi=110)
                if item.problem:
                    save(item.problem, folder / problem_file(item.name))
                bar.update()
            tables.append(table)
    whole = pd.concat(tables, ignore_index=True)
    whole.to_csv(folder / "metrics.csv", index=False)
    return whole


def picture(item: Explanation, rows: pd.DataFrame) -> Figure:
    """Draw an image, where the methods look, the maps the QUBO chose, and the metrics.

    Parameters
    ----------
    rows : the image's rows of :func:`qxgap.study.score`.
    """
    by_method = rows.set_index("method")
    cams = {
        shown: (item.cams[method].numpy(), _note(by_method.loc[method]))
        for method, shown in SHOWN.items()
    }
    chosen = list(item.selections.get("exact", ()))
    selectable = list(item.selections.get("all positive", ()))
    largest = max((item.alpha[a] for a in selectable), default=1.0)
    ranked = sorted(chosen, key=lambda a: -item.alpha[a])
    return plotting.explanation_picture(
        _title(item, len(chosen)),
        _display(item),
        cams,
        [(_map_name(item, a, largest), _single(item, a)) for a in ranked[:MAX_MAPS]],
        [(str(a), float(item.alpha[a] / largest), a in chosen) for a in selectable],
    )


def _title(item: Explanation, num_chosen: int) -> str:
    true = "" if item.label is None else f" (true: {item.label})"
    maps = (
        f"the QUBO chooses {num_chosen} of {item.num_qubits} selectable maps, of {item.num_maps}"
        if item.num_qubits
        else item.status.split(" (")[0]
    )
    shown = f", the {MAX_MAPS} most important below" if num_chosen > MAX_MAPS else ""
    return f"{item.name}: class {item.pred}{true}, confidence {item.confidence:.1%}\n{maps}{shown}"


def _note(row: pd.Series) -> str:
    kinds = [name.removeprefix("drop_") for name in row.index if name.startswith("drop_")]
    lines = [
        f"{kind}: drop {row[f'drop_{kind}']:.0f} %, keeps {row[f'coverage_{kind}']:.0f} %"
        for kind in kinds
    ]
    if "insertion" in row:
        lines.append(f"insertion {row.insertion:.0f} %, deletion {row.deletion:.0f} %")
    if "adcc" in row:
        lines.append(f"ADCC {row.adcc:.0f} %")
    return "\n".join(lines)


def _display(item: Explanation) -> NDArray[np.float64]:
    """(H, W) or (H, W, 3) in [0, 1]; images of another range are stretched to it."""
    pixels = item.image.double().numpy()
    if pixels.min() < 0 or pixels.max() > 1:
        pixels = (pixels - pixels.min()) / (np.ptp(pixels) or 1.0)
    return pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels.mean(axis=0)


def _map_name(item: Explanation, label: int, largest: float) -> str:
    """Its reward, and why it shows nothing where it does not."""
    values = item.maps[label]
    lowest, highest = float(values.min()), float(values.max())
    why = ", constant" if lowest == highest else ", all negative" if highest <= 0 else ""
    return f"map {label}, h = {item.alpha[label] / largest:.2f}{why}"


def _single(item: Explanation, label: int) -> NDArray[np.float64]:
    from ..xai import subset_cam

    height, width = item.image.shape[-2:]
    return subset_cam(item.maps, item.alpha, [label], (height, width)).numpy()
