"""A bridge to Quantus, whose metrics judge the explanation maps of every method.

Quantus (Hedström et al., J. Mach. Learn. Res. 24, 34, 2023) is an optional extra. Its metrics take
a network and a function that explains; :func:`quantus_function` is that function for a method of
qxgap, and :func:`quantus_scores` runs the usual metrics over all methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError, MissingExtraError
from .explainer import Explainer, Explanation
from .methods import ExplanationMethod
from .scores import rows_by_method

if TYPE_CHECKING:
    from torch import Tensor, nn

LEAST = 1e-12
"""What is added to the first pixel of a map without a place, because Quantus refuses such maps."""
ROAD_PERCENTAGES = (10, 30, 50, 70, 90)
"""Shares of the pixels that ROAD removes, the most relevant first, in percent."""
SAMPLES = 10
"""Number of noisy images for the largest change of a map."""


def quantus_function(
    explainer: Explainer,
    method: ExplanationMethod | str,
    numbers: Sequence[int] | None = None,
) -> Callable[..., NDArray[np.float64]]:
    """Return a method of explanation in the form in which the metrics of Quantus call it.

    It explains whatever network and images a metric gives it: the QUBO is built and solved anew for
    each perturbed image, and for each network with random weights.

    Parameters
    ----------
    explainer : Explainer
        The hooked layer, and the settings of the QUBO.
    method : ExplanationMethod or str
        The method.
    numbers : sequence of int, optional
        Numbers of the images, so that random-k is drawn as by :meth:`Explainer.explain`.

    Returns
    -------
    callable
        ``function(model, inputs, targets, **ignored)`` returns the maps, an array (n, 1, H, W), of
        the classes ``targets`` of the images ``inputs``, an array (n, C, H, W). A map that has the
        same value everywhere gets 1e-12 more in its first pixel, because Quantus refuses it.

    Raises
    ------
    InputError
        If there is no such method.

    Examples
    --------
    >>> from qxgap import explain, xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> explainer = explain.Explainer(network.module, network.layer, seed=1)
    >>> function = explain.quantus_function(explainer, "exact")
    >>> function(network.module, images[:3].numpy(), labels[:3].numpy()).shape
    (3, 1, 28, 28)
    """
    chosen = ExplanationMethod(method)

    def explain(
        model: nn.Module, inputs: ArrayLike, targets: ArrayLike, **_: Any
    ) -> NDArray[np.float64]:
        import torch

        images = torch.as_tensor(np.asarray(inputs))
        classes = torch.as_tensor(np.asarray(targets)).long()
        cams = replace(explainer, network=model).cams(chosen, images, classes, numbers)
        return _with_a_place(cams[:, None].numpy())

    return explain


def _with_a_place(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return maps (n, 1, H, W) of which none has the same value everywhere."""
    flat = np.ptp(maps, axis=(1, 2, 3)) == 0
    maps[flat, 0, 0, 0] += LEAST
    return maps


def default_metrics(located: bool) -> dict[str, Any]:
    """Return the metrics of Quantus that are measured if no others are given.

    Maps are divided by their maximum where their scale matters, because a class activation map has
    no unit. The patches of infidelity become black, which is the same in every repetition.
    """
    quantus = _quantus()
    quiet = {"disable_warnings": True}
    metrics = {
        "road": quantus.ROAD(percentages=list(ROAD_PERCENTAGES), **quiet),
        "max_sensitivity": quantus.MaxSensitivity(nr_samples=SAMPLES, normalise=True, **quiet),
        "infidelity": quantus.Infidelity(n_perturb_samples=1, normalise=True, **quiet),
        "sparseness": quantus.Sparseness(**quiet),
    }
    if located:
        metrics |= {
            "pointing_game": quantus.PointingGame(**quiet),
            "mass_accuracy": quantus.RelevanceMassAccuracy(**quiet),
        }
    return metrics


def _quantus() -> Any:
    """Return the module, or say how to install it."""
    try:
        import quantus
    except ImportError as error:
        raise MissingExtraError.of("quantus_scores", "Quantus", "quantus") from error
    return quantus


def quantus_scores(
    explainer: Explainer,
    explanations: Sequence[Explanation],
    metrics: Mapping[str, Any] | None = None,
    boxes: ArrayLike | None = None,
    *,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame:
    """Measure every method on every image by metrics of Quantus.

    Parameters
    ----------
    explainer : Explainer
        The explainer that made the explanations.
    explanations : sequence of Explanation
        Explanations of at least one image.
    metrics : mapping of str to a metric of Quantus, optional
        The metrics by the names of their columns. By default ``road``, ``max_sensitivity``,
        ``infidelity`` and ``sparseness``, and with boxes ``pointing_game`` and ``mass_accuracy``.
    boxes : array_like of int, shape (n, 4), optional
        Where the object is in each image: its first row and first column, and the row and the
        column after its last. Metrics of localisation need it.
    seed : int, optional
        Seed of numpy's random numbers, from which Quantus draws; every image and method begin with
        the same ones.
    progress : bool, optional
        Whether to show a bar on stderr.

    Returns
    -------
    pandas.DataFrame
        One row per image and method, with the columns of :func:`score` up to ``selected`` and a
        column for each metric; :func:`summary` takes it. A metric with several values for an image,
        such as ROAD's, gives their mean. The values of a map without any place are NaN.

    Raises
    ------
    InputError
        If there is no explanation, or the boxes do not fit the images.
    MissingExtraError
        If metrics are not given and Quantus is not installed.

    Notes
    -----
    Each image is a call of its own: in a batch, Quantus 0.6 scales all maps by the maximum of the
    batch, and gives ROAD only for all images together.

    Examples
    --------
    A metric is anything that is called as those of Quantus are; this one needs no Quantus.

    >>> from qxgap import explain, xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> explainer = explain.Explainer(network.module, network.layer, seed=1)
    >>> explained = list(explainer.explain(["a", "b"], images[:2], labels[:2]))
    >>> def bright_share(a_batch, **_):
    ...     return [float((a_batch > a_batch.max() / 2).mean())]
    >>> metrics = {"bright": bright_share}
    >>> table = explain.quantus_scores(explainer, explained, metrics, progress=False)
    >>> len(table), bool(table.bright.between(0, 1).all())
    (14, True)
    """
    if not explanations:
        raise InputError("no images to score; explain at least one")
    masks = None if boxes is None else _masks(explanations, boxes)
    chosen = default_metrics(masks is not None) if metrics is None else dict(metrics)

    def columns(method: ExplanationMethod, cams: Tensor) -> dict[str, list[float]]:
        values: dict[str, list[float]] = {name: [] for name in chosen}
        for row, (explanation, cam) in enumerate(zip(explanations, cams.numpy(), strict=True)):
            mask = None if masks is None else masks[row : row + 1]
            for name, metric in chosen.items():
                with _numpy_seeded(seed):
                    values[name].append(_value(metric, explainer, explanation, method, cam, mask))
        return values

    return rows_by_method(explanations, columns, progress)


def _value(
    metric: Any,
    explainer: Explainer,
    explanation: Explanation,
    method: ExplanationMethod,
    cam: NDArray[np.float64],
    mask: NDArray[np.bool_] | None,
) -> float:
    """Return one metric of one explanation map."""
    if np.ptp(cam) == 0:
        return float("nan")
    instance = explanation.instance
    found = metric(
        model=explainer.network,
        x_batch=instance.image[None],
        y_batch=np.array([instance.explained_class]),
        a_batch=cam[None, None].copy(),  # some metrics change it
        s_batch=mask,
        channel_first=True,
        explain_func=quantus_function(explainer, method, [explanation.number]),
    )
    values = list(found.values()) if isinstance(found, Mapping) else found
    return float(np.mean(np.asarray(values, dtype=np.float64)))


def _masks(explanations: Sequence[Explanation], boxes: ArrayLike) -> NDArray[np.bool_]:
    """Return the boxes as masks (n, 1, H, W)."""
    height, width = explanations[0].instance.image.shape[-2:]
    corners = np.asarray(boxes)
    if corners.shape != (len(explanations), 4) or corners.dtype.kind not in "iu":
        raise InputError(
            f"boxes are {corners.dtype} of shape {corners.shape}; give four whole numbers for each "
            f"of {len(explanations)} images"
        )
    masks = np.zeros((len(corners), 1, height, width), dtype=bool)
    for row, (top, left, bottom, right) in enumerate(corners.tolist()):
        if not (0 <= top < bottom <= height and 0 <= left < right <= width):
            raise InputError(
                f"box {row} is {top, left, bottom, right}; give first row, first column, and the "
                f"row and column after the last, within {height} x {width} pixels"
            )
        masks[row, 0, top:bottom, left:right] = True
    return masks


@contextmanager
def _numpy_seeded(seed: int) -> Iterator[None]:
    """Seed numpy's global generator, from which Quantus draws, and restore it afterwards."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
