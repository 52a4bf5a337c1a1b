"""A few explained images and the training history of a study's networks, for its report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .config import Network, Study
from .explanations import Explainer, Explanation
from .network import TRADEOFF, open_network
from .sidefiles import EXPLANATIONS, TRAINING

if TYPE_CHECKING:
    from torch import nn

SHOWN = ("exact", "top-k", "all positive", "Grad-CAM", "Grad-CAM++")
MOST = 10
"""Images in the picture."""
MNIST = "Images: MNIST (LeCun, Cortes, Burges), CC BY-SA 3.0."


def save_showcase(study: Study, folder: str | Path) -> None:
    """Write ``explanations.npz`` and ``training.json`` into a results folder; see ``sidefiles``.

    The first network's first image of each class, at most ten, and every network's training
    history where it is known: that stored with an embedded digits network, else what its attribute
    HISTORY holds, a mapping with train_loss and validation_loss, one number per epoch, and
    best_epoch, counted from 1.
    Nothing is written for a study without networks.
    """
    histories = {}
    for i, network in enumerate(study.networks):
        model = open_network(network, study.folder)[0]
        if facts := _training(model):
            histories[network.model] = facts
        if i == 0:
            _save_explanations(Path(folder) / EXPLANATIONS, _explained(network, study))
    if histories:
        text = json.dumps(histories, indent=1, allow_nan=False)
        (Path(folder) / TRAINING).write_text(text + "\n", encoding="utf-8")


def _training(model: nn.Module) -> dict[str, Any]:
    from .. import xai

    if isinstance(model, xai.DigitsNet):
        known = xai.digits_metadata(model.norm.num_features)
        if "history" not in known:
            return {"credit": MNIST}
        return {"history": {**known["history"], "best_epoch": known["best_epoch"]}, "credit": MNIST}
    history = getattr(model, "HISTORY", None)
    return {"history": dict(history)} if history else {}


def _explained(network: Network, study: Study) -> list[Explanation]:
    """The first image of each class that has a problem, sorted by class."""
    model, layer, source = open_network(network, study.folder)
    tradeoff = study.tradeoff[0] if study.tradeoff else TRADEOFF
    explainer = Explainer(model, layer, tradeoff, study.seed)
    first: dict[int, Explanation] = {}
    for names, images, labels in islice(source.batches(), network.limit):
        for item in explainer.explain(names, images, labels):
            if item.num_qubits and item.label in (None, item.pred):
                first.setdefault(item.pred, item)
        if len(first) >= MOST:
            break
    return [first[pred] for pred in sorted(first)[:MOST]]


def _save_explanations(path: Path, found: Sequence[Explanation]) -> None:
    if not found:
        return
    cams = [[item.cams[method].numpy() for method in SHOWN] for item in found]
    titles = [f"{i.pred}: {len(i.selections.get('exact', ()))} of {i.num_qubits}" for i in found]
    np.savez_compressed(
        path,
        names=np.array([item.name for item in found]),
        titles=np.array(titles),
        images=np.array([_display(item.image.double().numpy()) for item in found], np.float32),
        methods=np.array(SHOWN),
        cams=np.array(cams, dtype=np.float32),
    )


def _display(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """(C, H, W) as (H, W) or (H, W, 3) in [0, 1]; another range is stretched to it."""
    if pixels.min() < 0 or pixels.max() > 1:
        pixels = (pixels - pixels.min()) / (np.ptp(pixels) or 1.0)
    return pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels.mean(axis=0)
