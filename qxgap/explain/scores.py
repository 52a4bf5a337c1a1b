"""Every metric of every method on every image, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
from tqdm import tqdm

from ..errors import InputError
from .explainer import METHODS, Explainer, Explanation

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..xai.masks import Fill, Mask

    Scene = tuple[nn.Module, Tensor, Tensor, Tensor]
    """Network, images, explanation maps, classes."""


def default_masks() -> dict[str, Mask]:
    """The masks of the tables: soft, half of the maximum, a quarter of the area."""
    from ..xai import AreaMask, SoftMask, ThresholdMask

    return {"soft": SoftMask(), "threshold": ThresholdMask(0.5), "area": AreaMask(0.25)}


@dataclass(frozen=True)
class Metrics:
    """What to measure.

    Attributes
    ----------
    masks : name -> mask; each gives the columns drop_NAME, increase_NAME and coverage_NAME.
    fill : what removed pixels become; by default ``Constant(0.0)``. Insertion starts from a blurred
        image, see :func:`qxgap.xai.insertion_curve`.
    steps : of the insertion and deletion curves, see :func:`qxgap.xai.insertion_curve` for what
        they are worth; 0 leaves the curves out.
    adcc : whether to explain the masked images again, for coherency and ADCC.
    """

    masks: Mapping[str, Mask] = field(default_factory=default_masks)
    fill: Fill | None = None
    steps: int = 20
    adcc: bool = True


def score(
    explainer: Explainer,
    explanations: Sequence[Explanation],
    metrics: Metrics | None = None,
    *,
    progress: bool = True,
) -> pd.DataFrame:
    """Return one row per image and method, the image's rows together; metrics in percent.

    Columns: name, label, pred, confidence, num_qubits, num_maps, method, selected (list of channel
    numbers; None for Grad-CAM and Grad-CAM++, which take all), and those of ``Metrics``:
    drop_*, increase_*, coverage_*, insertion, deletion, coherency, complexity, adcc.
    """
    import torch

    if not explanations:
        raise InputError("no images to score; explain at least one")
    what = metrics or Metrics()
    images = torch.stack([item.image for item in explanations])
    targets = torch.tensor([item.pred for item in explanations])
    frames = []
    for method in tqdm(METHODS, desc="metrics", unit="method", disable=None if progress else True):
        columns = _columns(explainer, method, explanations, images, targets, what)
        frames.append(pd.DataFrame({"method": method, **columns}).assign(image=range(len(images))))
    shared = pd.DataFrame(
        {
            key: [getattr(item, key) for item in explanations]
            for key in ("name", "label", "pred", "confidence", "num_qubits", "num_maps")
        }
    )
    table = pd.concat(frames).sort_values("image", kind="stable")
    return (
        shared.merge(table, left_index=True, right_on="image")
        .drop(columns="image")
        .reset_index(drop=True)
    )


def _columns(
    explainer: Explainer,
    method: str,
    explanations: Sequence[Explanation],
    images: Tensor,
    targets: Tensor,
    what: Metrics,
) -> dict[str, Any]:
    import torch

    cams = torch.stack([item.cams[method] for item in explanations])
    chosen = [item.selections.get(method) for item in explanations]
    scene = (explainer.network, images, cams, targets)
    numbers = [item.number for item in explanations]
    return {
        "selected": [None if labels is None else list(labels) for labels in chosen],
        **_mask_columns(scene, what),
        **(_curve_columns(scene, what) if what.steps else {}),
        **(_adcc_columns(scene, explainer, method, numbers, what) if what.adcc else {}),
    }


def _mask_columns(scene: Scene, what: Metrics) -> dict[str, Any]:
    from .. import xai

    columns = {}
    for name, mask in what.masks.items():
        found = xai.mask_scores(*scene, mask, fill=what.fill)
        for metric in ("drop", "increase", "coverage"):
            columns[f"{metric}_{name}"] = getattr(found, metric)
    return columns


def _curve_columns(scene: Scene, what: Metrics) -> dict[str, Any]:
    from .. import xai

    inserted = xai.insertion_curve(*scene, steps=what.steps)
    deleted = xai.deletion_curve(*scene, steps=what.steps, end=what.fill)
    return {"insertion": inserted.area, "deletion": deleted.area}


def _adcc_columns(
    scene: Scene, explainer: Explainer, method: str, numbers: Sequence[int], what: Metrics
) -> dict[str, Any]:
    from .. import xai

    def again(images: Tensor, targets: Tensor) -> Tensor:
        return explainer.cams(method, images, targets, numbers)

    found = xai.adcc_scores(*scene, again, fill=what.fill)
    return {name: getattr(found, name) for name in ("coherency", "complexity", "adcc")}


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Means of the table of :func:`score` by method, in the order of the methods.

    Images without a selection are left out for all methods, so that all see the same images; the
    column images says how many there were. ``selected`` becomes the mean number of maps.
    """
    used = table[table.num_qubits > 0]
    metrics = list(table.columns[table.columns.get_loc("selected") + 1 :])
    used = used.assign(selected=[_size(row) for row in used.itertuples()])
    groups = used.groupby("method", sort=False)
    means = groups[["selected", *metrics]].mean()
    means.insert(0, "images", groups.size())
    return means


def _size(row: Any) -> int:
    return row.num_maps if row.selected is None else len(row.selected)
