"""Pictures of explained images, and the folder that `qxgap explain` fills."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from numpy.typing import NDArray

from .. import plotting
from ..files import write_whole
from ..problem import save
from ..progress import progress_bar
from .explainer import Explainer, Explanation, ExplanationMethod
from .instances import BATCH, ImageInstance
from .scores import Metrics, score

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..xai import ImageSource

TITLES = {
    ExplanationMethod.EXACT: "QUBO, exact",
    ExplanationMethod.TOP_K: "top-k",
    ExplanationMethod.ALL_POSITIVE: "all positive",
    ExplanationMethod.GRAD_CAM: "Grad-CAM",
    ExplanationMethod.GRAD_CAM_PLUS_PLUS: "Grad-CAM++",
}
"""Methods that the picture shows, and their titles."""
METRICS = "metrics.csv"
"""Name of the file with the metrics of all images."""
MAX_MAPS = 6
"""Largest number of chosen maps that are shown one by one, the most important first."""


def picture_file(name: str) -> str:
    """Return the file name of the picture of an image.

    Parameters
    ----------
    name : str
        Name of the image.
    """
    return name.replace("/", "_") + ".png"


def problem_file(name: str) -> str:
    """Return the file name of the selection problem of an image.

    Parameters
    ----------
    name : str
        Name of the image.
    """
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

    Nothing is computed before the iterator is advanced. An interruption loses only the image that
    is being explained.

    Parameters
    ----------
    explainer : Explainer
        The explainer.
    source : ImageSource
        The images.
    folder : Path
        An existing folder for the pictures, the problems and ``metrics.csv``, which grows with
        every image.
    metrics : Metrics, optional
        The metrics to measure.
    limit : int, optional
        Number of images that are explained, from the first on; by default all.

    Yields
    ------
    pandas.DataFrame
        The rows of one image, as of :func:`qxgap.explain.score`.
    """
    count = len(source) if limit is None else min(limit, len(source))
    with progress_bar(count, "explain", unit="image", bar_format=None) as bar:
        for explanation in _explanations(explainer, source, count):
            instance = explanation.instance
            table = score(explainer, [explanation], metrics, progress=False)
            drawn = io.BytesIO()
            picture(explanation, table).savefig(drawn, format="png", dpi=110)
            write_whole(folder / picture_file(instance.name), drawn.getvalue())
            if instance.problem:
                save(instance.problem, folder / problem_file(instance.name))
            first = explanation.number == 0  # its row replaces the table of an earlier run
            table.to_csv(folder / METRICS, mode="w" if first else "a", header=first, index=False)
            bar.update()
            yield table


def _explanations(explainer: Explainer, source: ImageSource, count: int) -> Iterator[Explanation]:
    """Yield the explanations of the first ``count`` images, read batch by batch.

    The network gets batches of the size that `qxgap qubo` uses. In a batch of one image the maps
    would differ in their last digits, and so would the content hash of the problem.
    """
    for first in range(0, count, BATCH):
        rows = slice(first, min(first + BATCH, count))
        labels = None if source.labels is None else source.labels[rows]
        yield from explainer.explain(source.names[rows], source.read(rows), labels, first=first)


def picture(explanation: Explanation, rows: pd.DataFrame) -> Figure:
    """Draw an image, the explanation maps, the feature maps that the QUBO chose, and the metrics.

    Parameters
    ----------
    explanation : Explanation
        The image with its selections and explanation maps.
    rows : pandas.DataFrame
        The rows of the image in a table of :func:`qxgap.explain.score`.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.
    """
    instance, by_method = explanation.instance, rows.set_index("method")
    cams = {
        title: (explanation.cams[method].numpy(), _note(by_method.loc[method.value]))
        for method, title in TITLES.items()
    }
    chosen = list(explanation.selections.get(ExplanationMethod.EXACT, ()))
    selectable = list(explanation.selections.get(ExplanationMethod.ALL_POSITIVE, ()))
    largest = max((instance.alpha[a] for a in selectable), default=1.0)
    ranked = sorted(chosen, key=lambda a: -instance.alpha[a])
    return plotting.explanation_picture(
        _title(instance, len(chosen)),
        plotting.pixels_for_display(instance.image),
        cams,
        [(_map_name(instance, a, largest), _cam_of_map(instance, a)) for a in ranked[:MAX_MAPS]],
        [(str(a), float(instance.alpha[a] / largest), a in chosen) for a in selectable],
    )


def _title(instance: ImageInstance, num_chosen: int) -> str:
    """Return the classes and the number of chosen maps, or the reason why there is no problem."""
    true = "" if instance.label is None else f" (true: {instance.label})"
    confidence = f"confidence {instance.confidence:.1%}"
    maps = (
        f"the QUBO chooses {num_chosen} of {instance.num_qubits} selectable maps, of "
        f"{instance.num_maps}"
        if instance.num_qubits
        else instance.status.value
    )
    shown = f", the {MAX_MAPS} most important below" if num_chosen > MAX_MAPS else ""
    return f"{instance.name}: class {instance.pred}{true}, {confidence}\n{maps}{shown}"


def _note(row: pd.Series) -> str:
    """Return the text with the metrics of one method, for the space below its explanation map."""
    masks = [name.removeprefix("drop_") for name in row.index if name.startswith("drop_")]
    lines = [
        f"{mask}: drop {row[f'drop_{mask}']:.0f} %, keeps {row[f'coverage_{mask}']:.0f} %"
        for mask in masks
    ]
    if "insertion" in row:
        lines.append(f"insertion {row.insertion:.0f} %, deletion {row.deletion:.0f} %")
    if "adcc" in row:
        lines.append(f"ADCC {row.adcc:.0f} %")
    return "\n".join(lines)


def _map_name(instance: ImageInstance, label: int, largest: float) -> str:
    """Return the reward of a map, and the reason if its explanation map is empty."""
    values = instance.maps[label]
    lowest, highest = float(values.min()), float(values.max())
    reason = ", constant" if lowest == highest else ", all negative" if highest <= 0 else ""
    return f"map {label}, h = {instance.alpha[label] / largest:.2f}{reason}"


def _cam_of_map(instance: ImageInstance, label: int) -> NDArray:
    """Return the explanation map of a single feature map."""
    from ..xai import subset_cam

    height, width = instance.image.shape[-2:]
    return subset_cam(instance.maps, instance.alpha, [label], (height, width)).numpy()
