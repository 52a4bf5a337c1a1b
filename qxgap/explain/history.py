"""How a network was trained, where it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

MNIST = "Images: MNIST (LeCun, Cortes, Burges), CC BY-SA 3.0."


def training_history(model: nn.Module) -> dict[str, Any]:
    """Return the keys history and credit, each if it is known.

    ``history`` holds train_loss and validation_loss, one number per epoch, and best_epoch, counted
    from 1: what is stored with an embedded digits network, else the network's attribute HISTORY, a
    mapping with these keys. ``credit`` says where the images of an embedded network are from.
    """
    from .. import xai

    if not isinstance(model, xai.DigitsNet):
        history = getattr(model, "HISTORY", None)
        return {"history": dict(history)} if history else {}
    known = xai.digits_metadata(model.norm.num_features)
    if "history" not in known:
        return {"credit": MNIST}
    return {"credit": MNIST, "history": {**known["history"], "best_epoch": known["best_epoch"]}}
