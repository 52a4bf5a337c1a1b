"""Checks whether the importance of feature maps depends on the image, or on its class only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import InputError
from ..results import Result, plain
from .features import importance
from .hooks import Capture, capture, run_order

LINEAR_RTOL = 1e-5
"""Spread of alpha within a class, relative to its largest value, below which it is constant."""


class HeadStatus(Enum):
    """Whether alpha depends on the image; the value is the message."""

    DEPENDS_ON_IMAGE = "alpha depends on the image"
    CLASS_ONLY = (
        "alpha cannot depend on the image, only on its class: the hooked layer feeds the linear "
        "head"
    )
    UNKNOWN = (
        "cannot tell whether alpha depends on the image: no class has two images; capture more "
        "images"
    )


@dataclass(frozen=True, repr=False)
class HeadCheck(Result):
    """The variation of alpha among the images of a class; printing it gives a sentence.

    Attributes
    ----------
    max_within_class_spread : float
        Largest range of an alpha_a within a class, relative to the largest abs(alpha) of that
        class; NaN if no class has two images.
    num_classes_checked : int
        Number of classes with two or more images of finite alpha.
    linear : bool
        Whether the spread is below 1e-5. Such a head is linear in the maps, or it selects single
        pixels: max pooling before a linear layer leaves the *mean* gradient constant too.
    max_within_class_variance : float
        Largest variance of an alpha_a within a class, relative to the square of the largest
        abs(alpha) of that class; NaN if no class has two images.
    suggestion : str or None
        The nearest layer before the hooked one with an alpha that depends on the image; None if
        there is none, or if no search was made. Only :func:`check_layer` searches.
    map_size : tuple of int
        Height and width of the maps. A map of one pixel cannot show a place in the image.
    """

    max_within_class_spread: float
    num_classes_checked: int
    linear: bool
    max_within_class_variance: float = math.nan
    suggestion: str | None = None
    map_size: tuple[int, int] = (0, 0)

    @property
    def status(self) -> HeadStatus:
        """Whether alpha depends on the image."""
        if not self.num_classes_checked:
            return HeadStatus.UNKNOWN
        return HeadStatus.CLASS_ONLY if self.linear else HeadStatus.DEPENDS_ON_IMAGE

    def to_dict(self) -> dict[str, Any]:
        """Return the status and all fields as plain Python values.

        Returns
        -------
        dict of str
            Key ``status`` and the names of the fields.
        """
        return {"status": self.status.name} | {
            name: plain(value) for name, value in vars(self).items()
        }

    def __str__(self) -> str:
        return self._about_alpha() + (
            "; the maps of this layer have one pixel each, so that no explanation can show a place "
            "in the image: hook a layer before the pooling"
            if self.map_size == (1, 1)
            else ""
        )

    def _about_alpha(self) -> str:
        """Return the status with its numbers and a remedy."""
        if self.status is HeadStatus.UNKNOWN:
            return self.status.value
        number = self.num_classes_checked
        classes = "one class" if number == 1 else f"each of {number} classes"
        spread = (
            f"among the images of {classes} it varies by {self.max_within_class_spread:.2g} of its "
            "largest value, at most"
            if self.max_within_class_spread
            else f"it is the same for all images of {classes}"
        )
        measured = f"{self.status.value} ({spread})"
        if self.status is HeadStatus.DEPENDS_ON_IMAGE:
            return measured
        before = "the layer before" if self.suggestion is None else f"layer {self.suggestion!r}"
        return (
            f"{measured}. Only J is the image's own; hook {before} for an alpha that depends on "
            "the image"
        )


def check_head(
    captured: Capture | Tensor, classes: Tensor | Sequence[int] | None = None
) -> HeadCheck:
    """Compare alpha among the images of each class.

    If everything behind the hooked layer is linear, the gradient of a logit is a constant of the
    class, and so are alpha, the set of positive alpha, d and h. This is the case for the network of
    arXiv 2604.25649.

    Parameters
    ----------
    captured : Capture or tensor, shape (B, C, H, W)
        The result of :func:`capture`, or gradients of a logit with respect to the feature maps.
    classes : tensor or sequence of int, shape (B,), optional
        The class of which the logit was differentiated, for each image; by default the ``targets``
        of the Capture.

    Returns
    -------
    HeadCheck
        How much alpha varies within a class.

    Raises
    ------
    InputError
        If shapes do not fit, or gradients are given without classes.
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
    variations = [_relative_variation(rows) for rows in groups if len(rows) > 1]
    spread = max((spread for spread, _ in variations), default=math.nan)
    variance = max((variance for _, variance in variations), default=math.nan)
    height, width = captured.shape[-2:]
    linear = spread <= LINEAR_RTOL
    return HeadCheck(spread, len(variations), linear, variance, map_size=(height, width))


def check_layer(model: nn.Module, images: Tensor, layer: str) -> HeadCheck:
    """Check the head behind ``layer``; if alpha cannot depend on the image, suggest another layer.

    The layers that run before it are tried from the nearest on, with the same images. If no class
    is predicted for two images, each image is compared with its mirror image, for the same class.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits, as in :func:`capture`.
    images : tensor, shape (B, C, H, W)
        Images as the network takes them; several images of each class make the check sharper.
    layer : str
        Name of the submodule, as in ``model.named_modules()``.

    Returns
    -------
    HeadCheck
        How much alpha varies within a class, and a suggestion.

    Raises
    ------
    InputError
        In the cases in which :func:`capture` does.
    """
    check = _check(model, images, layer)
    if not check.linear:
        return check
    for name in _layers_before(model, images[:1], layer):
        if _depends_on_the_image(model, images, name):
            return replace(check, suggestion=name)
    return check


def _check(model: nn.Module, images: Tensor, layer: str) -> HeadCheck:
    """Check one layer, with mirror images where no class is predicted for two images."""
    captured = capture(model, images, layer)
    check, mirrored = check_head(captured), images.flip(-1)
    asymmetric = (mirrored != images).flatten(1).any(dim=1)
    if check.num_classes_checked or not asymmetric.any():
        return check
    targets = captured.targets[asymmetric.cpu()]
    mirror = capture(model, mirrored[asymmetric], layer, targets=targets)
    gradients = torch.cat([captured.gradients, mirror.gradients])
    return check_head(gradients, torch.cat([captured.targets, mirror.targets]))


def _depends_on_the_image(model: nn.Module, images: Tensor, layer: str) -> bool:
    """Whether alpha of a layer depends on the image; False for a layer that cannot be hooked."""
    try:
        check = _check(model, images, layer)
    except InputError:  # it returns no maps, or the logits do not depend on it
        return False
    return check.status is HeadStatus.DEPENDS_ON_IMAGE


def _layers_before(model: nn.Module, image: Tensor, layer: str) -> list[str]:
    """Return the modules without children that finish before ``layer`` does, the last one first."""
    finished = run_order(model, image, layer)
    return [
        name
        for name in reversed(finished[: finished.index(layer)])
        if not any(model.get_submodule(name).children())
    ]


def _relative_variation(alpha: Tensor) -> tuple[float, float]:
    """Return range and variance of alpha (B, C) within a class, relative to its largest value."""
    scale = float(alpha.abs().max()) or 1.0
    spread = float((alpha.amax(dim=0) - alpha.amin(dim=0)).max()) / scale
    return spread, float((alpha / scale).var(dim=0, correction=0).max())
