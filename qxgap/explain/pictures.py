"""Pictures of explained images, with the words that explain them."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd
from numpy.typing import NDArray

from .. import plotting
from .explainer import Explanation
from .instances import ImageInstance
from .methods import ExplanationMethod

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLES = {
    ExplanationMethod.EXACT: "QUBO, exact",
    ExplanationMethod.TOP_K: "top-k",
    ExplanationMethod.ALL_POSITIVE: "all positive",
    ExplanationMethod.GRAD_CAM: "Grad-CAM",
    ExplanationMethod.GRAD_CAM_PLUS_PLUS: "Grad-CAM++",
    ExplanationMethod.HIRES_CAM: "HiResCAM",
    ExplanationMethod.LAYER_CAM: "LayerCAM",
    ExplanationMethod.SCORE_CAM: "Score-CAM",
}
"""Methods that the picture shows if the explanation has them, and their titles."""
MAX_MAPS = 6
"""Largest number of chosen maps that are shown one by one, the most important first."""
COLORS = (
    "Color: where the evidence for the class is, by each method. Every map of the network has an "
    "importance h; the QUBO chooses maps that are important and do not repeat each other. top-k "
    "takes as many, the most important ones."
)
"""The first words of the guide beside the picture."""
MASKS = (
    "Below each: the network sees the image again, with only its colored part left. “keeps” is the "
    "share of the image that is left; “loses” is how much less sure of the class the network is "
    "then: 0 % is best. soft: pixels fade as the color does; threshold: those above half of the "
    "maximum stay; area: the brightest quarter stays."
)
"""The words of the guide on the scores of masks."""
ADCC = (
    "ADCC: one grade for a map that keeps the confidence, is small, and stays the same when only "
    "its own pixels are left: 100 % is best."
)
GUIDE_WIDTH = 88
"""Length of the lines of the guide, in characters."""
"""The words of the guide on the grade of a map."""


def picture(explanation: Explanation, rows: pd.DataFrame, pixels: NDArray | None = None) -> Figure:
    """Draw an image, the explanation maps, the feature maps that the QUBO chose, and the metrics.

    Parameters
    ----------
    explanation : Explanation
        The image with its selections and explanation maps.
    rows : pandas.DataFrame
        The rows of the image in a table of :func:`qxgap.explain.score`.
    pixels : ndarray, shape (C, H, W), optional
        The image that is drawn; by default the one that the network takes, which differs if the
        images are standardized.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.
    """
    instance, by_method = explanation.instance, rows.set_index("method")
    cams = {
        title: (explanation.cams[method].numpy(), _note(by_method.loc[method.value]))
        for method, title in TITLES.items()
        if method in explanation.cams
    }
    chosen = list(explanation.selections.get(ExplanationMethod.EXACT, ()))
    selectable = list(instance.selectable.labels)
    largest = max((instance.alpha[a] for a in selectable), default=1.0)
    ranked = sorted(chosen, key=lambda a: -instance.alpha[a])
    return plotting.explanation_picture(
        _title(instance, len(chosen)),
        plotting.pixels_for_display(instance.image if pixels is None else pixels),
        cams,
        [(_map_name(instance, a, largest), _cam_of_map(instance, a)) for a in ranked[:MAX_MAPS]],
        [(str(a), float(instance.alpha[a] / largest), a in chosen) for a in selectable],
        _guide(rows),
    )


def overlay(explanation: Explanation, pixels: NDArray | None = None) -> Figure:
    """Draw only the image and the explanation map of the QUBO over it, as for a slide.

    Parameters
    ----------
    explanation : Explanation
        The image with its explanation maps.
    pixels : ndarray, shape (C, H, W), optional
        The image that is drawn; by default the one that the network takes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, without a title, axes or margins.
    """
    image = explanation.instance.image if pixels is None else pixels
    return plotting.bare_overlay(
        plotting.pixels_for_display(image), explanation.cams[ExplanationMethod.EXACT].numpy()
    )


def _title(instance: ImageInstance, num_chosen: int) -> str:
    """Return the classes and the number of chosen maps, or the reason why there is no problem."""
    maps = (
        f"the QUBO chooses {num_chosen} of {instance.num_qubits} selectable maps, of "
        f"{instance.num_maps}"
        if instance.num_qubits
        else instance.status.value
    )
    shown = f"; the {MAX_MAPS} most important are below" if num_chosen > MAX_MAPS else ""
    return f"{instance.name}: {instance.classes()}\n{maps}{shown}"


def _guide(rows: pd.DataFrame) -> str:
    """Return the words that explain the picture, as far as the table has their scores."""
    masks = any(name.startswith("drop_") for name in rows)
    parts = [COLORS, *([MASKS] if masks else []), *([ADCC] if "adcc" in rows else [])]
    return "\n\n".join(fill(part, GUIDE_WIDTH) for part in parts)


def _note(row: pd.Series) -> str:
    """Return the text with the metrics of one method, for the space below its explanation map."""
    masks = [name.removeprefix("drop_") for name in row.index if name.startswith("drop_")]
    lines = [
        f"{mask}: keeps {row[f'coverage_{mask}']:.0f} %, loses {row[f'drop_{mask}']:.0f} %"
        for mask in masks
    ]
    if "insertion" in row:
        lines.append(f"insertion {row.insertion:.0f} %, deletion {row.deletion:.0f} %")
    if "adcc" in row:
        lines.append(f"ADCC {row.adcc:.0f} %")
    return "\n".join(lines)


def _map_name(instance: ImageInstance, label: int, largest: float) -> str:
    """Return the reward of a map, and the reason if its explanation map is empty."""
    negative = ", negative" if float(instance.maps[label].max()) <= 0 else ""
    return f"map {label}, h = {instance.alpha[label] / largest:.2f}{negative}"


def _cam_of_map(instance: ImageInstance, label: int) -> NDArray:
    """Return the explanation map of a single feature map."""
    from ..xai import subset_cam

    height, width = instance.image.shape[-2:]
    return subset_cam(instance.maps, instance.alpha, [label], (height, width)).numpy()
