"""The table of all metrics, for every method and image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
from tqdm import tqdm

from ..errors import InputError
from .explainer import Explainer, Explanation
from .methods import ExplanationMethod

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..xai.metrics import AverageDrop, Fill, Mask


ATTRIBUTES = {
    "name": "name",
    "label": "label",
    "pred": "pred",
    "target": "explained_class",
    "confidence": "confidence",
    "num_qubits": "num_qubits",
    "num_maps": "num_maps",
}
"""Columns that all rows of an image share, and the attribute of ImageInstance of each."""


def default_masks() -> dict[str, Mask]:
    """Return the masks of the tables: soft, half of the maximum, and a quarter of the area."""
    from ..xai import AreaMask, SoftMask, ThresholdMask

    return {"soft": SoftMask(), "threshold": ThresholdMask(0.5), "area": AreaMask(0.25)}


@dataclass(frozen=True)
class Metrics:
    """The choice of metrics that :func:`score` measures.

    Parameters
    ----------
    masks : mapping of str to Mask, optional
        Masks by name; each gives the columns drop_NAME, increase_NAME and coverage_NAME. By
        default the soft mask, half of the maximum (threshold), and a quarter of the area (area).
    conventions : sequence of AverageDrop, optional
        Conventions of Average Drop; each gives a column ``drop_`` with its name. By default none.
    fill : Fill, optional
        The replacement of removed pixels; by default ``Constant(0.0)``. Insertion starts from a
        blurred image, see :func:`qxgap.xai.insertion_curve`.
    steps : int, optional
        Number of steps of the insertion and deletion curves; :func:`qxgap.xai.insertion_curve`
        gives the accuracy of the areas. 0 leaves the curves out.
    adcc : bool, optional
        Whether to explain the masked images again, for coherency and ADCC.
    """

    masks: Mapping[str, Mask] = field(default_factory=default_masks)
    conventions: Sequence[AverageDrop] = ()
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
    """Measure every method on every image.

    Parameters
    ----------
    explainer : Explainer
        The explainer that made the explanations.
    explanations : sequence of Explanation
        Explanations of at least one image.
    metrics : Metrics, optional
        The metrics to measure.
    progress : bool, optional
        Whether to show a bar on stderr.

    Returns
    -------
    pandas.DataFrame
        One row per image and method, the rows of an image together; metrics in percent. Columns:
        name, label, pred, target (the class explained), confidence (in that class), num_qubits,
        num_maps, method, selected (list of channel numbers; None for a method that takes all
        maps), and those of ``metrics``: drop_*, increase_*, coverage_*, insertion,
        deletion, coherency, complexity, adcc.

    Raises
    ------
    InputError
        If there is no explanation.
    """
    import torch

    if not explanations:
        raise InputError("no images to score; explain at least one")
    instances = [explanation.instance for explanation in explanations]
    scene = _Scene(
        explainer,
        images=torch.stack([torch.from_numpy(instance.image) for instance in instances]),
        targets=torch.tensor([instance.explained_class for instance in instances]),
        numbers=[explanation.number for explanation in explanations],
        metrics=metrics or Metrics(),
    )
    return rows_by_method(explanations, scene.columns, progress)


def rows_by_method(
    explanations: Sequence[Explanation],
    columns: Callable[[ExplanationMethod, Tensor], Mapping[str, Any]],
    progress: bool,
) -> pd.DataFrame:
    """Return a row for each image and method, with the columns that ``columns`` measures.

    ``columns`` takes a method and its explanation maps of all images, (n, H, W).
    """
    import torch

    instances = [explanation.instance for explanation in explanations]
    frames = []
    methods = list(explanations[0].cams)
    bar = tqdm(methods, desc="metrics", unit="method", disable=None if progress else True)
    for method in bar:
        selected = [explanation.selections.get(method) for explanation in explanations]
        measured = {
            "method": method.value,
            "selected": [None if labels is None else list(labels) for labels in selected],
            **columns(method, torch.stack([item.cams[method] for item in explanations])),
        }
        frames.append(pd.DataFrame(measured).assign(image=range(len(instances))))
    shared = pd.DataFrame(
        {
            column: [getattr(instance, attribute) for instance in instances]
            for column, attribute in ATTRIBUTES.items()
        }
    )
    table = pd.concat(frames).sort_values("image", kind="stable")
    return (
        shared.merge(table, left_index=True, right_on="image")
        .drop(columns="image")
        .reset_index(drop=True)
    )


@dataclass(frozen=True, eq=False)
class _Scene:
    """The images that are scored, the class explained and the number of each, and the metrics."""

    explainer: Explainer
    images: Tensor
    targets: Tensor
    numbers: Sequence[int]
    metrics: Metrics

    @property
    def network(self) -> nn.Module:
        return self.explainer.network

    def columns(self, method: ExplanationMethod, cams: Tensor) -> dict[str, Any]:
        """Return the columns of the method that made the explanation maps ``cams``."""
        columns = self._mask_columns(cams)
        if self.metrics.steps:
            columns |= self._curve_columns(cams)
        if self.metrics.adcc:
            columns |= self._adcc_columns(method, cams)
        return columns

    def _mask_columns(self, cams: Tensor) -> dict[str, Any]:
        from ..xai import mask_scores

        columns = {}
        for name, mask in self.metrics.masks.items():
            scores = mask_scores(
                self.network, self.images, cams, self.targets, mask, fill=self.metrics.fill
            )
            for metric in ("drop", "increase", "coverage"):
                columns[f"{metric}_{name}"] = getattr(scores, metric)
        for convention in self.metrics.conventions:
            drops = convention(
                self.network, self.images, cams, self.targets, fill=self.metrics.fill
            )
            columns[f"drop_{convention.name}"] = drops.drop
        return columns

    def _curve_columns(self, cams: Tensor) -> dict[str, Any]:
        from ..xai import deletion_curve, insertion_curve

        steps, fill = self.metrics.steps, self.metrics.fill
        inserted = insertion_curve(self.network, self.images, cams, self.targets, steps=steps)
        deleted = deletion_curve(
            self.network, self.images, cams, self.targets, steps=steps, end=fill
        )
        return {"insertion": inserted.area, "deletion": deleted.area}

    def _adcc_columns(self, method: ExplanationMethod, cams: Tensor) -> dict[str, Any]:
        from ..xai import adcc_scores

        def explain(images: Tensor, targets: Tensor) -> Tensor:
            # With these numbers, random-k selects the same maps for the masked image as before.
            return self.explainer.cams(method, images, targets, self.numbers)

        fill = self.metrics.fill
        scores = adcc_scores(self.network, self.images, cams, self.targets, explain, fill=fill)
        return {name: getattr(scores, name) for name in ("coherency", "complexity", "adcc")}


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return the means of every metric by method, in the order of the methods.

    Parameters
    ----------
    table : pandas.DataFrame
        A table of :func:`score`. Images without a selection are left out for all methods, so that
        all are measured on the same images.

    Returns
    -------
    pandas.DataFrame
        A row per method: ``images``, the number of images; ``selected``, the mean number of maps;
        and the mean of each metric.
    """
    used = table[table.num_qubits > 0]
    metrics = list(table.columns[table.columns.get_loc("selected") + 1 :])
    used = used.assign(selected=[_selection_size(row) for row in used.itertuples()])
    groups = used.groupby("method", sort=False)
    means = groups[["selected", *metrics]].mean()
    means.insert(0, "images", groups.size())
    return means


def _selection_size(row: Any) -> int:
    """Return the number of maps that a method takes: those it selects, or all of them."""
    return row.num_maps if row.selected is None else len(row.selected)


def drops_by_convention(
    explainer: Explainer,
    explanations: Sequence[Explanation],
    conventions: Sequence[AverageDrop] | None = None,
    *,
    fill: Fill | None = None,
) -> pd.DataFrame:
    """Measure Average Drop of every method on every image by several conventions.

    The differences between the columns are differences of definition, not of methods.

    Parameters
    ----------
    explainer : Explainer
        The explainer that made the explanations.
    explanations : sequence of Explanation
        Explanations of at least one image.
    conventions : sequence of AverageDrop, optional
        The conventions; by default the four of ``AverageDrop.ALL``.
    fill : Fill, optional
        The replacement of removed pixels; by default ``Constant(0.0)``.

    Returns
    -------
    pandas.DataFrame
        A table as :func:`score` returns it, whose only metrics are a column for each convention:
        ``drop_`` and its name, in percent. :func:`summary` gives the means by method, and
        :func:`differences` the intervals of the differences.

    Raises
    ------
    InputError
        If there is no explanation.

    Examples
    --------
    >>> from qxgap import explain, xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> explainer = explain.Explainer(network.module, network.layer, seed=1)
    >>> explained = list(explainer.explain(["a", "b"], images[:2], labels[:2]))
    >>> means = explain.summary(explain.drops_by_convention(explainer, explained))
    >>> bool((means["drop_authors, signed"] <= means["drop_authors, clipped"]).all())
    True
    """
    from ..xai import AverageDrop

    chosen = tuple(conventions or AverageDrop.ALL)
    metrics = Metrics(masks={}, conventions=chosen, fill=fill, steps=0, adcc=False)
    return score(explainer, explanations, metrics, progress=False)
