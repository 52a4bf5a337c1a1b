"""Feature maps of one layer of a network, and the gradients of a logit with respect to them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from ..checks import kind_of
from ..errors import InputError
from ..results import Result, plain
from .layouts import Layout, layout_of

MAX_NAMES = 24
"""Largest number of layers that a message about an unknown layer lists."""


@dataclass(frozen=True, eq=False, repr=False)
class Capture(Result):
    """Feature maps and gradients of images, one row for each; CPU tensors outside any graph.

    Attributes
    ----------
    maps : tensor, shape (B, C, H, W)
        Output of the layer; for a transformer, each of the C features on the grid of the patches.
    gradients : tensor, shape (B, C, H, W)
        Gradients d logits[b, targets[b]] / d maps[b].
    logits : tensor, shape (B, K)
        Output of the network.
    predicted : tensor of int, shape (B,)
        Class of the largest logit.
    targets : tensor of int, shape (B,)
        Class of which the logit was differentiated.
    """

    maps: Tensor
    gradients: Tensor
    logits: Tensor
    predicted: Tensor
    targets: Tensor

    def to_dict(self) -> dict[str, Any]:
        """Return the sizes and the classes as plain Python values, without maps and gradients.

        Returns
        -------
        dict of str
            Keys ``num_images``, ``num_maps``, ``map_size``, ``num_classes``, ``predicted`` and
            ``targets``.
        """
        values: dict[str, Any] = plain(
            {
                "num_images": len(self.maps),
                "num_maps": self.maps.shape[1],
                "map_size": tuple(self.maps.shape[2:]),
                "num_classes": self.logits.shape[1],
                "predicted": self.predicted,
                "targets": self.targets,
            }
        )
        return values

    def __str__(self) -> str:
        height, width = self.maps.shape[2:]
        return (
            f"{self.maps.shape[1]} maps of {height} x {width} pixels with their gradients, for "
            f"{len(self.maps)} images and {self.logits.shape[1]} classes"
        )


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
    ``grad`` and hooks, whether or not this raises. The result holds the maps of all images; use
    :func:`capture_batches` to hold those of one batch only.

    Parameters
    ----------
    model : torch.nn.Module
        Network from (B, channels, height, width) to logits (B, K), or to an object with such
        ``logits``, as in transformers. Gradients need not be on.
    images : tensor, shape (B, channels, height, width)
        Floating-point images, preprocessed as the network expects them.
    layer : str
        Name of the submodule, as in ``model.named_modules()``. It returns maps (B, C, H, W), or the
        tokens of a vision transformer, as the notes say; or a tuple that begins with them.
    targets : tensor or sequence of int, shape (B,), optional
        Classes of which the logits are differentiated; by default the predicted ones.
    batch_size : int, optional
        Number of images in one pass.

    Returns
    -------
    Capture
        Maps, gradients, logits and classes of all images.

    Raises
    ------
    InputError
        If the layer is unknown or unsuitable, if the images are not finite or the network cannot
        take them, or if a target is out of range.

    Notes
    -----
    The gradients of a batch come from one backward pass of the sum of its target logits. A network
    that mixes images even in eval mode (BatchNorm without running statistics) needs
    ``batch_size=1``.

    A vision transformer has one vector of C features at each patch: feature a at all patches is map
    a, and alpha_a is the mean of its gradient over the patches. Layers that return (B, tokens, C)
    or, as in Swin, (B, H, W, C) are taken in this way if the network has a LayerNorm, or another
    normalization, over C features. Tokens before those of the patches, such as the class token, are
    left out; their number is ``model.num_prefix_tokens``, or the smallest that leaves a grid of
    patches with the proportions of the images.

    Examples
    --------
    >>> from qxgap import xai
    >>> network = xai.load_network("digits")
    >>> images, labels = xai.digits_images()
    >>> xai.capture(network, images[:8], layer=network.HOOK)
    <Capture: 16 maps of 14 x 14 pixels with their gradients, for 8 images and 10 classes>
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"model is {kind_of(model)}; give an nn.Module")
    _find_layer(model, layer)
    _require_images(images)
    classes = None if targets is None else _as_targets(targets, len(images))
    if batch_size < 1:
        raise InputError(f"batch_size = {batch_size}; give at least 1")
    parts = []
    for start in range(0, len(images), batch_size):
        rows = slice(start, start + batch_size)
        batch_classes = None if classes is None else classes[rows]
        parts.append(_capture_batch(model, layer, images[rows], batch_classes))
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return Capture(*(torch.cat(column) for column in columns))


def capture_batches(
    model: nn.Module, batches: Iterable[Tensor], layer: str, *, target: int | None = None
) -> Iterator[Capture]:
    """Yield the :func:`capture` of each batch of images, for its predicted classes or for one.

    Memory is that of one batch, if ``batches`` is lazy and the caller releases each result. Between
    batches the network is as it was: it may be used, or the iteration may be stopped.

    Parameters
    ----------
    model : torch.nn.Module
        Network from (b, channels, height, width) to logits (b, K).
    batches : iterable of tensor, shape (b, channels, height, width)
        Images as in :func:`capture`, at least one in each batch.
    layer : str
        Name of the submodule, as in ``model.named_modules()``.
    target : int, optional
        Class of which the logits are differentiated; by default the predicted ones.

    Yields
    ------
    Capture
        Maps, gradients, logits and classes of one batch.

    Examples
    --------
    >>> from qxgap import xai
    >>> network = xai.open_network("digits")
    >>> images, labels = xai.digits_images()
    >>> parts = xai.capture_batches(network.module, [images[:2], images[2:3]], network.layer)
    >>> [len(part.predicted) for part in parts]
    [2, 1]
    """
    for images in batches:
        targets = None if target is None else [target] * len(images)
        yield capture(model, images, layer, targets=targets, batch_size=len(images) or 1)


def _capture_batch(model: nn.Module, layer: str, images: Tensor, targets: Tensor | None) -> Capture:
    """Capture one batch; gradients are enabled even inside the caller's ``no_grad``."""
    module = _find_layer(model, layer)
    with evaluating(model), torch.inference_mode(False), torch.enable_grad():
        with _recording(model, module, layer, images) as recorded:
            logits = forward(model, images)
        return _differentiate(layer, recorded, logits, targets, len(images))


def _differentiate(
    layer: str,
    recorded: list[tuple[Tensor, Layout]],
    logits: Any,
    targets: Tensor | None,
    num_images: int,
) -> Capture:
    """Differentiate the target logits with respect to the recorded output of one batch."""
    if not recorded:
        raise InputError(f"layer {layer!r} takes no part in the forward pass; choose another")
    output, layout = recorded[0]
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != num_images:
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise InputError(f"the network returns {shape}; it must return logits (images, classes)")
    predicted = logits.argmax(dim=1)
    targets = predicted if targets is None else targets.to(logits.device)
    _require_classes(targets, logits.shape[1])
    gradients: Tensor | None = None
    if logits.requires_grad:
        score = logits.gather(1, targets[:, None]).sum()
        (gradients,) = torch.autograd.grad(score, output, allow_unused=True)
    if gradients is None:
        raise InputError(
            f"the logits do not depend on layer {layer!r}; choose another, or take no_grad(), "
            "inference_mode() and detach() out of the network's forward"
        )
    maps, slopes = layout.maps(output), layout.maps(gradients)
    if layout.num_prefix and gradients.any() and not slopes.any():
        raise InputError(
            f"the logits depend on layer {layer!r} only through its first "
            f"{layout.num_prefix} tokens, so that no patch has a gradient; choose a layer before "
            "the last attention, such as the normalization in front of it"
        )
    tensors = (maps, slopes, logits, predicted, targets)
    return Capture(*(tensor.detach().cpu().contiguous() for tensor in tensors))


def num_classes(model: nn.Module, images: Tensor) -> int:
    """Return the number of classes of a network, from its logits for one image or more.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits.
    images : tensor, shape (B, C, H, W)
        Images as the network takes them.

    Returns
    -------
    int
        The number of classes.

    Raises
    ------
    InputError
        If the network returns no logits of shape (images, classes).
    """
    return int(_logits(model, images).shape[1])


def predictions(model: nn.Module, images: Tensor) -> Tensor:
    """Return the class that a network predicts for each image, in eval mode.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits.
    images : tensor, shape (B, C, H, W)
        Images as the network takes them.

    Returns
    -------
    tensor of int, shape (B,)
        The class of the largest logit, on the CPU.

    Raises
    ------
    InputError
        If the network returns no logits of shape (images, classes).

    Examples
    --------
    >>> from qxgap import xai
    >>> images, labels = xai.digits_images()
    >>> network = xai.load_network("digits")
    >>> right = xai.predictions(network, images) == labels
    >>> float(right.double().mean()) == xai.digits_metadata("digits")["test_accuracy"]
    True
    """
    return _logits(model, images).argmax(dim=1).cpu()


def _logits(model: nn.Module, images: Tensor) -> Tensor:
    """Return the logits of images, without a graph."""
    with evaluating(model), torch.no_grad():
        logits = forward(model, images)
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise InputError(f"the network returns {shape}; it must return logits (images, classes)")
    return logits


def run_order(model: nn.Module, image: Tensor, layer: str) -> list[str]:
    """Return the names of all modules that run, in the order in which they finish.

    The network itself, whose name is empty, is the last one.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits.
    image : tensor, shape (1, C, H, W)
        An image, as the network takes it.
    layer : str
        Name of a submodule that can be captured.
    """
    finished: list[str] = []

    def record(name: str) -> Callable[..., None]:
        return lambda *_: finished.append(name)

    with ExitStack() as stack:
        for name, module in model.named_modules():
            stack.callback(module.register_forward_hook(record(name)).remove)
        capture(model, image, layer)
    return list(dict.fromkeys(finished))


@contextmanager
def _recording(
    model: nn.Module, module: nn.Module, layer: str, images: Tensor
) -> Iterator[list[tuple[Tensor, Layout]]]:
    """Record the output of a module while the block runs, as a leaf of the gradient's graph."""
    recorded: list[tuple[Tensor, Layout]] = []

    def hook(_module: nn.Module, _args: Any, returned: Any) -> Any:
        output, *others = returned if isinstance(returned, tuple) and returned else (returned,)
        layout = layout_of(model, output, images)
        if layout is None:
            shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
            raise InputError(
                f"layer {layer!r} returns {shape} for {len(images)} images; choose one that "
                "returns maps (images, C, H, W), or tokens that a LayerNorm normalizes"
            )
        if recorded:
            raise InputError(
                f"layer {layer!r} runs more than once per image; choose one that runs once"
            )
        leaf = output.detach().clone().requires_grad_()
        recorded.append((leaf, layout))
        copy = leaf.clone()  # the layers that follow may overwrite it in place
        return (copy, *others) if isinstance(returned, tuple) else copy

    handle = module.register_forward_hook(hook)
    try:
        yield recorded
    finally:
        handle.remove()


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put the network into eval mode while the block runs, and restore every module's mode."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def forward(model: nn.Module, images: Tensor) -> Any:
    """Return the logits of a copy of the images, converted to the network's device and type.

    They are the output of the network or, as in transformers, its attribute ``logits``.

    Raises
    ------
    InputError
        If the network fails, with the shape of an image and the reason.
    """
    state = chain(model.parameters(), model.buffers())
    like = next((tensor for tensor in state if tensor.is_floating_point()), images)
    try:
        output = model(images.detach().to(like.device, like.dtype).clone())
    except torch.cuda.OutOfMemoryError:
        raise
    except RuntimeError as error:
        shape, reason = tuple(images.shape[1:]), str(error).splitlines()[0]
        raise InputError(f"the network fails on images of shape {shape}: {reason}") from error
    return logits_of(output)


def logits_of(output: Any) -> Any:
    """Return the logits of what a network returned: its attribute ``logits``, or itself."""
    return getattr(output, "logits", output)


def _find_layer(model: nn.Module, layer: str) -> nn.Module:
    """Return the submodule of that name, or raise InputError with the names most like it."""
    modules = {name: module for name, module in model.named_modules() if name}
    if isinstance(layer, nn.Module):
        own = next((name for name, module in modules.items() if module is layer), None)
        remedy = "one of model.named_modules()" if own is None else repr(own)
        raise InputError(f"layer is {kind_of(layer)}; give its name, {remedy}")
    if not isinstance(layer, str):
        raise InputError(f"layer is {kind_of(layer)}; give a name of model.named_modules()")
    if layer in modules:
        return modules[layer]
    raise InputError(f"no layer {layer!r}; there are {layer_names(model, layer)}")


def layer_names(model: nn.Module, like: str = "") -> str:
    """Return the names of the layers of a network as text, the most similar to ``like`` first.

    Parameters
    ----------
    model : torch.nn.Module
        The network.
    like : str, optional
        A name; by default the order is that of the network.
    """
    names = [name for name, _ in model.named_modules() if name]
    close = difflib.get_close_matches(like, names, n=5, cutoff=0.4)
    names = close + [name for name in names if name not in close]
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f"{', '.join(names[:MAX_NAMES])}{more}"


def _require_images(images: Any) -> None:
    """Raise InputError unless this is a tensor of finite floating-point images."""
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
    """Return the target classes as integers, one for each image."""
    classes = torch.as_tensor(targets)
    if classes.shape != (num_images,) or classes.is_floating_point() or classes.is_complex():
        raise InputError(
            f"targets are {classes.dtype} of shape {tuple(classes.shape)}; "
            f"give one integer for each of {num_images} images"
        )
    return classes.detach().long()


def _require_classes(targets: Tensor, num_classes: int) -> None:
    """Refuse target classes that the network does not have."""
    outside = targets[(targets < 0) | (targets >= num_classes)]
    if len(outside):
        raise InputError(f"target {int(outside[0])} is no class; they are 0 to {num_classes - 1}")
