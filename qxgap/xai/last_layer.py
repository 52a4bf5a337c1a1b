"""The layer to hook in a network of which nothing but its forward pass is known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import InputError
from .hooks import capture, evaluating, forward, layer_names
from .layouts import layout_of, normalizes


def last_map_layer(model: nn.Module, images: Tensor) -> str:
    """Return the last layer that outputs maps of more than one pixel on which the logits depend.

    That is the layer in front of the global pooling or the head in a convolutional network, such as
    ``layer4`` in a ResNet, and the normalization in front of the last attention in a transformer
    that reads its class token. Of nested layers with the same output the outermost is taken.

    Parameters
    ----------
    model : torch.nn.Module
        Network from images to logits, as in :func:`capture`.
    images : tensor, shape (B, C, H, W)
        Images as the network takes them; the first one is used.

    Returns
    -------
    str
        Name of the layer, as in ``model.named_modules()``.

    Raises
    ------
    InputError
        If there is no such layer, or the network cannot take the images.

    Examples
    --------
    >>> import torch
    >>> from qxgap import xai
    >>> xai.last_map_layer(xai.load_network("digits"), torch.rand(1, 1, 28, 28))
    'norm'
    """
    image = images[:1]
    for name in _candidates(model, image):
        try:
            captured = capture(model, image, name)
        except InputError:  # it runs twice, or the logits do not depend on its maps
            continue
        if captured.gradients.any():
            return name
    raise InputError(
        f"{type(model).__name__} has no layer with maps of more than one pixel on which the logits "
        "depend (before training, a head of zeros depends on none); name one of its layers: "
        f"{layer_names(model)}"
    )


def _candidates(model: nn.Module, image: Tensor) -> list[str]:
    """Return the layers with maps in the proportions of the image, the last to finish first."""
    finished: dict[str, tuple[int, int]] = {}
    tokens: set[int] = set()

    def record(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, _args: Any, returned: Any) -> None:
            output = returned[0] if isinstance(returned, tuple) and returned else returned
            layout = layout_of(model, output, image)
            if layout is None:
                return
            if layout.grid:
                tokens.add(output.shape[1])
            if layout.grid and not normalizes(module, output.shape[2]):
                return  # a projection inside a block: keys, values, dropout
            height, width = layout.maps(output).shape[2:]
            if height * width > 1 and height * image.shape[3] == width * image.shape[2]:
                finished.pop(name, None)  # a layer that runs again finishes later
                finished[name] = (height, width)

        return hook

    with ExitStack() as stack, evaluating(model), torch.no_grad():
        for name, module in model.named_modules():
            if name:
                stack.callback(module.register_forward_hook(record(name)).remove)
        forward(model, image)
    # as many rows and columns as tokens: weights of an attention, which are no features
    return [name for name, size in reversed(finished.items()) if size[0] not in tokens]
