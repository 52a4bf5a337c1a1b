"""Does the importance of a map depend on the image at all?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ..errors import InputError
from .features import importance
from .hooks import Capture, capture

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
    max_within_class_variance : largest variance of an alpha_a within a class, relative to the
        square of the largest abs(alpha) of that class; NaN likewise.
    suggestion : the nearest layer before whose alpha does depend on the image; None if none was
        looked for (:func:`check_layer` looks) or none was found.
    map_size : height and width of the maps. One pixel has no place in the image.
    """

    max_within_class_spread: float
    num_classes_checked: int
    linear: bool
    max_within_class_variance: float = math.nan
    suggestion: str | None = None
    map_size: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        return self._of_alpha() + (
            "; the maps of this layer have one pixel each, so that no explanation can show a place "
            "in the image: hook a layer before the pooling"
            if self.map_size == (1, 1)
            else ""
        )

    def _of_alpha(self) -> str:
        if not self.num_classes_checked:
            return (
                "cannot tell whether alpha depends on the image: no class has two images; "
                "capture more images"
            )
        spread = (
            f"relative spread {self.max_within_class_spread:.1e}, variance "
            f"{self.max_within_class_variance:.1e} within a class"
        )
        if self.linear:
            before = "the layer before" if self.suggestion is None else f"layer {self.suggestion!r}"
            return (
                "alpha cannot depend on the image, only on its class: the hooked layer feeds the "
                f"linear head ({spread}, {self.num_classes_checked} classes checked). Only J is "
                f"the image's own; hook {before} for an alpha that depends on the image"
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
    groups = [alpha[group == label] for label in sorted(set(group.tolist()))]
    measured = [_relative(rows) for rows in groups if len(rows) > 1]
    spread = max((one for one, _ in measured), default=math.nan)
    variance = max((one for _, one in measured), default=math.nan)
    height, width = captured.shape[-2:]
    linear = spread <= LINEAR_RTOL
    return HeadCheck(spread, len(measured), linear, variance, map_size=(height, width))


def check_layer(model: nn.Module, images: Tensor, layer: str) -> HeadCheck:
    """Check the head behind ``layer``; if alpha cannot depend on the image, suggest another layer.

    The layers that run before are tried from the nearest on, with the same images. Where no class
    is predicted of two images, each is compared with its mirror image, for the same class.

    Parameters
    ----------
    model, images, layer : as of :func:`qxgap.xai.capture`; better several images of each class.

    Raises
    ------
    InputError : as ``capture`` does.
    """
    found = _measure(model, images, layer)
    if not found.linear:
        return found
    for name in _layers_before(model, images[:1], layer):
        if _depends_on_the_image(model, images, name):
            return replace(found, suggestion=name)
    return found


def _measure(model: nn.Module, images: Tensor, layer: str) -> HeadCheck:
    seen = capture(model, images, layer)
    found, mirrored = check_head(seen), images.flip(-1)
    other = (mirrored != images).flatten(1).any(dim=1)
    if found.num_classes_checked or not other.any():
        return found
    again = capture(model, mirrored[other], layer, targets=seen.targets[other.cpu()])
    gradients = torch.cat([seen.gradients, again.gradients])
    return check_head(gradients, torch.cat([seen.targets, again.targets]))


def _depends_on_the_image(model: nn.Module, images: Tensor, layer: str) -> bool:
    try:
        check = _measure(model, images, layer)
    except InputError:  # no maps of its own, or not on the way to the logits: no layer to suggest
        return False
    return check.num_classes_checked > 0 and not check.linear


def _layers_before(model: nn.Module, image: Tensor, layer: str) -> list[str]:
    """Modules without children that finish before ``layer`` does, the last first."""
    finished: list[str] = []

    def note(name: str) -> Callable[..., None]:
        return lambda *_: finished.append(name)

    with ExitStack() as stack:
        for name, module in model.named_modules():
            if name == layer or not any(module.children()):
                stack.callback(module.register_forward_hook(note(name)).remove)
        capture(model, image, layer)
    return [name for name in reversed(finished[: finished.index(layer)]) if name]


def _relative(alpha: Tensor) -> tuple[float, float]:
    """Range and variance within a class, relative to its largest alpha."""
    scale = float(alpha.abs().max()) or 1.0
    spread = float((alpha.amax(dim=0) - alpha.amin(dim=0)).max()) / scale
    return spread, float((alpha / scale).var(dim=0, correction=0).max())
