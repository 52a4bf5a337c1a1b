"""Does the importance of a map depend on the image at all?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..problem import InputError
from .features import importance
from .hooks import Capture

LINEAR_RTOL = 1e-5
"""alpha that varies less than this within a class, relative to its largest, is constant."""


@dataclass(frozen=True)
class HeadCheck:
    """Whether alpha varies among the images of a class; printing it says so in words.

    Attributes
    ----------
    max_within_class_spread : largest range of an alpha_a within a class, relative to the largest
        abs(alpha) of that class; NaN if no class has two images.
    num_classes_checked : classes with two or more images of finite alpha.
    linear : the spread is below 1e-5. Such a head acts on the maps linearly, or merely picks
        pixels (max pooling before a linear layer leaves the *mean* gradient constant too).
    """

    max_within_class_spread: float
    num_classes_checked: int
    linear: bool

    def __str__(self) -> str:
        if not self.num_classes_checked:
            return (
                "cannot tell whether alpha depends on the image: no class has two images; "
                "capture more images"
            )
        spread = f"relative spread {self.max_within_class_spread:.1e} within a class"
        if self.linear:
            return (
                "alpha cannot depend on the image, only on its class: the hooked layer feeds the "
                f"linear head ({spread}, {self.num_classes_checked} classes checked). Only J is "
                "the image's own; hook the layer before for an alpha that depends on the image"
            )
        return f"alpha depends on the image ({spread}, {self.num_classes_checked} classes checked)"


def check_head(
    captured: Capture | Tensor, classes: Tensor | Sequence[int] | None = None
) -> HeadCheck:
    """Compare alpha among the images of each class.

    If everything behind the hooked layer is linear, the gradient of a logit is a constant of the
    class, and so are alpha, the positive set, d and h (true of the network of arXiv 2604.25649).

    Parameters
    ----------
    captured : what ``capture`` returned, or gradients (B, C, H, W).
    classes : (B,) class whose logit was differentiated; of a Capture its ``targets`` by default.

    Raises
    ------
    InputError : for shapes that do not fit, and for bare gradients without classes.
    """
    if isinstance(captured, Capture):
        classes = captured.targets if classes is None else classes
        captured = captured.gradients
    if classes is None:
        raise InputError("gradients come without classes; give the class of each image")
    group = torch.as_tensor(classes).detach().cpu()
    if captured.ndim != 4 or group.shape != captured.shape[:1]:
        raise InputError(
            f"gradients have shape {tuple(captured.shape)} and classes {tuple(group.shape)}; "
            "give (B, C, H, W) and (B,)"
        )
    alpha = importance(captured)
    finite = alpha.isfinite().all(dim=1)
    alpha, group = alpha[finite], group[finite]
    members = [alpha[group == label] for label in sorted(set(group.tolist()))]
    spreads = [_relative_spread(rows) for rows in members if len(rows) > 1]
    largest = max(spreads, default=math.nan)
    return HeadCheck(largest, len(spreads), largest <= LINEAR_RTOL)


def _relative_spread(alpha: Tensor) -> float:
    scale = float(alpha.abs().max())
    spread = float((alpha.amax(dim=0) - alpha.amin(dim=0)).max())
    return spread / scale if scale else 0.0
