"""Pictures of explained images."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import plotting
from ..files import write_whole
from ..problem import save
from ..progress import progress_bar
from .explainer import BATCH, Explainer, Explanation
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
METRICS = "metrics.csv"
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
) -> Iterator[pd.DataFrame]:
    """Explain image by image; write picture, problem and metrics of each as soon as it is done.

    The folder must be there. ``metrics.csv`` in it grows with every image, so that an interruption
    loses no more than the image at work. Nothing is computed before the iterator is asked.

    Parameters
    ----------
    limit : only the first so many images.

    Yields
    ------
    DataFrame
        The rows of one image, of :func:`qxgap.explain.score`.
    """
    count = len(source) if limit is None else min(limit, len(source))
    with progress_bar(count, "explain", unit="image", bar_format=None) as bar:
        for item in _explained(explainer, source, count):
            table = score(explainer, [item], metrics, progress=False)
            drawn = io.BytesIO()
            picture(item, table).savefig(drawn, format="png", dpi=110)
            write_whole(folder / picture_file(item.name), drawn.getvalue())
            if item.problem:
                save(item.problem, folder / problem_file(item.name))
            first = item.number == 0  # it replaces a table of an earlier run
            table.to_csv(folder / METRICS, mode="w" if first else "a", header=first, index=False)
            bar.update()
            yield table


def _explained(explainer: Explainer, source: ImageSource, count: int) -> Iterator[Explanation]:
    """Yield the explanations of the first ``count`` images, one by one.

    The network sees batches, as `qxgap qubo` shows them to it: alone, an image's maps would differ
    in their last digits, and so would the problem's content hash.
    """
    for first in range(0, count, BATCH):
        rows = slice(first, min(first + BATCH, count))
        labels = None if source.labels is None else source.labels[rows]
        yield from explainer.explain(source.names[rows], source.read(rows), labels, first=first)


def picture(item: Explanation, rows: pd.DataFrame) -> Figure:
    """Draw an image, where the methods look, the maps the QUBO chose, and the metrics.

    Parameters
    ----------
    rows : the image's rows of :func:`qxgap.explain.score`.
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
