"""Feature maps of one layer, and the gradients of a logit with respect to them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from ..checks import kind_of
from ..errors import InputError

MAX_NAMES = 24
"""A message about an unknown layer lists this many names."""


@dataclass(frozen=True, eq=False)
class Capture:
    """What :func:`capture` saw, one row for each image; CPU tensors outside any graph.

    Attributes
    ----------
    maps, gradients : (B, C, H, W) output of the layer, and d logits[b, targets[b]] / d maps[b].
    logits : (B, K) output of the network.
    predicted, targets : (B,) class of the largest logit, and the class that was differentiated.
    """

    maps: Tensor
    gradients: Tensor
    logits: Tensor
    predicted: Tensor
    targets: Tensor


def capture(
    model: nn.Module,
    images: Tensor,
    layer: str,
    *,
    targets: Tensor | Sequence[int] | None = None,
    batch_size: int = 64,
) -> Capture:
    """Run ``model`` on ``images`` and record the maps of ``layer`` with their gradients.

    The network runs in eval mode and is left exactly as it was: training modes, ``requires_grad``,
    ``grad`` and hooks, whether or not this raises. The gradients of a batch come from one backward
    pass of the sum of its target logits; a network that mixes images even in eval mode (BatchNorm
    without running statistics) needs ``batch_size=1``. The result holds the maps of all images;
    :func:`capture_batches` holds those of one batch.

    Parameters
    ----------
    model : network from (B, channels, height, width) to logits (B, K); gradients need not be on.
    images : (B, channels, height, width) floating point, preprocessed as the network expects.
    layer : name of the submodule, as in ``model.named_modules()``; its output must be 4-D.
    targets : (B,) classes to differentiate; by default the predicted ones.
    batch_size : images in one pass.

    Raises
    ------
    InputError : for an unknown or unsuitable layer, images the network cannot take or that are not
        finite, and targets out of range.
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"model is {kind_of(model)}; give an nn.Module")
    _find_layer(model, layer)
    _require_images(images)
    wanted = None if targets is None else _as_targets(targets, len(images))
    if batch_size < 1:
        raise InputError(f"batch_size = {batch_size}; give at least 1")
    parts = []
    for start in range(0, len(images), batch_size):
        rows = slice(start, start + batch_size)
        chosen = None if wanted is None else wanted[rows]
        parts.append(_capture_batch(model, layer, images[rows], chosen))
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return Capture(*(torch.cat(column) for column in columns))


def capture_batches(model: nn.Module, batches: Iterable[Tensor], layer: str) -> Iterator[Capture]:
    """Yield :func:`capture` of each batch of images, for its predicted classes.

    Memory is that of one batch, if ``batches`` is lazy and the caller lets go of what it was given.
    Between batches the network is as it was, so it may be used, or the iteration given up.

    Parameters
    ----------
    batches : of images (b, channels, height, width), b >= 1; see :func:`capture`.
    """
    for images in batches:
        yield capture(model, images, layer, batch_size=len(images) or 1)


def _capture_batch(model: nn.Module, layer: str, images: Tensor, targets: Tensor | None) -> Capture:
    module = _find_layer(model, layer)
    with evaluating(model), torch.inference_mode(False), torch.enable_grad():
        with _recording(module, layer, len(images)) as recorded:
            logits = forward(model, images)
        return _differentiate(layer, recorded, logits, targets, len(images))


def _differentiate(
    layer: str, recorded: list[Tensor], logits: Any, targets: Tensor | None, num_images: int
) -> Capture:
    if not recorded:
        raise InputError(f"layer {layer!r} takes no part in the forward pass; choose another")
    maps = recorded[0]
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != num_images:
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise InputError(f"the network returns {shape}; it must return logits (images, classes)")
    predicted = logits.argmax(dim=1)
    targets = predicted if targets is None else targets.to(logits.device)
    _require_classes(targets, logits.shape[1])
    gradients: Tensor | None = None
    if logits.requires_grad:
        score = logits.gather(1, targets[:, None]).sum()
        (gradients,) = torch.autograd.grad(score, maps, allow_unused=True)
    if gradients is None:
        raise InputError(
            f"the logits do not depend on layer {layer!r}; choose another, or take no_grad(), "
            "inference_mode() and detach() out of the network's forward"
        )
    found = (maps, gradients, logits, predicted, targets)
    return Capture(*(tensor.detach().cpu() for tensor in found))


def num_classes(model: nn.Module, images: Tensor) -> int:
    """Return how many classes the network has, from its logits for one image or more."""
    with evaluating(model), torch.no_grad():
        logits = forward(model, images)
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise InputError(f"the network returns {shape}; it must return logits (images, classes)")
    return int(logits.shape[1])


@contextmanager
def _recording(module: nn.Module, layer: str, num_images: int) -> Iterator[list[Tensor]]:
    """Collect the module's output while the block runs, as leaves that gradients can reach."""
    recorded: list[Tensor] = []

    def hook(_module: nn.Module, _args: Any, output: Any) -> Tensor:
        if not isinstance(output, Tensor) or output.ndim != 4 or len(output) != num_images:
            shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
            raise InputError(
                f"layer {layer!r} returns {shape} for {num_images} images; "
                "choose one that returns maps (images, C, H, W)"
            )
        if recorded:
            raise InputError(
                f"layer {layer!r} runs more than once per image; choose one that runs once"
            )
        recorded.append(output.detach().clone().requires_grad_())
        return recorded[0].clone()  # what follows may overwrite it in place

    handle = module.register_forward_hook(hook)
    try:
        yield recorded
    finally:
        handle.remove()


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Eval mode while the block runs; every module's own mode afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def forward(model: nn.Module, images: Tensor) -> Any:
    """Run the network on a copy of the images, brought to its device and type.

    Raises
    ------
    InputError : if it fails, with the shape of an image and the reason.
    """
    state = chain(model.parameters(), model.buffers())
    like = next((tensor for tensor in state if tensor.is_floating_point()), images)
    try:
        return model(images.detach().to(like.device, like.dtype).clone())
    except torch.cuda.OutOfMemoryError:
        raise
    except RuntimeError as error:
        shape, reason = tuple(images.shape[1:]), str(error).splitlines()[0]
        raise InputError(f"the network fails on images of shape {shape}: {reason}") from error


def _find_layer(model: nn.Module, layer: str) -> nn.Module:
    modules = {name: module for name, module in model.named_modules() if name}
    if isinstance(layer, nn.Module):
        own = next((name for name, module in modules.items() if module is layer), None)
        remedy = "one of model.named_modules()" if own is None else repr(own)
        raise InputError(f"layer is {kind_of(layer)}; give its name, {remedy}")
    if not isinstance(layer, str):
        raise InputError(f"layer is {kind_of(layer)}; give a name of model.named_modules()")
    if layer in modules:
        return modules[layer]
    close = difflib.get_close_matches(layer, modules, n=5, cutoff=0.4)
    names = close + [name for name in modules if name not in close]
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    raise InputError(f"no layer {layer!r}; there are {', '.join(names[:MAX_NAMES])}{more}")


def _require_images(images: Any) -> None:
    if not isinstance(images, Tensor):
        raise InputError(f"images is {kind_of(images)}; give a tensor: torch.as_tensor(images)")
    if images.ndim != 4 or not images.numel():
        raise InputError(
            f"images have shape {tuple(images.shape)}; give (images, channels, height, width)"
        )
    if not images.is_floating_point():
        raise InputError(f"images are {images.dtype}; give floats as the network expects them")
    finite = images.isfinite().flatten(1).all(dim=1)
    if not finite.all():
        first = int(finite.int().argmin())
        raise InputError(f"image {first} holds values that are not finite; remove or replace it")


def _as_targets(targets: Tensor | Sequence[int], num_images: int) -> Tensor:
    classes = torch.as_tensor(targets)
    if classes.shape != (num_images,) or classes.is_floating_point() or classes.is_complex():
        raise InputError(
            f"targets are {classes.dtype} of shape {tuple(classes.shape)}; "
            f"give one integer for each of {num_images} images"
        )
    return classes.detach().long()


def _require_classes(targets: Tensor, num_classes: int) -> None:
    outside = targets[(targets < 0) | (targets >= num_classes)]
    if len(outside):
        raise InputError(f"target {int(outside[0])} is no class; they are 0 to {num_classes - 1}")
